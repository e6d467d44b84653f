"""The JSON API: the services of the pages, asked and answered by programs."""

ROOT = "/api/v1"
"""Where every address of this version begins."""
