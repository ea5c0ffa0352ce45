"""Sessions read from their transcripts, and the commands that hold them again."""

from dataclasses import replace

import pytest

from smtpdiag_tui.render.by_hand.command import Command
from smtpdiag_tui.render.by_hand.commands import ByHand, by_hand
from smtpdiag_tui.report.facts import SessionEnd, SessionFacts, StepFacts
from smtpdiag_tui.report.findings import Finding, Severity
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.report.transcript import Direction, Entry
from smtpdiag_tui.settings import Settings, TlsPolicy
from tests.render.by_hand.making import SESSION, SETTINGS, report, session, step

BEGUN = (
    "connecting to 192.0.2.25 port 25",
    "connected from 192.0.2.10",
    "< 220 mx ESMTP",
    "> EHLO mail.a.example",
)
TLS = ("> STARTTLS", "< 220 go", "TLS established: TLSv1.3, TLS_AES_256_GCM_SHA384", "> EHLO mail.a.example")
SENT = ("> MAIL FROM:<a@a.example>", "< 250 ok", "> RCPT TO:<b@b.example>", "< 250 ok")


def lines(*told: str, settings: Settings = SETTINGS, step_id: str = SESSION) -> list[str]:
    return [item.line for item in commands(*told, settings=settings, step_id=step_id)]


def commands(*told: str, settings: Settings = SETTINGS, step_id: str = SESSION) -> tuple[Command, ...]:
    return by_hand(report(session(step_id, *told), settings=settings), step_id)


def test_a_session_under_tls() -> None:
    assert lines(*BEGUN, *TLS, *SENT) == [
        "swaks --server 192.0.2.25 --port 25 -4 --helo mail.a.example --tls-optional --tls-sni mx.partner.example"
        " --from a@a.example --to b@b.example --timeout 60 --quit-after RCPT",
        "openssl s_client -starttls smtp -name mail.a.example -connect 192.0.2.25:25"
        " -servername mx.partner.example -verify_hostname mx.partner.example -showcerts",
    ]


@pytest.mark.parametrize(
    ("policy", "option", "starttls"),
    [
        (TlsPolicy.AUTO, "--tls-optional", True),
        (TlsPolicy.REQUIRE, "--tls", True),
        (TlsPolicy.IMPLICIT, "--tls-on-connect", False),
        (TlsPolicy.OFF, "", True),
    ],
)
def test_tls_is_asked_for_as_the_run_did(policy: TlsPolicy, option: str, starttls: bool) -> None:
    told = (*BEGUN, *(() if policy is TlsPolicy.OFF else TLS), *SENT)
    found = commands(*told, settings=replace(SETTINGS, tls=policy, port=465))
    assert [word for word in found[0].words if word.startswith("--tls") and word != "--tls-sni"] == (
        [option] if option else []
    )
    assert len(found) == (1 if policy is TlsPolicy.OFF else 2)
    assert all(("-starttls" in item.words) is starttls for item in found[1:])


def test_what_came_second_is_a_command_of_its_own_without_tls() -> None:
    second = "second session, unencrypted: does the server accept mail without TLS?"
    told = (
        *BEGUN,
        "> STARTTLS",
        "< 220 go",
        "TLS handshake failed: no protocols available",
        second,
        *BEGUN,
        *SENT,
    )
    first, openssl, clear = commands(*told)
    assert "--tls-optional-strict" in first.words
    assert "ALL:@SECLEVEL=0" in openssl.words
    assert not any(word.startswith("--tls") for word in clear.words)
    assert "unencrypted" in clear.what


def test_a_session_held_again_after_greylisting_is_one_command() -> None:
    assert len(lines(*BEGUN, *SENT, "greylisted; retry after 300 s", *BEGUN, *SENT)) == 1


