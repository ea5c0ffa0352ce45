"""A report as metrics, read by Prometheus' own parser."""

import math
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from smtpdiag_tui.masking.redact import redact
from smtpdiag_tui.render.as_json import to_json
from smtpdiag_tui.render.from_json import from_json
from smtpdiag_tui.render.monitors.prometheus import to_prometheus
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.report.visible import visible
from smtpdiag_tui.settings import Settings
from tests.render.made import SETTINGS, accepted, made, report_of
from tests.story_reports import RECIPIENTS, reports, story_report

Samples = dict[str, list[tuple[dict[str, str], float]]]


def samples(text: str) -> Samples:
    """Return the samples of each metric; fails where a series stands twice, or has no help or type."""
    found: Samples = {}
    for family in text_string_to_metric_families(text):
        assert family.type == "gauge", family.name
        assert family.documentation, family.name
        assert family.name not in found
        found[family.name] = [(sample.labels, sample.value) for sample in family.samples]
        series = Counter(tuple(sorted(labels.items())) for labels, _ in found[family.name])
        assert max(series.values()) == 1, family.name
        assert all(sample.timestamp is None for sample in family.samples)
    return found


def of(report: Report) -> Samples:
    return samples(to_prometheus(report))


@pytest.mark.parametrize("recipient", RECIPIENTS)
def test_each_story_parses_and_says_its_outcome(recipient: str) -> None:
    report = story_report(recipient)
    found = of(report)
    states = {labels["outcome"]: value for labels, value in found["smtpdiag_outcome"]}
    assert states == {item.value: float(item is report.outcome) for item in Outcome}
    pair = {"sender": report.settings.sender, "recipient": recipient}
    assert all(labels.items() >= pair.items() for rows in found.values() for labels, _ in rows)
    assert ("smtpdiag_cause" in found) == (report.outcome is not Outcome.ACCEPTED)
    assert found["smtpdiag_run_timestamp_seconds"][0][1] == pytest.approx(report.started.timestamp(), abs=0.001)


@pytest.mark.parametrize("recipient", RECIPIENTS)
def test_a_saved_report_gives_the_same(recipient: str) -> None:
    report = story_report(recipient)
    # A file has the start in milliseconds.
    level = replace(report, started=report.started.replace(microsecond=0))
    assert to_prometheus(from_json(to_json(level))) == to_prometheus(level)


def test_all_stories_fit_into_one_folder() -> None:
    """No series of one file stands in another, and what a metric is called to mean is the same in all."""
    texts = [to_prometheus(report) for report in reports().values()]
    series = Counter(line.rpartition(" ")[0] for text in texts for line in text.splitlines() if line[0] != "#")
    assert series.most_common(1)[0][1] == 1
    comments = {line for text in texts for line in text.splitlines() if line[0] == "#"}
    assert len(comments) == len({tuple(line.split()[1:3]) for line in comments})


def test_each_address_and_phase_is_told() -> None:
    found = of(story_report("bob@dead.example"))
    results = {labels["address"]: labels["result"] for labels, _ in found["smtpdiag_address_result"]}
    assert results == {"192.0.2.31": "connection-refused", "192.0.2.32": "accepted"}
    accepts = {labels["host"]: value for labels, value in found["smtpdiag_address_accepted"]}
    assert accepts == {"mx1.dead.example": 0, "mx2.dead.example": 1}
    phases = [labels["phase"] for labels, _ in found["smtpdiag_phase_seconds"] if "mx2" in labels["host"]]
    assert phases == ["connect", "greeting", "ehlo", "starttls", "mail-from", "rcpt-to"]
    assert found["smtpdiag_addresses"][0][1] == 2
    assert found["smtpdiag_addresses_accepted"][0][1] == 1


def test_a_certificate_has_its_days_and_what_is_wrong_with_it() -> None:
    found = of(story_report("bob@expired.example"))
    assert found["smtpdiag_certificate_expiry_days"][0][1] == -3
    assert "expired" in {labels["verdict"] for labels, _ in found["smtpdiag_certificate_verdict"]}


def test_causes_problems_and_what_fails_after_data() -> None:
    cause = of(story_report("bob@greylist.example"))["smtpdiag_cause"][0][0]
    assert (cause["code"], cause["reason"], cause["side"]) == ("greylisted", "greylisting", "policy")
    found = of(story_report("bob@uplink.example"))
    verdicts = {labels["name"]: labels["verdict"] for labels, _ in found["smtpdiag_beyond"]}
    assert verdicts["spf"] == "fail"
    problems = {labels["severity"]: value for labels, value in found["smtpdiag_problems"]}
    assert problems == {"failure": 1, "warning": 0, "unknown": 0}


def test_addresses_that_are_not_tested_are_no_series() -> None:
    found = of(story_report("bob@large.example"))
    assert found["smtpdiag_addresses"][0][1] == 64
    assert len({labels["address"] for labels, _ in found["smtpdiag_address_result"]}) == 64


def test_an_address_that_hosts_share_stands_at_each_and_counts_once() -> None:
    found = of(story_report("bob@shared.example"))
    assert len(found["smtpdiag_address_accepted"]) == 2
    assert found["smtpdiag_addresses"][0][1] == 1


@pytest.mark.parametrize("recipient", RECIPIENTS)
def test_masking_leaves_the_series_apart(recipient: str) -> None:
    report = story_report(recipient)
    text = to_prometheus(redact(report, ("mail.sender.example",)))
    assert "alice" not in text
    assert samples(text).keys() == of(report).keys()


@pytest.mark.parametrize(
    "report",
    [
        Report(replace(SETTINGS, sender="")),
        replace(accepted(), status=Status.CANCELLED),
        replace(made(), status=Status.CANCELLED, outcome=None),
    ],
)
def test_a_run_that_did_not_end_is_unknown(report: Report) -> None:
    found = of(report)
    assert {labels["outcome"] for labels, value in found["smtpdiag_outcome"] if value} == {"unknown"}
    assert "smtpdiag_cause" not in found


def test_times_that_are_no_numbers_are_told_as_such() -> None:
    assert math.isnan(of(replace(made(), seconds=math.inf))["smtpdiag_run_seconds"][0][1])


@given(st.text(max_size=200))
def test_any_text_is_a_label(text: str) -> None:
    pair = Settings(text or "x", text)
    for report in (report_of(visible(text)), replace(made(), headline=text, settings=pair)):
        found = of(report)
        assert found["smtpdiag_outcome"][0][0]["recipient"] == visible(report.settings.recipient)


def test_the_same_report_gives_the_same_text() -> None:
    report = story_report("bob@large.example")
    assert to_prometheus(report) == to_prometheus(replace(report))
    lines = to_prometheus(report).splitlines()
    assert [line for line in lines if line != line.strip() or not line] == []
