"""Masking leaves nothing behind: whatever a peer says, wherever it is cited, in every format."""

import json
import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smtpdiag_tui.demo.hosts import SmtpScript
from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.masking.redact import redact
from smtpdiag_tui.render.as_json import to_json
from smtpdiag_tui.render.from_json import from_json
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.transcript import Direction
from smtpdiag_tui.report.visible import visible
from tests.engine.running import run
from tests.masking.written import everything, session
from tests.private import found, notations

NAME = "vaultq7.intern.example"
LOCALS = ("quetzalq", "qz.voss", "QuetzQ+tag", "o'quetzq", '"quetz voss"', "quétzq", "x_quetzq", "quetz-q9")
# What stands between two things in a reply: what visible() makes an escape of among it.
GLUES = (
    *(" ", "  ", ": ", " <", "> ", "(", ") ", "\t", "; ", ' "', ' "', " [", "] ", "… ", "...", "=", "/", "?", "'"),
    *(
        "\r",
        "\x00",
        "\x1b[1m",
        "\x1b[1;31m",
        "\x1b[m",
        "\x9b1m",
        "\x1bM",
        "\x1b",
        "\x07",
        "\xa0",
        "\xad",
        "\u200b",
    ),
    *("\u202e", "\U000e0001", "\u2028", "\ud800"),
)
NOISE = (
    *(
        "no such mailbox",
        "rejected",
        "5.7.1",
        "Client host",
        "of",
        "mx.partner.example",
        "blocked using bl.example",
    ),
    *("…", "is listed", "unknown user", "250 ok", "250-", "with", "Service unavailable"),
)
CODES = (
    "550 5.1.1 ",
    "550-5.7.1 ",
    "550 ",
    "450 4.2.0 ",
    "250-",
    "250 ",
    "",
    "999 ",
    "55 ",
    "5500 ",
    "550",
    "550\t",
)
ADDRESSES = st.tuples(
    st.ip_addresses(v=4, network="198.18.0.0/15").map(str),
    st.ip_addresses(v=6, network="2001:db8:7::/48").map(str),
)


def octets(text: str) -> bytes:
    """Return what a peer sends: a lone surrogate stands for an octet that is no UTF-8."""
    return text.replace("\ud800", "\x00").encode()


@st.composite
def lines(draw: st.DrawFn, secrets: list[str]) -> list[str]:
    """Return lines of a reply with secrets at places of their own, as a peer may write them."""

    def line() -> str:
        parts = draw(st.lists(st.tuples(st.sampled_from([*NOISE, *secrets]), st.sampled_from(GLUES)), max_size=6))
        begin = draw(st.sampled_from(CODES)) + draw(st.sampled_from(("", "", "x " * 300, "lorem… " * 3)))
        first = draw(st.sampled_from(GLUES)) if begin and not begin[-1].isspace() else ""
        return begin + first + "".join(part + glue for part, glue in parts)

    return [line().replace("\n", " ") for _ in range(draw(st.integers(1, 4)))]


def written(local: str, domain: str) -> list[str]:
    """Return how a local part stands in a reply, alone and in an address."""
    bare = local.strip('"')
    return [
        local,
        bare,
        bare.upper(),
        f"<{local}@{domain}>",
        f"{local.title()}@{domain.upper()}",
        f"{bare}%40{domain}",
    ]


@st.composite
def reports(draw: st.DrawFn) -> tuple[Report, list[str], list[str]]:
    """Return a run whose peer says private things, the words and the addresses that must not be seen."""
    local = draw(st.sampled_from(LOCALS))
    own = draw(ADDRESSES)
    names = [NAME, NAME.upper(), f"[{NAME}]", f"host.{NAME}", "vaultq7", f"{NAME}."]
    secrets = [*written(local, "partner.example"), *names, *(form for item in own for form in notations(item))]
    said = [visible(octets(line)) for line in draw(lines(secrets))]
    report = session(*said, recipient=f"{local}@partner.example", own=own)
    steps = {
        key: replace(
            step,
            transcript=tuple(
                replace(entry, text=entry.text.replace("ws42.sender.example", NAME)) for entry in step.transcript
            ),
        )
        for key, step in report.steps.items()
    }
    bare = local.strip('"')
    return replace(report, steps=steps), [bare, "quetz", NAME, "vaultq7"], list(own)


@settings(deadline=None, max_examples=100)
@given(reports())
def test_nothing_private_is_left_in_any_format(made: tuple[Report, list[str], list[str]]) -> None:
    report, words, addresses = made
    masked = redact(report)
    assert found(everything(masked), words, addresses) == []
    assert to_json(redact(masked)) == to_json(masked)


@settings(deadline=None, max_examples=40)
@given(reports())
def test_what_is_not_private_stays(made: tuple[Report, list[str], list[str]]) -> None:
    report, words, addresses = made
    masked = redact(report)
    for key, step in report.steps.items():
        for before, after in zip(step.transcript, masked.steps[key].transcript, strict=True):
            code = re.match(r"[2-5]\d\d[ -]", before.text)
            assert code is None or after.text.startswith(code[0])
            assert before.text.count("mx.partner.example") == after.text.count("mx.partner.example")
            if before.direction is Direction.RECEIVED and not found(before.text, words, addresses):
                assert after.text == before.text
    assert list(masked.steps) == list(report.steps)
    assert "192.0.2.25" in everything(masked)
    assert f"@{report.settings.recipient.rpartition('@')[2]}" in masked.settings.recipient


@pytest.mark.timeout(150)  # twenty runs and all that is written about them
@settings(deadline=None, max_examples=20)
@given(st.data())
async def test_nothing_private_is_left_of_a_real_run(data: st.DataObject) -> None:
    local = data.draw(st.sampled_from(LOCALS))
    seen = ("192.0.2.10",)  # what no session shows to be ours is not known to be
    secrets = [*written(local, "hostile.example"), NAME, *(form for item in seen for form in notations(item))]

    def reply(code: str) -> bytes:
        said = data.draw(lines(secrets))
        return b"".join(octets(f"{code}-{line}\r\n") for line in said[:-1]) + octets(f"{code} {said[-1]}\r\n")

    async with DemoNetwork() as network:
        address = "192.0.2.39"
        script = network.hosts[address]
        assert isinstance(script, SmtpScript)
        codes = (
            data.draw(st.sampled_from(("220", "554", "421"))),
            data.draw(st.sampled_from(("250", "450", "550"))),
        )
        network.hosts[address] = replace(
            script, greeting=reply(codes[0]), rcpt=reply(codes[1]), mail=reply("250"), sees="198.51.100.77"
        )
        report = await run(network, f"{local}@hostile.example", sender="al.quetzq@sender.example", ehlo=NAME)
    masked = redact(report)
    words = [local.strip('"'), "quetz", NAME, "vaultq7"]
    assert found(everything(masked), words, list(seen)) == []
    assert "mx.hostile.example" in everything(masked)
    assert address in everything(masked)
    assert to_json(redact(from_json(to_json(report)))) == to_json(masked)
    assert json.loads(to_json(masked))["outcome"] == json.loads(to_json(report))["outcome"]
