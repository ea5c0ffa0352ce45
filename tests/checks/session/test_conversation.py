import asyncio
import errno
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smtpdiag_tui.checks.session.connecting import classify
from smtpdiag_tui.checks.session.conversation import LINES_AT_ONCE, MAX_SESSION, observe
from smtpdiag_tui.checks.session.session import (
    ConnectError,
    Ending,
    Envelope,
    Exchange,
    Phase,
    SessionObservation,
    Target,
)
from smtpdiag_tui.network.seam import HandshakeError
from smtpdiag_tui.report.transcript import Direction
from smtpdiag_tui.settings import Settings, TlsPolicy
from smtpdiag_tui.smtp.commands import MessageNeeds
from smtpdiag_tui.smtp.extensions import Offered, offered
from tests.checks.fake_network import SECURED, FakeNetwork, Peer, Script, Watched, handshake_error, run

TARGET = Target("mx1.example.net", "192.0.2.25", 25, "mx1.example.net")
TARGET6 = Target("mx1.example.net", "2001:db8::25", 25, "mx1.example.net")
ENVELOPE = Envelope("here.example.org", "alice@example.org", "bob@example.net")
UTF8 = Envelope("here.example.org", "alice@example.org", "jörg@example.net", smtputf8=True)

GREETING = b"220 mx1.example.net ESMTP\r\n"
PLAIN_EHLO = b"250-mx1.example.net\r\n250 SIZE 1000\r\n"
TLS_EHLO = b"250-mx1.example.net\r\n250 STARTTLS\r\n"
GO, OK, BYE = b"220 go ahead\r\n", b"250 2.1.0 ok\r\n", b"221 2.0.0 bye\r\n"
EHLO, MAIL = b"EHLO here.example.org", b"MAIL FROM:<alice@example.org>"
RCPT, QUIT = b"RCPT TO:<bob@example.net>", b"QUIT"
ALL_PHASES = list(Phase)
CLEAR_PHASES = [phase for phase in Phase if phase is not Phase.STARTTLS]


@dataclass
class Told:
    """All that one observe() left behind."""

    seen: SessionObservation
    watched: Watched
    network: FakeNetwork

    @property
    def peer(self) -> Peer:
        return self.network.peers[-1]

    @property
    def said(self) -> list[bytes]:
        return self.peer.stream.sent.split(b"\r\n")[:-1]

    @property
    def last(self) -> Exchange:
        return self.seen.exchanges[-1]

    def ending(self, phase: Phase) -> Ending | None:
        exchange = self.seen.last(phase)
        assert exchange is not None
        return exchange.ending


def told(
    *scripts: Script | OSError,
    target: Target = TARGET,
    envelope: Envelope = ENVELOPE,
    connect_seconds: float = 0.0,
    tls: TlsPolicy = TlsPolicy.AUTO,
    timeout: float | None = None,
    source: str | None = None,
) -> Told:
    """Hold a conversation with each script in turn; check what holds for every one."""
    network = FakeNetwork(list(scripts), connect_seconds=connect_seconds)
    watched = Watched()
    wanted = Settings("alice@example.org", "bob@example.net", tls=tls, timeout=timeout, source=source)

    async def main() -> SessionObservation:
        return await observe(target, envelope, wanted, network.as_network(), watched.transcript(), watched)

    result = Told(run(main()), watched, network)
    order = [ALL_PHASES.index(phase) for phase in watched.phases]
    assert order == sorted(order) or tls is TlsPolicy.IMPLICIT
    assert len(order) == len(set(order))
    for peer in network.peers:
        assert peer.stream.aborted
        assert b"DATA" not in peer.stream.sent.upper()
        assert b"BDAT" not in peer.stream.sent.upper()
    assert result.seen.ended == (network.peers[-1].stream.closed_at if network.peers else None)
    assert watched.so_far[watched.phases[-1]] == result.seen
    return result


def server(*replies: bytes, greeting: bytes = GREETING) -> Script:
    """A server that greets, replies to each command in turn, and then says no more."""

    async def script(peer: Peer) -> None:
        peer.say(greeting)
        for reply in replies:
            await peer.answer(reply)

    return script


def octet_wise(*replies: bytes) -> Script:
    """The same, each octet by itself."""

    async def script(peer: Peer) -> None:
        for number, reply in enumerate((GREETING, *replies)):
            if number:
                await peer.line()
            for at in range(len(reply)):
                peer.say(reply[at : at + 1])
                await asyncio.sleep(0.001)

    return script


FULL = (TLS_EHLO, GO, PLAIN_EHLO, OK, OK, BYE)
CLEAR = (PLAIN_EHLO, OK, OK, BYE)


# The way through


