"""Looking for words among the steps."""

from smtpdiag_tui.report.findings import Finding, Severity
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.settings import Settings
from smtpdiag_tui.tui.model.step_search import StepSearch

FOUND = Finding("certificate-expired", Severity.WARNING, "Certificate expired 3 days ago")
STEPS = {
    "soa": Step("soa", "Zone (SOA)", detail="a.example"),
    "delivery": Step("delivery", "SMTP sessions"),
    "delivery/mx.a.example": Step("delivery/mx.a.example", "MX.a.example", findings=(FOUND,)),
}
REPORT = Report(Settings("a@a.example", "b@a.example"), steps=STEPS)


def found(words: str, among: set[str] | None = None) -> list[str]:
    search = StepSearch()
    search.look_for(words, REPORT, among)
    return search.matches


def test_titles_details_and_findings_are_searched_whatever_the_case() -> None:
    assert found("A.EXAMPLE") == ["soa", "delivery/mx.a.example"]
    assert found("zone") == ["soa"]
    assert found("3 days") == ["delivery/mx.a.example"]
    assert found("certificate-exp") == ["delivery/mx.a.example"]
    assert found("nothing") == found("") == []


def test_what_is_left_out_of_the_tree_is_not_searched() -> None:
    assert found("a.example", {"delivery", "delivery/mx.a.example"}) == ["delivery/mx.a.example"]


def test_the_words_tell_where_one_is() -> None:
    search = StepSearch()
    assert search.words == ""
    search.look_for("a.example", REPORT, None)
    assert search.words == "a.example: 2"
    search.current = "delivery/mx.a.example"
    assert search.words == "a.example: 2 of 2"
    search.look_for("x!", REPORT, None)
    assert search.words == "x!: not found"
    search.close()
    assert search.words == ""
    assert not search.open
    assert not search.current


def test_what_is_left_out_of_the_tree_is_told_where_nothing_else_is_found() -> None:
    found = {key: Step(key, key) for key in ("delivery", "delivery/mx120.a.example")}
    report = Report(Settings("a@a.example", "b@a.example"), steps=found)
    search = StepSearch()
    search.look_for("mx120", report, {"delivery"})
    assert search.words == "mx120: not found (1 hidden; !: show all)"
    search.look_for("mx121", report, {"delivery"})
    assert search.words == "mx121: not found"
