"""What a part of the benchmark is."""

from collections.abc import Callable

from benchmarks.serving.aims import Aim
from benchmarks.serving.plan import Plan
from benchmarks.serving.table import Table

Part = Callable[[Plan], tuple[list[Table], list[Aim]]]
"""What is to be measured -> its tables, and the aims they decide."""
