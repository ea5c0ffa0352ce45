"""Headlines of runs that name as much as an address may hold."""

import pytest

from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.masking.redact import redact
from smtpdiag_tui.report.status import Outcome
from tests.engine.running import run

LABELS = ".".join(["b" * 60] * 3)


@pytest.mark.parametrize(
    ("recipient", "outcome"),
    [
        (f"{'a' * 64}@{LABELS[:180]}.example", Outcome.BOUNCED),
        (f"{'a' * 70}@missing.example", Outcome.UNKNOWN),
        (f"{'quetzal' * 9}@missing.example.", Outcome.UNKNOWN),
        ("bob@bücher.example", Outcome.BOUNCED),
        ("bob@[192.0.2.27]", Outcome.ACCEPTED),
    ],
)
async def test_the_headline_fits_whatever_is_asked_for(recipient: str, outcome: Outcome) -> None:
    async with DemoNetwork() as network:
        report = await run(network, recipient)
    assert report.outcome is outcome
    assert 0 < len(report.headline) <= 80
    assert report.summary.startswith(f"{report.headline}. ")
    masked = redact(report)
    assert len(masked.headline) <= 80
    assert recipient.partition("@")[0][:6] not in masked.headline or "bob" in recipient
