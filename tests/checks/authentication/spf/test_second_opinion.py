"""pyspf's opinion beside this one: where they differ, the difference is known."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smtpdiag_tui.checks.authentication.spf.model import MOST_VOID, SpfRequest
from smtpdiag_tui.report.authentication import SpfResult
from tests.checks.authentication.spf.driving import ask, zones
from tests.checks.authentication.spf.second_opinion import Opinion, opinion
from tests.checks.authentication.spf.suite import LIMIT, Case

HOSTS = {
    "h1.test": {"A": "203.0.113.10", "AAAA": "2001:db8::10", "MX": ["10 h1.test.", "20 h2.test."]},
    "h2.test": {"A": ["192.0.2.1", "192.0.2.2"], "AAAA": "2001:db8::2", "MX": "10 h2.test."},
    "v4.test": {"A": "203.0.113.77", "MX": "10 v4.test."},
    "slow.test": {"*": "TIMEOUT"},
    "203.0.113.10.list.test": {"A": "127.0.0.2"},
    "10.113.0.203.in-addr.arpa": {"PTR": ["other.example.", "h1.test."]},
    "alice.sender.test": {"A": "127.0.0.2"},
}
SPECS = st.sampled_from(
    ["", ":h1.test", ":h2.test", ":v4.test", ":slow.test", ":gone.test", ":%{l}.%{d}", ":%{o}"]
)
LENGTHS = st.sampled_from(["", "/24", "//64", "/0//0", "/33", "/8//32"])
TERMS = st.one_of(
    st.builds("a{}{}".format, SPECS, LENGTHS),
    st.builds("mx{}{}".format, SPECS, LENGTHS),
    st.builds("include:{}.test".format, st.sampled_from(["one", "two", "three", "gone", "slow", "sender"])),
    st.builds(
        "exists:{}".format, st.sampled_from(["%{i}.list.test", "gone.test", "%{l}.%{d1r}.test", "slow.test"])
    ),
    st.builds("ptr{}".format, st.sampled_from(["", ":h1.test", ":test", ":example"])),
    st.sampled_from(
        ["ip4:203.0.113.0/24", "ip4:192.0.2.1", "ip6:2001:db8::/64", "ip6:::1", "ip4:203.0.113.10/33"]
    ),
    st.sampled_from(
        ["all", "moo", "x=%{d}", "redirect=two.test", "redirect=gone.test", "exp=why.test", "a:museum"]
    ),
)
SIGNED = st.builds("{}{}".format, st.sampled_from(["", "+", "-", "~", "?"]), TERMS)
TERM = st.one_of(TERMS, SIGNED.filter(lambda term: "=" not in term))
# An unknown modifier may stand as often as it likes (RFC 7208 §6), but not with pyspf.
RECORDS = (
    st.lists(TERM, max_size=7)
    .map(lambda terms: " ".join(["v=spf1", *terms]))
    .filter(lambda text: text.count("x=") < 2)
)
ADDRESSES = st.sampled_from(["203.0.113.10", "198.51.100.7", "2001:db8::10", "::ffff:203.0.113.10"])


def has_rules_of_its_own(theirs: Opinion) -> bool:
    """Whether pyspf gave up where the RFC does not.

    It counts each void lookup, not terms, and those of names that a PTR leads to; and it refuses a record that
    includes itself before it evaluates it.
    """
    if theirs.result != SpfResult.PERMERROR:
        return False
    return theirs.void_lookups > MOST_VOID or "trivial recursion" in theirs.error


@settings(max_examples=300)
@given(own=RECORDS, one=RECORDS, two=RECORDS, three=RECORDS, address=ADDRESSES)
def test_generated_records(own: str, one: str, two: str, three: str, address: str) -> None:
    records = {"sender.test": own, "one.test": one, "two.test": two, "three.test": three, "why.test": "%{i} %{d}"}
    zone = zones(HOSTS, {name: {"TXT": text} for name, text in records.items()})
    request = SpfRequest(address, "alice@sender.test", "mail.sender.test")
    evaluation = ask(request, zone).evaluation
    theirs = opinion(request, zone)
    if theirs.result != evaluation.result:
        assert has_rules_of_its_own(theirs), (theirs, evaluation.result)
    elif theirs.explanation:
        assert theirs.explanation.lower() == evaluation.explanation.lower()


@pytest.mark.timeout(LIMIT + 60)
def test_the_cases_of_the_suite(suite: list[Case]) -> None:
    differing = {}
    for case in suite:
        request = SpfRequest(case.address, case.sender, case.ehlo)
        mine = ask(request, case.zone).evaluation.result.value
        theirs = opinion(request, case.zone).result
        if mine != theirs:
            differing[case.name] = (mine, theirs)
    # A lookup that fails behind a PTR is skipped (RFC 7208 §5.5); pyspf ends there.
    assert differing == {"ptr-cname-loop": ("neutral", "temperror")}