def test_ipv6_source_port_and_null_sender() -> None:
    begun = ("connecting to 2001:db8::25 port 587 from 2001:db8::10", "> EHLO [IPv6:2001:db8::10]")
    swaks, openssl = lines(*begun, *TLS[:3], "> MAIL FROM:<>", "> RCPT TO:<b@b.example>")
    assert "--server 2001:db8::25 --port 587 -6 --local-interface 2001:db8::10" in swaks
    assert "--helo '[IPv6:2001:db8::10]'" in swaks
    assert "--from '<>'" in swaks
    assert "-bind '[2001:db8::10]:0' -connect '[2001:db8::25]:587'" in openssl


@pytest.mark.parametrize(
    ("path", "word"),
    [
        ("bob@[192.0.2.27]", "'bob@[192.0.2.27]'"),
        ("bob%c.example@b.example", "bob%c.example@b.example"),
        ("c.example!bob@b.example", "'c.example!bob@b.example'"),
        ('"o\'neil b"@b.example', "'\"o'\"'\"'neil b\"@b.example'"),
        ('"a>b"@b.example', "'\"a>b\"@b.example'"),
        ("$(id)`id`@b.example", "'$(id)`id`@b.example'"),
    ],
)
def test_a_recipient_is_one_word_whatever_it_holds(path: str, word: str) -> None:
    [line] = lines(*BEGUN, "> MAIL FROM:<a@a.example>", f"> RCPT TO:<{path}>")
    assert f"--to {word} --timeout" in line


@pytest.mark.parametrize(
    ("sender", "recipient"),
    [
        ("<jörg@a.example> SMTPUTF8", "b@b.example"),
        ("<a@a.example> SIZE=100 BODY=8BITMIME", "b@b.example"),
        ("<a@a.example>", '"a,b"@b.example'),
        ("<-a@a.example>", "b@b.example"),
    ],
)
def test_what_swaks_cannot_say_is_typed(sender: str, recipient: str) -> None:
    envelope = (f"> MAIL FROM:{sender}", f"> RCPT TO:<{recipient}>")
    typed = ("EHLO mail.a.example", f"MAIL FROM:{sender}", f"RCPT TO:<{recipient}>", "QUIT")
    clear = commands(*BEGUN, *envelope)[0]
    assert (clear.program, clear.typed) == ("curl", typed)
    assert clear.words[-1] == "telnet://192.0.2.25:25"
    secured = commands(*BEGUN, *TLS, *envelope)[0]
    assert (secured.program, secured.typed) == ("openssl", typed)
    assert "-quiet" in secured.words
    assert "sleep 2" in secured.line


def test_a_phase_is_come_to_and_no_further() -> None:
    whole = session(SESSION, *BEGUN, *TLS, *SENT)
    phases = ("connect", "greeting", "ehlo", "starttls", "mail-from", "rcpt-to", "quit")
    made = report(whole, *(step(f"{SESSION}/{phase}") for phase in phases))
    ends = {phase: ByHand(made).at(f"{SESSION}/{phase}")[0].words[-1] for phase in phases}
    assert ends == {
        "connect": "CONNECT",
        "greeting": "CONNECT",
        "ehlo": "FIRST-HELO",
        "starttls": "TLS",
        "mail-from": "MAIL",
        "rcpt-to": "RCPT",
        "quit": "RCPT",
    }
    assert "--helo" not in ByHand(made).at(f"{SESSION}/connect")[0].words
    assert [item.program for item in ByHand(made).at(f"{SESSION}/starttls")] == ["swaks", "openssl"]


def test_who_was_not_reached_is_tried_with_the_runs_own_envelope() -> None:
    settings = Settings("a@bücher.example", "b@b.example", ehlo="mail.a.example", timeout=2.4)
    [line] = lines("connecting to 192.0.2.25 port 25", "not connected: Connection refused", settings=settings)
    assert "--helo mail.a.example" in line
    assert "--from a@xn--bcher-kva.example --to b@b.example --timeout 2 --quit-after RCPT" in line


def test_an_unusable_address_was_never_connected_to_and_has_no_command() -> None:
    assert lines("not connected to 127.0.0.1: loopback address") == []


