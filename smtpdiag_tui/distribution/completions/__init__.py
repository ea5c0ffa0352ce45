"""Completions for shells: a script each, made from the flags. Pure."""

from smtpdiag_tui.distribution.completions.for_bash import bash_script
from smtpdiag_tui.distribution.completions.for_fish import fish_script
from smtpdiag_tui.distribution.completions.for_zsh import zsh_script

SCRIPTS = {"bash": bash_script, "zsh": zsh_script, "fish": fish_script}
