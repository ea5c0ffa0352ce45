"""Questions of the real network over UDP and TCP, against DNS servers that misbehave."""

import asyncio
import contextlib
import errno
import os
import resource
from collections.abc import Callable, Iterator

import dns.flags
import dns.message
import dns.rcode
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpdiag_tui.checks.lookups.answers import AnswerKind, Question
from smtpdiag_tui.checks.lookups.client import DnsClient
from smtpdiag_tui.network.dns_wire import MAX_KEPT, DnsConnection, read_answer
from smtpdiag_tui.network.seam import DnsReply, MalformedAnswerError, Transport
from smtpdiag_tui.network.system import SystemNetwork
from smtpdiag_tui.settings import DnsServer, Settings
from tests.hostile_servers import (
    Counting,
    MappedNetwork,
    answer_to,
    framed,
    read_query,
    reset,
    tcp_server,
    udp_server,
)

UDP, TCP = Transport.UDP, Transport.TCP


def question(name: str = "example.net", identity: int | None = None) -> dns.message.Message:
    return dns.message.make_query(name, "MX", use_edns=0, payload=1232, id=identity)


def local(port: int) -> DnsServer:
    return DnsServer("127.0.0.1", port)


async def ask(port: int, transport: Transport, limit: float = 5.0) -> DnsReply:
    network = SystemNetwork()
    try:
        return await network.exchange(question(), local(port), transport, limit)
    finally:
        network.release()


def wrong_id(wire: bytes) -> bytes:
    return (int.from_bytes(wire[:2]) ^ 0x5A5A).to_bytes(2) + answer(wire)[2:]


def answer(wire: bytes) -> bytes:
    return answer_to(dns.message.from_wire(wire))


def other_question(wire: bytes) -> bytes:
    query = question("other.example", identity=int.from_bytes(wire[:2]))
    return answer_to(query)


def junk_behind(wire: bytes) -> bytes:
    return answer(wire) + b"junk"


def pointer_forward(wire: bytes) -> bytes:
    return wire[:2] + b"\x80\x00\0\x01\0\0\0\0\0\0" + b"\xc0\xff\0\x0f\0\x01"


def short(wire: bytes) -> bytes:
    return wire[:2] + b"\x80"


def cut(wire: bytes) -> bytes:
    return answer(wire)[:-7]


def echo(wire: bytes) -> bytes:
    return wire


MALFORMED = [
    (wrong_id, "ID does not match the query"),
    (other_question, "it answers another query"),
    (junk_behind, "extra bytes after the end"),
    (pointer_forward, "compression pointer"),
    (short, "shorter than a DNS header"),
    (cut, "not a well-formed DNS message"),
    (echo, "a query instead of a response"),
]


async def test_udp_gives_message_size_and_round_trip() -> None:
    sizes: list[int] = []

    def reply(wire: bytes) -> list[bytes]:
        sizes.append(len(answer(wire)))
        return [answer(wire)]

    async with udp_server(reply) as port:
        got = await ask(port, UDP)
        assert "mx1.example.net." in got.message.answer[0].to_text()
        assert got.size == sizes[0]
        assert 0 < got.seconds < 5


@pytest.mark.parametrize(("bad", "words"), MALFORMED)
async def test_a_datagram_that_is_no_answer_does_not_end_the_wait(
    bad: Callable[[bytes], bytes], words: str
) -> None:
    async with udp_server(lambda wire: [bad(wire), answer(wire)]) as port:
        assert (await ask(port, UDP)).message.answer
    async with udp_server(lambda wire: [bad(wire), b"later"]) as port:
        with pytest.raises(MalformedAnswerError, match=words):
            await ask(port, UDP, limit=0.1)


async def test_udp_silence_ends_at_the_limit() -> None:
    async with udp_server(lambda _: []) as port:
        started = asyncio.get_running_loop().time()
        with pytest.raises(TimeoutError):
            await ask(port, UDP, limit=0.1)
        assert asyncio.get_running_loop().time() - started < 2


