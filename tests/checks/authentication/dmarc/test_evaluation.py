"""What DMARC comes to: results, policies, reasons (RFC 9989 §4.10, §5.3)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpdiag_tui.checks.authentication.dmarc.evaluation import evaluate
from smtpdiag_tui.checks.authentication.seen import Signature
from smtpdiag_tui.report.authentication import DkimResult, DmarcResult, Policy, SpfIdentity, SpfResult
from tests.checks.authentication.dmarc.zone import FAILED, Zone, author, evaluated, signature, spf

REJECT = "v=DMARC1; p=reject"
ZONE: Zone = {"sender.example": REJECT}
NET = "other.net"
PASS, FAIL, NONE, TEMP, PERM, UNKNOWN = (
    DmarcResult.PASS,
    DmarcResult.FAIL,
    DmarcResult.NONE,
    DmarcResult.TEMPERROR,
    DmarcResult.PERMERROR,
    DmarcResult.UNKNOWN,
)


@pytest.mark.parametrize(
    ("mail_from", "signatures", "result", "because"),
    [
        (spf("sender.example"), None, PASS, "SPF of sender.example passes, aligned with sender.example"),
        (
            spf("bounce.sender.example"),
            None,
            PASS,
            "SPF of bounce.sender.example passes, aligned with sender.example",
        ),
        (spf("sender.example"), [], PASS, "SPF of sender.example passes, aligned with sender.example"),
        (spf(NET), None, UNKNOWN, "SPF of other.net passes, but is not aligned with sender.example"),
        (spf("sender.example", SpfResult.FAIL), None, UNKNOWN, "SPF of sender.example fails"),
        (spf("sender.example", SpfResult.NONE), None, UNKNOWN, "SPF of sender.example is none"),
        (spf("sender.example", SpfResult.PERMERROR), None, UNKNOWN, "SPF of sender.example is permerror"),
        (spf("sender.example", SpfResult.TEMPERROR), None, TEMP, "SPF of sender.example could not be evaluated"),
        (spf(NET, SpfResult.TEMPERROR), None, UNKNOWN, "SPF of other.net is temperror"),
        (None, None, UNKNOWN, "SPF is unknown"),
        (None, [], UNKNOWN, "SPF is unknown"),
        (
            None,
            [signature("sender.example")],
            PASS,
            "the DKIM signature of sender.example verifies, aligned with sender.example",
        ),
        (
            spf("sender.example", SpfResult.FAIL),
            [signature(NET), signature("mail.sender.example")],
            PASS,
            "the DKIM signature of mail.sender.example verifies, aligned with sender.example",
        ),
        (
            spf("sender.example", SpfResult.FAIL),
            [],
            FAIL,
            "SPF of sender.example fails, and the message has no DKIM signature",
        ),
        (
            spf(NET),
            [signature("sender.example", DkimResult.FAIL), signature(NET)],
            FAIL,
            "SPF of other.net passes, but is not aligned with sender.example, and no DKIM signature of the"
            " message verifies"
            " and is aligned with sender.example",
        ),
        (
            spf("sender.example", SpfResult.SOFTFAIL),
            [signature("sender.example", DkimResult.PERMERROR)],
            FAIL,
            "SPF of sender.example is softfail, and no DKIM signature of the message verifies and is aligned with"
            " sender.example",
        ),
        (
            spf("sender.example", SpfResult.FAIL),
            [signature("sender.example", DkimResult.TEMPERROR)],
            TEMP,
            "the key or domain of the DKIM signature of sender.example could not be looked up",
        ),
        (
            spf("sender.example", SpfResult.FAIL),
            [signature(NET, DkimResult.TEMPERROR)],
            FAIL,
            "SPF of sender.example fails, and no DKIM signature of the message verifies and is aligned with"
            " sender.example",
        ),
    ],
)
def test_results(
    mail_from: SpfIdentity | None, signatures: list[Signature] | None, result: DmarcResult, because: str
) -> None:
    found = evaluated(ZONE, "sender.example", mail_from, signatures)
    assert (found.result, found.because) == (result, because)
    assert (found.domain, found.organizational_domain, found.policy) == (
        "sender.example",
        "sender.example",
        Policy.REJECT,
    )


@pytest.mark.parametrize(
    ("tags", "domain", "result"),
    [
        ("aspf=s", "bounce.sender.example", UNKNOWN),
        ("aspf=s", "sender.example", PASS),
        ("adkim=s", "bounce.sender.example", PASS),
    ],
)
def test_strict_spf(tags: str, domain: str, result: DmarcResult) -> None:
    assert evaluated({"sender.example": f"{REJECT}; {tags}"}, "sender.example", spf(domain)).result is result


@pytest.mark.parametrize(
    ("tags", "domain", "result"),
    [
        ("adkim=s", "mail.sender.example", FAIL),
        ("adkim=s", "sender.example", PASS),
        ("aspf=s", "mail.sender.example", PASS),
    ],
)
def test_strict_dkim(tags: str, domain: str, result: DmarcResult) -> None:
    mail_from = spf("sender.example", SpfResult.FAIL)
    found = evaluated({"sender.example": f"{REJECT}; {tags}"}, "sender.example", mail_from, [signature(domain)])
    assert found.result is result


@pytest.mark.parametrize(
    ("zone", "domain", "exists", "policy"),
    [
        ({"sender.example": "v=DMARC1; p=none; sp=reject"}, "sender.example", True, Policy.NONE),
        ({"sender.example": "v=DMARC1; p=none; sp=reject"}, "a.sender.example", True, Policy.REJECT),
        ({"sender.example": "v=DMARC1; p=none; sp=reject"}, "a.sender.example", False, Policy.REJECT),
        ({"sender.example": "v=DMARC1; p=none; np=reject"}, "a.sender.example", False, Policy.REJECT),
        ({"sender.example": "v=DMARC1; p=none; np=reject"}, "a.sender.example", True, Policy.NONE),
        # Whether it exists is not known: then it does.
        ({"sender.example": "v=DMARC1; p=none; np=reject"}, "a.sender.example", None, Policy.NONE),
        ({"sender.example": "v=DMARC1; p=none; np=reject"}, "sender.example", False, Policy.NONE),
        # A domain's own record goes before its organization's sp.
        (
            {"sender.example": "v=DMARC1; p=none; sp=reject", "a.sender.example": "v=DMARC1; p=quarantine"},
            "a.sender.example",
            True,
            Policy.QUARANTINE,
        ),
        ({"sender.example": "v=DMARC1; p=reject; t=y"}, "sender.example", True, Policy.QUARANTINE),
        ({"sender.example": "v=DMARC1; p=quarantine; t=y"}, "sender.example", True, Policy.NONE),
        ({"sender.example": "v=DMARC1; p=none; t=y"}, "sender.example", True, Policy.NONE),
        ({"sender.example": "v=DMARC1; p=none; sp=reject; t=y"}, "a.sender.example", True, Policy.QUARANTINE),
        # pct is gone: it changes nothing.
        ({"sender.example": "v=DMARC1; p=reject; pct=0"}, "sender.example", True, Policy.REJECT),
        # A public suffix's record, where the organization has none.
        ({"example": "v=DMARC1; p=reject; sp=quarantine; psd=y"}, "sender.example", True, Policy.QUARANTINE),
        ({"example": "v=DMARC1; p=reject; sp=quarantine; psd=y"}, "example", True, Policy.REJECT),
    ],
)
def test_policies(zone: Zone, domain: str, exists: bool | None, policy: Policy) -> None:
    found = evaluate(author(zone, domain, exists=exists), spf(domain), None)
    assert (found.policy, found.result) == (policy, PASS)


@pytest.mark.parametrize(
    ("zone", "result", "because"),
    [
        ({}, NONE, "sender.example has no DMARC record"),
        ({"sender.example": [REJECT, REJECT]}, NONE, "sender.example has no DMARC record"),
        ({"sender.example": "v=DMARC1; p=rejct"}, PERM, "the record of sender.example has no usable policy"),
        ({"sender.example": FAILED}, TEMP, "the query for _dmarc.sender.example failed"),
        ({"example": FAILED}, TEMP, "the query for _dmarc.example failed"),
    ],
)
def test_without_a_record_that_can_be_used(zone: Zone, result: DmarcResult, because: str) -> None:
    found = evaluated(zone, "sender.example", spf("sender.example"), [signature("sender.example")])
    assert (found.result, found.because, found.policy) == (result, because, None)


def test_a_parent_that_cannot_be_asked_leaves_only_foreign_names_open() -> None:
    zone: Zone = {"sender.example": REJECT, "example": FAILED}
    assert evaluated(zone, "sender.example", spf("sender.example")).result is PASS
    open_one = evaluated(zone, "sender.example", spf("bounce.sender.example"))
    assert open_one.result is TEMP
    assert open_one.because == "the organizational domain of bounce.sender.example could not be looked up"
    assert evaluated(zone, "sender.example", spf(NET), []).result is FAIL


def test_the_rfcs_session() -> None:
    """B.3.1: both identifiers are aligned."""
    zone: Zone = {"example.com": "v=DMARC1; p=reject; aspf=r; rua=mailto:dmarc-feedback@example.com"}
    assert evaluated(zone, "example.com", spf("mail.example.com"), []).result is PASS
    only_dkim = evaluated(zone, "example.com", spf(NET, SpfResult.NONE), [signature("example.com")])
    assert only_dkim.result is PASS


DOMAINS = st.sampled_from(["sender.example", "a.sender.example", NET, "example", "x.y.z.other.net"])
RECORDS = st.sampled_from(
    [REJECT, "v=DMARC1; p=none", f"{REJECT}; aspf=s; adkim=s", f"{REJECT}; psd=y", "v=DMARC1", FAILED, "v=spf1"]
)


@given(
    st.dictionaries(DOMAINS, RECORDS),
    DOMAINS,
    st.none() | st.builds(SpfIdentity, DOMAINS, st.sampled_from(SpfResult)),
)
def test_nothing_fails_without_a_message(zone: dict[str, str], domain: str, mail_from: SpfIdentity | None) -> None:
    assert evaluated(zone, domain, mail_from, None).result is not FAIL


@given(
    st.dictionaries(DOMAINS, RECORDS),
    DOMAINS,
    st.none() | st.builds(SpfIdentity, DOMAINS, st.sampled_from(SpfResult)),
    st.lists(st.builds(Signature, st.just("s1"), DOMAINS, st.sampled_from(DkimResult)), max_size=3),
)
def test_a_fail_is_sure_and_a_pass_has_its_reason(
    zone: dict[str, str], domain: str, mail_from: SpfIdentity | None, signatures: list[Signature]
) -> None:
    found = evaluated(zone, domain, mail_from, signatures)
    if found.result is FAIL:
        assert mail_from is not None
        assert not (mail_from.result is SpfResult.PASS and mail_from.domain == domain)
        assert not any(item.result is DkimResult.PASS and item.domain == domain for item in signatures)
    if found.result is PASS:
        spf_passes = mail_from is not None and mail_from.result is SpfResult.PASS
        assert spf_passes or any(item.result is DkimResult.PASS for item in signatures)
    assert (found.policy is None) == (found.result in (NONE, PERM) or "_dmarc." in found.because)
