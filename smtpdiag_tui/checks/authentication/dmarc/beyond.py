"""What RCPT does not cover of DMARC, in a sentence. Pure."""

from collections.abc import Sequence

from smtpdiag_tui.checks.authentication.beyond import CONSEQUENCES
from smtpdiag_tui.checks.authentication.dmarc.evaluation import Author
from smtpdiag_tui.checks.authentication.dmarc.judgement import (
    AddressCase,
    DmarcCase,
    publishes,
    whom,
)
from smtpdiag_tui.report.authentication import Beyond, BeyondName, BeyondVerdict, DmarcResult, Policy, SpfResult
from smtpdiag_tui.report.visible import visible


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
        return _depending(case, depending)
    if passing := by_result[DmarcResult.PASS]:
        return _beyond(BeyondVerdict.PASS, f"DMARC passes for {_whom(author, passing)}")
    return None


def _failing(author: Author, cases: Sequence[AddressCase]) -> Beyond:
    policy = cases[0].dmarc.policy
    told = f"DMARC fails for {_whom(author, cases)} and {publishes(author)}"
    if policy is None or policy is Policy.NONE:
        return _beyond(BeyondVerdict.UNKNOWN, f"{told}: receivers decide by their own rules")
    return _beyond(BeyondVerdict.FAIL, f"{told}: {CONSEQUENCES[policy].format(what='the message')}")


def _depending(case: DmarcCase, cases: Sequence[AddressCase]) -> Beyond:
    """Return the sentence where DKIM or the address decides, in the words of SPF: all that is known."""
    author, mail_from, policy = case.author, cases[0].mail_from, cases[0].dmarc.policy
    because = "SPF is unknown" if mail_from is None else cases[0].dmarc.because
    if mail_from is not None and mail_from.result is SpfResult.FAIL:
        because = f"SPF of {visible(mail_from.domain)} fails for {_whom(author, cases)}"
    told = f"{because} and {publishes(author)}"
    ways = [f"the message is signed for {visible(author.domain)}"] if not case.signed else []
    unless = f"unless {' or '.join(['SPF passes', *ways] if mail_from is None else ways)}"
    if policy is None or policy is Policy.NONE:
        return _beyond(
            BeyondVerdict.UNKNOWN, f"{told}: {unless}, DMARC fails, and receivers decide by their own rules"
        )
    return _beyond(BeyondVerdict.UNKNOWN, f"{told}: {unless}, {CONSEQUENCES[policy].format(what='it')}")


def _whom(author: Author, cases: Sequence[AddressCase]) -> str:
    return whom(author, (item.address for item in cases))


def _beyond(verdict: BeyondVerdict, message: str) -> Beyond:
    return Beyond(BeyondName.DMARC, verdict, message)
