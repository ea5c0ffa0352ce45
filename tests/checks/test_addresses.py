"""Which addresses are never connected to, in every form that IPv6 has for an IPv4 one."""

import ipaddress

import pytest

from smtpdiag_tui.checks.addresses import unusable_reason

NEVER = {
    "127.0.0.1": "loopback",
    "0.0.0.0": "unspecified",
    "224.0.0.1": "multicast",
    "169.254.169.254": "link-local",
    "255.255.255.255": "broadcast",
}


def forms(text: str) -> dict[str, str]:
    """Return an IPv4 address in each form that IPv6 has for it."""
    number = int(ipaddress.IPv4Address(text))
    high, low = divmod(number, 2**16)

    def at(prefix: str, shift: int = 0) -> str:
        return str(ipaddress.IPv6Address(int(ipaddress.IPv6Address(prefix)) | number << shift))

    octets = ipaddress.IPv4Address(text).packed
    return {
        "mapped": at("::ffff:0:0"),
        "mapped, in dots": f"::ffff:{text}",
        "translated": at("::ffff:0:0:0"),
        "compatible": at("::"),
        "NAT64": at("64:ff9b::"),
        "6to4": f"2002:{high:x}:{low:x}::1",
        "Teredo": f"2001:0:c000:201:0:0:{high ^ 0xFFFF:x}:{low ^ 0xFFFF:x}",
        "local NAT64 /96": at("64:ff9b:1::"),
        "local NAT64 /48": _nat64("64:ff9b:1::", (6, 7, 9, 10), octets),
        "local NAT64 /56": _nat64("64:ff9b:1::", (7, 9, 10, 11), octets),
        "local NAT64 /64": _nat64("64:ff9b:1::", (9, 10, 11, 12), octets),
    }


def _nat64(prefix: str, places: tuple[int, ...], inner: bytes) -> str:
    octets = bytearray(ipaddress.IPv6Address(prefix).packed)
    for place, octet in zip(places, inner, strict=True):
        octets[place] = octet
    return str(ipaddress.IPv6Address(bytes(octets)))


@pytest.mark.parametrize("text", NEVER)
def test_what_is_never_connected_to_is_not_in_any_form(text: str) -> None:
    assert NEVER[text] in (unusable_reason(text) or "")
    for form, address in forms(text).items():
        assert unusable_reason(address), f"{form}: {address}"


@pytest.mark.parametrize("form", [key for key in forms("127.0.0.1") if "/" not in key])
def test_the_reason_names_the_address_that_is_meant(form: str) -> None:
    assert unusable_reason(forms("127.0.0.1")[form]) == "a loopback address (127.0.0.1)"


@pytest.mark.parametrize("text", ["192.0.2.25", "9.9.9.9", "10.0.0.1", "100.64.0.1", "240.0.0.1"])
def test_what_may_be_connected_to_may_be_in_any_form(text: str) -> None:
    assert unusable_reason(text) is None
    for form, address in forms(text).items():
        assert unusable_reason(address) is None, f"{form}: {address}"


@pytest.mark.parametrize(
    "address",
    [
        "64:ff9b:1::c000:219",
        "64:ff9b:1:1::c000:219",
        "64:ff9b:1:ab00::909:909",
        "64:ff9b:1:ab64:40:1::",
        "64:ff9b:2::7f00:1",
    ],
)
def test_a_site_with_a_translator_of_its_own_is_not_locked_out(address: str) -> None:
    assert unusable_reason(address) is None


def test_octets_behind_a_short_prefix_do_not_hide_the_address() -> None:
    assert unusable_reason("64:ff9b:1:7f00:0:100:c000:219") == "a loopback address (127.0.0.1)"


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("::1", "a loopback address"),
        ("::", "an unspecified address"),
        ("fe80::1", "a link-local address"),
        ("fe80::1%eth0", "a link-local address"),
        ("ff02::fb", "a multicast address"),
        ("2001:db8::1", None),
        ("fd00::1", None),
        ("mx.example", "not an IP address"),
        ("", "not an IP address"),
    ],
)
def test_addresses_of_ipv6_itself(address: str, reason: str | None) -> None:
    assert unusable_reason(address) == reason
