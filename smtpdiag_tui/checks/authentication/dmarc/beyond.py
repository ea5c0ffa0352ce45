"""What RCPT does not cover of DMARC, in a sentence. Pure."""

from collections.abc import Sequence

from smtpdiag_tui.checks.authentication.dmarc.evaluation import Author
from smtpdiag_tui.checks.authentication.dmarc.judgement import (
    AddressCase,
    DmarcCase,
    address_words,
    policy_words,
    publisher,
)
from smtpdiag_tui.report.authentication import Beyond, BeyondName, BeyondVerdict, DmarcResult, Policy, SpfResult
from smtpdiag_tui.report.visible import visible

_CONSEQUENCES = {
    Policy.REJECT: "receivers that enforce DMARC reject {what} after DATA",
    Policy.QUARANTINE: "receivers that enforce DMARC treat {what} as spam",
}


def dmarc_beyond(case: DmarcCase) -> Beyond | None:
    """Return what is known of DMARC for all addresses, the worst first; None where no record asks for anything."""
    author = case.author
    if author.applied is None and not author.walk.undecided:
        return None
    by_result = {
        result: [item for item in case.addresses if item.dmarc.result is result] for result in DmarcResult
    }
    if failing := by_result[DmarcResult.FAIL]:
        return _failing(author, failing)
    if by_result[DmarcResult.TEMPERROR]:
        because = by_result[DmarcResult.TEMPERROR][0].dmarc.because
        return _beyond(BeyondVerdict.UNKNOWN, f"DMARC could not be determined ({because})")
    if depending := by_result[DmarcResult.UNKNOWN]:
        return _depending(author, depending)
    if passing := by_result[DmarcResult.PASS]:
        return _beyond(BeyondVerdict.PASS, f"DMARC passes for {_whom(passing)}")
    return None


def _failing(author: Author, cases: Sequence[AddressCase]) -> Beyond:
    policy = cases[0].dmarc.policy
    told = f"DMARC fails for {_whom(cases)} and {publisher(author)} publishes {policy_words(author)}"
    if policy is None or policy is Policy.NONE:
        return _beyond(BeyondVerdict.UNKNOWN, f"{told}: receivers decide by their own rules")
    return _beyond(BeyondVerdict.FAIL, f"{told}: {_CONSEQUENCES[policy].format(what='the message')}")


def _depending(author: Author, cases: Sequence[AddressCase]) -> Beyond:
    """Return the sentence where DKIM decides, in the words of SPF: all that is known."""
    mail_from, policy = cases[0].mail_from, cases[0].dmarc.policy
    domain = visible(author.domain)
    told = f"SPF is unknown and {publisher(author)} publishes {policy_words(author)}"
    if mail_from is not None:
        told = f"{cases[0].dmarc.because} and {publisher(author)} publishes {policy_words(author)}"
        if mail_from.result is SpfResult.FAIL:
            spf = f"SPF of {visible(mail_from.domain)} fails for {_whom(cases)}"
            told = f"{spf} and {publisher(author)} publishes {policy_words(author)}"
    unless = f"unless {'' if mail_from is not None else 'SPF passes or '}the message is signed for {domain}"
    if policy is None or policy is Policy.NONE:
        return _beyond(
            BeyondVerdict.UNKNOWN, f"{told}: {unless}, DMARC fails, and receivers decide by their own rules"
        )
    return _beyond(BeyondVerdict.UNKNOWN, f"{told}: {unless}, {_CONSEQUENCES[policy].format(what='it')}")


def _whom(cases: Sequence[AddressCase]) -> str:
    return address_words(item.address for item in cases)


def _beyond(verdict: BeyondVerdict, message: str) -> Beyond:
    return Beyond(BeyondName.DMARC, verdict, message)
