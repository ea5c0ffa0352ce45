"""What a policy means for the MX hosts of its domain: findings, and why senders that enforce it do not deliver."""

from dataclasses import replace

import pytest

from smtpdiag_tui.checks.tls_policy.fetched import Fetched, HttpReply, Trouble
from smtpdiag_tui.checks.tls_policy.host_tls import AddressTls, HostTls
from smtpdiag_tui.checks.tls_policy.mta_sts import StsPublished, judge
from smtpdiag_tui.checks.tls_policy.mta_sts_policy import Mode, read_policy
from smtpdiag_tui.checks.tls_policy.mta_sts_record import StsRecord
from smtpdiag_tui.report.findings import Finding
from smtpdiag_tui.report.status import Status
from tests.checks.making import codes

DOMAIN, HOST = "partner.example", "mta-sts.partner.example"
URL = f"https://{HOST}/.well-known/mta-sts.txt"
RECORD = StsRecord(("v=STSv1; id=1;",), "1")
BAD_RECORD = StsRecord(("v=STSv1;",), "", "the record has no id")
MX1, MX2 = ("mx1.partner.example", "192.0.2.21"), ("mx2.partner.example", "192.0.2.22")
EXPIRED = "certificate expired 3 days ago"


def published(text: str, record: StsRecord = RECORD) -> StsPublished:
    octets = text.encode()
    fetched = Fetched(HOST, "192.0.2.180", reply=HttpReply(200, ("text/plain",), body=octets))
    return StsPublished(DOMAIN, record, fetched=fetched, policy=read_policy(octets))


def text(mode: Mode = Mode.ENFORCE, mx: str = "mx1.partner.example", age: int = 604800) -> str:
    return f"version: STSv1\nmode: {mode}\nmx: {mx}\nmax_age: {age}\n"


def unreachable(
    trouble: Trouble, why: str, record: StsRecord = RECORD, address: str | None = None
) -> StsPublished:
    return StsPublished(DOMAIN, record, fetched=Fetched(HOST, address, trouble=trouble, why=why))


def host(where: tuple[str, str], unverified: str | None = None) -> HostTls:
    return HostTls(where[0], (AddressTls(where, unverified),))


def one(found: tuple[Finding, ...], code: str) -> Finding:
    [item] = [item for item in found if item.code == code]
    assert len(item.message) <= 80
    return item


def test_a_policy_that_all_hosts_meet() -> None:
    judged = judge(published(text(mx="*.partner.example")), [host(MX1), host(MX2)])
    assert codes(judged.findings) == ["mta-sts-policy"]
    assert (judged.detail, judged.status, judged.unmet) == ("enforce", None, {})
    assert judged.findings[0].evidence == tuple(text(mx="*.partner.example").splitlines())


def test_a_host_that_the_policy_does_not_list() -> None:
    judged = judge(published(text()), [host(MX1), host(MX2)])
    found = one(judged.findings, "mta-sts-mx-mismatch")
    assert found.message == "mx2.partner.example is not in the MTA-STS policy of partner.example"
    assert found.meaning == (
        "Sending servers that enforce MTA-STS do not use the MX host."
        " If no other one meets the policy, they queue the message and finally return it."
    )
    assert [str(action) for action in found.actions] == [
        f"Administrator of {HOST}: add the line 'mx: mx2.partner.example' to {URL} and then change the id in"
        f" the TXT"
        " record at _mta-sts.partner.example."
    ]
    assert (found.side, found.severity) == ("recipient", "warning")
    assert judged.unmet == {MX2: "not in the MTA-STS policy"}
    assert judged.detail == "enforce (1 MX host not listed)"


def test_many_hosts_that_the_policy_does_not_list_are_one_finding() -> None:
    hosts = [host((f"mx{n}.other.example", f"192.0.2.{n}")) for n in range(1, 6)]
    judged = judge(published(text()), hosts)
    found = one(judged.findings, "mta-sts-mx-mismatch")
    assert found.message == "5 MX hosts are not in the MTA-STS policy of partner.example"
    assert found.evidence[:5] == tuple(f"not listed: mx{n}.other.example" for n in range(1, 6))
    assert "'mx: mx1.other.example', 'mx: mx2.other.example', 'mx: mx3.other.example' and 2 more" in found.advice
    assert len(judged.unmet) == 5


