"""The themes that a user may name, known without loading what draws them."""

THEMES = frozenset(
    (
        "ansi",
        "ansi-dark",
        "ansi-light",
        "atom-one-dark",
        "atom-one-light",
        "catppuccin-frappe",
        "catppuccin-latte",
        "catppuccin-macchiato",
        "catppuccin-mocha",
        "dark",
        "dracula",
        "flexoki",
        "gruvbox",
        "light",
        "monokai",
        "nord",
        "rose-pine",
        "rose-pine-dawn",
        "rose-pine-moon",
        "smtpdiag-dark",
        "smtpdiag-light",
        "solarized-dark",
        "solarized-light",
        "textual-dark",
        "textual-light",
        "tokyo-night",
    )
)


def theme_problem(name: str) -> str | None:
    """Return `unknown theme NAME` for a name that no theme has, None for one that a theme has."""
    return None if name in THEMES else f"unknown theme {name!r}"
