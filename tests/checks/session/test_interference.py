"""A device on the path: what gives it away, beside the many things that look like it and are none."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from smtpdiag_tui.checks.session.attempts import attempt
from smtpdiag_tui.checks.session.interference import (
    HostSessions,
    judge_commands,
    judge_greeting,
    judge_hosts,
    judge_session,
    masked,
    masked_banner,
    masked_keywords,
    proxy,
    too_early,
)
from smtpdiag_tui.checks.session.phases import judge_phase
from smtpdiag_tui.checks.session.session import AttemptResult, Exchange, Phase, SessionObservation, Target
from smtpdiag_tui.network.seam import TrustStore
from smtpdiag_tui.report.findings import Side
from tests.checks.making import codes, exchange, reply, session

NOW = datetime(2026, 11, 24, tzinfo=UTC)
NAMES = ("mx.partner.example", "partner.example")
MASK = "220 " + "*" * 47
PIX = "220 ****************0***2**************2002**0*0*00"
READY = "220 mx.partner.example ESMTP Postfix"
EHLO = b"EHLO mail.sender.example"
OVERWRITTEN = '500 5.5.1 Command unrecognized: "XXXX mail.sender.example"'
PROXY = "220 smtp-out.isp.example ESMTP proxy"


def greeted(*lines: str) -> Exchange:
    return exchange(Phase.GREETING, *lines)


def ehlo(*lines: str, command: bytes = EHLO, tls: bool = False) -> Exchange:
    return exchange(Phase.EHLO, *lines, command=command, tls=tls)


def judged(seen: SessionObservation, phase: Phase) -> list[str]:
    return codes(judge_phase(seen, phase, TrustStore(), NOW, ("mx.partner.example",)))


def on(host: str, address: str, *exchanges: Exchange) -> SessionObservation:
    return replace(session(*exchanges), target=Target(host, address, 25, host))


@pytest.mark.parametrize(
    "lines",
    [
        (MASK,),
        (PIX,),
        ("220 ************************ ****** ** ***",),
        ("220 ***",),
        ("220-****************", "220-", "220 ****2*********0**"),
        ("554 ********************",),
    ],
)
def test_a_masked_banner_is_a_firewalls(lines: tuple[str, ...]) -> None:
    [found] = judge_greeting(session(greeted(*lines)))
    assert (found.code, found.severity, found.side) == ("path-interference", "warning", Side.PATH)
    assert found.reason == "path-interference"
    assert found.message == "mx.partner.example sent a banner masked by a firewall"
    assert found.evidence == lines


@pytest.mark.parametrize(
    "lines",
    [
        (READY,),
        ("220 mx ESMTP",),
        ("220 mx.partner.example ESMTP *",),
        ("220 mx.partner.example ****************************",),
        ("220 *** Welcome ***",),
        ("220 *",),
        ("220 ",),
        ("220",),
        ("220 2002 2000 2",),
        ("220-************************************", "220-* Authorised use only *", "220 ********************"),
        ("220-mx.partner.example ESMTP", "220 mx.partner.example ESMTP Postfix"),
        ("220 XXXXXXXX ESMTP",),
    ],
)
def test_other_banners_are_not_masked(lines: tuple[str, ...]) -> None:
    assert judge_greeting(session(greeted(*lines))) == ()


def test_without_a_greeting_there_is_no_mask() -> None:
    assert judge_greeting(session()) == ()
    assert not masked_banner(None)


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (("250-mx.partner.example", "250-SIZE", "250-XXXXXXXA", "250 XXXB"), "EHLO keywords"),
        (("250-mx.partner.example", "250 XXXXXXXX 1000"), "EHLO keywords"),
        (("250-mx.partner.example", "250 ********"), "EHLO keywords"),
        ((OVERWRITTEN,), "overwrote EHLO"),
        (("500 Syntax error, command 'XXXX' unrecognized",), "overwrote EHLO"),
    ],
)
def test_a_rewritten_ehlo_is_a_firewalls(lines: tuple[str, ...], words: str) -> None:
    [found] = judge_commands(session(greeted(READY), ehlo(*lines)), Phase.EHLO)
    assert (found.code, found.side) == ("path-interference", Side.PATH)
    assert words in found.message
    assert found.evidence == lines


@pytest.mark.parametrize(
    ("lines", "command"),
    [
        (("250-mx.partner.example", "250-XCLIENT NAME ADDR", "250-XFORWARD", "250-XEXCH50", "250 X"), EHLO),
        (("250-mx.partner.example", "250-XX", "250 X-LINK2STATE"), EHLO),
        (("250-XXXX", "250 SIZE"), EHLO),
        (("500 5.5.1 Command unrecognized",), EHLO),
        (("502 5.5.2 Error: command not recognized",), EHLO),
        (("501 5.5.4 XXXX.sender.example is no name",), EHLO),
        (("501 5.5.4 Invalid name XXXX",), b"EHLO XXXX"),
        (("421 4.7.0 XXXX try later",), EHLO),
    ],
)
def test_other_replies_to_ehlo_are_the_servers(lines: tuple[str, ...], command: bytes) -> None:
    assert judge_commands(session(greeted(READY), ehlo(*lines, command=command)), Phase.EHLO) == ()


def test_a_server_that_does_not_know_ehlo_behind_a_mask_is_told_as_that() -> None:
    refused = ehlo("502 5.5.2 Error: command not recognized")
    [found] = judge_commands(session(greeted(MASK), refused), Phase.EHLO)
    assert found.message == "mx.partner.example rejected EHLO behind a firewall that masks its banner"
    policy = ehlo("550 5.7.1 no mail from you")
    assert judge_commands(session(greeted(MASK), policy), Phase.EHLO) == ()


def test_an_overwritten_starttls_is_told_where_it_was_sent() -> None:
    offers = ehlo("250-mx.partner.example", "250 STARTTLS")
    command = exchange(Phase.STARTTLS, '500 5.5.1 Command unrecognized: "XXXXXXXX"', command=b"STARTTLS")
    seen = session(greeted(READY), offers, command)
    assert judged(seen, Phase.STARTTLS) == ["starttls-refused", "path-interference"]
    plain = replace(command, reply=reply("454 4.7.0 TLS not available"))
    assert judged(session(greeted(READY), offers, plain), Phase.STARTTLS) == ["starttls-refused"]


def test_what_comes_under_tls_is_the_servers() -> None:
    seen = session(greeted(READY), ehlo("250-mx", "250 XXXXXXXA", tls=True))
    assert judge_commands(seen, Phase.EHLO) == ()


def test_starttls_that_a_firewall_may_have_removed_is_the_paths_affair() -> None:
    hidden = session(greeted(READY), ehlo("250-mx.partner.example", "250 XXXXXXXA"))
    [found] = judge_phase(hidden, Phase.STARTTLS, TrustStore(), NOW, ("mx.partner.example",))
    assert (found.code, found.side) == ("starttls-not-offered", Side.PATH)
    plain = session(greeted(READY), ehlo("250-mx.partner.example", "250 SIZE"))
    [found] = judge_phase(plain, Phase.STARTTLS, TrustStore(), NOW, ("mx.partner.example",))
    assert (found.code, found.side, masked(plain)) == ("starttls-not-offered", Side.RECIPIENT, False)


def test_behind_a_firewall_the_servers_reply_decides() -> None:
    helo = ehlo("250 mx.partner.example", command=b"HELO mail.sender.example")
    before = (greeted(MASK), ehlo(OVERWRITTEN), helo, exchange(Phase.MAIL, "250 ok"))
    accepted = session(*before, exchange(Phase.RCPT, "250 2.1.5 ok"))
    assert judged(accepted, Phase.GREETING) == ["path-interference"]
    assert judged(accepted, Phase.EHLO) == ["ehlo-rejected", "path-interference"]
    assert judged(accepted, Phase.RCPT) == ["recipient-accepted"]
    assert attempt(accepted).result is AttemptResult.ACCEPTED
    greylisted = session(*before, exchange(Phase.RCPT, "450 4.2.0 Greylisted, try again in 300 seconds"))
    assert judged(greylisted, Phase.GREETING) == ["path-interference"]
    assert judged(greylisted, Phase.RCPT) == ["greylisted"]
    assert attempt(greylisted).result is AttemptResult.TRANSIENT


@pytest.mark.parametrize(
    ("lines", "speaker"),
    [
        ((PROXY,), "smtp-out.isp.example"),
        (("220 Gate7.isp.example. SMTP proxy ready",), "gate7.isp.example"),
        (("220 smtp-out.isp.example outgoing mail gateway",), "smtp-out.isp.example"),
        (("220-smtp-out.isp.example ESMTP", "220 We relay your outgoing mail"), "smtp-out.isp.example"),
        (("220 Transparent SMTP proxy",), ""),
        (("421 smtp-out.isp.example ESMTP proxy: too many connections from 192.0.2.10",), "smtp-out.isp.example"),
    ],
)
def test_a_proxy_says_what_it_is(lines: tuple[str, ...], speaker: str) -> None:
    assert proxy(reply(*lines), NAMES) == speaker
    [found] = judge_session(session(greeted(*lines)), NAMES, certified=False)
    assert (found.code, found.side) == ("path-interference", Side.PATH)
    assert speaker in found.message


@pytest.mark.parametrize(
    "lines",
    [
        (READY,),
        ("220 mx ESMTP",),
        ("220 cluster4.hosted.example ESMTP ready",),
        ("220 lb7.cloud.example Microsoft ESMTP MAIL Service ready at Tue, 24 Nov 2026 04:20:00 +0000",),
        ("220 proxy3.hosted.example ESMTP Postfix",),
        ("220 filter.hosted.example ESMTP Mail Gateway",),
        ("220 mx2.partner.example ESMTP proxy",),
        ("220 ESMTP proxy ready",),
        ("220 pve.hosted.example ESMTP Proxmox",),
        ("220 [192.0.2.25] ESMTP proxy",),
        ("220 192.0.2.25 ESMTP proxy",),
        ("220-mx1.partner.example ESMTP postscreen", "220 mx1.partner.example ESMTP"),
        ("220",),
    ],
)
def test_another_name_alone_is_no_proxy(lines: tuple[str, ...]) -> None:
    assert judge_session(session(greeted(*lines)), NAMES, certified=False) == ()


def test_whom_the_mail_goes_to_is_no_proxy() -> None:
    hosted = (*NAMES, "mx.isp.example")  # the MX host is an alias of the provider's
    assert judge_session(session(greeted(PROXY)), hosted, certified=False) == ()
    assert judge_session(session(greeted(PROXY)), NAMES, certified=True) == ()
    assert judge_session(session(greeted(PROXY)), (), certified=False) == ()


def test_a_proxys_refusal_and_rate_limit_still_decide() -> None:
    refused = session(greeted(PROXY), ehlo("250 smtp-out.isp.example"), exchange(Phase.RCPT, "550 5.7.1 no"))
    assert codes(judge_session(refused, NAMES, certified=False)) == ["path-interference"]
    assert attempt(refused).result is AttemptResult.REJECTED
    limited = session(greeted("421 smtp-out.isp.example ESMTP proxy: too many connections from 192.0.2.10"))
    assert codes(judge_session(limited, NAMES, certified=False)) == ["path-interference"]
    assert judged(limited, Phase.GREETING) == ["rate-limited"]


def timed(*seconds: float, round_trip: float | None) -> SessionObservation:
    phases = (Phase.EHLO, Phase.MAIL, Phase.RCPT, Phase.QUIT)
    commands = (EHLO, b"MAIL FROM:<>", b"RCPT TO:<>", b"QUIT")
    replies = [
        exchange(phase, "250 ok", command=command, seconds=took)
        for phase, command, took in zip(phases, commands, seconds, strict=False)
    ]
    return session(exchange(Phase.GREETING, READY, seconds=0.0), *replies, round_trip=round_trip)


def test_replies_that_are_faster_than_the_way_come_from_nearer() -> None:
    seen = timed(0.0002, 0.0003, 0.0002, 0.0002, round_trip=0.08)
    [found] = judge_session(seen, NAMES, certified=False)
    assert (found.code, found.side) == ("path-interference", Side.PATH)
    assert found.evidence[0] == "EHLO: reply after 0.2 ms"
    assert found.evidence[-1] == "round trip of the connection: 80 ms"


@pytest.mark.parametrize(
    "seen",
    [
        timed(0.0002, 0.081, 0.082, 0.081, round_trip=0.08),
        timed(0.0002, 0.0002, 0.082, 0.081, round_trip=0.08),
        timed(0.0001, 0.0001, 0.0001, 0.0001, round_trip=0.0001),
        timed(0.0001, 0.0001, 0.0001, 0.0001, round_trip=0.02),
        timed(0.0001, 0.0001, 0.0001, 0.0001, round_trip=None),
        timed(0.03, 0.03, 0.03, 0.03, round_trip=0.08),
        timed(9.0, 9.0, 9.0, 9.0, round_trip=0.08),
    ],
    ids=["once", "twice", "loopback", "near", "not measured", "a little sooner", "a tarpit"],
)
def test_other_times_say_nothing(seen: SessionObservation) -> None:
    assert too_early(seen) == ()


def test_replies_that_nobody_asked_for_count_from_the_second() -> None:
    once = exchange(Phase.EHLO, "250 mx", command=EHLO, unexpected=b"250 2.1.0 ok\r\n")
    twice = exchange(Phase.MAIL, "250 ok", command=b"MAIL FROM:<>", unexpected=b"250 2.1.5 ok\r\n")
    other = replace(twice, unexpected=b"hello there\r\n")
    assert too_early(session(greeted(READY), once)) == ()
    assert too_early(session(greeted(READY), once, other)) == ()
    assert len(too_early(session(greeted(READY), once, twice))) == 2


def hosts(*seen: SessionObservation, certified: frozenset[str] = frozenset()) -> list[HostSessions]:
    return [HostSessions((item.target.host,), (item,), certified) for item in seen]


ISP = "220 mail{}.isp.example ESMTP ready"


def test_unrelated_hosts_do_not_share_the_banner_of_a_third() -> None:
    pair = (
        on("mx.partner.example", "192.0.2.25", greeted(ISP.format(1))),
        on("mx.backup.example", "198.51.100.25", greeted(ISP.format(2))),
    )
    [found] = judge_hosts(hosts(*pair), "partner.example")
    assert (found.code, found.side) == ("path-interference", Side.PATH)
    assert found.message == "Unrelated MX hosts show the same banner, isp.example"
    assert found.evidence[0] == "mx.partner.example [192.0.2.25]: 220 mail1.isp.example ESMTP ready"
    assert judge_hosts(hosts(*pair, certified=frozenset({"192.0.2.25"})), "partner.example") == ()
    assert judge_hosts(hosts(*pair), "isp.example") == ()


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("mx1.partner.example", "192.0.2.25", ISP), ("mx2.partner.example", "198.51.100.25", ISP)),
        (("mx.partner.example", "192.0.2.25", ISP), ("mx.backup.example", "192.0.2.26", ISP)),
        (("mx.partner.example", "192.0.2.25", ISP), ("mx.isp.example", "198.51.100.25", ISP)),
        (("mx.partner.example", "192.0.2.25", "220 ESMTP"), ("mx.backup.example", "198.51.100.25", "220 ESMTP")),
        (("mx.partner.example", "192.0.2.25", ISP), ("mx.backup.example", "198.51.100.25", "220 mx2 ESMTP")),
        (("mx.partner.example", "192.0.2.25", MASK), ("mx.backup.example", "198.51.100.25", MASK)),
    ],
    ids=["one operator", "one network", "the third is one of them", "no name", "different", "masked"],
)
def test_other_hosts_may_greet_alike(first: tuple[str, str, str], second: tuple[str, str, str]) -> None:
    seen = [on(host, address, greeted(line.format(1))) for host, address, line in (first, second)]
    assert judge_hosts(hosts(*seen), "partner.example") == ()


def test_an_alias_tells_whose_a_host_is() -> None:
    seen = [
        HostSessions(
            ("mx.partner.example", "a.hosted.example"), (on("mx.partner.example", "192.0.2.25", greeted(ISP)),)
        ),
        HostSessions(
            ("mx.backup.example", "b.hosted.example"), (on("mx.backup.example", "203.0.113.25", greeted(ISP)),)
        ),
    ]
    assert judge_hosts(seen, "partner.example") == ()


def test_a_nameless_proxy_before_unrelated_hosts_is_one() -> None:
    line = "220 ESMTP proxy ready"
    pair = [
        on("mx.partner.example", "192.0.2.25", greeted(line)),
        on("mx.backup.example", "198.51.100.25", greeted(line)),
    ]
    assert codes(judge_hosts(hosts(*pair), "partner.example")) == ["path-interference"]


def test_a_hostile_banner_is_cut_and_never_raw() -> None:
    flood = session(
        greeted("220-" + "\x1b" * 60_000, "220 " + "proxy \x1b" * 9000), ehlo("250-x", "250 " + "X" * 9000)
    )
    for item in (*judge_session(flood, NAMES, certified=False), *judge_commands(flood, Phase.EHLO)):
        assert item.message.isprintable()
        assert len(item.message) < 200
    assert masked_keywords(reply("250-a", "250 \x1b")) == ()