def test_a_certificate_that_does_not_verify() -> None:
    judged = judge(published(text()), [host(MX1, EXPIRED)])
    found = one(judged.findings, "mta-sts-tls-failed")
    assert found.message == f"mx1.partner.example [192.0.2.21] fails MTA-STS: {EXPIRED}"
    assert str(found.actions[0]) == (
        "MX administrator of mx1.partner.example: offer STARTTLS on mx1.partner.example with a valid certificate"
        " for that name."
    )
    assert judged.unmet == {MX1: EXPIRED}
    assert judged.detail == "enforce (TLS failed at 1 address)"


def test_a_headline_leaves_out_the_address_where_there_is_no_room() -> None:
    judged = judge(published(text()), [host(MX1, "certificate not trusted (unknown issuer)")])
    found = one(judged.findings, "mta-sts-tls-failed")
    assert found.message == "mx1.partner.example fails MTA-STS: certificate not trusted (unknown issuer)"


def test_each_address_counts_by_itself() -> None:
    second = (MX1[0], "2001:db8::21")
    both = HostTls(MX1[0], (AddressTls(MX1, None), AddressTls(second, "STARTTLS not offered")))
    judged = judge(published(text()), [both])
    assert judged.unmet == {second: "STARTTLS not offered"}
    more = HostTls(MX1[0], (AddressTls(MX1, EXPIRED), AddressTls(second, "STARTTLS not offered")))
    found = one(judge(published(text()), [more]).findings, "mta-sts-tls-failed")
    assert found.message == "2 MX addresses do not offer the verified TLS that MTA-STS requires"
    assert found.evidence == (
        f"mx1.partner.example [192.0.2.21]: {EXPIRED}",
        "mx1.partner.example [2001:db8::21]: STARTTLS not offered",
    )
    assert len(found.actions) == 1


def test_a_host_that_is_neither_listed_nor_verified_is_told_as_both() -> None:
    judged = judge(published(text()), [host(MX2, EXPIRED)])
    assert codes(judged.findings) == ["mta-sts-policy", "mta-sts-mx-mismatch", "mta-sts-tls-failed"]
    assert judged.unmet == {MX2: "not in the MTA-STS policy"}
    assert judged.detail == "enforce (1 MX host not listed; TLS failed at 1 address)"


def test_tls_that_was_not_seen_is_not_known() -> None:
    judged = judge(published(text()), [host(MX1, "")])
    assert codes(judged.findings) == ["mta-sts-policy"]
    assert judged.unmet == {MX1: ""}


def test_a_long_name_does_not_make_the_headline_long() -> None:
    name = "a-very-long-mail-host-name.of-a-cluster.partner.example"
    judged = judge(published(text(mx=name)), [host((name, "2001:db8:1111:2222:3333:4444:5555:6666"), EXPIRED)])
    found = next(item for item in judged.findings if item.code == "mta-sts-tls-failed")
    assert found.message == f"{name} does not offer verified TLS"


def test_mode_testing_never_keeps_mail_back() -> None:
    judged = judge(published(text(Mode.TESTING)), [host(MX1, EXPIRED), host(MX2)])
    assert codes(judged.findings) == ["mta-sts-policy", "mta-sts-mx-mismatch", "mta-sts-tls-failed"]
    assert judged.unmet == {}
    assert judged.detail == "testing (1 MX host not listed; TLS failed at 1 address)"
    for code in ("mta-sts-mx-mismatch", "mta-sts-tls-failed"):
        meaning = one(judged.findings, code).meaning
        assert meaning == "The policy is in mode testing: sending servers report this, and deliver anyway."


def test_mode_none_asks_nothing_of_the_hosts() -> None:
    judged = judge(published("version: STSv1\nmode: none\nmax_age: 86400\n"), [host(MX1, EXPIRED), host(MX2)])
    assert (codes(judged.findings), judged.detail, judged.unmet) == (["mta-sts-policy"], "mode none", {})
    assert judged.findings[0].meaning == "Sending servers treat the domain as one without an MTA-STS policy."


