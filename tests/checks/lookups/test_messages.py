"""Answers of monstrous size: what is kept of them, and that they still compare as what they are."""

import random

import dns.edns
import dns.flags
import dns.message
import dns.name
import dns.rrset
import pytest

from smtpdiag_tui.checks.lookups.answers import Answer, AnswerKind, Question, Record, describe, difference, same
from smtpdiag_tui.checks.lookups.messages import (
    MAX_AUTHORITY_WEIGHT,
    MAX_DATA,
    MAX_ERRORS,
    MAX_EXTENDED,
    MAX_OTHER_RECORDS,
    MAX_OTHER_WEIGHT,
    MAX_RECORDS,
    from_reply,
)
from smtpdiag_tui.network.seam import DnsReply, Transport
from tests.checks.making import SERVER


def read(rdtype: str, data: list[str], name: str = "many.example", more: str = "") -> Answer:
    reply = dns.message.make_response(dns.message.make_query(name, rdtype))
    reply.answer = [dns.rrset.from_text_list(f"{name}.", 60, "IN", rdtype, data)]
    if more:
        reply.answer.append(dns.rrset.from_text(f"{more}.", 60, "IN", "A", "192.0.2.1"))
    return from_reply(Question(name, rdtype), SERVER, Transport.TCP, DnsReply(reply, 60_000, 0.1))


def shuffled(data: list[str]) -> list[str]:
    return random.Random(7).sample(data, len(data))


def test_of_many_mx_the_most_preferred_are_kept_in_whatever_order_they_come() -> None:
    data = [f"{number} h{number}.many.example." for number in range(1800)]
    found = read("MX", shuffled(data))
    assert {record.data for record in found.records} == set(data[: MAX_RECORDS["MX"]])
    assert found.omitted == 1800 - MAX_RECORDS["MX"]
    assert "1800 records" in describe(found)


def test_of_many_addresses_the_same_ones_are_kept_each_time() -> None:
    data = [f"198.51.{number // 250}.{number % 250}" for number in range(4000)]
    one, other = read("A", shuffled(data)), read("A", data)
    assert one.records == other.records
    assert len(one.records) == MAX_OTHER_RECORDS
    assert same(one, other)


def test_answers_that_differ_beyond_what_is_kept_differ() -> None:
    data = [f"198.51.{number // 250}.{number % 250}" for number in range(400)]
    one, other = read("A", data), read("A", [*data[:-1], "203.0.113.9"])
    assert one.records == other.records
    assert not same(one, other)
    assert difference(one, other) == ("other records differ as well (400 and 400 in total)",)


def test_answers_that_differ_in_all_are_told_in_a_few_lines() -> None:
    one = read("A", [f"198.51.100.{number}" for number in range(200)])
    other = read("A", [f"203.0.113.{number}" for number in range(70)])
    lines = difference(one, other)
    assert len(lines) == 22
    assert lines[20] == f"… ({MAX_OTHER_RECORDS + 70 - 20:,} more differences)"


def test_an_answer_of_usual_size_is_whole() -> None:
    found = read("A", ["192.0.2.1", "192.0.2.2"], more="another.example")
    assert (found.omitted, found.digest) == (0, "")
    assert len(found.answer) == 3


def test_a_section_of_thousands_of_names_is_bounded() -> None:
    query = dns.message.make_query("many.example", "A")
    reply = dns.message.make_response(query)
    reply.answer = [
        dns.rrset.from_text(f"n{number}.many.example.", 60, "IN", "CNAME", f"n{number + 1}.many.example.")
        for number in range(3000)
    ]
    found = from_reply(Question("n0.many.example", "A"), SERVER, Transport.UDP, DnsReply(reply, 60_000, 0.1))
    assert len(found.answer) == 100
    assert found.omitted == 2900
    assert found.looping
    assert found.kind is AnswerKind.NODATA


def weight(records: tuple[Record, ...]) -> int:
    return sum(len(record.owner) + len(record.data) for record in records)


def test_compressed_names_of_a_thousand_characters_are_bounded_by_weight() -> None:
    tail = dns.name.Name([b"\x01" * 62] * 3 + [b""])
    names = [dns.name.Name([b"%d" % number]).concatenate(tail) for number in range(700)]
    reply = dns.message.make_response(dns.message.make_query("many.example", "A"))
    for section in (reply.answer, reply.authority):
        for place in range(0, 700, 70):
            data = [str(name) for name in names[place : place + 70]]
            rrset = dns.rrset.from_text_list(names[place], 60, "IN", "NS", data)
            section.append(rrset)
    found = from_reply(Question("many.example", "A"), SERVER, Transport.TCP, DnsReply(reply, 60_000, 0.1))
    assert 0 < weight(found.authority) <= MAX_AUTHORITY_WEIGHT
    assert 0 < weight(found.answer) <= MAX_OTHER_WEIGHT
    assert len(found.answer) + found.omitted == 700
    assert found.digest


