"""Finding the local mail server, and becoming it."""

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from smtpdiag_tui.local_mta import reading
from smtpdiag_tui.local_mta.detection import active, choose, installed, sendmail_targets
from smtpdiag_tui.local_mta.errors import LocalMtaError
from smtpdiag_tui.local_mta.facts import LocalFacts, as_local
from smtpdiag_tui.local_mta.installed import InstalledMta, hint, resolve
from smtpdiag_tui.local_mta.programs import MAX_OUTPUT, Output
from smtpdiag_tui.local_mta.reading import read_facts, read_queue
from smtpdiag_tui.settings import Relay, Settings, TlsPolicy
from tests.local_mta import recorded

SETTINGS = Settings("alice@sender.test", "bob@partner.test")
FACTS = LocalFacts(
    "Postfix",
    ehlo="out.sender.test",
    source4="192.0.2.10",
    family=4,
    relay=(Relay("relay.test", 587),),
    auth=True,
    tls=TlsPolicy.REQUIRE,
    lines=("a fact",),
)


def everything(_address: str) -> bool:
    return True


class Programs:
    """Answers commands from a table; what it does not know fails."""

    def __init__(self, answers: dict[str, Sequence[str] | Output]) -> None:
        self.answers = answers
        self.asked: list[str] = []

    async def __call__(self, command: Sequence[str], most: int = MAX_OUTPUT) -> Output:
        words = " ".join(command)
        self.asked.append(words)
        for start, answer in self.answers.items():
            if words.startswith(start):
                return answer if isinstance(answer, Output) else Output(0, tuple(answer))
        return Output(1, ())


POSTFIX: dict[str, Sequence[str] | Output] = {
    "postconf -x": recorded.POSTCONF,
    "postconf -M": recorded.POSTCONF_M,
    "postconf -Px": recorded.POSTCONF_P,
}
EXIM: dict[str, Sequence[str] | Output] = {
    "exim4 -bP primary_hostname": recorded.EXIM_MAIN,
    "exim4 -bV": ["Exim version 4.96 #2 built 27-May-2026 16:52:26"],
    "exim4 -f alice@sender.test -bt bob@partner.test": recorded.EXIM_SMARTHOST,
    "exim4 -bP router smarthost": recorded.EXIM_ROUTER,
    "exim4 -bP transport remote_smtp_smarthost": recorded.EXIM_TRANSPORT,
}


class TestFinding:
    def test_what_is_installed(self) -> None:
        assert installed(lambda name: "/usr/sbin/" + name if name in ("postconf", "exim") else None) == {
            "Postfix": "postconf",
            "Exim": "exim",
        }
        assert installed(lambda _: None) == {}

    @pytest.mark.parametrize(
        ("found", "targets", "server"),
        [
            (["Postfix"], [], "Postfix"),
            (["Postfix", "Exim"], ["/usr/sbin/exim4"], "Exim"),
            (["Postfix", "OpenSMTPD"], ["/usr/sbin/sendmail.postfix"], "Postfix"),
            (["Exim", "OpenSMTPD"], ["/usr/sbin/smtpctl"], "OpenSMTPD"),
            (["Postfix", "Exim"], [], None),
            (["Postfix"], ["/usr/bin/msmtp"], None),
        ],
    )
    def test_the_active_one(self, found: list[str], targets: list[str], server: str | None) -> None:
        assert active(found, targets) == server

    def test_none_or_no_telling_which_is_one_sentence(self) -> None:
        for found, words in (
            ({}, "^no mail server found on this host: must be Postfix, Exim or OpenSMTPD$"),
            ({"Postfix": "", "Exim": ""}, "Postfix and Exim are installed, and sendmail is none of them$"),
            ({"Exim": ""}, "^cannot tell .*: Exim is installed, but sendmail is another program$"),
        ):
            with pytest.raises(LocalMtaError, match=words) as caught:
                choose(found, ("/usr/bin/msmtp",))
            assert "\n" not in str(caught.value)

    def test_links_are_followed(self, tmp_path: Path) -> None:
        (tmp_path / "exim4").touch()
        (tmp_path / "mta").symlink_to("exim4")
        assert os.path.realpath(tmp_path / "exim4") in sendmail_targets(tmp_path)


