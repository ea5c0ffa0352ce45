"""The findings about MTA-STS: what is wrong, for whom, and the change that fixes it (RFC 8461). Pure."""

from collections.abc import Sequence

from smtpdiag_tui.checks.tls_policy.fetched import Fetched, Trouble
from smtpdiag_tui.checks.tls_policy.host_tls import AddressTls, HostTls
from smtpdiag_tui.checks.tls_policy.mta_sts_policy import Mode, StsPolicy
from smtpdiag_tui.checks.tls_policy.mta_sts_record import VERSION, StsRecord
from smtpdiag_tui.report.actions import Action
from smtpdiag_tui.report.amounts import counted, listed
from smtpdiag_tui.report.findings import Finding, Side, finding
from smtpdiag_tui.report.visible import visible

PATH = "/.well-known/mta-sts.txt"
_SHOWN_LINES = 20
_SHOWN_PATTERNS = 10
_SHOWN_HOSTS = 3  # that one sentence names
_LONGEST = 200  # characters of a line of the policy
_HEADLINE = 80  # characters
_WITHOUT_A_COPY = "Sending servers without a cached policy deliver without it."
_DAY = 86400


def policy_host(domain: str) -> str:
    """Return the host that serves the policy of a domain (RFC 8461 §3.3)."""
    return f"mta-sts.{domain}"


def policy_url(domain: str) -> str:
    """Return where the policy of a domain stands."""
    return f"https://{visible(policy_host(domain))}{PATH}"


def published_policy(domain: str, policy: StsPolicy, fetched: Fetched) -> Finding:
    """Say that a domain has a policy, and which."""
    message = f"{visible(domain)} publishes an MTA-STS policy, mode {policy.mode}"
    meanings = {
        Mode.ENFORCE: "Sending servers that enforce MTA-STS deliver only to listed MX hosts, over verified TLS.",
        Mode.TESTING: "Sending servers report MX hosts that do not meet the policy, and deliver anyway.",
        Mode.NONE: "Sending servers treat the domain as one without an MTA-STS policy.",
    }
    meaning = meanings[policy.mode or Mode.NONE]
    if policy.mode is Mode.ENFORCE and policy.max_age is not None and policy.max_age < _DAY:
        meaning += f" They cache the policy for {policy.max_age} s only; weeks are usual."
    return finding("mta-sts-policy", message, meaning=meaning, evidence=_text(fetched))


def record_invalid(domain: str, record: StsRecord) -> Finding:
    """Say that senders ignore the TXT record."""
    name = f"_mta-sts.{visible(domain)}"
    what = f"publish exactly one TXT record at {name} such as '{VERSION}; id=20261128T120000;'."
    return finding(
        "mta-sts-invalid",
        f"MTA-STS record of {visible(domain)} is invalid",
        meaning=f"Sending servers treat the domain as one without an MTA-STS policy: {record.problem}.",
        evidence=record.texts,
        advice=Action(f"DNS administrator of {visible(domain)}", what),
    )


def policy_invalid(domain: str, policy: StsPolicy, fetched: Fetched) -> Finding:
    """Say that senders cannot use the text, or that strict ones do not."""
    who = "Sending servers treat the domain as one without an MTA-STS policy"
    if not policy.faults:
        who = "Strict sending servers ignore the policy"
    what = f"correct {policy_url(domain)} and then change the id in the TXT record at _mta-sts.{visible(domain)}."
    return finding(
        "mta-sts-invalid",
        f"MTA-STS policy of {visible(domain)} {'is invalid' if policy.faults else 'has errors'}",
        meaning=f"{who}: {policy.problems[0]}.",
        evidence=(*policy.problems, *_text(fetched)),
        advice=Action(_policy_administrator(domain), what),
    )


def not_fetched(domain: str, fetched: Fetched) -> Finding:
    """Say why no policy text was obtained; a silent host may be this network's firewall."""
    host = visible(fetched.host)
    reached = f" [{fetched.address}]" if fetched.address else ""
    silent = fetched.trouble is Trouble.TIMEOUT and fetched.address is None
    advice = [Action(_policy_administrator(domain), f"{_cure(domain, fetched.trouble)}.")]
    if silent:
        advice.insert(0, Action("", f"Check that no firewall blocks TCP port 443 from this host to {host}."))
    return finding(
        "mta-sts-unreachable",
        f"MTA-STS policy of {visible(domain)} could not be fetched",
        meaning=f"{host}{reached} {fetched.why}. {_WITHOUT_A_COPY}",
        evidence=(policy_url(domain), *fetched.passed_over),
        side=Side.PATH if silent else None,
        advice=tuple(advice),
    )


