"""What the demo's domains publish for strict senders: which zones are signed, and the TLSA records of MX hosts."""

from collections.abc import Mapping
from enum import StrEnum

import dns.name
import dns.rdatatype
import dns.rrset

from smtpdiag_tui.demo.certificates import Authority
from smtpdiag_tui.demo.hosts import SMTP_HOSTS, SmtpScript

TTL = 3600
MoreRecords = Mapping[tuple[dns.name.Name, dns.rdatatype.RdataType], dns.rrset.RRset]


class Tlsa(StrEnum):
    """What a TLSA record is made from."""

    KEY = "key"  # the key that the host uses
    OLD_KEY = "old-key"  # one that it used before its certificate was renewed
    AUTHORITY = "authority"


# Zones whose answers a validating resolver finds secure; what lies below one of them unsigned is not named.
SIGNED_ZONES = frozenset(
    dns.name.from_text(name) for name in (".", "example.", "dane.example.", "rollover.example.", "sts.example.")
)
TLSA_HOSTS = {
    "192.0.2.173": Tlsa.KEY,
    "192.0.2.174": Tlsa.AUTHORITY,
    "192.0.2.175": Tlsa.OLD_KEY,
}
TLS_POLICY_RECORDS = {
    "dane.example": """
        @ MX 10 mx1
        @ MX 20 mx2
        mx1 A 192.0.2.173
        mx1 AAAA 2001:db8::173
        mx2 A 192.0.2.174""",
    "rollover.example": "@ MX 10 mx\nmx A 192.0.2.175",
    "sts.example": """
        @ MX 10 mx
        mx A 192.0.2.176
        mta-sts A 192.0.2.177
        _mta-sts TXT "v=STSv1; id=20261120T100000"
        _smtp._tls TXT "v=TLSRPTv1; rua=mailto:tlsrpt@sts.example\"""",
}


def is_signed(name: dns.name.Name, origin: dns.name.Name | None) -> bool:
    """Whether answers about a name in the zone at `origin` are secure."""
    return origin in SIGNED_ZONES and name.is_subdomain(origin or dns.name.root)


def tlsa_records(authority: Authority) -> MoreRecords:
    """Return the TLSA records of the demo's MX hosts: its certificates are made anew each time."""
    found: dict[tuple[dns.name.Name, dns.rdatatype.RdataType], dns.rrset.RRset] = {}
    for address, kind in TLSA_HOSTS.items():
        script = SMTP_HOSTS[address]
        name = dns.name.from_text(f"_25._tcp.{script.host}")
        records = dns.rrset.from_text(name, TTL, "IN", "TLSA", _tlsa(authority, script, kind))
        found[name, dns.rdatatype.TLSA] = records
    return found


def _tlsa(authority: Authority, script: SmtpScript, kind: Tlsa) -> str:
    """Return the data of a record: usage, SPKI, SHA-256, digest (RFC 6698 §2.1)."""
    match kind:
        case Tlsa.KEY:
            return f"3 1 1 {authority.key_digest(script)}"
        case Tlsa.AUTHORITY:
            return f"2 1 1 {authority.own_digest}"
        case Tlsa.OLD_KEY:
            return f"3 1 1 {authority.other_digest()}"
