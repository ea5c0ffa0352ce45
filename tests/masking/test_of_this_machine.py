"""What a report tells of this machine, gathered from its settings and the facts of its steps."""

import pytest

from smtpdiag_tui.masking.of_this_machine import Own, inside, own_things, theirs
from smtpdiag_tui.report.facts import StepFacts
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.report.transcript import Direction, Entry
from smtpdiag_tui.settings import DnsServer, Relay, Settings

SETTINGS = Settings("alice@sender.example", "bob@partner.example")
SESSION = "delivery/gate.lan/10.0.0.25"


def report(*steps: Step, settings: Settings = SETTINGS) -> Report:
    return Report(settings, steps={step.id: step for step in steps})


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("Mail.Lan", Own({"mail.lan"}, set())),
        ("10.0.0.1", Own(set(), {"10.0.0.1"})),
        ("[IPv6:fd00::1]", Own(set(), {"fd00::1"})),
    ],
)
def test_a_host_is_a_name_or_an_address(text: str, own: Own) -> None:
    found = Own()
    found.add_host(text)
    assert found == own


def test_each_fact_of_a_step_is_found() -> None:
    facts = StepFacts(
        host_name="host.lan",
        sources=("10.0.0.10",),
        seen_as=("198.51.100.77", "own-ipv4-3"),
        names=("Cust7.isp.example",),
        addresses=("198.51.100.78",),
        ehlo="greets.lan",
    )
    sent = Entry(0.0, Direction.SENT, "EHLO other.lan")
    found = own_things(report(Step("identity/ipv4", "x", facts=facts), Step("probes/x", "x", transcript=(sent,))))
    assert found.names == {"host.lan", "cust7.isp.example", "greets.lan", "other.lan"}
    assert found.addresses == {"10.0.0.10", "198.51.100.77", "198.51.100.78"}


def test_a_host_name_of_one_label_can_be_any_word() -> None:
    assert own_things(report(Step("dns-servers", "x", facts=StepFacts(host_name="mail")))).names == set()


def test_the_settings_tell_too() -> None:
    settings = Settings(
        "a@x.example",
        "b@y.example",
        ehlo="out.lan",
        source4="10.0.0.11",
        local_facts=("Source address: 10.0.0.12 for IPv4",),
        local_hosts=("spare.lan",),
    )
    found = own_things(report(settings=settings))
    assert (found.names, found.addresses) == ({"out.lan", "spare.lan"}, {"10.0.0.11", "10.0.0.12"})


@pytest.mark.parametrize(
    "settings",
    [
        Settings("a@x.example", "b@y.example", server="gate.lan"),
        Settings("a@x.example", "b@y.example", relay=(Relay("relay.lan"),)),
    ],
)
def test_by_way_of_a_host_inside_all_that_was_turned_to_is_inside(settings: Settings) -> None:
    found = inside(report(Step(SESSION, "x"), settings=settings))
    assert "gate.lan" in found.names
    assert "10.0.0.25" in found.addresses


@pytest.mark.parametrize("note", ["MX: 1 record: MX 10 gate.lan.", "mx 10 GATE.LAN"])
def test_a_server_that_an_mx_record_names_is_everybodys(note: str) -> None:
    settings = Settings("a@x.example", "b@y.example", server="gate.lan")
    told = Step("remote/192.0.2.53/udp", "x", transcript=(Entry(0.0, Direction.NOTE, f"MX {note}"),))
    assert inside(report(Step(SESSION, "x"), told, settings=settings)) == Own()


def test_others_are_those_whom_steps_are_about() -> None:
    settings = Settings("a@x.example", "b@y.example", dns=(DnsServer("192.0.2.53"),), server="Gate.Lan")
    found = theirs(report(Step("delivery/MX.example/192.0.2.1", "x"), settings=settings))
    assert found == {"mx.example", "192.0.2.1", "192.0.2.53", "gate.lan"}
