"""What is known of receivers: the data is sane, and MX hosts lead to whom they belong to."""

import re

import pytest

from smtpdiag_tui.checks.authentication.receivers.known import Receiver, Requirement, receiver_of, receivers

RECEIVERS = receivers()
MADE_UP = ".example"


@pytest.mark.parametrize("receiver", RECEIVERS, ids=lambda item: item.id)
def test_each_is_sane(receiver: Receiver) -> None:
    assert receiver.name
    assert receiver_of(receiver.sample) == receiver
    assert receiver_of(f"{receiver.sample.upper()}.") == receiver
    assert receiver.requires
    assert len(set(receiver.requires)) == len(receiver.requires)
    for host in receiver.hosts:
        assert re.fullmatch(r"(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)+", host)
    for page in (receiver.page, *(required.page for required in receiver.requires)):
        assert re.fullmatch(r"https://[a-z0-9.-]+(/[!-~]*)?", page)


@pytest.mark.parametrize("receiver", RECEIVERS, ids=lambda item: item.id)
def test_codes_are_well_formed(receiver: Receiver) -> None:
    for required in receiver.requires:
        assert re.fullmatch(r"|[45]\d\d( [45]\.\d\.\d{1,3})?", required.code)
        if " " in required.code:
            assert required.code[0] == required.code.partition(" ")[2][0]
        assert required.family in (None, 4, 6)


def test_nothing_is_required_of_bulk_mail_that_is_required_of_all() -> None:
    for receiver in RECEIVERS:
        of_all = {item.what for item in receiver.requires if not item.bulk and item.family is None}
        assert not of_all & {item.what for item in receiver.requires if item.bulk}


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("gmail-smtp-in.l.google.com", "Google"),
        ("alt4.aspmx.l.google.com", "Google"),
        ("smtp.google.com", "Google"),
        ("aspmx2.googlemail.com", "Google"),
        ("mta7.am0.yahoodns.net", "Yahoo"),
        ("hotmail-com.olc.protection.outlook.com", "Outlook.com"),
        ("partner-example.mail.protection.outlook.com", "Exchange Online"),
        ("partner-example.o-v1.mx.microsoft", "Exchange Online"),
        ("mx02.mail.icloud.com", "iCloud Mail"),
        ("mx00.gmx.net", "GMX"),
        ("mx-ha.web.de", "WEB.DE"),
        ("mx03.t-online.de", "T-Online"),
        ("mx2h1.comcast.net", "Comcast"),
        ("smtp-in.orange.fr", "Orange"),
        ("smtpz4.laposte.net", "La Poste"),
        ("mx.large-receiver.example", "Large Receiver"),
    ],
)
def test_hosts_lead_to_their_receiver(host: str, name: str) -> None:
    found = receiver_of(host)
    assert found is not None
    assert found.name == name


@pytest.mark.parametrize(
    "host",
    [
        "",
        ".",
        "mx.partner.example",
        "google.com",
        "l.google.com",
        "smtp.google.com.evil.example",
        "notgooglemail.com",
        "xl.google.com",
        "protection.outlook.com",
        "large-receiver.example",
        "mx.large-receiver.example.net",
        "192.0.2.1",
    ],
)
def test_others_are_nobodys(host: str) -> None:
    assert receiver_of(host) is None


def test_the_made_up_receiver_holds_reserved_names_alone() -> None:
    [made_up] = [item for item in RECEIVERS if item.sample.endswith(MADE_UP)]
    assert all(host.endswith(MADE_UP) for host in made_up.hosts)
    others = [item for item in RECEIVERS if item != made_up]
    assert not any(host.endswith(MADE_UP) for item in others for host in item.hosts)


def test_every_requirement_is_somebodys() -> None:
    assert {required.what for item in RECEIVERS for required in item.requires} == set(Requirement)