@pytest.mark.parametrize("make", [server, octet_wise])
def test_a_full_session_with_starttls(make: type) -> None:
    result = told(make(*FULL))
    seen = result.seen
    assert result.said == [EHLO, b"STARTTLS", EHLO, MAIL, RCPT, QUIT]
    assert result.watched.phases == ALL_PHASES
    assert [(item.phase, item.tls, item.ending) for item in seen.exchanges] == [
        (Phase.GREETING, False, None),
        (Phase.EHLO, False, None),
        (Phase.STARTTLS, False, None),
        (Phase.EHLO, True, None),
        (Phase.MAIL, True, None),
        (Phase.RCPT, True, None),
        (Phase.QUIT, True, None),
    ]
    assert [item.command for item in seen.exchanges] == [None, *result.said]
    assert seen.tls is not None
    assert seen.tls.session == SECURED
    assert seen.tls.injected == b""
    assert seen.source == "192.0.2.1"
    assert seen.connect_error is None
    assert result.peer.stream.server_name == "mx1.example.net"
    assert offered(seen.exchanges) == Offered(frozenset({"STARTTLS"}), frozenset({"SIZE"}))
    assert all(item.unexpected == b"" for item in seen.exchanges)


def test_the_transcript_holds_every_line_in_order() -> None:
    result = told(server(*FULL))
    lines = [(str(entry.direction), entry.text, entry.tls) for entry in result.watched.entries]
    assert lines == [
        ("note", "connecting to 192.0.2.25 port 25", False),
        ("note", "connected from 192.0.2.1", False),
        ("received", "220 mx1.example.net ESMTP", False),
        ("sent", "EHLO here.example.org", False),
        ("received", "250-mx1.example.net", False),
        ("received", "250 STARTTLS", False),
        ("sent", "STARTTLS", False),
        ("received", "220 go ahead", False),
        ("note", "TLS established: TLSv1.3, TLS_AES_256_GCM_SHA384", False),
        ("sent", "EHLO here.example.org", True),
        ("received", "250-mx1.example.net", True),
        ("received", "250 SIZE 1000", True),
        ("sent", "MAIL FROM:<alice@example.org>", True),
        ("received", "250 2.1.0 ok", True),
        ("sent", "RCPT TO:<bob@example.net>", True),
        ("received", "250 2.1.0 ok", True),
        ("sent", "QUIT", True),
        ("received", "221 2.0.0 bye", True),
        ("note", "connection closed", False),
    ]
    assert [result.watched.entries_then[phase] for phase in ALL_PHASES] == [2, 3, 6, 12, 14, 16, 19]


def test_limits_are_told_and_kept() -> None:
    result = told(server(*FULL))
    limits = result.watched.limits
    assert [limits[phase] for phase in ALL_PHASES] == [30.0, 60.0, 60.0, 60.0, 60.0, 60.0, 5.0]
    assert [item.limit for item in result.seen.exchanges] == [60.0] * 6 + [5.0]
    assert told(server(*CLEAR), timeout=2.0).watched.limits[Phase.QUIT] == 2.0


def test_the_watcher_sees_what_there_is_so_far() -> None:
    so_far = told(server(*FULL)).watched.so_far
    assert [len(so_far[phase].exchanges) for phase in ALL_PHASES] == [0, 1, 2, 4, 5, 6, 7]
    assert so_far[Phase.CONNECT].source == "192.0.2.1"
    assert so_far[Phase.EHLO].tls is None
    assert so_far[Phase.STARTTLS].tls is not None


def test_the_source_is_used_and_shown() -> None:
    result = told(server(*CLEAR), source="192.0.2.1")
    assert result.network.sources == ["192.0.2.1"]
    assert result.watched.notes[0] == "connecting to 192.0.2.25 port 25 from 192.0.2.1"


def test_no_starttls_phase_where_it_is_not_offered() -> None:
    result = told(server(*CLEAR))
    assert result.said == [EHLO, MAIL, RCPT, QUIT]
    assert result.watched.phases == CLEAR_PHASES
    assert result.seen.tls is None


def test_tls_off_never_sends_starttls() -> None:
    result = told(server(TLS_EHLO, OK, OK, BYE), tls=TlsPolicy.OFF)
    assert result.said == [EHLO, MAIL, RCPT, QUIT]


def test_helo_where_ehlo_is_rejected() -> None:
    result = told(server(b"502 what\r\n", OK, OK, OK, BYE))
    assert result.said == [EHLO, b"HELO here.example.org", MAIL, RCPT, QUIT]
    assert [item.phase for item in result.seen.exchanges[:3]] == [Phase.GREETING, Phase.EHLO, Phase.EHLO]
    assert result.watched.phases == CLEAR_PHASES
    assert offered(result.seen.exchanges) == Offered(None, None)