def test_a_policy_that_is_soon_forgotten() -> None:
    judged = judge(published(text(age=300)), [])
    assert judged.findings[0].meaning.endswith(" They cache the policy for 300 s only; weeks are usual.")


def test_a_policy_with_errors_counts_and_is_told() -> None:
    judged = judge(published(text() + "junk\n"), [host(MX2)])
    assert codes(judged.findings) == ["mta-sts-policy", "mta-sts-invalid", "mta-sts-mx-mismatch"]
    found = one(judged.findings, "mta-sts-invalid")
    assert found.message == "MTA-STS policy of partner.example has errors"
    assert found.meaning == "Strict sending servers ignore the policy: line 5 is not 'key: value': 'junk'."
    assert judged.unmet == {MX2: "not in the MTA-STS policy"}


def test_a_policy_that_cannot_be_used() -> None:
    judged = judge(published("<html>"), [host(MX1, EXPIRED)])
    found = one(judged.findings, "mta-sts-invalid")
    assert found.message == "MTA-STS policy of partner.example is invalid"
    assert found.meaning == (
        "Sending servers treat the domain as one without an MTA-STS policy: the text is an HTML page, not a"
        " policy."
    )
    assert str(found.actions[0]) == (
        f"Administrator of {HOST}: correct {URL} and then change the id in the TXT record at _mta-sts.{DOMAIN}."
    )
    assert (codes(judged.findings), judged.unmet, judged.detail) == (["mta-sts-invalid"], {}, "policy invalid")


def test_a_record_that_is_wrong_makes_the_best_policy_worthless() -> None:
    judged = judge(published(text(), BAD_RECORD), [host(MX2, EXPIRED)])
    found = one(judged.findings, "mta-sts-invalid")
    assert found.message == "MTA-STS record of partner.example is invalid"
    assert (
        found.meaning == "Sending servers treat the domain as one without an MTA-STS policy: the record has no id."
    )
    assert str(found.actions[0]) == (
        "DNS administrator of partner.example: publish exactly one TXT record at _mta-sts.partner.example such as"
        " 'v=STSv1; id=20261128T120000;'."
    )
    assert (judged.unmet, judged.detail, judged.status) == ({}, "TXT record invalid", None)


def test_record_and_policy_may_both_be_wrong() -> None:
    judged = judge(published("", BAD_RECORD), [])
    assert codes(judged.findings) == ["mta-sts-invalid", "mta-sts-invalid"]
    assert judged.detail == "TXT record invalid and policy invalid"
    both = judge(unreachable(Trouble.STATUS, "replied with status 404", BAD_RECORD), [])
    assert codes(both.findings) == ["mta-sts-invalid", "mta-sts-unreachable"]
    assert both.detail == "TXT record invalid and policy not fetched (status)"


CURES = {
    Trouble.NO_ADDRESS: f"give {HOST} the public address of the web server that serves {URL}.",
    Trouble.LOOKUP: f"give {HOST} the public address of the web server that serves {URL}.",
    Trouble.UNUSABLE: f"give {HOST} the public address of the web server that serves {URL}.",
    Trouble.CERTIFICATE: f"install a valid certificate of a public authority for {HOST} on its web server.",
    Trouble.TLS: f"enable TLS 1.2 and TLS 1.3 with a certificate for {HOST} on its web server.",
    Trouble.REDIRECT: f"serve {URL} itself, without a redirect.",
    Trouble.CONTENT_TYPE: f"serve {URL} as text/plain.",
    Trouble.ENCODING: f"serve {URL} without Content-Encoding.",
    Trouble.SIZE: f"keep {URL} below 64 KiB.",
    Trouble.HEADER_SIZE: f"keep {URL} below 64 KiB.",
    Trouble.STATUS: f"serve {URL} with status 200 as text/plain.",
    Trouble.CONNECTION: f"serve {URL} with status 200 as text/plain.",
    Trouble.CLOSED: f"serve {URL} with status 200 as text/plain.",
    Trouble.NO_HTTP: f"serve {URL} with status 200 as text/plain.",
}


