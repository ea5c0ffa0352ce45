"""What stands for what in a masked report, and how it is found in a text. Pure."""

import base64
import ipaddress
import re
from collections.abc import Callable, Collection, Iterable, Sequence

from smtpdiag_tui.settings import IPAddress, parse_ip

Mask = Callable[[str], str]

# Where a run of such characters begins, and of bounded length: a peer's line may be long, and made to take long.
_PART = r"[^\s@<>:;,()\[\]\"`=]"
_LOCAL_PART = re.compile(rf"(\"(?:[^\"\\]|\\.){{1,256}}\"|(?<![^\s@<>:;,()\[\]\"`='])(?!'){_PART}{{1,256}})@(?=[\w\[])")
_USER = re.compile(r"user\d+\Z")
_HOST = re.compile(r"host\d+(?:\.masked)?\Z")
_ADDRESS = re.compile(r"own-ipv[46]-\d+\Z")
_NAME = r"(?<![\w.])(?<![A-Za-z]-){}(?![\w-]|\.\w)"  # "250-" may stand before it
_TOKEN = re.compile(_NAME.format(r"[\w-]+(?:\.[\w-]+)*"))
# Where a name of one label is a name for sure: a host called `mail` must not change our prose.
_AS_NAME = re.compile(
    r"(?P<before>\b[EH][EH]LO |\bsaid in EHLO, |\b[Nn]ame(?: given| of this machine)?: |\bgreets (?:as|with) "
    r"|\b[Rr]elay(?: hosts?)?:? |smtp_helo_name = |\bdelivery/|[\"'\[])(?P<name>[\w-]+)(?![\w-]|\.\w)"
    r"|(?:\A|(?<=\s))(?P<first>[\w-]+)(?=\Z|, which| \[| \(preference)"
)
_IPV6 = re.compile(r"(?<![\w:.])[0-9a-f]{0,4}:[0-9a-f:.]*[0-9a-f:](?!\w)", re.IGNORECASE)
_IPV6_TAGGED = re.compile(r"(?<=IPv6:)[0-9a-f]{0,4}:[0-9a-f:.]*[0-9a-f:](?!\w)", re.IGNORECASE)
# A host by such a name could be anybody's.
_GENERIC = re.compile(
    r"(?:mail(?:host|gate|out)?|smtp|mx|mta|relay|out|host|server|gateway|gw|www|web|ns|post|localhost)-?\d*"
)
_HEX = re.compile(r"(?<![0-9a-f])(?:[0-9a-f]{32}|[0-9a-f]{8})(?![0-9a-f])", re.IGNORECASE)
_NIBBLES = re.compile(r"(?<![0-9a-f.])(?:[0-9a-f]\.){31}[0-9a-f](?:\.ip6\.arpa)?(?![0-9a-f])", re.IGNORECASE)
_DASHED = re.compile(r"[0-9a-f-]{3,}", re.IGNORECASE)
_BASE64 = re.compile(r"[A-Za-z0-9+/_=-]+")
_QUAD = re.compile(
    r"(?<!\d)(?<!\d\.)\d{1,3}(?:\.\d{1,3}){3}(?!\d|\.\d)|(?<!\d)\d{1,3}(?:-\d{1,3}){3,}(?!\d)", re.ASCII
)


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
    """Whether a name or an address is a mask itself: it stands in a report that was masked and saved."""
    bare = value.strip("[]").removeprefix("IPv6:")
    return bool(_HOST.match(bare) or _ADDRESS.match(bare))


