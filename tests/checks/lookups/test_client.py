"""How questions are asked: each server by itself, each transport by itself, politely."""

import asyncio
import errno
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest

from smtpdiag_tui.checks.lookups.answers import AnswerKind, EdnsTrouble, Question
from smtpdiag_tui.checks.lookups.client import MAX_AT_ONCE, DnsClient
from smtpdiag_tui.checks.lookups.transports import judge_server, judge_transport
from smtpdiag_tui.network.seam import DnsReply, MalformedAnswerError, Transport
from smtpdiag_tui.settings import DnsServer, Settings
from tests.checks.making import OTHER, SERVER

MX = Question("partner.example", "MX")
A = Question("partner.example", "A")


@dataclass
class Asked:
    """A network that answers by a function and remembers what it was asked."""

    respond: Callable[[dns.message.Message, Transport], dns.message.Message]
    log: list[tuple[str, str, Transport, int, float]] = field(default_factory=list)
    delay: float = 0.0
    under_way: int = 0
    most: int = 0

    def now(self) -> float:
        return 0.0

    async def exchange(
        self, query: dns.message.Message, server: DnsServer, transport: Transport, limit: float
    ) -> DnsReply:
        question = query.question[0]
        self.log.append((server.label, dns.rdatatype.to_text(question.rdtype), transport, query.edns, limit))
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        try:
            await asyncio.sleep(self.delay)
            message = self.respond(query, transport)
        finally:
            self.under_way -= 1
        return DnsReply(message, 60, 0.01)


def good(query: dns.message.Message, _: Transport) -> dns.message.Message:
    reply = dns.message.make_response(query)
    if query.question[0].rdtype == dns.rdatatype.MX:
        reply.answer = [dns.rrset.from_text(query.question[0].name, 300, "IN", "MX", "10 mx.partner.example.")]
    return reply


def client(network: Asked, **settings: object) -> DnsClient:
    return DnsClient(network, Settings("a@b.example", "c@d.example", **settings))  # type: ignore[arg-type]


async def test_a_question_is_asked_once_a_run_and_server_and_transport() -> None:
    network = Asked(good)
    dns_client = client(network)
    for _ in range(3):
        await asyncio.gather(dns_client.pair(SERVER, MX), dns_client.pair(SERVER, MX), dns_client.pair(OTHER, MX))
    assert sorted(entry[:3] for entry in network.log) == sorted(
        (server.label, "MX", transport) for server in (SERVER, OTHER) for transport in Transport
    )
    await dns_client.close()


async def test_edns_is_on_and_udp_gets_2_s_a_try_tcp_5_s() -> None:
    network = Asked(good)
    dns_client = client(network)
    await dns_client.pair(SERVER, MX)
    assert {(entry[2], entry[3], entry[4]) for entry in network.log} == {
        (Transport.UDP, 0, 2.0),
        (Transport.TCP, 0, 5.0),
    }
    await dns_client.close()


async def test_the_limit_given_caps_both() -> None:
    network = Asked(good)
    dns_client = client(network, timeout=0.7)
    await dns_client.pair(SERVER, MX)
    assert {entry[4] for entry in network.log} == {0.7}
    await dns_client.close()


def silent(_: dns.message.Message, __: Transport) -> dns.message.Message:
    raise TimeoutError


async def test_udp_is_tried_three_times_and_once_after_a_question_went_unanswered() -> None:
    network = Asked(silent)
    dns_client = client(network)
    first = await dns_client.ask(SERVER, MX, Transport.UDP)
    assert (first.kind, first.tries) == (AnswerKind.TIMEOUT, 3)
    second = await dns_client.ask(SERVER, A, Transport.UDP)
    assert (second.kind, second.tries) == (AnswerKind.TIMEOUT, 1)
    other = await dns_client.ask(OTHER, A, Transport.UDP)
    assert other.tries == 3
    tcp = await dns_client.ask(SERVER, MX, Transport.TCP)
    assert tcp.tries == 1
    await dns_client.close()


