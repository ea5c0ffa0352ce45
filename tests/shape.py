"""How long the reports of all stories are, and how soon they say what to do: `python -m tests.shape`.

Figures are printed here; tests/test_shape.py asserts their limits.
"""

from dataclasses import dataclass
from statistics import mean, median

from smtpdiag_tui.render.answer import answer_of
from smtpdiag_tui.render.markdown import to_markdown
from smtpdiag_tui.render.text import to_text
from smtpdiag_tui.report.actions import Action
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome
from tests.story_reports import reports

say = print  # this is a command


@dataclass(frozen=True)
class Shape:
    """Of one report: its lines, the line of the first action (0 without any), and the words up to its end."""

    lines: int
    first: int
    words: int


def shape_of(report: Report, text: str) -> Shape:
    """Return the shape of a report that is told as `text`, be that Markdown or not."""
    lines = text.splitlines()
    action = first_action(report)
    if action is None:
        return Shape(len(lines), 0, 0)
    words = str(action).split()
    begins = " ".join(words[:2])
    first = next(number for number, line in enumerate(lines, 1) if begins in line)
    before = [*lines[: first - 1], lines[first - 1].partition(begins)[0]]
    return Shape(len(lines), first, len(" ".join(before).split()) + len(words))


def first_action(report: Report) -> Action | None:
    """Return the first thing to do that a report tells: about the outcome, else about the first problem."""
    answer = answer_of(report)
    actions = (*answer.actions, *(action for trouble in answer.troubles for action in trouble.actions))
    return next(iter(actions), None)


def main() -> None:
    """Print the figures of each story, then those of all."""
    shapes = []
    say(f"{'':32} {'outcome':9} {'text':>5} {'-v':>5} {'markdown':>9} {'action':>7} {'words':>6}")
    for recipient, report in reports().items():
        text, markdown = (shape_of(report, told) for told in (to_text(report), to_markdown(report)))
        whole = len(to_text(report, verbose=True).splitlines())
        shapes.append((report.outcome, text))
        figures = f"{text.lines:5} {whole:5} {markdown.lines:9} {text.first or '-':>7} {text.words or '-':>6}"
        say(f"{recipient:32} {report.outcome or '':9} {figures}")
    failing = [shape for outcome, shape in shapes if outcome is not Outcome.ACCEPTED]
    for name, items in (("all", [shape for _, shape in shapes]), ("not accepted", failing)):
        lines = [shape.lines for shape in items]
        words = [shape.words for shape in items if shape.first]
        firsts = [shape.first for shape in items if shape.first]
        say(
            f"{name}: lines mean {mean(lines):.0f} ({min(lines)}-{max(lines)}),"
            f" first action on line {min(firsts)}-{max(firsts)},"
            f" words to its end median {median(words):.0f} ({min(words)}-{max(words)})"
        )


if __name__ == "__main__":
    main()