class _Words:
    """Whole words and what each is shown as. Looked up, so that many cost no more than few."""

    def __init__(self) -> None:
        self._shown: dict[str, str] = {}
        self._longest = 0
        self._odd: list[tuple[re.Pattern[str], str]] = []  # what is no name, as only the user can have given it

    def add(self, word: str, shown: str) -> None:
        """Show a word as something else from now on."""
        if _TOKEN.fullmatch(word):
            self._shown.setdefault(word.lower(), shown)
            self._longest = max(self._longest, len(word))
        elif len(self._odd) < _MOST_ODD:
            self._odd.append((_whole(word), shown))

    def get(self, word: str) -> str | None:
        """Return what a word is shown as, None if it is none of them."""
        return self._shown.get(word.lower())

    def sub(self, text: str) -> str:
        """Return a text with all the words in it replaced."""
        if self._shown:
            text = _TOKEN.sub(self._word, text)
        for pattern, shown in self._odd:
            text = pattern.sub(shown, text)
        return text

    def _word(self, found: re.Match[str]) -> str:
        token = found[0]
        shown = self.get(token)
        if shown is not None:
            return shown
        place = token.find("-", max(0, len(token) - self._longest - 1))
        while place >= 0:
            shown = self.get(token[place + 1 :])
            if shown is not None and not re.match("[A-Za-z]", token[place - 1 : place]):
                return token[: place + 1] + shown
            place = token.find("-", place + 1)
        return token


class Masker:
    """Masks in two strengths. `plain` is for all texts: full addresses, own names, own addresses.

    `words` is for what a peer said, where a local part or the first label of an own name may stand alone: in our
    own prose, verbs and step ids these would be words of ours. `hosts` are those of `names` of which even a
    single label is masked in our prose.
    """

    def __init__(
        self,
        paths: Sequence[str],
        names: Sequence[str],
        addresses: Collection[str],
        keys: Collection[str] = (),
        *,
        hosts: Collection[str] = (),
        masks: Masks | None = None,
    ) -> None:
        self._masks = masks or Masks()
        locals_ = [path.rpartition("@")[0] for path in paths if "@" in path]
        locals_ = [local for local in locals_ if local and not _USER.match(local)]
        shown = {local: self._masks.user(local) for local in locals_}
        self._encoded = {core for path in paths if path.rpartition("@")[0] in shown for core in _encoded(path)}
        self._plain: list[tuple[re.Pattern[str], str]] = []
        for local in sorted(shown, key=len, reverse=True):
            known = re.compile(rf"(?<![\w.+]){re.escape(local)}(?=@)", re.IGNORECASE)
            self._plain.append((known, shown[local]))
        for path in paths:
            local, _, domain = path.rpartition("@")
            if local in shown:
                self._plain += [(glued, self._masks.user(local)) for glued in _glued(local, domain)]
        self._alone: list[tuple[re.Pattern[str], str]] = []
        self._names, self._single, self._labels = _Words(), _Words(), _Words()
        self._add_names(names, hosts)
        self._forms: dict[str, str] = {}
        self._own: dict[IPAddress, str] = {}
        self._own_quads: dict[tuple[int, ...], str] = {}
        self._add_addresses(addresses)
        for key in sorted(keys):
            label = re.compile(rf"(?<!\w){re.escape(key)}(?=\.)", re.IGNORECASE)
            self._plain.append((label, self._masks.of("key", key, "key{}")))
        for local in sorted({*shown, *(_mailbox(local) for local in shown)}, key=lambda item: (-len(item), item)):
            self._alone.append((_alone(local), self._masks.user(local)))

    def plain(self, text: str) -> str:
        """Mask what is never a word of ours."""
        for pattern, mask in self._plain:
            text = pattern.sub(mask, text)
        text = _AS_NAME.sub(self._as_name, self._names.sub(text))
        if self._forms:
            text = _HEX.sub(self._form, _NIBBLES.sub(self._form, text))
            text = _DASHED.sub(self._dashed, text) if "-" in text else text
        if any(core in text for core in self._encoded):
            text = _BASE64.sub(self._in_base64, text)
        if self._own_quads:
            text = _QUAD.sub(self._quad, text)
        if self._own and ":" in text:
            text = _IPV6_TAGGED.sub(self._ipv6, _IPV6.sub(self._ipv6, text))
        return _LOCAL_PART.sub(self._local_part, text) if "@" in text else text

    def words(self, text: str) -> str:
        """Mask a peer's words: also what stands there alone."""
        text = self._labels.sub(self.plain(text))
        for pattern, shown in self._alone:
            text = pattern.sub(shown, text)
        return text

    def fixed(self, text: str) -> str:
        """Mask a step's id or a title of ours: it is no host's name as a whole, whatever that is called."""
        return self.plain(f"<{text}>")[1:-1]

    def name(self, text: str) -> str:
        """Mask a text that is a host's name or address and nothing else."""
        return self._single.get(text) or self.plain(text)

    def _add_names(self, names: Sequence[str], hosts: Collection[str]) -> None:
        for name in names:
            if is_mask(name):
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
        literals = {literal for literal in map(_address, addresses) if literal is not None}
        for literal in sorted(literals, key=lambda item: (item.version, int(item))):
            family = f"ipv{literal.version}"
            shown = self._masks.of(family, str(literal), f"own-{family}-{{}}")
            self._own[literal] = shown
            self._own_quads |= dict.fromkeys(_quads(literal), shown)
            self._forms |= dict.fromkeys(_spellings(literal), shown)

    def _as_name(self, found: re.Match[str]) -> str:
        shown = self._single.get(found["name"] or found["first"])
        return found[0] if shown is None else (found["before"] or "") + shown

    def _form(self, found: re.Match[str]) -> str:
        return self._forms.get(found[0].lower(), found[0])

    def _dashed(self, found: re.Match[str]) -> str:
        parts, done, place = found[0].lower().split("-"), list[str](), 0
        original = found[0].split("-")
        while place < len(parts):
            for end in range(min(place + 8, len(parts)), place + 2, -1):
                shown = self._forms.get("-".join(parts[place:end]))
                if shown is not None:
                    done.append(shown)
                    place = end
                    break
            else:
                done.append(original[place])
                place += 1
        return "-".join(done)

    def _in_base64(self, found: re.Match[str]) -> str:
        return "masked" if any(core in found[0] for core in self._encoded) else found[0]

    def _quad(self, found: re.Match[str]) -> str:
        gap = "-" if "-" in found[0] else "."
        parts = found[0].split(gap)
        for start in range(len(parts) - 3):
            shown = self._own_quads.get(tuple(map(int, parts[start : start + 4])))
            if shown is not None:
                return gap.join([*parts[:start], shown, *parts[start + 4 :]])
        return found[0]

    def _ipv6(self, found: re.Match[str]) -> str:
        token = found[0]
        for text in (token, token.rstrip(".:")):  # a colon behind it may belong to the sentence
            literal = _address(text)
            if literal in self._own:
                return self._own[literal] + token[len(text) :]
        return token

    def _local_part(self, found: re.Match[str]) -> str:
        # Every domain has a postmaster (RFC 5321 §4.5.1): our own sentences name it.
        kept = _USER.match(found[1]) or found[1].lower() == "postmaster"
        return found[0] if kept else f"{self._masks.user(found[1])}@"


