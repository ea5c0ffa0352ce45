"""Whether the name servers of a zone agree on its mail hosts (RFC 1034 §4.3.5, RFC 5321 §5.1). Pure."""

from collections.abc import Sequence

from smtpdiag_tui.checks.lookups.answers import Answer, AnswerKind, Record
from smtpdiag_tui.checks.lookups.authority import AuthorityView
from smtpdiag_tui.checks.lookups.authority_judgement import authoritative, hostmaster_words
from smtpdiag_tui.checks.lookups.soa import SoaObservation
from smtpdiag_tui.report.actions import Action
from smtpdiag_tui.report.findings import Finding, finding

_SHOWN = 10  # records of one name server
_REST = "rest"  # stands for the records of a monstrous set that are not kept

MailSet = frozenset[tuple[str, str]]


def mail_set(view: AuthorityView) -> MailSet | None:
    """Return what a name server says with authority of where mail goes, as a set of (type, RDATA).

    An alias counts by itself, for not every server follows it; without MX the domain's addresses count. None
    where it says nothing: it was not asked, or answered without authority or with an error.
    """
    mx = view.settled_mx
    if mx is None:
        return None
    if mx.kind is AnswerKind.NXDOMAIN and len(mx.chain) == 1:
        return frozenset({("NXDOMAIN", "")})
    alias = _alias(mx)
    if alias is not None:
        return _rdata("CNAME", [alias.data])
    if mx.kind is AnswerKind.DATA:
        return _rdata("MX", [record.data for record in mx.records]) | {(_REST, mx.digest)}
    return _addresses(view)


def _alias(answer: Answer) -> Record | None:
    """Return the CNAME at the very name asked for, None if there is none."""
    for record in answer.answer:
        if record.rdtype == "CNAME" and record.owner == answer.question.name:
            return record
    return None


def _rdata(rdtype: str, data: Sequence[str]) -> MailSet:
    return frozenset((rdtype, item.lower()) for item in data)


def _addresses(view: AuthorityView) -> MailSet | None:
    found: MailSet = frozenset()
    for answer in (view.a, view.aaaa):
        if answer is None or not _settles(answer):
            return None
        found |= _rdata(answer.question.rdtype, [record.data for record in answer.records])
    return found


def _settles(answer: Answer) -> bool:
    return answer.usable and answer.authoritative


def mail_differs(views: Sequence[AuthorityView]) -> bool:
    """Whether name servers that answer with authority say different things of the mail hosts."""
    return len({told for _, told in _told(views)}) > 1


def judge_mail(seen: SoaObservation) -> tuple[Finding, ...]:
    """Return the findings of name servers that send mail to different hosts.

    Addresses that are others each time a server is asked tell nothing here: they rotate.
    """
    steady = [view for view in authoritative(seen) if not (view.unsteady and view.a is not None)]
    by_serial: dict[int | None, set[MailSet]] = {}
    for view, told in _told(steady):
        by_serial.setdefault(view.serial, set()).add(told)
    if not mail_differs(steady):
        return ()
    found: list[Finding] = []
    apex, who = seen.zone.apex, hostmaster_words(seen)
    evidence = tuple(_line(view, told) for view, told in _told(steady))
    if len(set(map(frozenset, by_serial.values()))) > 1:
        message = f"Name servers of {apex} return different MX hosts (serials differ)"
        advice = Action(who, f"repair the zone transfer of {apex} to the name servers with the older serial.")
        found.append(finding("soa-mx-mismatch", message, advice=advice, evidence=evidence))
    if any(len(sets) > 1 for sets in by_serial.values()):
        message = f"Name servers of {apex} return different MX hosts (same serial)"
        advice = Action(who, f"load one version of {apex} on all its name servers, with a new serial.")
        found.append(finding("mx-differ-same-serial", message, advice=advice, evidence=evidence))
    return tuple(found)


def _told(views: Sequence[AuthorityView]) -> list[tuple[AuthorityView, MailSet]]:
    return [(view, told) for view in views if (told := mail_set(view)) is not None]


def _line(view: AuthorityView, told: MailSet) -> str:
    """Return what a name server says: "ns1.example [192.0.2.51], serial 7: MX 10 mx.example"."""
    records = sorted(f"{rdtype} {data.rstrip('.')}".strip() for rdtype, data in told if rdtype != _REST)
    more = [f"{len(records) - _SHOWN} more"] if len(records) > _SHOWN else []
    return (
        f"{view.label}, serial {view.serial}: {'; '.join([*records[:_SHOWN], *more]) or 'no MX record or address'}"
    )
