"""The commands that ask a DNS question again, as it was sent: dig of BIND and kdig of Knot DNS. Pure."""

import re

from smtpdiag_tui.render.by_hand.command import Command
from smtpdiag_tui.render.by_hand.questions import Asked

_PAYLOAD = 1232  # octets that every question with EDNS offers to take
_PLAIN = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?")
_PORT = re.compile(r"\[?(?P<address>[^\[\]]+?)\]?:(?P<port>\d{1,5})")


def dns_commands(asked: Asked) -> tuple[Command, ...]:
    """Return the commands for one question."""
    over = f" over {asked.transport}" if asked.transport else ""
    what = f"{asked.rdtype} {asked.name} from {asked.server}{over}"
    return (
        Command("dig", (*_target(asked, "+noidnin"), *_flags(asked, cookies=True)), what),
        Command("kdig", (*_target(asked, "+noidn"), *_flags(asked, cookies=False)), what),
    )


def _target(asked: Asked, as_it_is: str) -> tuple[str, ...]:
    r"""Return whom to ask for what. `as_it_is`: what keeps a program from taking a name for one of people's.

    Both programs read `\DDD` and other escapes of presentation form (RFC 1035 §5.1) as they stand in a report.
    """
    address, port = server_of(asked.server)
    at = (f"@{address}", *(("-p", port) if port != "53" else ()))
    name = asked.name if asked.name == "." else f"{asked.name}."
    if _PLAIN.fullmatch(asked.name) or name == ".":
        return (*at, name, asked.rdtype)
    return (*at, "-q", name, "-t", asked.rdtype, as_it_is)


def server_of(label: str) -> tuple[str, str]:
    """Return the address and the port that a server's label stands for; an IPv6 address alone has no port."""
    found = _PORT.fullmatch(label)
    if found is None or (":" in found["address"] and not label.startswith("[")):
        return label, "53"
    return found["address"], found["port"]


def _flags(asked: Asked, *, cookies: bool) -> tuple[str, ...]:
    transport = {"UDP": ("+notcp", "+ignore"), "TCP": ("+tcp",)}.get(asked.transport, ())
    edns = (f"+bufsize={_PAYLOAD}",) if asked.edns else ("+noedns",)
    without_cookie = ("+nocookie",) if cookies and asked.edns else ()
    return (
        *transport,
        *(() if asked.recurse else ("+norecurse",)),
        *edns,
        *without_cookie,
        "+adflag" if asked.edns and asked.recurse else "+noadflag",
        *(() if asked.checking else ("+cdflag",)),
    )
