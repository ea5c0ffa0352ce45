"""Private things in every way in which they are written, and a search for them that knows nothing of masking."""

import ipaddress
import re
from collections.abc import Iterator

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

_QUAD = re.compile(r"\d{1,3}(?=([._-]))(?:\1\d{1,3}){3,}")
_ESCAPE = re.compile(r"\\(?:x[0-9a-f]{2}|u[0-9a-f]{4}|u[0-9a-f]{8})")
_RUN = re.compile(r"[0-9a-f:.]{2,}")


def notations(text: str) -> list[str]:
    """Return how an address can stand in a reply."""
    address = ipaddress.ip_address(text)
    return _of_ipv4(address) if isinstance(address, ipaddress.IPv4Address) else _of_ipv6(address)


def _of_ipv4(address: ipaddress.IPv4Address) -> list[str]:
    plain, data = str(address), address.packed
    padded = ".".join(f"{item:03}" for item in data)
    low = f"{data[0]:02x}{data[1]:02x}:{data[2]:02x}{data[3]:02x}"
    mapped = [f"::ffff:{plain}", f"::FFFF:{low.upper()}", f"0:0:0:0:0:ffff:{low}", f"[IPv6:::ffff:{plain}]"]
    bare = [
        plain,
        f"[{plain}]",
        f"({plain})",
        f"{plain}:25",
        f"[{plain}]:465",
        f"ip4:{plain}",
        f"{plain}#53",
        padded,
    ]
    names = [
        address.reverse_pointer,
        address.reverse_pointer.upper(),
        f"host-{plain.replace('.', '-')}.isp.example",
    ]
    return [*bare, *mapped, *names, f"{plain}.25", f"64:ff9b::{low}", f"ip-{plain.replace('.', '_')}", data.hex()]


def _of_ipv6(address: ipaddress.IPv6Address) -> list[str]:
    short, long = str(address), address.exploded
    middle = ":".join(f"{int(group, 16):x}" for group in long.split(":"))
    spelt = [form for text in (short, long, middle) for form in (text, text.upper())]
    tagged = [
        form for text in spelt for form in (f"ip6:{text}", f"[IPv6:{text}]", f"[ipv6:{text}]:25", f"[{text}]")
    ]
    more = [f"{short}%eth0", f"{short}/64", f"{short}.", f"{short}: no", f"{long}:25", f"{short}.25"]
    pointer = address.reverse_pointer
    names = [pointer, pointer.upper(), pointer.removesuffix("ip6.arpa") + "bl.example", address.packed.hex()]
    dashed = [f"host-{text.replace(':', '-')}.isp.example" for text in (short, long, middle)]
    return [*spelt, *tagged, *more, *names, *dashed]


def found(text: str, words: list[str], addresses: list[str]) -> list[str]:
    """Return which of some words and addresses, in whatever notation, a text holds."""
    text = text.lower()
    literals = [ipaddress.ip_address(item) for item in addresses]
    # Digits of an escape such as \x09 belong to no address that stands behind it.
    seen = {*_addresses(text), *_addresses(_ESCAPE.sub(" ", text))}
    return [word for word in words if word.lower() in text] + [
        str(item) for item in literals if item in seen or _spelt(text, item)
    ]


def _spelt(text: str, address: IPAddress) -> bool:
    pointer = address.reverse_pointer.removesuffix(".ip6.arpa").removesuffix(".in-addr.arpa")
    joined = re.search(rf"(?<![0-9a-f]){address.packed.hex()}(?![0-9a-f])", text)
    forms = [pointer] if address.version == 6 else []
    if isinstance(address, ipaddress.IPv6Address):
        middle = "-".join(f"{int(group, 16):x}" for group in address.exploded.split(":"))
        forms += [address.exploded.replace(":", "-"), str(address).replace(":", "-"), middle]
    return joined is not None or any(form in text for form in forms)


def _addresses(text: str) -> Iterator[IPAddress]:
    """Yield all addresses that a text holds, wherever they begin and end."""
    for quad in _QUAD.finditer(text):
        numbers = [int(item) for item in re.split(r"[._-]", quad[0])]
        for place in range(len(numbers) - 3):
            four = numbers[place : place + 4]
            if max(four) < 256:
                yield from (ipaddress.IPv4Address(bytes(item)) for item in (four, four[::-1]))
    for run in _RUN.finditer(text):
        groups = run[0].split(":")
        if len(groups) > 2:
            yield from _runs(groups)


def _runs(groups: list[str]) -> Iterator[IPAddress]:
    for start in range(len(groups) - 2):
        for end in range(start + 3, min(start + 9, len(groups)) + 1):
            for text in {":".join(groups[start:end]), ":".join(groups[start:end]).partition(".")[0]}:
                try:
                    literal = ipaddress.IPv6Address(text)
                except ValueError:
                    continue
                yield literal.ipv4_mapped or literal
                if int(literal) >> 32 == 0x64FF9B << 64:
                    yield ipaddress.IPv4Address(int(literal) & 0xFFFFFFFF)
