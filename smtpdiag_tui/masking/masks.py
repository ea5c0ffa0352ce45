"""What stands for what in a masked report, and how it is found in a text. Pure."""

import base64
import html
import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from urllib.parse import quote

from smtpdiag_tui.masking.masked_addresses import Addresses, address
from smtpdiag_tui.masking.masked_names import Names
from smtpdiag_tui.masking.visible_escapes import FOLDED, each_way, one_way
from smtpdiag_tui.report.visible import visible

# Where a run of such characters begins, and of bounded length: a peer's line may be long, and made to take long.
_NO_PART = rf"\s@<>:;,()\[\]\"`={FOLDED}"
_RUN = rf"(?<![^{_NO_PART}'])(?!')[^{_NO_PART}]"
_LOCAL_PART = re.compile(rf"((?:{_RUN}{{1,256}})?\"(?:[^\"\\]|\\.){{1,128}}\"|{_RUN}{{1,256}})@(?=[\w\[])")
_USER = re.compile(r"user\d+\Z")
_HOST = re.compile(r"host\d+(?:\.masked)?\Z")
_ADDRESS = re.compile(r"own-ipv[46]-\d+\Z")
_FILE = re.compile(r"file\d+\Z")
_HELD = re.compile(r"\bown-ipv[46]-\d|\bhost\d+\.masked\b")  # by a name that was masked in part
# Where a name of one label is a name for sure: a host called `mail` must not change our prose.
_AS_NAME = re.compile(
    r"(?P<before>\b[EH][EH]LO |\bsaid in EHLO, |\b[Nn]ame(?: given| of this machine)?: |\bgreets (?:as|with) "
    r"|\b[Rr]elay(?: hosts?)?:? |smtp_helo_name = |\bdelivery/|\bdane/|[\"'\[])(?P<name>[\w-]+)(?![\w-]|\.\w)"
    r"|(?:\A|(?<=\s))(?P<first>[\w-]+)(?=\Z|, which| \[| \(preference)"
)
# A host by such a name could be anybody's.
_GENERIC = re.compile(
    r"(?:mail(?:host|gate|out)?|smtp|mx|mta|relay|out|host|server|gateway|gw|www|web|ns|post|localhost)-?\d*"
)
_DKIM_STEPS = "authentication/dkim/"
_DOMAIN = re.compile(r"[\w-]{1,63}(?:\.[\w-]{1,63}){0,126}")
_BASE64 = re.compile(r"[A-Za-z0-9+/_=-]+")
_REMEMBERED = 4096  # texts of a report


