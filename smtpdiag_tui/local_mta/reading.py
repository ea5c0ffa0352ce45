"""Asks the local mail server's own programs for its settings and its queue. Only reads."""

import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from smtpdiag_tui.files import read_regular
from smtpdiag_tui.local_mta import exim, opensmtpd, postfix
from smtpdiag_tui.local_mta.errors import LocalMtaError
from smtpdiag_tui.local_mta.facts import LocalFacts
from smtpdiag_tui.local_mta.programs import MAX_QUEUE, Output, RunProgram, find_program, last_words
from smtpdiag_tui.local_mta.queue import Queue, Queued, collect, parse_exim, parse_opensmtpd, parse_postfix

MAX_CONFIG = 256 * 1024  # octets
OPENSMTPD_FILES = (Path("/etc/smtpd.conf"), Path("/etc/mail/smtpd.conf"), Path("/etc/opensmtpd/smtpd.conf"))
_POLICY_MAPS = "smtp_tls_policy_maps"


async def read_facts(
    server: str, program: str, sender: str, recipient: str, run: RunProgram, host_name: str | None
) -> LocalFacts:
    """Return how `server` would send from `sender` to `recipient`; raises LocalMtaError."""
    if server == "Postfix":
        return await _postfix(sender, recipient, run)
    if server == "Exim":
        return await _exim(program, sender, recipient, run)
    return _opensmtpd(recipient, host_name)


async def read_queue(server: str, program: str, run: RunProgram) -> Queue:
    """Return what waits in the queue of `server`; raises LocalMtaError, as for a lack of permission."""
    commands = {
        "Postfix": ("postqueue", "-j"),
        "Exim": (program, "-bp"),
        "OpenSMTPD": ("smtpctl", "show", "queue"),
    }
    command = commands[server]
    output = await run(command, MAX_QUEUE)
    if output.status != 0 and not output.cut:
        raise LocalMtaError(f"cannot list the {server} queue: {last_words(command[0], output)}")
    return collect(server, _entries(server, output), cut=output.cut)


def _entries(server: str, output: Output) -> Iterator[Queued]:
    if server == "Postfix":
        return parse_postfix(output.lines, time.time())
    if server == "Exim":
        return parse_exim(output.lines)
    return parse_opensmtpd(output.lines, time.time())


async def _asked(run: RunProgram, command: Sequence[str]) -> Output:
    """Run a command that must succeed; raises LocalMtaError."""
    output = await run(command)
    if output.status != 0:
        raise LocalMtaError(f"{command[0]} failed: {last_words(command[0], output)}")
    return output


async def _postfix(sender: str, recipient: str, run: RunProgram) -> LocalFacts:
    values = postfix.parse_postconf((await _asked(run, ("postconf", "-x", *postfix.NAMES))).lines)
    master = await run(("postconf", "-M"))
    overrides = await run(("postconf", "-Px"))
    services = postfix.parse_services(master.lines, overrides.lines)
    tables = _PostfixTables(run)
    domain = recipient.rpartition("@")[2].lower()
    relayed = None
    if domain:
        named = " ".join(name for name in postfix.split_list(values.get("relay_domains", "")) if ":" in name)
        relayed = await tables.any_of("relay_domains", named, postfix.relay_domain_keys(values, domain))
    hop = postfix.next_hop(
        values,
        domain,
        await tables.of_address("transport_maps", values, recipient),
        await tables.of_address("sender_dependent_default_transport_maps", values, sender, is_sender=True),
        await tables.of_address("sender_dependent_relayhost_maps", values, sender, is_sender=True),
        relayed=relayed is not None,
    )
    own = {**values, **services.overrides.get(hop.transport, {})}
    keys = postfix.policy_keys(hop.nexthop, domain)
    policy = await tables.any_of(_POLICY_MAPS, own.get(_POLICY_MAPS, ""), keys)
    return postfix.postfix_facts(values, services, hop, domain, policy, tuple(tables.unasked))


class _PostfixTables:
    """Postfix's tables, asked by postmap; all methods raise LocalMtaError.

    `unasked` are those that are not, as `parameter = table`, in the order in which they came up.
    """

    def __init__(self, run: RunProgram) -> None:
        self.unasked: dict[str, None] = {}
        self._run = run

    async def of_address(
        self, parameter: str, values: Mapping[str, str], address: str, *, is_sender: bool = False
    ) -> str | None:
        """Return what the tables of a parameter say about an address, None for nothing."""
        tables = self._tables(parameter, values.get(parameter, ""))
        for key, asked in postfix.questions(address, tables, sender=is_sender):
            value = await self._value(key, asked)
            if value is not None:
                return value
        return None

    async def any_of(self, parameter: str, text: str, keys: Sequence[str]) -> str | None:
        """Return what the tables that `text` lists say about the first of the keys that they know, or None."""
        tables = self._tables(parameter, text)
        if not tables:
            return None
        for key in keys:
            value = await self._value(key, tables)
            if value is not None:
                return value
        return None

    def _tables(self, parameter: str, text: str) -> list[str]:
        asked, others = postfix.tables(text)
        self.unasked.update(dict.fromkeys(f"{parameter} = {table}" for table in others))
        return asked

    async def _value(self, key: str, tables: Sequence[str]) -> str | None:
        """Return what the first of the tables that knows `key` says, None if none does."""
        if key.startswith("-"):
            return None  # postmap would take it for an option, or for "read the keys from stdin"
        output = await self._run(("postmap", "-q", key, *tables))
        if output.status == 0:
            return output.lines[0].strip() if output.lines else ""
        if output.errors:
            raise LocalMtaError(f"postmap failed: {last_words('postmap', output)}")
        return None


async def _exim(program: str, sender: str, recipient: str, run: RunProgram) -> LocalFacts:
    main = exim.parse_options((await _asked(run, (program, "-bP", "primary_hostname", "disable_ipv6"))).lines)
    version = next(iter((await run((program, "-bV"))).lines), "")
    if recipient.startswith("-"):
        raise LocalMtaError(f"cannot query {program} for '{recipient}': a recipient must not begin with '-'")
    routing = exim.Routing(problem="no recipient given")
    if recipient:
        routed = await run((program, "-f", sender or "<>", "-bt", recipient))
        routing = exim.parse_routing(routed.lines, routed.errors)
    router: dict[str, str] = {}
    transport: dict[str, str] = {}
    if routing.router:
        router = exim.parse_options((await run((program, "-bP", "router", routing.router))).lines)
    options = await run((program, "-bP", "transport", routing.transport or "remote_smtp"))
    if options.status == 0:
        transport = exim.parse_options(options.lines)
    return exim.exim_facts(version.partition(" #")[0], main, router, transport, routing)


def _opensmtpd(recipient: str, host_name: str | None) -> LocalFacts:
    path = next((path for path in OPENSMTPD_FILES if path.is_file()), None)
    if path is None or find_program("smtpctl") is None:
        raise LocalMtaError(f"OpenSMTPD configuration not found: must be {' or '.join(map(str, OPENSMTPD_FILES))}")
    try:
        text = _text(path)
    except OSError as error:
        raise LocalMtaError(f"cannot read '{path}': {error.strerror or error}") from error

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
