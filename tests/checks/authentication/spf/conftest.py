"""What tests of SPF share."""

import os
from typing import TYPE_CHECKING

import pytest

from tests.checks.authentication.spf import suite as spf_suite

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def suite(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> list[spf_suite.Case]:
    """Return the published tests. Without them the test is skipped, or fails with SMTPDIAG_REAL=required."""
    cache = getattr(request.config, "cache", None)
    folder: Path = cache.mkdir("spf-suite") if cache is not None else tmp_path_factory.getbasetemp().parent / "spf"
    try:
        return list(spf_suite.cases(spf_suite.fetched(folder)))
    except OSError as error:
        message = f"the test suite of RFC 7208 could not be fetched: {error}"
        if os.environ.get("SMTPDIAG_REAL") == "required":
            pytest.fail(message)
        pytest.skip(message)
