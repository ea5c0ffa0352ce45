"""Observations made by hand."""

from collections.abc import Sequence

from smtpdiag_tui.checks.lookups.answers import Answer, AnswerKind, EdnsTrouble, Pair, Question, Record
from smtpdiag_tui.checks.session.session import Ending, Envelope, Exchange, Phase, SessionObservation, Target
from smtpdiag_tui.network.seam import Transport
from smtpdiag_tui.report.findings import Finding
from smtpdiag_tui.settings import DnsServer, Settings
from smtpdiag_tui.smtp.reply import Defect, Reply

SERVER = DnsServer("192.0.2.53")
OTHER = DnsServer("192.0.2.54")
DOMAIN = "partner.example"
RCODES = {
    AnswerKind.DATA: "NOERROR",
    AnswerKind.NODATA: "NOERROR",
    AnswerKind.TRUNCATED: "NOERROR",
    AnswerKind.NXDOMAIN: "NXDOMAIN",
    AnswerKind.SERVFAIL: "SERVFAIL",
    AnswerKind.REFUSED: "REFUSED",
    AnswerKind.REFERRAL: "NOERROR",
    AnswerKind.OTHER: "NOTIMP",
}


def codes(found: Sequence[Finding]) -> list[str]:
    """Return the codes of findings."""
    return [item.code for item in found]


def answer(
    rdtype: str = "MX",
    data: Sequence[str] = (),
    *,
    kind: AnswerKind | None = None,
    name: str = DOMAIN,
    server: DnsServer = SERVER,
    transport: Transport = Transport.UDP,
    flags: tuple[str, ...] = ("RD", "RA"),
    aliases: Sequence[tuple[str, str]] = (),
    soa: str | None = "",
    edns_trouble: EdnsTrouble | None = None,
    extended_codes: tuple[int, ...] = (),
    plain_size: int = 60,
    recurse: bool = True,
    checking: bool = True,
    error: str = "",
) -> Answer:
    """Return one answer; `data` are RDATA of the type asked for, `soa` the owner of an SOA in authority."""
    kind = kind or (AnswerKind.DATA if data else AnswerKind.NODATA)
    owner = aliases[-1][1] if aliases else name
    records = [Record(alias, "CNAME", 300, f"{target}.") for alias, target in aliases]
    records += [Record(owner, rdtype, 300, item) for item in data]
    negative = kind in (AnswerKind.NODATA, AnswerKind.NXDOMAIN) and soa is not None
    authority = (
        (Record(soa or name, "SOA", 300, "ns1.example. hostmaster.example. 1 2 3 4 5"),) if negative else ()
    )
    return Answer(
        Question(name, rdtype, recurse, checking=checking),
        server,
        transport,
        kind,
        rcode=RCODES.get(kind, ""),
        flags=flags,
        answer=tuple(records),
        authority=authority,
        edns_trouble=edns_trouble,
        extended_codes=extended_codes,
        plain_size=plain_size,
        error=error,
    )


def pair(
    udp: AnswerKind | Sequence[str],
    tcp: AnswerKind | Sequence[str],
    rdtype: str = "MX",
    server: DnsServer = SERVER,
) -> Pair:
    """Return a question over both transports, each given by its kind or by its data."""

    def one(given: AnswerKind | Sequence[str], transport: Transport) -> Answer:
        if isinstance(given, AnswerKind):
            return answer(
                rdtype,
                ("10 mx.partner.example.",) if given is AnswerKind.DATA else (),
                kind=given,
                transport=transport,
                server=server,
            )
        return answer(rdtype, given, transport=transport, server=server)

    return Pair(one(udp, Transport.UDP), one(tcp, Transport.TCP))


def reply(*lines: str, defects: frozenset[Defect] = frozenset()) -> Reply:
    """Return a reply as its lines say it."""
    code = lines[-1][:3]
    return Reply(int(code) if code.isdigit() else 0, tuple(line.encode() for line in lines), defects)


def exchange(
    phase: Phase,
    *lines: str,
    command: bytes | None = None,
    ending: Ending | None = None,
    seconds: float = 0.1,
    tls: bool = False,
    defects: frozenset[Defect] = frozenset(),
    unexpected: bytes = b"",
) -> Exchange:
    """Return one exchange."""
    said = reply(*lines, defects=defects) if lines else None
    return Exchange(
        phase,
        command,
        said,
        ending,
        seconds,
        60.0,
        tls=tls,
        unexpected=unexpected,
        unexpected_size=len(unexpected),
    )


def session(*exchanges: Exchange, settings: Settings | None = None, **more: object) -> SessionObservation:
    """Return a session with mx.partner.example."""
    return SessionObservation(
        Target("mx.partner.example", "192.0.2.25", 25, "mx.partner.example"),
        Envelope("mail.sender.example", "alice@sender.example", "bob@partner.example"),
        settings or Settings("alice@sender.example", "bob@partner.example"),
        exchanges=exchanges,
        **more,  # type: ignore[arg-type]
    )