async def test_a_lost_datagram_is_made_good_by_the_second_try() -> None:
    lost = iter([True])

    def once(query: dns.message.Message, transport: Transport) -> dns.message.Message:
        if next(lost, False):
            raise TimeoutError
        return good(query, transport)

    dns_client = client(Asked(once))
    answer = await dns_client.ask(SERVER, MX, Transport.UDP)
    assert (answer.kind, answer.tries) == (AnswerKind.DATA, 2)
    await dns_client.close()


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (ConnectionRefusedError(errno.ECONNREFUSED, "refused"), AnswerKind.CLOSED),
        (ConnectionResetError(errno.ECONNRESET, "reset"), AnswerKind.CLOSED),
        (OSError(errno.EHOSTUNREACH, "unreachable"), AnswerKind.UNREACHABLE),
        (OSError(errno.ENETUNREACH, "unreachable"), AnswerKind.UNREACHABLE),
        (MalformedAnswerError("it has no question"), AnswerKind.MALFORMED),
        (TimeoutError(), AnswerKind.TIMEOUT),
    ],
)
async def test_ways_to_fail_stay_apart(error: Exception, kind: AnswerKind) -> None:
    def fail(_: dns.message.Message, __: Transport) -> dns.message.Message:
        raise error

    dns_client = client(Asked(fail))
    assert (await dns_client.ask(SERVER, MX, Transport.TCP)).kind is kind
    await dns_client.close()


async def test_no_ipv6_route_is_known_from_connecting_alone() -> None:
    def fail(_: dns.message.Message, __: Transport) -> dns.message.Message:
        raise OSError(errno.ENETUNREACH, "unreachable")

    dns_client = client(Asked(fail))
    answer = await dns_client.ask(DnsServer("2001:db8::53"), MX, Transport.UDP)
    assert answer.kind is AnswerKind.NO_ROUTE
    await dns_client.close()


@pytest.mark.parametrize(
    ("rcode", "kind"),
    [
        (dns.rcode.NOERROR, AnswerKind.NODATA),
        (dns.rcode.NXDOMAIN, AnswerKind.NXDOMAIN),
        (dns.rcode.SERVFAIL, AnswerKind.SERVFAIL),
        (dns.rcode.REFUSED, AnswerKind.REFUSED),
        (dns.rcode.YXDOMAIN, AnswerKind.OTHER),
    ],
)
async def test_answers_stay_apart(rcode: dns.rcode.Rcode, kind: AnswerKind) -> None:
    def respond(query: dns.message.Message, _: Transport) -> dns.message.Message:
        reply = dns.message.make_response(query)
        reply.set_rcode(rcode)
        return reply

    dns_client = client(Asked(respond))
    assert (await dns_client.ask(SERVER, MX, Transport.UDP)).kind is kind
    await dns_client.close()


async def test_formerr_is_asked_once_more_without_edns() -> None:
    def old(query: dns.message.Message, transport: Transport) -> dns.message.Message:
        if query.edns >= 0:
            reply = dns.message.make_response(query)
            reply.set_rcode(dns.rcode.FORMERR)
            return reply
        return good(query, transport)

    network = Asked(old)
    dns_client = client(network)
    answer = await dns_client.ask(SERVER, MX, Transport.UDP)
    assert (answer.kind, answer.edns) == (AnswerKind.DATA, False)
    assert [entry[3] for entry in network.log] == [0, -1]
    await dns_client.close()


async def test_no_more_than_8_questions_are_outstanding_at_one_server() -> None:
    network = Asked(good, delay=0.01)
    dns_client = client(network)
    questions = [Question(f"n{number}.example", "A") for number in range(40)]
    await asyncio.gather(*(dns_client.ask(SERVER, question, Transport.TCP) for question in questions))
    assert network.most == 8
    await dns_client.close()


async def test_questions_about_a_dead_domain_do_not_hold_up_the_others() -> None:
    network = Sluggish(good, slow={f"n{number}.dead.example": 100.0 for number in range(20)})
    dns_client = client(network)
    dead = [Question(f"n{number}.dead.example", "MX") for number in range(20)]
    waiting = [asyncio.ensure_future(dns_client.ask(SERVER, question, Transport.UDP)) for question in dead]
    await asyncio.sleep(0)
    begun = asyncio.get_running_loop().time()
    assert (await dns_client.ask(SERVER, MX, Transport.UDP)).kind is AnswerKind.DATA
    assert asyncio.get_running_loop().time() - begun < 3 * 2.0 + 0.5  # a try each of those before it
    for task in waiting:
        task.cancel()
    await dns_client.close()


async def test_only_so_many_questions_are_under_way_at_all_servers() -> None:
    network = Asked(good, delay=0.01)
    dns_client = client(network)
    servers = [DnsServer(f"192.0.2.{number}") for number in range(100)]
    question = Question("partner.example", "SOA", recurse=False)
    await asyncio.gather(*(dns_client.pair(server, question) for server in servers))
    assert network.most == MAX_AT_ONCE
    assert len(network.log) == 200
    await dns_client.close()


