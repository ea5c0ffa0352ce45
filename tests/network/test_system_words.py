"""The system's words for an error, and not those of a library between."""

import errno
import os
import socket
import ssl

import pytest

from smtpdiag_tui.network.system import SystemNetwork
from smtpdiag_tui.network.system_words import has_no_route, in_system_words, is_own_limit, system_words

UNNAMED = "unknown error"


def tls_error(reason: str) -> ssl.SSLError:
    error = ssl.SSLError(1, f"[SSL: {reason}] x (_ssl.c:2580)")
    error.reason = reason
    return error


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.EACCES, "Connect call failed ('192.0.2.67', 25)"), os.strerror(errno.EACCES)),
        (ConnectionRefusedError(errno.ECONNREFUSED, "[Errno 111] x"), os.strerror(errno.ECONNREFUSED)),
        (
            OSError("Multiple exceptions: [Errno 111] Connect call failed ('::1', 25, 0, 0), x"),
            UNNAMED,
        ),
        (OSError("Connect call failed ('192.0.2.67', 25)"), UNNAMED),
        (OSError(), UNNAMED),
        (ConnectionResetError("Connection lost"), os.strerror(errno.ECONNRESET)),
        (ConnectionRefusedError("Multiple exceptions: a, b"), os.strerror(errno.ECONNREFUSED)),
        (ConnectionResetError(), os.strerror(errno.ECONNRESET)),
        (TimeoutError(), os.strerror(errno.ETIMEDOUT)),
        (ConnectionResetError("the server closed the connection"), "the server closed the connection"),
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), "Name or service not known"),
        (ssl.SSLError(1, "[SSL] wrong version number"), "[SSL] wrong version number"),
        (ssl.SSLError(1, "[SSL: BAD_MAC] bad mac (_ssl.c:2580)"), UNNAMED),
        (tls_error("BAD_RECORD_MAC"), "TLS failed (bad record mac)"),
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
    assert str(refused.value) == f"[Errno {errno.ECONNREFUSED}] {os.strerror(errno.ECONNREFUSED)}"


def test_an_error_keeps_its_kind_and_number_without_the_sentence_of_asyncio() -> None:
    told = in_system_words(OSError(errno.ECONNRESET, "Connect call failed ('192.0.2.67', 25)"))
    assert isinstance(told, ConnectionResetError)
    assert (told.errno, told.strerror) == (errno.ECONNRESET, os.strerror(errno.ECONNRESET))
    limit = TimeoutError()
    assert in_system_words(limit) is limit


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
