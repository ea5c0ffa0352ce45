"""Hostile records, policies, keys and messages in whole runs: bounded, told, siblings unharmed, nothing raw."""

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from smtpdiag_tui.demo.hosts import SmtpScript
from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.render.as_json import to_json
from smtpdiag_tui.render.from_json import from_json
from smtpdiag_tui.render.markdown import to_markdown
from smtpdiag_tui.render.text import to_text
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.settings import DkimSelector, GivenMessage
from tests.engine.authenticating import Publishing
from tests.engine.policies import add_records, publish
from tests.engine.running import at, codes, others, run

MAIL = "authentication/spf/192.0.2.10/mail-from"
STS, RPT = "tls-policy/mta-sts", "tls-policy/tls-rpt"
EVIL = r"\027[31m[bold]x[/bold][/]<b>\226\128\174&|`"
MOST_JSON = 400_000  # octets; a harmless run has 100,000
MOST_SECONDS = 10.0  # of work, on a busy machine too


def txt(text: str) -> str:
    """Return a TXT record of as many strings as the text needs."""
    return "TXT " + " ".join(f'"{text[place : place + 250]}"' for place in range(0, len(text), 250))


def check(report: Report, began: float) -> None:
    """Check that a report is whole, small and printable, comes back from JSON, and took no time to speak of."""
    assert time.process_time() - began < MOST_SECONDS
    assert others() == set()
    assert "internal-error" not in codes(report)
    assert all(step.status.ended for step in report.steps.values())
    assert report.outcome is Outcome.ACCEPTED
    assert at(report, "delivery").status is not Status.FAILED
    text = to_json(report)
    assert len(text) < MOST_JSON
    for shown in (to_text(report, verbose=True), to_markdown(report)):
        assert shown.replace("\n", "").isprintable()
    assert not [line for line in strings(json.loads(text)) if not line.replace("\n", "").isprintable()]
    assert to_json(from_json(text)) == text


def strings(value: Any) -> list[str]:
    """Return all texts in a JSON value."""
    if isinstance(value, str):
        return [value]
    below = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for item in below for text in strings(item)]


CHAIN = "\n".join(f'i{n} TXT "v=spf1 include:i{n + 1}.hostile9.example ~all"' for n in range(200))
FLAT = txt("v=spf1 " + " ".join(f"include:i{n}.hostile9.example" for n in range(200)) + " -all")
MACROS = "%{l}.%{s}.%{h}.%{d}." * 5
GROWING = " ".join(f'"{"%{S}%{L}%{i}%{c}" * 12}"' for _ in range(50))
RECORDS: dict[str, tuple[str, str, str]] = {
    "SPF of 60 KB": (f"@ {txt('v=spf1 ' + 'x' * 60_000)}", MAIL, "spf-permerror"),
    "200 includes in a chain": (
        f'@ TXT "v=spf1 include:i0.hostile9.example -all"\n{CHAIN}',
        MAIL,
        "spf-permerror",
    ),
    "200 includes in one record": (f"@ {FLAT}\n{CHAIN}", MAIL, "spf-permerror"),
    "an include loop": ('@ TXT "v=spf1 include:hostile9.example -all"', MAIL, "spf-permerror"),
    "a redirect loop": ('@ TXT "v=spf1 redirect=hostile9.example"', MAIL, "spf-permerror"),
    "macros that grow": (
        f'@ TXT "v=spf1 exists:{MACROS}hostile9.example -all exp=e.hostile9.example"\ne TXT {GROWING}',
        MAIL,
        "spf-fail",
    ),
    "markup in an explanation": (f'@ TXT "v=spf1 -all exp=e.hostile9.example"\ne TXT "{EVIL}"', MAIL, "spf-fail"),
    "markup in SPF": (f'@ TXT "v=spf1 {EVIL} -all"', MAIL, "spf-permerror"),
    "DMARC of 60 KB": (
        f"_dmarc {txt('v=DMARC1; p=reject; rua=' + 'x' * 60_000)}",
        "authentication/dmarc",
        "dmarc-depends-on-dkim",
    ),
    "markup in DMARC": (f'_dmarc TXT "v=DMARC1; p={EVIL}"', "authentication/dmarc", "dmarc-invalid"),
    "many DMARC records": (
        "\n".join(f'_dmarc TXT "v=DMARC1; p=none; x={n}"' for n in range(500)),
        "authentication/dmarc",
        "dmarc-invalid",
    ),
    "a DKIM key of 60 KB": (
        f"s1._domainkey {txt('v=DKIM1; p=' + 'A' * 60_000)}",
        "authentication/dkim/s1@hostile9.example",
        "dkim-key-invalid",
    ),
    "markup in a DKIM key": (
        f's1._domainkey TXT "v=DKIM1; k={EVIL}; p={EVIL}"',
        "authentication/dkim/s1@hostile9.example",
        "dkim-key-invalid",
    ),
}


@pytest.mark.parametrize("name", RECORDS)
async def test_hostile_records_of_the_sender(name: str) -> None:
    zone, step, code = RECORDS[name]
    began = time.process_time()
    async with Publishing({"hostile9.example": zone}) as network:
        clock = asyncio.get_running_loop().time()
        report = await run(
            network, "bob@dead.example", sender="a.b.c@hostile9.example", dkim_selectors=(DkimSelector("s1"),)
        )
        assert asyncio.get_running_loop().time() - clock < 60
    assert code in {item.code for item in at(report, step).findings}
    check(report, began)


