"""Texts that no terminal lays out well."""

from hypothesis import strategies as st

MARKS = ("\u0301", "\u0e47", "\u20dd", "\ufe0f", "\u1ab0", "\u0903", "\u1161", "\U0001f3fd", "\U000e0100")
_PIECES = (
    *(mark * 41 for mark in MARKS),
    *MARKS,
    *(
        "a",
        " ",
        "550 5.1.1 ",
        "e\u0301",
        "a-word-longer-than-a-row-is",
        "\u0928\u093f\u0939\u094d",
        "\u0e17\u0e35\u0e48",
    ),
    *(
        "日本語",
        "☺\ufe0f",
        "👨\u200d👩\u200d👧",
        "\u200d",
        "🇩🇪",
        "שָׁלוֹם",
        "مرحبا",
        "\u202e",
        "\\x1b",
        "\\U000e0001",
    ),
    *("\ud800", "\U000e0fff", "\u0378", "\ue000", "\xa0", "\u2028", "\x00", "\x1b[2J", "\t", "\x85", "[bold]x[/]"),
)
SAMPLES = (
    "550 5.1.1 " + "\u0301" * 41,
    *(mark * 41 for mark in MARKS),
    "".join(_PIECES),
    "👨\u200d" * 60,
    "日" * 90,
    "a\u0301" * 90,
    "\ud800",
    "",
)
any_text = st.one_of(
    st.lists(st.sampled_from(_PIECES), max_size=30).map("".join),
    st.text(st.characters(exclude_categories=()), max_size=80),
    st.text(st.sampled_from([*MARKS, "a", " ", "日"]), max_size=120),
)