async def test_silent_name_servers_hold_up_no_resolver() -> None:
    class Silent(Asked):
        async def exchange(
            self, query: dns.message.Message, server: DnsServer, transport: Transport, limit: float
        ) -> DnsReply:
            self.delay = 0 if server == SERVER else 30
            return await super().exchange(query, server, transport, limit)

    dns_client = client(Silent(good))
    question = Question("partner.example", "SOA", recurse=False)
    servers = [DnsServer(f"192.0.2.{number}") for number in range(100, 200)]
    waiting = [asyncio.ensure_future(dns_client.pair(server, question)) for server in servers]
    await asyncio.sleep(0)
    answer = await asyncio.wait_for(dns_client.ask(SERVER, MX, Transport.UDP), 5)
    assert answer.kind is AnswerKind.DATA
    for task in waiting:
        task.cancel()
    await dns_client.close()


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "169.254.169.254", "64:ff9b:1::7f00:1"])
async def test_a_name_server_is_checked_again_when_it_is_asked_and_a_resolver_is_not(address: str) -> None:
    network = Asked(good)
    dns_client = client(network)
    server = DnsServer(address)
    pair = await dns_client.pair(server, Question("partner.example", "MX", recurse=False))
    assert {pair.udp.kind, pair.tcp.kind} == {AnswerKind.NOT_ASKED}
    assert network.log == []
    assert (await dns_client.ask(server, MX, Transport.UDP)).kind is AnswerKind.DATA
    await dns_client.close()


@pytest.mark.parametrize("number", [errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM])
async def test_no_socket_left_is_a_kind_of_its_own(number: int) -> None:
    def fails(_: dns.message.Message, __: Transport) -> dns.message.Message:
        raise OSError(number, "x")

    dns_client = client(Asked(fails))
    pair = await dns_client.pair(SERVER, MX)
    assert {pair.udp.kind, pair.tcp.kind} == {AnswerKind.NO_SOCKET}
    assert [item.code for item in judge_server([pair])] == ["machine-limit"]
    assert judge_transport([pair], Transport.UDP) == judge_transport([pair], Transport.TCP) == ()
    await dns_client.close()


@pytest.mark.parametrize("short", list(Transport))
async def test_no_socket_for_one_transport_is_no_failure_of_that_transport(short: Transport) -> None:
    def fails(query: dns.message.Message, transport: Transport) -> dns.message.Message:
        if transport is short:
            raise OSError(errno.EMFILE, "x")
        return good(query, transport)

    dns_client = client(Asked(fails))
    pair = await dns_client.pair(SERVER, MX)
    found = [*judge_server([pair]), *(item for way in Transport for item in judge_transport([pair], way))]
    assert [item.code for item in found] == ["machine-limit"]
    await dns_client.close()


async def test_routing_goes_on_with_the_first_usable_answer() -> None:
    class Slow(Asked):
        async def exchange(
            self, query: dns.message.Message, server: DnsServer, transport: Transport, limit: float
        ) -> DnsReply:
            self.delay = 30 if transport is Transport.UDP else 0
            return await super().exchange(query, server, transport, limit)

    dns_client = client(Slow(good))
    answer = await asyncio.wait_for(dns_client.first_usable([SERVER], MX), 5)
    assert answer is not None
    assert (answer.transport, answer.kind) == (Transport.TCP, AnswerKind.DATA)
    assert await dns_client.first_usable([], MX) is None
    await dns_client.close()


async def test_tcp_is_not_asked_where_udp_is_quick() -> None:
    network = Asked(good)
    dns_client = client(network)
    await dns_client.first_usable([SERVER], MX)
    assert [entry[2] for entry in network.log] == [Transport.UDP]
    await dns_client.close()


async def test_the_second_server_is_followed_where_the_first_has_no_usable_answer() -> None:
    class Both(Asked):
        async def exchange(
            self, query: dns.message.Message, server: DnsServer, transport: Transport, limit: float
        ) -> DnsReply:
            self.respond = good if server == OTHER else silent
            return await super().exchange(query, server, transport, limit)

    dns_client = client(Both(good))
    answer = await dns_client.first_usable([SERVER, OTHER], MX)
    assert answer is not None
    assert answer.server == OTHER
    await dns_client.close()


