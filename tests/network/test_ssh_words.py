"""What ssh says, read: which channel failed and why, and one sentence for each way of not getting there."""

import errno

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpdiag_tui.network.seam import NotLetThroughError
from smtpdiag_tui.network.ssh_words import MAX_WAITING, MasterLog, forwarding_error, prohibited, why_lost, why_not

FAILING = b"""\
debug2: mux_master_process_stdio_fwd: channel 1: stdio fwd to 192.0.2.25:25
debug2: mux_master_process_stdio_fwd: channel_new: 2 control 1
debug2: mux_master_process_stdio_fwd: channel 3: stdio fwd to 2001:db8::25:25
debug2: mux_master_process_stdio_fwd: channel_new: 4 control 3
channel 4: open failed: connect failed: No route to host
channel 2: open failed: connect failed: Connection refused
"""


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_each_failure_is_told_to_who_asked(size: int) -> None:
    log = MasterLog()
    for start in range(0, len(FAILING), size):
        log.feed(FAILING[start : start + size])
    assert log.reason("192.0.2.25", 25) == "connect failed: Connection refused"
    assert log.reason("2001:db8::25", 25) == "connect failed: No route to host"
    assert (log.reason("192.0.2.25", 25), list(log.said)) == ("", [])


def test_a_failure_of_an_unknown_channel_is_told_to_the_next_who_asks() -> None:
    log = MasterLog()
    log.feed(b"channel 9: open failed: administratively prohibited: open failed\n")
    assert prohibited(log.reason("192.0.2.25", 25))


def test_a_log_without_end_is_not_kept() -> None:
    log = MasterLog()
    for number in range(3 * MAX_WAITING):
        log.feed(b"channel %d: stdio fwd to 192.0.2.1:%d\nsome line\n" % (number, number))
    log.feed(b"x" * 10_000_000)
    assert (len(log._asked) <= MAX_WAITING + 1, len(log.said), len(log._rest)) == (True, 40, 2000)


@given(st.binary(max_size=2000))
def test_no_output_is_too_odd(data: bytes) -> None:
    log = MasterLog()
    log.feed(data + b"\n")
    assert all(
        line.isprintable() for line in (*log.said, why_not("mx2", list(log.said)), why_lost(list(log.said)))
    )
    assert "\n" not in why_not("mx2", list(log.said))


@pytest.mark.parametrize(
    ("reason", "number"),
    [
        ("connect failed: Connection refused", errno.ECONNREFUSED),
        ("connect failed: No route to host", errno.EHOSTUNREACH),
        ("connect failed: Connection timed out", errno.ETIMEDOUT),
        ("connect failed: open failed", errno.ENETUNREACH),
        ("connect failed: something new", None),
        ("", None),
    ],
)
def test_words_of_the_far_host_are_the_error_that_it_met(reason: str, number: int | None) -> None:
    error = forwarding_error(reason)
    assert (error.errno, str(error) != "") == (number, True)


def test_what_is_prohibited_is_not_the_servers_word() -> None:
    assert isinstance(forwarding_error("administratively prohibited: open failed"), NotLetThroughError)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (["Permission denied (publickey,password)."], "login refused (publickey,password): make 'ssh mx2' work"),
        (
            ["Received disconnect from 192.0.2.1 port 22:2: Too many authentication failures"],
            "login refused: make",
        ),
        (
            ["@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @", "Host key verification failed."],
            "the host key has changed: verify",
        ),
        (
            ["No ED25519 host key is known for mx2", "Host key verification failed."],
            "host key verification failed: c",
        ),
        (
            ["ssh: Could not resolve hostname mx2: Name or service not known"],
            "name does not resolve: check the host name",
        ),
        (
            ["ssh: connect to host mx2 port 22: Connection timed out"],
            "not connected (connection timed out): check",
        ),
        (["Connection timed out during banner exchange"], "not connected (timed out): check"),
        (["/root/.ssh/config: line 3: Bad configuration option: foo"], "OpenSSH cannot read its configuration: "),
        (["kex_exchange_identification: Connection closed by remote host"], "not connected: kex_exchange"),
        ([], "not connected: ssh ended without a word"),
    ],
)
def test_no_connection_is_one_clause(said: list[str], words: str) -> None:
    assert why_not("mx2", said).startswith(words)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (["Timeout, server mx2 not responding."], "connection lost (no answer to keepalives)"),
        (["Connection to mx2 closed by remote host."], "connection closed by the SSH server"),
        (
            ["client_loop: send disconnect: Broken pipe"],
            "connection lost (client_loop: send disconnect: Broken pipe)",
        ),
        ([], "connection lost"),
    ],
)
def test_a_lost_connection_is_one_clause(said: list[str], words: str) -> None:
    assert why_lost(said) == words