class Masks:
    """Which mask stands for what; the same thing gets the same one."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], str] = {}
        self._counts: dict[str, int] = {}

    def of(self, kind: str, value: str, form: str) -> str:
        """Return the mask of a value; `form` holds `{}` for its number."""
        key = (kind, value.lower())
        if key not in self._known:
            self._counts[kind] = self._counts.get(kind, 0) + 1
            self._known[key] = form.format(self._counts[kind])
        return self._known[key]

    def user(self, local: str) -> str:
        """Return the mask of a local part."""
        return self.of("user", local, "user{}")


def is_mask(value: str) -> bool:
    """Whether a name, an address, a local part or a file is a mask itself: the report was masked and saved."""
    bare = value.strip("[]").removeprefix("IPv6:")
    return any(mask.match(bare) for mask in (_HOST, _ADDRESS, _USER, _FILE))


class Masker:
    """Masks in two strengths. `plain` is for all texts: full addresses, own names, own addresses.

    `words` is for what a peer said, where a local part or the first label of an own name may stand alone: in our
    own prose, verbs and step ids these would be words of ours. `hosts` are those of `names` of which even a
    single label is masked in our prose. `others` are the names and addresses of other machines: what holds an own
    one by chance is left whole. `files` are paths of files, `selectors` DKIM selectors with their
    domains: one with an `@` between is no mail address. `blanks` is how many blanks a local part has at most.
    """

    def __init__(
        self,
        paths: Sequence[str],
        names: Sequence[str],
        addresses: Collection[str],
        keys: Collection[str] = (),
        *,
        hosts: Collection[str] = (),
        others: Collection[str] = (),
        files: Collection[str] = (),
        selectors: Collection[tuple[str, str]] = (),
        derived: Collection[str] = (),
        masks: Masks | None = None,
    ) -> None:
        self._masks = masks or Masks()
        shown = {local: self._masks.user(local) for local in _local_parts(paths)}
        self.blanks = max((form.count(" ") for local in shown for form in _forms(local)), default=0)
        self._encoded = {core for path in paths if path.rpartition("@")[0] in shown for core in _encoded(path)}
        self._done: dict[str, str] = {}  # a line stands in its session, in findings, in causes and in evidence
        self._plain: list[tuple[re.Pattern[str], str]] = []
        self._alone: list[tuple[re.Pattern[str], str]] = []
        self._add_files(files)
        self._add_locals(paths, shown)
        self._names, self._single, self._labels = Names(within=True, others=others), Names(), Names()
        self._add_names(names, hosts)
        for name in sorted(set(derived)):
            self._names.add(name, self._masks.of("name", name, "host{}.masked"))
        self._addresses = Addresses(others)
        self._add_addresses(addresses)
        self._add_keys(keys)
        self._selectors = {f"{selector}@{self.name(domain)}".lower() for selector, domain in selectors}

    def plain(self, text: str) -> str:
        """Mask what is never a word of ours."""
        done = self._done.get(text)
        if done is None:
            done = one_way(each_way(text, self._known), self._any_local_part)
            if len(self._done) < _REMEMBERED:
                self._done[text] = done
        return done

    def words(self, text: str) -> str:
        """Mask a peer's words: also what stands there alone."""
        return each_way(self.plain(text), self._standing_alone)

    def fixed(self, text: str) -> str:
        """Mask a step's id or a title of ours: it is no host's name as a whole, whatever that is called."""
        return self.plain(f"<{text}>")[1:-1]

    def name(self, text: str) -> str:
        """Mask a text that is a host's name or address and nothing else."""
        return self._single.get(text) or self.plain(text)

    def file(self, path: str) -> str:
        """Mask the path of a file; standard input has none."""
        return path if path == "-" or _FILE.match(path) else self._masks.of("file", path, "file{}")

    def _add_files(self, files: Collection[str]) -> None:
        """Mask paths wherever they stand; one that could be a word of ours is masked where it is all there is."""
        for path in files:
            for form in (path, path.rpartition("/")[2]):
                if len(form) > 1 and re.search(r"[/.]", form):
                    whole = re.compile(rf"(?<![\w/.]){re.escape(form)}(?![\w/])", re.IGNORECASE)
                    self._plain.append((whole, self.file(path)))

    def _add_names(self, names: Sequence[str], hosts: Collection[str]) -> None:
        for name in names:
            if is_mask(name) or _HELD.search(name):
                continue
            label = name.partition(".")[0]
            if "." in name:
                shown = self._masks.of("name", name, "host{}.masked")
                self._names.add(name, shown)
                shown = shown.removesuffix(".masked")
            else:
                shown = self._masks.of("name", name, "host{}")
                self._single.add(name, shown)
                if name in hosts and not _GENERIC.fullmatch(name):
                    self._names.add(name, shown)
            if len(label) > 1 and not _GENERIC.fullmatch(label):
                self._labels.add(label, shown)

    def _add_addresses(self, addresses: Collection[str]) -> None:
        literals = {literal for literal in map(address, addresses) if literal is not None}
        for literal in sorted(literals, key=lambda item: (item.version, int(item))):
            family = f"ipv{literal.version}"
            self._addresses.add(literal, self._masks.of(family, str(literal), f"own-{family}-{{}}"))

    def _add_locals(self, paths: Sequence[str], shown: Mapping[str, str]) -> None:
        for local in sorted(shown, key=len, reverse=True):
            for form in _forms(local):
                known = re.compile(rf"(?<![\w.+]){re.escape(form)}(?=@|%40)", re.IGNORECASE)
                self._plain.append((known, shown[local]))
        for path in paths:
            local, _, domain = path.rpartition("@")
            if local in shown:
                self._plain += [(glued, self._masks.user(local)) for glued in _glued(local, domain)]
        for local in sorted({*shown, *(_mailbox(local) for local in shown)}, key=lambda item: (-len(item), item)):
            self._alone += [(_alone(form), self._masks.user(local)) for form in _forms(local)]

    def _add_keys(self, keys: Collection[str]) -> None:
        for key in sorted(keys):
            label = re.compile(rf"(?<!\w){re.escape(key)}(?=\.)", re.IGNORECASE)
            self._plain.append((label, self._masks.of("key", key, "key{}")))

    def _known(self, text: str) -> str:
        """Mask what is known to be private."""
        for pattern, mask in self._plain:
            text = pattern.sub(mask, text)
        text = _AS_NAME.sub(self._as_name, self._names.sub(text))
        if any(core in text for core in self._encoded):
            text = _BASE64.sub(self._in_base64, text)
        return self._addresses.sub(text)

    def _standing_alone(self, text: str) -> str:
        text = self._labels.sub(text)
        for pattern, shown in self._alone:
            text = pattern.sub(shown, text)
        return text

    def _any_local_part(self, text: str) -> str:
        return _LOCAL_PART.sub(self._local_part, text) if "@" in text else text

    def _as_name(self, found: re.Match[str]) -> str:
        shown = self._single.get(found["name"] or found["first"])
        return found[0] if shown is None else (found["before"] or "") + shown

    def _in_base64(self, found: re.Match[str]) -> str:
        return "masked" if any(core in found[0] for core in self._encoded) else found[0]

    def _local_part(self, found: re.Match[str]) -> str:
        # Every domain has a postmaster (RFC 5321 §4.5.1): our own sentences name it.
        branch, local = _below_dkim(found[1])
        kept = _USER.match(local) or local.lower() == "postmaster" or self._is_selector(local, found)
        return found[0] if kept else f"{branch}{self._masks.user(local)}@"

    def _is_selector(self, local: str, found: re.Match[str]) -> bool:
        """Whether a DKIM selector stands before its domain here."""
        if not self._selectors:
            return False
        domain = _DOMAIN.match(found.string, found.end())
        return domain is not None and f"{local}@{domain[0]}".lower() in self._selectors


