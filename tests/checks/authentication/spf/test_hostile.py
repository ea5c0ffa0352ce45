"""Records that mean harm: what they cost is bounded, and told."""

import time

import pytest

from smtpdiag_tui.checks.authentication.spf.judgement import judge
from smtpdiag_tui.checks.authentication.spf.model import SpfRequest
from smtpdiag_tui.checks.authentication.spf.trace import MOST_LINES, spf_lines
from smtpdiag_tui.report.findings import MAX_EVIDENCE
from tests.checks.authentication.spf.driving import Asked, Zone, ask, record, txt, zones

REQUEST = SpfRequest("203.0.113.10", "alice@sender.example", "mail.sender.example")
MOST_QUESTIONS = 170
MOST_SECONDS = 5.0  # of the processor, on a busy machine: far less than its square would take


def survived(zone: Zone) -> Asked:
    """Evaluate and judge; whatever stands in a zone, time, questions and texts are bounded and printable."""
    began = time.process_time()
    asked = ask(REQUEST, zone)
    lines = spf_lines(asked.evaluation)
    findings = judge(asked.evaluation)
    assert time.process_time() - began < MOST_SECONDS
    assert len(asked.questions) <= MOST_QUESTIONS
    assert len(asked.batches) <= 60
    assert len(lines) <= MOST_LINES + 2
    assert all(line.isprintable() and len(line) < 4000 for line in lines)
    for found in findings:
        assert len(found.message) <= 80
        assert found.message.isprintable()
        assert len(found.evidence) <= MAX_EVIDENCE
        assert all(action.what.isprintable() and len(action.what) < 1200 for action in found.actions)
    return asked


def padded(terms: str, size: int = 60_000) -> str:
    text = f"v=spf1 {terms} "
    return (text + (terms + " ") * (size // (len(terms) + 1)))[:size].rpartition(" ")[0]


@pytest.mark.parametrize(
    "terms",
    [
        "ip4:192.0.2.1",
        "include:x.example",
        "a:%{s}.%{s}.%{s}.x.example",
        "exists:" + "%{d}" * 200 + ".x.example",
        "x=" + "%{s}" * 1000,
        "moo",
        "ip6:",
        "%" * 1000,
        "-" * 50,
        "a:" + "a." * 1000 + "example",
        "a" + "/1" * 1000,
        "exp=x.example",
        "\x1b[31m",
        "~all",
    ],
)
def test_a_record_of_60_kilobytes(terms: str) -> None:
    survived(txt("sender.example", padded(terms)))


def test_one_term_of_60_kilobytes() -> None:
    for start in ("a:", "exists:%{d", "x=", "ip4:", "ip6:", "exp=", "a/", "a//", "include:%{", ""):
        for filling in ("a", "%{s}", "/", "1", ":", ".", "%", "{", "-"):
            survived(txt("sender.example", f"v=spf1 {start}{filling * 20_000}"))


def test_records_of_60_kilobytes_in_ten_includes() -> None:
    includes = [f"include:i{number}.example" for number in range(10)]
    large = [txt(f"i{number}.example", padded("ip4:192.0.2.1")) for number in range(10)]
    asked = survived(zones(record(*includes, "-all"), *large))
    assert asked.evaluation.lookups == 10


def test_two_hundred_includes() -> None:
    includes = [f"include:i{number}.example" for number in range(200)]
    targets = [txt(f"i{number}.example", "v=spf1 ?all") for number in range(200)]
    asked = survived(zones(record(*includes, "-all"), *targets))
    assert asked.evaluation.result == "permerror"


def test_two_hundred_includes_that_each_have_two_hundred() -> None:
    def includes(level: int) -> str:
        return "v=spf1 " + " ".join(f"include:i{level}x{number}.example" for number in range(200))

    zone = {"sender.example": {"TXT": includes(0)}}
    zone |= {f"i{level}x{n}.example": {"TXT": includes(level + 1)} for level in range(12) for n in range(200)}
    asked = survived(zone)
    assert asked.evaluation.result == "permerror"


@pytest.mark.parametrize(
    "term", ["include:sender.example", "redirect=sender.example", "include:%{d}", "redirect=%{d}"]
)
def test_a_loop(term: str) -> None:
    asked = survived(record("ip4:192.0.2.1", term))
    assert asked.questions == ["TXT sender.example"]
    assert asked.evaluation.result == "permerror"


def test_macros_that_grow_from_record_to_record() -> None:
    zone = {"sender.example": {"TXT": "v=spf1 include:a.%{d}"}}
    name = "sender.example"
    for _ in range(12):
        name = f"a.{name}"
        zone[name] = {"TXT": "v=spf1 include:a.%{d} a:%{d}.%{d}.%{d}.%{d}.%{d}.%{d}.%{d}.example"}
    assert survived(zone).evaluation.result == "permerror"


def test_answers_with_thousands_of_records() -> None:
    many = [f"{number} m{number}.example." for number in range(5000)]
    addresses = [f"192.0.{number // 250}.{number % 250}" for number in range(5000)]
    zone = record("a", "ptr", "mx", "-all", A=addresses, MX=many)
    zone["10.113.0.203.in-addr.arpa"] = {"PTR": [f"p{number}.example." for number in range(5000)]}
    survived(zone)


def test_thousands_of_txt_records() -> None:
    asked = survived(txt("sender.example", *[f"v=spf1 ip4:192.0.2.{number % 250} -all" for number in range(5000)]))
    assert asked.evaluation.result == "permerror"


@pytest.mark.parametrize(
    "data", ["", "x", "10", "x y", "99999999999999 m.example.", ". .", "10 .", "10 \\000.example."]
)
def test_records_that_are_none(data: str) -> None:
    zone = record("a", "mx", "ptr", "-all", A=data, MX=data)
    zone["10.113.0.203.in-addr.arpa"] = {"PTR": [data]}
    survived(zone)


def test_an_explanation_that_controls_a_terminal_or_never_ends() -> None:
    zone = zones(record("-all", "exp=why.example"), txt("why.example", "%{s}" * 15_000))
    assert len(survived(zone).evaluation.explanation) == 1000
