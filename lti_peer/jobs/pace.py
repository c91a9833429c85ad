"""How much goes to a record store at once: as much as it takes (xapi.md 2.2)."""

SMALLEST = 16 * 1024
"""Bytes that a batch may always have."""
STEPS = 10
"""Good batches from the half back to the whole, and a few more."""


class Pace:
    """The limits of a batch: halved when the store says that it was too much, and grown slowly."""

    def __init__(self, most_statements: int = 100, most_bytes: int = 512 * 1024) -> None:
        """Begin with the most."""
        self._most_statements, self._most_bytes = most_statements, most_bytes
        self.statements, self.bytes = most_statements, most_bytes

    def shrink(self) -> None:
        """Send half as much from now on; one statement goes alone, however long it is."""
        self.statements = max(1, self.statements // 2)
        self.bytes = max(min(SMALLEST, self._most_bytes), self.bytes // 2)

    def grow(self) -> None:
        """Send a little more."""
        more = max(1, self._most_statements // (2 * STEPS))
        self.statements = min(self._most_statements, self.statements + more)
        self.bytes = min(self._most_bytes, self.bytes + self._most_bytes // (2 * STEPS))
