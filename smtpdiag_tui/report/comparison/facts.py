"""What a comparison tells: one thing that is otherwise in the later run, as data. Pure."""

from dataclasses import dataclass
from enum import StrEnum


class FactKind(StrEnum):
    """What is otherwise, the most important first: that is the order in which it is told."""

    SENDER = "sender"  # the runs ask different questions
    RECIPIENT = "recipient"
    SETTING = "setting"
    CAUSE = "cause"  # of an outcome that is the same
    REPLY = "reply"  # what the session with an address came to
    MX_HOST = "mx-host"
    MX_PREFERENCE = "mx-preference"
    MX_ADDRESS = "mx-address"
    CERTIFICATE = "certificate"
    TLS = "tls"
    PROFILE = "profile"  # the outcome of a kind of sending server
    SPF = "spf"
    DKIM = "dkim"
    DMARC = "dmarc"
    BEYOND = "beyond"  # another thing that RCPT does not cover
    MTA_STS = "mta-sts"
    DANE = "dane"
    DNSSEC = "dnssec"
    TLS_RPT = "tls-rpt"
    SERIAL = "serial"
    EHLO = "ehlo"
    PTR = "ptr"
    SOURCE = "source"  # an address of this host
    RESOLVER = "resolver"
    SOFTWARE = "software"
    VERSION = "version"  # of smtpdiag


QUESTIONS = (FactKind.SENDER, FactKind.RECIPIENT, FactKind.SETTING)
ORDER = {kind: place for place, kind in enumerate(FactKind)}


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that is otherwise: what it is `about`, then and now.

    A side is "" where there was none: a host that came has no `old`. `old_step` and `new_step` are the ids of the
    steps that tell of it, "" for none. What is `about` a host that has another name by now has the new one.
    """

    kind: FactKind
    about: str
    old: str
    new: str
    old_step: str = ""
    new_step: str = ""

    @property
    def step(self) -> str:
        """Where it is seen: in the later run, else in the earlier one."""
        return self.new_step or self.old_step
