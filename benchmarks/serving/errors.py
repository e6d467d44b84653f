"""What stops a benchmark, told to whoever runs it."""

from models.errors import Refusal


class BenchmarkRefused(Refusal):
    title = "The benchmark cannot go on"
    action = "Run `make bench`, which installs what it compares with."
