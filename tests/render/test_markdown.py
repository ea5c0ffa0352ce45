"""The Markdown report: a peer's words stay words."""

from markdown_it import MarkdownIt

from smtpdiag_tui.render.markdown import _reference, code, escape, to_markdown
from tests.render.made import WORDS, made


def test_outcome_first_then_advice_reasons_steps_and_conversations() -> None:
    text = to_markdown(made())
    headings = [line for line in text.splitlines() if line.startswith("#")]
    assert headings == [
        "# `alice@sender.example` to `bob@partner.example`",
        "## What to do",
        "## Reasons",
        "## Steps",
        "## Conversations",
        "### `mx.partner.example 192.0.2.25`",
    ]
    assert text.splitlines()[2] == "**✗ bounced: a sender would return the mail**"


def test_a_peers_words_become_no_markup() -> None:
    html = MarkdownIt("commonmark").render(to_markdown(made()))
    assert "<a " not in html
    assert "<b>" not in html
    assert "<em>" not in html
    assert "<code>rm" not in html
    assert html.count("&lt;b&gt;*no*&lt;/b&gt;") >= 3


def test_a_fence_is_longer_than_any_in_the_conversation() -> None:
    html = MarkdownIt("commonmark").render(to_markdown(made()))
    assert html.count("<pre>") == 2
    text = to_markdown(made())
    assert f"   0.25 T← {WORDS}" in text


def test_escaping_is_undone_by_a_reader() -> None:
    hostile = r"a\b `c` *d* _e_ [f](g) <h> # | ~~i~~ &amp; $j$ @all http://k.example"
    html = MarkdownIt("commonmark", {"html": True, "linkify": False}).render(escape(hostile))
    plain = html.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    assert plain == f"<p>{hostile}</p>\n"


def test_a_code_span_holds_backquotes() -> None:
    for text in ("plain", "`", "a``b", " ", " a "):
        html = MarkdownIt("commonmark").render(f"x {code(text)} y")
        assert html == f"<p>x <code>{text}</code> y</p>\n"


def test_a_reference_that_is_a_web_address_becomes_a_link_and_nothing_else_does() -> None:
    for given, shown in (
        ("https://sender.office.com/", "<https://sender.office.com/>"),
        ("RFC 5321 §4.1.4", "RFC 5321 §4.1.4"),
        ("https://x.example/](y) <b>", r"https\://x.example/\](y) \<b\>"),
        ("https://x.example/`a`", r"https\://x.example/\`a\`"),
    ):
        assert _reference(given) == shown
