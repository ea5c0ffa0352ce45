"""What a bounce tells, masked."""

import pytest

from smtpdiag_tui.bounces.explaining import explain
from smtpdiag_tui.bounces.reading import read
from smtpdiag_tui.bounces.told import Told
from smtpdiag_tui.masking.bounce import redact_explained
from smtpdiag_tui.render.bounces.explained import explained_json
from tests.bounces.sample import Sample
from tests.bounces.samples import SAMPLES

each = pytest.mark.parametrize("sample", SAMPLES, ids=[sample.name for sample in SAMPLES])


def masked(*told: Told) -> str:
    return explained_json(redact_explained([explain(item) for item in told], ("mail.sender.example",)))


@each
def test_no_local_part_is_left(sample: Sample) -> None:
    text = masked(*read(sample.data).told)
    for told in sample.told:
        for path in (told.sender, told.recipient):
            if path:
                assert path not in text
                assert path.rpartition("@")[2] in text or not path.isascii()


def test_the_same_mailbox_has_the_same_mask_in_all_deliveries() -> None:
    text = masked(
        Told(recipient="bob@a.example", reply="550 5.1.1 <bob@a.example>: no"),
        Told(recipient="carol@a.example", reply="550 5.1.1 <carol@a.example>: no, bob@a.example was"),
    )
    assert text.count("user2@a.example") >= 2
    assert "<user1@a.example>: no" in text
    assert "no, user1@a.example was" in text


def test_own_names_and_the_client_are_masked_and_the_server_is_not() -> None:
    text = masked(
        Told(
            host="mx.a.example",
            address="192.0.2.1",
            reply="550 5.7.1 Client host mail.sender.example[203.0.113.10] is listed: mx.a.example [192.0.2.1]",
        )
    )
    assert "sender.example" not in text
    assert "203.0.113.10" not in text
    assert "mx.a.example" in text
    assert "192.0.2.1" in text


def test_a_host_inside_is_masked() -> None:
    text = masked(
        Told(host="relay.corp.example", address="10.0.0.7", reply="550 5.7.1 no, says relay.corp.example")
    )
    assert "relay.corp" not in text
    assert "10.0.0.7" not in text
