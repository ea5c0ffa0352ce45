"""Whether name servers agree on the mail hosts: what counts as another answer, and what does not."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from smtpdiag_tui.checks.lookups.answers import Answer, AnswerKind, Record
from smtpdiag_tui.checks.lookups.authority import AuthorityView
from smtpdiag_tui.checks.lookups.mail_agreement import judge_mail, mail_set
from tests.checks.lookups.zone_made import answering, referral, seen, view
from tests.checks.making import DOMAIN, answer, codes

AA = ("AA",)
OLD, NEW = ["10 old.example."], ["10 new.example."]


def implicit(host: int, serial: int, a: Sequence[str], aaaa: Sequence[str] = ()) -> AuthorityView:
    """Return a name server that has no MX, but these addresses."""
    return replace(view(host, serial, []), a=answer("A", a, flags=AA), aaaa=answer("AAAA", aaaa, flags=AA))


def saying(host: int, mx: Answer, serial: int = 7) -> AuthorityView:
    return replace(view(host, serial), mx=mx)


def test_different_serials_with_equal_mx_do_no_harm_now() -> None:
    assert judge_mail(seen(view(0, 8, ["10 mx.example."]), view(1, 7, ["10 MX.example."]))) == ()


def test_different_serials_with_different_mx_are_a_failure() -> None:
    [found] = judge_mail(seen(view(0, 8, NEW), view(1, 7, OLD)))
    assert (found.code, found.severity, found.side) == ("soa-mx-mismatch", "failure", "recipient")
    assert found.evidence == (
        "ns1.example [192.0.2.51], serial 8: MX 10 new.example",
        "ns2.example [192.0.2.52], serial 7: MX 10 old.example",
    )


def test_equal_serials_with_different_mx_have_a_code_of_their_own() -> None:
    [found] = judge_mail(seen(view(0, 7, NEW), view(1, 7, OLD)))
    assert (found.code, found.severity, found.side) == ("mx-differ-same-serial", "failure", "recipient")
    assert "hostmaster@example" in (found.advice or "")


def test_both_at_once() -> None:
    third = replace(view(1, 7, OLD), address="192.0.2.53")
    found = judge_mail(seen(view(0, 8, NEW), view(1, 8, OLD), third))
    assert codes(found) == ["soa-mx-mismatch", "mx-differ-same-serial"]


def test_no_mx_beside_mx_is_another_answer() -> None:
    assert codes(judge_mail(seen(view(0, 7, NEW), implicit(1, 7, ["192.0.2.9"])))) == ["mx-differ-same-serial"]
    nothing = implicit(1, 7, [])
    [found] = judge_mail(seen(view(0, 7, NEW), nothing))
    assert "no MX record or address" in found.evidence[1]
    gone = saying(1, answer("MX", kind=AnswerKind.NXDOMAIN, flags=AA))
    assert codes(judge_mail(seen(view(0, 7, NEW), gone))) == ["mx-differ-same-serial"]


def test_addresses_count_where_there_is_no_mx() -> None:
    one, other = implicit(0, 7, ["192.0.2.9"]), implicit(1, 7, ["192.0.2.8"], ["2001:db8::8"])
    assert codes(judge_mail(seen(one, other))) == ["mx-differ-same-serial"]
    assert judge_mail(seen(one, implicit(1, 7, ["192.0.2.9"]))) == ()


def test_addresses_that_rotate_tell_nothing() -> None:
    one, other = implicit(0, 7, ["192.0.2.9"]), replace(implicit(1, 7, ["192.0.2.8"]), unsteady=True)
    assert judge_mail(seen(one, other)) == ()


def test_mx_that_changed_between_two_questions_still_count() -> None:
    other = replace(view(1, 7, OLD), unsteady=True)
    assert codes(judge_mail(seen(view(0, 7, NEW), other))) == ["mx-differ-same-serial"]


@pytest.mark.parametrize(
    "mx",
    [
        None,
        answer("MX", OLD, flags=("RA",)),
        answer("MX", kind=AnswerKind.SERVFAIL, flags=AA),
        answer("MX", kind=AnswerKind.TIMEOUT),
    ],
)
def test_what_is_no_answer_with_authority_does_not_count(mx: Answer | None) -> None:
    other = replace(view(1, 7), mx=mx)
    assert mail_set(other) is None
    assert judge_mail(seen(view(0, 7, NEW), other)) == ()


def test_addresses_that_are_not_known_do_not_count() -> None:
    half = replace(implicit(1, 7, ["192.0.2.9"]), aaaa=answer("AAAA", kind=AnswerKind.SERVFAIL))
    assert judge_mail(seen(view(0, 7, NEW), half)) == ()


def test_an_alias_counts_by_itself() -> None:
    alias = [(DOMAIN, "target.example")]
    followed = saying(0, answer("MX", NEW, aliases=alias, flags=AA))
    bare = saying(1, answer("MX", aliases=alias, flags=AA, soa=None))
    outside = saying(1, answer("MX", aliases=alias, kind=AnswerKind.NXDOMAIN, flags=AA))
    assert judge_mail(seen(followed, bare)) == judge_mail(seen(followed, outside)) == ()
    elsewhere = saying(1, answer("MX", aliases=[(DOMAIN, "other.example")], flags=AA))
    assert codes(judge_mail(seen(followed, elsewhere))) == ["mx-differ-same-serial"]


def test_who_is_lame_has_no_say() -> None:
    lame = replace(answering(1, answer("SOA", kind=AnswerKind.REFUSED)), mx=answer("MX", OLD, flags=AA))
    assert judge_mail(seen(view(0, 7, NEW), lame)) == ()


def test_nor_has_who_is_named_by_a_resolvers_copy_alone() -> None:
    now = view(0, 7, NEW, ns=["ns1.example"])
    assert judge_mail(seen(now, view(1, 5, OLD), delegation=referral("ns1.example"))) == ()


def test_the_rest_of_a_monstrous_set_is_compared_by_its_digest() -> None:
    big = replace(answer("MX", NEW, flags=AA), omitted=4000, digest="one")
    other = replace(big, digest="other")
    assert codes(judge_mail(seen(saying(0, big), saying(1, other)))) == ["mx-differ-same-serial"]


def test_the_evidence_of_one_server_is_bounded() -> None:
    many = answer("MX", [f"{n} mx{n}.example." for n in range(40)], flags=AA)
    [found] = judge_mail(seen(saying(0, many), view(1, 7, NEW)))
    assert found.evidence[0].endswith("30 more")


def test_ttl_and_order_do_not_matter() -> None:
    two = answer("MX", ["10 a.example.", "20 b.example."], flags=AA)
    turned = replace(two, answer=tuple(Record(r.owner, r.rdtype, 0, r.data) for r in reversed(two.answer)))
    assert judge_mail(seen(saying(0, two), saying(1, turned))) == ()
