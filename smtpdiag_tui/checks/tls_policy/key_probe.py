"""Judging the probe `dane-keys`: TLS with RSA and with ECDSA keys apart, since a rollover may break one. Pure.

A server that has a certificate of each kind shows one in a session, and TLSA records have to name both.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from smtpdiag_tui.checks.session.session import SessionObservation
from smtpdiag_tui.checks.tls_policy import dane
from smtpdiag_tui.checks.tls_policy.dane import HostTlsa, Meeting, Met, Standing
from smtpdiag_tui.checks.tls_policy.dane_judgement import judge_host
from smtpdiag_tui.network.seam import KeyType
from smtpdiag_tui.report.findings import Finding, finding
from smtpdiag_tui.report.visible import visible

TLS_1_3 = "TLSv1.3"
_WORDS = {KeyType.RSA: "RSA", KeyType.ECDSA: "ECDSA"}
# How a server says that it has no certificate of the kind that is asked for (RFC 5246 §7.2.2).
_NO_SUCH_KEY = ("handshake failure", "no shared cipher", "insufficient security")


def needless(host: HostTlsa | None) -> str | None:
    """Say why the probe would show nothing, None if it may."""
    place = dane.standing(host) if host is not None else None
    if place is None or place.kind is not dane.Kind.USABLE:
        return "no usable TLSA records to match"
    return None


def judge_keys(host: HostTlsa, seen: Mapping[KeyType, SessionObservation], now: datetime) -> tuple[Finding, ...]:
    """Return the findings of the probe; a kind of key that the server does not have is none."""
    place = dane.standing(host)
    met = {keys: dane.meet(place, host, item.target.address, item, now) for keys, item in seen.items()}
    found: list[Finding] = []
    for keys, item in met.items():
        if item.meeting is Meeting.MISMATCH:
            found += _mismatch(host, place, keys, item)
    speaks = any(map(_has_tls, seen.values()))
    open_ones = [keys for keys, item in seen.items() if _is_open(item, met[keys], speaks=speaks)]
    if open_ones:
        found.append(_undecided(host, seen, open_ones))
    elif not found:
        found.append(_valid(host, seen, met))
    return tuple(found)


def detail(seen: Mapping[KeyType, SessionObservation], found: Sequence[Finding]) -> str:
    """Return what the probe showed in a few words."""
    shown = [_WORDS[keys] for keys, item in seen.items() if _has_tls(item)]
    words = " and ".join(shown) or "no"
    mismatch = any(item.code == "dane-mismatch" for item in found)
    return f"{words} certificate presented{', not all match' if mismatch else ''}"


def _has_tls(item: SessionObservation) -> bool:
    return item.tls is not None and item.tls.session is not None


def _lacks_key(item: SessionObservation, *, speaks: bool) -> bool:
    """Whether a handshake failed for want of a key of that kind.

    `speaks`: it succeeds with the other kind, and nothing else is different. Some servers close without an alert.
    """
    if item.tls is None or item.tls.timed_out:
        return False
    return speaks or any(words in item.tls.error for words in _NO_SUCH_KEY)


def _is_open(item: SessionObservation, met: Met, *, speaks: bool) -> bool:
    """Whether it is not known what a server shows for a kind of key."""
    if met.meeting in (Meeting.VALID, Meeting.MISMATCH):
        return False
    return _has_tls(item) or not _lacks_key(item, speaks=speaks)


def _mismatch(host: HostTlsa, place: Standing, keys: KeyType, item: Met) -> list[Finding]:
    """Return the finding of a host's certificate, told of the kind of key that it is for."""
    told = [found for found in judge_host(host, place, [item]) if found.code == "dane-mismatch"]
    message = f"{_WORDS[keys]} certificate of {visible(host.host)} matches no TLSA record"
    return [
        finding(found.code, message, meaning=found.meaning, evidence=found.evidence, advice=found.actions)
        for found in told
    ]


def _undecided(host: HostTlsa, seen: Mapping[KeyType, SessionObservation], keys: Sequence[KeyType]) -> Finding:
    words = " and ".join(_WORDS[item] for item in keys)
    lines = [f"{_WORDS[item]}: {_why(seen[item])}" for item in keys]
    meaning = None
    if any("protocol version" in line for line in lines):
        meaning = "In TLS 1.3, the only version of this server, the two key types cannot be separated."
    message = f"{visible(host.host)} left the {words} key probe undecided"
    return finding("probe-undecided", message, meaning=meaning, evidence=tuple(map(visible, lines)))


def _why(item: SessionObservation) -> str:
    if item.tls is not None and item.tls.session is not None:
        return "could not be compared with the TLSA records"
    if item.tls is not None:
        return item.tls.error
    return item.connect_detail or "no TLS"


def _valid(host: HostTlsa, seen: Mapping[KeyType, SessionObservation], met: Mapping[KeyType, Met]) -> Finding:
    shown = [keys for keys, item in met.items() if item.meeting is Meeting.VALID]
    lines = [f"{_WORDS[keys]}: matches {met[keys].record}" for keys in shown]
    lines += [f"{_WORDS[keys]}: {_why(seen[keys])}" for keys in seen if keys not in shown]
    words = " and ".join(_WORDS[keys] for keys in shown)
    if not shown:
        message = f"{visible(host.host)} has neither an RSA nor an ECDSA certificate"
        return finding("probe-undecided", message, evidence=tuple(map(visible, lines)))
    noun = "certificates match" if len(shown) > 1 else "certificate, its only one, matches"
    message = f"{words} {noun} the TLSA records of {visible(host.host)}"
    return finding("dane-valid", message, evidence=tuple(lines))
