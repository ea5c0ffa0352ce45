"""When to keep to ASCII."""

import pytest

from smtpdiag_tui.cli.character_set import ascii_alone


@pytest.mark.parametrize(
    ("environment", "plain"),
    [
        ({"LC_ALL": "C"}, True),
        ({"LC_ALL": "POSIX", "LANG": "en_GB.UTF-8"}, True),
        ({}, True),
        ({"LC_CTYPE": "C.UTF-8"}, True),
        ({"LC_CTYPE": "C.UTF-8", "LANG": "C"}, True),
        ({"LC_CTYPE": "C.UTF-8", "LANG": "en_GB.UTF-8"}, False),
        ({"LANG": "C.UTF-8"}, False),
        ({"LC_CTYPE": "UTF-8"}, False),
        ({"LC_ALL": "de_DE.utf8", "LANG": "C"}, False),
    ],
)
def test_the_locale_decides(environment: dict[str, str], plain: bool) -> None:
    assert ascii_alone(environment) is plain
