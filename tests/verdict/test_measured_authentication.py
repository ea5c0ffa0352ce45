"""What was measured of SPF, DKIM, DMARC and TLS stands beside a reply that names them."""

from dataclasses import replace

import pytest

from smtpdiag_tui.checks.authentication.per_address import Authenticated
from smtpdiag_tui.demo.hosts import Tls
from smtpdiag_tui.masking.redact import redact
from smtpdiag_tui.render.as_json import to_json
from smtpdiag_tui.report.actions import Action, actions_in
from smtpdiag_tui.report.authentication import Authentication, Dmarc, DmarcResult, Policy, Spf
from smtpdiag_tui.report.facts import Party, SessionEnd, SessionFacts, StepFacts
from smtpdiag_tui.report.findings import Finding, Severity, Side, finding
from smtpdiag_tui.report.reasons import Reason
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.settings import Settings, TlsPolicy
from tests.verdict.making import MX1, SOURCE, causes, refusal, report, session, step
from tests.verdict.refusing import Refusing, first_cause

SPF = b"550 5.7.23 SPF check failed for alice@sender.example\r\n"
BARE = "@ MX 10 mx\nmx A 192.0.2.11\nmail A 192.0.2.10\n"
PLACE = f"authentication/spf/{SOURCE}"
ALLOWED = finding("spf-pass", f"SPF of sender.example passes for {SOURCE}")
FAILS = finding("spf-fail", f"SPF of sender.example fails for {SOURCE}", advice="Add ip4:203.0.113.10.")
BY_MAIL = "MAIL FROM sender.example"


def found_for(result: DmarcResult, policy: Policy | None = Policy.REJECT) -> Step:
    """Return the branch's step, with what DMARC comes to for the source."""
    dmarc = Dmarc("sender.example", "sender.example", policy, result, "")
    seen = Authenticated((Authentication(SOURCE, Spf(), (), dmarc),))
    return step("authentication", observation=seen)


def made(code: str, message: str, advice: str) -> Finding:
    return Finding(code, Severity.FAILURE, message, actions=actions_in(advice))


def refused(*lines: str, reason: Reason = Reason.AUTHENTICATION, party: Party = Party.MACHINE) -> list[Step]:
    return session(MX1, refusal(reason, *lines, meaning="So it is.", advice="Do it.", party=party))


@pytest.mark.parametrize(("address", "source"), [("192.0.2.81", "192.0.2.10"), ("2001:db8::81", "2001:db8::10")])
async def test_spf_that_passes_for_the_very_address_stands_against_the_reply(address: str, source: str) -> None:
    cause, _ = await first_cause(Refusing(SPF, address), Reason.AUTHENTICATION)
    told = f"This run found that SPF of sender.example passes for {source}: the resolver of mx.full.example fails"
    assert told in cause.meaning
    assert cause.contradicted
    record = f"the SPF record of sender.example that authorises {source}"
    checks = f"check that the resolver of mx.full.example returns {record}."
    assert cause.actions == (
        Action("MX administrator of mx.full.example", checks),
        Action("", "Check that every name server of the zone of sender.example returns the same."),
    )


async def test_spf_that_fails_is_one_with_the_reply_and_its_advice_counts() -> None:
    network = Refusing(SPF)
    network.without("sender.example", f'{BARE}@ TXT "v=spf1 ip4:198.51.100.1 -all"')
    cause, seen = await first_cause(network, Reason.AUTHENTICATION)
    step_id = "authentication/spf/192.0.2.10/mail-from"
    [wrong] = [item for item in seen.steps[step_id].findings if item.code == "spf-fail"]
    assert f"{wrong.message}." in cause.meaning
    assert cause.actions == wrong.actions
    assert step_id in cause.evidence
    assert not cause.contradicted


async def test_the_address_of_the_session_counts_where_the_other_familys_fails() -> None:
    network = Refusing(SPF)
    network.without("sender.example", f'{BARE}@ TXT "v=spf1 ip4:192.0.2.10 -all"')
    cause, _ = await first_cause(network, Reason.AUTHENTICATION)
    assert "SPF of sender.example passes for 192.0.2.10" in cause.meaning
    network = Refusing(SPF, "2001:db8::81")
    network.without("sender.example", f'{BARE}@ TXT "v=spf1 ip4:192.0.2.10 -all"')
    cause, _ = await first_cause(network, Reason.AUTHENTICATION)
    assert "SPF of sender.example fails for 2001:db8::10." in cause.meaning


