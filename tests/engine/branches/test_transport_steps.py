"""The telling detail of a transport: what was found over it, type by type."""

from collections.abc import Sequence

import pytest

from smtpdiag_tui.checks.lookups.answers import Answer, AnswerKind
from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.engine import diagnose
from smtpdiag_tui.engine.branches.transport_steps import _detail
from smtpdiag_tui.report.events import Event, StepStarted
from smtpdiag_tui.settings import Settings
from tests.checks.making import answer


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ([answer("MX", ["10 mx.partner.example."])], "1 MX"),
        (
            [answer("MX", ["10 a.example.", "20 b.example."]), answer("A", ["192.0.2.1"]), answer("AAAA")],
            "2 MX, 1 A, no AAAA",
        ),
        ([answer("A", ["192.0.2.1"]), answer("A", name="other.example")], "1 A"),
        ([answer("A", kind=AnswerKind.NXDOMAIN), answer("AAAA", kind=AnswerKind.NXDOMAIN)], "NXDOMAIN"),
        ([answer("A", ["192.0.2.1"]), answer("AAAA", kind=AnswerKind.SERVFAIL)], "1 A, SERVFAIL"),
        ([answer("MX", kind=AnswerKind.TRUNCATED), answer("A")], "no A, truncated"),
    ],
)
def test_each_type_is_counted(answers: Sequence[Answer], words: str) -> None:
    slowest = max(item.seconds for item in answers) * 1000
    assert _detail(answers) == f"{words}, {slowest:.0f} ms"


async def test_the_limit_of_udp_is_that_of_all_its_tries() -> None:
    started: dict[str, float | None] = {}

    def note(event: Event) -> None:
        if isinstance(event, StepStarted):
            started[event.id] = event.limit

    async with DemoNetwork() as network:
        await diagnose(Settings("a@sender.example", "bob@partner.example", timeout=1.5), network, note)
    limits = {
        transport: {limit for key, limit in started.items() if key.endswith(f"/{transport}")}
        for transport in ("udp", "tcp")
    }
    assert limits == {"udp": {4.5}, "tcp": {1.5}}
