"""What an MTA-STS policy means for each MX host and address of its domain (RFC 8461 §4, §5). Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from smtpdiag_tui.checks.tls_policy.demands import Where
from smtpdiag_tui.checks.tls_policy.fetched import Fetched, Trouble
from smtpdiag_tui.checks.tls_policy.host_tls import HostTls
from smtpdiag_tui.checks.tls_policy.mta_sts_findings import (
    mismatched,
    not_fetched,
    policy_invalid,
    published_policy,
    record_invalid,
    tls_failed,
)
from smtpdiag_tui.checks.tls_policy.mta_sts_policy import Mode, StsPolicy
from smtpdiag_tui.checks.tls_policy.mta_sts_record import StsRecord
from smtpdiag_tui.report.amounts import counted
from smtpdiag_tui.report.findings import Finding, finding
from smtpdiag_tui.report.status import Status

EXPLANATION = """\
Looks up the MTA-STS record of the recipient's domain, fetches the policy over HTTPS, and compares it with the MX
hosts and the certificates that they presented. Sending servers that enforce MTA-STS do the same before they
deliver. The policy host has 60 seconds in all, and 20 seconds without a byte; --timeout shortens that.
Warns if:
- the TXT record or the text of the policy is invalid
- the policy host does not serve the policy, or its certificate does not verify
- an MX host is not listed in the policy
- an MX host does not offer STARTTLS, or its certificate does not verify"""

NOT_LISTED = "not in the MTA-STS policy"


@dataclass(frozen=True, slots=True)
class StsPublished:
    """What a domain publishes: its record, and the policy where that was fetched.

    `failed` says in a clause why the record is not known, "" where it is.
    """

    domain: str
    record: StsRecord = field(default_factory=StsRecord)
    failed: str = ""
    fetched: Fetched | None = None
    policy: StsPolicy | None = None

    @property
    def mode(self) -> Mode | None:
        """What senders that find it do; None where they find no policy that they can use."""
        usable = self.policy is not None and self.policy.usable and not self.record.problem
        return self.policy.mode if usable and self.policy is not None else None


@dataclass(frozen=True, slots=True)
class StsJudgement:
    """What comes of it; `unmet` says why senders that enforce it do not deliver at an address, "" if not known.

    `status` is None where the findings give it.
    """

    findings: tuple[Finding, ...]
    detail: str
    status: Status | None = None
    unmet: Mapping[Where, str] = field(default_factory=dict)


def judge(published: StsPublished, hosts: Sequence[HostTls]) -> StsJudgement:
    """Judge what a domain publishes, and the hosts by it."""
    if published.failed:
        return StsJudgement((), published.failed, Status.UNKNOWN)
    if not published.record.present:
        message = f"{published.domain} publishes no MTA-STS policy"
        return StsJudgement((finding("mta-sts-none", message),), "not published")
    fetched = published.fetched
    if published.mode is None or published.policy is None or fetched is None:
        return _unusable(published)
    found = [published_policy(published.domain, published.policy, fetched)]
    if published.policy.problems:
        found.append(policy_invalid(published.domain, published.policy, fetched))
    if published.mode is Mode.NONE:
        return StsJudgement(tuple(found), "mode none")
    return _judge_hosts(published, published.policy, hosts, found)


def _unusable(published: StsPublished) -> StsJudgement:
    """Say why senders find no policy; whatever is wrong at the same time is told too."""
    domain, record, fetched, policy = published.domain, published.record, published.fetched, published.policy
    found: list[Finding] = []
    words: list[str] = []
    status: Status | None = None
    if record.problem:
        found.append(record_invalid(domain, record))
        words.append("TXT record invalid")
    if fetched is not None and fetched.trouble is Trouble.NO_ROUTE:
        words.append(f"policy not fetched ({fetched.trouble})")
        status = None if found else Status.UNKNOWN
    elif fetched is not None and fetched.trouble is not None:
        found.append(not_fetched(domain, fetched))
        words.append(f"policy not fetched ({fetched.trouble})")
    elif policy is not None and fetched is not None and policy.problems:
        found.append(policy_invalid(domain, policy, fetched))
        words.append("policy invalid")
    return StsJudgement(tuple(found), " and ".join(words), status)


def _judge_hosts(
    published: StsPublished, policy: StsPolicy, hosts: Sequence[HostTls], found: list[Finding]
) -> StsJudgement:
    """Judge each host and address by a policy that senders can use."""
    mode = published.mode or Mode.NONE
    foreign = [host for host in hosts if host.name is not None and not policy.allows(host.name)]
    failing = [(host, item) for host in hosts for item in host.addresses if item.unverified]
    remarks: list[str] = []
    if foreign:
        found.append(mismatched(published.domain, policy, foreign))
        remarks.append(f"{counted(len(foreign), 'MX host')} not listed")
    if failing:
        found.append(tls_failed(policy, failing))
        addresses = {item.where[1] for _, item in failing}
        remarks.append(f"TLS failed at {counted(len(addresses), 'address')}")
    detail = f"{mode} ({'; '.join(remarks)})" if remarks else str(mode)
    unmet = _unmet(policy, hosts) if mode is Mode.ENFORCE else {}
    return StsJudgement(tuple(found), detail, None, unmet)


def _unmet(policy: StsPolicy, hosts: Sequence[HostTls]) -> dict[Where, str]:
    unmet: dict[Where, str] = {}
    for host in hosts:
        for item in host.addresses:
            if host.name is not None and not policy.allows(host.name):
                unmet[item.where] = NOT_LISTED
            elif item.unverified is not None:
                unmet[item.where] = item.unverified
            elif host.name is None:
                unmet[item.where] = ""  # whether the policy lists it is not known
    return unmet