async def test_a_reply_about_the_ehlo_name_is_measured_by_that() -> None:
    reply = b"550 5.7.23 SPF fail, see http://www.openspf.net/Why?s=helo;id=mail.sender.example;ip=192.0.2.10\r\n"
    network = Refusing(reply)
    network.without("sender.example", f'{BARE}@ TXT "v=spf1 +all"\nmail TXT "v=spf1 -all"')
    cause, _ = await first_cause(network, Reason.AUTHENTICATION)
    assert "SPF of mail.sender.example fails for 192.0.2.10" in cause.meaning.replace("EHLO name ", "")
    plain, _ = await first_cause(Refusing(reply), Reason.AUTHENTICATION)
    assert "This run" not in plain.meaning  # the name has no record: nothing was measured


async def test_a_reply_about_another_address_is_about_their_proxy() -> None:
    reply = b"550 5.7.23 SPF fail - not authorized, s=helo;id=mail.sender.example;ip=172.18.0.1\r\n"
    cause, _ = await first_cause(Refusing(reply), Reason.AUTHENTICATION)
    assert "This run" not in cause.meaning
    item = refused("550 5.7.23 SPF fail ip=172.18.0.1", party=Party.SERVER)
    [cause] = causes(report(item, step(f"{PLACE}/mail-from", FAILS)))
    assert cause.meaning == "So it is."


async def test_what_was_measured_is_masked() -> None:
    cause, seen = await first_cause(Refusing(SPF), Reason.AUTHENTICATION)
    text = to_json(redact(replace(seen, causes=(cause,), actions=cause.actions)))
    assert "192.0.2.10" not in text
    assert "mail.sender.example" not in text


def test_a_report_from_a_file_has_the_findings_alone() -> None:
    fails = step(f"{PLACE}/mail-from", FAILS)
    [cause] = causes(report(refused("550 5.7.23 SPF"), fails))
    assert cause.meaning == f"So it is. {FAILS.message}."
    assert cause.actions == FAILS.actions
    allowed = Step(f"{PLACE}/mail-from", BY_MAIL, findings=(ALLOWED,))
    [cause] = causes(report(refused("550 5.7.23 SPF"), allowed))
    assert f"This run found that SPF of sender.example passes for {SOURCE}" in cause.meaning
    assert cause.contradicted


def test_spf_of_another_address_and_of_an_earlier_run_says_nothing() -> None:
    other = step("authentication/spf/198.51.100.7/mail-from", FAILS)
    stale = step(f"{PLACE}/mail-from", FAILS, stale=True)
    for item in (other, stale):
        [cause] = causes(report(refused("550 5.7.23 SPF"), item))
        assert (cause.meaning, cause.contradicted) == ("So it is.", False)


def test_one_standard_that_passes_does_not_contradict_a_reply_that_names_two() -> None:
    allowed = Step(f"{PLACE}/mail-from", BY_MAIL, findings=(ALLOWED,))
    reply = "550-5.7.26 SPF did not pass, DKIM did not pass"
    [cause] = causes(report(refused(reply), allowed))
    assert (cause.meaning, cause.contradicted) == ("So it is.", False)
    gone = made("dkim-key-missing", "DKIM key at mail._domainkey.sender.example does not exist", "Publish it.")
    [cause] = causes(report(refused(reply), allowed, step("authentication/dkim/mail@sender.example", gone)))
    assert cause.meaning == f"So it is. {gone.message}."
    assert cause.advice == "Publish it."


def test_a_key_that_no_signature_needs_explains_no_refusal() -> None:
    gone = made("dkim-key-missing", "No DKIM key at old._domainkey.sender.example", "Publish it.")
    key = step("authentication/dkim/old@sender.example", gone)
    reply = refused("550 5.7.20 No passing DKIM signature found")
    valid = step(
        "authentication/message", finding("dkim-signature-valid", "DKIM signature s1@sender.example is valid")
    )
    [agreed] = causes(report(reply, key))
    [alone] = causes(report(reply, key, valid))
    assert gone.message in agreed.meaning
    assert gone.message not in alone.meaning
    assert not alone.contradicted


def test_a_reply_that_names_no_standard_is_joined_by_what_fails_and_never_contradicted() -> None:
    reply = "550 5.7.1 unauthenticated mail"
    [cause] = causes(report(refused(reply), step(f"{PLACE}/mail-from", FAILS)))
    assert cause.meaning == f"So it is. {FAILS.message}."
    allowed = Step(f"{PLACE}/mail-from", BY_MAIL, findings=(ALLOWED,))
    [cause] = causes(report(refused(reply), allowed))
    assert (cause.meaning, cause.contradicted) == ("So it is.", False)


