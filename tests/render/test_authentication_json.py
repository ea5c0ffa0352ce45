"""What receivers check about the sender, as JSON and back; and what is none of it, refused with one sentence."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from smtpdiag_tui.render.as_json import to_json
from smtpdiag_tui.render.authentication_json import MAX_ADDRESSES, MAX_BEYOND, MAX_KEYS
from smtpdiag_tui.render.from_json import from_json
from smtpdiag_tui.render.saved_values import MAX_TEXT, SavedReportError
from smtpdiag_tui.report.conclusions import SenderResult
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome
from tests.render.made import AUTHENTICATION, beyond, made


def report_of() -> Report:
    return replace(made(), authentication=AUTHENTICATION, beyond=beyond(spf="fail", dkim="unknown", dmarc="pass"))


def saved() -> dict[str, Any]:
    return json.loads(to_json(report_of()))  # type: ignore[no-any-return]


def test_it_has_the_keys_of_the_contract() -> None:
    found = saved()
    assert found["authentication"] == [
        {
            "address": "203.0.113.10",
            "spf": {
                "mail_from": {
                    "domain": "sender.example",
                    "result": "fail",
                    "explanation": "See https://sender.example/why",
                    "lookups": 7,
                    "void_lookups": 1,
                },
                "ehlo": {
                    "domain": "mail.sender.example",
                    "result": "none",
                    "explanation": "",
                    "lookups": 0,
                    "void_lookups": 0,
                },
            },
            "dkim": [{"selector": "s1", "domain": "sender.example", "result": "key"}],
            "dmarc": {
                "from": "sender.example",
                "organizational_domain": "sender.example",
                "policy": "reject",
                "result": "fail",
                "because": "SPF fails",
            },
            "results_header": "mx.partner.example; spf=fail smtp.mailfrom=sender.example",
        },
        {
            "address": None,
            "spf": {"mail_from": None, "ehlo": None},
            "dkim": [],
            "dmarc": None,
            "results_header": "",
        },
    ]
    assert found["beyond"] == [
        {"name": "spf", "verdict": "fail", "message": "It is spf"},
        {"name": "dkim", "verdict": "unknown", "message": "It is dkim"},
        {"name": "dmarc", "verdict": "pass", "message": "It is dmarc"},
    ]


def test_a_sender_has_an_id_that_is_its_name() -> None:
    report = replace(made(), senders=(SenderResult("dane", "DANE", Outcome.ACCEPTED, "so"),))
    [sender] = json.loads(to_json(report))["senders"]
    assert (sender["id"], sender["name"], sender["title"]) == ("dane", "dane", "DANE")
    assert from_json(to_json(report)).senders == report.senders


def test_it_comes_back_as_it_was() -> None:
    report = from_json(to_json(report_of()))
    assert (report.authentication, report.beyond) == (report_of().authentication, report_of().beyond)
    assert to_json(report) == to_json(report_of())


def test_a_file_of_an_earlier_version_has_none_of_it() -> None:
    found = saved()
    del found["authentication"], found["beyond"]
    report = from_json(json.dumps(found))
    assert (report.authentication, report.beyond) == ((), ())


REFUSED: dict[str, Callable[[dict[str, Any]], object]] = {
    "no list": lambda found: found.update(authentication={}),
    "an address that is a number": lambda found: found["authentication"][0].update(address=4),
    "an item that is text": lambda found: found.update(authentication=["x"]),
    "more addresses than can be": lambda found: found.update(
        authentication=found["authentication"] * MAX_ADDRESSES
    ),
    "SPF that is text": lambda found: found["authentication"][0].update(spf="pass"),
    "an identity that is a list": lambda found: found["authentication"][0]["spf"].update(ehlo=[]),
    "a result that is none": lambda found: found["authentication"][0]["spf"]["ehlo"].update(result="fine"),
    "an explanation that is a number": lambda found: found["authentication"][0]["spf"]["ehlo"].update(
        explanation=3
    ),
    "fewer lookups than none": lambda found: found["authentication"][0]["spf"]["ehlo"].update(lookups=-1),
    "lookups that are true": lambda found: found["authentication"][0]["spf"]["ehlo"].update(lookups=True),
    "lookups that no machine holds": lambda found: found["authentication"][0]["spf"]["ehlo"].update(
        void_lookups=10**400
    ),
    "a signature that is text": lambda found: found["authentication"][0].update(dkim=["s1"]),
    "more signatures than can be": lambda found: found["authentication"][0].update(
        dkim=found["authentication"][0]["dkim"] * (MAX_KEYS + 1)
    ),
    "a signature without a result": lambda found: found["authentication"][0]["dkim"][0].pop("result"),
    "a policy that is none": lambda found: found["authentication"][0]["dmarc"].update(policy="delete"),
    "DMARC without a domain": lambda found: found["authentication"][0]["dmarc"].pop("from"),
    "a header that is a list": lambda found: found["authentication"][0].update(results_header=[]),
    "a million addresses": lambda found: found.update(authentication=[{}] * 1_000_000),
    "a policy that is a list": lambda found: found["authentication"][0]["dmarc"].update(policy=["none"]),
    "half a lookup": lambda found: found["authentication"][0]["spf"]["ehlo"].update(lookups=1.5),
    "beyond that is an object": lambda found: found.update(beyond={}),
    "more beyond than can be": lambda found: found.update(beyond=found["beyond"] * MAX_BEYOND),
    "a name that is none": lambda found: found["beyond"][0].update(name="arc"),
    "a verdict that is none": lambda found: found["beyond"][0].update(verdict="perhaps"),
    "a message that is a number": lambda found: found["beyond"][0].update(message=1),
}


@pytest.mark.parametrize("change", REFUSED.values(), ids=REFUSED)
def test_what_is_none_of_it_is_refused(change: Callable[[dict[str, Any]], object]) -> None:
    found = saved()
    change(found)
    with pytest.raises(SavedReportError) as caught:
        from_json(json.dumps(found))
    assert not str(caught.value).endswith(".")
    assert str(caught.value).isprintable()


def test_all_of_its_text_is_printable_and_cut() -> None:
    hostile = "\x1b]0;x\x07\u202e\n" + "y" * 20_000
    found = saved()
    first = found["authentication"][0]
    first.update(address=hostile, results_header=hostile)
    first["spf"]["mail_from"].update(domain=hostile, explanation=hostile)
    first["dkim"][0].update(selector=hostile, domain=hostile)
    first["dmarc"].update({"from": hostile, "organizational_domain": hostile, "because": hostile})
    found["beyond"][0]["message"] = hostile
    report = from_json(json.dumps(found))
    read = report.authentication[0]
    assert read.spf.mail_from is not None
    assert read.dmarc is not None
    texts = [read.address or "", read.results_header, read.spf.mail_from.domain, read.spf.mail_from.explanation]
    texts += [read.dkim[0].selector, read.dkim[0].domain, read.dmarc.domain, read.dmarc.because]
    texts += [read.dmarc.organizational_domain, report.beyond[0].message]
    assert all(text.isprintable() and len(text) == MAX_TEXT for text in texts)
