"""What every model is asked for, and from when on numbers are told with a warning."""

SENSITIVITY = 0.90
"""Of the second operating point, on validation."""

COMPACTION_COST = 0.01
"""F1 that making a file small may cost against the network before: one point."""