class PeerWords:
    """Masks our own sentences, in which the lines that peers said stand whole, or cut with an ellipsis.

    `lines` are all lines received. What follows a reply code and is none of them is masked to its end.
    """

    def __init__(self, masker: Masker, lines: Iterable[str]) -> None:
        self._masker = masker
        self._known: dict[str, set[str]] = {}
        self._strange: set[str] = set()  # lines without code
        for line in lines:
            if _CODE.match(line):
                self._known.setdefault(line[:_KEY], set()).add(line.rstrip(". "))
            else:
                self._strange.add(line)

    def __call__(self, text: str) -> str:
        """Return a sentence of ours with all masked that must not be seen."""
        if text in self._strange:
            return self._masker.words(text)
        done: list[str] = []
        place = 0
        for found in _QUOTED.finditer(text):
            start = found.start(1)
            if start < place:
                continue
            end, words = self._said(text, start)
            done += [self._masker.plain(text[place:start]), words]
            place = end
        return "".join([*done, self._masker.plain(text[place:])])

    def _said(self, text: str, start: int) -> tuple[int, str]:
        """Return where the peer's words that begin at `start` end, and how they read masked."""
        tail = text[start:]
        known = self._known.get(tail[:_KEY], set())
        if len(known) <= _MOST:
            whole = max((line for line in known if tail.startswith(line)), key=len, default=None)
            if whole is not None:
                return start + len(whole), line_of_reply(whole, self._masker)
            cut = tail.partition("…")[0]
            line = next((line for line in sorted(known) if line.startswith(cut)), None) if "…" in tail else None
            if line is not None:
                return start + len(cut), line_of_reply(line, self._masker)[: len(cut)]
        return len(text), line_of_reply(tail, self._masker)


