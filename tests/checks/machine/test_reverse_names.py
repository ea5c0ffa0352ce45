"""Generic names are known by the address or the words in them; a mail host's name is never taken for one."""

import pytest

from smtpdiag_tui.checks.machine.reverse_names import generic_reason

V4, V6 = "192.0.2.10", "2001:db8::10"


@pytest.mark.parametrize(
    "name",
    [
        "192-0-2-10.isp.example",
        "host192.0.2.10.isp.example",
        "10.2.0.192.isp.example",
        "ip-192-000-002-010.isp.example",
        "192000002010.isp.example",
        "c000020a.isp.example",
        "dyn-10.isp.example",
        "a10.pool.isp.example",
        "xdsl10.isp.example",
        "unassigned.isp.example",
        "customer.isp.example",
        "static-ip.isp.example",
        "static-2-10.isp.example",
        "gw.cable.isp.co.uk",
        "a10.pool.isp.ne.jp",
        "a10.dynamic.isp.com.br",
        "dyn10.isp.de",
        "client-10-2.isp.example",
    ],
)
def test_generic_ipv4_names(name: str) -> None:
    assert generic_reason(name, V4)
    assert generic_reason(name.upper(), V4)


@pytest.mark.parametrize(
    "name",
    [
        "2001-db8--10.isp.example",
        "2001-0db8-0000-0000-0000-0000-0000-0010.isp.example",
        "20010db8000000000000000000000010.isp.example",
        "2001-db8-0-0-0-0-0-10.isp.example",
        "0.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.isp.example",
        "v6.dyn.isp.example",
    ],
)
def test_generic_ipv6_names(name: str) -> None:
    assert generic_reason(name, V6)


@pytest.mark.parametrize(
    "name",
    [
        "mail.example.com",
        "mail10.example.com",
        "smtp-out-10.example.com",
        "mx.pool.example.com",
        "mail.dyn.example",
        "dynamics.example.com",
        "cable.example",
        "server.example.com",
        "home.example.com",
        "a10.smtp-out.example.com",
        "relay-2-10.static.example.com",
        "client.example.com",
        "gw.cable.co.uk",
        "sv.dynamic-systems.co.jp",
        "sv.static-ip.com.br",
        "www.dsl.ne.jp",
        "localhost",
        "",
    ],
)
def test_names_of_machines_that_somebody_set_up(name: str) -> None:
    assert generic_reason(name, V4) is None
    assert generic_reason(name, V6) is None


def test_numbers_of_another_address_count_for_nothing() -> None:
    assert generic_reason("host-198-51-100-7.example.com", V4) is None
    assert generic_reason("static-3-10.example.com", V4) is None
    assert generic_reason("1192-0-2-100.example.com", V4) is None
    assert generic_reason("mail.example.com", "no address") is None
