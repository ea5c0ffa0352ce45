"""Running the command for several recipients at once: a run mostly waits."""

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.real.lab import Lab

AT_ONCE = 3  # runs


def reports_on(lab: Lab, sender: str, recipients: Mapping[str, str], *more: str) -> dict[str, dict[str, Any]]:
    """Return the JSON reports of runs that are accepted, by the names that the recipients have here."""

    def report(name: str) -> dict[str, Any]:
        status, out, err = lab.run(sender, recipients[name], "--report", "json", *more)
        assert (status, err) == (0, ""), name
        found: dict[str, Any] = json.loads(out)
        return found

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return dict(zip(recipients, pool.map(report, recipients), strict=True))
