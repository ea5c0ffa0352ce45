"""The published test suite of RFC 7208, taken out of pyspf's source distribution (it is not kept here)."""

import fcntl
import hashlib
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

VERSION = "2.0.14"
DIGEST = "57a7ef01bda090173aafb6af0106251686ed73f03db4e911fcd34c57fc347186"
ARCHIVE = f"pyspf-{VERSION}.tar.gz"
MEMBER = f"pyspf-{VERSION}/test/rfc7208-tests.yml"
LIMIT = 120.0  # seconds for the download


@dataclass(frozen=True)
class Case:
    """One test: whatever result it takes, the preferred first; `explanation` is None where none is asked for."""

    name: str
    address: str
    ehlo: str
    sender: str
    results: tuple[str, ...]
    explanation: str | None
    zone: dict[str, Any]


def fetched(folder: Path) -> Path:
    """Return the archive in a folder, downloaded once, whoever asks at the same time; OSError without it."""
    folder.mkdir(parents=True, exist_ok=True)
    archive = folder / ARCHIVE
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (archive.exists() and _digest(archive) == DIGEST):
            _download(folder)
    if _digest(archive) != DIGEST:
        raise OSError(f"{archive} is not the archive that is meant")
    return archive


def _download(folder: Path) -> None:
    """Have pip fetch the archive; it also prepares its metadata, which needs a build system of its own."""
    options = ["--no-deps", "--no-binary", ":all:", "--quiet"]
    command = [sys.executable, "-m", "pip", "download", *options, "--dest", str(folder)]
    try:
        subprocess.run(
            [*command, f"pyspf=={VERSION}"],
            check=True,
            capture_output=True,
            timeout=LIMIT,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.SubprocessError as error:
        said = getattr(error, "stderr", None) or b""
        raise OSError(f"{error}: {said.decode(errors='replace')[-500:]}") from error


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def cases(archive: Path) -> Iterator[Case]:
    """Yield the tests of the suite."""
    with tarfile.open(archive) as opened:
        member = opened.extractfile(MEMBER)
        assert member is not None
        text = member.read()
    for scenario in yaml.safe_load_all(text):
        zone = {str(name).lower(): _records(given) for name, given in scenario["zonedata"].items()}
        for name, test in scenario["tests"].items():
            wanted = test["result"]
            yield Case(
                name,
                test["host"],
                test["helo"],
                test["mailfrom"] or "",
                tuple(wanted) if isinstance(wanted, list) else (wanted,),
                test.get("explanation"),
                zone,
            )


def _records(given: list[Any]) -> dict[str, Any]:
    """Return a name's records by type; SPF alone stands for TXT, and TIMEOUT for all that is not told."""
    found: dict[str, Any] = {}
    for item in given:
        if item == "TIMEOUT":
            found["*"] = "TIMEOUT"
            continue
        for rdtype, value in item.items():
            found.setdefault(rdtype, []).append(value)
    if "SPF" in found and "TXT" not in found:
        found["TXT"] = found["SPF"]
    found.pop("SPF", None)
    shaped: dict[str, Any] = {rdtype: _shaped(rdtype, values) for rdtype, values in found.items()}
    return shaped


def _shaped(rdtype: str, values: Any) -> Any:
    if rdtype == "*":
        return values
    if rdtype == "TXT":
        joined = ["".join(item) if isinstance(item, list) else item for item in values if item != "NONE"]
        return [item.encode() for item in joined]
    if rdtype == "MX":
        return [f"{preference} {name}." for preference, name in values]
    if rdtype == "CNAME":
        return values[0]
    return values
