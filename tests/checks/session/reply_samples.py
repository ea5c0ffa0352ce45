"""Samples of what receivers say, each under the name of the pattern that it is to meet."""

import tomllib
from pathlib import Path

from smtpdiag_tui.checks.session.session import Phase
from smtpdiag_tui.smtp.reply import Reply
from tests.checks.making import reply

SAMPLES: dict[str, list[str]] = tomllib.loads(
    (Path(__file__).parent / "data" / "reply_samples.toml").read_text(encoding="utf-8")
)
CASES = [(name, sample) for name, samples in SAMPLES.items() for sample in samples]
REFUSING = {Phase.GREETING, Phase.EHLO, Phase.STARTTLS, Phase.MAIL, Phase.RCPT}


def placed(sample: str) -> tuple[Reply, Phase]:
    """Return the reply of a sample and its phase, which stands before it unless it is RCPT."""
    phase, colon, text = sample.partition(": ")
    known = colon and phase in {item.value for item in REFUSING}
    said, at = (text, Phase(phase)) if known else (sample, Phase.RCPT)
    return reply(*said.split("\n")), at