async def test_a_closed_udp_port_is_told_at_once(unused_udp_port: int) -> None:
    with pytest.raises(ConnectionRefusedError):
        await ask(unused_udp_port, UDP, limit=20)


@pytest.mark.parametrize("transport", [UDP, TCP])
async def test_a_missing_route_is_told(transport: Transport) -> None:
    with pytest.raises(OSError) as caught:  # noqa: PT011 - the number is what is checked
        await MappedNetwork().exchange(question(), DnsServer("192.0.2.53"), transport, 5)
    assert caught.value.errno == errno.ENETUNREACH


@pytest.mark.parametrize("partly", [False, True])
async def test_a_truncated_answer_is_returned_as_it_is(partly: bool) -> None:
    asked = 0

    def truncated(wire: bytes) -> list[bytes]:
        nonlocal asked
        asked += 1
        data = bytearray(answer(wire))
        data[2] |= 0x02
        return [bytes(data[:-5] if partly else data)]

    async with udp_server(truncated) as port:
        got = await ask(port, UDP)
        assert got.message.flags & dns.flags.TC
        assert asked == 1


@pytest.mark.parametrize("transport", [UDP, TCP])
async def test_a_failure_without_its_question_is_an_answer(transport: Transport) -> None:
    def refuse(wire: bytes) -> bytes:
        return wire[:2] + b"\x80\x05" + bytes(8)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(framed(refuse((await read_query(reader)).to_wire())))

    async with udp_server(lambda wire: [refuse(wire)]) as udp, tcp_server(serve) as tcp:
        got = await ask(udp if transport is UDP else tcp, transport)
        assert got.message.rcode() == dns.rcode.REFUSED


async def test_a_cancelled_udp_question_leaves_nothing() -> None:
    async with udp_server(lambda _: []) as port:
        task = asyncio.create_task(ask(port, UDP))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_tcp_questions_share_one_connection_until_release() -> None:
    server = Counting(answer)
    async with tcp_server(server) as port:
        network = SystemNetwork()
        for _ in range(3):
            got = await network.exchange(question(), local(port), TCP, 5)
            assert got.size == len(answer_to(question()))
        same = [question("example.net", identity=7) for _ in range(8)]
        replies = await asyncio.gather(*(network.exchange(query, local(port), TCP, 5) for query in same))
        assert [reply.message.id for reply in replies] == [7] * 8
        assert (server.connections, server.questions) == (1, 11)
        network.release()
        await asyncio.sleep(0.05)
        assert server.closed == 1
        assert (await network.exchange(question(), local(port), TCP, 5)).message.answer
        assert server.connections == 2
        network.release()
        network.release()


async def test_idle_connections_give_way_to_new_ones() -> None:
    server = Counting(answer)
    async with tcp_server(server) as port:
        addresses = [f"192.0.2.{number}" for number in range(1, MAX_KEPT + 11)]
        network = MappedNetwork({(address, "tcp"): port for address in addresses})
        for address in addresses:
            await network.exchange(question(), DnsServer(address), TCP, 5)
        await asyncio.sleep(0.05)
        assert server.connections - server.closed == MAX_KEPT
        await network.exchange(question(), DnsServer(addresses[-1]), TCP, 5)
        assert server.connections == len(addresses), "the newest are kept"
        got = await network.exchange(question(), DnsServer(addresses[0]), TCP, 5)
        assert got.message.answer, "one that gave way is opened anew"
        network.release()


async def test_a_connection_with_a_question_on_it_does_not_give_way() -> None:
    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        query = await read_query(reader)
        await asyncio.sleep(0.3)
        writer.write(framed(answer(query.to_wire())))
        await reader.read()

    async with tcp_server(slow) as port:
        addresses = [f"192.0.2.{number}" for number in range(1, MAX_KEPT + 11)]
        network = MappedNetwork({(address, "tcp"): port for address in addresses})
        asking = (network.exchange(question(), DnsServer(address), TCP, 5) for address in addresses)
        assert all(got.message.answer for got in await asyncio.gather(*asking))
        network.release()


