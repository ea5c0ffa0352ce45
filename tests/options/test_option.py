"""What an option reads out of one text, and the defaults of settings."""

import pytest

from smtpdiag_tui.options.option import BLANKS, Json, Masked, Option, Shape, defaults_of
from smtpdiag_tui.settings import Settings, SettingsError, TlsPolicy, parse_port

ONE = Option(name="port", json=Json(shape=Shape.WHOLE_NUMBER), masked=Masked.NOT, parse=parse_port)
SEVERAL = Option(name="dnsbl", json=Json(shape=Shape.TEXTS), masked=Masked.NOT, parse=tuple, several=True)


def test_one_value_is_the_whole_text() -> None:
    assert ONE.read("26") == 26
    with pytest.raises(SettingsError):
        ONE.read("26 27")


@pytest.mark.parametrize(
    ("text", "values"), [("", ()), (" , ", ()), ("a", ("a",)), ("a b,c,\td", ("a", "b", "c", "d"))]
)
def test_several_values_stand_apart(text: str, values: tuple[str, ...]) -> None:
    assert SEVERAL.read(text) == values


def test_what_stands_between_them_may_be_blanks_alone() -> None:
    assert SEVERAL.read(" a,b  c ", BLANKS) == ("a,b", "c")


def test_defaults_are_those_of_the_settings() -> None:
    defaults = defaults_of(Settings("a@x.example", "b@y.example", port=26))
    assert (defaults["port"], defaults["tls"], defaults["dnsbl"]) == (25, TlsPolicy.AUTO, ())
