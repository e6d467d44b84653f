"""Scoring: every image of a folder, one row for each model's answer."""
