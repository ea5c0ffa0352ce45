"""The branch `syntax`: both addresses, before anything is asked."""

from smtpdiag_tui.checks import syntax
from smtpdiag_tui.checks.syntax import AddressObservation
from smtpdiag_tui.engine.branch import Ended
from smtpdiag_tui.engine.context import RunContext
from smtpdiag_tui.report.rollup import worst
from smtpdiag_tui.report.visible import visible

STEP = "syntax"
TITLE = "Address syntax"


async def run_syntax(ctx: RunContext) -> Ended:
    """Judge both addresses."""
    addresses = {"sender": ctx.sender, "recipient": ctx.recipient}
    for name in addresses:
        ctx.recorder.plan(f"{STEP}/{name}", name.capitalize())
    for name, address in addresses.items():
        step = f"{STEP}/{name}"
        ctx.recorder.start(step)
        ctx.recorder.finish(step, syntax.judge(address), detail=_shown(address), observation=address)
    return Ended(status=worst(ctx.recorder.statuses_below(STEP)), detail=_detail(ctx.sender, ctx.recipient))


def _detail(sender: AddressObservation, recipient: AddressObservation) -> str:
    words = "null sender" if sender.null else f"sender {_word(sender)}"
    if not sender.null and _word(sender) == _word(recipient):
        return f"sender and recipient {_word(recipient)}"
    return f"{words}, recipient {_word(recipient)}"


def _word(address: AddressObservation) -> str:
    return "valid" if address.problem is None else "invalid"


def _shown(address: AddressObservation) -> str:
    if address.null:
        return "<>"
    return visible(address.path) if address.problem is None else "invalid"