def test_dmarc_is_measured_for_the_address() -> None:
    wrong = made("dmarc-would-fail", "DMARC of sender.example fails", "Sign it.")
    reply = "550 5.7.1 rejected by the DMARC policy of sender.example"
    of_dmarc = step("authentication/dmarc", wrong)
    [cause] = causes(report(refused(reply), found_for(DmarcResult.FAIL), of_dmarc))
    assert (cause.meaning, cause.advice) == (f"So it is. {wrong.message}.", "Sign it.")
    [cause] = causes(report(refused(reply), found_for(DmarcResult.PASS), of_dmarc))
    assert f"This run found that DMARC of sender.example passes for {SOURCE}: the resolver of" in cause.meaning
    assert cause.contradicted


def test_where_dmarc_hangs_on_dkim_spf_tells_what_is_known() -> None:
    reply = "550 5.7.1 rejected by the DMARC policy of sender.example"
    of_dmarc = step("authentication/dmarc")
    steps = (found_for(DmarcResult.UNKNOWN), of_dmarc)
    [cause] = causes(report(refused(reply), *steps, step(f"{PLACE}/mail-from", FAILS)))
    assert cause.meaning == f"So it is. {FAILS.message}."
    allowed = Step(f"{PLACE}/mail-from", BY_MAIL, findings=(ALLOWED,))
    [cause] = causes(report(refused(reply), *steps, allowed))
    assert (cause.meaning, cause.contradicted) == ("So it is.", False)


def encrypted(tls: str, *more: Step, settings: Settings | None = None) -> Report:
    """Return a report of a session that was refused for want of TLS."""
    steps = refused("530 5.7.0 Must issue STARTTLS", reason=Reason.TLS_REQUIRED)
    facts = StepFacts(sources=(SOURCE,), session=SessionFacts(SessionEnd.REJECTED, tls=tls))
    return report([replace(steps[0], facts=facts), *steps[1:]], *more, settings=settings)


def test_tls_that_was_used_stands_against_a_reply_that_asks_for_it() -> None:
    [cause] = causes(encrypted("TLSv1.3"))
    assert cause.meaning == "So it is. The session used TLS 1.3 when mx1.partner.example rejected it."
    assert cause.contradicted
    what = "check why mx1.partner.example requires TLS in a session with TLS 1.3."
    assert cause.actions == (Action("MX administrator of mx1.partner.example", what),)


def test_old_tls_is_one_with_the_reply() -> None:
    [cause] = causes(encrypted("TLSv1"))
    assert cause.meaning == "So it is. The session used TLS 1; mx1.partner.example may require a later version."
    assert (cause.advice, cause.contradicted) == ("Do it.", False)


def test_why_there_was_no_tls_is_told() -> None:
    missing = finding("starttls-not-offered", "mx1.partner.example does not offer STARTTLS", advice="Offer it.")
    [cause] = causes(encrypted("", step(f"{MX1}/starttls", missing)))
    assert (cause.meaning, cause.advice) == (f"So it is. {missing.message}.", "Offer it.")
    off = Settings("alice@sender.example", "bob@partner.example", tls=TlsPolicy.OFF)
    [cause] = causes(encrypted("", settings=off))
    assert cause.meaning == "So it is. This run used no TLS (--tls off)."
    assert cause.advice == "Rerun with --tls auto."
    [cause] = causes(encrypted(""))
    assert cause.meaning == "So it is."


async def test_a_server_that_asks_for_tls_over_tls_is_met_in_a_run() -> None:
    reply = b"554 5.7.0 TLS required\r\n"
    cause, _ = await first_cause(Refusing(reply), Reason.TLS_REQUIRED)
    assert cause.contradicted
    assert "The session used TLS 1.3 when mx.full.example rejected it." in cause.meaning
    network = Refusing(reply)
    network.hosts["192.0.2.81"] = replace(network.hosts["192.0.2.81"], tls=Tls.ABSENT)
    cause, _ = await first_cause(network, Reason.TLS_REQUIRED)
    assert not cause.contradicted
    assert "does not offer STARTTLS" in cause.meaning


def test_the_side_stays_the_replys() -> None:
    [cause] = causes(report(refused("550 5.7.23 SPF"), step(f"{PLACE}/mail-from", FAILS)))
    assert cause.side is Side.HERE
