"""The plan of a run: every branch of the tree, in the tree's order."""

from collections.abc import Collection

from smtpdiag_tui.checks import syntax as syntax_check
from smtpdiag_tui.checks.lookups import domain, servers
from smtpdiag_tui.checks.lookups import soa as soa_check
from smtpdiag_tui.checks.machine import identity as identity_check
from smtpdiag_tui.checks.session import probes as probes_check
from smtpdiag_tui.engine.branch import Branch
from smtpdiag_tui.engine.branches import (
    delivery,
    dns_servers,
    identity,
    local,
    probes,
    remote,
    senders,
    soa,
    syntax,
)
from smtpdiag_tui.engine.branches.authentication import branch as authentication
from smtpdiag_tui.engine.branches.tls_policy import branch as tls_policy
from smtpdiag_tui.settings import Settings


def _probes_wanted(settings: Settings) -> bool:
    return bool(settings.probes)


PLAN = (
    Branch(syntax.STEP, syntax.TITLE, syntax_check.EXPLANATION, syntax.run_syntax),
    Branch(dns_servers.STEP, dns_servers.TITLE, servers.EXPLANATION, dns_servers.run_dns_servers),
    Branch(soa.STEP, soa.TITLE, soa_check.EXPLANATION, soa.run_soa),
    Branch(local.STEP, local.TITLE, domain.LOCAL_EXPLANATION, local.run_local),
    Branch(remote.STEP, remote.TITLE, domain.REMOTE_EXPLANATION, remote.run_remote),
    Branch(delivery.STEP, delivery.TITLE, delivery.EXPLANATION, delivery.run_delivery, every_run=True),
    # These await the sessions, but a session held again is no reason to ask anew for what they ask.
    Branch(identity.STEP, identity.TITLE, identity_check.EXPLANATION, identity.run_identity),
    Branch(
        authentication.STEP,
        authentication.TITLE,
        authentication.EXPLANATION,
        authentication.run_authentication,
    ),
    # What it judges are the sessions: it does so in each rerun, and asks only where it is to run itself.
    Branch(
        tls_policy.STEP,
        tls_policy.TITLE,
        tls_policy.EXPLANATION,
        tls_policy.run_tls_policy,
        every_run=True,
    ),
    Branch(
        senders.STEP,
        senders.TITLE,
        senders.EXPLANATION,
        senders.run_senders,
        after=(
            *("dns-servers", "soa", "local", "remote", "delivery", "identity", "authentication", "tls-policy"),
            "probes",
        ),
        begins_itself=True,
    ),
    Branch(
        probes.STEP,
        probes.TITLE,
        probes_check.EXPLANATION,
        probes.run_probes,
        when=_probes_wanted,
        begins_itself=True,
    ),
)


def branches_for(settings: Settings) -> tuple[Branch, ...]:
    """Return the branches that are there with these settings."""
    return tuple(branch for branch in PLAN if branch.when(settings))


def resting_on(running: Collection[str], plan: Collection[Branch] = PLAN) -> frozenset[str]:
    """Return the ids of the branches that run again because those do that their judgement rests on."""
    again = set(running)
    while new := {branch.id for branch in plan if branch.id not in again and again.intersection(branch.after)}:
        again |= new
    return frozenset(again.difference(running))
