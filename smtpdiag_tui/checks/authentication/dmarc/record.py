"""A DMARC record: what it says, and what of it counts (RFC 9989 §4.7, §4.8). Pure."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from smtpdiag_tui.report.authentication import Policy
from smtpdiag_tui.report.visible import visible
from smtpdiag_tui.settings import parse_ip

MAX_URIS = 32  # of one tag; nobody sends reports to more
MAX_REMARKS = 8
MAX_SHOWN = 400  # characters of a record
REMOVED = ("pct", "rf", "ri")  # what RFC 7489 had and RFC 9989 Appendix C takes away
_VERSION = re.compile(r"[vV][ \t]*=[ \t]*DMARC1[ \t]*(?:;|\Z)")
_TAG = re.compile(r"[A-Za-z]{1,63}")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,31}:[!-~]{1,1000}")
_SIZE = re.compile(r"![0-9]{1,20}[kmgtKMGT]?\Z")
_HOST = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.){1,126}[a-z0-9][a-z0-9-]{0,61}[a-z0-9]")
_MAILTO = "mailto:"


class Psd(StrEnum):
    """Whether the domain of a record is a public suffix domain."""

    YES = "y"
    NO = "n"
    UNKNOWN = "u"


@dataclass(frozen=True, slots=True)
class DmarcRecord:
    """A record that begins with `v=DMARC1`; `text` is all of it, printable.

    `policy`, `subdomains` and `missing` are p, sp and np; None where they are absent or not valid, and `invalid`
    names those of them that are there and not valid. `rua` and `ruf` hold the valid URIs, without their obsolete
    size, at most `MAX_URIS` of each; `remarks` are clauses on what receivers ignore.
    """

    text: str
    policy: Policy | None = None
    subdomains: Policy | None = None
    missing: Policy | None = None
    strict_dkim: bool = False
    strict_spf: bool = False
    testing: bool = False
    psd: Psd = Psd.UNKNOWN
    rua: tuple[str, ...] = ()
    ruf: tuple[str, ...] = ()
    options: str = "0"
    invalid: tuple[str, ...] = ()
    remarks: tuple[str, ...] = field(default=())

    @property
    def usable(self) -> bool:
        """Whether receivers apply it: its policies are valid, or it names somebody to report to (§4.10.1)."""
        return bool(self.rua) or (self.policy is not None and not self.invalid)

    @property
    def report_hosts(self) -> tuple[str, ...]:
        """The hosts that reports go to by mail, in A-labels and lower case, each once (RFC 9990 §4)."""
        found = (host_of(uri) for uri in (*self.rua, *self.ruf))
        return tuple(dict.fromkeys(host for host in found if host))

    def policy_for(self, *, subdomain: bool, exists: bool) -> Policy:
        """Return what applies to the record's own domain, or to one below it, before `t` (§4.10.1)."""
        if self.invalid or not subdomain:
            return Policy.NONE if self.invalid else self.policy or Policy.NONE
        chosen = self.subdomains if exists else self.missing or self.subdomains
        return chosen or self.policy or Policy.NONE


@dataclass(frozen=True, slots=True)
class Published:
    """What is published at one place: its DMARC records, and TXT records that are none but look like one."""

    records: tuple[DmarcRecord, ...] = ()
    similar: tuple[str, ...] = ()

    @property
    def record(self) -> DmarcRecord | None:
        """The one record; None without any, and of several none counts (§4.10)."""
        return self.records[0] if len(self.records) == 1 else None


def lowered(policy: Policy) -> Policy:
    """Return the policy one level below, as `t=y` asks for (§4.7)."""
    return Policy.QUARANTINE if policy is Policy.REJECT else Policy.NONE


def read_published(texts: Iterable[bytes]) -> Published:
    """Return what the TXT records at a `_dmarc` name hold."""
    records: list[DmarcRecord] = []
    similar: list[str] = []
    for text in texts:
        record = read_record(text)
        if record is not None:
            records.append(record)
        elif b"dmarc" in text[:64].lower():
            similar.append(shown(text))
    return Published(tuple(records), tuple(similar))