async def test_who_was_silent_once_is_asked_last_and_counts_first_where_nobody_knows() -> None:
    class Network(Asked):
        async def exchange(
            self, query: dns.message.Message, server: DnsServer, transport: Transport, limit: float
        ) -> DnsReply:
            reply = await super().exchange(query, server, transport, limit)
            if server == SERVER and query.question[0].rdtype != dns.rdatatype.SOA:
                raise TimeoutError
            return reply

    network = Network(good)
    dns_client = client(network)
    first = await dns_client.first_usable([SERVER, OTHER], MX)
    assert first is not None
    assert first.server == OTHER
    asked = len(network.log)
    second = await dns_client.first_usable([SERVER, OTHER], A)
    assert second is not None
    assert second.server == OTHER
    assert [entry[0] for entry in network.log[asked:]] == [OTHER.label]
    alone = await dns_client.first_usable([SERVER], A)
    assert alone is not None
    assert alone.kind is AnswerKind.TIMEOUT
    await dns_client.close()


async def test_a_domain_that_was_waited_for_in_vain_is_not_waited_for_again() -> None:
    def only_others(query: dns.message.Message, transport: Transport) -> dns.message.Message:
        if query.question[0].name.to_text().endswith("partner.example."):
            raise TimeoutError
        return good(query, transport)

    network = Asked(only_others)
    dns_client = client(network)
    await dns_client.pair(SERVER, Question("differ.example", "MX"))
    await dns_client.pair(SERVER, MX)
    assert max(entry[4] for entry in network.log) == 12.0
    asked = len(network.log)
    for question in (A, Question("ns1.partner.example", "A")):
        await dns_client.pair(SERVER, question)
    assert [entry[4] for entry in network.log[asked:]] == [2.0, 5.0] * 2
    await dns_client.close()


async def test_one_type_that_nothing_is_said_of_does_not_make_a_domain_silent() -> None:
    def no_mx(query: dns.message.Message, transport: Transport) -> dns.message.Message:
        if query.question[0].rdtype == dns.rdatatype.MX:
            raise TimeoutError
        return good(query, transport)

    network = Asked(no_mx)
    dns_client = client(network)
    await dns_client.pair(SERVER, A)
    await dns_client.pair(SERVER, MX)
    answer = await dns_client.first_usable([SERVER, OTHER], Question(MX.name, "AAAA"))
    assert answer is not None
    assert answer.server == SERVER
    await dns_client.close()


async def test_answers_that_differ_are_asked_for_once_more() -> None:
    asked = iter(["10 a.", "10 b.", "10 c.", "10 c."])

    def changing(query: dns.message.Message, _: Transport) -> dns.message.Message:
        reply = dns.message.make_response(query)
        reply.answer = [dns.rrset.from_text(query.question[0].name, 300, "IN", "MX", next(asked))]
        return reply

    dns_client = client(Asked(changing))
    pair = await dns_client.pair(SERVER, MX)
    assert not pair.differ
    await dns_client.close()


@dataclass
class Sluggish(Asked):
    """A network that takes so many seconds to answer about some names."""

    slow: dict[str, float] = field(default_factory=dict)

    async def exchange(
        self, query: dns.message.Message, server: DnsServer, transport: Transport, limit: float
    ) -> DnsReply:
        seconds = self.slow.get(query.question[0].name.to_text(omit_final_dot=True), 0.0)
        if seconds > limit:
            await super().exchange(query, server, transport, limit)
            await asyncio.sleep(limit)
            raise TimeoutError
        await asyncio.sleep(seconds)
        return await super().exchange(query, server, transport, limit)


DEAD = Question("dead.example", "MX")


def waits(network: Asked, transport: Transport) -> list[float]:
    return [entry[4] for entry in network.log if entry[2] is transport]


async def test_a_resolver_that_answers_others_has_longer_for_the_last_try_of_a_slow_domain() -> None:
    network = Sluggish(good, slow={"dead.example": 10.0})
    dns_client = client(network)
    await dns_client.pair(SERVER, MX)
    network.log.clear()
    pair = await dns_client.pair(SERVER, DEAD)
    assert (pair.udp.kind, pair.tcp.kind) == (AnswerKind.DATA, AnswerKind.TIMEOUT)
    assert waits(network, Transport.UDP) == [2.0, 2.0, 12.0, 2.0]  # the last one to see whether EDNS matters
    assert waits(network, Transport.TCP) == [5.0, 7.0]
    await dns_client.close()