def _below_dkim(text: str) -> tuple[str, str]:
    """Return what stands in a step's id before a DKIM selector, "" elsewhere, and the rest."""
    return (_DKIM_STEPS, text.removeprefix(_DKIM_STEPS)) if text.startswith(_DKIM_STEPS) else ("", text)


def _local_parts(paths: Sequence[str]) -> list[str]:
    """Return the local parts of addresses, without those that are masks already."""
    found = [path.rpartition("@")[0] for path in paths if "@" in path]
    return [local for local in found if local and not _USER.match(local)]


def _mailbox(local: str) -> str:
    """Return a local part without what follows `+`: servers answer for that mailbox (RFC 5233)."""
    return local.partition("+")[0] or local


def _encoded(path: str) -> set[str]:
    """Return what an address in base64 holds, as links in replies have it, whatever stands around it."""
    cores = set[str]()
    for before in range(3):
        data = b" " * before + path.encode("utf-8", "backslashreplace")
        first = -(-before * 8 // 6)
        core = base64.b64encode(data).decode()[first : len(data) * 8 // 6]
        cores |= {core, core.replace("+", "-").replace("/", "_")}
    return cores


def _forms(local: str) -> list[str]:
    """Return how a local part is written: printable, without its quotes, in a link, in other encodings."""
    forms = [local]
    if len(local) > 2 and local[0] == local[-1] == '"':
        forms += [local[1:-1], re.sub(r"\\(.)", r"\1", local[1:-1])]
    forms = [spelt for form in forms for spelt in _spellings(form)]
    forms += [text for form in forms for text in (visible(form), quote(form, safe=""), quote(form))]
    return sorted({form for form in forms if form.strip()}, key=lambda form: (-len(form), form))


def _spellings(text: str) -> list[str]:
    """Return a text as servers tell it back that change it: composed or not, as HTML, as Latin-1."""
    spellings = [text, html.escape(text), html.escape(text).replace("&#x27;", "&#39;")]
    if text.isascii():
        return spellings
    octets = text.encode("utf-8", "backslashreplace")
    spellings += [unicodedata.normalize(form, text) for form in ("NFC", "NFD")]
    spellings += [text.upper(), text.lower()]  # of another length than the text, for some letters
    spellings += [text.encode("ascii", "xmlcharrefreplace").decode(), octets.decode("latin-1")]
    return [*spellings, visible(text.encode("latin-1", "backslashreplace"))]


def _alone(local: str) -> re.Pattern[str]:
    """Return a pattern of a local part without its domain; `_` joins it to no other word."""
    before = r"(?<![^\W_])" if re.match(r"\w", local) else ""
    local = re.escape(local)
    return re.compile(rf"{before}(?<![^\W_]\.)(?<![A-Za-z]-){local}(?![^\W_]|[-.][^\W_])", re.IGNORECASE)


def _glued(local: str, domain: str) -> list[re.Pattern[str]]:
    """Return patterns of an address whose `@` became another sign, and of one turned round as SRS has it."""
    found = []
    host = re.escape(domain)
    for part in dict.fromkeys((local, _mailbox(local))):
        name = re.escape(part)
        found.append(re.compile(rf"(?<![^\W_]){name}(?=[=_%#+!~-]{host}(?![\w-]))", re.IGNORECASE))
        found.append(re.compile(rf"(?<={host}[=!_]){name}(?![^\W_])", re.IGNORECASE))
    return found
