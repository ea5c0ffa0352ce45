"""What the answers of DNS lists come to: a listing, a word of trust, or nothing that can be believed. Pure."""

from collections.abc import Sequence

from smtpdiag_tui.checks.lookups.answers import describe, label
from smtpdiag_tui.checks.machine.blocklists import (
    MAX_RECORDS,
    FamilyTest,
    ListAnswer,
    ListObservation,
)
from smtpdiag_tui.checks.machine.known_lists import (
    ERROR_ADVICE,
    ERRORS,
    REFUSING,
    Code,
    CodeKind,
    code_of,
    is_allow_list,
    known_list,
)
from smtpdiag_tui.report.findings import Finding, finding

_MOST_MEANINGS = 2  # of one listing
_POLICY = "Receivers that use the list reject all direct mail from this address."
_NETWORK = "Receivers may score the listing, or reject mail because of it."


def judge(seen: ListObservation) -> tuple[Finding, ...]:
    """Return the findings about one list."""
    found: list[Finding] = []
    filtered = seen.filtered
    if filtered is not None:
        found.append(_filtered(seen.name, filtered))
    elif seen.failed_tests:
        found.append(_unusable(seen.name, seen.failed_tests[0]))
    for listing in seen.answers:
        found += _judge_answer(seen.name, listing)
    return tuple(found)


def _judge_answer(name: str, listing: ListAnswer) -> list[Finding]:
    """Judge what a list that can be believed says of one address."""
    refusal = _refusal(name, listing)
    if listing.refused or refusal is not None:
        return [_no_answer(name, listing, refusal)]
    if listing.absent:
        return []
    known = _known_codes(name, listing)
    if listing.listed or known:
        return _judge_codes(name, listing, known)
    if listing.says_no:
        return []
    return [_no_answer(name, listing, None)]


def _judge_codes(name: str, listing: ListAnswer, known: Sequence[Code]) -> list[Finding]:
    """Judge the codes of one address; `known` are those with a known meaning, any other is a listing."""
    refusing = [code for kind in REFUSING for code in _of_kind(known, kind)]
    allowed = _of_kind(known, CodeKind.ALLOWED)
    if is_allow_list(name):
        return [_allowed(name, listing, [*allowed, *refusing])]
    unknown = [value for value in listing.listings if code_of(name, value) is None]
    if refusing or unknown:
        return [_listed(name, listing, refusing)]
    if allowed:
        return [_allowed(name, listing, allowed)]
    return []


def _known_codes(name: str, *asked: ListAnswer) -> list[Code]:
    """Return what the codes in answers of a list mean, as far as that is known."""
    codes = [code_of(name, value) for item in asked for value in item.codes]
    return [code for code in codes if code is not None]


def _of_kind(codes: Sequence[Code], kind: CodeKind) -> list[Code]:
    return [code for code in codes if code.kind is kind]


def _listed(name: str, listing: ListAnswer, codes: Sequence[Code]) -> Finding:
    """Return the finding about a listing; what the codes mean is told where the list is known."""
    message = f"{listing.address} is listed on {name} ({_parts(listing, codes)})"
    if not codes:
        return finding("dnsbl-listed", message, evidence=_evidence(listing))
    return finding(
        "dnsbl-listed",
        message,
        evidence=_evidence(listing),
        meaning=_meaning(codes),
        advice=_advice(name, listing.address, codes) or None,
    )


def _parts(listing: ListAnswer, codes: Sequence[Code]) -> str:
    """Return the parts of a list that hold an address: by their names where the codes are known."""
    names = dict.fromkeys(code.list for code in codes)
    return ", ".join(names) or ", ".join(listing.listings)


def _meaning(codes: Sequence[Code]) -> str:
    """Return what the codes of a listing mean, and what the gravest, which stands first, comes to."""
    meanings = list(dict.fromkeys(code.meaning for code in codes))[:_MOST_MEANINGS]
    gravest = codes[0].kind
    if len(meanings) == _MOST_MEANINGS:
        return " ".join(meanings)
    if gravest is CodeKind.POLICY:
        meanings.append(_POLICY)
    elif gravest is not CodeKind.LISTED:
        meanings.append(_NETWORK)
    return " ".join(meanings)


def _advice(name: str, address: str, codes: Sequence[Code]) -> tuple[str, ...]:
    """Return where a list tells why it holds an address, then what to do; nothing where neither is known."""
    told = dict.fromkeys(code.advice for code in codes[:_MOST_MEANINGS] if code.advice)
    advice = [words.format(address=address) for words in told]
    known = known_list(name)
    if known is not None and known.page:
        advice.insert(0, f"Look up {address} at {known.page} to see why it is listed.")
    return tuple(advice)


def _allowed(name: str, listing: ListAnswer, codes: Sequence[Code]) -> Finding:
    meanings = " ".join(dict.fromkeys(code.meaning for code in codes[:_MOST_MEANINGS])) or None
    message = f"{listing.address} is on the allow-list {name} ({_parts(listing, codes)})"
    return finding("dnswl-listed", message, evidence=_evidence(listing), meaning=meanings)


def _filtered(name: str, test: FamilyTest) -> Finding:
    servers = {item.server.label for item in (test.must.answer, test.zone) if item is not None}
    resolver = ", ".join(sorted(servers))
    probably = "" if test.filtered else "probably "
    message = f"Resolver {resolver} {probably}removes answers within 127.0.0.0/8"
    advice = (
        f"Exempt {name} or 127.0.0.0/8 from rebind protection on {resolver} (rebind-localhost-ok in dnsmasq, no"
        " private-address 127.0.0.0/8 in Unbound)."
    )
    evidence = _lines(test.must)
    for answer in (test.text, test.zone):
        if answer is not None:
            evidence = (*evidence, f"{label(answer)}: {describe(answer)}")
    return finding("dnsbl-filtered", message, evidence=evidence, advice=advice)