def _cure(domain: str, trouble: Trouble | None) -> str:
    """Return what to do so that the policy is served."""
    host, where = visible(policy_host(domain)), policy_url(domain)
    match trouble:
        case Trouble.NO_ADDRESS | Trouble.LOOKUP | Trouble.UNUSABLE:
            return f"give {host} the public address of the web server that serves {where}"
        case Trouble.CERTIFICATE:
            return f"install a valid certificate of a public authority for {host} on its web server"
        case Trouble.TLS:
            return f"enable TLS 1.2 and TLS 1.3 with a certificate for {host} on its web server"
        case Trouble.REDIRECT:
            return f"serve {where} itself, without a redirect"
        case Trouble.CONTENT_TYPE:
            return f"serve {where} as text/plain"
        case Trouble.ENCODING:
            return f"serve {where} without Content-Encoding"
        case Trouble.SIZE | Trouble.HEADER_SIZE:
            return f"keep {where} below 64 KiB"
        case _:
            return f"serve {where} with status 200 as text/plain"


def mismatched(domain: str, policy: StsPolicy, hosts: Sequence[HostTls]) -> Finding:
    """Say which MX hosts the policy does not list."""
    names = [visible(host.name or "") for host in hosts]
    which = names[0] if len(names) == 1 else f"{len(names)} MX hosts"
    verb = "is" if len(names) == 1 else "are"
    lines = "the line" if len(names) == 1 else "the lines"
    more = [f"{len(names) - _SHOWN_HOSTS} more"] if len(names) > _SHOWN_HOSTS else []
    entries = listed([*(f"'mx: {name}'" for name in names[:_SHOWN_HOSTS]), *more])
    change = f"change the id in the TXT record at _mta-sts.{visible(domain)}"
    what = f"add {lines} {entries} to {policy_url(domain)} and then {change}."
    patterns = [f"mx: {pattern}" for pattern in policy.patterns[:_SHOWN_PATTERNS]]
    left = len(policy.patterns) - len(patterns)
    return finding(
        "mta-sts-mx-mismatch",
        f"{which} {verb} not in the MTA-STS policy of {visible(domain)}",
        meaning=_consequence(policy),
        evidence=(
            *(f"not listed: {name}" for name in names),
            *patterns,
            *([f"{counted(left, 'more pattern')}"] if left > 0 else []),
        ),
        advice=Action(_policy_administrator(domain), what),
    )


def tls_failed(policy: StsPolicy, failing: Sequence[tuple[HostTls, AddressTls]]) -> Finding:
    """Say at which addresses TLS is not as the policy demands."""
    lines = [f"{_where(host, item)}: {visible(item.unverified or '')}" for host, item in failing]
    message = f"{len(failing)} MX addresses do not offer the verified TLS that MTA-STS requires"
    if len(failing) == 1:
        message = _headline(*failing[0])
    return finding(
        "mta-sts-tls-failed",
        message,
        meaning=_consequence(policy),
        evidence=tuple(lines),
        advice=tuple(_mend(host) for host in _each_once(failing)[:_SHOWN_HOSTS]),
    )


def _headline(host: HostTls, item: AddressTls) -> str:
    """Name host and address and why, as far as that fits a headline."""
    where, why = _where(host, item), visible(item.unverified or "")
    name = where if host.name is None else visible(host.name)
    told = (
        f"{where} fails MTA-STS: {why}",
        f"{name} fails MTA-STS: {why}",
        f"{where} does not offer verified TLS",
    )
    return next((message for message in told if len(message) <= _HEADLINE), f"{name} does not offer verified TLS")


def _each_once(failing: Sequence[tuple[HostTls, AddressTls]]) -> list[HostTls]:
    return list(dict.fromkeys(host for host, _ in failing))


def _mend(host: HostTls) -> Action:
    name = visible(host.name or host.addresses[0].where[0])
    who = "MX administrator of" if host.by_mx else "Administrator of"
    return Action(f"{who} {name}", f"offer STARTTLS on {name} with a valid certificate for that name.")


def _where(host: HostTls, item: AddressTls) -> str:
    literal = f"[{item.where[1]}]"
    return literal if host.name is None else f"{visible(host.name)} {literal}"


def _consequence(policy: StsPolicy) -> str:
    if policy.mode is Mode.TESTING:
        return "The policy is in mode testing: sending servers report this, and deliver anyway."
    return (
        "Sending servers that enforce MTA-STS do not use the MX host."
        " If no other one meets the policy, they queue the message and finally return it."
    )


def _policy_administrator(domain: str) -> str:
    return f"Administrator of {visible(policy_host(domain))}"


def _text(fetched: Fetched) -> tuple[str, ...]:
    """Return the first lines of the text as it came, printable."""
    whole = (fetched.text or b"").split(b"\n")
    lines = [visible(line.rstrip(b"\r")[:_LONGEST]) for line in whole if line.strip()]
    left = len(lines) - _SHOWN_LINES
    return (*lines[:_SHOWN_LINES], *([f"{counted(left, 'more line')}"] if left > 0 else []))
