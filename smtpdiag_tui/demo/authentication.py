"""What the demo publishes about its senders: SPF, DKIM and DMARC records, and a message signed by one of them."""

from importlib import resources

# The other half of the key was thrown away when the message was signed.
DKIM_KEY = (
    "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAyFc+2Z7pqZDZm7R3MVGSpwRwBniZpkQ2qsFXB1iQjGqjX/8n1nk0"
    "f698Pr+W0gNRyJ2l5no9GCDIUtop4B+8hHtMPlJo57YJkjFWHB/qdkdPAN8J2al7xf4zOx1lxFZ6BBu32kyM710ackc/9bHV"
    "q+jo+8yDYZHOalJqSY0nR56o4EjyK0BFsdba2dL5SaV/vXhFEemOUhsvubs2mGxstUMUql2mnfr8fk1eIsrv3oXDwUPxBxEY"
    "YvfPJM1yEQtDO9Z4pRDxzUeuofh9tlbCRfacCKjb2oslmgQ9wo3C/+vwU3QveUchFlqpnr2puBTVr/S+psdCLF3iT3FWpP2l"
    "HwIDAQAB"
)
SIGNED_MESSAGE = "message.eml"  # in the folder `data`
SECOND_UPLINK = ("192.0.2.12", "2001:db8::12")  # the IPv4 address is not in SPF, the IPv6 address has no PTR

SENDER_RECORDS = f"""
    @ TXT "v=spf1 ip4:192.0.2.10 ip4:192.0.2.70 ip6:2001:db8::10 ip6:2001:db8::12 -all"
    _dmarc TXT "v=DMARC1; p=reject; rua=mailto:dmarc@sender.example"
    mail._domainkey TXT "v=DKIM1; k=rsa; p=" "{DKIM_KEY[:200]}" "{DKIM_KEY[200:]}"
    out A 192.0.2.12
    out AAAA 2001:db8::12"""

# A sender that has collected one service after the other: 12 terms that need a lookup, where 10 are allowed.
INCLUDES = ("crm", "shop", "helpdesk", "newsletter", "billing", "survey", "payroll", "events", "wiki", "backup")


def _several(*strings: str) -> str:
    """Return a TXT record of several character-strings: one holds 255 octets at the most (RFC 1035 §3.3)."""
    return "@ TXT " + " ".join(f'"{text}"' for text in strings)


INCLUDES_RECORDS = "\n".join(
    [
        "@ MX 10 mx",
        "mx A 192.0.2.11",
        _several(
            "v=spf1 mx",
            *(f" include:{name}.includes.example" for name in INCLUDES),
            " a:mail.sender.example -all",
        ),
        '_dmarc TXT "v=DMARC1; p=quarantine"',
        *(f'{name} TXT "v=spf1 ip4:198.51.100.{128 + n} -all"' for n, name in enumerate(INCLUDES)),
    ]
)


def signed_message() -> bytes:
    """Return a message from alice@sender.example, signed for sender.example."""
    return resources.files("smtpdiag_tui.demo").joinpath("data", SIGNED_MESSAGE).read_bytes()
