"""The portal at full load for as long as one likes: what grows, what is left behind."""