def _unusable(name: str, test: FamilyTest) -> Finding:
    evidence = _lines(test.must, test.must_not)
    known = known_list(name)
    if known is not None and known.closed:
        message = f"{name} has closed ({known.closed})"
        return finding(
            "dnsbl-unusable",
            message,
            evidence=evidence,
            meaning="The answers of a closed list say nothing about an address.",
            advice=f"Remove {name} from --dnsbl, and from the configuration of your mail server.",
        )
    message = f"{name} cannot be used ({_unusable_because(name, test)})"
    refusal = _refusal(name, test.must, test.must_not)
    if refusal is not None:
        return _refused(message, evidence, refusal)
    for value in (*test.must.errors, *test.must_not.errors):
        return _error(name, value, message, evidence)
    return finding("dnsbl-unusable", message, evidence=evidence)


def _refused(message: str, evidence: tuple[str, ...], refusal: Code) -> Finding:
    """Return the finding about a list that refuses in a code of its own."""
    return finding("dnsbl-unusable", message, evidence=evidence, meaning=refusal.meaning, advice=refusal.advice)


def _unusable_because(name: str, test: FamilyTest) -> str:
    must, must_not = test.must, test.must_not
    for value in (*must.errors, *must_not.errors):
        return f"it refuses queries, {value}"
    refusal = _refusal(name, must, must_not)
    if refusal is not None:
        return f"it answers {', '.join(must.codes or must_not.codes)}, an error"
    if must_not.listed:
        return f"it lists {must_not.address}, as no list may"
    if must_not.says_no:
        return "it answers 127.0.0.1 for names that it does not list"
    if must.strange or must_not.strange:
        return "its answers are outside 127.0.0.0/8"
    if must.absent or must.says_no:
        return f"it does not list {must.address}, as every list must"
    return _failure(must, must_not)


def _refusal(name: str, *asked: ListAnswer) -> Code | None:
    """Return the code by which a list of its own kind refuses queries."""
    errors = _of_kind(_known_codes(name, *asked), CodeKind.ERROR)
    return errors[0] if errors else None


def _error(name: str, value: str, message: str, evidence: tuple[str, ...]) -> Finding:
    """Return the finding about a list that answers with an error code."""
    advice = ERROR_ADVICE[value].format(zone=name) if value in ERROR_ADVICE else None
    return finding("dnsbl-unusable", message, evidence=evidence, meaning=ERRORS.get(value), advice=advice)


def _failure(*asked: ListAnswer) -> str:
    """Say how the first question failed that came to nothing."""
    for list_answer in asked:
        answer = list_answer.answer
        if answer is not None and not answer.usable:
            return f"query returned {answer.rcode}" if answer.rcode else "no answer"
    return "no answer"


def _no_answer(name: str, asked: ListAnswer, refusal: Code | None) -> Finding:
    evidence = _lines(asked)
    if refusal is not None:
        message = f"{name} returned error {', '.join(asked.codes)} for {asked.address}"
        return _refused(message, evidence, refusal)
    for value in asked.errors:
        return _error(name, value, f"{name} refused the query for {asked.address} ({value})", evidence)
    return finding("dnsbl-unusable", f"{name} returned no usable answer for {asked.address}", evidence=evidence)


def _evidence(listing: ListAnswer) -> tuple[str, ...]:
    lines = list(_lines(listing))
    if listing.reason is not None:
        lines.extend(f"{record.rdtype}: {record.data}" for record in listing.reason.records[:MAX_RECORDS])
    return tuple(lines)


def _lines(*asked: ListAnswer) -> tuple[str, ...]:
    """Return a line for each answer that came, with the codes that it holds."""
    lines: list[str] = []
    for list_answer in asked:
        if list_answer.answer is not None:
            line = f"{label(list_answer.answer)}: {describe(list_answer.answer)}"
            codes = ", ".join(list_answer.codes)
            lines.append(f"{line}: {codes}" if codes else line)
    return tuple(lines)


def notes(seen: ListObservation) -> tuple[str, ...]:
    """Return all that was asked and answered, as lines."""
    lines: list[str] = []
    for test in seen.tests:
        lines.extend(_lines(test.must, test.must_not))
        lines.extend(f"{label(item)}: {describe(item)}" for item in (test.zone, test.text) if item is not None)
    return (*lines, *_lines(*seen.answers))


def detail(seen: ListObservation) -> str:
    """Return what a list comes to in a few words."""
    if seen.filtered is not None:
        return "answers removed by the resolver"
    codes = {item.code for item in judge(seen)}
    held = ", ".join(seen.held)
    if "dnsbl-listed" in codes:
        return f"{held} listed"
    if "dnswl-listed" in codes:
        return f"allow-list, lists {held or 'the address'}"
    if seen.failed_tests:
        return "not usable"
    if "dnsbl-unusable" in codes:
        return "no usable answer"
    return _without_listing(seen)


def _without_listing(seen: ListObservation) -> str:
    """Return in a few words that a list that is believed holds no address."""
    if not seen.answers:
        return "lists no IPv6 addresses" if seen.tests else ""
    return f"{', '.join(answer.address for answer in seen.answers)} not listed"
