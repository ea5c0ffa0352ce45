"""The queries that questions become: each with an ID of its own, and with what was asked for alone."""

import dns.exception
import dns.flags
import dns.message
import pytest

from smtpdiag_tui.checks.lookups.answers import Question
from smtpdiag_tui.checks.lookups.queries import EDNS_PAYLOAD, query_of

QUESTION = Question("queries.example", "MX")


def test_the_same_question_has_another_id_each_time_and_else_the_same_octets() -> None:
    queries = [query_of(QUESTION, edns=True) for _ in range(20)]
    assert len({query.id for query in queries}) > 10
    assert len({query.to_wire()[2:] for query in queries}) == 1
    queries[0].id = 1
    assert queries[1].id == dns.message.from_wire(queries[1].to_wire()).id


@pytest.mark.parametrize("edns", [True, False])
@pytest.mark.parametrize("recurse", [True, False])
@pytest.mark.parametrize("checking", [True, False])
def test_what_is_kept_of_one_question_is_nothing_of_another(edns: bool, recurse: bool, checking: bool) -> None:
    for rdtype in ("MX", "A"):
        asked = Question("queries.example", rdtype, recurse=recurse, checking=checking)
        for _ in range(2):
            read = dns.message.from_wire(query_of(asked, edns=edns).to_wire())
            assert str(read.question[0]) == f"queries.example. IN {rdtype}"
            assert bool(read.flags & dns.flags.RD) is recurse
            assert bool(read.flags & dns.flags.CD) is not checking
            assert bool(read.flags & dns.flags.AD) is (edns and recurse)
            assert (read.edns, read.payload) == ((0, EDNS_PAYLOAD) if edns else (-1, 0))


def test_a_name_that_no_question_can_carry_is_told_each_time() -> None:
    for _ in range(2):
        with pytest.raises(dns.exception.DNSException):
            query_of(Question("a..b.example", "A"), edns=True)
