"""TLS as an opportunistic sender speaks it: the context, what a handshake presented, why one failed."""

import functools
import re
import ssl
import warnings

from smtpdiag_tui.network.seam import KeyType
from smtpdiag_tui.network.system_words import system_words

_CIPHERS = {None: "ALL", KeyType.RSA: "aRSA", KeyType.ECDSA: "aECDSA"}
_NOT_TLS = frozenset({"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG"})


@functools.cache
def client_context(keys: KeyType | None = None) -> ssl.SSLContext:
    """Return a context that verifies nothing and takes old protocols and weak keys (RFC 7435 section 4).

    A sender that would fall back to clear text gains nothing by refusing weak TLS; what is weak is judged later.
    With `keys`, only ciphers for keys of that kind are offered: the ciphers of TLS 1.3 name none.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with warnings.catch_warnings():
        # TLS 1.0 is deprecated, and to see a server that has nothing newer is the purpose here.
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
    if keys is not None:
        context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(f"{_CIPHERS[keys]}:@SECLEVEL=0")
    return context


def sni(name: str | None) -> str | None:
    """Return `name` if it can be sent as SNI, a host name in ASCII and no address (RFC 6066 section 3), else None.

    A name from the DNS may hold any octet, and ssl would fail over some of them.
    """
    if name is None or len(name) > 253 or re.fullmatch(r"[0-9.]*", name):
        return None
    label = r"[A-Za-z0-9_-]{1,63}"
    return name if re.fullmatch(rf"{label}(?:\.{label})*", name) else None


def presented_chain(tls: ssl.SSLObject) -> tuple[bytes, ...]:
    """Return the certificates that the peer presented, DER, leaf first; none with an anonymous cipher."""
    if hasattr(tls, "get_unverified_chain"):  # public from Python 3.13
        return tuple(bytes(der) for der in tls.get_unverified_chain() or ())
    try:
        from _ssl import ENCODING_DER  # type: ignore[attr-defined, unused-ignore]

        presented = tls._sslobj.get_unverified_chain() or ()  # type: ignore[attr-defined, unused-ignore]
        return tuple(bytes(certificate.public_bytes(ENCODING_DER)) for certificate in presented)
    except (ImportError, AttributeError):
        leaf = tls.getpeercert(binary_form=True)
        return (leaf,) if leaf else ()


def key_group(tls: ssl.SSLObject) -> str | None:
    """Return the group of the key exchange, such as X25519; None where this Python's ssl does not tell it."""
    tell = getattr(tls, "group", None)
    group = tell() if callable(tell) else None
    return group if isinstance(group, str) else None


def handshake_words(error: OSError) -> str:
    """Say in a few words why a handshake failed. OpenSSL's reasons are its own fixed texts, never the peer's."""
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return "server closed the connection"
    reason = getattr(error, "reason", None)
    if isinstance(reason, str):
        words = reason.lower().replace("_", " ")
        if reason in _NOT_TLS:
            return f"server did not speak TLS ({words})"
        if " alert " in f" {words} ":
            return f"server aborted the handshake ({words})"
        return words
    if isinstance(error, ConnectionResetError):
        # asyncio tells an orderly close during a handshake as a reset without a number.
        verb = "closed" if error.errno is None else "reset"
        return f"server {verb} the connection"
    if isinstance(error, ConnectionAbortedError):
        return "connection closed by this host"
    return system_words(error)
