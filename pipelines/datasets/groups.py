"""Groups that grow together."""


class Groups:
    """Disjoint groups of the numbers 0 ... count-1; a group is named by its lowest member."""

    def __init__(self, count: int) -> None:
        """Start with every number alone."""
        self._parent = list(range(count))

    def find(self, member: int) -> int:
        """The lowest member of the group that ``member`` is in."""
        while self._parent[member] != member:
            self._parent[member] = self._parent[self._parent[member]]
            member = self._parent[member]
        return member

    def join(self, first: int, second: int) -> None:
        """Make one group of the two that these are in."""
        low, high = sorted((self.find(first), self.find(second)))
        self._parent[high] = low
