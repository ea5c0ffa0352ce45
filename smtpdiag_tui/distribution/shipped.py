"""The files that a wheel ships beside the program, each with its place below the prefix. Pure."""

from smtpdiag_tui.distribution.completions.for_bash import bash_script
from smtpdiag_tui.distribution.completions.for_fish import fish_script, wrapper
from smtpdiag_tui.distribution.completions.for_zsh import zsh_script
from smtpdiag_tui.distribution.flags import PROGRAMS
from smtpdiag_tui.distribution.man_page import alias_page, man_page


def shipped(date: str) -> dict[str, str]:
    """Return place to content; `date` is that of the man page.

    A shell finds what completes a command by the command's name.
    """
    first, *others = PROGRAMS
    files = {
        f"share/man/man1/{first}.1": man_page(date),
        f"share/zsh/site-functions/_{first}": zsh_script(),
        f"share/fish/vendor_completions.d/{first}.fish": fish_script(),
    }
    files |= {f"share/bash-completion/completions/{name}": bash_script() for name in PROGRAMS}
    files |= {f"share/man/man1/{name}.1": alias_page() for name in others}
    files |= {f"share/fish/vendor_completions.d/{name}.fish": f"{wrapper(name)}\n" for name in others}
    return files
