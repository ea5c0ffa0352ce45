"""The addresses that others see, and those that were given in their place."""

import pytest

from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.masking.redact import redact
from smtpdiag_tui.render.as_json import to_json
from smtpdiag_tui.render.markdown import to_markdown
from smtpdiag_tui.render.text import to_text
from tests.engine.running import run
from tests.engine.sending import Inside

GIVEN = ("203.0.113.10", "2001:db8::99")


@pytest.mark.parametrize("recipient", ["bob@null.example", "bob@partner.example"])
async def test_given_addresses_are_masked_in_ids_titles_and_sentences(recipient: str) -> None:
    async with DemoNetwork() as network:
        masked = redact(await run(network, recipient, as_addresses=GIVEN))
    for text in (to_json(masked), to_text(masked, verbose=True), to_markdown(masked, verbose=True)):
        for address in (*GIVEN, "10.113.0.203"):
            assert address not in text


async def test_the_source_that_nobody_translates_is_masked() -> None:
    async with Inside() as network:
        masked = redact(await run(network, "bob@partner.example"))
    for text in (to_json(masked), to_text(masked, verbose=True)):
        assert "10.0.0.10" not in text
