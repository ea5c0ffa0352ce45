"""The classes of words: whole, in order, and linear."""

import re
import time

import pytest

from smtpdiag_tui.checks.session.replies.normal_form import LAST, LONGEST, normal_form
from smtpdiag_tui.checks.session.replies.vocabulary import class_in_words, word_classes
from smtpdiag_tui.checks.session.session import Phase
from smtpdiag_tui.report.reasons import Reason
from smtpdiag_tui.smtp.reply import Reply


def test_every_reason_that_words_can_tell_has_a_class() -> None:
    told = {item.reason for item in word_classes()}
    assert set(Reason) - told == {Reason.UNEXPLAINED}
    ranks = [item.rank for item in word_classes()]
    assert ranks == sorted(ranks)


def test_no_class_has_open_ends() -> None:
    for item in word_classes():
        for pattern in (item.words, item.unless):
            source = re.sub(r"\\.", "", pattern.pattern) if pattern is not None else ""
            assert not re.search(r"[*+]", source), item.reason
            assert all(int(most) <= 80 for most in re.findall(r"\{\d+,(\d+)\}", source)), item.reason
            assert source == source.lower()


@pytest.mark.parametrize(
    "unit",
    [b"the mailbox user account is has been ", b"too many ", b"sender domain ", b"a@", b"client host ",
     b"your ip ", b"not ", b"relay ", b"exceeded the ", b"no valid ",
     b"recipient address rejected: ", b"\xff", b"mail from "],
)  # fmt: skip
def test_a_flood_of_near_misses_takes_no_longer_than_what_is_read_of_it(unit: bytes) -> None:
    def seconds(octets: int) -> float:
        reply = Reply(450, (b"450-" + unit * (octets // len(unit)), b"450 " + unit * (octets // len(unit))))
        begun = time.process_time()
        class_in_words(normal_form(reply), Phase.RCPT)
        return time.process_time() - begun

    normal_form.cache_clear()
    read = LONGEST + LAST
    small = min(seconds(read + extra) for extra in range(3))
    large = min(seconds(64 * 1024 + extra) for extra in range(3))
    assert large < 4 * max(small, 0.005)
