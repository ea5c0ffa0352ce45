"""What becomes of mail where a sender has no address to turn to (RFC 5321 §5.1). Pure."""

from collections.abc import Collection, Sequence
from enum import StrEnum

from smtpdiag_tui.checks.addresses import unusable_reason
from smtpdiag_tui.report.status import Outcome
from smtpdiag_tui.verdict.walk import HostAddress, HostAddresses, before_self

_TYPES = {4: "A", 6: "AAAA"}


class Nobody(StrEnum):
    """Why there is no address to turn to."""

    SELF = "self"  # no host is preferred to this one, and it does not take the mail
    NO_PRIMARY = "no-primary"  # hosts are preferred to this one, and none of them has an address
    NOT_ASKED = "not-asked"  # this host could not even send the question
    NOT_LOOKED_UP = "not-looked-up"
    UNUSABLE = "unusable"
    NO_ADDRESS = "no-address"
    NOT_TESTED = "not-tested"


# RFC 5321 §5.1: an empty list is an error, and the mail is returned. Postfix waits where hosts that are preferred
# to itself cannot be found: "unable to find primary relay", 4.4.4.
OUTCOMES = {
    Nobody.SELF: Outcome.BOUNCED,
    Nobody.NO_PRIMARY: Outcome.DEFERRED,
    Nobody.NOT_ASKED: Outcome.UNKNOWN,
    Nobody.NOT_LOOKED_UP: Outcome.DEFERRED,
    Nobody.UNUSABLE: Outcome.DEFERRED,
    Nobody.NO_ADDRESS: Outcome.BOUNCED,
    Nobody.NOT_TESTED: Outcome.UNKNOWN,
}


def nobody(hosts: Sequence[HostAddresses], families: Collection[int] = (4, 6)) -> Nobody:
    """Say why a sender of these address families has no address to turn to, where a walk came to none."""
    kept = before_self(hosts)
    if hosts and not kept:
        return Nobody.SELF
    if not_asked(kept):
        return Nobody.NOT_ASKED
    if any(_failed(host, families) for host in kept):
        return Nobody.NOT_LOOKED_UP
    addresses = _addresses(kept, families)
    if addresses:
        return Nobody.UNUSABLE if all(map(unusable_reason, addresses)) else Nobody.NOT_TESTED
    if any(map(_left_out, kept)):
        return Nobody.NOT_TESTED
    return Nobody.NO_PRIMARY if len(kept) < len(hosts) else Nobody.NO_ADDRESS


def _addresses(hosts: Sequence[HostAddresses], families: Collection[int]) -> list[str]:
    return [item.address for host in hosts for item in host.addresses if item.family in families]


def _left_out(host: HostAddresses) -> bool:
    """Whether a host's addresses were not even looked up."""
    return host.lookup is None and not host.addresses


def not_asked(hosts: Sequence[HostAddresses]) -> str:
    """Return the first question about the hosts' addresses that could not be sent, and why; empty if none."""
    lookups = (host.lookup for host in hosts if host.lookup is not None)
    unsent = (answer for lookup in lookups for answer in lookup.failed if not answer.sent)
    return next((f"{answer.question} not queried, {answer.error}" for answer in unsent), "")


def self_address(hosts: Sequence[HostAddresses]) -> tuple[HostAddresses, HostAddress | None]:
    """Return the most preferred host that is this machine, and the address that says so."""
    best = min((host for host in hosts if host.own), key=lambda host: host.preference or 0)
    item = next((item for item in best.addresses if item.own), None)
    return best, item or next(iter(best.addresses), None)


def _failed(host: HostAddresses, families: Collection[int]) -> bool:
    types = {_TYPES[family] for family in families}
    return host.lookup is not None and any(answer.question.rdtype in types for answer in host.lookup.failed)
