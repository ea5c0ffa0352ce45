"""The steps below `identity/dnsbl`: one for each blocklist that the user gave."""

import asyncio
from collections.abc import Sequence

from smtpdiag_tui.checks.lookups.answers import id_name
from smtpdiag_tui.checks.machine import blocklist_judgement, blocklists
from smtpdiag_tui.checks.machine.blocklists import (
    TEST_POINTS,
    FamilyTest,
    ListAnswer,
    ListObservation,
    observe_listing,
    observe_test,
)
from smtpdiag_tui.engine.branch import begin
from smtpdiag_tui.engine.context import RunContext
from smtpdiag_tui.report.amounts import counted, listed
from smtpdiag_tui.report.rollup import status_if_one_is_enough
from smtpdiag_tui.report.status import Status
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.settings import DnsServer, family_of

STEP = "identity/dnsbl"
AT_ONCE = 2  # lists: a dead one must not take the DNS servers' few slots from the rest of the run
LIST_LIMIT = 20.0  # seconds for all questions of a kind to one list
_NAMED = 2  # lists that are named in the line above them


class Blocklists:
    """The blocklists of a run. Their test addresses are asked for while the sessions are held."""

    def __init__(self, ctx: RunContext, servers: Sequence[DnsServer]) -> None:
        self._ctx = ctx
        self._servers = servers
        self._names = [name for name in ctx.settings.dnsbl if ctx.wanted(_step(name))]
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._tests: dict[tuple[str, int], asyncio.Task[FamilyTest]] = {}
        self._early: asyncio.Task[None] | None = None

    @staticmethod
    def steps(ctx: RunContext) -> tuple[str, ...]:
        """Return the id of the step above all lists, if there are lists."""
        return (STEP,) if ctx.settings.dnsbl else ()

    def begin(self) -> None:
        """Start to test the lists, once the mail hosts are known: nothing may be late for their sake."""
        if self._names:
            self._early = asyncio.create_task(self._ahead())

    async def close(self) -> None:
        """Cancel what is still being asked."""
        tasks = [*self._tests.values(), *([self._early] if self._early is not None else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def finish(self, addresses: Sequence[str], *, broken: bool) -> None:
        """Ask each list for the addresses that others see, and end the steps."""
        ctx = self._ctx
        if not ctx.settings.dnsbl or not ctx.wanted(STEP):
            return
        begin(ctx, STEP, "Blocklists", blocklists.EXPLANATION)
        for name in self._names:
            ctx.open(_step(name), name)
            ctx.recorder.start(_step(name), LIST_LIMIT)
        work = ((_step(name), self._one(name, addresses, broken=broken)) for name in self._names)
        await asyncio.gather(*(ctx.recorder.guard(step, one) for step, one in work))
        if ctx.whole(STEP):
            ctx.recorder.drop_others(STEP, {_step(name) for name in ctx.settings.dnsbl})
        statuses = ctx.recorder.statuses_below(STEP)
        detail = _detail(tuple(ctx.recorder.report.children(STEP)))
        ctx.recorder.finish(STEP, status=status_if_one_is_enough(statuses), detail=detail)

    async def _ahead(self) -> None:
        """Test the lists for the likeliest family; whoever wants the result asks for the same task."""
        await self._ctx.found_route()
        family = self._ctx.settings.family or 4
        for name in self._names:
            self._test(name, family)

    def _test(self, name: str, family: int) -> "asyncio.Task[FamilyTest]":
        key = name, family
        if key not in self._tests:
            self._tests[key] = asyncio.create_task(self._ask_test(name, family))
        return self._tests[key]

    async def _ask_test(self, name: str, family: int) -> FamilyTest:
        try:
            async with self._turns, asyncio.timeout(LIST_LIMIT):
                return await observe_test(self._ctx.dns, self._servers, name, family)
        except TimeoutError:
            must, must_not = TEST_POINTS[family]
            return FamilyTest(family, ListAnswer(must, None), ListAnswer(must_not, None))

    async def _one(self, name: str, addresses: Sequence[str], *, broken: bool) -> None:
        step, recorder = _step(name), self._ctx.recorder
        if broken:
            recorder.finish(step, status=Status.UNKNOWN, detail="no usable answer from any DNS server")
            return
        if not addresses:
            recorder.skip(step, "public IP address unknown")
            return
        observation = await self._observe(name, addresses)
        recorder.notes(step, blocklist_judgement.notes(observation))
        findings = blocklist_judgement.judge(observation)
        status = Status.SKIPPED if not findings and not observation.answers else None
        detail = blocklist_judgement.detail(observation)
        recorder.finish(step, findings, status=status, detail=detail, observation=observation)

    async def _observe(self, name: str, addresses: Sequence[str]) -> ListObservation:
        """Ask a list for the addresses of each family in which its test addresses are as they must be."""
        tests = await self._tests_for(name, addresses)
        believed = {test.family for test in tests if test.passed}
        asked = [address for address in addresses if family_of(address) in believed]
        answers = await asyncio.gather(*(self._ask(name, address) for address in asked))
        others = any(test.perhaps_filtered for test in tests) and await self._others_answer(name)
        return ListObservation(name, tuple(tests), tuple(answers), others)

    async def _tests_for(self, name: str, addresses: Sequence[str]) -> list[FamilyTest]:
        """Return a list's tests in the families of the addresses, in order."""
        families = sorted({family_of(address) for address in addresses})
        tests = list(await asyncio.gather(*(self._test(name, family) for family in families)))
        if families == [6] and tests[0].absent:
            # Many lists hold no IPv6 address: whether answers are filtered shows in the other family.
            tests.append(await self._test(name, 4))
        return tests

    async def _others_answer(self, name: str) -> bool:
        """Whether another list's test is passed, now or in an earlier run: the resolvers pass answers on then."""
        asked_earlier = [item for item in self._ctx.settings.dnsbl if item not in self._names]
        if any(self._passed_earlier(item) for item in asked_earlier):
            return True
        others = [item for item in self._names if item != name]
        tests = await asyncio.gather(*(self._test(item, 4) for item in others))
        return any(test.passed for test in tests)

    def _passed_earlier(self, name: str) -> bool:
        """Whether a list's test was passed in an earlier run."""
        seen = self._ctx.earlier(_step(name))
        return isinstance(seen, ListObservation) and seen.passes

    async def _ask(self, name: str, address: str) -> ListAnswer:
        try:
            async with self._turns, asyncio.timeout(LIST_LIMIT):
                return await observe_listing(self._ctx.dns, self._servers, name, address)
        except TimeoutError:
            return ListAnswer(address, None)


def _detail(steps: Sequence[Step]) -> str:
    """Return what all lists come to: "192.0.2.10 listed on zen.example, not listed on 2 lists"."""
    holding = {step.title: _held(step) for step in steps if _has(step, "dnsbl-listed")}
    clean = [step for step in steps if step.status is Status.PASSED]
    unusable = [step for step in steps if step.status is Status.UNKNOWN]
    words: list[str] = []
    if holding:
        addresses = listed(address for held in holding.values() for address in held)
        lists = listed(holding) if len(holding) <= _NAMED else counted(len(holding), "list")
        words.append(f"{addresses} listed on {lists}")
    if clean:
        words.append(f"not listed on {counted(len(clean), 'list')}")
    if unusable:
        words.append(f"{counted(len(unusable), 'list')} not usable")
    return ", ".join(words) or "not queried"


def _has(step: Step, code: str) -> bool:
    return any(item.code == code for item in step.findings)


def _held(step: Step) -> list[str]:
    return step.observation.held if isinstance(step.observation, ListObservation) else []


def _step(name: str) -> str:
    return f"{STEP}/{id_name(name)}"
