"""A saved report, read again; and what is none, refused with one sentence."""

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.masking.redact import redact
from smtpdiag_tui.render import from_json as module
from smtpdiag_tui.render.as_json import to_json
from smtpdiag_tui.render.from_json import from_json, read_saved
from smtpdiag_tui.render.saved_values import MAX_TEXT, SavedReportError
from smtpdiag_tui.report.actions import Action
from smtpdiag_tui.report.status import Status
from smtpdiag_tui.settings import DnsServer
from tests.engine.running import run
from tests.render.made import SETTINGS, made


def changed(change: Callable[[dict[str, Any]], None]) -> str:
    found = json.loads(to_json(made()))
    change(found)
    return json.dumps(found)


def test_a_report_comes_back_as_it_was() -> None:
    assert to_json(from_json(to_json(made()))) == to_json(made())


@pytest.mark.parametrize("recipient", ["bob@partner.example", "bob@hostile.example", "jörg@utf8.example"])
async def test_a_real_run_comes_back_as_it_was(recipient: str) -> None:
    async with DemoNetwork() as network:
        text = to_json(await run(network, recipient))
    assert to_json(from_json(text)) == text


def session(found: dict[str, Any]) -> dict[str, Any]:
    return found["steps"][1]["steps"][0]["steps"][0]  # type: ignore[no-any-return]


REFUSED: dict[str, Callable[[dict[str, Any]], None]] = {
    "another schema": lambda found: found.update(schema=2),
    "no steps": lambda found: found.pop("steps"),
    "steps that are text": lambda found: found.update(steps="x"),
    "a status that is none": lambda found: found.update(status="good"),
    "an outcome that is none": lambda found: found.update(outcome="fine"),
    "a time that is none": lambda found: found.update(started="yesterday"),
    "a step twice": lambda found: found["steps"].append(found["steps"][0]),
    "a step in the wrong place": lambda found: session(found).update(id="delivery/other/192.0.2.25"),
    "a step without a name": lambda found: found["steps"][0].update(id=""),
    "a number that is text": lambda found: session(found).update(started="0"),
    "a number that is endless": lambda found: session(found).update(started=1e400),
    "a line that is none": lambda found: session(found)["transcript"].append(3),
    "a line without TLS": lambda found: session(found)["transcript"][0].pop("tls"),
    "bytes that are no base64": lambda found: session(found)["transcript"][0].update(raw="%%"),
    "a port out of range": lambda found: found["settings"].update(port=0),
    "a port that is true": lambda found: found["settings"].update(port=True),
    "a server by name": lambda found: found["settings"].update(dns=["ns.example"]),
    "a limit below nothing": lambda found: found["settings"].update(timeout=-1),
    "a relay host that is text": lambda found: found["settings"].update(relay=["x"]),
    "a relay host without a port": lambda found: found["settings"].update(relay=[{"host": "r.test"}]),
    "a relay host that is none": lambda found: found["settings"].update(relay=[{"host": "a b", "port": 25}]),
    "a source that is no address": lambda found: found["settings"].update(source4="here"),
    "facts that are numbers": lambda found: found["settings"].update(local_facts=[3]),
    "a probe that is none": lambda found: found["settings"].update(probes=["relay"]),
    "probes that are none": lambda found: found["settings"].update(probes="postmaster"),
    "a wait that is none": lambda found: found["settings"].update(retry_greylisted=5),
    "a wait that is text": lambda found: found["settings"].update(retry_greylisted="300"),
    "a family that is none": lambda found: found["settings"].update(family=5),
    "a family with a point": lambda found: found["settings"].update(family=4.0),
    "a port with a point": lambda found: found["settings"].update(port=25.0),
    "a limit of next to nothing": lambda found: found["settings"].update(timeout=1e-300),
    "a source that is markup": lambda found: found["settings"].update(source="[/]foo"),
    "an EHLO name with a blank": lambda found: found["settings"].update(ehlo="a b\x1b"),
    "a server that is none": lambda found: found["settings"].update(server="[/red]evil host"),
    "a run that took less than nothing": lambda found: found.update(seconds=-5),
    "a step that took less than nothing": lambda found: session(found).update(seconds=-5),
    "a number that no machine holds": lambda found: session(found).update(started=10**400),
    "a limit that no machine holds": lambda found: found["settings"].update(timeout=10**400),
    "a port that no machine holds": lambda found: found["settings"].update(port=10**400),
    "more findings than a step has": lambda found: session(found)["findings"].extend(
        found["steps"][0]["findings"] * 30_000
    ),
    "more advice than can be": lambda found: (found.pop("actions"), found.update(advice=["Do it."] * 20_000))[1],
    "more actions than can be": lambda found: found.update(actions=[{"who": "you", "what": "Do it."}] * 20_000),
    "actions that are text": lambda found: found.update(actions="Do it."),
    "an action that is text": lambda found: found.update(actions=["Do it."]),
    "an action that nobody does": lambda found: found.update(actions=[{"what": "Do it."}]),
    "a retry that is none": lambda found: found.update(retry="perhaps"),
    "a headline that is none": lambda found: found.update(headline=3),
    "a session that ended in no way": lambda found: session(found)["facts"].update(session={"end": "well"}),
    "a session that is text": lambda found: session(found)["facts"].update(session="accepted"),
    "a certificate that is none": lambda found: session(found)["facts"].update(
        session={"end": "accepted", "certificate": ["good"]}
    ),
    "days that are text": lambda found: session(found)["facts"].update(session={"end": "accepted", "days": "3"}),
    "a preference that is endless": lambda found: session(found)["facts"].update(preference=10**400),
    "more steps in one place than can be": lambda found: session(found).update(
        steps=[
            {**session(found)["steps"][0], "id": f"{session(found)['id']}/{number}"} for number in range(19_000)
        ]
    ),
}


