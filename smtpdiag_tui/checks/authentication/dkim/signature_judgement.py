"""What the DKIM signatures of a message come to for who sends it, and what to do about those that fail. Pure."""

from smtpdiag_tui.checks.authentication.seen import MessageSeen, Signature, SignatureFlaw
from smtpdiag_tui.report.actions import Advice
from smtpdiag_tui.report.amounts import counted
from smtpdiag_tui.report.authentication import DkimResult
from smtpdiag_tui.report.findings import Finding, Severity, finding
from smtpdiag_tui.report.visible import visible


def name_of(signature: Signature) -> str:
    """Return a signature as steps and sentences name it: `selector@domain`, or what is known of it."""
    return visible("@".join(part for part in (signature.selector, signature.domain) if part))


def judge_signatures(seen: MessageSeen) -> list[Finding]:
    """Return what to say of each signature, or that there is none."""
    if not seen.signatures:
        return [_unsigned(seen)] if seen.size else []
    valid = {item.domain for item in seen.signatures if item.result is DkimResult.PASS}
    found = [_judge(item, others_valid=item.domain in valid) for item in seen.signatures]
    found += [risk for item in seen.signatures if (risk := _partial(item)) is not None]
    if seen.unverified:
        number = seen.unverified + len(seen.signatures)
        meaning = f"Receivers verify the first few; smtpdiag verified {len(seen.signatures)}."
        advice = "Remove the signatures that the sending server did not make."
        found.append(
            finding("message-risky", f"Message has {number:,} DKIM signatures", meaning=meaning, advice=advice)
        )
    return found


def _unsigned(seen: MessageSeen) -> Finding:
    domains = {address.rpartition("@")[2] for address in seen.from_addresses}
    advice = None
    if len(domains) == 1:
        domain = visible(next(iter(domains)))
        advice = f"Sign messages from {domain} with DKIM, or give the message as it leaves the signing server."
    return finding("dkim-unsigned", "Message has no DKIM signature", advice=advice)


def _judge(signature: Signature, *, others_valid: bool) -> Finding:
    called = name_of(signature)
    subject = f"DKIM signature {called}" if called else "DKIM signature without a name"
    if signature.result is DkimResult.PASS:
        return finding("dkim-signature-valid", f"{subject} verifies")
    if signature.result is DkimResult.TEMPERROR:
        return finding(
            "dkim-signature-unknown",
            f"{subject} could not be verified",
            meaning=_sentence(signature.because),
            advice=_advice(signature),
        )
    meaning = _sentence(signature.because)
    severity = None
    if others_valid:
        severity = Severity.WARNING
        meaning += f" Another signature of {visible(signature.domain)} verifies, and one is enough."
    else:
        meaning += " Receivers treat the message as unsigned."
    return finding(
        "dkim-signature-invalid",
        f"{subject} does not verify",
        meaning=meaning,
        advice=_advice(signature),
        severity=severity,
    )


def _sentence(clause: str) -> str:
    text = visible(clause)
    return f"{text[:1].upper()}{text[1:]}."


def _advice(signature: Signature) -> Advice:
    """Return what to do about a signature that does not verify; none where the step of its key tells it."""
    called, domain = name_of(signature), visible(signature.domain) or "the domain"
    match signature.flaw:
        case SignatureFlaw.BODY:
            return (
                "Sign last, after all that changes the body (footers, virus scanners), or give the file as it"
                " leaves the signing server."
            )
        case SignatureFlaw.FIELDS:
            return (
                f"Sign after all that changes header fields; compare the key of {called} with the published one."
            )
        case SignatureFlaw.KEY:
            return ()
        case SignatureFlaw.OTHER_KEY:
            name = f"{visible(signature.selector)}._domainkey.{domain}"
            return f"Sign with the key that is published at {name}, or with another selector of {domain}."
        case SignatureFlaw.LOOKUP:
            return ("Rerun later.", f"Check the name servers of {domain}, if it persists.")
        case SignatureFlaw.TIME:
            return "Check the clock of the signing server and its x= setting, then sign the message again."
        case SignatureFlaw.ALGORITHM:
            return "Sign with rsa-sha256 and a key of 2048 bits."
        case SignatureFlaw.LIMIT:
            return "Remove header fields, or sign fewer of them."
        case _:
            return "Correct the configuration of the signer; the signature violates RFC 6376."


def _partial(signature: Signature) -> Finding | None:
    """Return the warning of a signature that covers only the beginning of the body (RFC 6376 §8.2)."""
    if signature.length is None or signature.result is not DkimResult.PASS:
        return None
    meaning = "Text appended to the body does not break it; some receivers ignore such a signature."
    message = f"DKIM signature {name_of(signature)} covers {counted(signature.length, 'byte')} of the body"
    return finding(
        "message-risky", message, meaning=meaning, advice="Sign without the l= tag.", reference="RFC 6376 §8.2"
    )
