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
    `ehlo`. `sender` takes the place of the demo's usual one; `signed`: the demo's signed message is given.
    """

    recipient: str
    title: str
    outcome: str
    codes: tuple[str, ...] = ()
    dns: tuple[str, ...] = ()
    timeout: float | None = None
    retry_greylisted: float | None = None
    ehlo: str | None = None
    sender: str = DEFAULT_SENDER
    signed: bool = False


STORIES = (
    Story(
        "bob@partner.example", "healthy, three MX hosts with IPv4 and IPv6", "accepted", ("recipient-accepted",)
    ),
    Story("bob@dead.example", "first MX host dead, second accepts", "accepted", ("connection-refused",)),
    Story("bob@greylist.example", "greylisted", "deferred", ("greylisted",)),
    Story(
        "bob@greylisted.example",
        "greylisted, then accepted (the demo's 5 minutes take 5 seconds)",
        "accepted",
        ("greylisting-passed",),
        retry_greylisted=300,
    ),
    Story("nobody@partner.example", "unknown user", "bounced", ("recipient-rejected",)),
    Story(
        "bob@large.example",
        "120 MX hosts, every kind of trouble among them",
        "deferred",
        ("greylisted", "connection-refused", "certificate-expired"),
    ),
    Story("bob@tcp.example", "DNS over TCP blocked", "accepted", ("dns-tcp-failed",), ("192.0.2.55",), 2),
    Story("bob@serial.example", "name servers with different serials", "accepted", ("soa-serial-mismatch",)),
    Story(
        "bob@serialmx.example",
        "name servers with different serials and different MX records",
        "accepted",
        ("soa-mx-mismatch",),
    ),
    Story(
        "bob@forked.example",
        "name servers with one serial and different MX records",
        "accepted",
        ("mx-differ-same-serial",),
    ),
    Story(
        "bob@lame.example",
        "parent zone delegates to two lame name servers",
        "accepted",
        ("soa-lame-server", "delegation-mismatch"),
        (),
        1,
    ),
    Story("bob@office.hotel.example", "DNS (port 53) intercepted", "accepted", ("dns-intercepted",)),
    Story("bob@null.example", "null MX, domain accepts no mail", "bounced", ("null-mx",)),
    Story("bob@expired.example", "certificate expired", "accepted", ("certificate-expired",)),
    Story("bob@wrongname.example", "certificate for another name", "accepted", ("certificate-name-mismatch",)),
    Story(
        "bob@differ.example",
        "addresses and MX hosts that answer differently",
        "accepted",
        ("addresses-differ", "hosts-differ"),
    ),
    Story("bob@slow.example", "greeting delayed by 6 seconds", "accepted", ("greeting-slow",)),
    Story("bob@hostile.example", "banner with escape sequences", "accepted", ("recipient-accepted",)),
    Story(
        "bob@split.example",
        "split DNS, internal and external MX records differ",
        "accepted",
        ("dns-answers-differ",),
        ("192.0.2.54",),
    ),
    Story("bob@private.example", "MX host with a private address", "accepted", ("mx-address-not-public",)),
    Story(
        "bob@nat.example",
        "NAT to a public IP address without PTR",
        "accepted",
        ("address-translated", "ptr-missing"),
    ),
    Story("bob@timeout.example", "all MX hosts time out on port 25", "deferred", ("connection-timeout",), (), 2),
    Story("bob@blocked.example", "outbound port 25 blocked", "deferred", ("egress-blocked",), (), 2),
    Story("bob@seventh.example", "only the seventh MX address accepts", "deferred", ("senders-give-up",)),
    Story("bob@stale.example", "resolver with outdated MX records", "deferred", ("stale-resolver",)),
    Story(
        "bob@forgotten.example",
        "resolver with an outdated NXDOMAIN",
        "bounced",
        ("stale-resolver",),
    ),
    Story("bob@filtered.example", "domain blocked by the resolver", "bounced", ("answer-filtered",)),
    Story(
        "bob@misspelt.example",
        "portal address returned instead of NXDOMAIN",
        "bounced",
        ("nxdomain-rewritten",),
        ("192.0.2.5",),
    ),
    Story("bob@alias.example", "CNAME hides the MX records of the domain", "accepted", ("cname-at-apex",)),
    Story(
        "bob@silent.example",
        "name servers of the domain time out",
        "deferred",
        ("domain-lookup-failed",),
        timeout=1,
    ),
    Story(
        "bob@long.example",
        "MX answer too long for UDP, DNS over TCP blocked",
        "deferred",
        ("answer-needs-tcp", "dns-tcp-failed"),
        ("192.0.2.55",),
        2,
    ),
    Story(
        "bob@referral.example",
        "target DNS server is not a resolver (referral)",
        "unknown",
        ("dns-no-recursion",),
        ("192.0.2.50",),
    ),
    Story("bob@bogus.example", "DNSSEC signatures expired", "deferred", ("dnssec-bogus",)),
    Story(
        "bob@servfail.example",
        "SERVFAIL, every name server lame",
        "deferred",
        ("dns-server-failure", "soa-lame-server"),
        (),
        1,
    ),
    Story("bob@missing.example", "domain does not exist", "bounced", ("domain-not-found",)),
    Story("bob@implicit.example", "no MX records, domain has an address", "accepted", ("implicit-mx",)),
    Story("bob@blocklist.example", "this host on a blocklist", "bounced", ("blocklisted", "blocklisted-here")),
    Story("bob@busy.example", "too many connections", "deferred", ("rate-limited",)),
    Story("bob@full.example", "mailbox full", "bounced", ("recipient-rejected",)),
    # Something else is wrong beside the reply that decides.
    Story(
        "bob@greyplain.example",
        "greylisted, MX host without STARTTLS",
        "deferred",
        ("greylisted", "starttls-not-offered"),
    ),
    Story(
        "bob@fullexpired.example",
        "mailbox full, certificate expired",
        "bounced",
        ("recipient-rejected", "certificate-expired"),
    ),
    Story(
        "bob@listedinside.example",
        "this host on a blocklist, MX host with a private address",
        "bounced",
        ("blocklisted", "mx-address-not-public"),
    ),
    Story(
        "bob@greyliteral.example",
        "greylisted, EHLO name is an address literal",
        "deferred",
        ("greylisted", "ehlo-name-literal"),
        ehlo="[192.0.2.10]",
    ),
    # What receivers check after RCPT TO.
    Story(
        "bob@uplink.example",
        "second uplink missing in SPF, DMARC policy reject",
        "accepted",
        ("spf-fail", "dmarc-depends-on-dkim"),
        ehlo="out.sender.example",
    ),
    Story(
        "bob@dkim.example",
        "second uplink missing in SPF, DMARC passes by the signature of a given message",
        "accepted",
        ("spf-fail", "dkim-signature-valid", "dmarc-would-pass"),
        ehlo="out.sender.example",
        signed=True,
    ),
    Story(
        "bob@large-receiver.example",
        "large receiver rejects mail over IPv6 without PTR, after DATA",
        "accepted",
        ("receiver-requirement-unmet", "ptr-missing"),
    ),
    Story(
        "bob@lookups.example",
        "SPF with too many lookups (sender alice@includes.example)",
        "accepted",
        ("spf-permerror",),
        sender="alice@includes.example",
    ),
    # What strict senders check about the receiver.
    Story("bob@dane.example", "DANE, all TLSA records match", "accepted", ("dane-valid",)),
    Story(
        "bob@rollover.example",
        "DANE broken by a renewed certificate",
        "accepted",
        ("dane-mismatch",),
    ),
    Story(
        "bob@sts.example",
        "MTA-STS policy in mode enforce does not list the MX host",
        "accepted",
        ("mta-sts-mx-mismatch",),
    ),
    Story("bob@plain.example", "no STARTTLS", "accepted", ("starttls-not-offered",)),
    Story("bob@masked.example", "firewall masks banner and EHLO", "accepted", ("path-interference",)),
    Story("bob@tlsrefused.example", "STARTTLS offered, then rejected", "accepted", ("starttls-refused",)),
    Story("bob@inject.example", "plaintext injected after STARTTLS", "accepted", ("starttls-injection",)),
    Story("bob@handshake.example", "TLS handshake fails", "accepted", ("tls-handshake-failed",)),
    Story("bob@shared.example", "two MX hosts with one address", "accepted", ("mx-shared-address",)),
    Story("jörg@utf8.example", "address requires SMTPUTF8", "bounced", ("smtputf8-not-offered",)),
    Story("bob@[192.0.2.27]", "an address literal", "accepted", ("address-literal",)),
)


def story_of(recipient: str) -> Story | None:
    """Return the story of `recipient`: its own, else that of its domain, None if there is none."""
    wanted = recipient.lower()
    exact = next((story for story in STORIES if story.recipient == wanted), None)
    domain = wanted.rpartition("@")[2]
    return exact or next((story for story in STORIES if story.recipient.rpartition("@")[2] == domain), None)