def read_record(text: bytes) -> DmarcRecord | None:
    """Read a TXT record; None for one that does not begin with `v=DMARC1`, which is no DMARC record."""
    whole = text.decode("latin-1")
    begin = _VERSION.match(whole)
    if begin is None:
        return None
    tags, remarks = _tags(whole[begin.end() :])
    invalid = tuple(name for name in ("p", "sp", "np") if name in tags and _policy(tags[name]) is None)
    remarks += [f"{name}={visible(tags[name][:40])} is not a policy" for name in invalid]
    rua, wrong_rua = _uris(tags.get("rua", ""))
    ruf, wrong_ruf = _uris(tags.get("ruf", ""))
    remarks += [f"not a report URI: {visible(uri[:80])}" for uri in (*wrong_rua, *wrong_ruf)]
    remarks += [f"{name} has no effect since RFC 9989" for name in REMOVED if name in tags]
    remarks += _wrong_choices(tags)
    return DmarcRecord(
        shown(text),
        policy=_policy(tags.get("p", "")),
        subdomains=_policy(tags.get("sp", "")),
        missing=_policy(tags.get("np", "")),
        strict_dkim=tags.get("adkim", "").lower() == "s",
        strict_spf=tags.get("aspf", "").lower() == "s",
        testing=tags.get("t", "").lower() == "y",
        psd=_psd(tags.get("psd", "")),
        rua=rua,
        ruf=ruf,
        options=tags.get("fo", "0"),
        invalid=invalid,
        remarks=tuple(remarks[:MAX_REMARKS]),
    )


def host_of(uri: str) -> str:
    """Return the host that a `mailto:` URI leads to, lower case; "" for another URI, or what can be no host."""
    if not uri.lower().startswith(_MAILTO):
        return ""
    host = uri[len(_MAILTO) :].partition("?")[0].rpartition("@")[2].lower().removesuffix(".")
    valid = len(host) <= 253 and parse_ip(host) is None and _HOST.fullmatch(host) is not None
    return host if valid else ""


def shown(text: bytes) -> str:
    """Return a TXT record printable in one line, as much of it as anybody reads."""
    begin = visible(text[:MAX_SHOWN])
    left = len(text) - MAX_SHOWN
    return f"{begin} … ({left:,} more bytes)" if left > 0 else begin


def _tags(text: str) -> tuple[dict[str, str], list[str]]:
    """Return the tags, names in lower case, and clauses on what is not one; of a name twice the first counts."""
    tags: dict[str, str] = {}
    remarks: list[str] = []
    for name, value in _pairs(text):
        if _TAG.fullmatch(name) is None or not value or not (value.isascii() and value.isprintable()):
            if len(remarks) < MAX_REMARKS:
                remarks.append(f"not a tag: {visible((name or value)[:40])}")
        elif name.lower() in tags:
            if len(remarks) < MAX_REMARKS:
                remarks.append(f"{visible(name.lower())} occurs more than once")
        else:
            tags[name.lower()] = value
    return tags, remarks


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    for part in text.split(";"):
        name, _, value = part.partition("=")
        if part.strip(" \t"):
            yield name.strip(" \t"), value.strip(" \t")


def _policy(value: str) -> Policy | None:
    return Policy(value.lower()) if value.lower() in tuple(Policy) else None


def _psd(value: str) -> Psd:
    return Psd(value.lower()) if value.lower() in tuple(Psd) else Psd.UNKNOWN


def _wrong_choices(tags: dict[str, str]) -> list[str]:
    """Return clauses on tags whose value is none of theirs: the default holds then."""
    choices = {"adkim": "rs", "aspf": "rs", "t": "yn", "psd": "ynu"}
    wrong = [name for name, values in choices.items() if name in tags and tags[name].lower() not in tuple(values)]
    return [f"{name}={visible(tags[name][:40])} is not valid" for name in wrong]


def _uris(value: str) -> tuple[tuple[str, ...], list[str]]:
    """Return the valid URIs of a list, and those that are not, as many as anybody reads."""
    valid: list[str] = []
    wrong: list[str] = []
    for part in value.split(",", MAX_URIS * 2)[: MAX_URIS * 2]:
        uri = _SIZE.sub("", part.strip(" \t"))
        if _is_uri(uri):
            valid.append(uri)
        elif uri:
            wrong.append(uri)
    return tuple(dict.fromkeys(valid))[:MAX_URIS], wrong[:MAX_REMARKS]


def _is_uri(uri: str) -> bool:
    """Whether it is a URI, commas and exclamation marks encoded; one to mail to needs a host (§4.8, RFC 6068)."""
    if _URI.fullmatch(uri) is None or "," in uri or "!" in uri:
        return False
    return bool(host_of(uri)) if uri.lower().startswith(_MAILTO) else True
