"""What holds for every test: nothing leaves the loopback, and neither environment nor load colours results."""

import gc
import ipaddress
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests.hurry import Clock, hurried

# How long an example takes says more about what else the machine does.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")

HURRIED = {
    "checks",
    "demo",
    "engine",
    "masking",
    "render",
    "vantage",
    "verdict",
    "watching",
}  # all they talk to is in their process
COLOURING = ("NO_COLOR", "FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "COLORTERM", "TMUX", "STY")


def stays_here(family: int, address: Any) -> bool:
    """Whether a socket of `family` that talks to `address` talks to this machine alone."""
    if family not in {socket.AF_INET, socket.AF_INET6}:
        return True
    host = str(address[0]).partition("%")[0]
    if host in {"", "localhost"}:
        return True
    try:
        parsed = ipaddress.ip_address(host)
    except ValueError:
        return False  # a name would be looked up outside
    return parsed.is_loopback or parsed.is_unspecified


class GuardedSocket(socket.socket):
    """A socket that refuses to talk to anything but the loopback."""

    def _guard(self, address: Any) -> None:
        if not stays_here(self.family, address):
            raise AssertionError(f"a test tried to reach {address!r}: tests talk to the loopback only")

    def connect(self, address: Any, /) -> None:
        self._guard(address)
        super().connect(address)

    def connect_ex(self, address: Any, /) -> int:
        self._guard(address)
        return super().connect_ex(address)

    def sendto(self, data: Any, *rest: Any) -> int:
        self._guard(rest[-1])
        return super().sendto(data, *rest)

    def sendmsg(self, buffers: Any, ancdata: Any = (), flags: int = 0, address: Any = None, /) -> int:
        if address is None:
            return super().sendmsg(buffers, ancdata, flags)
        self._guard(address)
        return super().sendmsg(buffers, ancdata, flags, address)


def pytest_collection_finish() -> None:
    """Leave the tests themselves out of the search for garbage, and search less often: it took a seventh."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


@pytest.fixture(autouse=True)
def _loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every socket made during a test is guarded; programs that a test starts are not."""
    monkeypatch.setattr(socket, "socket", GuardedSocket)


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path_factory.getbasetemp() / "state"))  # runs are kept there
    for name in COLOURING:
        monkeypatch.delenv(name, raising=False)
    # Programs that tests start share what the first of them has compiled, wherever bytecode is written otherwise.
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    monkeypatch.setenv("PYTHONPYCACHEPREFIX", str(shared / "bytecode"))


@pytest.fixture
def clock() -> Iterator[Clock]:
    """Return a clock that jumps over waits: for what runs in this process alone."""
    with hurried() as clock:
        yield clock


@pytest.fixture(autouse=True)
def _hurry(request: pytest.FixtureRequest) -> None:
    if request.path.relative_to(Path(__file__).parent).parts[0] in HURRIED:
        request.getfixturevalue("clock")


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name a long text by its argument: what holds a key is another in each process, and all must agree."""
    return argname if isinstance(val, str | bytes) and len(val) > 40 and _made(val) else None


def _made(val: str | bytes) -> bool:
    """Whether a text holds a key, or a message that was signed with one."""
    text = val if isinstance(val, str) else val.decode("latin-1")
    return "p=" in text.replace(" ", "") or "DKIM-Signature" in text