async def test_answers_may_come_in_any_order_and_in_pieces() -> None:
    async def backwards(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        queries = [await read_query(reader) for _ in range(4)]
        data = b"".join(framed(answer_to(query, f"mx.{query.question[0].name}")) for query in reversed(queries))
        for octet in data:
            writer.write(bytes([octet]))
            await writer.drain()
        await reader.read()

    names = ["a.example", "b.example", "c.example", "d.example"]
    async with tcp_server(backwards) as port:
        network = SystemNetwork()
        replies = await asyncio.gather(*(network.exchange(question(n, 5), local(port), TCP, 5) for n in names))
        for name, reply in zip(names, replies, strict=True):
            assert reply.message.answer[0].to_text().endswith(f"mx.{name}.")
        network.release()


async def test_a_server_that_closes_after_each_answer_still_serves_all() -> None:
    server = Counting(answer, per_connection=1)
    async with tcp_server(server) as port:
        network = SystemNetwork()
        replies = await asyncio.gather(*(network.exchange(question(), local(port), TCP, 5) for _ in range(8)))
        assert all(reply.message.answer for reply in replies)
        for _ in range(3):
            assert (await network.exchange(question(), local(port), TCP, 5)).message.answer
        network.release()


@pytest.mark.parametrize("harshly", [False, True])
async def test_a_kept_connection_that_closes_under_a_question_is_replaced(harshly: bool) -> None:
    connections = 0

    async def idle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        writer.write(framed(answer_to(await read_query(reader))))
        await read_query(reader)
        if harshly:
            reset(writer)

    async with tcp_server(idle) as port:
        network = SystemNetwork()
        for _ in range(2):
            assert (await network.exchange(question(), local(port), TCP, 5)).message.answer
        assert connections == 2
        network.release()


async def test_a_server_that_closes_without_an_answer_is_asked_once_more_at_most() -> None:
    questions = 0

    async def shut(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        nonlocal questions
        await read_query(reader)
        questions += 1

    async with tcp_server(shut) as port:
        with pytest.raises(ConnectionResetError, match="connection closed without an answer"):
            await ask(port, TCP)
        assert questions == 1
        network = SystemNetwork()
        tries = [network.exchange(question(), local(port), TCP, 5) for _ in range(4)]
        results = await asyncio.gather(*tries, return_exceptions=True)
        assert all(isinstance(result, ConnectionResetError) for result in results)
        assert questions <= 1 + 8
        network.release()


async def test_a_refused_tcp_connection_is_told(unused_tcp_port: int) -> None:
    network = SystemNetwork()
    tries = [network.exchange(question(), local(unused_tcp_port), TCP, 5) for _ in range(3)]
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert all(isinstance(result, ConnectionRefusedError) for result in results)
    network.release()


@pytest.mark.parametrize(("bad", "words"), MALFORMED)
async def test_tcp_tells_what_is_malformed(bad: Callable[[bytes], bytes], words: str) -> None:
    async with tcp_server(Counting(bad)) as port:
        with pytest.raises(MalformedAnswerError, match=words):
            await ask(port, TCP, limit=0.3)


@pytest.mark.parametrize("wire", [b"", b"x", b"\xff\xff" + b"garbage"])
async def test_what_cannot_be_assigned_ends_all_questions(wire: bytes) -> None:
    async def garbage(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_query(reader)
        await read_query(reader)
        writer.write(framed(wire))
        await reader.read()

    async with tcp_server(garbage) as port:
        network = SystemNetwork()
        tries = [network.exchange(question(identity=number), local(port), TCP, 5) for number in (1, 2)]
        results = await asyncio.gather(*tries, return_exceptions=True)
        assert [type(result) for result in results] == [MalformedAnswerError] * 2
        network.release()


async def test_messages_that_nobody_asked_for_end_the_connection() -> None:
    ended = asyncio.Event()

    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        unasked = framed(wrong_id((await read_query(reader)).to_wire()))
        try:
            while True:
                writer.write(unasked)
                await writer.drain()
        finally:
            ended.set()

    async with tcp_server(endless) as port:
        network = SystemNetwork()
        with pytest.raises(MalformedAnswerError, match="only messages that match no query arrived"):
            await network.exchange(question(), local(port), TCP, 30)
        await asyncio.wait_for(ended.wait(), 30)
        network.release()


async def test_an_answer_cut_short_by_the_end_is_malformed() -> None:
    async def stop(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(framed(answer_to(await read_query(reader)))[:-3])

    async with tcp_server(stop) as port:
        with pytest.raises(MalformedAnswerError, match="ended in the middle"):
            await ask(port, TCP)


async def test_a_question_that_times_out_does_not_disturb_the_others() -> None:
    late = asyncio.Event()

    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first = await read_query(reader)
        second = await read_query(reader)
        await late.wait()
        writer.write(framed(first.to_wire()[:2] + b"\x80garbage") + framed(answer_to(second)))
        third = await read_query(reader)
        assert third.id != first.id
        writer.write(framed(answer_to(third)))
        await reader.read()

    async with tcp_server(slow) as port:
        network = SystemNetwork()
        first = asyncio.create_task(network.exchange(question(identity=1), local(port), TCP, 0.1))
        second = asyncio.create_task(network.exchange(question(identity=2), local(port), TCP, 5))
        with pytest.raises(TimeoutError):
            await first
        late.set()
        assert (await second).message.answer
        assert (await network.exchange(question(identity=1), local(port), TCP, 5)).message.id == 1
        network.release()


async def in_turn(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seconds: float, most: int) -> None:
    """Answer one question after the other, `seconds` each, and none after so many."""
    for _ in range(most):
        query = await read_query(reader)
        await asyncio.sleep(seconds)
        writer.write(framed(answer_to(query)))
    await reader.read()


@pytest.mark.parametrize(("seconds", "limit", "answers"), [(0.2, 0.5, 6), (0.2, 0.5, 2)])
async def test_a_limit_counts_from_the_last_answer_on_the_connection(
    seconds: float, limit: float, answers: int
) -> None:
    network = SystemNetwork()
    loop = asyncio.get_running_loop()
    async with tcp_server(lambda reader, writer: in_turn(reader, writer, seconds, answers)) as port:
        begun = loop.time()
        asked = (network.exchange(question(f"n{item}.example"), local(port), TCP, limit) for item in range(6))
        results = await asyncio.gather(*asked, return_exceptions=True)
        spent = loop.time() - begun
        network.release()
    assert sum(isinstance(item, DnsReply) for item in results) == answers
    assert sum(isinstance(item, TimeoutError) for item in results) == 6 - answers
    assert spent < answers * seconds + limit + 0.4


async def test_answers_to_others_do_not_keep_a_question_for_ever() -> None:
    network = SystemNetwork()
    kept: list[dns.message.Message] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        kept.append(await read_query(reader))  # which is never answered
        while True:
            writer.write(framed(answer_to(await read_query(reader))))

    async def others() -> None:
        while True:
            await network.exchange(question("other.example"), local(port), TCP, 0.2)
            await asyncio.sleep(0.02)

    async with tcp_server(serve) as port:
        loop = asyncio.get_running_loop()
        begun = loop.time()
        first = asyncio.ensure_future(network.exchange(question(), local(port), TCP, 0.1))
        await asyncio.sleep(0.05)
        more = asyncio.ensure_future(others())
        with pytest.raises(TimeoutError):
            await first
        assert 0.3 < loop.time() - begun < 2
        more.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await more
        network.release()


async def test_release_ends_questions_without_asking_again() -> None:
    questions = 0

    async def silent(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        nonlocal questions
        while True:
            await read_query(reader)
            questions += 1

    async with tcp_server(silent) as port:
        network = SystemNetwork()
        tries = [asyncio.create_task(network.exchange(question(), local(port), TCP, 5)) for _ in range(2)]
        await asyncio.sleep(0.05)
        network.release()
        results = await asyncio.gather(*tries, return_exceptions=True)
        assert [type(result) for result in results] == [ConnectionAbortedError] * 2
        assert questions == 2


async def test_release_ends_what_is_still_connecting() -> None:
    server = Counting(answer)
    async with tcp_server(server) as port:
        network = SystemNetwork()
        task = asyncio.create_task(network.exchange(question(), local(port), TCP, 5))
        await asyncio.sleep(0)
        network.release()
        with pytest.raises(ConnectionAbortedError):
            await task
        assert (await network.exchange(question(), local(port), TCP, 5)).message.answer
        network.release()


async def test_a_query_that_cannot_be_sent_leaves_no_socket() -> None:
    query = question()
    query.id = 70000  # no octets for it
    with pytest.raises(Exception, match=r"format|range|65535"):
        await SystemNetwork().exchange(query, local(53), UDP, 5)


async def test_cancelling_whoever_opens_lets_the_next_one_open() -> None:
    server = Counting(answer)
    async with tcp_server(server) as port:
        network = SystemNetwork()
        tries = [asyncio.create_task(network.exchange(question(), local(port), TCP, 5)) for _ in range(3)]
        await asyncio.sleep(0)
        tries[0].cancel()
        results = await asyncio.gather(*tries, return_exceptions=True)
        assert isinstance(results[0], asyncio.CancelledError)
        assert all(isinstance(result, DnsReply) for result in results[1:])
        network.release()


@contextlib.contextmanager
def no_descriptors() -> Iterator[None]:
    """Leave this process no descriptors but those that it holds."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    free = os.open(os.devnull, os.O_RDONLY)
    os.close(free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (free, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.parametrize("transport", list(Transport))
async def test_a_process_without_descriptors_says_so_and_blames_nobody(transport: Transport) -> None:
    client = DnsClient(SystemNetwork(), Settings("", "bob@partner.example"))
    with no_descriptors():
        got = await client.ask(local(9), Question("partner.example", "MX"), transport)
    assert (got.kind, got.error) == (AnswerKind.NO_SOCKET, os.strerror(errno.EMFILE).lower())
    await client.close()


async def test_a_connection_that_was_never_made_answers_nothing() -> None:
    with pytest.raises(ConnectionResetError):
        await DnsConnection().ask(question(), asyncio.get_running_loop().time() + 5)


@given(st.binary(max_size=200), st.booleans())
def test_no_octets_break_the_reader(body: bytes, truncated: bool) -> None:
    query = question(identity=0x1234)
    wire = b"\x12\x34" + (b"\x82" if truncated else b"\x80") + body
    read = read_answer(query, wire)
    assert isinstance(read, str | dns.message.Message)


@given(st.data())
def test_no_change_to_an_answer_breaks_the_reader(data: st.DataObject) -> None:
    query = question(identity=0x1234)
    wire = bytearray(answer_to(query))
    for _ in range(data.draw(st.integers(1, 4))):
        wire[data.draw(st.integers(3, len(wire) - 1))] = data.draw(st.integers(0, 255))
    read = read_answer(query, bytes(wire))
    assert isinstance(read, str | dns.message.Message)


@pytest.mark.parametrize("length", [0, 2, 31, 32, 33, 60_000])
def test_a_tlsa_record_of_any_length_spoils_no_answer(length: int) -> None:
    query = dns.message.make_query("_25._tcp.mx.example.net", "TLSA", id=7)
    name = b"\x03_25\x04_tcp\x02mx\x07example\x03net\x00"
    head = (7).to_bytes(2) + bytes.fromhex("8180 0001 0001 0000 0000")
    data = bytes((3, 1, 1)) + b"\xab" * length
    record = b"\xc0\x0c" + bytes.fromhex("0034 0001 00000e10") + len(data).to_bytes(2) + data
    message = read_answer(query, head + name + bytes.fromhex("0034 0001") + record)
    assert isinstance(message, dns.message.Message)
    assert message.answer[0][0].cert == b"\xab" * length
