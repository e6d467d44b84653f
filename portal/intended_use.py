"""What the portal is for, in one line: the same on pages and in reports."""

INTENDED_USE = (
    "For research and teaching only; not a medical device, and no basis for a diagnosis, for "
    "ruling out disease or for choosing a treatment."
)
