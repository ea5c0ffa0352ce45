"""How long a hostile reply takes to be judged: `python -m tests.reply_benchmark`. Figures are printed only."""

import time
from collections.abc import Iterator

from smtpdiag_tui.checks.session import reply_meanings
from smtpdiag_tui.checks.session.refusals import judge_refusal
from smtpdiag_tui.checks.session.replies.normal_form import normal_form
from smtpdiag_tui.checks.session.replies.vocabulary import word_classes
from smtpdiag_tui.checks.session.session import Phase
from smtpdiag_tui.smtp.reply import Reply
from tests.adversarial import makings
from tests.checks.making import exchange, session

OCTETS = 64 * 1024
WORST = 12
say = print  # this is a command


def main() -> None:
    """Print the near misses that take longest, each as one line of 64 KiB and as thousands of lines."""
    figures = sorted(((seconds(reply), name) for name, reply in replies()), reverse=True)
    say(f"{len(figures)} replies of {OCTETS // 1024} KiB; the longest {figures[0][0] * 1000:.1f} ms")
    for taken, name in figures[:WORST]:
        say(f"{taken * 1000:8.1f} ms  {name}")


def replies() -> Iterator[tuple[str, Reply]]:
    """Yield near misses of each class and of each pattern, made from what they are made of."""
    sources = [(item.reason.value, item.words) for item in word_classes()]
    sources += [(item.explanation.id, item.regex) for item in reply_meanings.patterns()]
    for name, pattern in sources:
        for making in makings(pattern)[:8]:
            unit = making.unit.encode("utf-8", "replace") or b"x"
            whole = (unit * (OCTETS // len(unit) + 1))[:OCTETS]
            yield f"{name}: {making.unit!r}", Reply(550, (b"550 " + whole,))
    for unit in (b"a@", b"1.2.3.4 ", b"a.b.", b"<a>: ", b"http://", b"abcd:", b"\xff", b"\xe2\x80\xae", b" "):
        yield f"{unit!r} in one line", Reply(550, (b"550 " + unit * (OCTETS // len(unit)),))
        yield f"{unit!r} in many lines", Reply(550, (b"550-" + unit * 3,) * 5000)


def seconds(reply: Reply) -> float:
    """Return how long it takes at best to judge a reply that is not known yet."""
    lines = [line.decode("latin-1") for line in reply.lines]

    def once() -> float:
        reply_meanings._explained.cache_clear()
        normal_form.cache_clear()
        refusing = exchange(Phase.RCPT, *lines)
        seen = session(refusing, source="203.0.113.10")
        begun = time.process_time()
        judge_refusal(seen, refusing)
        return time.process_time() - begun

    return min(once() for _ in range(2))


if __name__ == "__main__":
    main()
