"""A message against what MX addresses offer: SIZE (RFC 1870), 8BITMIME (RFC 6152), SMTPUTF8 (RFC 6531). Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from smtpdiag_tui.checks.session.session import SessionObservation
from smtpdiag_tui.report.amounts import counted
from smtpdiag_tui.report.findings import Finding, finding
from smtpdiag_tui.report.visible import visible
from smtpdiag_tui.smtp.commands import MessageNeeds
from smtpdiag_tui.smtp.extensions import offered, size_limit

_NAMED = 2  # addresses that a sentence names


@dataclass(frozen=True, slots=True)
class Room:
    """What one address offers: `limit` in octets, None where it announces none."""

    where: str
    extensions: frozenset[str]
    limit: int | None = None


def rooms(sessions: Iterable[SessionObservation]) -> tuple[Room, ...]:
    """Return what each address offers that answered EHLO, by the EHLO that counts."""
    found: list[Room] = []
    for seen in sessions:
        extensions = offered(seen.exchanges).counts
        if extensions is None:
            continue
        replies = [item.reply for item in seen.exchanges if item.says(b"EHLO ")]
        found.append(Room(visible(seen.target.where), extensions, size_limit(replies[-1])))
    return tuple(found)


def judge_room(needs: MessageNeeds, offers: Sequence[Room]) -> list[Finding]:
    """Return whether the message fits; nothing where no address answered EHLO."""
    if not offers:
        return []
    found = [*_too_large(needs, offers), *_not_offered(needs, offers)]
    return found or [_fits(needs, offers)]


def _too_large(needs: MessageNeeds, offers: Sequence[Room]) -> list[Finding]:
    limited = [(room.limit, room.where) for room in offers if room.limit is not None and room.limit < needs.size]
    if not limited:
        return []
    limit, where = min(limited)
    host = where.partition(" ")[0]
    lines = tuple(f"{name} announces SIZE {most}" for most, name in sorted(limited)[:10])
    meaning = f"The message has {needs.size:,} bytes and is rejected at MAIL FROM."
    if len(offers) > 1:
        meaning += f" {len(limited)} of {counted(len(offers), 'MX address')} announced less."
    advice = f"Make the message smaller than {limit:,} bytes, or send large files through another channel."
    message = f"{host} accepts messages of at most {limit:,} bytes"
    return [finding("message-too-large", message, meaning=meaning, advice=advice, evidence=lines)]


def _not_offered(needs: MessageNeeds, offers: Sequence[Room]) -> list[Finding]:
    found: list[Finding] = []
    for word, needed, meaning, advice in (
        (
            "8BITMIME",
            needs.eight_bit,
            "The message has an 8-bit body. The sending server has to convert it, breaking DKIM signatures.",
            "Encode the body as quoted-printable or base64 before it is signed.",
        ),
        (
            "SMTPUTF8",
            needs.smtputf8,
            "A header field has raw UTF-8. The sending server returns the message, or violates RFC 6531.",
            "Encode header fields by RFC 2047 (=?utf-8?...?=), and use an ASCII address in From.",
        ),
    ):
        missing = [room.where for room in offers if word not in room.extensions]
        if needed and missing:
            number = "" if len(missing) == 1 else f" and {counted(len(missing) - 1, 'other address')}"
            host = missing[0].partition(" ")[0]
            verb = "does" if len(missing) == 1 else "do"
            message = f"{host}{number} {verb} not offer {word} and the message needs it"
            lines = tuple(f"{where} does not offer {word}" for where in missing[:10])
            found.append(finding("message-risky", message, meaning=meaning, advice=advice, evidence=lines))
    return found


def _fits(needs: MessageNeeds, offers: Sequence[Room]) -> Finding:
    limits = [room.limit for room in offers if room.limit is not None]
    words = (
        [f"The lowest limit announced is {min(limits):,} bytes."] if limits else ["No address announced a limit."]
    )
    extensions = [word for word, is_needed in needed(needs) if is_needed]
    if extensions:
        words.append(f"The message needs {' and '.join(extensions)}; every address offers it.")
    number = counted(len(offers), "MX address")
    return finding("message-fits", f"Message of {needs.size:,} bytes fits {number}", meaning=" ".join(words))


def needed(needs: MessageNeeds) -> tuple[tuple[str, bool], ...]:
    """Return the extensions and whether the message needs each."""
    return (("8BITMIME", needs.eight_bit), ("SMTPUTF8", needs.smtputf8))
