"""Do the addresses of one host, and the MX hosts of one domain, answer alike? Pure; asks nobody anything.

What is not known of an address (no greeting, EHLO refused, TLS not come to) counts neither as alike nor as
different: only what was said is compared.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache

from smtpdiag_tui.checks.session.certificate_facts import cut, fingerprint, issuer_words, key_words
from smtpdiag_tui.checks.session.certificate_reading import read
from smtpdiag_tui.checks.session.session import Phase, SessionObservation
from smtpdiag_tui.checks.session.table import table
from smtpdiag_tui.report.findings import Finding, finding
from smtpdiag_tui.report.visible import visible
from smtpdiag_tui.smtp.extensions import keywords
from smtpdiag_tui.smtp.reply import Reply

NOT_NAMED = "not named"
_SHOWN_NAMES = 20  # of a certificate

# Products as their greetings write them; what stands behind a name as its version goes with it.
_PRODUCTS = re.compile(
    r"\b(Postfix|Exim|Sendmail|OpenSMTPD|Haraka|Stalwart|Maddy|Microsoft ESMTP MAIL Service|Microsoft Exchange"
    r"|gsmtp|qmail|netqmail|s/qmail|MDaemon|MailEnable|hMailServer|CommuniGate Pro|Zimbra|Kerio Connect|Halon"
    r"|PowerMTA|GreenArrow|Momentum|Ecelerity|IceWarp|Axigen|Courier|Citadel|Dovecot|XMail|SmarterMail"
    r"|Lotus Domino|IBM Domino|HCL Domino|GroupWise|Apache James|JAMES|Mimecast|Proofpoint|Barracuda|IronPort"
    r"|FortiMail|Sophos|Trend Micro|MailScanner|ASSP|Rspamd|Amavis|aiosmtpd)\b(?:[ /]v?(\d+(?:\.\d+)+))?",
    re.IGNORECASE,
)
_AFTER_PROTOCOL = re.compile(r"\bE?SMTPS?A?\s+([A-Z][A-Za-z-]{2,})\b")
_NO_PRODUCT = re.compile(
    r"ready|servers?|services?|mail|mailer|welcome|hello|gateway|available|system|spam|e?smtp|relay|please"
    r"|mon|tue|wed|thu|fri|sat|sun",
    re.IGNORECASE,
)

Facts = Mapping[str, str]  # column to what one address says there; a column that is missing is not known


def judge_addresses(host: str, seen: Sequence[SessionObservation]) -> tuple[Finding, ...]:
    """Return the finding that the addresses of one host differ, none if they do not.

    All of it counts: keywords, SIZE, protocol of TLS, certificate, software.
    """
    columns = (*_SESSION, *_CERTIFICATE)
    rows = {session.target.address: _facts(session, columns) for session in seen}
    differing = _differing(rows, columns)
    if not differing:
        return ()
    message = f"The {len(rows)} addresses of {visible(host)} differ in {_enumerated(differing)}"
    return (finding("addresses-differ", message, evidence=_table(rows, differing)),)


def judge_hosts(seen: Mapping[str, Sequence[SessionObservation]]) -> tuple[Finding, ...]:
    """Return the finding that the mail hosts of a domain differ, none if they do not. `seen`: host to sessions.

    Hosts with names of their own have certificates of their own; of those, issuer and kind of key count. Where
    the addresses of one host differ among themselves, the host says several things, and each is compared.
    """
    columns = (*_SESSION, *_ISSUE)
    rows: dict[str, Facts] = {}
    by_host: dict[str, list[Facts]] = {}
    for host, sessions in seen.items():
        by_host[host] = [_facts(session, columns) for session in sessions]
        for session, facts in zip(sessions, by_host[host], strict=True):
            rows[f"{visible(host)} {session.target.address}"] = facts
    differing = [name for name in _differing(rows, columns) if _apart(name, by_host.values())]
    if not differing:
        return ()
    message = f"The {len(by_host)} MX hosts differ in {_enumerated(differing)}"
    return (finding("hosts-differ", message, evidence=_table(rows, differing)),)


def software(greeting: Reply | None) -> str | None:
    """Return the product that a greeting names, with its version if it says so; `not named` if it names none.

    Host names, dates and session ids differ rightly, so that the rest of a greeting says nothing. None: there
    was no greeting that lets us in.
    """
    if greeting is None or greeting.first_digit != 2:
        return None
    _host, _, text = " ".join(visible(line) for line in greeting.text).partition(" ")
    known = _PRODUCTS.search(text)
    if known:
        return f"{known[1]} {known[2]}" if known[2] else known[1]
    word = _AFTER_PROTOCOL.search(text)
    return word[1] if word and not _NO_PRODUCT.fullmatch(word[1]) else NOT_NAMED


def _software(seen: SessionObservation) -> str | None:
    greeting = seen.last(Phase.GREETING)
    return software(greeting.answer) if greeting is not None else None


def _ehlo(seen: SessionObservation, *, tls: bool) -> Reply | None:
    """Return the reply to the first EHLO in clear, or to that under TLS."""
    for exchange in seen.exchanges:
        if exchange.phase is Phase.EHLO and exchange.tls is tls and exchange.says(b"EHLO "):
            return exchange.reply
    return None


def _offers(seen: SessionObservation, *, tls: bool) -> str | None:
    offered = keywords(_ehlo(seen, tls=tls))
    return None if offered is None else " ".join(sorted(offered))


def _size(seen: SessionObservation) -> str | None:
    """Return the largest message that a server accepts, in bytes, as its last EHLO reply has it (RFC 1870 §4)."""
    reply = _ehlo(seen, tls=True) or _ehlo(seen, tls=False)
    if reply is None or keywords(reply) is None:
        return None
    for line in reply.text[1:]:
        word, _, value = line.partition(b" ")
        if word.upper() == b"SIZE":
            return visible(value.strip()) or "no number"
    return "none"


def _protocol(seen: SessionObservation) -> str | None:
    if seen.tls is None or seen.tls.timed_out:
        return None
    return visible(seen.tls.session.protocol) if seen.tls.session is not None else "handshake failed"


def _of_leaf(read: int) -> Callable[[SessionObservation], str | None]:
    def tell(seen: SessionObservation) -> str | None:
        session = seen.tls.session if seen.tls is not None else None
        return _leaf(session.chain[0])[read] if session is not None and session.chain else None

    return tell


@lru_cache(maxsize=1024)
def _leaf(octets: bytes) -> tuple[str, ...]:
    """Return fingerprint (its first 16 digits), names, last day, issuer and key of a certificate."""
    certificate = read(octets)
    if not certificate.readable:
        return ("unreadable",) * 5
    names = sorted(map(str.lower, certificate.names))
    shown = list(map(cut, names[:_SHOWN_NAMES]))
    if len(names) > _SHOWN_NAMES:
        shown.append(f"and {len(names) - _SHOWN_NAMES} more")
    return (
        fingerprint(certificate)[:16],
        " ".join(shown) or "none",
        f"{certificate.ends:%Y-%m-%d}" if certificate.ends is not None else "unreadable",
        issuer_words(certificate),
        key_words(certificate),
    )


# What several columns tell of is named once.
_TOPICS = {
    "keywords under TLS": "EHLO keywords",
    "names": "certificate",
    "expires": "certificate",
    "issuer": "certificate",
    "key": "certificate",
}
_Column = tuple[str, Callable[[SessionObservation], str | None]]
_KEYWORDS = ("EHLO keywords", "keywords under TLS")
_SESSION: tuple[_Column, ...] = (
    ("EHLO keywords", lambda seen: _offers(seen, tls=False)),
    ("keywords under TLS", lambda seen: _offers(seen, tls=True)),
    ("SIZE", _size),
    ("TLS", _protocol),
    ("software", _software),
)
_ISSUE: tuple[_Column, ...] = (("issuer", _of_leaf(3)), ("key", _of_leaf(4)))
_CERTIFICATE: tuple[_Column, ...] = (
    ("certificate", _of_leaf(0)),
    ("names", _of_leaf(1)),
    ("expires", _of_leaf(2)),
    *_ISSUE,
)


def _facts(seen: SessionObservation, columns: Sequence[_Column]) -> Facts:
    facts = {name: tell(seen) for name, tell in columns}
    return {name: value for name, value in facts.items() if value is not None}


def _differing(rows: Mapping[str, Facts], columns: Sequence[_Column]) -> list[str]:
    differing: list[str] = []
    for name, _ in columns:
        values = {facts[name] for facts in rows.values() if name in facts}
        if len(values) > 1:
            differing.append(name)
    in_clear, under_tls = _KEYWORDS
    both_differ = in_clear in differing and under_tls in differing
    if both_differ and _uncommon(in_clear, rows) == _uncommon(under_tls, rows):
        differing.remove(under_tls)  # the same once more
    return differing


def _apart(column: str, hosts: Iterable[Sequence[Facts]]) -> bool:
    """Whether some two hosts say different things: that one host does is that host's own finding."""
    values = {frozenset(facts[column] for facts in host if column in facts) for host in hosts}
    return len(values - {frozenset()}) > 1


