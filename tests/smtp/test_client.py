import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smtpdiag_tui.settings import TlsPolicy
from smtpdiag_tui.smtp.client import TABLE, Client, Fork, Heard, State, heard
from smtpdiag_tui.smtp.commands import MessageNeeds
from smtpdiag_tui.smtp.parser import MAX_REPLY, Line, TooLong
from smtpdiag_tui.smtp.reply import Reply
from tests.smtp.samples import SAMPLES

OK = b"250 ok\r\n"
GREETING = b"220 mx1.example.net ESMTP\r\n"
EHLO = b"250-mx1.example.net\r\n250-STARTTLS\r\n250 SIZE\r\n"
PLAIN_EHLO = b"250 mx1.example.net\r\n"
UTF8_EHLO = b"250-mx1.example.net\r\n250 SMTPUTF8\r\n"


def client(
    policy: TlsPolicy | str = "auto",
    *,
    smtputf8: bool = False,
    needs: MessageNeeds | None = None,
    only_tls: bool = False,
) -> Client:
    path = "here.example.org", "alice@example.org", "bob@example.net"
    return Client(*path, smtputf8=smtputf8, policy=policy, needs=needs, only_tls=only_tls)


def reply(to: Client, data: bytes) -> list[object]:
    to.receive(data)
    found: list[object] = []
    while (event := to.next_event()) is not None:
        found.append(event)
        if isinstance(event, Reply | TooLong):
            break
    return found


def state_of(to: Client) -> State:
    """The state, in a way that lets a test look again after it moved."""
    return to.state


def talk(to: Client, *replies: bytes) -> list[bytes]:
    """Give the greeting and replies in turn; a handshake on the way succeeds. Return the commands."""
    said: list[bytes] = []
    for data in replies:
        if to.state is State.HANDSHAKE:
            to.secured()
        command = to.next_command()
        said += [command] if command else []
        assert to.awaiting, f"there is nothing to reply {data!r} to"
        reply(to, data)
    return said


EHLO_LINE, HELO_LINE = b"EHLO here.example.org", b"HELO here.example.org"
MAIL_LINE, RCPT_LINE = b"MAIL FROM:<alice@example.org>", b"RCPT TO:<bob@example.net>"


def test_the_whole_way() -> None:
    to = client()
    said = talk(to, GREETING, EHLO, b"220 go\r\n", PLAIN_EHLO, OK, OK, b"221 bye\r\n")
    assert said == [EHLO_LINE, b"STARTTLS", EHLO_LINE, MAIL_LINE, RCPT_LINE, b"QUIT"]
    assert to.state is State.CLOSED
    assert to.next_command() is None
    assert to.secure


def test_the_table_is_whole() -> None:
    replies = {Heard.POSITIVE, Heard.TRANSIENT, Heard.LEAVING, Heard.PERMANENT, Heard.NONSENSE}
    assert set(TABLE) == set(State)
    for state, row in TABLE.items():
        assert row[Heard.LOST] is State.CLOSED
        if state not in (State.HANDSHAKE, State.CLOSED):
            assert set(row) == replies | {Heard.LOST}
            assert row[Heard.LEAVING] is (State.CLOSED if state is State.QUIT else State.QUIT)
            assert row[Heard.NONSENSE] is (State.CLOSED if state is State.QUIT else State.QUIT)


BEFORE: dict[State, tuple[bytes, ...]] = {
    State.GREETING: (),
    State.EHLO: (GREETING,),
    State.HELO: (GREETING, b"502 what\r\n"),
    State.STARTTLS: (GREETING, EHLO),
    State.EHLO_TLS: (GREETING, EHLO, b"220 go\r\n"),
    State.MAIL: (GREETING, PLAIN_EHLO),
    State.RCPT: (GREETING, PLAIN_EHLO, OK),
    State.QUIT: (GREETING, PLAIN_EHLO, OK, OK),
}
NEXT = {
    State.GREETING: {"2": State.EHLO},
    State.EHLO: {"2": State.MAIL, "5": State.HELO},
    State.HELO: {"2": State.MAIL},
    State.STARTTLS: {"2": State.HANDSHAKE, "4": State.MAIL, "5": State.MAIL},
    State.EHLO_TLS: {"2": State.MAIL, "5": State.HELO},
    State.MAIL: {"2": State.RCPT},
    State.RCPT: {},
    State.QUIT: dict.fromkeys(("2", "4", "5", "421", "3", "1", "x"), State.CLOSED),
}
REPLIES = {
    "2": b"299 fine\r\n", "4": b"499 later\r\n", "5": b"599 no\r\n", "421": b"421 bye\r\n",
    "3": b"354 go on\r\n", "1": b"150 wait\r\n", "x": b"what\r\n",
}  # fmt: skip