def tlsa_records(network: DemoNetwork) -> None:
    add_records(network, "dane.example", *(f"_25._tcp.mx1 TLSA 3 1 1 {number:064x}" for number in range(1000)))


def html(network: DemoNetwork) -> None:
    text = b"<html>\x1b[31m[bold]</b>\r\nversion: STSv1\r\n"
    publish(network, "partner.example", text=text, content_type="text/html; [bold]\x1b[1m")


def markup(network: DemoNetwork) -> None:
    text = b"version: STSv1\r\nmode: enforce\r\nmx: \x1b[2J[/bold]\r\nmx: <script>\r\nfoo\x1b]0;x\x07: [bold]\r\n"
    publish(network, "partner.example", text=text + b"max_age: 86400\r\n")


def redirect(network: DemoNetwork) -> None:
    head = b"HTTP/1.1 302 Found\x1b[31m [bold]x\r\nLocation: http://\x1b[2J[/]\r\nContent-Length: 0\r\n\r\n"
    publish(network, "partner.example", reply=head)


def huge(network: DemoNetwork) -> None:
    publish(network, "partner.example", text=b"mx: *.partner.example\r\n" * 100_000)


def many_hosts(network: DemoNetwork) -> None:
    lines = b"".join(b"mx: h%d.other.example\r\n" % number for number in range(2000))
    publish(network, "partner.example", text=b"version: STSv1\r\nmode: enforce\r\nmax_age: 86400\r\n" + lines)


def many_names(network: DemoNetwork) -> None:
    publish(network, "partner.example", names=tuple(f"n{number}.hostile.example" for number in range(10_000)))


def long_records(network: DemoNetwork) -> None:
    publish(network, "partner.example", record=f"_mta-sts {txt('v=STSv1; id=' + 'x' * 60_000)}")


def long_reports(network: DemoNetwork) -> None:
    add_records(network, "partner.example", f"_smtp._tls {txt('v=TLSRPTv1; rua=mailto:' + 'x' * 60_000)}")


def markup_in_records(network: DemoNetwork) -> None:
    record = f'_smtp._tls TXT "v=TLSRPTv1; rua={EVIL}"'
    add_records(network, "partner.example", record, f'_mta-sts TXT "v=STSv1; id={EVIL}"')


def certificate_of_many_names(network: DemoNetwork) -> None:
    script = network.hosts["192.0.2.173"]
    assert isinstance(script, SmtpScript)
    names = tuple(f"n{number}.dane.example" for number in range(3_000))
    network.hosts = {**network.hosts, "192.0.2.173": replace(script, names=names)}


POLICIES: dict[str, tuple[Callable[[DemoNetwork], None], str, str, str]] = {
    "HTML": (html, "partner", STS, "mta-sts-unreachable"),
    "markup in a policy": (markup, "partner", STS, "mta-sts-invalid"),
    "markup in a redirect": (redirect, "partner", STS, "mta-sts-unreachable"),
    "a policy of 2 MB": (huge, "partner", STS, "mta-sts-unreachable"),
    "a policy of 2,000 hosts": (many_hosts, "partner", STS, "mta-sts-mx-mismatch"),
    "a policy host with 10,000 names": (many_names, "partner", STS, "mta-sts-unreachable"),
    "an MTA-STS record of 60 KB": (long_records, "partner", STS, "mta-sts-invalid"),
    "a TLS-RPT record of 60 KB": (long_reports, "partner", RPT, "tls-rpt-invalid"),
    "markup in records": (markup_in_records, "partner", RPT, "tls-rpt-invalid"),
    "a certificate of 3,000 names": (certificate_of_many_names, "dane", "tls-policy/dane/mx1.dane.example", ""),
    "1,000 TLSA records": (tlsa_records, "dane", "tls-policy/dane/mx1.dane.example", ""),
}


@pytest.mark.parametrize("name", POLICIES)
async def test_hostile_policies_of_the_recipient(name: str) -> None:
    prepare, domain, step, code = POLICIES[name]
    began = time.process_time()
    async with DemoNetwork() as network:
        prepare(network)
        clock = asyncio.get_running_loop().time()
        report = await run(network, f"bob@{domain}.example")
        assert asyncio.get_running_loop().time() - clock < 90
    assert not code or code in {item.code for item in at(report, step).findings}
    assert at(report, step).status.ended
    check(report, began)


def signature(selector: bytes, domain: bytes) -> bytes:
    return b"DKIM-Signature: v=1; a=rsa-sha256; d=" + domain + b"; s=" + selector + b"; h=from; bh=AA; b=AA\r\n"


async def test_signatures_with_any_text_as_selector_and_domain() -> None:
    odd = (b"a/b", b"\x1b[31m[bold]", "é日".encode(), b"s" * 3000, b"x y", rb"\047", b"a.b.", b"@@")
    fields = b"".join(signature(name, b"sender.example") + signature(b"s1", name) for name in odd)
    content = fields + b"From: a@sender.example\r\nDate: Fri, 27 Nov 2026 12:00:00 +0000\r\n\r\nhi\r\n"
    began = time.process_time()
    async with DemoNetwork() as network:
        report = await run(network, "bob@dead.example", message=GivenMessage("m.eml", len(content), content))
    assert "dkim-signature-invalid" in codes(report, "authentication/message")
    for step in report.children("authentication/dkim"):
        assert step.id.count("/") == 2
    assert '=""' not in report.authentication[0].results_header
    check(report, began)