def test_where_smtputf8_is_missing_it_ends_behind_ehlo() -> None:
    settings = Settings("a@a.example", "jörg@b.example")
    facts = StepFacts(session=SessionFacts(SessionEnd.SMTPUTF8_MISSING))
    made = replace(session(SESSION, *BEGUN, "> QUIT"), facts=facts)
    [command] = by_hand(report(made, settings=settings), SESSION)
    assert command.words[-2:] == ("--quit-after", "HELO")
    assert "--to" not in command.words


def test_a_shared_address_is_asked_for_the_name_that_the_run_asked_for() -> None:
    second = "delivery/mx2.partner.example/192.0.2.25"
    sni = Finding("tls-established", Severity.INFO, "", evidence=("protocol TLSv1.3", "SNI mx.partner.example"))
    first, other = session(SESSION, *BEGUN, *TLS, *SENT), session(second, *BEGUN, *TLS, *SENT)
    told = report(other, step(f"{second}/starttls", findings=(sni,)))
    untold = report(first, other)
    for made in (told, untold):
        assert all("mx.partner.example" in item.words for item in by_hand(made, second))


def test_an_address_literal_has_no_name_to_ask_for() -> None:
    swaks, openssl = lines(*BEGUN, *TLS, *SENT, step_id="delivery/[192.0.2.25]/192.0.2.25")
    assert "--tls-sni" not in swaks
    assert "-noservername" in openssl


def test_an_old_protocol_is_asked_for() -> None:
    old = (*BEGUN, "> STARTTLS", "TLS established: TLSv1, ECDHE-RSA-AES256-SHA", "> EHLO mail.a.example", *SENT)
    swaks, openssl = lines(*old)
    assert "--tls-protocol tlsv1 --tls-cipher ALL:@SECLEVEL=0" in swaks
    assert "-tls1 -cipher ALL:@SECLEVEL=0" in openssl


def test_the_probe_for_keys_is_openssls_alone() -> None:
    note = "session with ECDSA keys alone, TLS 1.2"
    [line] = lines(note, *BEGUN, "> STARTTLS", "TLS established: TLSv1.2, X", step_id="probes/dane-keys")
    assert line.startswith("openssl s_client")
    assert "-tls1_2 -cipher aECDSA:@SECLEVEL=0" in line


def test_a_line_that_was_sent_is_taken_as_it_went_out_unless_it_would_not_print() -> None:
    begun = session(SESSION, *BEGUN, "> MAIL FROM:<a@a.example> SMTPUTF8")
    for raw, told in (
        ("RCPT TO:<j\u0301\u0301\u0301\u0301\u0301@b.example>".encode(), "j\u0301\u0301\u0301\u0301\u0301@"),
        (b"RCPT TO:<\x1b[31m\n@b.example>", "shown@"),
        (b"RCPT TO:<\xff@b.example>", "shown@"),
    ):
        sent = Entry(0.1, Direction.SENT, "RCPT TO:<shown@b.example>", raw=raw)
        made = Step(SESSION, "", transcript=(*begun.transcript, sent))
        [command] = by_hand(report(made), SESSION)
        assert command.typed[2].startswith(f"RCPT TO:<{told}")
        assert command.line.isprintable()


@pytest.mark.parametrize(
    "note",
    [
        "connecting to -x port 25",
        "connecting to $(id) port 25",
        "connecting to 192.0.2.25 port 25; id",
        "connecting to 192.0.2.25 port 123456",
    ],
)
def test_a_hostile_file_makes_no_command(note: str) -> None:
    assert lines(note, "> RCPT TO:<b@b.example>") == []


@pytest.mark.parametrize("host", ["-evil.example", "--server=192.0.2.66", "a\\032b.example", "192.0.2.25"])
def test_a_host_name_that_could_be_an_option_is_not_asked_for(host: str) -> None:
    swaks, openssl = lines(*BEGUN, *TLS, *SENT, step_id=f"delivery/{host}/192.0.2.25")
    assert "--tls-sni" not in swaks
    assert "-servername" not in openssl
    assert "-noservername" in openssl