@pytest.mark.parametrize("state", BEFORE)
@pytest.mark.parametrize("kind", REPLIES)
def test_each_reply_in_each_state(state: State, kind: str) -> None:
    to = client()
    talk(to, *BEFORE[state])
    if to.state is State.HANDSHAKE:
        to.secured()
    assert to.state is state
    to.next_command()
    reply(to, REPLIES[kind])
    assert to.state is NEXT[state].get(kind, State.QUIT)


@pytest.mark.parametrize("state", BEFORE)
def test_a_lost_connection_ends_each_state(state: State) -> None:
    to = client()
    talk(to, *BEFORE[state])
    to.next_command()
    to.lost()
    assert to.state is State.CLOSED
    assert to.next_command() is None
    to.lost()
    assert to.state is State.CLOSED


@pytest.mark.parametrize(
    ("code", "what"),
    [
        (220, Heard.POSITIVE), (299, Heard.POSITIVE), (354, Heard.NONSENSE), (421, Heard.LEAVING),
        (450, Heard.TRANSIENT), (554, Heard.PERMANENT), (0, Heard.NONSENSE),
    ],
)  # fmt: skip
def test_heard(code: int, what: Heard) -> None:
    assert heard(Reply(code, (b"%d" % code,))) is what


@pytest.mark.parametrize("policy", [TlsPolicy.OFF, "off"])
def test_off_never_asks_for_tls(policy: TlsPolicy | str) -> None:
    assert talk(client(policy), GREETING, EHLO, OK, OK, OK) == [EHLO_LINE, MAIL_LINE, RCPT_LINE, b"QUIT"]


@pytest.mark.parametrize("answer", [b"454 not now\r\n", b"502 no\r\n"])
def test_starttls_refused_goes_on_in_clear(answer: bytes) -> None:
    to = client()
    said = talk(to, GREETING, EHLO, answer, OK, OK, OK)
    assert said == [EHLO_LINE, b"STARTTLS", MAIL_LINE, RCPT_LINE, b"QUIT"]
    assert not to.secure
    assert not to.tls_missing


@pytest.mark.parametrize(
    "replies",
    [(PLAIN_EHLO,), (EHLO, b"454 not now\r\n"), (EHLO, b"502 no\r\n"), (b"502 what\r\n", OK)],
)
def test_require_sends_no_mail_in_clear(replies: tuple[bytes, ...]) -> None:
    to = client("require")
    said = talk(to, GREETING, *replies, b"221 bye\r\n")
    assert MAIL_LINE not in said
    assert said[-1] == b"QUIT"
    assert to.tls_missing


def test_require_goes_on_under_tls() -> None:
    to = client("require")
    assert MAIL_LINE in talk(to, GREETING, EHLO, b"220 go\r\n", PLAIN_EHLO, OK)
    assert not to.tls_missing


@pytest.mark.parametrize(("policy", "missing"), [("auto", False), ("require", True), ("implicit", True)])
def test_a_failed_handshake_ends_the_session(policy: str, missing: bool) -> None:
    to = client(policy)
    if policy != "implicit":
        talk(to, GREETING, EHLO, b"220 go\r\n")
    assert state_of(to) is State.HANDSHAKE
    assert to.next_command() is None
    to.unsecured()
    assert to.state is State.CLOSED
    assert to.tls_missing is missing
    assert not to.secure


def test_implicit_tls_comes_before_the_greeting() -> None:
    to = client("implicit")
    assert to.state is State.HANDSHAKE
    assert not to.awaiting
    said = talk(to, GREETING, EHLO, OK, OK, OK)
    assert said == [EHLO_LINE, MAIL_LINE, RCPT_LINE, b"QUIT"]
    assert to.secure


