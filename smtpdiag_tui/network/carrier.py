"""What carries connections through another host, and the one sentence where it does not. Opens no socket."""

import socket
from typing import Protocol


class CarrierError(Exception):
    """There is no way to another host, or none any more; the text says why and what to do, in one line."""


class NothingThroughError(CarrierError):
    """The way is there, and lets nothing through."""


class Carrier(Protocol):
    """A way through another host. `label` is its vantage point as it is given."""

    label: str

    async def connect(self, address: str, port: int) -> socket.socket:
        """Return a stream socket whose octets go to a literal address from there, without blocking mode.

        Sets no limit of its own. Raises OSError as that host tells it, without a number where it has words alone.
        """

    async def lost(self) -> str:
        """Wait until the way is gone; return the sentence that says so."""

    async def check(self) -> None:
        """Raise CarrierError if the way is gone, or lets nothing through at all."""
