"""Reports made by hand for the rules about authentication: contradictory ones, and such as only look like it."""

from tests.contradictions import authentication_rules as rules
from tests.contradictions.checker import Rule
from tests.contradictions.made import found, report, step
from tests.contradictions.seen import Json

V4, V6 = "192.0.2.10", "2001:db8::10"
DMARC, MAIL = "authentication/dmarc", f"authentication/spf/{V4}/mail-from"
KEY = "authentication/dkim/s1@sender.example"


def judged(address: str, spf: str | None, dmarc: str | None, *, dkim: str = "", header: str = "") -> Json:
    """Return what JSON tells of one address; `dkim` is the result of a signature by s1."""
    signed = [{"selector": "s1", "domain": "sender.example", "result": dkim}] if dkim else []
    return {
        "address": address,
        "spf": {"mail_from": {"domain": "sender.example", "result": spf} if spf else None, "ehlo": None},
        "dkim": signed,
        "dmarc": {"result": dmarc} if dmarc else None,
        "results_header": header,
    }


def beyond(name: str, verdict: str) -> list[Json]:
    """Return one verdict of what RCPT does not cover."""
    return [{"name": name, "verdict": verdict, "message": "It is so"}]


def told(code: str, message: str = "", advice: str = "", where: str = DMARC) -> Json:
    """Return a step with a finding."""
    return step(where, found(code, message=message or code, advice=advice))


ADD = f"Add ip4:{V4} to the SPF record of sender.example, before -all."
PUBLISH = 'Publish the TXT record "v=spf1 {} ~all" at sender.example.'
PASS, FAIL = judged(V4, "pass", "pass"), judged(V4, "fail", "fail")

CONTRADICTORY: list[tuple[Rule, Json]] = [
    (
        rules.dmarc_of_json_and_findings,
        report(told("dmarc-would-fail", f"DMARC fails for {V6} and {V4}; it is so"), authentication=[PASS]),
    ),
    (
        rules.dmarc_of_json_and_findings,
        report(told("dmarc-would-pass", f"DMARC passes for {V4}"), authentication=[FAIL]),
    ),
    (rules.advice_to_add_what_passes, report(told("dmarc-would-fail", advice=ADD), authentication=[PASS])),
    (
        rules.two_records_at_one_name,
        report(
            told("spf-none", advice=PUBLISH.format(f"ip4:{V4}"), where=MAIL),
            told("spf-none", advice=PUBLISH.format(f"ip6:{V6}"), where=f"authentication/spf/{V6}/mail-from"),
        ),
    ),
    (rules.beyond_against_results, report(authentication=[FAIL], beyond=beyond("spf", "pass"))),
    (rules.beyond_against_results, report(authentication=[FAIL], beyond=beyond("dmarc", "pass"))),
    (rules.beyond_against_results, report(authentication=[PASS], beyond=beyond("dmarc", "fail"))),
    (
        rules.beyond_against_results,
        report(authentication=[judged(V4, "pass", "pass", dkim="pass")], beyond=beyond("dkim", "fail")),
    ),
    (
        rules.key_against_signature,
        report(told("dkim-key-missing", where=KEY), authentication=[judged(V4, None, None, dkim="pass")]),
    ),
    (
        rules.results_header_against_results,
        report(authentication=[judged(V4, "fail", None, header="mx; spf=pass smtp.mailfrom=a@b")]),
    ),
    (
        rules.results_header_against_results,
        report(authentication=[judged(V4, "pass", "fail", header="mx; dmarc=pass (p=reject) header.from=b")]),
    ),
]
HARMLESS: list[tuple[Rule, Json]] = [
    (
        rules.dmarc_of_json_and_findings,
        report(
            told("dmarc-would-fail", f"DMARC fails for {V6}; it is so"),
            authentication=[PASS, judged(V6, "fail", "fail")],
        ),
    ),
    (
        rules.advice_to_add_what_passes,
        report(told("dmarc-would-fail", advice=ADD.replace("sender", "other")), authentication=[PASS]),
    ),
    (
        rules.two_records_at_one_name,
        report(*(told("spf-none", advice=PUBLISH.format("mx"), where=where) for where in (MAIL, DMARC))),
    ),
    (rules.beyond_against_results, report(authentication=[PASS], beyond=beyond("spf", "pass"))),
    (
        rules.key_against_signature,
        report(told("dkim-key-missing", where=KEY), authentication=[judged(V4, None, None, dkim="permerror")]),
    ),
    (
        rules.results_header_against_results,
        report(authentication=[judged(V4, "pass", "unknown", header="mx; spf=pass smtp.mailfrom=a@b")]),
    ),
]
