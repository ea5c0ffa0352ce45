"""What senders that enforce DANE, MTA-STS or both meet at the addresses of MX hosts. Pure."""

from collections.abc import Sequence
from dataclasses import replace

from smtpdiag_tui.checks.session.session import AttemptResult
from smtpdiag_tui.checks.tls_policy.demands import PolicyDemands, Where
from smtpdiag_tui.verdict.walk import Demand, HostAddress, HostAddresses, Try

# Where no sender gets as far as STARTTLS, none gets as far as what it demands.
_NEVER_CAME_TO_IT = frozenset(
    {AttemptResult.CONNECTION_FAILED, AttemptResult.NO_ROUTE, AttemptResult.GREETING_REJECTED}
)
OUTWEIGHED = "a valid DANE outweighs the failing MTA-STS (common practice)"


def with_policies(hosts: Sequence[HostAddresses], policies: PolicyDemands) -> tuple[HostAddresses, ...]:
    """Return the hosts with what each address lacks for a sender that enforces these policies."""
    return tuple(
        replace(host, addresses=tuple(_with_policies(item, policies) for item in host.addresses)) for host in hosts
    )


def outweighed(tries: Sequence[Try], policies: PolicyDemands) -> bool:
    """Whether a sender of both policies passes at its last address by DANE alone, where MTA-STS fails.

    RFC 8461 §2 forbids to deliver against a failing DANE; that a valid one is enough is common practice.
    """
    if not tries:
        return False
    last = tries[-1].address
    where = last.host, last.address
    valid = where[0] in policies.dane_hosts and where not in policies.dane
    return valid and bool(policies.mta_sts.get(where))


def _with_policies(item: HostAddress, policies: PolicyDemands) -> HostAddress:
    if item.attempt is None or item.attempt.result in _NEVER_CAME_TO_IT:
        return item
    where = item.host, item.address
    unmet = {
        Demand.DANE: policies.dane.get(where),
        Demand.MTA_STS: policies.mta_sts.get(where),
        Demand.DANE_OR_MTA_STS: _either(where, policies),
    }
    more = {demand: reason for demand, reason in unmet.items() if reason is not None}
    return replace(item, unmet={**item.unmet, **more})


def _either(where: Where, policies: PolicyDemands) -> str | None:
    """Return what an address lacks for a sender of both policies; None for nothing, "" if that is not known.

    DANE decides where it authenticates. Records that nobody can use ask for TLS, and leave the rest to MTA-STS.
    """
    dane, mta_sts = policies.dane.get(where), policies.mta_sts.get(where)
    if dane is not None or where[0] in policies.dane_hosts:
        return dane
    if where[0] in policies.dane_open and mta_sts is not None:
        return ""  # it is met only if the records that match are proved
    return mta_sts