@pytest.mark.parametrize("recurse", [True, False])
async def test_where_nothing_is_answered_nobody_waits_longer_nor_at_a_name_server(recurse: bool) -> None:
    network = Sluggish(good, slow={"dead.example": 100.0})
    dns_client = client(network)
    if not recurse:
        await dns_client.pair(SERVER, MX)
    network.log.clear()
    await dns_client.pair(SERVER, Question("dead.example", "MX", recurse=recurse))
    assert waits(network, Transport.UDP) == [2.0, 2.0, 2.0]
    assert waits(network, Transport.TCP) == [5.0]
    await dns_client.close()


async def test_no_try_waits_longer_than_the_limit_given() -> None:
    network = Sluggish(good, slow={"dead.example": 100.0})
    dns_client = client(network, timeout=3)
    await dns_client.pair(SERVER, MX)
    network.log.clear()
    await dns_client.pair(SERVER, DEAD)
    assert waits(network, Transport.UDP) == [2.0, 2.0, 3.0]
    assert waits(network, Transport.TCP) == [3.0]
    await dns_client.close()


async def test_a_closed_udp_port_is_told_at_once_for_every_question() -> None:
    told = iter([True])

    class Refusing(Asked):
        async def exchange(
            self, query: dns.message.Message, server: DnsServer, transport: Transport, limit: float
        ) -> DnsReply:
            if next(told, False):
                raise ConnectionRefusedError(errno.ECONNREFUSED, "refused")
            await asyncio.sleep(limit)  # the host tells of one datagram only
            raise TimeoutError

    dns_client = client(Refusing(good))
    loop = asyncio.get_running_loop()
    begun = loop.time()
    first = await asyncio.gather(*(dns_client.ask(SERVER, item, Transport.UDP) for item in (MX, A, DEAD)))
    second = await dns_client.ask(SERVER, Question("other.example", "A"), Transport.UDP)
    assert loop.time() - begun < 1.9
    assert {item.kind for item in (*first, second)} == {AnswerKind.CLOSED}
    assert {item.error for item in (*first, second)} == {"connection refused"}
    await dns_client.close()


async def test_a_server_that_was_starting_is_no_closed_port() -> None:
    told = iter([True])

    def restarting(query: dns.message.Message, transport: Transport) -> dns.message.Message:
        if next(told, False):
            raise ConnectionRefusedError(errno.ECONNREFUSED, "refused")
        return good(query, transport)

    dns_client = client(Asked(restarting))
    assert (await dns_client.ask(SERVER, MX, Transport.UDP)).kind is AnswerKind.CLOSED
    assert (await dns_client.ask(SERVER, A, Transport.UDP)).kind is AnswerKind.NODATA
    await dns_client.close()


async def test_a_connection_that_is_refused_says_nothing_about_the_next() -> None:
    told = iter([True])

    def busy(query: dns.message.Message, transport: Transport) -> dns.message.Message:
        if next(told, False):
            raise ConnectionRefusedError(errno.ECONNREFUSED, "refused")
        return good(query, transport)

    network = Asked(busy)
    dns_client = client(network)
    assert (await dns_client.ask(SERVER, MX, Transport.TCP)).kind is AnswerKind.CLOSED
    assert (await dns_client.ask(SERVER, A, Transport.TCP)).kind is AnswerKind.NODATA
    await dns_client.close()


def only_plain(
    *, over: Sequence[Transport] = tuple(Transport), kind: dns.rcode.Rcode | None = None
) -> Callable[[dns.message.Message, Transport], dns.message.Message]:
    """Return a server, or a path to it, that fails queries with EDNS: by silence, or with an rcode."""

    def respond(query: dns.message.Message, transport: Transport) -> dns.message.Message:
        if query.edns < 0 or transport not in over:
            return good(query, transport)
        if kind is None:
            raise TimeoutError
        reply = dns.message.make_response(query)
        reply.set_rcode(kind)
        return reply

    return respond


async def test_a_firewall_here_that_takes_queries_with_edns_drops_them_too() -> None:
    def filtered(query: dns.message.Message, transport: Transport) -> dns.message.Message:
        if query.edns >= 0:
            raise PermissionError(errno.EPERM, "not permitted")
        return good(query, transport)

    dns_client = client(Asked(filtered))
    answer = await dns_client.ask(SERVER, MX, Transport.UDP)
    assert (answer.kind, answer.edns_trouble) == (AnswerKind.DATA, EdnsTrouble.DROPPED)
    await dns_client.close()


