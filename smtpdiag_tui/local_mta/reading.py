"""Asks the local mail server's own programs for its settings and its queue. Only reads."""

import time
from collections.abc import Sequence
from pathlib import Path

from smtpdiag_tui.files import read_regular
from smtpdiag_tui.local_mta import exim, opensmtpd, postfix
from smtpdiag_tui.local_mta.errors import LocalMtaError
from smtpdiag_tui.local_mta.facts import LocalFacts
from smtpdiag_tui.local_mta.programs import MAX_QUEUE, Output, Runner, find_program, sentence
from smtpdiag_tui.local_mta.queue import Queue, collect, parse_exim, parse_opensmtpd, parse_postfix

MAX_CONFIG = 256 * 1024  # octets
OPENSMTPD_FILES = (Path("/etc/smtpd.conf"), Path("/etc/mail/smtpd.conf"), Path("/etc/opensmtpd/smtpd.conf"))
_POLICY_MAPS = "smtp_tls_policy_maps"


async def read_facts(
    server: str, program: str, sender: str, recipient: str, run: Runner, host_name: str | None
) -> LocalFacts:
    """Return how `server` would send from `sender` to `recipient`; raises LocalMtaError."""
    if server == "Postfix":
        return await _postfix(sender, recipient, run)
    if server == "Exim":
        return await _exim(program, sender, recipient, run)
    return _opensmtpd(recipient, host_name)


async def read_queue(server: str, program: str, run: Runner) -> Queue:
    """Return what waits in the queue of `server`; raises LocalMtaError, as for a lack of permission."""
    commands = {
        "Postfix": ("postqueue", "-j"),
        "Exim": (program, "-bp"),
        "OpenSMTPD": ("smtpctl", "show", "queue"),
    }
    command = commands[server]
    output = await run(command, MAX_QUEUE)
    if output.status != 0 and not output.cut:
        raise LocalMtaError(f"The queue of {server} cannot be listed: {sentence(command[0], output)}")
    if server == "Postfix":
        entries = parse_postfix(output.lines, time.time())
    else:
        entries = parse_exim(output.lines) if server == "Exim" else parse_opensmtpd(output.lines, time.time())
    return collect(server, entries, cut=output.cut)


async def _asked(run: Runner, command: Sequence[str]) -> Output:
    """Run a command that must succeed; raises LocalMtaError."""
    output = await run(command)
    if output.status != 0:
        raise LocalMtaError(sentence(command[0], output))
    return output


async def _postfix(sender: str, recipient: str, run: Runner) -> LocalFacts:
    values = postfix.parse_postconf((await _asked(run, ("postconf", "-x", *postfix.NAMES))).lines)
    master = await run(("postconf", "-M"))
    overrides = await run(("postconf", "-Px"))
    services = postfix.parse_services(master.lines, overrides.lines)
    unasked: dict[str, None] = {}

    async def look_up(name: str, address: str, *, is_sender: bool = False) -> str | None:
        asked, others = postfix.tables(values.get(name, ""))
        unasked.update(dict.fromkeys(f"{name} = {item}" for item in others))
        for key, maps in postfix.questions(address, asked, sender=is_sender):
            found = await _map(run, key, maps)
            if found is not None:
                return found
        return None

    async def first(name: str, text: str, keys: Sequence[str]) -> str | None:
        asked, others = postfix.tables(text)
        unasked.update(dict.fromkeys(f"{name} = {item}" for item in others))
        for key in keys if asked else ():
            found = await _map(run, key, asked)
            if found is not None:
                return found
        return None

    domain = recipient.rpartition("@")[2].lower()
    held = " ".join(item for item in postfix.split_list(values.get("relay_domains", "")) if ":" in item)
    relayed = await first("relay_domains", held, postfix.relay_domain_keys(values, domain)) if domain else None
    hop = postfix.next_hop(
        values,
        domain,
        await look_up("transport_maps", recipient),
        await look_up("sender_dependent_default_transport_maps", sender, is_sender=True),
        await look_up("sender_dependent_relayhost_maps", sender, is_sender=True),
        relayed=relayed is not None,
    )
    own = {**values, **services.overrides.get(hop.transport, {})}
    policy = await first(_POLICY_MAPS, own.get(_POLICY_MAPS, ""), postfix.policy_keys(hop.nexthop, domain))
    return postfix.postfix_facts(values, services, hop, domain, policy, tuple(unasked))


async def _map(run: Runner, key: str, maps: Sequence[str]) -> str | None:
    """Return what the first of `maps` that knows `key` says, None if none does; raises LocalMtaError."""
    if key.startswith("-"):
        return None  # postmap would take it for an option, or for "read the keys from stdin"
    output = await run(("postmap", "-q", key, *maps))
    if output.status == 0:
        return output.lines[0].strip() if output.lines else ""
    if output.errors:
        raise LocalMtaError(sentence("postmap", output))
    return None


async def _exim(program: str, sender: str, recipient: str, run: Runner) -> LocalFacts:
    main = exim.parse_options((await _asked(run, (program, "-bP", "primary_hostname", "disable_ipv6"))).lines)
    version = next(iter((await run((program, "-bV"))).lines), "")
    if recipient.startswith("-"):
        raise LocalMtaError(f"{program} would take the recipient for an option: it is not asked.")
    routing = exim.Routing(problem="no recipient is given")
    if recipient:
        routed = await run((program, "-f", sender or "<>", "-bt", recipient))
        routing = exim.parse_routing(routed.lines, routed.errors)
    router: dict[str, str] = {}
    transport: dict[str, str] = {}
    if routing.router:
        router = exim.parse_options((await run((program, "-bP", "router", routing.router))).lines)
    name = routing.transport or "remote_smtp"
    told = await run((program, "-bP", "transport", name))
    if told.status == 0:
        transport = exim.parse_options(told.lines)
    return exim.exim_facts(version.partition(" #")[0], main, router, transport, routing)


def _opensmtpd(recipient: str, host_name: str | None) -> LocalFacts:
    path = next((item for item in OPENSMTPD_FILES if item.is_file()), None)
    if path is None or find_program("smtpctl") is None:
        raise LocalMtaError("The configuration of OpenSMTPD is not found.")
    try:
        text = _text(path)
    except OSError as error:
        raise LocalMtaError(f"{path} cannot be read: {error.strerror or error}.") from error

    def included(name: str) -> str | None:
        try:
            return _text(Path(name))
        except OSError:
            return None

    config = opensmtpd.parse_config(text, included)
    domain = recipient.rpartition("@")[2].lower()
    return opensmtpd.opensmtpd_facts(config, domain, str(path), host_name)


def _text(path: Path) -> str:
    return read_regular(path, MAX_CONFIG)[:MAX_CONFIG].decode("utf-8", "replace")
