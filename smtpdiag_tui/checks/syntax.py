"""Address syntax (RFC 5321 §4.1.2, §4.1.3, §4.5.3.1; RFC 6531; RFC 5890)."""

import ipaddress
import re
import unicodedata
from dataclasses import dataclass, replace

from smtpdiag_tui.report.findings import Finding, finding
from smtpdiag_tui.report.visible import visible
from smtpdiag_tui.settings import address_literal, strip_address

MAX_LOCAL_PART = 64
MAX_DOMAIN = 255
MAX_ADDRESS = 254
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')  # it can only be the whole of a local part, at the beginning

# RFC 6761 and its registry, as far as names there can stand in a mail address; RFC 7686 for onion.
SPECIAL_USE = (
    "test",
    "example",
    "invalid",
    "localhost",
    "local",
    "onion",
    "alt",
    "arpa",
    "example.com",
    "example.net",
    "example.org",
)

EXPLANATION = """\
Checks both addresses against RFC 5321 and RFC 6531 before anything is sent. An invalid address ends the run.
Fails if:
- the local part has characters that must be quoted, or is longer than 64 bytes
- the domain has an empty or overlong label, a trailing dot, or characters not allowed in a host name
- the address holds a control character or an angle bracket, usually copied along with it"""

# What a local part may hold without quotes, beside dots and what is not ASCII (RFC 5321 §4.1.2, RFC 5322 §3.2.3).
_ATEXT = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-/=?^_`{|}~")


@dataclass(frozen=True, slots=True)
class _Domain:
    ascii: str = ""
    unicode: str = ""
    literal: str | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class AddressObservation:
    """One address, taken apart.

    `domain` is lower-case A-labels without trailing dot, `unicode_domain` what a person reads. `literal` is the
    IP address of an address literal in RFC 5952 form. `problem` is a headline without full stop if the address is
    invalid, then `code` says which finding it is.
    """

    text: str
    sender: bool
    local: str = ""
    domain: str = ""
    unicode_domain: str = ""
    literal: str | None = None
    problem: str | None = None
    code: str = "address-invalid"

    @property
    def null(self) -> bool:
        """Whether this is the null reverse-path (RFC 5321 §4.5.5)."""
        return self.sender and not self.text

    @property
    def smtputf8(self) -> bool:
        """Whether the local part needs the SMTPUTF8 extension (RFC 6531)."""
        return not self.local.isascii()

    @property
    def path(self) -> str:
        """The address as it goes on the wire, without `<>`."""
        if self.null:
            return ""
        if self.literal is None:
            return f"{self.local}@{self.domain}"
        return f"{self.local}@{address_literal(self.literal)}"


def check_address(text: str, *, sender: bool) -> AddressObservation:
    """Take one address apart; what is wrong with it stands in `problem`. An empty sender is the null one."""
    text = strip_address(text)
    if not text:
        return AddressObservation(text, sender, problem=None if sender else "The recipient address is missing")
    address = _take_apart(text, sender=sender)
    if address.problem is None:
        return address
    return replace(address, problem=f"{_role(sender=sender)} address '{visible(text)}' {address.problem}")


def check_from(text: str) -> AddressObservation:
    """Take the address of the From field apart, by the rules of the sender's; it cannot be empty."""
    seen = _take_apart(strip_address(text), sender=True)
    return (
        replace(seen, problem=f"The From address '{visible(seen.text)}' {seen.problem}") if seen.problem else seen
    )


def _role(*, sender: bool) -> str:
    return "Sender" if sender else "Recipient"


def _take_apart(text: str, *, sender: bool) -> AddressObservation:
    """Take an address apart; `problem` is the rest of a headline that begins with the address."""
    problem = _characters(text)
    if problem:
        return AddressObservation(text, sender, problem=problem)
    local, at, domain = _split(text)
    if not at:
        return AddressObservation(text, sender, problem="has no @ and no domain")
    if domain.endswith("."):
        problem = "ends with a dot (remove the dot)"
        return AddressObservation(text, sender, problem=problem, code="address-trailing-dot")
    parts = _domain(domain)
    return AddressObservation(
        text,
        sender,
        local=local,
        domain=parts.ascii,
        unicode_domain=parts.unicode,
        literal=parts.literal,
        problem=parts.problem or _local_part(local) or _length(local, parts),
    )


def _length(local: str, domain: _Domain) -> str | None:
    whole = len(local.encode()) + 1 + len(domain.ascii)
    return f"is {whole} bytes long (maximum {MAX_ADDRESS})" if whole > MAX_ADDRESS else None


def judge(seen: AddressObservation) -> tuple[Finding, ...]:
    """Return the findings of one address."""
    if seen.problem:
        advice = (
            f"Remove the final dot from '{visible(seen.text)}'." if seen.code == "address-trailing-dot" else None
        )
        return (finding(seen.code, seen.problem, advice=advice),)
    if seen.null:
        return (finding("null-sender", "The sender is <> (null reverse-path), as in bounces"),)
    if seen.literal is not None:
        message = f"{_role(sender=seen.sender)} domain is the address literal {seen.domain}"
        return (finding("address-literal", message),)
    found: list[Finding] = []
    remarks = _international(seen)
    if remarks:
        found.append(finding("address-internationalised", "; ".join(remarks)))
    return (*found, *_judge_domain(seen.domain))


def _judge_domain(domain: str) -> list[Finding]:
    found: list[Finding] = []
    if "." not in domain:
        advice = f"Write the whole domain name instead of {domain}."
        found.append(finding("domain-single-label", f"Domain {domain} is a single label", advice=advice))
    if "_" in domain:
        found.append(finding("domain-underscore", f"Domain {domain} contains an underscore"))
    for special in SPECIAL_USE:
        if f".{domain}".endswith(f".{special}"):
            found.append(finding("special-use-domain", f"Domain {domain} is under the special-use name {special}"))
            break
    return found


def _international(seen: AddressObservation) -> list[str]:
    remarks: list[str] = []
    if seen.domain != seen.unicode_domain:
        remarks.append(f"{visible(seen.unicode_domain)} is queried as {seen.domain}")
    if seen.smtputf8:
        remarks.append(f"{_role(sender=seen.sender)} local part is not ASCII and requires SMTPUTF8")
    return remarks


def _characters(text: str) -> str | None:
    for char in text:
        if unicodedata.category(char) in ("Cc", "Cs"):  # controls, and what decoding left of broken octets
            return f"contains the control character {visible(char)}"
    quoted = _QUOTED.match(text)
    unquoted = text[quoted.end() :] if quoted else text
    if "<" in unquoted or ">" in unquoted:
        return "contains an angle bracket"
    return None


def _split(text: str) -> tuple[str, str, str]:
    quoted = _QUOTED.match(text)
    if quoted and text.startswith("@", quoted.end()):
        return quoted[0], "@", text[quoted.end() + 1 :]
    return text.rpartition("@")


def _domain(text: str) -> _Domain:
    if text.startswith("["):
        return _literal(text)
    if not text:
        return _Domain(problem="has no domain after the @")
    labels: list[str] = []
    for label in re.split("[.\u3002\uff0e\uff61]", text):
        a_label, problem = _label(label)
        if problem:
            return _Domain(problem=problem)
        labels.append(a_label)
    name = ".".join(labels)
    if len(name) + 2 > MAX_DOMAIN:
        return _Domain(problem=f"has a domain of {len(name)} bytes (maximum 253)")
    return _Domain(ascii=name, unicode=_unicode(name))


def _label(label: str) -> tuple[str, str | None]:
    import idna

    if not label:
        return "", "has an empty label in its domain"
    if not label.isascii():
        try:
            return idna.encode(label, uts46=True).decode().lower(), None
        except idna.IDNAError:
            return "", f"has a domain label that IDNA does not allow: '{visible(label)}'"
    if len(label) > 63:
        return "", f"has a domain label of {len(label)} bytes (maximum 63)"
    if not re.fullmatch(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?", label):
        return "", f"has an invalid domain label: '{visible(label)}'"
    return label.lower(), None


def _unicode(name: str) -> str:
    import idna

    try:
        return idna.decode(name) if "xn--" in name else name
    except idna.IDNAError:
        return name


def _literal(text: str) -> _Domain:
    inner = text[1:-1] if text.endswith("]") else ""
    tag, colon, rest = inner.partition(":")
    try:
        if colon and tag.lower() == "ipv6" and "%" not in rest:
            literal = str(ipaddress.IPv6Address(rest))
        else:
            literal = str(ipaddress.IPv4Address(inner))
    except ValueError:
        return _Domain(problem="has an invalid address literal (write [192.0.2.1] or [IPv6:2001:db8::1])")
    tagged = address_literal(literal)
    return _Domain(ascii=tagged, unicode=tagged, literal=literal)


def _local_part(local: str) -> str | None:
    octets = len(local.encode())
    if not local:
        return "has nothing before the @"
    if octets > MAX_LOCAL_PART:
        return f"has a local part of {octets} bytes (maximum {MAX_LOCAL_PART})"
    if local.startswith('"'):
        return _quoted(local)
    from email_validator import EmailNotValidError, validate_email

    try:
        validate_email(f"{local}@example.com", check_deliverability=False)
    except EmailNotValidError:
        return _invalid_local_part(local)
    return None


def _invalid_local_part(local: str) -> str:
    """Say what is wrong with a local part that the library refuses."""
    if local.startswith("."):
        return "has a local part that begins with a dot"
    if local.endswith("."):
        return "has a local part that ends with a dot"
    if ".." in local:
        return "has two dots in a row in its local part"
    quotable = dict.fromkeys(char for char in local if char.isascii() and char != "." and char not in _ATEXT)
    if quotable:
        shown = " ".join("space" if char == " " else char for char in quotable)
        return f"has characters in its local part that must be quoted: {shown}"
    return "has an invalid local part"


def _quoted(local: str) -> str | None:
    # The library rewrites a quoted string, so that its judgement would be of another address (RFC 5321 §4.1.2).
    body = r'"(?:[\x20-\x21\x23-\x5b\x5d-\x7e\u00a1-\U0010ffff]|\\[\x20-\x7e])*"'
    return None if re.fullmatch(body, local) else "has a quoted local part that is not closed or escaped correctly"
