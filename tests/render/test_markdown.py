"""The Markdown report: a peer's words stay words."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from smtpdiag_tui.render.markdown import to_markdown
from smtpdiag_tui.render.markdown_text import code, escape, fenced, links, paragraph, reference
from smtpdiag_tui.report.visible import visible
from tests.render.made import SESSION, WORDS, deciding, made, report_of

# What GitHub makes links of in the text that was rendered, wherever it stands outside of code.
LIVE = re.compile(r"(?:https?|ftp)://|www\.|[\w.+-]+@\w|@\w|#\d|\bGH-\d", re.IGNORECASE | re.ASCII)
_PIECES = (
    *(
        "www.evil.example",
        "WWW.evil.com",
        "http://evil.example/a?b=(c)",
        "https://",
        "HTTP://x.y",
        "ftp://f.example",
    ),
    *("mailto:", "xmpp:", "user@host.example", "a.b+c_d@x.example", "@all", "@org/team", "#123", "GH-12", "a/b#7"),
    *("`", "``", "```", "~~~", "~", "*", "**", "_", "__", "[", "](", "]", "(", ")", "<", ">", "|", "\\", "&#64;"),
    *(
        "&amp;",
        "!",
        "$",
        " ",
        " ",
        " ",
        ".",
        ",",
        '"',
        "'",
        "a",
        "word",
        "-",
        "+",
        "1.",
        "=",
        "<!--",
        "-->",
        ":",
        "//",
    ),
    *("<bob@partner.example>:", "日本", "é", "a\u0301", "{", "}", ";", "---", "# ", "> ", "user", "w", "ww"),
)
peer_text = st.lists(st.sampled_from(_PIECES), max_size=25).map(lambda parts: visible("".join(parts)))


class Shown(HTMLParser):
    """What a reader sees of HTML; `bare` is the text outside of code, each piece of its own node."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text, self.bare, self.tags = "", "", list[str]()
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.bare += "\0"

    def handle_endtag(self, tag: str) -> None:
        self.tags.remove(tag)
        self.bare += "\0"

    def handle_data(self, data: str) -> None:
        self.text += data
        if "code" not in self.tags:
            self.bare += data


def reader() -> MarkdownIt:
    """Return a reader of GitHub's flavour that makes links of all that looks like one, bare host names aside."""
    found = MarkdownIt("gfm-like", {"html": True, "linkify": True})
    assert found.linkify is not None
    found.linkify.set({"fuzzy_link": False, "fuzzy_email": True})
    return found


def types(tokens: list[Token]) -> list[str]:
    """Return the kinds of all blocks, in order."""
    return [token.type for token in tokens]


def inner(tokens: list[Token]) -> set[str]:
    """Return the kinds of all that stands in lines."""
    return {child.type for token in tokens for child in token.children or ()}


def test_outcome_headline_and_fields_come_first_then_the_evidence() -> None:
    lines = to_markdown(made()).splitlines()
    assert [line for line in lines if line.startswith("#")] == [
        "# ✗ BOUNCED: `alice@sender.example` to `bob@partner.example`",
        "## MX hosts",
        "## Checks",
    ]
    assert lines[2].startswith("**Returned: 550 5.1.1")
    assert [line.split("**")[1] for line in lines if line.startswith("- **")] == [
        "Delivery:",
        "Cause:",
        "Responsible:",
        "Action:",
    ]
    assert lines[-1].startswith("smtpdiag ")


def test_on_request_all_steps_and_transcripts_follow() -> None:
    text = to_markdown(made(), verbose=True)
    headings = [line for line in text.splitlines() if line.startswith("#")]
    assert headings[-3:] == ["## Steps", "## Transcripts", f"### `{SESSION}`"]
    assert f"   0.25 T← {WORDS}" in text
    assert "Why syntax matters." in text
    assert "QUIT**: the session ended" in text


def test_a_peers_words_become_no_markup() -> None:
    for verbose in (False, True):
        html = MarkdownIt("commonmark").render(to_markdown(deciding(made(), SESSION), verbose=verbose))
        assert "<a " not in html
        assert "<b>" not in html
        assert "<em>" not in html
        assert "<code>rm" not in html
        assert html.count("&lt;b&gt;*no*&lt;/b&gt;") >= 3


def test_a_fence_is_longer_than_any_in_the_conversation() -> None:
    text = to_markdown(deciding(made(), SESSION))
    html = MarkdownIt("commonmark").render(text)
    assert html.count("<pre>") == 2  # the reply and the session
    assert f"   0.25 T← {WORDS}" in text
    assert f"\n````text\n{WORDS}\n````\n" in text
    assert MarkdownIt("commonmark").render(to_markdown(made(), verbose=True)).count("<pre>") == 2


def test_a_long_reply_and_a_long_session_are_cut_with_a_word_on_it() -> None:
    report = deciding(made(lines=5000), SESSION)
    text = to_markdown(report)
    assert len(text.splitlines()) <= 60
    assert "… 4995 more lines (-v)" in text
    assert "lines left out (-v has them)" in text
    whole = to_markdown(report, verbose=True)
    assert all(f"550-{number}\n" in whole for number in range(4999))


def test_an_explanation_keeps_its_list_and_nothing_else() -> None:
    report = made()
    explanation = "Does it\nso.\nFails if:\n- one\n  thing\n- # another\n===\n1. no list"
    step = replace(report.steps["syntax"], explanation=explanation)
    text = to_markdown(replace(report, steps={**report.steps, "syntax": step}), verbose=True)
    html = reader().render(text)
    assert "<li>one thing</li>" in html
    assert "<li># another === 1. no list</li>" in html
    assert html.count("<h1>") == 1
    assert "<li># another === 1. no list</li>\n</ul>\n<ul>\n<li>i A remark." in html


