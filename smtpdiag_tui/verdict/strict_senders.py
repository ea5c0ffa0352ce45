"""What senders that enforce DANE, MTA-STS or both meet at the addresses of MX hosts. Pure."""

from collections.abc import Sequence
from dataclasses import replace

from smtpdiag_tui.checks.tls_policy.demands import PolicyDemands
from smtpdiag_tui.verdict.walk import Demand, HostAddress, HostAddresses


def with_policies(hosts: Sequence[HostAddresses], policies: PolicyDemands) -> tuple[HostAddresses, ...]:
    """Return the hosts with what each address lacks for a sender that enforces these policies."""
    return tuple(
        replace(host, addresses=tuple(_with_policies(item, policies) for item in host.addresses)) for host in hosts
    )


def _with_policies(item: HostAddress, policies: PolicyDemands) -> HostAddress:
    where = item.host, item.address
    by_dane = item.host in policies.dane_hosts
    unmet = {
        Demand.DANE: policies.dane.get(where),
        Demand.MTA_STS: policies.mta_sts.get(where),
        Demand.DANE_OR_MTA_STS: policies.dane.get(where) if by_dane else policies.mta_sts.get(where),
    }
    more = {demand: reason for demand, reason in unmet.items() if reason is not None}
    return replace(item, unmet={**item.unmet, **more})
