"""Values that a saved report may hold, and a command line not, and the other way round."""

import pytest

from smtpdiag_tui.options.saved_values import saved_blocklists, saved_dns_servers, saved_source
from smtpdiag_tui.settings import DnsServer, SettingsError, parse_blocklists, parse_dns_server, parse_source


def test_a_masked_address_stays() -> None:
    assert saved_source("own-ipv6-12") == "own-ipv6-12"
    assert saved_dns_servers(["own-ipv4-1", "own-ipv4-2:5353", "192.0.2.1"]) == (
        DnsServer("own-ipv4-1"),
        DnsServer("own-ipv4-2", 5353),
        DnsServer("192.0.2.1"),
    )
    for parse in (parse_source, parse_dns_server):
        with pytest.raises(SettingsError):
            parse("own-ipv4-1")


@pytest.mark.parametrize("text", ["own-ipv4-", "own-ipv5-1", "own-ipv4-1:", "own-ipv4-1:0", "x-ipv4-1", "host1"])
def test_what_is_no_mask_is_refused(text: str) -> None:
    with pytest.raises(SettingsError):
        saved_dns_servers([text])


def test_a_set_of_blocklists_is_saved_by_its_domains() -> None:
    assert saved_blocklists(parse_blocklists(["default"])) == parse_blocklists(["default"])
    for text in ("", "default"):
        with pytest.raises(SettingsError):
            saved_blocklists([text])
