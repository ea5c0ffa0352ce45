"""What keeps a run from another vantage point."""


class VantageError(Exception):
    """There is no way to a vantage point, or none any more; the text says why and what to do, in one line."""