def test_escaping_is_undone_by_a_reader() -> None:
    hostile = r"a\b `c` *d* _e_ [f](g) <h> # | ~~i~~ &amp; $j$ @all http://k.example"
    html = MarkdownIt("commonmark", {"html": True, "linkify": False}).render(escape(hostile))
    plain = html.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    marked = hostile.replace("@all http://k.example", "<code>@all</code> <code>http://k.example</code>")
    assert plain == f"<p>{marked}</p>\n"


def test_a_code_span_holds_backquotes() -> None:
    for text in ("plain", "`", "a``b", " ", " a "):
        html = MarkdownIt("commonmark").render(f"x {code(text)} y")
        assert html == f"<p>x <code>{text}</code> y</p>\n"


def test_a_reference_that_is_a_web_address_becomes_a_link_and_nothing_else_does() -> None:
    for text, shown in (
        ("https://sender.office.com/", "<https://sender.office.com/>"),
        ("RFC 5321 §4.1.4", "RFC 5321 §4.1.4"),
        ("https://x.example/](y) <b>", r"`https://x.example/`\](y) \<b\>"),
        ("https://x.example/`a`", r"`https://x.example/`\`a\`"),
    ):
        assert reference(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("see www.evil.example.", "see `www.evil.example`."),
        ("see (https://evil.example/x), now", "see (`https://evil.example/x`), now"),
        ("550 5.1.1 <bob@partner.example>: unknown", r"550 5.1.1 \<`bob@partner.example`\>: unknown"),
        (
            "mailto:a@b.example xmpp:a@b.example ftp://c.example",
            "`mailto:a@b.example` `xmpp:a@b.example` `ftp://c.example`",
        ),
        (
            "ask @root or @org/team, see #12 and a/b#7 and gh-3",
            "ask `@root` or `@org/team`, see `#12` and `a/b#7` and `gh-3`",
        ),
        ("a`b@c.example`d", r"a\``b@c.example`\`d"),
        ("a|b@c.example|d", r"a\|`b@c.example`\|d"),
        ("mx.partner.example [192.0.2.25]: 5.1.1 a_b C:/x", r"mx.partner.example \[192.0.2.25\]: 5.1.1 a_b C:/x"),
        ("www. and @.", "`www.` and `@`."),
    ],
)
def test_what_github_would_make_a_link_of_stands_in_a_code_span(text: str, shown: str) -> None:
    assert escape(text) == shown
    assert "<a " not in reader().render(shown)


def test_underscores_side_by_side_are_no_emphasis() -> None:
    assert "<em>" not in reader().render(escape("__x__ a__b __y_ _z__"))


@pytest.mark.parametrize(
    "text", ["- a", "+ a", "1. a", "12) a", "=== a", "--- ", "-", "    a", "# a", "> a", "~~~ a"]
)
def test_a_line_that_begins_with_it_is_aparagraph(text: str) -> None:
    tokens = reader().parse(paragraph(text))
    assert types(tokens) == ["paragraph_open", "inline", "paragraph_close"]
    assert Shown(reader().render(paragraph(text))).text.strip() == text.strip()


@settings(deadline=None)
@given(peer_text)
def test_any_words_of_a_peer_are_shown_as_they_are_and_alive_nowhere(text: str) -> None:
    html = reader().render(f"x {escape(text)} y")
    shown = Shown(html)
    assert shown.text.split() == f"x {text} y".split()
    assert "<a " not in html
    assert not LIVE.search(shown.bare), shown.bare
    assert inner(reader().parse(f"x {escape(text)} y")) <= {"text", "text_special", "code_inline"}


@pytest.mark.parametrize("verbose", [False, True])
@settings(deadline=None, max_examples=40)
@given(text=peer_text)
def test_any_words_of_a_peer_leave_the_report_its_shape(text: str, verbose: bool) -> None:
    said = f"550 {text} end"
    hostile = to_markdown(report_of(said), verbose=verbose)
    harmless = to_markdown(report_of("550 words end"), verbose=verbose)
    tokens = reader().parse(hostile)
    assert types(tokens) == types(reader().parse(harmless))
    assert inner(tokens) <= {"text", "text_special", "code_inline", "softbreak", "strong_open", "strong_close"}
    shown = Shown(reader().render(hostile))
    assert not LIVE.search(shown.bare), shown.bare
    assert shown.text.count("550") == Shown(reader().render(harmless)).text.count("550")


@settings(deadline=None, max_examples=40)
@given(peer_text)
def test_a_web_address_of_ours_is_a_link_and_a_peers_words_around_it_are_none(text: str) -> None:
    html = reader().render(f"x {links(f'See https://check.example/ip. {text}')}")
    assert html.count("<a ") == 1 + len(re.findall(r"https://[\w.-]", text, re.ASCII))
    assert '<a href="https://check.example/ip">' in html


def test_a_fenced_block_is_indented_whole() -> None:
    assert fenced(["a", "````"], "  ") == ["  `````text", "  a", "  ````", "  `````"]


def test_a_reference_of_a_cause_is_escaped_as_that_of_a_finding() -> None:
    report = report_of("x")
    causes = (replace(report.causes[0], reference="[x](y) <b> www.evil.example"),)
    html = reader().render(to_markdown(replace(report, causes=causes), verbose=True))
    assert "evil" in html
    assert "<a " not in html
    assert "<b>" not in html


def test_an_empty_code_span_pairs_with_nothing() -> None:
    assert reader().render(f"{code('')} b ``c`` {code('')}").count("<code>") == 3
