"""The TXT record that says that a domain has an MTA-STS policy (RFC 8461 §3.1). Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from smtpdiag_tui.checks.tls_policy.versioned_record import fields_of, is_value, not_one, of_version, short, shown

VERSION = "v=STSv1"
_ID = re.compile(r"[A-Za-z0-9]{1,32}")
_LONGEST = 512  # characters of a record that are looked at; one takes 44 with the longest id


@dataclass(frozen=True, slots=True)
class StsRecord:
    """What stands at `_mta-sts`: `texts` are the records that are, or were meant to be, of MTA-STS, printable.

    `id` is that of the one valid record, else "". `problem` says in a clause what is wrong, "" if nothing.
    """

    texts: tuple[str, ...] = ()
    id: str = ""
    problem: str = ""

    @property
    def present(self) -> bool:
        """Whether the domain says, or was meant to say, that it has a policy."""
        return bool(self.texts)


def read_record(texts: Sequence[bytes]) -> StsRecord:
    """Return what TXT records, the strings of each joined, come to; those of other kinds are ignored."""
    found, meant = of_version(texts, VERSION)
    if not meant:
        return StsRecord()
    number, problem = _read(found[0]) if len(found) == 1 else ("", not_one(found, VERSION))
    return StsRecord(shown(found or meant, _LONGEST), number, problem)


def _read(text: str) -> tuple[str, str]:
    """Return the id of a record, and what is wrong with the record; one of both is empty."""
    if len(text) > _LONGEST:
        return "", "the record is too long"
    fields, problem = fields_of(text)
    if problem:
        return "", problem
    ids = [value for name, value in fields if name == "id"]
    if len(ids) != 1:
        return "", "the record has more than one id" if ids else "the record has no id"
    if not _ID.fullmatch(ids[0]):
        return "", f"the id '{short(ids[0])}' is not 1 to 32 letters and digits"
    odd = [name for name, value in fields if not is_value(value)]
    return ("", f"the field '{odd[0]}' is malformed") if odd else (ids[0], "")
