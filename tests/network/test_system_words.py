"""The system's words for an error, and not those of a library between."""

import errno
import os
import socket
import ssl

import pytest

from smtpdiag_tui.network.system import SystemNetwork
from smtpdiag_tui.network.system_words import has_no_route, is_own_limit, system_words


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.EACCES, "Connect call failed ('192.0.2.67', 25)"), os.strerror(errno.EACCES)),
        (ConnectionRefusedError(errno.ECONNREFUSED, "[Errno 111] x"), os.strerror(errno.ECONNREFUSED)),
        (OSError("Multiple exceptions: [Errno 111] Connect call failed ('::1', 25, 0, 0), x"), "OSError"),
        (ConnectionRefusedError("Multiple exceptions: a, b"), os.strerror(errno.ECONNREFUSED)),
        (ConnectionResetError(), os.strerror(errno.ECONNRESET)),
        (TimeoutError(), os.strerror(errno.ETIMEDOUT)),
        (ConnectionResetError("the server closed the connection"), "the server closed the connection"),
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), "Name or service not known"),
        (ssl.SSLError(1, "[SSL] wrong version number"), "[SSL] wrong version number"),
    ],
)
def test_words(error: OSError, words: str) -> None:
    assert system_words(error) == words


async def test_a_refused_connection_is_told_in_the_systems_words() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, and nobody listens
        with pytest.raises(ConnectionRefusedError) as refused:
            await SystemNetwork().connect("127.0.0.1", taken.getsockname()[1], source=None, limit=5)
    assert system_words(refused.value) == os.strerror(errno.ECONNREFUSED)


@pytest.mark.parametrize("number", [errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM])
def test_limits_of_this_machine_are_known(number: int) -> None:
    assert is_own_limit(OSError(number, os.strerror(number)))


@pytest.mark.parametrize("number", [errno.ECONNREFUSED, errno.ETIMEDOUT, errno.EHOSTUNREACH, errno.EACCES])
def test_what_others_do_is_no_limit_of_this_machine(number: int) -> None:
    assert not is_own_limit(OSError(number, os.strerror(number)))


@pytest.mark.parametrize("number", [errno.ENETUNREACH, errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT])
def test_no_way_from_here_is_known(number: int) -> None:
    assert has_no_route(OSError(number, ""))


@pytest.mark.parametrize("number", [errno.EHOSTUNREACH, errno.ECONNREFUSED, None])
def test_what_is_said_on_the_way_is_a_way(number: int | None) -> None:
    assert not has_no_route(OSError(number, ""))
