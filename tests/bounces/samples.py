"""All samples, as `data/` has them: a table each, in files by what kind of text they are."""

import tomllib
from datetime import datetime
from pathlib import Path
from typing import Any

from smtpdiag_tui.bounces.told import Told, ToldPhase
from smtpdiag_tui.report.status import Outcome
from tests.bounces.sample import Sample

DATA = Path(__file__).parent / "data"


def _told(entry: dict[str, Any]) -> Told:
    values = {key: value for key, value in entry.items() if key != "means"}
    if "at" in values:
        values["at"] = datetime.fromisoformat(values["at"])
    if "phase" in values:
        values["phase"] = ToldPhase(values["phase"])
    if "outcome" in values:
        values["outcome"] = Outcome(values["outcome"])
    return Told(**values)


def _sample(entry: dict[str, Any]) -> Sample:
    return Sample(
        name=entry["name"],
        text=entry["text"].encode(entry.get("encoding", "utf-8")),
        form=entry["form"],
        told=tuple(map(_told, entry["told"])),
        means=tuple((Outcome(told["means"][0]), told["means"][1], told["means"][2]) for told in entry["told"]),
        note=entry.get("note", ""),
    )


SAMPLES = tuple(
    _sample(entry)
    for file in sorted(DATA.glob("*.toml"))
    for entry in tomllib.loads(file.read_text(encoding="utf-8"))["sample"]
)
