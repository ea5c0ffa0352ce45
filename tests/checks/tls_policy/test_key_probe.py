"""The probe of keys: which certificate a server shows for each, and whether TLSA records name it."""

import pytest

from smtpdiag_tui.checks.session.session import SessionObservation
from smtpdiag_tui.checks.tls_policy import tlsa
from smtpdiag_tui.checks.tls_policy.key_probe import detail, judge_keys, needless
from smtpdiag_tui.network.seam import KeyType
from tests.checks.making import codes
from tests.checks.session.issuer import NOW, TRUSTED
from tests.checks.tls_policy.dane_made import HOST, INSECURE, LEAF, host, in_clear, presented, tlsa_answer

GOOD = tlsa.record_for(LEAF)
RSA = TRUSTED.leaf(HOST)  # whatever its key really is: the server shows it when asked for RSA
NO_KEY = in_clear("250-mx", "250 STARTTLS", failed="server aborted the handshake (sslv3 alert handshake failure)")
NEW = in_clear("250-mx", "250 STARTTLS", failed="server aborted the handshake (tlsv1 alert protocol version)")

CLOSED = in_clear("250-mx", "250 STARTTLS", failed="server closed the connection")


@pytest.mark.parametrize(
    ("rsa", "ecdsa", "told", "words"),
    [
        (presented(LEAF), presented(LEAF), ["dane-valid"], "RSA and ECDSA certificate presented"),
        (presented(RSA), presented(LEAF), ["dane-mismatch"], "RSA and ECDSA certificate presented, not all match"),
        (NO_KEY, presented(LEAF), ["dane-valid"], "ECDSA certificate presented"),
        (presented(RSA), NO_KEY, ["dane-mismatch"], "RSA certificate presented, not all match"),
        (NO_KEY, NO_KEY, ["probe-undecided"], "no certificate presented"),
        (NEW, NEW, ["probe-undecided"], "no certificate presented"),
        (in_clear(), presented(LEAF), ["probe-undecided"], "ECDSA certificate presented"),
        (CLOSED, presented(LEAF), ["dane-valid"], "ECDSA certificate presented"),
        (CLOSED, CLOSED, ["probe-undecided"], "no certificate presented"),
        (
            presented(RSA),
            in_clear(),
            ["dane-mismatch", "probe-undecided"],
            "RSA certificate presented, not all match",
        ),
        (
            presented(RSA, sni="b.example"),
            presented(LEAF),
            ["probe-undecided"],
            "RSA and ECDSA certificate presented",
        ),
    ],
)
def test_what_each_key_shows(
    rsa: SessionObservation, ecdsa: SessionObservation, told: list[str], words: str
) -> None:
    seen = {KeyType.RSA: rsa, KeyType.ECDSA: ecdsa}
    found = judge_keys(host(tlsa_answer(GOOD)), seen, NOW)
    assert codes(found) == told
    assert detail(seen, found) == words


def test_a_server_that_has_tls_1_3_alone_is_told_as_that() -> None:
    (told,) = judge_keys(host(tlsa_answer(GOOD)), {KeyType.RSA: NEW, KeyType.ECDSA: NEW}, NOW)
    assert told.message == "mx.partner.example left the RSA and ECDSA key probe undecided"
    assert told.meaning == "In TLS 1.3, the only version of this server, the two key types cannot be separated."


def test_the_mismatch_names_the_kind_of_key_and_its_record() -> None:
    (told,) = judge_keys(
        host(tlsa_answer(GOOD)), {KeyType.RSA: presented(RSA), KeyType.ECDSA: presented(LEAF)}, NOW
    )
    assert told.message == "RSA certificate of mx.partner.example matches no TLSA record"
    assert tlsa.record_for(RSA) in str(told.actions[0])


def test_without_records_to_match_it_shows_nothing() -> None:
    assert needless(host(tlsa_answer(GOOD))) is None
    unsigned = host(tlsa_answer(GOOD, state=INSECURE), addresses=INSECURE)
    for none in (None, host(), unsigned, host(tlsa_answer("1 1 1 ab")), host(tlsa_answer(failed="x"))):
        assert needless(none) == "no usable TLSA records to match"