@pytest.mark.parametrize("kind", [None, dns.rcode.SERVFAIL])
async def test_queries_with_edns_that_all_fail_are_dropped_and_the_answer_without_is_followed(
    kind: dns.rcode.Rcode | None,
) -> None:
    network = Asked(only_plain(kind=kind))
    dns_client = client(network)
    pair = await dns_client.pair(SERVER, MX)
    assert (pair.udp.kind, pair.udp.edns_trouble) == (AnswerKind.DATA, EdnsTrouble.DROPPED)
    network.log.clear()
    later = await dns_client.ask(SERVER, A, Transport.UDP)
    assert (later.kind, later.edns_trouble) == (AnswerKind.NODATA, EdnsTrouble.DROPPED)
    assert [entry[3] for entry in network.log] == [-1]  # known by now
    await dns_client.close()


async def test_edns_may_be_dropped_over_udp_alone() -> None:
    dns_client = client(Asked(only_plain(over=[Transport.UDP])))
    pair = await dns_client.pair(SERVER, MX)
    assert (pair.udp.edns_trouble, pair.tcp.edns_trouble) == (EdnsTrouble.DROPPED, None)
    await dns_client.close()


@pytest.mark.parametrize("lost", [1, 2])
async def test_datagrams_that_are_lost_by_chance_do_not_mean_that_edns_is_dropped(lost: int) -> None:
    losses = iter([True] * lost)

    def lossy(query: dns.message.Message, transport: Transport) -> dns.message.Message:
        if next(losses, False):
            raise TimeoutError
        return good(query, transport)

    dns_client = client(Asked(lossy))
    answer = await dns_client.ask(SERVER, MX, Transport.UDP)
    assert (answer.kind, answer.edns_trouble) == (AnswerKind.DATA, None)
    await dns_client.close()


async def test_a_domain_that_fails_with_and_without_edns_is_not_dropped() -> None:
    def fails(query: dns.message.Message, _: Transport) -> dns.message.Message:
        reply = dns.message.make_response(query)
        reply.set_rcode(dns.rcode.SERVFAIL)
        return reply

    network = Asked(fails)
    dns_client = client(network)
    answer = await dns_client.ask(SERVER, MX, Transport.UDP)
    assert (answer.kind, answer.edns_trouble) == (AnswerKind.SERVFAIL, None)
    assert [entry[3] for entry in network.log] == [0, -1]
    await dns_client.close()


async def test_a_domain_that_fails_at_a_resolver_that_is_well_is_not_asked_for_again() -> None:
    def fails(query: dns.message.Message, transport: Transport) -> dns.message.Message:
        if "dead" not in str(query.question[0].name):
            return good(query, transport)
        reply = dns.message.make_response(query)
        reply.set_rcode(dns.rcode.SERVFAIL)
        return reply

    network = Asked(fails)
    dns_client = client(network)
    await dns_client.ask(SERVER, MX, Transport.UDP)
    assert (await dns_client.ask(SERVER, DEAD, Transport.UDP)).kind is AnswerKind.SERVFAIL
    assert len(network.log) == 2
    await dns_client.close()


async def test_large_datagrams_that_are_lost_are_no_dead_transport() -> None:
    def narrow(query: dns.message.Message, transport: Transport) -> dns.message.Message:
        if query.question[0].rdtype != dns.rdatatype.MX or transport is Transport.TCP:
            return good(query, transport)
        if query.edns >= 0:
            raise TimeoutError
        reply = dns.message.make_response(query)
        reply.flags |= dns.flags.TC
        return reply

    dns_client = client(Asked(narrow))
    small = await dns_client.pair(SERVER, A)
    large = await dns_client.pair(SERVER, MX)
    assert small.udp.edns_trouble is None
    assert (large.udp.kind, large.udp.edns_trouble) == (AnswerKind.TRUNCATED, EdnsTrouble.TOO_LARGE)
    assert large.best.kind is AnswerKind.DATA
    found = judge_transport([small, large], Transport.UDP)
    assert [item.code for item in found] == ["dns-udp-size-limited"]
    await dns_client.close()


async def test_a_question_may_ask_for_what_is_not_checked_and_without_edns() -> None:
    seen: list[tuple[bool, int]] = []

    def look(query: dns.message.Message, transport: Transport) -> dns.message.Message:
        seen.append((bool(query.flags & dns.flags.CD), query.edns))
        return good(query, transport)

    dns_client = client(Asked(look))
    for question in (MX, replace(MX, checking=False), replace(MX, edns=False)):
        await dns_client.ask(SERVER, question, Transport.UDP)
    assert seen == [(False, 0), (True, 0), (False, -1)]
    await dns_client.close()
