"""What a server's greeting says that it is. Pure."""

import re

from smtpdiag_tui.report.visible import visible
from smtpdiag_tui.smtp.reply import Reply

_LONGEST = 40  # characters
_NAMES = (
    "Postfix",
    "Exim",
    "Sendmail",
    "OpenSMTPD",
    "qmail",
    "netqmail",
    "Haraka",
    "Stalwart",
    "maddy",
    "mox",
    "Courier",
    "Zimbra",
    "MDaemon",
    "hMailServer",
    "MailEnable",
    "SmarterMail",
    "IceWarp",
    "Axigen",
    "Kerio Connect",
    "Kerio MailServer",
    "CommuniGate Pro",
    "GroupWise",
    "IBM Domino",
    "Lotus Domino",
    "HCL Domino",
    "Apache James",
    "JAMES SMTP Server",
    "PowerMTA",
    "Halon",
    "MailStore",
    "rspamd",
    "Symantec Messaging Gateway",
    "FortiMail",
    "Sophos",
    "Mimecast",
    "Proofpoint",
    "Barracuda",
    "Trend Micro",
    "SonicWall",
    "MailMarshal",
    "Microsoft ESMTP MAIL Service",
    "gsmtp",
)
# A name, then a version and a word in brackets where they follow at once; a host's name is none.
_SOFTWARE = re.compile(
    rf"(?<![\w.@-])(?:{'|'.join(map(re.escape, _NAMES))})(?![\w.@-])"
    r"(?:/v?\d[\w./+-]{0,30}| v?\d[\w./+-]{0,30}| Release \d[\w./+-]{0,30})?(?: \([\w./ +-]{1,40}\))?",
    re.IGNORECASE,
)
# What the greeting itself does not spell out.
_KNOWN_AS = {"gsmtp": "Google (gsmtp)", "microsoft esmtp mail service": "Microsoft Exchange"}


def software_of(greeting: Reply) -> str:
    """Return name and version of the software as a greeting has it, as `Postfix (Debian/GNU)`; "" for none.

    A greeting says what its administrator wants it to: this is a hint and no proof.
    """
    for line in greeting.text:
        found = _SOFTWARE.search(visible(line[:512]))  # RFC 5321 §4.5.3.1.5: a reply line's length
        if found is not None:
            words = found[0].rstrip("./+-")
            return _KNOWN_AS.get(words.lower(), words)[:_LONGEST]
    return ""