_MOST_ODD = 16
_KEY = 8  # characters of a line by which it is looked up
_MOST = 500  # lines with the same beginning, beyond which nobody looks which one it was
_CODE = re.compile(r"[2-5]\d\d[ -]")
_QUOTED = re.compile(r"(?:\A|: |\(|\"|with )([2-5]\d\d[ -])")


def line_of_reply(text: str, masker: Masker) -> str:
    """Return a line that a peer sent, masked; its reply code stays."""
    code = _CODE.match(text)
    return text[:4] + masker.words(text[4:]) if code else masker.words(text)


def _mailbox(local: str) -> str:
    """Return a local part without what follows `+`: servers answer for that mailbox (RFC 5233)."""
    return local.partition("+")[0] or local


def _address(text: str) -> IPAddress | None:
    """Return the address that a text is, in whatever spelling; an IPv4-mapped one as the IPv4 address it is."""
    literal = parse_ip(text.partition("%")[0])
    if isinstance(literal, ipaddress.IPv6Address) and literal.ipv4_mapped is not None:
        return literal.ipv4_mapped
    return literal


def _spellings(literal: IPAddress) -> list[str]:
    """Return how an address stands in names, in lower case: as reverse names have it, dashed, as hex."""
    if isinstance(literal, ipaddress.IPv6Address):
        pointer = literal.reverse_pointer
        dashed = [str(literal).replace(":", "-"), literal.exploded.replace(":", "-")]
        return [pointer, pointer.removesuffix(".ip6.arpa"), literal.packed.hex(), *dashed]
    return [literal.packed.hex()]


def _quads(literal: IPAddress) -> list[tuple[int, ...]]:
    """Return the numbers of an IPv4 address, as they are and reversed as in the DNS."""
    numbers = tuple(literal.packed)
    return [numbers, numbers[::-1]] if literal.version == 4 else []


def _encoded(path: str) -> set[str]:
    """Return what an address in base64 holds, as links in replies have it, whatever stands around it."""
    cores = set[str]()
    for before in range(3):
        data = b" " * before + path.encode("utf-8", "backslashreplace")
        first = -(-before * 8 // 6)
        core = base64.b64encode(data).decode()[first : len(data) * 8 // 6]
        cores |= {core, core.replace("+", "-").replace("/", "_")}
    return cores


def _whole(text: str) -> re.Pattern[str]:
    return re.compile(_NAME.format(re.escape(text)), re.IGNORECASE)


def _alone(local: str) -> re.Pattern[str]:
    """Return a pattern of a local part without its domain; `_` joins it to no other word."""
    local = re.escape(local)
    return re.compile(rf"(?<![^\W_])(?<!\.)(?<![A-Za-z]-){local}(?![^\W_]|-|\.[^\W_])", re.IGNORECASE)


def _glued(local: str, domain: str) -> list[re.Pattern[str]]:
    """Return patterns of an address whose `@` became another sign, and of one turned round as SRS has it."""
    found = []
    host = re.escape(domain)
    for part in dict.fromkeys((local, _mailbox(local))):
        name = re.escape(part)
        found.append(re.compile(rf"(?<![^\W_]){name}(?=[=_%#+!~-]{host}(?![\w-]))", re.IGNORECASE))
        found.append(re.compile(rf"(?<={host}[=!_]){name}(?![^\W_])", re.IGNORECASE))
    return found
