"""What a refusal is about: a closed list of words to filter, count and script by, which grows by addition only."""

from enum import StrEnum


class Reason(StrEnum):
    """What a reply that defers or refuses says, in one word.

    It is about the words of the reply, not about its status code: that is often wrong. `UNEXPLAINED` is said where
    the reply does not tell; nothing is guessed then.
    """

    NO_SUCH_MAILBOX = "no-such-mailbox"
    MAILBOX_DISABLED = "mailbox-disabled"
    MAILBOX_FULL = "mailbox-full"
    RECIPIENT_RATE_LIMIT = "recipient-rate-limit"
    NOT_HOSTED = "not-hosted"
    SERVER_TROUBLE = "server-trouble"
    SERVER_CLOSED = "server-closed"
    RECIPIENT_POLICY = "recipient-policy"
    GREYLISTING = "greylisting"
    RATE_LIMIT = "rate-limit"
    IP_BLOCKLIST = "ip-blocklist"
    IP_REPUTATION = "ip-reputation"
    DYNAMIC_ADDRESS = "dynamic-address"
    REVERSE_DNS = "reverse-dns"
    EHLO_NAME = "ehlo-name"
    DOMAIN_BLOCKLIST = "domain-blocklist"
    DOMAIN_REPUTATION = "domain-reputation"
    AUTHENTICATION = "authentication"
    SENDER_DOMAIN = "sender-domain"
    SENDER_CALLOUT = "sender-callout"
    SENDER_POLICY = "sender-policy"
    NULL_SENDER = "null-sender"
    OWN_ACCOUNT = "own-account"
    LOGIN_REQUIRED = "login-required"
    TLS_REQUIRED = "tls-required"
    SMTPUTF8 = "smtputf8"
    SIZE = "size"
    CONTENT = "content"
    PROTOCOL = "protocol"
    PATH_INTERFERENCE = "path-interference"
    UNEXPLAINED = "unexplained"