@pytest.mark.parametrize(
    ("replies", "greeting", "said"),
    [
        ((BYE,), b"554 go away\r\n", [QUIT]),
        ((BYE,), b"450 later\r\n", [QUIT]),
        ((BYE,), b"421 too many\r\n", [QUIT]),
        ((b"450 later\r\n", BYE), GREETING, [EHLO, QUIT]),
        ((b"421 bye\r\n", BYE), GREETING, [EHLO, QUIT]),
        ((b"502 what\r\n", b"502 what\r\n", BYE), GREETING, [EHLO, b"HELO here.example.org", QUIT]),
        ((PLAIN_EHLO, b"530 5.7.0 Must issue STARTTLS first\r\n", BYE), GREETING, [EHLO, MAIL, QUIT]),
        ((PLAIN_EHLO, OK, b"550 5.1.1 no\r\n", BYE), GREETING, [EHLO, MAIL, RCPT, QUIT]),
        ((PLAIN_EHLO, OK, b"421 4.7.0 bye\r\n", BYE), GREETING, [EHLO, MAIL, RCPT, QUIT]),
    ],
)
def test_quit_follows_every_failure(replies: tuple[bytes, ...], greeting: bytes, said: list[bytes]) -> None:
    result = told(server(*replies, greeting=greeting))
    assert result.said == said
    assert result.last.phase is Phase.QUIT
    assert result.last.ending is None
    assert result.watched.phases[-1] is Phase.QUIT


def test_after_421_and_a_close_quit_is_not_sent() -> None:
    async def script(peer: Peer) -> None:
        peer.say(b"421 4.7.0 too many connections\r\n")
        peer.close()

    result = told(script)
    assert result.said == []
    assert result.last.phase is Phase.GREETING
    assert result.last.reply is not None
    assert result.watched.phases == [Phase.CONNECT, Phase.GREETING]
    assert "server closed the connection; QUIT not sent" in result.watched.notes


def test_smtputf8_is_asked_for_under_tls() -> None:
    utf8 = b"250-mx1.example.net\r\n250 SMTPUTF8\r\n"
    result = told(server(TLS_EHLO, GO, utf8, OK, OK, BYE), envelope=UTF8)
    assert MAIL + b" SMTPUTF8" in result.said
    assert "RCPT TO:<jörg@example.net>".encode() in result.said
    assert not result.seen.smtputf8_missing


def test_without_smtputf8_no_mail_is_sent() -> None:
    result = told(server(PLAIN_EHLO, BYE), envelope=UTF8)
    assert result.said == [EHLO, QUIT]
    assert result.seen.smtputf8_missing
    assert result.watched.so_far[Phase.EHLO].smtputf8_missing
    assert result.watched.phases == [Phase.CONNECT, Phase.GREETING, Phase.EHLO, Phase.QUIT]


@pytest.mark.parametrize("bad", ["bob@example.net\r\nDATA", "bob>@example.net", "jörg@example.net"])
def test_what_cannot_be_sent_is_refused_before_connecting(bad: str) -> None:
    network, watched = FakeNetwork([]), Watched()

    async def main() -> None:
        envelope = Envelope("here", "", bad)
        await observe(TARGET, envelope, Settings("", ""), network.as_network(), watched.transcript(), watched)

    with pytest.raises(ValueError, match=r"control characters|SMTPUTF8"):
        run(main())
    assert network.connected_at == []


# Connecting


