"""How the words of the project are written: `python -m tests.style [PATH...]` prints what departs from it.

The reader is a mail administrator at night, and a stranger who gets the report in a ticket. Terse English: the
host named, the event stated; past tense for what happened, `this host` for the local one, names in advice.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.style_texts import WHERE, Text, texts

# A word to avoid, and what says it.
WORDS = {
    r"\boctets?\b": "bytes",
    r"\bmachines?\b": "this host, or the server's name",
    r"\bhere\b": "this host",
    r"\bthere\b(?! (?:is|are|was|were|be|may be|might be)\b)"
    r"|\b(?:is|are|was|were) there\b": "name the place",
    r"\b(?:we|us|our|ours|ourselves|yours)\b": "name who",
    r"\bmail hosts?\b": "MX host",
    r"\b(?-i:exchanges?)\b": "MX target",
    r"\bpeers?\b": "remote server",
    r"\btalk(?:s|ed|ing)? to\b|\bhold(?:s|ing)? (?:a |the |fewer |one )?sessions?\b": "connect, session",
    r"\bconversations?\b": "session, SMTP transcript",
    r"\b(?:takes?|took|taking) (?:the |no |all |any |this |that |its |their )?(?:mail|message|recipient)s?\b"
    r"|\b(?:is|are|was|be|been) taken(?! (?:from|over|into|anew))\b": "accepts",
    r"\bput(?:s|ting)? off\b|\bturn(?:s|ed|ing)? away\b|\bden(?:y|ies)\b": "defers, rejects, refused",
    r"\bsays? no\b": "rejects",
    r"\bsays? (?:itself|its name)\b|\bname said\b|\bsaid in (?:EHLO|HELO)\b": "identifies itself as",
    r"\bspeaks? of\b|\bwants? to see\b|\bon account of\b|\bvouch\w*": "say what it is",
    r"\btr(?:y|ies|ied|ying) (?:it )?again\b|\b(?:second|next|another|first) try\b": "retry, retries, attempt",
    r"\breturns? the mail\b": "returns the message",
    r"\bstandard senders?\b|\ba senders?(?! (?:address|domain|profile|can|and|or|policy))\b": "sending server",
    r"\b(?:others|another) sees?\b": "public IP address",
    r"\b(?:stand|stands|stood|standing) (?:on|in|at|beside|behind)\b": "is listed on, is in",
    r"\b(?:leads?|led|leading) (?:back|to|nowhere)\b": "resolves to",
    r"\bno way to\b|\bthe way to (?:it|them)\b": "no route to",
    r"\bnot to be had\b": "not available",
    r"\bin clear\b": "unencrypted",
    r"\bmend(?:s|ed|ing)?\b": "fix",
    r"\bfor good\b": "permanently",
    r"\bmostly\b": "usually",
    r"\brun (?:it |them )?again\b|\bsecond run\b": "rerun",
    r"\bcall(?:s|ed|ing)? off\b": "cancel",
    r"\bwhoever\b|\bdomain's owner\b": "DNS administrator, MX administrator",
    r"\b(?:the|their|its|recipient's) postmaster\b|\bpostmaster there\b": "MX administrator, postmaster@DOMAIN",
    r"\bby (?:another|a) way\b": "through another channel",
    r"\bgreet(?:s|ed)? with\b": "EHLO name",
    r"\b[245]yz\b": "2xx, 4xx, 5xx",
    r"\bother (?:side|end)\b": "name the server",
    r"\bthis (?:program|computer)(?:'s)?\b|\bthe computer\b": "smtpdiag, this host",
    r"(?<!there )\b(?:is|are|was|were) no(?! (?:longer|more)\b)\b": "is not a",
    r"\b(?:is|are|was) (?:asked|told)\b": "queried, reported",
    r"\bshall\b|\blikewise\b|\bwhereof\b": "plain English",
    r", which\b[^,]*(?:[.;:](?=\s|$)|$)": "a sentence of its own",
    r"\bon the way\b|\brightly so\b|, it seems\b|\bnot as (?:it|they) should\b": "say what is wrong",
    r"(?:,| and) leave$": "exit",
    r"\bcan fail for\b": "Fails if:",
    r"\b(?:do|does) not mind\b": "ignores",
    r"\bheed\w*\b": "enforces (DMARC)",
    r"\brefus(?:es?|ed|ing) (?:the |such a |such |all )?(?:mail|messages?)\b": "rejects, defers",
    r"\bSPF\b(?:[^.;:]|\.(?=\w)){0,60}\ballow(?:s|ed)? (?:this|the|every|everybody|\d|\{)"
    r"": "SPF authorises, passes",
    r"\b(?<!for )senders (?:that (?:enforce|hold|report)|treat|ignore|use|report|deliver)\b": "sending servers",
}
SIGNS = {
    r"\w!(?=[\s'\"]|$)": "exclamation mark",
    r"\w[,.)]? (?:–|—|--?) \w": "dash for a pause",
    r"\w(?:\.\.|\. \.)(?!\.)": "doubled full stop",
    r"https?://[^\s{}]+[.,;:](?=\s|$)": "punctuation behind an address of the web",
}
_ACTORS = r"administrator|postmaster|hostmaster|recipient|provider|owner|operator"
ADVICE = {
    r"^(?:there|it|its|the address|the name|this|that|below|they|he)\b(?! host)": "begins without its subject",
    r"\bbelow\b|\bwith the table\b": "relies on what stands elsewhere",
    r"\bthe (?:address|name)(?=[.,;]|$)": "does not say which",
    rf"^(?:[\w' ]* )?(?:{_ACTORS})\b[^:]{{0,60}}: ": "names who acts: make it an Action",
}

# Where a word of the table is right.
RIGHT = (
    "SMTPUTF8, which",
    "key exchange",
    # Postfix's own words
    "refused to talk to me",
    "Host not found, try again",
    "Greylisted, please try again in 300 seconds",
    "virtual machine",
    # OpenSSH's own
    "reset by peer",
    # The form of a monitor's plug-in
    "SMTPDIAG UNKNOWN - ",
)
_WORDS = {re.compile(pattern, re.IGNORECASE): use for pattern, use in WORDS.items()}
_SIGNS = {re.compile(pattern): use for pattern, use in SIGNS.items()}
_ADVICE = {re.compile(pattern, re.IGNORECASE): use for pattern, use in ADVICE.items()}


def problems(text: str, kind: str = "words") -> Iterator[str]:
    """Yield what is wrong with a text, one line each; of advice more is asked than of other words."""
    for right in RIGHT:
        text = text.replace(right, "{}")
    plain = re.sub(r"\bUS\b", "{}", text)
    for pattern, use in _WORDS.items():
        for found in pattern.finditer(plain):
            yield f"'{found[0]}': {use}"
    for pattern, use in _SIGNS.items():
        if pattern.search(text):
            yield use
    if kind == "advice":
        yield from (f"advice {use}" for pattern, use in _ADVICE.items() if pattern.search(text))


def departures(found: Iterator[Text]) -> list[str]:
    """Return one line for each departure: `file:line: text: rule`."""
    return [
        f"{item.place}:{item.line}: {' '.join(item.text.split())[:160]}: {problem}"
        for item in found
        for problem in problems(item.text, item.kind)
    ]


def main(arguments: list[str]) -> int:
    """Print the departures of the files named, of all if none is; "stories" reads the demo's reports."""
    names = arguments or [*WHERE, "stories"]
    found = departures(texts([Path(name).resolve() for name in names if name != "stories"]))
    if "stories" in names:
        from tests.style_stories import story_departures

        found += story_departures()
    for line in found:
        print(line)  # noqa: T201 - this is a command
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
