"""Reports about TLS policy that contradict themselves, and such as only look like it."""

from tests.contradictions import policy_rules
from tests.contradictions.checker import Rule
from tests.contradictions.made import MX, OK, found, report, session, step
from tests.contradictions.seen import Json

HOST, ADDRESS = "mx1.partner.example", "192.0.2.21"
STEP = f"tls-policy/dane/{HOST}"
MISMATCH = "TLSA record does not match the certificate"
VALID = step(STEP, found("dane-valid", f"{ADDRESS} matches _25._tcp.{HOST}. IN TLSA 3 1 1 ab"))
WRONG = step(STEP, found("dane-mismatch", f"{ADDRESS} presented a certificate of TLSA 3 1 1 ab"))
NO_RECORDS = step(STEP, found("dane-none"))
NOT_ENFORCED = step("tls-policy/mta-sts", found("mta-sts-none"))
TESTING = step("tls-policy/mta-sts", found("mta-sts-policy", message="policy of a.example, mode testing"))
ENFORCED = step("tls-policy/mta-sts", found("mta-sts-policy", message="policy of a.example, mode enforce"))
FAILING = step("tls-policy/mta-sts", found("mta-sts-mx-mismatch"))
OUTWEIGHED = "accepted; a valid DANE outweighs the failing MTA-STS (common practice)"
UNLISTED = "not in the MTA-STS policy"


def row(name: str, reply: str = "250 2.1.5 Ok", summary: str = "") -> Json:
    """Return the row of one kind of sender that came to one address."""
    result = "accepted" if reply.startswith("250") else "transient"
    attempt = {"host": HOST, "address": ADDRESS, "result": result, "reply": reply}
    return {"name": name, "summary": summary, "attempts": [attempt]}


def told(*steps: Json, **replies: str) -> Json:
    """Return a report with the standard sender's row, and others by what they met."""
    rows = [row(name.replace("_", "-"), reply) for name, reply in replies.items()]
    return report(*steps, senders=[row("standard"), *rows])


def outweighing(*steps: Json) -> Json:
    """Return a report in which a valid DANE is said to outweigh MTA-STS."""
    return report(*steps, senders=[row("dane-or-mta-sts", summary=OUTWEIGHED)])


def states(*lines: str, codes: tuple[str, ...] = ()) -> Json:
    """Return a report of which names are signed."""
    return report(step("tls-policy/dnssec", *map(found, codes), notes=lines))


def in_tls() -> Json:
    """Return a session that turned to TLS."""
    made = session(MX, *OK)
    return made | {"transcript": [entry | {"tls": True} for entry in made["transcript"]]}


CONTRADICTORY: list[tuple[Rule, Json]] = [
    (policy_rules.dane_valid_beside_a_dane_sender_that_waits, told(VALID, dane=MISMATCH)),
    (policy_rules.dane_sender_that_waits_without_a_finding, told(VALID, dane=MISMATCH)),
    (policy_rules.certificate_judged_without_tls, report(session(MX, *OK), WRONG)),
    (policy_rules.certificate_judged_without_tls, report(session(MX, *OK), VALID)),
    (policy_rules.strict_sender_beside_no_policy, told(NOT_ENFORCED, mta_sts=UNLISTED)),
    (policy_rules.strict_sender_beside_no_policy, told(TESTING, mta_sts=UNLISTED)),
    (policy_rules.dane_sender_beside_no_records, told(NO_RECORDS, dane=MISMATCH)),
    (
        policy_rules.name_of_two_states,
        states("MX of a.example: secure", "MX of a.example: bogus", codes=("dnssec-bogus",)),
    ),
    (policy_rules.name_of_two_states, states("MX of a.example: bogus", codes=("dnssec-secure",))),
    (policy_rules.outweighed_without_cause, outweighing(WRONG, FAILING)),
    (policy_rules.outweighed_without_cause, outweighing(VALID, ENFORCED)),
]
HARMLESS: list[tuple[Rule, Json]] = [
    (policy_rules.dane_valid_beside_a_dane_sender_that_waits, told(VALID, dane="250 2.1.5 Ok")),
    (policy_rules.dane_valid_beside_a_dane_sender_that_waits, told(WRONG, dane=MISMATCH)),
    (policy_rules.dane_sender_that_waits_without_a_finding, told(WRONG, dane=MISMATCH)),
    (policy_rules.certificate_judged_without_tls, report(in_tls(), WRONG)),
    (policy_rules.strict_sender_beside_no_policy, told(ENFORCED, mta_sts=UNLISTED)),
    (policy_rules.strict_sender_beside_no_policy, told(NOT_ENFORCED, mta_sts="250 2.1.5 Ok")),
    (policy_rules.dane_sender_beside_no_records, told(NO_RECORDS, dane="250 2.1.5 Ok")),
    (policy_rules.dane_sender_beside_no_records, told(WRONG, dane=MISMATCH)),
    (
        policy_rules.name_of_two_states,
        states("MX of a.example: secure", "A and AAAA of a.example: bogus", codes=("dnssec-bogus",)),
    ),
    (policy_rules.outweighed_without_cause, outweighing(VALID, FAILING)),
]
