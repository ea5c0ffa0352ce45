"""The trace of SPF as lines to read."""

from smtpdiag_tui.checks.authentication.spf.trace import record_line, shown, spf_lines
from smtpdiag_tui.checks.authentication.spf.walk import MOST_SHOWN
from tests.checks.authentication.spf.driving import record, spf, txt, zones


def test_records_terms_lookups_and_the_count_stand_in_columns() -> None:
    zone = zones(
        record("a", "mx", "include:_spf.a.test", "exists:%{i}.x.test", "-all", "exp=why.test", A="192.0.2.1"),
        {
            "sender.example": {"MX": ["10 mx.test."]},
            "mx.test": {"A": [f"192.0.2.{number}" for number in range(9)]},
        },
        txt("_spf.a.test", "v=spf1 ip4:192.0.2.0/24 ~all", "unrelated"),
        txt("why.test", "ask %{o}"),
    )
    assert spf_lines(spf(zone)) == (
        'sender.example TXT "v=spf1 a mx include:_spf.a.test exists:%{i}.x.test -all exp=why.test"',
        "a                    no match    1 of 10 lookups  A sender.example = 192.0.2.1",
        "mx                   no match    2 of 10 lookups  MX sender.example = 10 mx.test.; "
        "A mx.test = 192.0.2.0, 192.0.2.1, 192.0.2.2, 192.0.2.3 and 5 more",
        "include:_spf.a.test  no match    3 of 10 lookups  TXT _spf.a.test (2 records); result softfail",
        '  _spf.a.test TXT "v=spf1 ip4:192.0.2.0/24 ~all"',
        "  ip4:192.0.2.0/24   no match",
        "  ~all               softfail",
        "exists:%{i}.x.test   no match    4 of 10 lookups  A 203.0.113.10.x.test NXDOMAIN",
        "-all                 fail",
        "fail (ask sender.example): 4 of 10 lookups, 1 void lookup",
    )


def test_the_term_that_ends_it_says_why() -> None:
    zone = zones(record("include:_spf.a.test", "-all"), txt("_spf.a.test", "v=spf1 a:slow.test -all"))
    lines = spf_lines(spf(zones(zone, {"slow.test": {"*": "TIMEOUT"}})))
    assert lines == (
        'sender.example TXT "v=spf1 include:_spf.a.test -all"',
        "include:_spf.a.test  error       1 of 10 lookups  TXT _spf.a.test (1 record)",
        '  _spf.a.test TXT "v=spf1 a:slow.test -all"',
        "  a:slow.test        error       2 of 10 lookups  A slow.test failed (timed out)",
        "temperror: 2 of 10 lookups, 0 void lookups",
    )


def test_the_lookup_over_the_limit_is_told() -> None:
    lines = spf_lines(spf(record("include:sender.example")))
    assert lines[-2].split() == ["include:sender.example", "error", "lookup", "11,", "over", "the", "limit"]
    assert lines[-1] == "permerror: 10 of 10 lookups, 0 void lookups"


def test_many_terms_without_a_match_are_counted() -> None:
    lines = spf_lines(spf(record(*["ip4:192.0.2.1"] * 250, "a", "ip4:192.0.2.2", "-all", A="192.0.2.1")))
    assert len(lines) == 1 + MOST_SHOWN + 5
    assert lines[1 + MOST_SHOWN] == "… (150 more terms without a match)"
    assert [line.split()[0] for line in lines[-4:]] == ["a", "…", "-all", "fail:"]


def test_a_domain_without_a_record() -> None:
    assert spf_lines(spf({})) == ("none: 0 of 10 lookups, 0 void lookups",)


def test_what_does_not_print_is_escaped() -> None:
    lines = spf_lines(spf(txt("sender.example", b"v=spf1 a:\x1b[31m\xe9.test -all")))
    assert lines[0] == 'sender.example TXT "v=spf1 a:\\x1b[31m\\xe9.test -all"'
    assert all(line.isprintable() for line in lines)
    assert "\x1b" not in "".join(lines)


def test_a_long_text_is_cut_and_says_so() -> None:
    assert shown("a" * 201) == f"{'a' * 200}… (1 more character)"
    evaluation = spf(record("x=" + "y" * 3000))
    assert evaluation.first is not None
    assert record_line(evaluation.first).endswith('… (1,009 more characters)"')
