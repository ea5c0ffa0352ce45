"""Log lines of Postfix."""

from smtpdiag_tui.bounces.told import Told, ToldPhase
from tests.bounces.sample import ACCEPTED, BOUNCED, DEFERRED, Sample, at

HEAD = "Nov 28 04:20:01 mail postfix/smtp[2811]: "
GREYLISTED = "450 4.2.0 <bob@a.example>: Recipient address rejected: Greylisted, see http://postgrey.schweikert.ch/help/a.example.html"

SAMPLES = (
    Sample(
        "rejected at RCPT, with its sender in another line",
        "Nov 28 04:20:00 mail postfix/qmgr[811]: 4XmT9c2Lz1z9: from=<alice@sender.example>, size=1893, nrcpt=1 (queue"
        f" active)\n{HEAD}4XmT9c2Lz1z9: to=<bob@a.example>, relay=mx.a.example[192.0.2.1]:25, delay=0.9,"
        " delays=0.1/0/0.5/0.3, dsn=5.1.1, status=bounced (host mx.a.example[192.0.2.1] said: 550 5.1.1"
        " <bob@a.example>: Recipient address rejected: User unknown in virtual mailbox table (in reply to RCPT TO"
        " command))\n",
        "log",
        (
            Told(
                sender="alice@sender.example",
                recipient="bob@a.example",
                host="mx.a.example",
                address="192.0.2.1",
                phase=ToldPhase.RCPT,
                reply="550 5.1.1 <bob@a.example>: Recipient address rejected: User unknown in virtual mailbox table",
                line=2,
                program="Postfix",
                outcome=BOUNCED,
            ),
        ),
        ((BOUNCED, "no-such-mailbox", "recipient"),),
    ),
    Sample(
        "greylisted, RFC 3339 time",
        "2026-11-28T04:20:01.123456+01:00 mail postfix/smtp[2811]: 3F2A9120B: to=<bob@a.example>,"
        " relay=mx.a.example[2001:db8::25]:25, delay=1.2, delays=0.1/0/1/0.1, dsn=4.2.0, status=deferred (host"
        f" mx.a.example[2001:db8::25] said: {GREYLISTED} (in reply to RCPT TO command))",
        "log",
        (
            Told(
                recipient="bob@a.example",
                host="mx.a.example",
                address="2001:db8::25",
                phase=ToldPhase.RCPT,
                at=at("2026-11-28T03:20:01.123456"),
                reply=GREYLISTED,
                line=1,
                program="Postfix",
                outcome=DEFERRED,
            ),
        ),
        ((DEFERRED, "greylisting", "policy"),),
    ),
    Sample(
        "several lines in one, after the end of data",
        f"{HEAD}4XmT9c2Lz1z9: to=<bob@gmail.example>, relay=gmail-smtp-in.l.google.com[192.0.2.27]:25, delay=1,"
        " delays=0.1/0/0.5/0.4, dsn=5.7.26, status=bounced (host gmail-smtp-in.l.google.com[192.0.2.27] said:"
        " 550-5.7.26 Your email has been blocked because the sender is unauthenticated. 550-5.7.26 Gmail requires all"
        " senders to authenticate with either SPF or DKIM. 550 5.7.26  https://support.google.com/mail/answer/81126"
        " ffacd0b85a97d - gsmtp (in reply to end of DATA command))",
        "log",
        (
            Told(
                recipient="bob@gmail.example",
                host="gmail-smtp-in.l.google.com",
                address="192.0.2.27",
                phase=ToldPhase.END_OF_DATA,
                reply="550-5.7.26 Your email has been blocked because the sender is unauthenticated.\n550-5.7.26 Gmail"
                " requires all senders to authenticate with either SPF or DKIM.\n550 5.7.26 "
                " https://support.google.com/mail/answer/81126 ffacd0b85a97d - gsmtp",
                line=1,
                program="Postfix",
                outcome=BOUNCED,
            ),
        ),
        ((BOUNCED, "authentication", "here"),),
    ),
    Sample(
        "refused to talk, journald's time",
        "2026-11-28T04:20:01+0000 mail postfix/smtp[2811]: 4XmT9c2Lz1z9: to=<bob@a.example>, relay=none, delay=0.3,"
        " delays=0.1/0/0.2/0, dsn=4.7.0, status=deferred (host mx.a.example[192.0.2.1] refused to talk to me: 421 4.7.0"
        " mx.a.example Error: too many connections from 203.0.113.10)",
        "log",
        (
            Told(
                recipient="bob@a.example",
                host="mx.a.example",
                address="192.0.2.1",
                phase=ToldPhase.GREETING,
                at=at("2026-11-28T04:20:01"),
                reply="421 4.7.0 mx.a.example Error: too many connections from 203.0.113.10",
                line=1,
                program="Postfix",
                outcome=DEFERRED,
            ),
        ),
        ((DEFERRED, "rate-limit", "policy"),),
    ),
    Sample(
        "no connection",
        f"{HEAD}4XmT9c2Lz1z9: to=<bob@a.example>, relay=none, delay=30, delays=0.1/0/30/0, dsn=4.4.1, status=deferred"
        " (connect to mx.a.example[192.0.2.1]:25: Connection timed out)",
        "log",
        (
            Told(
                recipient="bob@a.example",
                host="mx.a.example",
                address="192.0.2.1",
                phase=ToldPhase.CONNECT,
                words="connect to mx.a.example[192.0.2.1]:25: Connection timed out",
                line=1,
                program="Postfix",
                outcome=DEFERRED,
            ),
        ),
        ((DEFERRED, "", "path"),),
    ),
    Sample(
        "refused connection behind a suspended delivery",
        f"{HEAD}4XmT9c2Lz1z9: to=<bob@a.example>, relay=none, delay=30, delays=30/0/0/0, dsn=4.4.1, status=deferred"
        " (delivery temporarily suspended: connect to mx.a.example[192.0.2.1]:25: Connection refused)",
        "log",
        (
            Told(
                recipient="bob@a.example",
                host="mx.a.example",
                address="192.0.2.1",
                phase=ToldPhase.CONNECT,
                words="connect to mx.a.example[192.0.2.1]:25: Connection refused",
                line=1,
                program="Postfix",
                outcome=DEFERRED,
            ),
        ),
        ((DEFERRED, "", "recipient"),),
    ),
    Sample(
        "lost connection at RCPT",
        f"{HEAD}4XmT9c2Lz1z9: to=<bob@a.example>, relay=mx.a.example[192.0.2.1]:25, delay=3, delays=0.1/0/3/0,"
        " dsn=4.4.2, status=deferred (lost connection with mx.a.example[192.0.2.1] while sending RCPT TO)",
        "log",
        (
            Told(
                recipient="bob@a.example",
                host="mx.a.example",
                address="192.0.2.1",
                phase=ToldPhase.RCPT,
                words="lost connection with mx.a.example[192.0.2.1] while sending RCPT TO",
                line=1,
                program="Postfix",
                outcome=DEFERRED,
            ),
        ),
        ((DEFERRED, "", "recipient"),),
    ),
    Sample(
        "time-out in the message",
        f"{HEAD}4XmT9c2Lz1z9: to=<bob@a.example>, relay=mx.a.example[192.0.2.1]:25, delay=603, delays=0.1/0/3/600,"
        " dsn=4.4.2, status=deferred (conversation with mx.a.example[192.0.2.1] timed out while sending message body)",
        "log",
        (
            Told(
                recipient="bob@a.example",
                host="mx.a.example",
                address="192.0.2.1",
                phase=ToldPhase.END_OF_DATA,
                words="conversation with mx.a.example[192.0.2.1] timed out while sending message body",
                line=1,
                program="Postfix",
                outcome=DEFERRED,
            ),
        ),
        ((DEFERRED, "", "recipient"),),
    ),
    Sample(
        "domain that does not exist",
        f"{HEAD}4XmT9c2Lz1z9: to=<bob@nowhere.example>, relay=none, delay=0.2, delays=0.1/0/0.1/0, dsn=5.4.4,"
        " status=bounced (Host or domain name not found. Name service error for name=nowhere.example type=A: Host not"
        " found)",
        "log",
        (
            Told(
                recipient="bob@nowhere.example",
                words="Host or domain name not found. Name service error for name=nowhere.example type=A: Host not found",
                line=1,
                program="Postfix",
                outcome=BOUNCED,
            ),
        ),
        ((BOUNCED, "", "recipient"),),
    ),
    Sample(
        "DNS that does not answer",
        f"{HEAD}4XmT9c2Lz1z9: to=<bob@a.example>, relay=none, delay=20, delays=0.1/0/20/0, dsn=4.4.3,"
        " status=deferred (Host or domain name not found. Name service error for name=a.example type=MX: Host not"
        " found, try again)",
        "log",
        (
            Told(
                recipient="bob@a.example",
                words="Host or domain name not found. Name service error for name=a.example type=MX: Host not found,"
                " try again",
                line=1,
                program="Postfix",
                outcome=DEFERRED,
            ),
        ),
        ((DEFERRED, "", "recipient"),),
    ),
    Sample(
        "null MX",
        f"{HEAD}4XmT9c2Lz1z9: to=<bob@null.example>, relay=none, delay=0.2, delays=0.1/0/0.1/0, dsn=5.1.0,"
        " status=bounced (Domain null.example does not accept mail (nullMX))",
        "log",
        (
            Told(
                recipient="bob@null.example",
                words="Domain null.example does not accept mail (nullMX)",
                line=1,
                program="Postfix",
                outcome=BOUNCED,
            ),
        ),
        ((BOUNCED, "", "recipient"),),
    ),
    Sample(
        "TLS required",
        f"{HEAD}4XmT9c2Lz1z9: to=<bob@a.example>, relay=mx.a.example[192.0.2.1]:25, delay=1, delays=0.1/0/1/0,"
        " dsn=4.7.4, status=deferred (TLS is required, but was not offered by host mx.a.example[192.0.2.1])",
        "log",
        (
            Told(
                recipient="bob@a.example",
                host="mx.a.example",
                address="192.0.2.1",
                phase=ToldPhase.STARTTLS,
                words="TLS is required, but was not offered by host mx.a.example[192.0.2.1]",
                line=1,
                program="Postfix",
                outcome=DEFERRED,
            ),
        ),
        ((DEFERRED, "", "recipient"),),
    ),
    Sample(
        "certificate",
        f"{HEAD}4XmT9c2Lz1z9: to=<bob@a.example>, relay=mx.a.example[192.0.2.1]:25, delay=1, delays=0.1/0/1/0,"
        " dsn=4.7.5, status=deferred (Server certificate not verified)",
        "log",
        (
            Told(
                recipient="bob@a.example",
                host="mx.a.example",
                address="192.0.2.1",
                phase=ToldPhase.STARTTLS,
                words="Server certificate not verified",
                line=1,
                program="Postfix",
                outcome=DEFERRED,
            ),
        ),
        ((DEFERRED, "", "recipient"),),
    ),
    Sample(
        "mail loop",
        f"{HEAD}4XmT9c2Lz1z9: to=<bob@a.example>, relay=none, delay=0.2, delays=0.1/0/0.1/0, dsn=5.4.6,"
        " status=bounced (mail for a.example loops back to myself)",
        "log",
        (
            Told(
                recipient="bob@a.example",
                words="mail for a.example loops back to myself",
                line=1,
                program="Postfix",
                outcome=BOUNCED,
            ),
        ),
        ((BOUNCED, "", "here"),),
    ),
    Sample(
        "accepted",
        f"{HEAD}4XmT9c2Lz1z9: to=<bob@a.example>, relay=mx.a.example[192.0.2.1]:25, delay=1.1, delays=0.1/0/0.6/0.4,"
        " dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 4XmT9d0Wq5z3)",
        "log",
        (
            Told(
                recipient="bob@a.example",
                host="mx.a.example",
                address="192.0.2.1",
                phase=ToldPhase.END_OF_DATA,
                reply="250 2.0.0 Ok: queued as 4XmT9d0Wq5z3",
                line=1,
                program="Postfix",
                outcome=ACCEPTED,
            ),
        ),
        ((ACCEPTED, "", ""),),
    ),
    Sample(
        "deferred twice, then accepted: the last attempt counts",
        f"{HEAD}4XmT9c2Lz1z9: to=<bob@a.example>, relay=mx.a.example[192.0.2.1]:25, dsn=4.2.0, status=deferred (host"
        f" mx.a.example[192.0.2.1] said: {GREYLISTED} (in reply to RCPT TO command))\n"
        f"{HEAD}4XmT9c2Lz1z9: to=<bob@a.example>, relay=mx.a.example[192.0.2.1]:25, dsn=4.2.0, status=deferred (host"
        f" mx.a.example[192.0.2.1] said: {GREYLISTED} (in reply to RCPT TO command))\n"
        f"{HEAD}4XmT9c2Lz1z9: to=<bob@a.example>, relay=mx.a.example[192.0.2.1]:25, dsn=2.0.0, status=sent (250 ok)\n",
        "log",
        (
            Told(
                recipient="bob@a.example",
                host="mx.a.example",
                address="192.0.2.1",
                phase=ToldPhase.END_OF_DATA,
                reply="250 ok",
                line=3,
                program="Postfix",
                outcome=ACCEPTED,
            ),
        ),
        ((ACCEPTED, "", ""),),
        note="2 earlier attempts of these deliveries not shown.",
    ),
    Sample(
        "two recipients, one accepted",
        f"{HEAD}4XmT9c2Lz1z9: to=<bob@a.example>, relay=mx.a.example[192.0.2.1]:25, dsn=2.0.0, status=sent (250 ok)\n"
        f"{HEAD}4XmT9c2Lz1z9: to=<carol@b.example>, relay=mx.b.example[192.0.2.2]:25, dsn=5.2.2, status=bounced (host"
        " mx.b.example[192.0.2.2] said: 552 5.2.2 <carol@b.example>: Mailbox is full (in reply to RCPT TO command))\n"
        "Nov 28 04:20:02 mail postfix/qmgr[811]: 4XmT9c2Lz1z9: from=<>, size=1893, nrcpt=2 (queue active)\n",
        "log",
        (
            Told(
                sender="",
                recipient="carol@b.example",
                host="mx.b.example",
                address="192.0.2.2",
                phase=ToldPhase.RCPT,
                reply="552 5.2.2 <carol@b.example>: Mailbox is full",
                line=2,
                program="Postfix",
                outcome=BOUNCED,
            ),
        ),
        ((BOUNCED, "mailbox-full", "recipient"),),
        note="1 accepted delivery not shown.",
    ),
    Sample(
        "wrapped by a mail program",
        "Nov 28 04:20:01 mail postfix/smtp[2811]: 4XmT9c2Lz1z9: to=<bob@a.example>,\n"
        "relay=mx.a.example[192.0.2.1]:25, delay=0.9, dsn=5.7.1, status=bounced (host\n"
        "mx.a.example[192.0.2.1] said: 554 5.7.1 Service unavailable; Client host\n"
        "[203.0.113.10] blocked using zen.spamhaus.org (in reply to RCPT TO\n"
        "command))\n",
        "log",
        (
            Told(
                recipient="bob@a.example",
                host="mx.a.example",
                address="192.0.2.1",
                phase=ToldPhase.RCPT,
                reply="554 5.7.1 Service unavailable; Client host [203.0.113.10] blocked using zen.spamhaus.org",
                line=1,
                program="Postfix",
                outcome=BOUNCED,
            ),
        ),
        ((BOUNCED, "ip-blocklist", "here"),),
    ),
    Sample(
        "refused by this host's smtpd",
        "Nov 28 04:20:01 mail postfix/smtpd[2811]: NOQUEUE: reject: RCPT from out.client.example[198.51.100.7]: 454"
        " 4.7.1 <eve@a.example>: Relay access denied; from=<dan@client.example> to=<eve@a.example> proto=ESMTP"
        " helo=<out.client.example>",
        "log",
        (
            Told(
                sender="dan@client.example",
                recipient="eve@a.example",
                host="out.client.example",
                address="198.51.100.7",
                phase=ToldPhase.RCPT,
                reply="454 4.7.1 <eve@a.example>: Relay access denied",
                line=1,
                program="Postfix",
                ours=True,
            ),
        ),
        ((DEFERRED, "not-hosted", "here"),),
    ),
    Sample(
        "LMTP to a mailbox that is full",
        "Nov 28 04:20:01 mail postfix/lmtp[2811]: 4XmT9c2Lz1z9: to=<bob@a.example>, relay=mail.a.example[private/dovecot-"
        "lmtp], delay=0.1, delays=0/0/0/0.1, dsn=5.2.2, status=bounced (host mail.a.example[private/dovecot-lmtp] said:"
        " 552 5.2.2 <bob@a.example> Quota exceeded (mailbox for user is full) (in reply to end of DATA command))",
        "log",
        (
            Told(
                recipient="bob@a.example",
                host="mail.a.example",
                phase=ToldPhase.END_OF_DATA,
                reply="552 5.2.2 <bob@a.example> Quota exceeded (mailbox for user is full)",
                line=1,
                program="Postfix",
                outcome=BOUNCED,
            ),
        ),
        ((BOUNCED, "mailbox-full", "recipient"),),
    ),
    Sample(
        "expired in the queue, with the last reply",
        f"{HEAD}4XmT9c2Lz1z9: to=<bob@a.example>, relay=mx.a.example[192.0.2.1]:25, delay=432000, dsn=4.3.2,"
        " status=expired (host mx.a.example[192.0.2.1] said: 451 4.3.2 System not accepting network messages (in reply"
        " to MAIL FROM command))",
        "log",
        (
            Told(
                recipient="bob@a.example",
                host="mx.a.example",
                address="192.0.2.1",
                phase=ToldPhase.MAIL,
                reply="451 4.3.2 System not accepting network messages",
                line=1,
                program="Postfix",
                outcome=BOUNCED,
            ),
        ),
        ((BOUNCED, "server-closed", "recipient"),),
    ),
)
