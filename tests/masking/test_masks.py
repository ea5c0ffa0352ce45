"""Masking the queue of the local mail server, and printing it."""

import json

import pytest

from smtpdiag_tui.cli.main import main
from smtpdiag_tui.local_mta.installed import InstalledMta
from smtpdiag_tui.local_mta.queue import Queue, Queued
from smtpdiag_tui.masking.queue import redact_queue
from smtpdiag_tui.render.queue import queue_json, queue_text

REFUSED = (
    "host mx.partner.example[8.8.4.4] said: 550 5.7.1 <bob@partner.example> bob: 9.9.9.10 is listed, "
    "go away ws42.sender.example (in reply to RCPT TO command)"
)
QUEUE = Queue(
    "Postfix",
    (
        Queued("A1", "alice@sender.example", "bob@partner.example", 60.0, REFUSED),
        Queued("A2", "", "bob@other.example", None, "connect to gate.secret.lan[10.0.0.1]:25: Connection refused"),
        Queued("A3", "alice@sender.example", "carol@other.example", 5.0, ""),
    ),
)
SECRETS = ("alice", "bob", "carol", "9.9.9.10", "ws42", "gate", "secret", "10.0.0.1")


@pytest.mark.parametrize("write", [queue_text, queue_json])
def test_nothing_that_must_not_be_seen_is_in_the_queue(write: object) -> None:
    assert callable(write)
    masked = redact_queue(QUEUE, ["ws42.sender.example"])
    before, after = write(QUEUE), write(masked)
    for secret in SECRETS:
        assert secret in before
        assert secret not in after, secret
    assert "mx.partner.example[8.8.4.4] said: 550 5.7.1 <user2@partner.example> user2: own-ipv4-1" in after
    assert masked.entries[0].sender == masked.entries[2].sender
    assert masked.entries[1].sender == ""


def test_a_masked_queue_masked_again_is_the_same() -> None:
    masked = redact_queue(QUEUE)
    assert redact_queue(masked) == masked


@pytest.mark.parametrize("options", [["--redact"], ["--redact", "--report", "json"], ["--report", "json"]])
def test_the_command_prints_it_as_asked(
    options: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def found(_self: InstalledMta) -> Queue:
        return QUEUE

    monkeypatch.setattr(InstalledMta, "queue", found)
    assert main(["--queue", *options]) == 0
    text = capsys.readouterr().out
    assert ("alice" in text) is ("--redact" not in options)
    assert "partner.example" in text
    if "json" in options:
        told = json.loads(text)
        assert (told["server"], told["more"], len(told["entries"])) == ("Postfix", False, 3)
        assert told["entries"][1]["seconds"] is None


@pytest.mark.parametrize(
    "reason",
    ["550 ip6:2001:db8:9::1 no", r"550 gone\xa09.9.9.10", r"550 \x1b[1m[IPv6:2001:DB8:9::1]", "550 [9.9.9.10]:25"],
)
def test_an_address_in_a_reason_is_masked_however_it_is_written(reason: str) -> None:
    queue = Queue("Postfix", (Queued("A1", "alice@sender.example", "bob@partner.example", 60.0, reason),))
    text = queue_json(redact_queue(queue)).lower()
    assert "9.9.9" not in text
    assert "2001" not in text
    assert json.loads(text)["entries"][0]["reason"].startswith("550 ")
