"""Try made-up worlds: `python -m tests.contradictions [NUMBER] [--seed FIRST] [--all]`.

Prints each kind of contradiction once, with the smallest world that shows it; `--all` prints each that comes up.
"""

import argparse
import re
import time

from smtpdiag_tui.report.findings import catalogue
from tests.contradictions.worlds import contradictions_of, smallest, world_of

say = print  # this is a command
_WORD = re.compile(r"[a-z0-9-]{4,60}")


def main() -> None:
    """Run so many worlds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("number", nargs="?", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--all", action="store_true")
    asked = parser.parse_args()
    began, kinds = time.monotonic(), dict[str, int]()
    for seed in range(asked.seed, asked.seed + asked.number):
        world = world_of(seed)
        for text in contradictions_of(world):
            kind = _kind(text)
            kinds[kind] = kinds.get(kind, 0) + 1
            if asked.all or kinds[kind] == 1:
                _show(seed, text, smallest(world, text.partition(":")[0]).faults)
    say(f"{asked.number} worlds in {time.monotonic() - began:.1f} s, {sum(kinds.values())} contradictions:")
    for kind, number in sorted(kinds.items(), key=lambda item: -item[1]):
        say(f"{number:6} {kind}")


def _kind(text: str) -> str:
    """Return the rule's name with the codes that the words hold: of one kind, one case is shown."""
    rule, _, words = text.partition(":")
    codes = dict.fromkeys(word for word in _WORD.findall(words) if word in catalogue())
    return f"{rule}: {', '.join(codes)}"


def _show(seed: int, text: str, faults: tuple[object, ...]) -> None:
    say(f"{seed}: {text}")
    for fault in faults:
        say(f"    {fault}")


if __name__ == "__main__":
    main()
