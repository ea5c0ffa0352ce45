"""Runs over the demo's network do not wait."""

from collections.abc import Iterator

import pytest

from tests.hurry import Clock, hurried


@pytest.fixture(autouse=True)
def clock() -> Iterator[Clock]:
    with hurried() as clock:
        yield clock
