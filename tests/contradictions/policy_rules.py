"""What the steps about TLS policy and the rows of strict senders may not say together.

Each rule yields its contradictions in words.
"""

import re
from collections.abc import Iterator

from tests.contradictions.seen import Json, Seen

_DANE = "tls-policy/dane/"
_AT = re.compile(r"(\S{1,60}) (?:presented a certificate|matches) ")
_STATE = re.compile(r"((?:MX|A and AAAA) of \S{1,300}): (secure|insecure|bogus|unknown)")
_MISMATCH = "TLSA record does not match the certificate"
_OUTWEIGHED = "a valid DANE outweighs the failing MTA-STS"
_NO_POLICY = frozenset({"mta-sts-none", "mta-sts-unreachable"})
_ENFORCED = "mode enforce"


def dane_valid_beside_a_dane_sender_that_waits(seen: Seen) -> Iterator[str]:
    """An address matches its TLSA record, and the DANE sender meets something else there than the standard one."""
    for host, address in _places(seen, "dane-valid"):
        dane, standard = (_attempt(seen, row, host, address) for row in ("dane", "standard"))
        if dane is not None and standard is not None and dane["result"] != standard["result"]:
            yield f"DANE is valid at {host} [{address}], and the DANE sender meets {dane['reply']!r} there"


def dane_sender_that_waits_without_a_finding(seen: Seen) -> Iterator[str]:
    """The DANE sender does not deliver for a mismatch, and no finding tells of one at that address."""
    told = set(_places(seen, "dane-mismatch"))
    for attempt in _attempts(seen, "dane"):
        where = attempt["host"], attempt["address"]
        if attempt["reply"] == _MISMATCH and where not in told:
            yield f"the DANE sender meets a mismatch at {where[0]} [{where[1]}], which no finding tells"


def certificate_judged_without_tls(seen: Seen) -> Iterator[str]:
    """A certificate is compared with TLSA records, and the session with that address had no TLS."""
    for host, address in [*_places(seen, "dane-mismatch"), *_places(seen, "dane-valid")]:
        session = seen.steps.get(f"delivery/{host}/{address}")
        if session is not None and not any(entry["tls"] for entry in session["transcript"]):
            yield f"a certificate of {host} [{address}] is judged, and its session had no TLS"


def strict_sender_beside_no_policy(seen: Seen) -> Iterator[str]:
    """No MTA-STS policy is in force, and the sender that enforces it meets other things than the standard one."""
    policy = [item for _, item in seen.having("mta-sts-policy")]
    enforced = any(_ENFORCED in item["message"] for item in policy)
    known = bool(policy) or any(item["code"] in _NO_POLICY for _, item in seen.findings)
    if known and not enforced and _met(seen, "mta-sts") != _met(seen, "standard"):
        yield "no MTA-STS policy is in force, and the MTA-STS sender fares otherwise than the standard one"


def dane_sender_beside_no_records(seen: Seen) -> Iterator[str]:
    """No MX host has TLSA records that count, and the DANE sender meets other things than the standard one."""
    codes = {item["code"] for step, item in seen.findings if step.startswith(_DANE)}
    statuses = {step["status"] for key, step in seen.steps.items() if key.startswith(_DANE)}
    if codes == {"dane-none"} and statuses == {"passed"} and _met(seen, "dane") != _met(seen, "standard"):
        yield "no MX host has TLSA records, and the DANE sender fares otherwise than the standard one"


def name_of_two_states(seen: Seen) -> Iterator[str]:
    """The records of one name are said to be signed, and broken or not signed."""
    states: dict[str, set[str]] = {}
    step = seen.steps.get("tls-policy/dnssec")
    lines = [entry["text"] for entry in step["transcript"]] if step is not None else []
    for found in filter(None, map(_STATE.fullmatch, lines)):
        states.setdefault(found[1], set()).add(found[2])
    for name, told in states.items():
        if len(told) > 1:
            yield f"{name}: {' and '.join(sorted(told))}"
    bogus = [name for name, told in states.items() if told == {"bogus"}]
    findings = {item["code"] for item in step["findings"]} if step is not None else set()
    if bogus and "dnssec-bogus" not in findings:
        yield f"{bogus[0]} is bogus, and no finding tells it"


def outweighed_without_cause(seen: Seen) -> Iterator[str]:
    """A valid DANE is said to outweigh MTA-STS, and DANE is not valid there, or MTA-STS does not fail."""
    for row in seen.report["senders"]:
        if _OUTWEIGHED not in row["summary"]:
            continue
        last = row["attempts"][-1]
        if (last["host"], last["address"]) not in _places(seen, "dane-valid"):
            yield f"DANE is not valid at {last['host']} [{last['address']}], and is said to outweigh MTA-STS"
        if not {"mta-sts-mx-mismatch", "mta-sts-tls-failed"} & seen.codes:
            yield "MTA-STS does not fail, and is said to be outweighed"


def _places(seen: Seen, code: str) -> list[tuple[str, str]]:
    """Return the hosts and addresses that findings of a code are about."""
    found = []
    for step, item in seen.having(code):
        if step.startswith(_DANE):
            at = [match[1] for match in map(_AT.match, item["evidence"]) if match]
            found += [(step.removeprefix(_DANE), address) for address in at]
    return found


def _attempts(seen: Seen, name: str) -> list[Json]:
    return next((row["attempts"] for row in seen.report["senders"] if row["name"] == name), [])


def _attempt(seen: Seen, name: str, host: str, address: str) -> Json | None:
    where = host, address
    return next((item for item in _attempts(seen, name) if (item["host"], item["address"]) == where), None)


def _met(seen: Seen, name: str) -> list[tuple[str, str, str]]:
    return [(item["host"], item["address"], item["result"]) for item in _attempts(seen, name)]


RULES = (
    dane_valid_beside_a_dane_sender_that_waits,
    dane_sender_that_waits_without_a_finding,
    certificate_judged_without_tls,
    strict_sender_beside_no_policy,
    dane_sender_beside_no_records,
    name_of_two_states,
    outweighed_without_cause,
)
