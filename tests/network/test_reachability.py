"""Which addresses count as reached from everywhere, in all the forms that lead to an IPv4 address too."""

import pytest

from smtpdiag_tui.network.system import SystemNetwork


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::1", "2a00:1450:4001::1a"],
)
def test_what_is_given_out_is_public(address: str) -> None:
    assert SystemNetwork().is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.1",
        "172.16.0.1",
        "192.168.7.1",
        "100.64.0.1",  # shared (RFC 6598)
        "127.0.0.1",
        "169.254.169.254",
        "192.0.2.1",
        "198.18.0.1",  # benchmarks (RFC 2544)
        "198.51.100.1",
        "240.0.0.1",
        "255.255.255.255",
        "0.0.0.0",
        "::",
        "::1",
        "::ffff:10.0.0.1",
        "::ffff:100.64.0.1",
        "::10.0.0.1",
        "::ffff:0:10.0.0.1",  # SIIT
        "64:ff9b::10.0.0.1",
        "64:ff9b::192.168.7.1",
        "64:ff9b:1::8.8.8.8",  # NAT64 of local use (RFC 8215)
        "2002:a00:1::1",  # 6to4 of 10.0.0.1
        "2002:c0a8:701::1",
        "fd00::1",
        "fe80::1",
        "fec0::1",
        "2001:db8::1",
        "3fff::1",
        "5f00::1",
        "4000::1",
        "ff02::1",
        "mx.example",
    ],
)
def test_what_lies_inside_or_is_reserved_is_not(address: str) -> None:
    assert not SystemNetwork().is_public(address)
