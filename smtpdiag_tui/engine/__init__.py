"""The plan of a run, its concurrency, its events and the report they fold into."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from smtpdiag_tui.engine.run import diagnose as diagnose


def __getattr__(name: str) -> Any:
    # The interface reads reports long before a run needs the DNS library, which is slow to import.
    if name == "diagnose":
        from smtpdiag_tui.engine.run import diagnose

        return diagnose
    raise AttributeError(name)
