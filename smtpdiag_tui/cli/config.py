"""The user's file: `config.toml` in the user's config folder. Its values are defaults; the command line wins."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from smtpdiag_tui.files import read_regular
from smtpdiag_tui.options import table
from smtpdiag_tui.options.option import InFile
from smtpdiag_tui.settings import SettingsError

FILE = "config.toml"
MAX_SIZE = 64 * 1024


class ConfigError(Exception):
    """The file cannot be used; the text names key, file and what is allowed, in one line."""


@dataclass(frozen=True, slots=True)
class Config:
    """What the file says. `defaults` maps names of settings to their values as text."""

    theme: str | None = None
    ascii_only: bool | None = None
    mouse: bool = True
    history: bool = True
    defaults: dict[str, str] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)


_SWITCHES = {"ascii": "ascii_only", "mouse": "mouse", "history": "history"}


def config_path() -> Path:
    """Return where the file is looked for."""
    import platformdirs

    return Path(platformdirs.user_config_dir("smtpdiag-tui", appauthor=False)) / FILE


def read_config(path: Path) -> Config:
    """Read the file; without one, all defaults. Raises ConfigError."""
    try:
        data = read_regular(path, MAX_SIZE)
    except (FileNotFoundError, NotADirectoryError):  # a home that is the null device has no files either
        return Config()
    except OSError as error:
        raise ConfigError(f"cannot read '{path}': {error.strerror or error}") from error
    if len(data) > MAX_SIZE:
        raise ConfigError(f"cannot read '{path}': larger than {MAX_SIZE // 1024} KiB")
    import tomllib  # most users have no such file

    try:
        found = tomllib.loads(data.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"not a TOML file '{path}': {error}") from error
    return _config(path, found)


def _config(path: Path, found: dict[str, Any]) -> Config:
    known = {"theme", "defaults", "keys", *_SWITCHES}
    for key in found:
        if key not in known:
            raise ConfigError(f"unknown setting {key!r} in {path}: must be one of {', '.join(sorted(known))}")
    read: dict[str, Any] = {}
    for key, name in _SWITCHES.items():
        if key in found:
            if not isinstance(found[key], bool):
                raise ConfigError(f"invalid {key!r} in {path}: must be true or false")
            read[name] = found[key]
    if "theme" in found:
        if not isinstance(found["theme"], str):
            raise ConfigError(f"invalid 'theme' in {path}: must be a name in quotation marks (see --help)")
        read["theme"] = _theme(path, found["theme"])
    read["defaults"] = _table(path, found, "defaults", _default)
    read["keys"] = _keys(path, _table(path, found, "keys", _key))
    return Config(**read)


def _theme(path: Path, name: str) -> str:
    from smtpdiag_tui.tui.drawing.theme_names import theme_problem  # like the keys, for those with such a file

    problem = theme_problem(name)
    if problem is not None:
        raise ConfigError(f"{problem} in {path} (see --help)")
    return name


def _table(path: Path, found: dict[str, Any], name: str, check: Callable[[Path, str, Any], str]) -> dict[str, str]:
    table = found.get(name, {})
    if not isinstance(table, dict):
        raise ConfigError(f"invalid {name!r} in {path}: must be a table [{name}]")
    return {key: check(path, key, value) for key, value in table.items()}


def _default(path: Path, key: str, value: Any) -> str:
    known = {option.name: option for option in table.OPTIONS if option.in_file is not None}
    option = known.get(key)
    if option is None or option.in_file is None:
        raise ConfigError(f"unknown default {key!r} in {path}: must be one of {', '.join(known)}")
    try:
        text = _text(option.in_file, value)
        option.read(text, option.in_file.separators)
    except SettingsError as error:
        raise ConfigError(f"invalid 'defaults.{key}' in {path}: must be {option.in_file.allowed}") from error
    return text


def _text(allowed: InFile, value: Any) -> str:
    """Return a default as the command line has it; raises SettingsError for a value of the wrong kind."""
    if isinstance(value, str):
        return value
    if allowed.lists and isinstance(value, list) and value and all(isinstance(item, str) for item in value):
        return " ".join(value)
    if isinstance(value, allowed.numbers) and not isinstance(value, bool):
        return str(value)
    raise SettingsError


def _key(path: Path, key: str, value: Any) -> str:
    from smtpdiag_tui.tui.keys import ALLOWED, keys_of

    if not isinstance(value, str) or not value.strip():
        example = 'one or more keys, such as "f6" or "ctrl+t,f7"'
        raise ConfigError(f"invalid 'keys.{key}' in {path}: must be {example}")
    try:
        return ",".join(keys_of(value))
    except ValueError as error:
        wrong = f"unknown key {error.args[0]!r} for 'keys.{key}' in {path}"
        raise ConfigError(f"{wrong}: must be {ALLOWED}") from error


def _keys(path: Path, table: dict[str, str]) -> dict[str, str]:
    """Check what only the whole table shows: whether the actions are there, and have keys of their own."""
    if table:
        from smtpdiag_tui.tui.keys import key_problem

        for key in table:
            problem = key_problem(table, key)
            if problem:
                raise ConfigError(f"invalid [keys] in {path}: {problem}")
    return table
