"""The published test suite of RFC 7208, whole."""

import subprocess
from pathlib import Path

import pytest

from smtpdiag_tui.checks.authentication.spf.model import SpfRequest
from tests.checks.authentication.spf import suite as spf_suite
from tests.checks.authentication.spf.driving import ask
from tests.checks.authentication.spf.suite import LIMIT, Case

DEFAULT = "DEFAULT"  # what the suite calls an explanation that is not the domain's


def fault(case: Case) -> str | None:
    """Return in which way a test fails, None if it passes."""
    evaluation = ask(SpfRequest(case.address, case.sender, case.ehlo), case.zone).evaluation
    if evaluation.result not in case.results:
        return f"{case.name}: {evaluation.result}, not {' or '.join(case.results)}"
    said = evaluation.explanation or DEFAULT
    if case.explanation is not None and said.lower() != case.explanation.lower():
        return f"{case.name}: {said!r}, not {case.explanation!r}"
    return None


@pytest.mark.timeout(LIMIT + 60)
def test_every_case_passes(suite: list[Case]) -> None:
    assert len(suite) == 203
    assert [found for found in map(fault, suite) if found] == []


@pytest.mark.timeout(LIMIT + 60)
def test_explanations_are_compared(suite: list[Case]) -> None:
    assert len([case for case in suite if case.explanation not in {None, DEFAULT}]) == 14


def test_without_a_registry_there_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(command: list[str], **_: object) -> None:
        raise subprocess.CalledProcessError(1, command, stderr=b"no matching distribution")

    monkeypatch.setattr(subprocess, "run", refuse)
    with pytest.raises(OSError, match="no matching distribution"):
        spf_suite.fetched(tmp_path / "cache")


def test_another_archive_is_not_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: (tmp_path / spf_suite.ARCHIVE).write_bytes(b"other"))
    with pytest.raises(OSError, match="not the archive"):
        spf_suite.fetched(tmp_path)
