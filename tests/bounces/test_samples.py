"""Every sample is read whole, and means what a run would say."""

import pytest

from smtpdiag_tui.bounces.explaining import explain
from smtpdiag_tui.bounces.reading import read
from tests.bounces.sample import Sample
from tests.bounces.samples import SAMPLES

each = pytest.mark.parametrize("sample", SAMPLES, ids=[sample.name for sample in SAMPLES])


@each
def test_all_that_a_text_tells_is_read(sample: Sample) -> None:
    reading = read(sample.data)
    assert reading.told == sample.told
    assert (reading.form, reading.note) == (sample.form, sample.note)


@each
def test_what_is_told_is_explained(sample: Sample) -> None:
    found = [explain(told) for told in read(sample.data).told]
    assert [(item.outcome, item.reason or "", item.side or "") for item in found] == list(sample.means)
    for item in found:
        assert 0 < len(item.message) <= 80
        assert not item.message.endswith(".")
        assert "{" not in item.message + item.meaning + item.advice


def test_there_are_enough_of_them() -> None:
    assert len(SAMPLES) >= 60
    assert len({sample.name for sample in SAMPLES}) == len(SAMPLES)
