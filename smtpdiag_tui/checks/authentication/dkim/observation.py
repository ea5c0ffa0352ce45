"""What is published for one DKIM selector, and what became of its key. Pure."""

from dataclasses import dataclass

from smtpdiag_tui.checks.authentication.dkim.key import KeyRecord, parse_key
from smtpdiag_tui.checks.authentication.seen import DkimKey, KeyState
from smtpdiag_tui.checks.lookups.answers import describe
from smtpdiag_tui.checks.lookups.record_set import Found, RecordSet


@dataclass(frozen=True, slots=True)
class KeyObservation:
    """What is published for one selector; `source` names the signer whose configuration has it, "" for the user.

    `records` are the TXT records in order, `aliased` says that the name is a CNAME.
    """

    selector: str
    domain: str
    source: str
    found: Found
    records: tuple[KeyRecord, ...] = ()
    why: str = ""
    aliased: str = ""
    lines: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Where the key stands."""
        return f"{self.selector}._domainkey.{self.domain}"

    @property
    def keys(self) -> tuple[KeyRecord, ...]:
        """The records that are meant for keys."""
        return tuple(record for record in self.records if record.is_key)

    @property
    def key(self) -> KeyRecord | None:
        """The one record that is there, if it is a key."""
        return self.keys[0] if len(self.records) == 1 and self.keys else None


def observed(selector: str, domain: str, source: str, answer: RecordSet) -> KeyObservation:
    """Return what a lookup showed."""
    answers = answer.resolution.answers
    ends = answer.answer.question.name if answer.answer is not None else ""
    name = f"{selector}._domainkey.{domain}"
    return KeyObservation(
        selector,
        domain,
        source,
        answer.found,
        tuple(parse_key(text) for text in answer.texts),
        answer.why,
        ends if ends != name else "",
        tuple(describe(item) for item in answers),
    )


def state_of(seen: KeyObservation) -> KeyState:
    """Return what became of a key."""
    if seen.found is Found.FAILED:
        return KeyState.UNKNOWN
    if not seen.keys:
        return KeyState.MISSING
    if seen.key is None or seen.key.fault is not None:
        return KeyState.INVALID
    return KeyState.REVOKED if seen.key.revoked else KeyState.VALID


def key_of(seen: KeyObservation) -> DkimKey:
    """Return what other checks are told of a key."""
    key = seen.key or KeyRecord("")
    return DkimKey(seen.selector, seen.domain, state_of(seen), key.algorithm, key.bits, key.testing)
