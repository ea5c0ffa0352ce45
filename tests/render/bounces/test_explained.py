"""Deliveries explained, as text, Markdown, JSON and one line each."""

import json
import re

import pytest

from smtpdiag_tui.bounces.explaining import Explained, explain
from smtpdiag_tui.bounces.reading import read
from smtpdiag_tui.render.bounces.explained import (
    alike,
    explained_json,
    explained_markdown,
    explained_summary,
    explained_text,
)
from tests.bounces.sample import Sample
from tests.bounces.samples import SAMPLES
from tests.style import problems

each = pytest.mark.parametrize("sample", SAMPLES, ids=[sample.name for sample in SAMPLES])
ORDER = ["Recipients", "Cause", "Responsible", "Action", "Reply", "Text"]
KEYS = [
    "sender", "recipient", "host", "address", "phase", "at", "reply", "reason", "side", "message", "meaning",
    "advice",
]  # fmt: skip
TWO = b"".join(
    b"4XmT9c2Lz1z9: to=<%s>, relay=mx.a.example[192.0.2.1]:25, dsn=5.1.1, status=bounced (host"
    b" mx.a.example[192.0.2.1] said: 550 5.1.1 <%s>: User unknown (in reply to RCPT TO command))\n" % (name, name)
    for name in (b"bob@a.example", b"carol@a.example")
)
OTHER = (
    b"4XmT9c2Lz1z9: to=<dave@b.example>, relay=none, dsn=4.4.1, status=deferred (connect to mx.b.example"
    b"[192.0.2.2]:25: Connection timed out)\n"
)


def of(data: bytes) -> list[Explained]:
    return [explain(told) for told in read(data).told]


@each
def test_the_fields_are_in_their_order_and_the_answer_is_soon(sample: Sample) -> None:
    text = explained_text(of(sample.data)[:1])
    lines = text.splitlines()
    labels = [found[1] for line in lines if (found := re.match(r"(\w+): {2,}", line))]
    assert labels == [label for label in ORDER if label in labels]
    assert len(lines[1]) <= 80
    assert all(len(line) <= 80 for line in lines if not line.startswith(("  ", "Reply:")))


@each
def test_the_reply_is_quoted_whole(sample: Sample) -> None:
    for item in of(sample.data):
        text, markdown = explained_text([item]), explained_markdown([item])
        for line in (item.told.reply or "").split("\n"):
            assert line in text
            assert line in markdown


@each
def test_what_is_said_keeps_the_rules_of_style(sample: Sample) -> None:
    for item in of(sample.data):
        text = item.message + "\n" + item.meaning
        for quoted in (item.told.where, item.told.recipient or "", item.told.sender or ""):
            text = text.replace(quoted, "x") if quoted else text
        assert list(problems(text)) == []


@each
def test_json_is_an_object_of_the_promised_shape(sample: Sample) -> None:
    found = json.loads(explained_json(of(sample.data)))
    assert list(found) == ["schema", "replies"]
    for reply, told in zip(found["replies"], sample.told, strict=True):
        assert list(reply)[: len(KEYS)] == KEYS
        assert reply["reply"] == told.reply
        assert reply["at"] is None or reply["at"].endswith("Z")
        assert "" not in (reply["host"], reply["address"], reply["recipient"], reply["meaning"], reply["advice"])


def test_the_null_sender_is_an_empty_string_and_no_null() -> None:
    [item] = of(b"4XmT9c2Lz1z9: from=<>, size=1, nrcpt=1 (queue active)\n" + OTHER)
    assert json.loads(explained_json([item]))["replies"][0]["sender"] == ""
    assert "<> to dave@b.example" in explained_text([item])


def test_deliveries_that_differ_in_their_recipients_alone_are_told_once() -> None:
    items = of(TWO + OTHER)
    assert [len(group.items) for group in alike(items)] == [2, 1]
    text = explained_text(items)
    assert "1. ✗ BOUNCED" not in text
    assert "✗ 1. BOUNCED  unknown sender to 2 recipients" in text
    assert "Recipients:   bob@a.example, carol@a.example" in text
    assert "! 2. DEFERRED  unknown sender to dave@b.example" in text
    assert explained_summary(items).count("\n") == 2
    assert explained_markdown(items).count("\n# ") == 1


def test_different_replies_are_told_apart() -> None:
    items = of(TWO.replace(b"<carol@a.example>: User unknown", b"<carol@a.example>: Mailbox full"))
    assert len(alike(items)) == 2


def test_silence_is_nobodys_for_sure() -> None:
    text = explained_text(of(OTHER))
    assert "Responsible:  undecided: network or recipient's side" in text
    assert "  connect to mx.b.example[192.0.2.2]:25: Connection timed out\n" in text


def test_a_note_stands_before_the_end() -> None:
    assert explained_text(of(OTHER), "1 line not read.").endswith("\n1 line not read. No connection was made.\n")
    assert explained_markdown(of(OTHER), "1 line not read.").endswith(
        "\n1 line not read. No connection was made.\n"
    )


def test_colour_and_ascii_are_as_in_a_report() -> None:
    assert "\x1b[" in explained_text(of(OTHER), colour=True)
    assert "\x1b[" not in explained_text(of(OTHER))
    assert explained_text(of(OTHER), ascii_only=True).isascii()


def test_what_a_server_said_is_no_markup() -> None:
    [item] = of(b"550 5.1.1 [x](http://evil.example) ``` # <b> @root")
    assert "````text\n550 5.1.1 [x](http://evil.example) ``` # <b> @root\n````" in explained_markdown([item])


def test_a_reply_of_this_host_is_told_as_that() -> None:
    [item] = of(
        b"NOQUEUE: reject: RCPT from out.client.example[198.51.100.7]: 554 5.7.1 <eve@a.example>: Relay"
        b" access denied; from=<dan@client.example> to=<eve@a.example> proto=ESMTP helo=<x>\n"
    )
    text = explained_text([item])
    assert "This host rejected the recipient: relaying not allowed" in text
    assert "Responsible:  this host's own rules" in text
    assert "Reply:        this host to out.client.example [198.51.100.7], to RCPT TO" in text