@pytest.mark.parametrize(
    ("error", "target", "kind"),
    [
        (ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused"), TARGET, ConnectError.REFUSED),
        (TimeoutError(), TARGET, ConnectError.TIMEOUT),
        (OSError(errno.ETIMEDOUT, "Connection timed out"), TARGET, ConnectError.TIMEOUT),
        (OSError(errno.EHOSTUNREACH, "No route to host"), TARGET, ConnectError.UNREACHABLE),
        (OSError(errno.EHOSTUNREACH, "No route to host"), TARGET6, ConnectError.UNREACHABLE),
        (OSError(errno.EACCES, "Permission denied"), TARGET, ConnectError.UNREACHABLE),
        (OSError(errno.EPERM, "Operation not permitted"), TARGET, ConnectError.UNREACHABLE),
        (OSError(errno.ENETUNREACH, "Network is unreachable"), TARGET, ConnectError.UNREACHABLE),
        (OSError(errno.ENETUNREACH, "Network is unreachable"), TARGET6, ConnectError.NO_ROUTE),
        (OSError(errno.EADDRNOTAVAIL, "Cannot assign requested address"), TARGET6, ConnectError.NO_ROUTE),
        (OSError(errno.EAFNOSUPPORT, "Address family not supported by protocol"), TARGET6, ConnectError.NO_ROUTE),
        (OSError(errno.ECONNRESET, "Connection reset by peer"), TARGET, ConnectError.RESET),
        (OSError("no number"), TARGET, ConnectError.UNREACHABLE),
        (OSError(errno.EMFILE, "Too many open files"), TARGET, ConnectError.NO_SOCKET),
        (OSError(errno.ENFILE, "Too many open files in system"), TARGET6, ConnectError.NO_SOCKET),
        (OSError(errno.ENOBUFS, "No buffer space available"), TARGET, ConnectError.NO_SOCKET),
        (OSError(errno.ENOMEM, "Cannot allocate memory"), TARGET, ConnectError.NO_SOCKET),
    ],
)
def test_failures_to_connect_are_told_apart(error: OSError, target: Target, kind: ConnectError) -> None:
    assert classify(error, target.address) is kind
    result = told(error, target=target)
    assert result.seen.connect_error is kind
    assert result.seen.exchanges == ()
    assert result.seen.connect_detail
    assert error.strerror is None or result.seen.connect_detail == error.strerror
    assert result.watched.phases == [Phase.CONNECT]
    assert result.watched.notes[-1] == f"not connected: {result.seen.connect_detail}"


def test_the_connect_limit_is_kept() -> None:
    result = told(server(*CLEAR), connect_seconds=100.0)
    assert result.seen.connect_error is ConnectError.TIMEOUT
    assert result.seen.connect_seconds == pytest.approx(30.0)
    assert result.seen.connect_detail == "timed out after 30 s"


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "0.0.0.0", "::1", "::ffff:127.0.0.1", "224.0.0.1", "fe80::1", "::127.0.0.1",
        "64:ff9b:1::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::1",
    ],
)  # fmt: skip
def test_unusable_addresses_are_never_connected(address: str) -> None:
    result = told(server(*CLEAR), target=Target("mx1.example.net", address, 25, None))
    assert result.network.connected_at == []
    assert result.seen.connect_error is ConnectError.UNUSABLE
    assert result.seen.ended is None
    assert result.seen.connect_detail in result.watched.notes[0]


# TLS


@pytest.mark.parametrize("answer", [b"454 4.7.0 not now\r\n", b"502 no\r\n"])
def test_starttls_refused_goes_on_in_clear_in_the_same_session(answer: bytes) -> None:
    result = told(server(TLS_EHLO, answer, OK, OK, BYE))
    assert result.said == [EHLO, b"STARTTLS", MAIL, RCPT, QUIT]
    assert result.watched.phases == ALL_PHASES
    assert result.seen.tls is None
    assert len(result.network.peers) == 1


def test_starttls_refused_is_the_end_where_tls_is_required() -> None:
    result = told(server(TLS_EHLO, b"454 not now\r\n", BYE), tls=TlsPolicy.REQUIRE)
    assert result.said == [EHLO, b"STARTTLS", QUIT]
    assert result.seen.tls_missing
    assert result.watched.so_far[Phase.STARTTLS].tls_missing


def test_starttls_not_offered_is_the_end_where_tls_is_required() -> None:
    result = told(server(PLAIN_EHLO, BYE), tls=TlsPolicy.REQUIRE)
    assert result.said == [EHLO, QUIT]
    assert result.seen.tls_missing
    assert result.watched.so_far[Phase.EHLO].tls_missing


EVIL = b"250-evil\r\n250 SMTPUTF8\r\n"


def injecting(*, apart: float | None) -> Script:
    async def script(peer: Peer) -> None:
        peer.say(GREETING)
        await peer.answer(TLS_EHLO)
        await peer.line()
        if apart is None:
            peer.say(GO + EVIL)
        else:
            peer.say(GO)
            await asyncio.sleep(apart)
            peer.say(EVIL)
        await peer.secured.wait()
        for reply in (PLAIN_EHLO, OK, OK, BYE):
            await peer.answer(reply)

    return script


@pytest.mark.parametrize("apart", [None, 0.0, 0.01])
def test_plaintext_behind_starttls_is_kept_and_never_read(apart: float | None) -> None:
    result = told(injecting(apart=apart))
    seen = result.seen
    assert seen.tls is not None
    assert seen.tls.injected == EVIL
    assert seen.tls.session == SECURED
    assert result.said[-1] == QUIT
    assert offered(seen.exchanges).counts == frozenset({"SIZE"})
    texts = [entry.text for entry in result.watched.entries]
    at = texts.index("unencrypted data before the handshake, discarded:")
    assert texts[at + 1 : at + 4] == [
        "250-evil",
        "250 SMTPUTF8",
        "TLS established: TLSv1.3, TLS_AES_256_GCM_SHA384",
    ]
    assert not result.watched.entries[at + 1].tls


def test_injected_plaintext_is_kept_where_the_handshake_fails() -> None:
    async def script(peer: Peer) -> None:
        peer.tls = handshake_error()
        peer.say(GREETING)
        await peer.answer(TLS_EHLO)
        await peer.answer(GO + EVIL)

    seen = told(script, server(*CLEAR)).seen
    assert seen.tls is not None
    assert seen.tls.injected == EVIL


