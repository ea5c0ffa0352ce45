"""What is found of a DKIM key, told to whoever publishes it (RFC 6376, RFC 8301, RFC 8463). Pure."""

from dataclasses import replace

from smtpdiag_tui.checks.authentication.dkim.faults import algorithm_name, fault_words, new_key
from smtpdiag_tui.checks.authentication.dkim.key import GOOD_BITS, KeyRecord
from smtpdiag_tui.checks.authentication.dkim.observation import KeyObservation, state_of
from smtpdiag_tui.checks.authentication.seen import KeyState
from smtpdiag_tui.checks.lookups.record_set import Found
from smtpdiag_tui.report.actions import Action
from smtpdiag_tui.report.findings import Finding, finding
from smtpdiag_tui.report.fitting import fitted

EXPLANATION = """\
Looks up the public keys that receivers need to verify the DKIM signatures of the sending server.
Fails if:
- no key is published for a selector, or it is revoked (empty p=)
- the record is not a valid key for mail, or there are several
- an RSA key is shorter than 1024 bits (1024 to 2047 bits: warning)"""
KEY_EXPLANATION = """\
Looks up the TXT record of one DKIM key, and checks its syntax, algorithm and length.
Fails if:
- there is no key, several records, or an empty p= (revoked)
- the record has a syntax error, or is not for mail (s=) or not for SHA-256 (h=)
- the key is not a public key of its algorithm, or an RSA key of less than 1024 bits"""
_RERUN = "Rerun later."
_MOST_RECORDS = 8  # that are noted
_MOST_SHOWN = 1_000  # characters of a record


def notes(seen: KeyObservation) -> list[str]:
    """Return what was looked up and what stands there, line by line."""
    lines = [f"selector configured in {seen.source}"] if seen.source else []
    lines += seen.lines
    for record in seen.records[:_MOST_RECORDS]:
        lines.append(f"  {_short(record.text)}")
    if len(seen.records) > _MOST_RECORDS:
        lines.append(f"  ({len(seen.records) - _MOST_RECORDS} more records not shown)")
    return lines


def detail(seen: KeyObservation) -> str:
    """Return what a key comes to, in a few words."""
    match state_of(seen):
        case KeyState.UNKNOWN:
            return "lookup failed"
        case KeyState.MISSING:
            return "no key"
        case KeyState.REVOKED:
            return "revoked"
        case KeyState.INVALID:
            return "invalid" if len(seen.records) == 1 else f"{len(seen.records)} records"
    return _kind(seen.key or KeyRecord(""))


def judge(seen: KeyObservation, *, own: bool = True) -> tuple[Finding, ...]:
    """Return the findings of one key; not `own`: somebody else signs with it, and is who can act."""
    found = _judge(seen)
    if own:
        return found
    who = f"Administrator of {seen.domain}"
    return tuple(replace(item, actions=tuple(_for(who, action) for action in item.actions)) for item in found)


def _for(who: str, action: Action) -> Action:
    """Return what the reader would do as what another does; a lookup is run again by the reader."""
    if action.who or action.what == _RERUN:
        return action
    return Action(who, f"{action.what[:1].lower()}{action.what[1:]}")


def _judge(seen: KeyObservation) -> tuple[Finding, ...]:
    match state_of(seen):
        case KeyState.UNKNOWN:
            return (_unknown(seen),)
        case KeyState.MISSING:
            return (_missing(seen),)
        case KeyState.REVOKED:
            return (_revoked(seen),)
        case KeyState.INVALID:
            return (_invalid(seen, seen.key) if seen.key is not None else _several(seen),)
    return _judge_valid(seen, seen.key or KeyRecord(""))


def no_selector(domain: str) -> Finding:
    """Return what is said where no selector is known; `domain` "" where the message is from nobody."""
    of = f" of {domain}" if domain else ""
    message = f"DKIM selector{of} is unknown"
    advice = f"Give a selector{of} with --dkim-selector, or a signed message with --message."
    return finding("dkim-selector-unknown", message, advice=advice)


