"""TLS of the real network, against peers that misbehave."""

import asyncio
import errno
import gc
import ssl
import warnings
from typing import cast

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from smtpdiag_tui.network.seam import HandshakeError, KeyType
from smtpdiag_tui.network.tls import client_context, handshake_words, presented_chain, sni
from tests.hostile_servers import Handler, connect, open_files, receive_all, reset, tcp_server

MAIL_HOST = "mx1.example.net"


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def server_context(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(MAIL_HOST).configure_cert(context)
    return context


def upgrade(context: ssl.SSLContext, before: bytes = b"", after: bytes = b"250 secure\r\n") -> Handler:
    """A server that sends `before` in clear, starts TLS, sends `after`, and closes once it has heard a line."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(before)
        await reader.readline()
        await writer.start_tls(context)
        writer.write(after)
        await reader.readline()

    return serve


@pytest.mark.parametrize("name", [MAIL_HOST, None])
async def test_tls_tells_what_was_agreed_and_presented(
    server_context: ssl.SSLContext, authority: trustme.CA, name: str | None
) -> None:
    seen: list[str | None] = []
    server_context.sni_callback = lambda _tls, asked, _context: seen.append(asked)
    async with tcp_server(upgrade(server_context)) as port:
        stream = await connect(port)
        await stream.send(b"STARTTLS\r\n")
        assert await stream.start_tls(name, 5) == b""
        assert stream.tls is not None
        assert stream.tls.protocol == "TLSv1.3"
        assert stream.tls.cipher.startswith("TLS_")
        assert stream.tls.server_name == name
        assert seen == [name]
        assert len(stream.tls.chain) >= 1
        leaf = ssl.DER_cert_to_PEM_cert(stream.tls.chain[0])
        assert leaf.strip() != authority.cert_pem.bytes().decode().strip()
        assert await stream.receive() == b"250 secure\r\n"
        await stream.send(b"QUIT\r\n")
        assert await stream.receive() == b""
        stream.abort()


@pytest.mark.parametrize("keys", list(KeyType))
@pytest.mark.parametrize("held", ["both", "rsa", "ecdsa", "new"])
async def test_a_kind_of_key_is_asked_for_alone(authority: trustme.CA, keys: KeyType, held: str) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    for kind in KeyType:
        if held in ("both", "new", kind):
            authority.issue_cert(MAIL_HOST, key_type=trustme.KeyType[kind.name]).configure_cert(context)
    if held == "new":
        context.minimum_version = ssl.TLSVersion.TLSv1_3
    async with tcp_server(upgrade(context)) as port:
        stream = await connect(port)
        await stream.send(b"STARTTLS\r\n")
        if held not in ("both", keys):
            with pytest.raises(HandshakeError):
                await stream.start_tls(MAIL_HOST, 5, keys)
            return
        await stream.start_tls(MAIL_HOST, 5, keys)
        assert stream.tls is not None
        assert stream.tls.protocol == "TLSv1.2"
        key = x509.load_der_x509_certificate(stream.tls.chain[0]).public_key()
        assert isinstance(key, rsa.RSAPublicKey if keys is KeyType.RSA else ec.EllipticCurvePublicKey)
        stream.abort()


async def test_all_certificates_presented_are_kept_leaf_first() -> None:
    root = trustme.CA()
    middle = root.create_child_ca()
    leaf = middle.issue_cert(MAIL_HOST)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    leaf.configure_cert(context)
    async with tcp_server(upgrade(context)) as port:
        stream = await connect(port)
        await stream.send(b"STARTTLS\r\n")
        await stream.start_tls(MAIL_HOST, 5)
        assert stream.tls is not None
        given = [ssl.PEM_cert_to_DER_cert(blob.bytes().decode()) for blob in leaf.cert_chain_pems]
        assert list(stream.tls.chain) == given
        assert len(given) == 2
        stream.abort()


async def test_plaintext_before_the_handshake_is_never_served_as_tls(server_context: ssl.SSLContext) -> None:
    before = b"220 go\r\n250 injected\r\n"
    async with tcp_server(upgrade(server_context, before=before)) as port:
        stream = await connect(port)
        await stream.send(b"STARTTLS\r\n")
        assert (await stream.receive()) == before
        await stream.start_tls(MAIL_HOST, 5)
        assert await stream.receive() == b"250 secure\r\n"
        stream.abort()


@pytest.mark.parametrize("pause", [0.0, 0.05])
async def test_injected_plaintext_is_handed_back(server_context: ssl.SSLContext, pause: float) -> None:
    async def inject(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"250 injected\r\n" * 3)
        await upgrade(server_context)(reader, writer)

    async with tcp_server(inject) as port:
        stream = await connect(port)
        await stream.send(b"STARTTLS\r\n")
        await asyncio.sleep(pause)
        if pause:
            assert await stream.start_tls(MAIL_HOST, 5) == b"250 injected\r\n" * 3
            assert await stream.receive() == b"250 secure\r\n"
        else:  # it may still be on its way: then it spoils the handshake, but is no reply
            try:
                await stream.start_tls(MAIL_HOST, 5)
                assert await stream.receive() == b"250 secure\r\n"
            except HandshakeError as error:
                assert "did not speak TLS" in str(error)  # noqa: PT017
        stream.abort()


async def test_a_flood_of_plaintext_before_the_handshake_does_not_hang(server_context: ssl.SSLContext) -> None:
    async with tcp_server(upgrade(server_context, before=b"x" * 200_000)) as port:
        stream = await connect(port)
        await stream.send(b"STARTTLS\r\n")
        await asyncio.sleep(0.05)
        try:
            early = await stream.start_tls(MAIL_HOST, 5)
            assert early.strip(b"x") == b""
            assert await stream.receive() == b"250 secure\r\n"
        except HandshakeError as error:
            assert "did not speak TLS" in str(error)  # noqa: PT017
        stream.abort()


async def test_flow_control_goes_on_under_tls(server_context: ssl.SSLContext) -> None:
    size = 3_000_000
    async with tcp_server(upgrade(server_context, after=b"y" * size)) as port:
        stream = await connect(port)
        await stream.send(b"STARTTLS\r\n")
        await stream.start_tls(MAIL_HOST, 5)
        await asyncio.sleep(0.1)
        assert len(stream._protocol._buffer) < 700_000  # type: ignore[attr-defined]
        got = 0
        while got < size:
            got += len(await stream.receive())
        await stream.send(b"QUIT\r\n")
        assert await stream.receive() == b""
        stream.abort()


async def test_a_reset_under_tls_is_told(server_context: ssl.SSLContext) -> None:
    async def rude(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await writer.start_tls(server_context)
        await reader.readline()
        reset(writer)

    async with tcp_server(rude) as port:
        stream = await connect(port)
        await stream.start_tls(MAIL_HOST, 5)
        await stream.send(b"EHLO x\r\n")
        with pytest.raises(ConnectionResetError):
            await stream.receive()
        stream.abort()


async def test_a_server_that_has_only_tls_1_0_is_talked_to(server_context: ssl.SSLContext) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        server_context.minimum_version = ssl.TLSVersion.TLSv1
        server_context.maximum_version = ssl.TLSVersion.TLSv1
    server_context.set_ciphers("ALL:@SECLEVEL=0")
    async with tcp_server(upgrade(server_context)) as port:
        stream = await connect(port)
        await stream.send(b"STARTTLS\r\n")
        await stream.start_tls(MAIL_HOST, 5)
        assert stream.tls is not None
        assert stream.tls.protocol == "TLSv1"
        assert await stream.receive() == b"250 secure\r\n"
        stream.abort()


async def test_an_anonymous_cipher_presents_nothing() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("AECDH:ADH:@SECLEVEL=0")
    async with tcp_server(upgrade(context)) as port:
        stream = await connect(port)
        await stream.send(b"STARTTLS\r\n")
        await stream.start_tls(MAIL_HOST, 5)
        assert stream.tls is not None
        assert stream.tls.chain == ()
        stream.abort()


async def _plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"502 what is this\r\n")
    await reader.read(1000)
    await asyncio.sleep(1)


async def _shut(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    await reader.read(1000)


async def _rude(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(1)
    reset(writer)


async def _alert(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(1000)
    writer.write(bytes([21, 3, 1, 0, 2, 2, 40]))  # RFC 5246 section 7.2: fatal, handshake_failure
    await asyncio.sleep(1)


async def _garbage(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(1000)
    writer.write(b"\x16\x03\x03\x00\x05\xff\x00\x00\x01\x00")
    await asyncio.sleep(1)


@pytest.mark.parametrize(
    ("handler", "words"),
    [
        (_shut, "server closed the connection"),
        (_rude, "server reset the connection"),
        (_alert, "server aborted the handshake"),
        (_garbage, "unexpected message"),
    ],
)
async def test_a_failed_handshake_says_why(handler: Handler, words: str) -> None:
    async with tcp_server(handler) as port:
        stream = await connect(port)
        with pytest.raises(HandshakeError) as caught:
            await stream.start_tls(MAIL_HOST, 5)
        assert str(caught.value).startswith(words)
        assert stream.tls is None
        with pytest.raises(ConnectionAbortedError):
            await stream.receive()
        stream.abort()


async def test_plaintext_in_place_of_tls_is_told() -> None:
    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1000)
        await _plain(reader, writer)

    async with tcp_server(plain) as port:
        stream = await connect(port)
        with pytest.raises(HandshakeError, match=r"server did not speak TLS \("):
            await stream.start_tls(MAIL_HOST, 5)
        stream.abort()


async def test_a_silent_handshake_ends_at_its_limit() -> None:
    async with tcp_server(lambda *_: asyncio.sleep(30)) as port:
        before = open_files()
        stream = await connect(port)
        with pytest.raises(TimeoutError):
            await stream.start_tls(MAIL_HOST, 0.1)
        await asyncio.sleep(0.05)
        stream.abort()
        assert open_files() <= before + 1  # the server's end


@pytest.mark.parametrize("stop", ["cancel", "abort"])
async def test_a_handshake_can_be_left(stop: str) -> None:
    async with tcp_server(lambda *_: asyncio.sleep(30)) as port:
        stream = await connect(port)
        task = asyncio.create_task(stream.start_tls(MAIL_HOST, 5))
        await asyncio.sleep(0.05)
        task.cancel() if stop == "cancel" else stream.abort()
        with pytest.raises(asyncio.CancelledError if stop == "cancel" else HandshakeError):
            await task
        assert stream.tls is None
    gc.collect()


async def test_no_handshake_after_the_peer_has_closed() -> None:
    async def shut(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 go\r\n")

    async with tcp_server(shut) as port:
        stream = await connect(port)
        assert await receive_all(stream) == b"220 go\r\n"
        with pytest.raises(HandshakeError, match="closed the connection before"):
            await stream.start_tls(MAIL_HOST, 5)
        stream.abort()


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        (MAIL_HOST, MAIL_HOST),
        ("_x.mx_1.example", "_x.mx_1.example"),
        (None, None),
        ("", None),
        (".example", None),
        ("192.0.2.25", None),
        ("2001:db8::1", None),
        ("a\0b.example", None),
        ("mx.exämple", None),
        ("a" * 64 + ".example", None),
        ("a." * 130 + "example", None),
        (MAIL_HOST + "\n", None),
    ],
)
def test_only_a_host_name_is_sent_as_sni(name: str | None, sent: str | None) -> None:
    assert sni(name) == sent


def test_the_context_verifies_nothing_and_is_made_once() -> None:
    context = client_context()
    assert context.verify_mode is ssl.CERT_NONE
    assert not context.check_hostname
    assert client_context() is context


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ssl.SSLEOFError(8, "EOF"), "server closed the connection"),
        (ConnectionAbortedError(), "connection closed by this host"),
        (OSError(errno.EHOSTUNREACH, "No route to host"), "No route to host"),
        (ssl.SSLError(), "unknown error"),
    ],
)
def test_the_words_for_rarer_failures(error: OSError, words: str) -> None:
    assert handshake_words(error) == words


class NewerTls:
    """What Python 3.13 offers."""

    def get_unverified_chain(self) -> list[bytes]:
        return [b"leaf", b"middle"]


class LeafOnly:
    """What an ssl without any chain offers."""

    def __init__(self, leaf: bytes | None) -> None:
        self.leaf = leaf

    def getpeercert(self, *, binary_form: bool) -> bytes | None:
        assert binary_form
        return self.leaf


@pytest.mark.parametrize(
    ("tls", "chain"), [(NewerTls(), (b"leaf", b"middle")), (LeafOnly(b"leaf"), (b"leaf",)), (LeafOnly(None), ())]
)
def test_the_chain_is_read_as_each_python_offers_it(tls: object, chain: tuple[bytes, ...]) -> None:
    assert presented_chain(cast("ssl.SSLObject", tls)) == chain