def failing(outcome: Exception | None) -> Script:
    async def script(peer: Peer) -> None:
        peer.tls = outcome
        peer.say(GREETING)
        await peer.answer(TLS_EHLO)
        await peer.answer(GO)

    return script


@pytest.mark.parametrize(
    "outcome", [handshake_error(), ConnectionResetError(104, "Connection reset by peer"), None]
)
def test_a_failed_handshake_brings_one_second_session_in_clear(outcome: Exception | None) -> None:
    result = told(failing(outcome), server(TLS_EHLO, OK, OK, BYE))
    seen, network = result.seen, result.network
    assert seen.tls is not None
    assert seen.tls.session is None
    assert seen.tls.error
    assert seen.tls.timed_out is (outcome is None)
    assert network.peers[0].lines == [EHLO, b"STARTTLS"]
    assert network.peers[1].lines == [EHLO, MAIL, RCPT, QUIT]
    assert network.peers[0].stream.closed_at is not None
    assert network.connected_at[1] - network.peers[0].stream.closed_at >= 1.0
    assert [(item.session, item.phase) for item in seen.exchanges] == [
        (0, Phase.GREETING), (0, Phase.EHLO), (0, Phase.STARTTLS),
        (1, Phase.GREETING), (1, Phase.EHLO), (1, Phase.MAIL), (1, Phase.RCPT), (1, Phase.QUIT),
    ]  # fmt: skip
    assert not any(item.tls for item in seen.exchanges)
    assert result.watched.phases == ALL_PHASES
    assert len(result.watched.so_far[Phase.STARTTLS].exchanges) == 5
    notes = result.watched.notes
    assert notes.index(f"TLS handshake failed: {seen.tls.error}") < notes.index(
        "second session, unencrypted: does the server accept mail without TLS?"
    )


def test_a_handshake_has_its_limit() -> None:
    seen = told(failing(None), server(*CLEAR)).seen
    assert seen.tls is not None
    assert seen.tls.seconds == pytest.approx(60.0)
    assert seen.tls.error == "timed out after 60 s"


@pytest.mark.parametrize(
    ("error", "ending"),
    [(ConnectionRefusedError(111, "Connection refused"), Ending.RESET), (TimeoutError(), Ending.TIMEOUT)],
)
def test_a_second_session_that_does_not_come_about(error: OSError, ending: Ending) -> None:
    result = told(failing(handshake_error()), error)
    assert result.seen.connect_error is None
    assert result.last.session == 1
    assert (result.last.phase, result.last.ending) == (Phase.GREETING, ending)
    assert "second session not connected" in result.last.error
    assert result.watched.phases == [Phase.CONNECT, Phase.GREETING, Phase.EHLO, Phase.STARTTLS]


def test_a_second_session_turned_away_says_so_before_starttls_ends() -> None:
    result = told(failing(handshake_error()), server(BYE, greeting=b"421 too many\r\n"))
    so_far = result.watched.so_far[Phase.STARTTLS]
    assert so_far.exchanges[-1].reply is not None
    assert so_far.exchanges[-1].reply.code == 421
    assert result.watched.phases[-2:] == [Phase.STARTTLS, Phase.QUIT]


def test_no_second_session_where_tls_is_required() -> None:
    result = told(failing(handshake_error()), tls=TlsPolicy.REQUIRE)
    assert len(result.network.peers) == 1
    assert result.seen.tls_missing
    assert result.watched.phases == [Phase.CONNECT, Phase.GREETING, Phase.EHLO, Phase.STARTTLS]


def test_implicit_tls_comes_first() -> None:
    async def script(peer: Peer) -> None:
        await peer.secured.wait()
        peer.say(GREETING)
        for reply in (TLS_EHLO, OK, OK, BYE):
            await peer.answer(reply)

    result = told(script, tls=TlsPolicy.IMPLICIT)
    assert result.said == [EHLO, MAIL, RCPT, QUIT]
    assert all(item.tls for item in result.seen.exchanges)
    expected = [Phase.CONNECT, Phase.STARTTLS, Phase.GREETING, Phase.EHLO, Phase.MAIL, Phase.RCPT, Phase.QUIT]
    assert result.watched.phases == expected


@pytest.mark.parametrize("outcome", [handshake_error(), None])
def test_a_failed_implicit_handshake_ends_it(outcome: HandshakeError | None) -> None:
    async def script(peer: Peer) -> None:
        peer.tls = outcome

    result = told(script, tls=TlsPolicy.IMPLICIT)
    assert result.watched.phases == [Phase.CONNECT, Phase.STARTTLS]
    assert result.seen.exchanges == ()
    assert result.seen.tls is not None
    assert result.seen.tls.session is None
    assert result.seen.tls_missing


