"""Whether a finished report contradicts itself, whatever it is about."""

from collections.abc import Callable, Iterator

from tests.contradictions import authentication_rules, cause_rules, dns_rules, policy_rules, session_rules
from tests.contradictions.seen import Json, Seen

Rule = Callable[[Seen], Iterator[str]]
RULES: tuple[Rule, ...] = (
    *dns_rules.RULES,
    *session_rules.RULES,
    *cause_rules.RULES,
    *policy_rules.RULES,
    *authentication_rules.RULES,
)


def contradictions(report: Json) -> list[str]:
    """Return what contradicts itself in a report, as `--report json` gives it: the rule's name, then the words."""
    seen = Seen(report)
    return [f"{rule.__name__}: {text}" for rule in RULES for text in rule(seen)]