@pytest.mark.parametrize(
    ("policy", "replies", "said"),
    [
        ("require", (GREETING, EHLO, b"220 go\r\n", b"221 bye\r\n"), ["EHLO", "STARTTLS", "QUIT"]),
        ("require", (GREETING, PLAIN_EHLO, b"221 bye\r\n"), ["EHLO", "QUIT"]),
        ("auto", (GREETING, EHLO, b"454 no\r\n", b"221 bye\r\n"), ["EHLO", "STARTTLS", "QUIT"]),
        ("auto", (GREETING, b"502 no\r\n", OK, b"221 bye\r\n"), ["EHLO", "HELO", "QUIT"]),
        ("implicit", (GREETING, EHLO, b"221 bye\r\n"), ["EHLO", "QUIT"]),
    ],
)
def test_a_session_about_tls_alone_names_nobody(policy: str, replies: tuple[bytes, ...], said: list[str]) -> None:
    to = client(policy, only_tls=True)
    commands = talk(to, *replies)
    assert [command.split()[0].decode() for command in commands] == said
    assert to.state is State.CLOSED


def test_what_the_first_ehlo_said_is_forgotten() -> None:
    to = client(smtputf8=True)
    talk(to, GREETING, b"250-mx\r\n250-STARTTLS\r\n250 SMTPUTF8\r\n", b"220 go\r\n")
    assert to.extensions == {"STARTTLS", "SMTPUTF8"}
    to.secured()
    assert to.extensions == frozenset()
    assert talk(to, PLAIN_EHLO, b"221 bye\r\n") == [EHLO_LINE, b"QUIT"]
    assert to.smtputf8_missing


def test_smtputf8_offered_under_tls_alone_is_enough() -> None:
    to = client(smtputf8=True)
    said = talk(to, GREETING, EHLO, b"220 go\r\n", UTF8_EHLO, OK)
    assert said[-1] == MAIL_LINE + b" SMTPUTF8"
    assert not to.smtputf8_missing


@pytest.mark.parametrize("replies", [(PLAIN_EHLO,), (b"502 what\r\n", OK)])
def test_smtputf8_not_offered_sends_no_mail(replies: tuple[bytes, ...]) -> None:
    to = client(smtputf8=True)
    said = talk(to, GREETING, *replies, b"221 bye\r\n")
    assert said[-1] == b"QUIT"
    assert MAIL_LINE not in b" ".join(said)
    assert to.smtputf8_missing


def test_ehlo_rejected_under_tls_takes_helo_and_offers_nothing() -> None:
    to = client()
    said = talk(to, GREETING, EHLO, b"220 go\r\n", b"502 what\r\n", OK, OK, OK, OK)
    assert said == [EHLO_LINE, b"STARTTLS", EHLO_LINE, HELO_LINE, MAIL_LINE, RCPT_LINE, b"QUIT"]
    assert to.secure


def test_null_sender() -> None:
    assert b"MAIL FROM:<>" in talk(Client("here", "", "b@example.net"), GREETING, PLAIN_EHLO, OK)


def test_nothing_is_said_before_the_greeting_is_whole() -> None:
    to = client()
    assert to.next_command() is None
    to.receive(b"220-wait\r\n220-for it\r\n")
    assert [to.next_event(), to.next_event(), to.next_event()] == [
        Line(b"220-wait"), Line(b"220-for it"), None,
    ]  # fmt: skip
    assert to.next_command() is None
    reply(to, b"220 now\r\n")
    assert to.next_command() == EHLO_LINE
    assert to.next_command() is None


@pytest.mark.parametrize("take", [True, False])
def test_what_came_before_a_command_is_not_its_reply(take: bool) -> None:
    to = client()
    reply(to, GREETING + b"250 too early\r\n")
    assert to.next_event() is None
    if take:
        assert to.set_aside() == b"250 too early\r\n"
    assert to.next_command() == EHLO_LINE
    assert to.next_event() is None
    assert to.set_aside() == b""
    assert reply(to, b"550 no\r\n")[-1] == Reply(550, (b"550 no",))
    assert to.state is State.HELO


def test_half_a_line_set_aside_does_not_spoil_the_next_reply() -> None:
    to = client()
    reply(to, GREETING + b"250-half a li")
    assert to.set_aside() == b"250-half a li"
    to.next_command()
    assert reply(to, PLAIN_EHLO)[-1] == Reply(250, (b"250 mx1.example.net",))


def test_set_aside_leaves_a_reply_that_is_due_alone() -> None:
    to = client()
    to.receive(b"220 mx")
    assert to.set_aside() == b""
    assert reply(to, b"1\r\n")[-1] == Reply(220, (b"220 mx1",))


