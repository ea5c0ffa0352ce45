"""What a host tells of itself, read: hostile, cut off, or in another shell's way."""

import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpdiag_tui.settings import DnsServer
from smtpdiag_tui.vantage.far_host import _ASK, read_facts

TOLD = b"""\
Welcome to mx2!
smtpdiag-resolver
# made by hand
nameserver 127.0.0.53
options edns0
smtpdiag-version
smtpdiag 0.2.0

smtpdiag-addresses
192.0.2.7 172.17.0.1 2001:db8::7
smtpdiag-name
mx2.example
"""


def test_all_that_is_told_is_read() -> None:
    far = read_facts(TOLD, "mx2")
    assert far.version == "0.2.0"
    assert far.facts.name == "mx2.example"
    assert far.facts.addresses == ("192.0.2.7", "172.17.0.1", "2001:db8::7")
    assert far.facts.resolver is not None
    assert far.facts.resolver.servers == (DnsServer("127.0.0.53"),)


def test_without_a_shell_there_nothing_is_known_but_its_name_here() -> None:
    far = read_facts(b"This account is currently not available.\n", "mx2.example")
    assert (far.version, far.facts.name, far.facts.resolver, far.facts.addresses) == ("", "mx2.example", None, ())
    assert read_facts(b"", "mx2").facts.name is None


@pytest.mark.parametrize("size", range(0, len(TOLD), 7))
def test_what_is_cut_off_is_read_as_far_as_it_goes(size: int) -> None:
    assert "mx2.example".startswith(read_facts(TOLD[:size], "mx2").facts.name or "")


@given(st.binary(max_size=500))
def test_no_answer_is_too_odd(data: bytes) -> None:
    far = read_facts(b"smtpdiag-resolver\n" + data + b"\nsmtpdiag-name\n" + data, "mx2")
    assert far.version.isprintable()
    read_facts(data, "mx2")


def test_a_resolver_file_without_servers_is_not_taken_for_one() -> None:
    assert read_facts(b"smtpdiag-resolver\n# empty\n", "mx2").facts.resolver is None


def test_the_question_is_one_word_of_any_shell() -> None:
    assert not set("'!\n\\") & set(_ASK)
    done = subprocess.run(["sh", "-c", _ASK], check=False, capture_output=True, timeout=30)
    assert done.stdout.startswith(b"smtpdiag-resolver\n")