class TestReading:
    async def test_postfix(self) -> None:
        programs = Programs(POSTFIX)
        found = await read_facts("Postfix", "postconf", "alice@sender.test", "bob@else.test", programs, None)
        assert found.relay == (Relay("relay.test", 587),)
        assert [item for item in programs.asked if "password" in item] == []
        assert {item.split()[0] for item in programs.asked} == {"postconf", "postmap"}
        assert all(" -q " in item for item in programs.asked if item.startswith("postmap"))

    async def test_the_transport_table_is_asked(self) -> None:
        programs = Programs({**POSTFIX, "postmap -q partner.test inline:": ["smtp:[mx.partner.test]:26"]})
        found = await read_facts("Postfix", "postconf", "", "bob@partner.test", programs, None)
        assert found.relay == (Relay("mx.partner.test", 26),)

    async def test_tables_are_asked_for_the_domains_above(self) -> None:
        tables = [
            "smtp_tls_policy_maps = hash:/tls",
            "relay_domains = hash:/in",
            "relay_transport = relay:in.test",
        ]
        names = {line.partition(" =")[0] for line in tables}
        kept = [line for line in recorded.POSTCONF if line.partition(" =")[0] not in names]
        programs = Programs(
            {
                **POSTFIX,
                "postconf -x": [*kept, *tables],
                "postmap -q partner.test hash:/in": ["OK"],
                "postmap -q .test hash:/tls": ["none"],
            }
        )
        found = await read_facts("Postfix", "postconf", "", "bob@mail.partner.test", programs, None)
        assert (found.relay, found.tls) == ((Relay("in.test", mx=True),), TlsPolicy.OFF)
        found = await read_facts("Postfix", "postconf", "", "bob@else.test", programs, None)
        assert found.relay == (Relay("relay.test", 587),)

    async def test_a_table_that_cannot_be_read_is_told(self) -> None:
        broken = Output(1, (), ("postmap: fatal: open database /x.db: No such file or directory",))
        programs = Programs({**POSTFIX, "postmap": broken})
        with pytest.raises(
            LocalMtaError, match=r"^postmap failed: open database /x.db: No such file or directory$"
        ):
            await read_facts("Postfix", "postconf", "", "bob@partner.test", programs, None)

    async def test_a_postfix_without_configuration_is_told(self) -> None:
        failed = Output(1, (), ("postconf: fatal: open /etc/postfix/main.cf: No such file or directory",))
        with pytest.raises(
            LocalMtaError, match=r"^postconf failed: open /etc/postfix/main.cf: No such file or directory$"
        ):
            await read_facts("Postfix", "postconf", "", "", Programs({"postconf": failed}), None)

    async def test_exim(self) -> None:
        programs = Programs(EXIM)
        found = await read_facts("Exim", "exim4", "alice@sender.test", "bob@partner.test", programs, None)
        assert (found.relay, found.ehlo) == ((Relay("relay.sender.test", 587),), "relayed.sender.test")
        assert found.lines[0] == "Local mail server: Exim version 4.96 (from exim -bP and exim -bt)"

    async def test_exim_without_a_recipient_is_not_asked_to_route(self) -> None:
        programs = Programs(EXIM)
        await read_facts("Exim", "exim4", "", "", programs, None)
        assert not any("-bt" in item for item in programs.asked)

    async def test_opensmtpd(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        path = tmp_path / "smtpd.conf"
        path.write_text('action "r" relay host r.test\nmatch for any action "r"\n')
        monkeypatch.setattr(reading, "OPENSMTPD_FILES", (tmp_path / "none", path))
        monkeypatch.setattr(reading, "find_program", lambda name: name)
        found = await read_facts("OpenSMTPD", "smtpctl", "", "b@partner.test", Programs({}), "mail.sender.test")
        assert (found.relay, found.ehlo) == ((Relay("r.test"),), "mail.sender.test")
        monkeypatch.setattr(reading, "OPENSMTPD_FILES", ())
        with pytest.raises(LocalMtaError):
            await read_facts("OpenSMTPD", "smtpctl", "", "b@partner.test", Programs({}), None)

    @pytest.mark.parametrize(
        ("server", "command", "lines", "number"),
        [
            ("Postfix", "postqueue -j", recorded.POSTQUEUE, 2),
            ("Exim", "exim4 -bp", recorded.EXIM_QUEUE, 2),
            ("OpenSMTPD", "smtpctl show queue", recorded.SMTPCTL, 2),
        ],
    )
    async def test_queues(self, server: str, command: str, lines: Sequence[str], number: int) -> None:
        programs = Programs({command: lines})
        found = await read_queue(server, "exim4", programs)
        assert (len(found.entries), programs.asked) == (number, [command])

    async def test_a_lack_of_permission_is_one_sentence(self) -> None:
        failed = Output(1, (), ("smtpctl: need root privileges",))
        with pytest.raises(LocalMtaError) as caught:
            await read_queue("OpenSMTPD", "smtpctl", Programs({"smtpctl": failed}))
        assert str(caught.value) == "cannot list the OpenSMTPD queue: need root privileges"


class TestBecoming:
    def test_all_of_it_is_taken(self) -> None:
        found = as_local(SETTINGS, FACTS, (), everything)
        assert (found.as_local_mta, found.ehlo, found.source4) == ("Postfix", "out.sender.test", "192.0.2.10")
        assert (found.family, found.tls, found.relay) == (4, TlsPolicy.REQUIRE, FACTS.relay)
        assert (found.relay_auth, found.local_facts) == (True, ("a fact",))
        assert found.source_for("192.0.2.25") == "192.0.2.10"
        assert found.source_for("2001:db8::25") is None

    def test_what_was_given_wins(self) -> None:
        given = Settings("a@b.test", "c@d.test", ehlo="mine.test", source="2001:db8::1", server="mx.test", port=26)
        found = as_local(given, FACTS, ("tls",), everything)
        assert (found.ehlo, found.tls, found.relay, found.family) == ("mine.test", TlsPolicy.AUTO, (), None)
        assert found.source_for("192.0.2.25") == "2001:db8::1"
        assert as_local(Settings("", "c@d.test", port=26), FACTS, (), everything).relay[0].port == 26
        assert as_local(SETTINGS, FACTS, ("port",), everything).relay[0].port == 25

    def test_a_source_that_this_machine_has_not_is_left_out(self) -> None:
        found = as_local(SETTINGS, FACTS, (), lambda _: False)
        assert found.source4 is None
        assert found.local_facts[-1] == "Source address 192.0.2.10 is not on this host; the system chooses one"

    async def test_only_on_request(self) -> None:
        assert await resolve(SETTINGS, InstalledMta(Programs({}), dict), everything) is SETTINGS

    async def test_without_a_server_it_is_a_usage_error(self) -> None:
        wanted = Settings("a@b.test", "c@d.test", as_local_mta="")
        with pytest.raises(LocalMtaError, match=r"^no mail server found on this host"):
            await resolve(wanted, InstalledMta(Programs({}), dict), everything)

    async def test_it_is_offered_where_it_differs(self, monkeypatch: pytest.MonkeyPatch) -> None:
        async def name(_limit: float) -> str:
            return "mail.sender.test"

        monkeypatch.setattr("smtpdiag_tui.network.machine.host_name", name)
        monkeypatch.setattr("smtpdiag_tui.local_mta.installed.sendmail_targets", tuple)
        local = InstalledMta(Programs(POSTFIX), lambda: {"Postfix": "postconf"})
        told = await hint(SETTINGS, local)
        assert told == (
            "Postfix on this host uses EHLO name out.sender.test, source 192.0.2.10, relay host [relay.test]:587:"
            " test as Postfix with --as-local-mta"
        )
        assert await hint(Settings("a@b.test", "c@d.test", ehlo="x.test"), local) is None
        assert await hint(SETTINGS, InstalledMta(Programs({}), dict)) is None

    def test_no_difference_no_offer(self) -> None:
        assert not LocalFacts("Postfix", ehlo="Mail.sender.test").differs("mail.sender.test")
        assert LocalFacts("Postfix", ehlo="other.test").differs("mail.sender.test")
        assert LocalFacts("Postfix", ehlo="mail.sender.test", relay=FACTS.relay).differs("mail.sender.test")