@pytest.mark.parametrize("take", [True, False])
def test_plaintext_behind_starttls_is_never_read(take: bool) -> None:
    to = client()
    talk(to, GREETING, EHLO)
    to.next_command()
    reply(to, b"220 go\r\n250-evil\r\n250 SMTPUTF8\r\n")
    assert state_of(to) is State.HANDSHAKE
    if take:
        assert to.set_aside() == b"250-evil\r\n250 SMTPUTF8\r\n"
    to.secured()
    assert to.next_command() == EHLO_LINE
    assert to.next_event() is None
    reply(to, PLAIN_EHLO)
    assert to.extensions == frozenset()
    assert to.state is State.MAIL


def test_of_a_lost_session_all_unread_is_set_aside() -> None:
    to = client()
    to.receive(b"220 half a gree")
    assert to.next_event() is None
    to.lost()
    assert to.set_aside() == b"220 half a gree"


def test_too_long_closes() -> None:
    to = client()
    assert isinstance(reply(to, b"220-more\r\n" * 30_000)[-1], TooLong)
    assert to.state is State.CLOSED
    assert to.next_command() is None


@pytest.mark.parametrize("wire", [sample.wire for sample in SAMPLES.values()], ids=SAMPLES.keys())
def test_a_session_goes_the_same_way_one_octet_at_a_time(wire: bytes) -> None:
    whole, cut = client(), client()
    for to, chunks in ((whole, [wire]), (cut, [wire[at : at + 1] for at in range(len(wire))])):
        for chunk in chunks:
            reply(to, chunk)
    assert whole.state is cut.state
    assert whole.state in (State.EHLO, State.QUIT)


LINES = st.sampled_from(
    [
        GREETING,
        EHLO,
        PLAIN_EHLO,
        OK,
        b"220 go\r\n",
        b"454 no\r\n",
        b"550 no\r\n",
        b"421 bye\r\n",
        b"354 x\r\n",
        b"\n",
    ]
)


@settings(deadline=None)
@given(
    st.lists(LINES | st.binary(max_size=40), max_size=12),
    st.sampled_from(list(TlsPolicy)),
    st.booleans(),
    st.booleans(),
)
def test_whatever_comes_it_ends_politely_and_never_sends_content(
    wires: list[bytes], policy: TlsPolicy, smtputf8: bool, shake: bool
) -> None:
    to = client(policy, smtputf8=smtputf8)
    said: list[bytes] = []
    failed = False
    for wire in itertools.chain(wires, [b"\r\n"] * 12):
        if to.state is State.HANDSHAKE:
            to.secured() if shake else to.unsecured()
            failed = not shake
        said += [command] if (command := to.next_command()) else []
        to.receive(wire)
        while to.next_event() is not None:
            pass
        assert to._parser.held <= MAX_REPLY
    assert to.state is State.CLOSED
    verbs = [command.split()[0] for command in said]
    assert set(verbs) <= {b"EHLO", b"HELO", b"STARTTLS", b"MAIL", b"RCPT", b"QUIT"}
    for verb, most in ((b"EHLO", 2), (b"HELO", 1), (b"STARTTLS", 1), (b"MAIL", 1), (b"RCPT", 1), (b"QUIT", 1)):
        assert verbs.count(verb) <= most
    assert b"QUIT" not in verbs[:-1]
    assert verbs[-1:] == [b"QUIT"] or failed
    if b"RCPT" in verbs:
        assert verbs.index(b"RCPT") == verbs.index(b"MAIL") + 1


def test_no_state_has_content_to_send() -> None:
    assert all(isinstance(to, State | Fork) for row in TABLE.values() for to in row.values())
    everything = b" ".join(client()._commands.values()).upper()
    assert b"DATA" not in everything
    assert b"BDAT" not in everything


def test_mail_tells_of_the_message_what_the_ehlo_that_counts_offers() -> None:
    needs = MessageNeeds(500, eight_bit=True, smtputf8=True)
    to = client(needs=needs)
    first = b"250-mx\r\n250-STARTTLS\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n"
    said = talk(to, GREETING, first, b"220 go\r\n", b"250-mx\r\n250 SIZE 100\r\n", OK, OK, b"221 bye\r\n")
    assert said[3] == MAIL_LINE + b" SIZE=500"
    assert not to.smtputf8_missing


def test_after_helo_mail_tells_nothing_of_the_message() -> None:
    to = client(needs=MessageNeeds(500, eight_bit=True))
    said = talk(to, GREETING, b"502 what\r\n", b"250 mx\r\n", OK)
    assert said[2:] == [MAIL_LINE]