def _unknown(seen: KeyObservation) -> Finding:
    advice = (_RERUN, f"Check the name servers of {seen.domain}, if it persists.")
    return finding("dkim-lookup-failed", f"TXT query for {seen.name} failed", advice=advice, evidence=(seen.why,))


def _missing(seen: KeyObservation) -> Finding:
    advice = f"Publish the public key of selector {seen.selector} as TXT record at {seen.name}."
    if seen.records:
        message = f"TXT record at {seen.name} is not a DKIM key"
        why = "It is a record of another kind, possibly from a wildcard in the zone"
    else:
        message = f"No DKIM key at {seen.name}"
        why = "The name does not exist" if seen.found is Found.NXDOMAIN else "The name has no TXT record"
    meaning = f"{why}. Receivers cannot verify signatures with this selector."
    return _finding(seen, "dkim-key-missing", message, meaning=meaning, advice=advice, evidence=_evidence(seen))


def _revoked(seen: KeyObservation) -> Finding:
    advice = (
        f"Sign with a selector of {seen.domain} that has a key, or publish the key of {seen.selector} in p= of the"
        f" TXT record at {seen.name}."
    )
    message = f"DKIM key at {seen.name} is revoked"
    return _finding(seen, "dkim-key-revoked", message, advice=advice, evidence=_evidence(seen))


def _several(seen: KeyObservation) -> Finding:
    number = len(seen.records)
    message = f"{seen.name} has {number} TXT records"
    meaning = (
        "A selector must have one record. With several, receivers use any of them, or none (RFC 6376 §3.6.2.2)."
    )
    advice = f"Remove all TXT records at {seen.name} but the one with the current key."
    return _finding(seen, "dkim-key-invalid", message, meaning=meaning, advice=advice, evidence=_evidence(seen))


def _invalid(seen: KeyObservation, record: KeyRecord) -> Finding:
    headline, meaning, advice = fault_words(seen, record)
    return _finding(seen, "dkim-key-invalid", headline, meaning=meaning, advice=advice, evidence=_evidence(seen))


def _judge_valid(seen: KeyObservation, key: KeyRecord) -> tuple[Finding, ...]:
    found: list[Finding] = []
    if key.bits is not None and key.bits < GOOD_BITS:
        message = f"RSA key at {seen.name} has {key.bits} bits"
        found.append(_finding(seen, "dkim-key-weak", message, advice=new_key(seen)))
    if key.testing:
        message = f"DKIM key at {seen.name} is in testing mode"
        advice = f"Remove t=y from the TXT record at {seen.name} once its signatures verify."
        found.append(_finding(seen, "dkim-key-testing", message, advice=advice))
    return tuple(found) or (_finding(seen, "dkim-key-valid", f"DKIM key at {seen.name} is valid"),)


def _finding(
    seen: KeyObservation,
    code: str,
    message: str,
    *,
    meaning: str | None = None,
    advice: str | None = None,
    evidence: tuple[str, ...] = (),
) -> Finding:
    """Return a finding whose headline fits a line, with the name of the key shortened if need be."""
    headline = fitted(message, (), [seen.name])
    return finding(code, headline, meaning=meaning, advice=advice, evidence=evidence)


def _kind(key: KeyRecord) -> str:
    words = [algorithm_name(key.algorithm)]
    if key.bits is not None:
        words.append(f"{key.bits} bits")
    if key.testing:
        words.append("testing mode")
    return ", ".join(words)


def _evidence(seen: KeyObservation) -> tuple[str, ...]:
    return tuple(f"{seen.name} TXT {_short(record.text)}" for record in seen.records[:_MOST_RECORDS])


def _short(text: str) -> str:
    return text if len(text) <= _MOST_SHOWN else f"{text[: _MOST_SHOWN - 1]}…"
