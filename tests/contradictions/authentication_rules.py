"""What SPF, DKIM, DMARC and what RCPT does not cover may not say apart from each other."""

import re
from collections.abc import Iterator

from tests.contradictions.seen import Json, Seen

_TERM = re.compile(r"\bip[46]:(\S+?)(?=[\s,;]|\.?$)")
_PUBLISH = re.compile(r'ublish the TXT record "(v=[A-Za-z]+[0-9]?)[^"]*" at (\S+)\.')
_NO_PASS = ("fail", "softfail", "neutral", "none", "permerror")
_WORD = re.compile(r"\b(spf|dkim|dmarc)=([a-z]+)")


def dmarc_of_json_and_findings(seen: Seen) -> Iterator[str]:
    """An address passes in JSON, and a finding says that DMARC fails for it or hangs on DKIM; or the other way."""
    for item in _judged(seen):
        address, result = item["address"], item["dmarc"]["result"]
        fails = _names(seen, address, "dmarc-would-fail", "dmarc-depends-on-dkim")
        passes = _names(seen, address, "dmarc-would-pass")
        if result == "pass" and fails:
            yield f"DMARC passes for {address}, beside {fails}"
        if result != "pass" and passes:
            yield f"DMARC is {result} for {address}, beside {passes}"


def advice_to_add_what_passes(seen: Seen) -> Iterator[str]:
    """SPF passes for an address, and a finding about what it refuses says to list it in that record."""
    for item in seen.report["authentication"]:
        mail_from = item["spf"]["mail_from"]
        if mail_from is None or mail_from["result"] != "pass":
            continue
        for step, told in seen.having("spf-fail", "spf-softfail", "spf-neutral", "spf-none", "dmarc-would-fail"):
            same = f"record of {mail_from['domain']}" in (told["advice"] or "")
            if same and item["address"] in _TERM.findall(told["advice"]):
                yield f"SPF passes for {item['address']}, and {step} {told['code']} says {told['advice']!r}"


def two_records_at_one_name(seen: Seen) -> Iterator[str]:
    """Two different records of one standard are to be published at a name: receivers would use neither."""
    wanted: dict[tuple[str, str], set[str]] = {}
    for _, told in seen.findings:
        for found in _PUBLISH.finditer(told["advice"] or ""):
            wanted.setdefault((found[1], found[2]), set()).add(found[0])
    for (version, name), texts in wanted.items():
        if len(texts) > 1:
            yield f"{len(texts)} {version} records are advised at {name}: {sorted(texts)}"


def beyond_against_results(seen: Seen) -> Iterator[str]:
    """What RCPT does not cover is told to pass where a result fails, or to fail where all pass."""
    verdicts = {item["name"]: item["verdict"] for item in seen.report["beyond"]}
    spf = [
        item["spf"]["mail_from"]["result"] for item in seen.report["authentication"] if item["spf"]["mail_from"]
    ]
    dmarc = [item["dmarc"]["result"] for item in _judged(seen)]
    if verdicts.get("spf") == "pass" and set(spf) & set(_NO_PASS):
        yield f"beyond says that SPF passes, the results are {spf}"
    if verdicts.get("dmarc") == "pass" and set(dmarc) != {"pass"}:
        yield f"beyond says that DMARC passes, the results are {dmarc}"
    if verdicts.get("dmarc") == "fail" and "fail" not in dmarc:
        yield f"beyond says that DMARC fails, the results are {dmarc}"
    signed = {item["result"] for one in seen.report["authentication"] for item in one["dkim"]}
    if verdicts.get("dkim") == "fail" and "pass" in signed:
        yield "beyond says that DKIM fails, and a signature verifies"


def key_against_signature(seen: Seen) -> Iterator[str]:
    """A signature verifies, and its key is missing, revoked, invalid or was not looked up; or the other way."""
    bad = ("dkim-key-missing", "dkim-key-revoked", "dkim-key-invalid", "dkim-lookup-failed")
    wrong = {step.name: item["code"] for step, item in seen.having(*bad)}
    for one in seen.report["authentication"]:
        for item in one["dkim"]:
            name = f"{item['selector']}@{item['domain']}"
            if item["result"] == "pass" and name in wrong:
                yield f"the signature {name} verifies, beside {wrong[name]}"


def results_header_against_results(seen: Seen) -> Iterator[str]:
    """The field that a receiver would write says something else than the results beside it."""
    for item in seen.report["authentication"]:
        told: dict[str, list[str]] = {}
        for method, result in _WORD.findall(item["results_header"]):
            told.setdefault(method, []).append(result)
        mail_from, dmarc = item["spf"]["mail_from"], item["dmarc"]
        if "spf" in told and (mail_from is None or told["spf"] != [mail_from["result"]]):
            yield f"the header says spf={told['spf']}, the result is {mail_from}"
        if "dmarc" in told and (dmarc is None or told["dmarc"] != [dmarc["result"]]):
            yield f"the header says dmarc={told['dmarc']}, the result is {dmarc}"


def _judged(seen: Seen) -> list[Json]:
    return [item for item in seen.report["authentication"] if item["dmarc"] is not None]


def _names(seen: Seen, address: str | None, *codes: str) -> str:
    """Return the code of the first finding that names an address in its headline, "" without one."""
    for _, item in seen.having(*codes):
        words = re.split(r"[\s,;]+", item["message"])
        if address is not None and address in words:
            return str(item["code"])
    return ""


RULES = (
    dmarc_of_json_and_findings,
    advice_to_add_what_passes,
    two_records_at_one_name,
    beyond_against_results,
    key_against_signature,
    results_header_against_results,
)
