"""What the words of a reply name: the standards that its receiver checked, and IP addresses. Pure."""

import re

from smtpdiag_tui.checks.addresses import canonical

# The names of the standards, and the codes of RFC 7372 §3 that stand for them.
NAMES_SPF = re.compile(r"\bspf\b|openspf|sender policy framework|\b5\.7\.2[346]\b", re.IGNORECASE)
NAMES_DKIM = re.compile(r"\bdkim\b|\b5\.7\.2[0126]\b", re.IGNORECASE)
NAMES_DMARC = re.compile(r"\bdmarc\b", re.IGNORECASE)
NAMES_EHLO = re.compile(r"\bs=helo\b|\b(?:helo|ehlo)\b", re.IGNORECASE)
_ADDRESS = re.compile(
    r"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7})(?![\w:])", re.IGNORECASE
)


def addresses_named(text: str) -> set[str]:
    """Return the IP addresses that a text names, in RFC 5952 form."""
    return {address for found in _ADDRESS.findall(text) if (address := canonical(found.rstrip(".:")))}
