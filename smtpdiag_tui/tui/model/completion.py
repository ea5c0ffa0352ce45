"""Which of the known addresses may be meant by what is typed. Pure."""

from collections.abc import Iterable

MOST = 200  # entries


def matching(typed: str, known: Iterable[str]) -> list[str]:
    """Return the known addresses that begin with what is typed, then those that hold it, each once.

    Their order is kept, and case does not matter. All are returned where nothing is typed; none where nothing but
    the text itself matches.
    """
    wanted = typed.strip().casefold()
    first: dict[str, None] = {}
    others: dict[str, None] = {}
    for address in known:
        folded = address.casefold()
        if folded.startswith(wanted):
            first[address] = None
        elif wanted in folded:
            others[address] = None
    found = list(first | others)[:MOST]
    return [] if found == [typed.strip()] else found


def finished(typed: str) -> bool:
    """Whether what is typed may be a whole address: Tab then goes on rather than taking another one."""
    text = typed.strip()
    local, at, domain = text.rpartition("@")
    whole = bool(at and local and not domain.endswith(".") and ("." in domain or domain.endswith("]")))
    return text == "<>" or whole
