import asyncio
import errno

from smtpdiag_tui.checks.session.connecting import NotConnected, connect
from smtpdiag_tui.checks.session.session import ConnectError, Target
from smtpdiag_tui.network.seam import ByteStream
from smtpdiag_tui.settings import Settings
from tests.checks.fake_network import FakeNetwork, Peer, Script, Watched, run


async def silent(_: Peer) -> None:
    await asyncio.sleep(0)


def connected(
    script: Script | OSError, *, address: str = "192.0.2.25", source: str | None = None, seconds: float = 0.0
) -> tuple[ByteStream | NotConnected, Watched, FakeNetwork]:
    network, watched = FakeNetwork([script], connect_seconds=seconds), Watched()
    settings = Settings("alice@example.org", "bob@example.net", source=source)

    async def main() -> ByteStream | NotConnected:
        transcript = watched.transcript()
        target = Target("mx1.example.net", address, 25, "mx1.example.net")
        opened = await connect(target, settings, network.as_network(), transcript)
        transcript.flush()
        return opened

    return run(main()), watched, network


def test_a_connection_is_told_with_both_its_ends() -> None:
    stream, watched, network = connected(silent, source="192.0.2.9")
    assert not isinstance(stream, NotConnected)
    assert network.sources == ["192.0.2.9"]
    assert watched.notes == [
        "connecting to 192.0.2.25 port 25 from 192.0.2.9",
        f"connected from {stream.local_address}",
    ]


def test_a_limit_of_ours_is_told_apart_from_the_system_s() -> None:
    ours, watched, _ = connected(silent, seconds=100.0)
    assert isinstance(ours, NotConnected)
    assert (ours.error, ours.words) == (ConnectError.TIMEOUT, "timed out after 30 s")
    assert round(ours.seconds) == 30
    assert watched.notes[-1] == "not connected: timed out after 30 s"
    theirs, _, _ = connected(OSError(errno.ETIMEDOUT, "Connection timed out"))
    assert isinstance(theirs, NotConnected)
    assert (theirs.error, theirs.words) == (ConnectError.TIMEOUT, "Connection timed out")


def test_an_unusable_address_is_not_even_tried() -> None:
    refused, watched, network = connected(silent, address="127.0.0.1")
    assert refused == NotConnected(ConnectError.UNUSABLE, "a loopback address")
    assert watched.notes == ["not connected to 127.0.0.1: a loopback address"]
    assert network.connected_at == []


def test_no_words_of_python_reach_the_transcript() -> None:
    for error in (OSError(errno.ECONNRESET, "Connect call failed ('192.0.2.25', 25)"), ConnectionResetError()):
        broken, watched, _ = connected(error)
        assert isinstance(broken, NotConnected)
        assert (broken.error, broken.words) == (ConnectError.RESET, "Connection reset by peer")
        assert watched.notes[-1] == "not connected: Connection reset by peer"