def test_a_second_greeting_under_tls_is_not_the_reply_to_ehlo() -> None:
    async def script(peer: Peer) -> None:
        peer.say(GREETING)
        await peer.answer(TLS_EHLO)
        await peer.answer(GO)
        await peer.secured.wait()
        peer.say(b"220 hello again\r\n")
        for reply in (PLAIN_EHLO, OK, OK, BYE):
            await peer.answer(reply)

    result = told(script)
    starttls = result.seen.last(Phase.STARTTLS)
    assert starttls is not None
    assert starttls.unexpected == b"220 hello again\r\n"
    assert result.last.reply is not None
    assert result.last.reply.code == 221


# Waiting

SILENT: list[tuple[Phase, tuple[bytes, ...], float, str]] = [
    (Phase.EHLO, (), 60.0, "no reply within 60 s"),
    (Phase.STARTTLS, (TLS_EHLO,), 60.0, "no reply within 60 s"),
    (Phase.EHLO, (TLS_EHLO, GO), 60.0, "no reply within 60 s"),
    (Phase.MAIL, (PLAIN_EHLO,), 60.0, "no reply within 60 s; RFC 5321 allows 300 s"),
    (Phase.RCPT, (PLAIN_EHLO, OK), 60.0, "no reply within 60 s; RFC 5321 allows 300 s"),
    (Phase.QUIT, (PLAIN_EHLO, OK, OK), 5.0, "no reply within 5 s"),
]


@pytest.mark.parametrize(("phase", "replies", "limit", "note"), SILENT)
def test_silence_ends_each_phase_at_its_limit(
    phase: Phase, replies: tuple[bytes, ...], limit: float, note: str
) -> None:
    result = told(server(*replies))
    assert (result.last.phase, result.last.ending) == (phase, Ending.TIMEOUT)
    assert result.last.seconds == pytest.approx(limit)
    assert result.last.reply is None
    assert result.watched.notes[-2:] == [note, "connection closed"]
    # A late reply could be taken for QUIT's, so nothing is sent after a time limit.
    assert result.said.count(QUIT) == (1 if phase is Phase.QUIT else 0)


def test_no_greeting() -> None:
    async def script(peer: Peer) -> None:
        await peer.line()

    result = told(script)
    assert result.said == []
    assert result.ending(Phase.GREETING) is Ending.TIMEOUT
    assert result.watched.notes[-2] == "no greeting within 60 s; RFC 5321 allows 300 s"
    assert told(script, timeout=400.0).watched.notes[-2] == "no greeting within 400 s"


def test_a_slow_greeting_is_waited_for() -> None:
    async def script(peer: Peer) -> None:
        await asyncio.sleep(20)
        await server(*CLEAR)(peer)

    result = told(script)
    assert result.seen.exchanges[0].seconds == pytest.approx(20.0)
    assert result.last.ending is None


def test_one_byte_a_second_does_not_prolong_the_limit() -> None:
    async def script(peer: Peer) -> None:
        for octet in b"220-" + b"x" * 1000:
            peer.say(bytes([octet]))
            await asyncio.sleep(1)

    result = told(script)
    assert result.last.ending is Ending.TIMEOUT
    assert result.last.seconds == pytest.approx(60.0)
    [line] = result.watched.of(Direction.RECEIVED)
    assert line.startswith("220-xxxx")


def test_one_line_a_second_does_not_prolong_the_limit() -> None:
    async def script(peer: Peer) -> None:
        while True:
            peer.say(b"220-wait\r\n")
            await asyncio.sleep(1)

    result = told(script)
    assert result.last.ending is Ending.TIMEOUT
    assert result.last.seconds == pytest.approx(60.0)


def test_a_late_reply_is_never_taken_for_the_next_one() -> None:
    async def script(peer: Peer) -> None:
        peer.say(GREETING)
        await peer.answer(PLAIN_EHLO)
        await peer.line()
        await asyncio.sleep(60.0)
        peer.say(OK)

    result = told(script)
    assert (result.last.phase, result.last.reply) == (Phase.MAIL, None)


# Hostile and broken peers


def test_an_endless_greeting() -> None:
    async def script(peer: Peer) -> None:
        while True:
            peer.say(b"220-more to come\r\n" * 100)
            await asyncio.sleep(0.01)

    result = told(script)
    assert result.last.ending is Ending.TOO_LONG
    assert result.said == []
    assert sum(map(len, result.watched.of(Direction.RECEIVED))) <= 256 * 1024
    assert result.watched.notes[-2:] == ["greeting too long", "connection closed"]


