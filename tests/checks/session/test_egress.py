"""When the way out to port 25 looks blocked, and when it says nothing of that."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from smtpdiag_tui.checks.session.egress import egress_blocked
from smtpdiag_tui.checks.session.session import ConnectError, SessionObservation
from smtpdiag_tui.network.system import SystemNetwork
from tests.checks.making import codes, session

TIMEOUT, UNREACHABLE, REFUSED, NO_ROUTE = (
    ConnectError.TIMEOUT,
    ConnectError.UNREACHABLE,
    ConnectError.REFUSED,
    ConnectError.NO_ROUTE,
)
ONE, OTHER, SAME = "8.8.4.4", "9.9.9.9", "8.8.4.5"


def seen(address: str, error: ConnectError | None = TIMEOUT) -> SessionObservation:
    made = session(connect_error=error)
    return replace(made, target=replace(made.target, address=address))


def blocked(*sessions: SessionObservation | None) -> bool:
    found = egress_blocked(sessions, SystemNetwork().is_public)
    assert codes(found) in ([], ["smtp-egress-blocked"])
    return bool(found)


@pytest.mark.parametrize(
    ("addresses", "expected"),
    [
        ((), False),
        ((ONE,), False),
        ((ONE, OTHER), True),
        ((ONE, SAME), False),
        ((ONE, SAME, OTHER), True),
        (("10.0.0.1", "192.168.7.1"), False),
        (("10.0.0.1", "192.168.7.1", "100.64.9.9", "240.0.0.1", "198.18.0.1"), False),
        ((ONE, "10.0.0.1"), False),
        (("192.0.2.25", "198.51.100.25"), True),  # nobody's own network, whatever a registry reserves it for
        ((ONE, OTHER, "10.0.0.1"), True),
        (("fd00:1::1", "fd00:2::1"), False),
        (("::ffff:10.0.0.1", "::ffff:192.168.7.1"), False),
        (("64:ff9b::10.0.0.1", "64:ff9b::192.168.7.1"), False),
        (("2002:a00:1::1", "2002:c0a8:701::1"), False),
        (("64:ff9b::8.8.4.4", "64:ff9b::9.9.9.9"), True),
        ((ONE, "64:ff9b::8.8.4.4"), False),
        (("2606:4700:1::1", "2606:4700:1:2::1"), False),
        (("2606:4700::1", "2606:4700:0:2::1"), False),
        (("2606:4700:1::1", "2a00:1450:4001::1"), True),
        ((ONE, "2606:4700:1::1"), False),
    ],
)
def test_only_unrelated_public_addresses_tell(addresses: Sequence[str], expected: bool) -> None:
    assert blocked(*map(seen, addresses)) is expected
    assert blocked(None, *(seen(item, UNREACHABLE) for item in addresses)) is expected


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        (seen("1.1.1.1", REFUSED), False),
        (seen("1.1.1.1", None), False),
        (seen("10.0.0.1", None), False),
        (seen("10.0.0.1", REFUSED), True),
        (seen("2606:4700::1", NO_ROUTE), True),
    ],
)
def test_any_answer_from_outside_and_any_session_speaks_against_it(
    more: SessionObservation, expected: bool
) -> None:
    assert blocked(seen(ONE), seen(OTHER), more) is expected
