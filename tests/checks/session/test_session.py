import pytest

from smtpdiag_tui.checks.session.session import Ending, Exchange, Phase
from tests.checks.making import exchange, session


@pytest.mark.parametrize(
    ("line", "accepted", "turned_down"),
    [("250 ok", True, False), ("252 perhaps", True, False), ("450 later", False, True), ("550 no", False, True)],
)
def test_an_answer_accepts_or_turns_down(line: str, accepted: bool, turned_down: bool) -> None:
    answered = exchange(Phase.RCPT, line)
    assert answered.answer == answered.reply
    assert (answered.accepted, answered.turned_down) == (accepted, turned_down)
    assert session(answered).accepted(Phase.RCPT) is accepted


@pytest.mark.parametrize(
    "broken", [exchange(Phase.RCPT, ending=Ending.CLOSED), exchange(Phase.RCPT, "354 go", ending=Ending.MALFORMED)]
)
def test_an_exchange_that_ended_otherwise_has_no_answer(broken: Exchange) -> None:
    assert broken.answer is None
    assert (broken.accepted, broken.turned_down) == (False, False)


def test_the_last_exchange_of_a_phase_counts() -> None:
    refused, taken = (
        exchange(Phase.EHLO, "502 no", command=b"EHLO x"),
        exchange(Phase.EHLO, "250 x", command=b"HELO x"),
    )
    seen = session(refused, taken, exchange(Phase.QUIT, "221 bye"))
    assert seen.accepted(Phase.EHLO)
    assert not seen.accepted(Phase.MAIL)
    assert seen.before_quit == [refused, taken]
    assert refused.says(b"EHLO")
    assert not taken.says(b"EHLO")
    assert not exchange(Phase.GREETING, "220 x").says(b"EHLO")
