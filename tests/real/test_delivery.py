"""The whole headless run against real Postfix, aiosmtpd, Knot and Unbound."""

from tests.real.lab import Lab, Run
from tests.real.reading import codes, received, sent, steps

SENDER, RECIPIENT = "alice@sender.test", "bob@partner.test"
SESSIONS = (
    "delivery/mx1.partner.test/192.0.2.25",
    "delivery/mx1.partner.test/2001:db8::25",
    "delivery/mx2.partner.test/192.0.2.26",
)


def test_every_session_is_complete_and_names_addresses_under_tls_alone(run: Run) -> None:
    status, report = run(SENDER, RECIPIENT)
    assert (status, report["outcome"]) == (0, "accepted")
    seen = steps(report)
    assert [key for key in seen if key in SESSIONS] == list(SESSIONS)
    for session in SESSIONS:
        said = sent(seen[session])
        assert [text.split()[0] for text, _ in said] == ["EHLO", "STARTTLS", "EHLO", "MAIL", "RCPT", "QUIT"]
        assert [tls for text, tls in said if text.startswith(("MAIL", "RCPT"))] == [True, True]
        assert received(seen[session])[-1].startswith("221")
        assert seen[f"{session}/rcpt-to"]["status"] == "passed"
    assert set(codes(report)["certificate-untrusted"]) == {f"{session}/starttls" for session in SESSIONS}


def test_each_dns_question_is_answered_over_both_transports(run: Run) -> None:
    _, report = run(SENDER, RECIPIENT)
    seen = steps(report)
    for server in ("dns-servers/192.0.2.53", "soa/192.0.2.53", "local/192.0.2.53", "remote/192.0.2.53"):
        assert (seen[f"{server}/udp"]["status"], seen[f"{server}/tcp"]["status"]) == ("passed", "passed")
    for address in ("ns1.dns.test/192.0.2.51", "ns1.dns.test/2001:db8::51", "ns2.dns.test/192.0.2.52"):
        assert seen[f"soa/{address}"]["status"] == "passed"
        assert {item["id"].rpartition("/")[2] for item in seen[f"soa/{address}"]["steps"]} == {"udp", "tcp"}


def test_an_unknown_recipient_bounces(run: Run) -> None:
    status, report = run(SENDER, "nobody@partner.test")
    assert (status, report["outcome"], report["side"]) == (3, "bounced", "recipient")
    assert report["reply"]["text"].startswith("550 5.1.1")
    assert "rejected the recipient" in report["headline"]
    assert f"{SESSIONS[0]}/rcpt-to" in codes(report)["recipient-rejected"]


def test_a_temporary_rejection_is_told_as_greylisting(run: Run) -> None:
    status, report = run(SENDER, "temp@only.test")
    assert (status, report["outcome"]) == (1, "deferred")
    assert codes(report)["greylisted"]


def test_name_servers_with_different_serials_are_told_apart(run: Run) -> None:
    status, report = run(SENDER, "bob@serial.test")
    assert status == 0
    found = steps(report)["soa"]["findings"]
    mismatch = next(item for item in found if item["code"] == "soa-serial-mismatch")
    assert "ns2.dns.test [192.0.2.52]" in "\n".join([mismatch["message"], *mismatch["evidence"]])
    assert "soa-mx-mismatch" not in codes(report)


def test_the_null_sender_needs_no_domain(run: Run) -> None:
    status, report = run("<>", RECIPIENT)
    assert status == 0
    seen = steps(report)
    assert seen["local"]["status"] == "skipped"
    assert ("MAIL FROM:<>", True) in sent(seen[SESSIONS[0]])


def test_a_null_mx_is_not_connected_to(run: Run) -> None:
    status, report = run(SENDER, "bob@null.test")
    assert (status, report["outcome"]) == (3, "bounced")
    assert steps(report)["delivery"]["status"] == "skipped"


def test_one_family_can_be_asked_for(run: Run) -> None:
    status, report = run(SENDER, RECIPIENT, "-6")
    assert status == 0
    talked = [key for key, step in steps(report).items() if key.startswith("delivery/") and sent(step)]
    assert talked == [SESSIONS[1]]


def test_an_address_without_a_route_is_skipped_not_failed(run: Run) -> None:
    status, report = run(SENDER, "bob@noroute.test")
    assert status == 0
    assert steps(report)["delivery/mx.noroute.test/2001:db9::1"]["status"] == "skipped"
    assert "no-ipv6-route" in codes(report)
    assert [(cause["code"], cause["decides"]) for cause in report["causes"]] == [("no-ipv6-here", False)]


def test_an_answer_too_large_for_udp_comes_over_tcp(run: Run) -> None:
    _, report = run(SENDER, "bob@big.test")
    seen = steps(report)
    assert "truncated" in str(seen["remote/192.0.2.53/udp"]["transcript"])
    assert len([key for key in seen if key.startswith("delivery/") and key.count("/") == 1]) == 60
    assert "dns-truncated" not in codes(report)


def test_without_tls_the_session_stays_in_clear(run: Run) -> None:
    status, report = run(SENDER, RECIPIENT, "--tls", "off", "-4")
    assert status == 0
    assert [text.split()[0] for text, _ in sent(steps(report)[SESSIONS[0]])] == ["EHLO", "MAIL", "RCPT", "QUIT"]


def test_postfix_queues_nothing_and_never_sees_data(lab: Lab, run: Run) -> None:
    before = len(lab.postfix.sessions())
    run(SENDER, RECIPIENT)
    ended = lab.postfix.sessions(at_least=before + 2)[before:]
    assert len(ended) == 2
    assert all("starttls=1 mail=1 rcpt=1 quit=1 commands=6" in line for line in ended)
    assert not any("data=" in line or "bdat=" in line for line in lab.postfix.sessions())
    assert lab.postfix.queued() == ""


def test_text_and_markdown_tell_the_same_outcome(lab: Lab) -> None:
    words = {"text": "✓ ACCEPTED  alice@sender.test", "markdown": "# ✓ ACCEPTED: `alice@sender.test`"}
    started = {
        form: lab.start(SENDER, RECIPIENT, "-v", "--report", form, "--ehlo", "mail.sender.test") for form in words
    }
    for form, process in started.items():
        out, err = process.communicate(timeout=50)
        assert (process.returncode, err) == (0, "")
        assert words[form] in out
        assert "T→ RCPT TO:<bob@partner.test>" in out
