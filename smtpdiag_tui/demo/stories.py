"""The stories that the demo tells: one recipient each. Kept light, since the help lists them."""

from dataclasses import dataclass

DEFAULT_SENDER = "alice@sender.example"
SLOW_GREETING = 6.0  # seconds
QUICK = 60  # so many times as fast runs the demo's clock where another side says how long to wait


@dataclass(frozen=True, slots=True)
class Story:
    """One recipient and what becomes of mail to it.

    `outcome` and `codes` (findings that must be there) are what a run comes to. `dns` names target DNS servers and
    `timeout` a limit in seconds that the story needs where the user gives none; so do `retry_greylisted` and
    `ehlo`.
    """

    recipient: str
    title: str
    outcome: str
    codes: tuple[str, ...] = ()
    dns: tuple[str, ...] = ()
    timeout: float | None = None
    retry_greylisted: float | None = None
    ehlo: str | None = None


STORIES = (
    Story(
        "bob@partner.example", "all well: three MX hosts with IPv4 and IPv6", "accepted", ("recipient-accepted",)
    ),
    Story(
        "bob@dead.example", "the first MX is dead, the second takes the mail", "accepted", ("connection-refused",)
    ),
    Story("bob@greylist.example", "greylisting: try again later", "deferred", ("greylisted",)),
    Story(
        "bob@greylisted.example",
        "greylisted, then accepted (5 minutes take 5 seconds here)",
        "accepted",
        ("greylisting-passed",),
        retry_greylisted=300,
    ),
    Story("nobody@partner.example", "unknown user", "bounced", ("recipient-rejected",)),
    Story("bob@tcp.example", "DNS over TCP is blocked", "accepted", ("dns-tcp-failed",), ("192.0.2.55",), 2),
    Story("bob@serial.example", "the name servers hold different serials", "accepted", ("soa-serial-mismatch",)),
    Story("bob@serialmx.example", "different serials, and different MX", "accepted", ("soa-mx-mismatch",)),
    Story(
        "bob@forked.example",
        "equal serials, and different MX",
        "accepted",
        ("mx-differ-same-serial",),
    ),
    Story(
        "bob@lame.example",
        "the parent names two name servers that do not serve the zone",
        "accepted",
        ("soa-lame-server", "delegation-mismatch"),
        (),
        1,
    ),
    Story("bob@office.hotel.example", "port 53 is intercepted", "accepted", ("dns-intercepted",)),
    Story("bob@null.example", "null MX: the domain takes no mail", "bounced", ("null-mx",)),
    Story("bob@expired.example", "an expired certificate", "accepted", ("certificate-expired",)),
    Story("bob@wrongname.example", "a certificate for another name", "accepted", ("certificate-name-mismatch",)),
    Story("bob@differ.example", "addresses that differ", "accepted", ("addresses-differ", "hosts-differ")),
    Story("bob@slow.example", "the greeting takes 6 seconds", "accepted", ("greeting-slow",)),
    Story("bob@hostile.example", "a banner with escape sequences", "accepted", ("recipient-accepted",)),
    Story(
        "bob@split.example",
        "split horizon: inside and outside differ",
        "accepted",
        ("dns-answers-differ",),
        ("192.0.2.54",),
    ),
    Story("bob@private.example", "an MX with a private address", "accepted", ("mx-address-not-public",)),
    Story(
        "bob@nat.example",
        "a translated source address without PTR",
        "accepted",
        ("address-translated", "ptr-missing"),
    ),
    Story("bob@timeout.example", "nobody answers on port 25", "deferred", ("connection-timeout",), (), 2),
    Story("bob@blocked.example", "outbound port 25 is blocked", "deferred", ("egress-blocked",), (), 2),
    Story("bob@seventh.example", "only the seventh address works", "deferred", ("senders-give-up",)),
    Story("bob@stale.example", "the resolver holds old mail hosts", "deferred", ("stale-resolver",)),
    Story(
        "bob@forgotten.example",
        "the resolver still holds the domain for missing",
        "bounced",
        ("stale-resolver",),
    ),
    Story("bob@filtered.example", "the resolver blocks the domain", "bounced", ("answer-filtered",)),
    Story(
        "bob@misspelt.example",
        "a portal answers in place of NXDOMAIN",
        "bounced",
        ("nxdomain-rewritten",),
        ("192.0.2.5",),
    ),
    Story("bob@alias.example", "a CNAME hides the domain's MX", "accepted", ("cname-at-apex",)),
    Story(
        "bob@silent.example",
        "the domain's name servers do not answer",
        "deferred",
        ("domain-lookup-failed",),
        timeout=1,
    ),
    Story(
        "bob@long.example",
        "a long MX answer, and DNS over TCP is blocked",
        "deferred",
        ("answer-needs-tcp", "dns-tcp-failed"),
        ("192.0.2.55",),
        2,
    ),
    Story(
        "bob@referral.example",
        "the DNS server is no resolver: it refers elsewhere",
        "unknown",
        ("dns-no-recursion",),
        ("192.0.2.50",),
    ),
    Story("bob@bogus.example", "the domain's DNSSEC signatures have expired", "deferred", ("dnssec-bogus",)),
    Story(
        "bob@servfail.example",
        "no name server serves the domain",
        "deferred",
        ("dns-server-failure", "soa-lame-server"),
        (),
        1,
    ),
    Story("bob@missing.example", "the domain does not exist", "bounced", ("domain-not-found",)),
    Story("bob@implicit.example", "no MX, but an address", "accepted", ("implicit-mx",)),
    Story(
        "bob@blocklist.example", "this machine is on a blocklist", "bounced", ("blocklisted", "blocklisted-here")
    ),
    Story("bob@busy.example", "too many connections", "deferred", ("rate-limited",)),
    Story("bob@full.example", "the mailbox is full", "bounced", ("recipient-rejected",)),
    # Something else is wrong beside the reply that decides.
    Story(
        "bob@greyplain.example",
        "greylisting, on a host without STARTTLS",
        "deferred",
        ("greylisted", "starttls-not-offered"),
    ),
    Story(
        "bob@fullexpired.example",
        "a full mailbox, on a host with an expired certificate",
        "bounced",
        ("recipient-rejected", "certificate-expired"),
    ),
    Story(
        "bob@listedinside.example",
        "a blocklist, on a host with a private address",
        "bounced",
        ("blocklisted", "mx-address-not-public"),
    ),
    Story(
        "bob@greyliteral.example",
        "greylisting, and an address literal in EHLO",
        "deferred",
        ("greylisted", "ehlo-name-literal"),
        ehlo="[192.0.2.10]",
    ),
    Story("bob@plain.example", "no STARTTLS", "accepted", ("starttls-not-offered",)),
    Story("bob@masked.example", "a firewall masks the banner and EHLO", "accepted", ("path-interference",)),
    Story("bob@tlsrefused.example", "STARTTLS is offered, then refused", "accepted", ("starttls-refused",)),
    Story("bob@inject.example", "plaintext injected behind STARTTLS", "accepted", ("starttls-injection",)),
    Story("bob@handshake.example", "the TLS handshake fails", "accepted", ("tls-handshake-failed",)),
    Story("bob@shared.example", "two MX hosts with one address", "accepted", ("mx-shared-address",)),
    Story("jörg@utf8.example", "an address that needs SMTPUTF8", "bounced", ("smtputf8-not-offered",)),
    Story("bob@[192.0.2.27]", "an address literal", "accepted", ("address-literal",)),
)


def story_of(recipient: str) -> Story | None:
    """Return the story of `recipient`: its own, else that of its domain, None if there is none."""
    wanted = recipient.lower()
    exact = next((story for story in STORIES if story.recipient == wanted), None)
    domain = wanted.rpartition("@")[2]
    return exact or next((story for story in STORIES if story.recipient.rpartition("@")[2] == domain), None)
