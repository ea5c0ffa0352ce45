"""Which step of one run stands for which of another, though hosts and addresses have other names by now. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.step_id import DNS_BRANCHES, StepKind

Names = dict[str, str]


@dataclass(slots=True)
class Places:
    """The step ids of a later run by those of an earlier one, and the other way round.

    `names` holds for each step above, by its earlier id, the later names of what stands directly below it where
    that has another name.
    """

    names: dict[str, Names] = field(default_factory=dict)
    _later: dict[str, str] = field(default_factory=dict)
    _earlier: dict[str, str] = field(default_factory=dict)

    def later(self, step_id: str) -> str:
        """Return the later id of an earlier step."""
        known = self._later.get(step_id)
        if known is None:
            above, slash, name = step_id.rpartition("/")
            name = self.names.get(above, {}).get(name, name)
            known = f"{self.later(above)}/{name}" if slash else name
            self._later[step_id] = known
            self._earlier.setdefault(known, step_id)
        return known

    def earlier(self, step_id: str) -> str:
        """Return the earlier id of a later step; of one that came anew, its own."""
        return self._earlier.get(step_id, step_id)


def paired(old: Report, new: Report, *, moves: bool) -> Places:
    """Pair the steps of two runs; `moves`: both turn to the same destination, so that a host may have moved there.

    A host is another's successor where it has an address of that one, or where one alone went and one alone came.
    The same holds for addresses of one family, for this host's addresses, and for its DNS servers.
    """
    before, after = _below(old), _below(new)
    places = Places()
    for branch in ("delivery", "soa") if moves else ():
        hosts = _hosts(before, after, old, new, branch)
        places.names[branch] = hosts
        for host in before.get(branch, ()):
            name = hosts.get(host, host)
            gone, come = before.get(f"{branch}/{host}", []), after.get(f"{branch}/{name}", [])
            places.names[f"{branch}/{host}"] = _by_family(gone, come)
    places.names["tls-policy/dane"] = places.names.get("delivery", {})
    for parent in ("authentication/spf", "identity"):
        places.names[parent] = _by_family(before.get(parent, []), after.get(parent, []))
    servers = _sole(before.get("dns-servers", []), after.get("dns-servers", []))
    for branch in DNS_BRANCHES:
        places.names[branch] = servers | places.names.get(branch, {})
    for step_id in old.steps:
        places.later(step_id)
    return places


def _below(report: Report) -> dict[str, list[str]]:
    """Return the names of what stands directly below each step."""
    below: dict[str, list[str]] = {}
    for step in report.steps.values():
        above, slash, name = step.id.rpartition("/")
        if slash and step.kind is not StepKind.REST:
            below.setdefault(above, []).append(name)
    return below


def _hosts(
    before: Mapping[str, list[str]], after: Mapping[str, list[str]], old: Report, new: Report, branch: str
) -> Names:
    """Return the successors of the hosts that went."""

    def hosts(report: Report, below: Mapping[str, list[str]]) -> list[str]:
        names = below.get(branch, [])
        return [name for name in names if report.steps[f"{branch}/{name}"].kind is StepKind.HOST]

    went, came = _apart(hosts(old, before), hosts(new, after))
    found: Names = {}
    for host in went:
        own = set(before.get(f"{branch}/{host}", ()))
        heirs = [name for name in came if own & set(after.get(f"{branch}/{name}", ()))]
        shared = set(after.get(f"{branch}/{heirs[0]}", ())) if len(heirs) == 1 else set()
        if shared and _sole_owner(shared, went, before, branch):
            found[host] = heirs[0]
    rest = [host for host in went if host not in found], [name for name in came if name not in found.values()]
    return found | _one_each(*rest)


def _sole_owner(addresses: set[str], went: Iterable[str], before: Mapping[str, list[str]], branch: str) -> bool:
    """Whether one host alone of those that went had any of these addresses: of two, neither has an heir."""
    return sum(bool(addresses & set(before.get(f"{branch}/{host}", ()))) for host in went) == 1


def _by_family(gone: Iterable[str], come: Iterable[str]) -> Names:
    """Return the successors of addresses, of each family apart; what is no address stays."""
    went, came = _apart(gone, come)
    found: Names = {}
    for is_ipv6 in (False, True):
        found |= _one_each(
            [name for name in went if _is_address(name) and _is_ipv6(name) is is_ipv6],
            [name for name in came if _is_address(name) and _is_ipv6(name) is is_ipv6],
        )
    return found


def _is_address(name: str) -> bool:
    """Whether a name is an address, or what stands for one of this host in a masked report."""
    return ":" in name or name.replace(".", "").isdigit() or name.startswith("own-ipv")


def _is_ipv6(name: str) -> bool:
    return ":" in name or name.startswith("own-ipv6")


def _sole(gone: Iterable[str], come: Iterable[str]) -> Names:
    return _one_each(*_apart(gone, come))


def _one_each(went: list[str], came: list[str]) -> Names:
    return {went[0]: came[0]} if len(went) == len(came) == 1 else {}


def _apart(gone: Iterable[str], come: Iterable[str]) -> tuple[list[str], list[str]]:
    """Return what the first has alone, and the second."""
    before, after = list(gone), list(come)
    kept = set(before) & set(after)
    return [name for name in before if name not in kept], [name for name in after if name not in kept]
