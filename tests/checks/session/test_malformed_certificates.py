"""Mail hosts whose certificate OpenSSL takes and a strict parser does not, over a real handshake."""

import ssl
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

from smtpdiag_tui.demo.hosts import SmtpScript
from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.demo.smtp_server import SmtpServer
from smtpdiag_tui.render.as_json import to_json
from smtpdiag_tui.render.text import to_text
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.status import Outcome, Status
from smtpdiag_tui.settings import TlsPolicy
from tests import der
from tests.der import LATIN, Parts, common_name, extension, integer, sequence, tlv
from tests.engine.running import at, codes, run

HOST = "mx.wrongname.example"
ADDRESS = "192.0.2.57"
NAMED = Parts(extensions=(der.alternative_names(HOST.encode()),))
# What a server's OpenSSL loads, whichever the version.
PRESENTED = {
    "sound": NAMED,
    "T61 with Latin-1": NAMED.but(subject=common_name(LATIN, der.T61)),
    "IA5 with Latin-1": NAMED.but(issuer=common_name(LATIN, der.IA5)),
    "BIT STRING": NAMED.but(subject=common_name(b"\0abc", der.BITS)),
    "unknown string": NAMED.but(subject=common_name(b"abc", 29)),
    "long name": NAMED.but(subject=common_name(b"a" * 500)),
    "version 4": NAMED.but(version=tlv(0xA0, integer(3))),
    "serial 0": NAMED.but(serial=integer(0)),
    "negative serial": NAMED.but(serial=integer(-5)),
    "offset": NAMED.but(ends=tlv(der.UTC_TIME, b"491231000000+0100")),
    "Latin-1 beside": NAMED.but(
        extensions=(
            extension(
                der.ALTERNATIVE_NAMES, sequence(tlv(0x82, HOST.encode()), tlv(0x81, LATIN), tlv(0x87, b"123"))
            ),
        )
    ),
    "parameters of ECDSA": NAMED.but(algorithm=sequence(der.oid(der.ECDSA_SHA256), tlv(5))),
}


def presenting(octets: bytes, folder: Path) -> ssl.SSLContext:
    """Return the context of a server that presents a certificate, whatever it is."""
    form = serialization.PrivateFormat.PKCS8
    key = der.key().private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    path = folder / "both.pem"
    path.write_bytes(ssl.DER_cert_to_PEM_cert(octets).encode() + key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


async def against(octets: bytes, folder: Path, tls: TlsPolicy = TlsPolicy.AUTO) -> Report:
    """Run against a mail host that presents a certificate."""
    context = presenting(octets, folder)
    async with DemoNetwork() as network:
        server = SmtpServer(SmtpScript(HOST), lambda _script: context)
        await server.start()
        network.smtp[ADDRESS] = server
        return await run(network, "bob@wrongname.example", tls=tls)


@pytest.mark.parametrize("case", PRESENTED)
async def test_the_session_goes_on_and_the_defect_is_told(
    case: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    report = await against(PRESENTED[case].der(), tmp_path)
    assert report.outcome is Outcome.ACCEPTED
    assert "internal-error" not in codes(report)
    step = at(report, f"delivery/{HOST}/{ADDRESS}/starttls")
    found = {item.code: item for item in step.findings}
    assert ("certificate-malformed" in found) is (case != "sound")
    assert any(f"names {HOST}" in line for line in found["tls-established"].evidence)
    assert "certificate-name-mismatch" not in found
    assert step.status is Status.WARNING
    assert to_text(report)
    assert capfd.readouterr() == ("", "")


async def test_with_tls_required_it_is_a_failure_and_the_session_goes_on(tmp_path: Path) -> None:
    report = await against(PRESENTED["version 4"].der(), tmp_path, TlsPolicy.REQUIRE)
    step = at(report, f"delivery/{HOST}/{ADDRESS}/starttls")
    assert {item.code: item.severity for item in step.findings}["certificate-malformed"] == "failure"
    assert at(report, f"delivery/{HOST}/{ADDRESS}/rcpt-to").status is Status.PASSED
    assert report.outcome is Outcome.ACCEPTED


def many(number: int) -> bytes:
    names = (HOST.encode(), *(b"h%d.example" % item for item in range(1, number)))
    return NAMED.but(extensions=(der.alternative_names(*names),)).der()


async def test_thousands_of_names_are_cut_in_what_is_told(tmp_path: Path) -> None:
    report = await against(many(5000), tmp_path)
    [established] = at(report, f"delivery/{HOST}/{ADDRESS}/starttls").findings[:1]
    assert any(line.startswith(f"  names {HOST}, h1.example") for line in established.evidence)
    assert any(line.endswith("h19.example and 4980 more") for line in established.evidence)
    assert len(to_json(report)) < 100_000


async def test_a_megabyte_of_certificate_ends_the_handshake_and_not_the_run(tmp_path: Path) -> None:
    octets = many(70_000)
    assert len(octets) > 1_000_000
    report = await against(octets, tmp_path)
    assert report.outcome is Outcome.ACCEPTED  # the second session, in clear
    found = at(report, f"delivery/{HOST}/{ADDRESS}/starttls").findings
    assert [item.code for item in found] == ["tls-handshake-failed"]
