"""A resolver that answers from a table, and writes down what it was asked."""

from dataclasses import dataclass, field

from smtpdiag_tui.checks.lookups.answers import Answer, AnswerKind, Question
from smtpdiag_tui.checks.lookups.client import DnsClient
from tests.checks.making import answer


@dataclass
class Told(DnsClient):
    """Answers from a table; what is not in it does not exist."""

    network: object = None  # type: ignore[assignment]
    settings: object = None  # type: ignore[assignment]
    table: dict[tuple[str, str], Answer] = field(default_factory=dict)
    asked: list[Question] = field(default_factory=list)

    async def first_usable(self, servers: object, question: Question) -> Answer | None:
        self.asked.append(question)
        found = self.table.get((question.name, question.rdtype))
        return found or answer(question.rdtype, name=question.name, kind=AnswerKind.NXDOMAIN)