@pytest.mark.parametrize(("trouble", "what"), CURES.items(), ids=[trouble.name for trouble in CURES])
def test_a_policy_that_was_not_fetched(trouble: Trouble, what: str) -> None:
    judged = judge(unreachable(trouble, "replied with status 404", address="192.0.2.180"), [host(MX1, EXPIRED)])
    found = one(judged.findings, "mta-sts-unreachable")
    assert found.message == "MTA-STS policy of partner.example could not be fetched"
    assert found.meaning == (
        f"{HOST} [192.0.2.180] replied with status 404."
        " Sending servers without a cached policy deliver without it."
    )
    assert [str(action) for action in found.actions] == [f"Administrator of {HOST}: {what}"]
    assert (found.side, judged.unmet, judged.detail) == ("recipient", {}, f"policy not fetched ({trouble})")


def test_a_silent_policy_host_may_be_the_fault_of_a_firewall_here() -> None:
    why = "was not reached at 192.0.2.199 port 443 (timed out after 10 s)"
    found = one(judge(unreachable(Trouble.TIMEOUT, why), []).findings, "mta-sts-unreachable")
    assert found.side == "path"
    assert [str(action) for action in found.actions] == [
        f"Check that no firewall blocks TCP port 443 from this host to {HOST}.",
        f"Administrator of {HOST}: serve {URL} with status 200 as text/plain.",
    ]
    late = unreachable(Trouble.TIMEOUT, "did not complete the reply within 60 s", address="192.0.2.180")
    assert one(judge(late, []).findings, "mta-sts-unreachable").side == "recipient"


def test_what_this_host_has_no_route_to_is_not_known() -> None:
    judged = judge(unreachable(Trouble.NO_ROUTE, "was not reached"), [host(MX1, EXPIRED)])
    assert (judged.findings, judged.status, judged.unmet) == ((), Status.UNKNOWN, {})
    assert judged.detail == "policy not fetched (no route)"
    record = judge(unreachable(Trouble.NO_ROUTE, "was not reached", BAD_RECORD), [])
    assert (codes(record.findings), record.status) == (["mta-sts-invalid"], None)


def test_a_domain_without_a_policy_is_nothing_to_worry_about() -> None:
    judged = judge(StsPublished(DOMAIN), [host(MX1, EXPIRED)])
    assert codes(judged.findings) == ["mta-sts-none"]
    assert (judged.status, judged.detail, judged.unmet) == (None, "not published", {})


def test_a_record_that_could_not_be_looked_up_blames_nobody() -> None:
    judged = judge(StsPublished(DOMAIN, failed="TXT lookup failed (SERVFAIL)"), [host(MX1, EXPIRED)])
    assert (judged.findings, judged.status, judged.unmet) == ((), Status.UNKNOWN, {})


def test_a_server_that_was_given_by_name_is_judged_as_the_domain_s() -> None:
    given = replace(host(("relay.other.example", "192.0.2.9"), EXPIRED), by_mx=False)
    judged = judge(published(text()), [given])
    assert judged.unmet == {("relay.other.example", "192.0.2.9"): "not in the MTA-STS policy"}
    advice = one(judged.findings, "mta-sts-tls-failed").advice
    assert advice.startswith("Administrator of relay.other.example: ")


def test_a_server_that_was_given_by_address_has_no_name_to_match() -> None:
    where = ("[192.0.2.9]", "192.0.2.9")
    judged = judge(published(text()), [HostTls(None, (AddressTls(where, None),), by_mx=False)])
    assert (codes(judged.findings), judged.unmet) == (["mta-sts-policy"], {where: ""})
    judged = judge(published(text()), [HostTls(None, (AddressTls(where, EXPIRED),), by_mx=False)])
    assert judged.unmet == {where: EXPIRED}
    assert one(judged.findings, "mta-sts-tls-failed").message.startswith("[192.0.2.9] ")


def test_a_domain_without_mx_hosts_has_nobody_to_judge() -> None:
    judged = judge(published(text()), [])
    assert (codes(judged.findings), judged.detail) == (["mta-sts-policy"], "enforce")
