"""Running the command for several recipients at once: a run mostly waits."""

import json
from collections.abc import Mapping
from typing import Any

from tests.real.forks import COMMAND
from tests.real.lab import Lab

AT_ONCE = 3  # runs


def reports_on(lab: Lab, sender: str, recipients: Mapping[str, str], *more: str) -> dict[str, dict[str, Any]]:
    """Return the JSON reports of runs that are accepted, by the names that the recipients have here."""
    names = tuple(recipients)
    found: dict[str, dict[str, Any]] = {}
    for first in range(0, len(names), AT_ONCE):
        group = names[first : first + AT_ONCE]
        processes = {
            name: lab.fork(COMMAND, sender, recipients[name], "--report", "json", *more) for name in group
        }
        for name, process in processes.items():
            out, err = process.communicate(timeout=50)
            assert (process.returncode, err) == (0, ""), name
            found[name] = json.loads(out)
    return found