def _enumerated(columns: Sequence[str]) -> str:
    """Return what differs, in a few words: of more than two the first two."""
    first, *rest = dict.fromkeys(_TOPICS.get(name, name) for name in columns)
    if not rest:
        return first
    return f"{first} and {rest[0]}" if len(rest) == 1 else f"{first}, {rest[0]} and more"


def _table(rows: Mapping[str, Facts], columns: Sequence[str]) -> tuple[str, ...]:
    heads: list[str] = []
    cells: dict[str, list[str]] = {key: [] for key in rows}
    for column in columns:
        head, shown = column, {key: facts.get(column, "?") for key, facts in rows.items()}
        if column in _KEYWORDS:
            head, shown = f"only some: {column}", _uncommon(column, rows)
        heads.append(head)
        for key, value in shown.items():
            cells[key].append(value)
    return table(heads, cells)


def _uncommon(column: str, rows: Mapping[str, Facts]) -> dict[str, str]:
    """Return for each row the keywords that not all offer, `-` for none of them."""
    sets = {key: frozenset(facts[column].split()) for key, facts in rows.items() if column in facts}
    uncommon = dict.fromkeys(rows, "?")
    if sets:
        common = frozenset.intersection(*sets.values())
        uncommon.update((key, " ".join(sorted(offered - common)) or "-") for key, offered in sets.items())
    return uncommon
