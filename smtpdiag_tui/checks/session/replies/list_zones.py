"""Which host names are zones of blocklists, of addresses or of domains (RFC 5782 §2). Pure."""

import re

_OF_DOMAINS = re.compile(
    r"(?:^|[.-])(?:dbl|surbl|uribl|rhsbl|ivmuri|rhs)(?:\.|$)|^fresh\d{0,2}\.spameatingmonkey\.net$|^dob\.sibl\."
)
# Those of well-known operators, as their domains are: a sender's may only look like them.
_OPERATORS = re.compile(
    r"(?:^|\.)(?:spamhaus\.(?:org|net|com|eu|de)|spamcop\.net|barracudacentral\.org|sorbs\.net|uceprotect\.net"
    r"|abuseat\.org|abusix\.(?:zone|com|org)|njabl\.org|ahbl\.org|dsbl\.org|ordb\.org|manitu\.net|spamcannibal\.org"
    r"|surriel\.com|psbl\.org|mailspike\.(?:net|org)|junkemailfilter\.com|gbudb\.(?:net|com)|spfbl\.net"
    r"|senderscore\.(?:com|org)|backscatterer\.org|invaluement\.com|spamrats\.com|0spam\.(?:org|fusionzero\.com)"
    r"|mail-abuse\.(?:org|com)|spameatingmonkey\.(?:net|com)|dronebl\.org|blocklist\.de|nordspam\.com|msrbl\.net"
    r"|rfc-ignorant\.org|lashback\.com|anonmails\.de|efnetrbl\.org|tornevall\.org|s5h\.net|woody\.ch|swinog\.ch"
    r"|inps\.de|five-ten-sg\.com)$"
)
# A label that lists like to have: bl.example, dnsbl-1.example, zen.example.
_LABELS = re.compile(
    r"(?:^|[.-])(?:dns[brx]?bl|[brx]bl)s?\d{0,2}(?:[.-]|$)"
    r"|(?:^|\.)(?:zen|xbl|sbl|cbl|css|dnsbl-\d|bl|blocklist|blacklist)\."
)


# Of addresses that are dynamic, or should not send themselves.
_OF_DYNAMIC = re.compile(
    r"(?:^|\.)(?:pbl|dul|duhl|dyna?|dialups?|dynamic)\.(?=.*(?:spamhaus|bl|list|sorbs|rats)\b)"
)


def list_mark(host: str) -> str:
    """Return the mark of a list's zone, "" for any other host name (in lower case).

    `<list>` stands for one of addresses, `<domainlist>` for one of domains, `<dynamiclist>` for one of addresses
    that should send by way of their provider.
    """
    if _OF_DYNAMIC.search(host):
        return "<dynamiclist>"
    if _OF_DOMAINS.search(host):
        return "<domainlist>"
    return "<list>" if _OPERATORS.search(host) or _LABELS.search(host) else ""