def test_a_reply_of_thousands_of_lines_leaves_the_others_their_turns() -> None:
    async def main() -> int:
        network = FakeNetwork([server(greeting=b"220-\r\n" * 10_000 + GREETING)])
        watched, turns = Watched(), 0
        wanted = Settings("alice@example.org", "bob@example.net", timeout=1.0)
        holding = asyncio.create_task(
            observe(TARGET, ENVELOPE, wanted, network.as_network(), watched.transcript(), watched)
        )
        while not network.peers or not network.peers[-1].stream.sent:
            await asyncio.sleep(0)
            turns += 1
        assert (await holding).exchanges[0].reply is not None
        return turns

    assert run(main()) >= 10_000 // LINES_AT_ONCE


def test_a_megabyte_line() -> None:
    result = told(server(greeting=b"220 " + b"x" * 1024 * 1024))
    assert result.last.ending is Ending.TOO_LONG
    [line] = result.watched.of(Direction.RECEIVED)
    assert len(line) == 64 * 1024


def test_a_flood_reply_by_reply_is_too_long_in_all() -> None:
    big = b"250-" + b"x" * 500 + b"\r\n"
    reply = big * 400 + b"250 ok\r\n"
    result = told(server(reply, reply, reply, reply))
    assert len(reply) < 256 * 1024 < MAX_SESSION < 3 * len(reply)
    assert result.last.phase is Phase.RCPT
    assert result.last.ending is Ending.TOO_LONG


def test_a_flood_nobody_asked_for_is_bounded() -> None:
    async def script(peer: Peer) -> None:
        peer.say(GREETING + b"250 and on\r\n" * 200_000)
        await peer.line()

    result = told(script)
    assert result.last.ending is Ending.TOO_LONG
    assert sum(len(item.unexpected) for item in result.seen.exchanges) <= MAX_SESSION
    assert sum(map(len, result.watched.of(Direction.RECEIVED))) <= MAX_SESSION


@pytest.mark.parametrize("replies", [(), (PLAIN_EHLO,), (PLAIN_EHLO, OK), (PLAIN_EHLO, OK, OK)])
@pytest.mark.parametrize("ending", [Ending.CLOSED, Ending.RESET])
def test_a_connection_that_ends_without_a_reply(replies: tuple[bytes, ...], ending: Ending) -> None:
    async def script(peer: Peer) -> None:
        await server(*replies)(peer)
        await peer.line()
        peer.close() if ending is Ending.CLOSED else peer.reset()

    result = told(script)
    assert result.last.ending is ending
    assert result.last.reply is None
    assert len(result.seen.exchanges) == len(replies) + 2
    assert result.last.error == ("" if ending is Ending.CLOSED else "Connection reset by peer")


@pytest.mark.parametrize("ending", [Ending.CLOSED, Ending.RESET])
def test_a_connection_that_ends_before_the_greeting(ending: Ending) -> None:
    async def script(peer: Peer) -> None:
        peer.say(b"220 half a gree")
        peer.close() if ending is Ending.CLOSED else peer.reset()

    result = told(script)
    assert result.ending(Phase.GREETING) is ending
    assert result.said == []
    assert result.watched.of(Direction.RECEIVED) == ["220 half a gree"]


@pytest.mark.parametrize("ending", [Ending.CLOSED, Ending.RESET])
def test_a_close_right_behind_a_good_reply_is_seen_at_the_next_command(ending: Ending) -> None:
    async def script(peer: Peer) -> None:
        peer.say(GREETING)
        await peer.answer(PLAIN_EHLO)
        peer.close() if ending is Ending.CLOSED else peer.reset()

    result = told(script)
    assert result.last.phase is Phase.MAIL
    assert result.last.ending is ending


def test_what_was_said_before_a_reset_is_read() -> None:
    async def script(peer: Peer) -> None:
        peer.say(GREETING)
        await peer.line()
        peer.say(b"421 4.3.2 shutting down\r\n")
        peer.reset()

    result = told(script)
    assert result.last.phase is Phase.EHLO
    assert result.last.reply is not None
    assert result.last.reply.code == 421


@pytest.mark.parametrize("apart", [False, True])
def test_an_unasked_reply_is_not_the_next_commands(apart: bool) -> None:
    async def script(peer: Peer) -> None:
        peer.say(GREETING)
        await peer.line()
        if apart:
            peer.say(PLAIN_EHLO)
            peer.say(b"250 too\r\n550 ear")
        else:
            peer.say(PLAIN_EHLO + b"250 too\r\n550 ear")
        for reply in (OK, b"550 5.1.1 no such user\r\n", BYE):
            await peer.answer(reply)

    result = told(script)
    ehlo, rcpt = result.seen.last(Phase.EHLO), result.seen.last(Phase.RCPT)
    assert ehlo is not None
    assert rcpt is not None
    assert ehlo.unexpected == b"250 too\r\n550 ear"
    assert rcpt.reply is not None
    assert rcpt.reply.code == 550
    texts = [entry.text for entry in result.watched.entries]
    at = texts.index("unexpected data after the reply, ignored:")
    assert texts[at + 1 : at + 4] == ["250 too", "550 ear", MAIL.decode()]