@pytest.mark.parametrize("change", REFUSED.values(), ids=REFUSED)
def test_what_is_no_report_is_refused(change: Callable[[dict[str, Any]], None]) -> None:
    with pytest.raises(SavedReportError) as caught:
        from_json(changed(change))
    assert not str(caught.value).endswith(".")
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("text", ["", "null", "[]", "{}", "{", "[" * 100_000, b"\xff\xfe\x00", '{"schema": 1}'])
def test_rubbish_is_refused(text: str | bytes) -> None:
    with pytest.raises(SavedReportError):
        from_json(text)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_no_json_raises_anything_else(value: object) -> None:
    found = json.loads(to_json(made()))
    found["steps"] = [value, {**found["steps"][0], "findings": value}]
    with pytest.raises(SavedReportError):
        from_json(json.dumps(found))


def test_all_text_is_made_printable_again() -> None:
    hostile = "\x1b]0;x\x07\u202e\nnew line"

    def poison(found: dict[str, Any]) -> None:
        found["summary"] = found["headline"] = found["delivery"] = hostile
        found["actions"] = [{"who": hostile, "what": hostile}]
        session(found)["title"] = hostile
        session(found)["transcript"][0]["text"] = hostile

    report = from_json(changed(poison))
    step = report.steps["delivery/mx.partner.example/192.0.2.25"]
    said = (report.summary, report.headline, report.delivery, report.actions[0].who, report.actions[0].what)
    assert all(text.isprintable() for text in (*said, step.title, step.transcript[0].text))


def test_what_the_reader_does_and_what_others_do_comes_back() -> None:
    actions = (Action("", "Wait."), Action("MX administrator of mx.a.example", "renew it."), Action("", "None."))
    text = to_json(replace(made(), actions=actions))
    assert json.loads(text)["actions"][0] == {"who": "you", "what": "Wait."}
    assert from_json(text).actions == actions


def test_a_run_that_was_broken_off_is_shown_as_cancelled() -> None:
    report = from_json(
        changed(lambda found: (found.update(status="running"), session(found).update(status="running"))[0])
    )
    assert report.status is Status.CANCELLED
    assert report.steps["delivery/mx.partner.example/192.0.2.25"].status is Status.CANCELLED


def test_a_file_that_is_too_large_is_refused_without_reading_it_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "report.json"
    path.write_text(to_json(made()))
    assert read_saved(path).steps
    monkeypatch.setattr(module, "MAX_SIZE", 100)
    with pytest.raises(SavedReportError, match="larger"):
        read_saved(path)


def test_a_report_of_many_addresses_and_lines_is_read() -> None:
    def grow(found: dict[str, Any]) -> None:
        host = found["steps"][1]["steps"][0]
        one, line = session(found), session(found)["transcript"][0]
        more = [
            {**one, "id": f"{host['id']}/198.51.{number // 250}.{number % 250}", "steps": [], "findings": []}
            for number in range(300)
        ]
        host["steps"] = [{**one, "transcript": [line] * 100_000}, *more]

    report = from_json(changed(grow))
    assert len(report.steps) > 300
    assert len(report.steps["delivery/mx.partner.example/192.0.2.25"].transcript) == 100_000


def test_a_text_that_cannot_be_laid_out_is_cut() -> None:
    def grow(found: dict[str, Any]) -> None:
        found["summary"] = found["headline"] = found["actions"][0]["what"] = "x" * 200_000
        found["steps"][0]["findings"][0]["evidence"] = ["y"] * 40_000

    report = from_json(changed(grow))
    assert len(report.summary) == len(report.headline) == len(report.actions[0].what) == MAX_TEXT
    evidence = report.steps["syntax"].findings[0].evidence
    assert evidence[-1] == "(39,000 more lines not shown)"


def test_a_masked_report_comes_back_as_it_was() -> None:
    masked = replace(
        SETTINGS,
        source="192.0.2.77",
        ehlo="ws42.sender.example",
        dns=(DnsServer("192.0.2.77", 5353), DnsServer("192.0.2.77")),
    )
    text = to_json(redact(replace(made(), settings=masked)))
    assert "own-ipv4-1:5353" in text
    assert to_json(from_json(text)) == text


def test_what_is_no_regular_file_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(OSError, match=r"^not a regular file$"):
        read_saved(tmp_path / "fifo")
    with pytest.raises(OSError, match="irectory"):
        read_saved(tmp_path)
