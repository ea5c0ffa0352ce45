"""Try made-up worlds: `python -m tests.contradictions [NUMBER] [--seed FIRST] [--all]`.

Prints each kind of contradiction once, with the smallest world that shows it; `--all` prints each that comes up.
"""

import argparse
import time

from tests.contradictions.worlds import contradictions_of, kind_of, smallest, world_of

say = print  # this is a command


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
            kind = kind_of(text)
            kinds[kind] = kinds.get(kind, 0) + 1
            if asked.all or kinds[kind] == 1:
                _show(seed, text, smallest(world, kind_of(text)).faults)
    say(f"{asked.number} worlds in {time.monotonic() - began:.1f} s, {sum(kinds.values())} contradictions:")
    for kind, number in sorted(kinds.items(), key=lambda item: -item[1]):
        say(f"{number:6} {kind}")


def _show(seed: int, text: str, faults: tuple[object, ...]) -> None:
    say(f"{seed}: {text}")
    for fault in faults:
        say(f"    {fault}")


if __name__ == "__main__":
    main()