@pytest.mark.parametrize(
    "greeting",
    [b"HTTP/1.1 400 Bad\r\nServer: x\r\n\r\n", b"150 wait\r\n", b"354 go on\r\n", b"\x16\x03\x01\r\n"],
)
def test_no_reply_that_makes_sense_ends_with_quit(greeting: bytes) -> None:
    result = told(server(BYE, greeting=greeting))
    first = result.seen.exchanges[0]
    assert first.ending is Ending.MALFORMED
    assert first.reply is not None
    assert result.said == [QUIT]


def test_354_to_mail_makes_no_sense() -> None:
    result = told(server(PLAIN_EHLO, b"354 go on\r\n", BYE))
    assert result.ending(Phase.MAIL) is Ending.MALFORMED
    assert result.said == [EHLO, MAIL, QUIT]


def test_control_characters_are_shown_and_kept() -> None:
    banner = b"220 \x00\x1b]52;c;SEFDS0VE\x07\x9b \xff [/red]"
    result = told(server(*CLEAR, greeting=banner + b"\r\n"))
    entry = next(entry for entry in result.watched.entries if entry.direction is Direction.RECEIVED)
    assert entry.text == r"220 \x00\x1b]52;c;SEFDS0VE\x07\x9b \xff [/red]"
    assert entry.raw == banner
    assert result.seen.exchanges[0].reply is not None
    assert result.seen.exchanges[0].reply.lines == (banner,)


@pytest.mark.parametrize("after", [0.5, 1.5, 2.5])
def test_a_cancelled_conversation_closes_its_connection(after: float) -> None:
    async def script(peer: Peer) -> None:
        await asyncio.sleep(1)
        peer.say(GREETING)
        await peer.line()
        await asyncio.sleep(1)
        peer.say(PLAIN_EHLO)

    network, watched = FakeNetwork([script]), Watched()

    async def main() -> None:
        wanted = Settings("", "")
        task = asyncio.ensure_future(
            observe(TARGET, ENVELOPE, wanted, network.as_network(), watched.transcript(), watched)
        )
        await asyncio.sleep(after)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run(main())
    assert network.peers[0].stream.aborted
    assert watched.notes[-1] == "connection closed"
    assert watched.calls[-1][0] == "started"


def test_cancelled_between_its_sessions_no_second_one_begins() -> None:
    network, watched = FakeNetwork([failing(handshake_error())]), Watched()

    async def main() -> None:
        wanted = Settings("", "")
        task = asyncio.ensure_future(
            observe(TARGET, ENVELOPE, wanted, network.as_network(), watched.transcript(), watched)
        )
        await asyncio.sleep(0.5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run(main())
    assert len(network.connected_at) == 1


REPLIES = st.sampled_from([GREETING, TLS_EHLO, PLAIN_EHLO, GO, OK, BYE, b"550 no\r\n", b"421 x\r\n", b"250-"])


@settings(deadline=None, max_examples=60)
@given(
    st.lists(REPLIES | st.binary(min_size=1, max_size=40), max_size=10),
    st.sampled_from(list(TlsPolicy)),
    st.sampled_from(["close", "reset", "silence"]),
    st.booleans(),
)
def test_whatever_a_peer_sends_nothing_raises(
    wires: list[bytes], policy: TlsPolicy, end: str, shake: bool
) -> None:
    async def script(peer: Peer) -> None:
        peer.tls = SECURED if shake else handshake_error()
        for wire in wires:
            peer.say(wire)
            await asyncio.sleep(0.1)
        if end != "silence":
            peer.close() if end == "close" else peer.reset()

    result = told(script, script, tls=policy)
    assert all(item.reply is not None or item.ending is not None for item in result.seen.exchanges)


def test_mail_tells_what_the_message_needs_also_in_the_second_session() -> None:
    needing = Envelope(ENVELOPE.ehlo, ENVELOPE.sender, ENVELOPE.recipient, needs=MessageNeeds(321, eight_bit=True))
    said = told(server(PLAIN_EHLO, OK, OK, BYE), envelope=needing).said
    assert said == [EHLO, MAIL + b" SIZE=321", RCPT, QUIT]
    second = server(b"250-mx\r\n250-8BITMIME\r\n250 SIZE\r\n", OK, OK, BYE)
    assert told(failing(handshake_error()), second, envelope=needing).said == [
        EHLO,
        MAIL + b" SIZE=321 BODY=8BITMIME",
        RCPT,
        QUIT,
    ]