def test_a_text_of_60_kb_is_kept_whole_since_it_is_read() -> None:
    text = " ".join(['"' + "\\255" * 250 + '"'] * 240)
    found = read("TXT", [text])
    assert found.kind is AnswerKind.DATA
    assert found.records[0].data == text


def test_another_record_of_60_kb_is_cut_and_still_there() -> None:
    found = read("CAA", ['0 issue "' + "a" * 60_000 + '"'])
    assert found.kind is AnswerKind.DATA
    assert len(found.records[0].data) == MAX_DATA
    assert found.records[0].data.endswith("…")


def negative(question: Question, *authority: str, flags: int = 0) -> Answer:
    reply = dns.message.make_response(dns.message.make_query(question.name, question.rdtype))
    reply.flags |= flags
    for record in authority:
        owner, ttl, rdclass, rdtype, data = record.split(" ", 4)
        reply.authority.append(dns.rrset.from_text(owner, int(ttl), rdclass, rdtype, data))
    return from_reply(question, SERVER, Transport.UDP, DnsReply(reply, 60, 0.1))


NS = "example. 60 IN NS ns.example."
SOA = "example. 60 IN SOA ns.example. h.example. 1 2 3 4 5"


@pytest.mark.parametrize(
    ("authority", "flags", "kind"),
    [
        ([NS], 0, AnswerKind.REFERRAL),
        ([". 60 IN NS a.nic.example."], 0, AnswerKind.REFERRAL),
        ([NS], dns.flags.RA, AnswerKind.NODATA),  # a resolver that adds the zone's servers
        ([NS], dns.flags.AA, AnswerKind.NODATA),  # an authority that leaves out its SOA
        ([NS, SOA], 0, AnswerKind.NODATA),
        ([SOA], 0, AnswerKind.NODATA),
        ([], 0, AnswerKind.NODATA),  # a minimal answer
        ([NS], dns.flags.TC, AnswerKind.TRUNCATED),
    ],
)
def test_a_referral_is_no_word_that_there_is_nothing(authority: list[str], flags: int, kind: AnswerKind) -> None:
    found = negative(Question("many.example", "MX"), *authority, flags=flags)
    assert found.kind is kind
    assert found.well_formed
    assert found.usable is (kind is AnswerKind.NODATA)


def test_a_name_server_refers_rightly() -> None:
    assert negative(Question("many.example", "NS", recurse=False), NS).kind is AnswerKind.NODATA


def test_what_is_additional_does_not_count_for_who_asks_without_edns() -> None:
    reply = dns.message.make_response(dns.message.make_query("many.example", "MX", use_edns=0))
    reply.answer = [dns.rrset.from_text("many.example.", 60, "IN", "MX", "10 mx.many.example.")]
    data = [f"198.51.100.{number}" for number in range(60)]
    reply.additional = [dns.rrset.from_text_list("mx.many.example.", 60, "IN", "A", data)]
    question = Question("many.example", "MX")
    small = from_reply(question, SERVER, Transport.UDP, DnsReply(reply, len(reply.to_wire()), 0.1))
    assert small.size > 512 > small.plain_size > 0
    reply.answer = [
        dns.rrset.from_text_list(
            "many.example.", 60, "IN", "MX", [f"{item} m{item}.example." for item in range(60)]
        )
    ]
    large = from_reply(question, SERVER, Transport.UDP, DnsReply(reply, len(reply.to_wire()), 0.1))
    assert large.plain_size > 512


@pytest.mark.parametrize("texts", [["\u0301\u202e" * 12_000], [""] * 9000, ["no" * 400] * 50])
def test_extended_errors_are_bounded(texts: list[str]) -> None:
    reply = dns.message.make_response(dns.message.make_query("many.example", "A"))
    reply.use_edns(
        0, options=[dns.edns.EDEOption(dns.edns.EDECode.NO_REACHABLE_AUTHORITY, text or None) for text in texts]
    )
    found = from_reply(Question("many.example", "A"), SERVER, Transport.TCP, DnsReply(reply, 60_000, 0.1))
    assert found.extended.startswith("22 no reachable authority")
    assert len(found.extended) <= MAX_EXTENDED
    assert found.extended_codes == (22,) * min(len(texts), MAX_ERRORS)
