"""What a test interrupts is interrupted wherever the test runs, also where SIGINT is ignored."""

import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.interrupting import LIMIT, at_work, interrupt, interruptible

SLEEPER = "import time; print('up', flush=True); time.sleep(300)"
LISTENER = "import socket, time; a = [socket.socket() for _ in range(4)]; time.sleep(300)"


@pytest.fixture
def _in_the_background() -> Iterator[None]:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("_in_the_background")
def test_a_program_of_a_background_job_can_be_interrupted() -> None:
    with interruptible():
        process = subprocess.Popen([sys.executable, "-c", SLEEPER], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    assert process.stdout is not None
    assert process.stdout.readline() == b"up\n"
    interrupt(process)
    _, err = process.communicate(timeout=LIMIT)
    assert (process.returncode, err.splitlines()[-1:]) == (-signal.SIGINT, [b"KeyboardInterrupt"])


def test_a_program_is_at_work_once_its_sockets_are_open() -> None:
    with subprocess.Popen([sys.executable, "-c", LISTENER]) as process:
        assert at_work(process, sockets=4)
        process.kill()
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        assert not at_work(process, sockets=1)
