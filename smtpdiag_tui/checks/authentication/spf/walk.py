"""One walk through SPF records by the answers that are known so far: check_host() of RFC 7208 §4. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from smtpdiag_tui.checks.authentication.spf import record as spf_record
from smtpdiag_tui.checks.authentication.spf.macros import (
    MacroError,
    MacroValues,
    NotAsciiError,
    expand_explanation,
    is_domain,
    is_name,
    question_name,
    uses,
)
from smtpdiag_tui.checks.authentication.spf.matching import (
    Answers,
    Match,
    Matching,
    asked_of,
    match_mechanism,
    target_of,
    validated_name,
)
from smtpdiag_tui.checks.authentication.spf.model import (
    MOST_LOOKUPS,
    MOST_VOID,
    UNKNOWN,
    Mechanism,
    ProblemKind,
    SpfAsked,
    SpfEntry,
    SpfEvaluation,
    SpfLeftOut,
    SpfProblem,
    SpfQuestion,
    SpfRecord,
    SpfRecordSeen,
    SpfRequest,
    SpfTerm,
    SpfTermSeen,
    SpfTold,
    TermState,
)
from smtpdiag_tui.checks.lookups.record_set import Found
from smtpdiag_tui.report.authentication import SpfResult
from smtpdiag_tui.report.visible import visible

_NOT_ASCII = "the local part is not ASCII"
MOST_SHOWN = 100  # terms of one record that the trace holds, besides those that looked something up or matched


@dataclass
class Known:
    """What is known for all walks: the answers, and the records that were read."""

    told: dict[SpfQuestion, SpfTold] = field(default_factory=dict)
    records: dict[tuple[str, str], SpfRecord] = field(default_factory=dict)

    def learn(self, questions: Iterable[SpfQuestion], told: Iterable[SpfTold]) -> None:
        """Take answers in the order of their questions."""
        self.told.update(zip(questions, told, strict=True))

    def record(self, domain: str, text: str) -> SpfRecord:
        """Return a record, read once."""
        key = (domain, text)
        if key not in self.records:
            self.records[key] = spf_record.parse_record(domain, text)
        return self.records[key]


class _EndError(Exception):
    """The evaluation ends in permerror or temperror."""

    def __init__(self, problem: SpfProblem) -> None:
        super().__init__(problem.kind)
        self.problem = problem


@dataclass(frozen=True)
class _Place:
    """Where a check_host() stands: its domain, the terms that led to it, how many of them are includes."""

    domain: str
    via: tuple[SpfTerm, ...] = ()
    above: tuple[str, ...] = ()
    includes: int = 0

    @property
    def depth(self) -> int:
        return len(self.via)


class Walk:
    """One walk; `answers.missing` holds what it lacked, and if that is nothing, `run` gave the evaluation."""

    def __init__(self, request: SpfRequest, known: Known) -> None:
        self.answers = Answers(known.told)
        self._request = request
        self._known = known
        self._lookups = 0
        self._void: list[SpfQuestion] = []
        self._void_terms = 0
        self._trace: list[SpfEntry] = []
        self._records: list[SpfRecordSeen] = []
        self._decided: SpfTermSeen | None = None
        self._holder: SpfRecordSeen | None = None
        self._near: tuple[str, ...] = ()

    def run(self) -> SpfEvaluation:
        """Return what this walk comes to."""
        domain = self._request.domain
        malformed = not is_domain(domain)
        problem = None
        try:
            result = SpfResult.NONE if malformed else self._check_host(_Place(domain))
        except _EndError as end:
            problem = end.problem
            result = SpfResult.TEMPERROR if problem.kind is ProblemKind.DNS else SpfResult.PERMERROR
        explanation = self._explanation() if result is SpfResult.FAIL else ""
        return SpfEvaluation(
            self._request,
            result or SpfResult.NEUTRAL,
            explanation,
            self._lookups,
            self._void_terms,
            tuple(self._trace),
            tuple(self._records),
            self._decided if problem is None else None,
            self._holder if problem is None else None,
            problem,
            tuple(self._void),
            malformed=malformed,
            near=self._near,
        )

    def _check_host(self, place: _Place) -> SpfResult | None:
        """Return the result for a domain, None while it is unknown (§4); of an error, the end."""
        question = SpfQuestion(question_name(place.domain), "TXT")
        told = self.answers.look(question)
        if told is None:
            return None
        if told.found is Found.FAILED:
            term = place.via[-1] if place.via else None
            raise _EndError(self._failed(place, term, question, told.why))
        texts = spf_record.records_in(told.texts)
        if not texts:
            self._near = () if place.via else spf_record.near_records_in(told.texts)
            return SpfResult.NONE
        if len(texts) > 1:
            raise _EndError(
                SpfProblem(ProblemKind.SEVERAL_RECORDS, place.domain, target=place.domain, texts=texts)
            )
        record = self._known.record(place.domain, texts[0])
        seen = SpfRecordSeen(place.depth, record, place.via, place.above)
        self._trace.append(seen)
        self._records.append(seen)
        if record.errors:
            for term in record.errors[:MOST_SHOWN]:
                self._note(place, term, TermState.ERROR, because=term.error)
            problem = SpfProblem(
                ProblemKind.SYNTAX, place.domain, record.errors[0], errors=record.errors[:MOST_SHOWN]
            )
            raise _EndError(problem)
        if not place.includes:
            self._holder = seen
        return self._evaluate(place, record)

    def _evaluate(self, place: _Place, record: SpfRecord) -> SpfResult | None:
        """Return what a record's terms come to, in order; then its redirect, then neutral (§4.6.2, §4.7, §6.1)."""
        unsure = False
        quiet = 0  # terms that looked nothing up and did not match
        for term in record.mechanisms:
            if term.looks_up:
                self._count(place, term)
            if term.mechanism is Mechanism.INCLUDE:
                match = self._include(place, term)
            else:
                match = self._mechanism(place, term, hidden=quiet >= MOST_SHOWN)
            unsure = unsure or match is Match.UNKNOWN
            if match is Match.YES:
                return None if unsure else term.result
            quiet += not term.looks_up
        redirect = record.modifier("redirect")
        result: SpfResult | None = SpfResult.NEUTRAL
        if redirect is not None:
            result = self._redirect(place, redirect)
        return None if unsure else result

    def _count(self, place: _Place, term: SpfTerm) -> None:
        """Count a term that looks something up, before it does (§4.6.4)."""
        if self._lookups == MOST_LOOKUPS:
            because = f"lookup {MOST_LOOKUPS + 1}, over the limit"
            self._trace.append(SpfTermSeen(place.depth, place.domain, term, TermState.ERROR, because=because))
            raise _EndError(SpfProblem(ProblemKind.TOO_MANY_LOOKUPS, place.domain, term))
        self._lookups += 1

    def _mechanism(self, place: _Place, term: SpfTerm, *, hidden: bool) -> Match:
        """Match a mechanism other than include, and note it."""
        found = match_mechanism(term, MacroValues(self._request, place.domain), self.answers)
        if found.match is Match.FAILED:
            failed = found.asked[-1]
            self._note(place, term, TermState.ERROR, found, failed.why)
            raise _EndError(self._failed(place, term, failed.question, failed.why))
        if found.match is Match.TOO_MANY:
            self._note(place, term, TermState.ERROR, found, found.because)
            kind = ProblemKind.TOO_MANY_NAMES
            raise _EndError(SpfProblem(kind, place.domain, term, target=found.target, why=found.because))
        self._count_void(place, term, found)
        if found.match is Match.YES:
            seen = self._note(place, term, TermState.MATCHED, found, found.because)
            self._decided = self._decided if place.includes else seen
        elif hidden and not term.looks_up:
            self._leave_out(place)
        else:
            self._note(place, term, TermState.NO_MATCH, found, found.because)
        return found.match

    def _count_void(self, place: _Place, term: SpfTerm, found: Matching) -> None:
        """Count what found nothing: once a term, and of ptr its own question alone (§4.6.4)."""
        asked = found.asked[:1] if term.mechanism is Mechanism.PTR else found.asked
        void = [item.question for item in asked if item.found in {Found.NODATA, Found.NXDOMAIN}]
        if not void:
            return
        self._void += void
        self._void_terms += 1
        if self._void_terms > MOST_VOID:
            self._note(place, term, TermState.ERROR, found, f"void lookup {MOST_VOID + 1}, over the limit")
            raise _EndError(SpfProblem(ProblemKind.TOO_MANY_VOID, place.domain, term, void=tuple(self._void)))

    def _include(self, place: _Place, term: SpfTerm) -> Match:
        """Match where the target's record passes (§5.2); no record there, or an error, is this record's error."""
        try:
            target = target_of(term, MacroValues(self._request, place.domain), self.answers)
        except NotAsciiError:
            self._note(place, term, TermState.NO_MATCH, because=_NOT_ASCII)
            return Match.NO
        if target is None:
            return Match.UNKNOWN
        at = len(self._trace)
        seen = self._note(place, term, TermState.FOLLOWED, Matching(Match.UNKNOWN, target))
        result = self._follow(place, term, target, at, place.includes + 1)
        if result is None:
            return Match.UNKNOWN
        matched = result is SpfResult.PASS
        state = TermState.MATCHED if matched else TermState.NO_MATCH
        seen = replace(seen, state=state, asked=self._txt(target), because=f"result {result}")
        self._trace[at] = seen
        if matched and not place.includes:
            self._decided = seen
        return Match.YES if matched else Match.NO

    def _redirect(self, place: _Place, term: SpfTerm) -> SpfResult | None:
        """Return what the target's record comes to (§6.1)."""
        self._count(place, term)
        try:
            target = target_of(term, MacroValues(self._request, place.domain), self.answers)
        except NotAsciiError:
            self._note(place, term, TermState.IGNORED, because=_NOT_ASCII)
            return SpfResult.NEUTRAL
        if target is None:
            return None
        at = len(self._trace)
        seen = self._note(place, term, TermState.FOLLOWED, Matching(Match.UNKNOWN, target))
        result = self._follow(place, term, target, at, place.includes)
        self._trace[at] = replace(seen, asked=self._txt(target))
        return result

    def _follow(self, place: _Place, term: SpfTerm, target: str, at: int, includes: int) -> SpfResult | None:
        """Return what the record comes to that a term leads to; none is permerror. The trace has the term `at`."""
        below = _Place(target, (*place.via, term), (*place.above, place.domain), includes)
        try:
            result = self._check_host(below) if is_domain(target) else SpfResult.NONE
            if result is not SpfResult.NONE:
                return result
            raise _EndError(SpfProblem(ProblemKind.NO_RECORD, place.domain, term, target=target))
        except _EndError:
            line = self._trace[at]
            if isinstance(line, SpfTermSeen):
                self._trace[at] = replace(line, state=TermState.ERROR, asked=self._txt(target))
            raise

    def _txt(self, target: str) -> tuple[SpfAsked, ...]:
        """Return the question for a record, and what came of it, for the trace."""
        question = SpfQuestion(question_name(target), "TXT")
        told = self.answers.known.get(question)
        return (asked_of(question, told),) if told is not None else ()

    def _explanation(self) -> str:
        """Return the explanation of a fail: that of the record that failed, "" if there is any doubt (§6.2)."""
        term = self._holder.record.modifier("exp") if self._holder is not None else None
        if term is None or self._holder is None:
            return ""
        values = MacroValues(self._request, self._holder.record.domain)
        try:
            target = target_of(term, values, self.answers)
        except NotAsciiError:
            return ""
        told = self.answers.look(SpfQuestion(question_name(target), "TXT")) if target and is_name(target) else None
        if told is None or len(told.texts) != 1 or not told.texts[0].isascii():
            return ""
        text = told.texts[0].decode("ascii")
        try:
            validated = validated_name(values, self.answers) if uses(text, "p") else UNKNOWN
            return visible(expand_explanation(text, values, validated or UNKNOWN))
        except MacroError:
            return ""

    @staticmethod
    def _failed(place: _Place, term: SpfTerm | None, question: SpfQuestion, why: str) -> SpfProblem:
        return SpfProblem(ProblemKind.DNS, place.domain, term, target=question.name, question=question, why=why)

    def _note(
        self, place: _Place, term: SpfTerm, state: TermState, found: Matching | None = None, because: str = ""
    ) -> SpfTermSeen:
        number = self._lookups if term.looks_up and state is not TermState.IGNORED else 0
        target, asked = (found.target, found.asked) if found is not None else ("", ())
        seen = SpfTermSeen(place.depth, place.domain, term, state, number, target, asked, because)
        self._trace.append(seen)
        return seen

    def _leave_out(self, place: _Place) -> None:
        """Count a term that nobody would read."""
        last = self._trace[-1]
        if isinstance(last, SpfLeftOut) and last.depth == place.depth:
            self._trace[-1] = SpfLeftOut(place.depth, last.count + 1)
        else:
            self._trace.append(SpfLeftOut(place.depth, 1))
