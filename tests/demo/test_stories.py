"""Every story from end to end: the outcome it is told for, and what the servers saw of it."""

import pytest

from smtpdiag_tui.demo.network import DemoNetwork
from smtpdiag_tui.demo.stories import STORIES, Story, story_of
from smtpdiag_tui.report.status import Status
from tests.engine.running import NOT_GIVEN, at, codes, open_files, others, run


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.recipient)
async def test_story(story: Story) -> None:
    before = open_files()
    async with DemoNetwork() as network:
        report = await run(network, story.recipient)
        servers = list(network.smtp.values())
    assert report.outcome == story.outcome, report.summary
    assert set(story.codes) <= codes(report)
    assert "internal-error" not in codes(report)
    assert all(step.status.ended for step in report.steps.values())
    verbs = {verb for server in servers for session in server.sessions for verb in session.verbs}
    assert verbs <= {"EHLO", "HELO", "STARTTLS", "MAIL", "RCPT", "QUIT"}
    assert [server.script.host for server in servers if server.most_at_once > 1] == []
    assert others() == set()
    assert open_files() == before


async def test_the_first_story_is_wholly_green() -> None:
    async with DemoNetwork() as network:
        report = await run(network, STORIES[0].recipient)
    others = {step.id: step.status for step in report.steps.values() if step.status is not Status.PASSED}
    assert others == dict.fromkeys(NOT_GIVEN, Status.SKIPPED)
    assert report.status is Status.PASSED
    assert len([step for step in report.steps.values() if step.is_session]) == 6


async def test_the_hostile_banner_reaches_nobody_raw() -> None:
    async with DemoNetwork() as network:
        report = await run(network, "bob@hostile.example")
    session = at(report, "delivery/mx.hostile.example/192.0.2.39")
    banner = [entry for entry in session.transcript if entry.text.startswith("220")]
    assert banner[0].text.isprintable()
    assert "\\x1b[2J" in banner[0].text
    assert banner[0].raw is not None
    assert b"\x1b[2J" in banner[0].raw
    assert "[bold red]not markup[/] \\x00 \\xff\\xfe" in banner[1].text
    texts = [text for step in report.steps.values() for text in (step.title, step.detail)]
    texts += [item.message for step in report.steps.values() for item in step.findings]
    assert all(text.isprintable() for text in texts)


async def test_split_horizon_shows_both_views_and_follows_the_target() -> None:
    async with DemoNetwork() as network:
        report = await run(network, "bob@split.example")
    assert {"remote/192.0.2.53", "remote/192.0.2.54"} <= set(report.steps)
    assert "delivery/outside.split.example" in report.steps
    assert "delivery/inside.split.example" not in report.steps


async def test_a_shared_address_is_talked_to_once_and_shown_twice() -> None:
    async with DemoNetwork() as network:
        report = await run(network, "bob@shared.example")
        sessions = network.smtp["192.0.2.49"].sessions
    assert len(sessions) == 1
    first, second = (at(report, f"delivery/{name}.shared.example/192.0.2.49") for name in "ab")
    assert [entry.text for entry in first.transcript] == [entry.text for entry in second.transcript]
    assert second.transcript


async def test_a_failed_handshake_is_followed_by_one_session_in_clear_in_the_same_transcript() -> None:
    async with DemoNetwork() as network:
        report = await run(network, "bob@handshake.example")
        sessions = network.smtp["192.0.2.47"].sessions
    assert [session.verbs for session in sessions] == [["EHLO", "STARTTLS"], ["EHLO", "MAIL", "RCPT", "QUIT"]]
    text = [entry.text for entry in at(report, "delivery/mx.handshake.example/192.0.2.47").transcript]
    assert sum(line.startswith("connecting to") for line in text) == 2


async def test_a_rate_limited_host_is_asked_once_more() -> None:
    async with DemoNetwork() as network:
        await run(network, "bob@busy.example")
        assert len(network.smtp["192.0.2.48"].sessions) == 2


async def test_no_mail_is_sent_where_smtputf8_is_not_offered() -> None:
    async with DemoNetwork() as network:
        report = await run(network, "jörg@utf8.example")
        verbs = [verb for session in network.smtp["192.0.2.56"].sessions for verb in session.verbs]
    assert "MAIL" not in verbs
    assert verbs[-1] == "QUIT"
    assert report.headline == "mx.utf8.example does not support SMTPUTF8, which this address requires"


def test_a_story_is_found_by_its_domain() -> None:
    found = story_of("someone.else@Null.example")
    assert found is not None
    assert found.recipient == "bob@null.example"
    assert story_of("bob@nowhere.test") is None


async def test_a_refusal_is_explained_and_what_to_do_is_told_at_the_top() -> None:
    async with DemoNetwork() as network:
        listed, greylisted = [await run(network, f"bob@{name}.example") for name in ("blocklist", "greylist")]
    assert listed.actions[0].what == (
        "Look up 192.0.2.10 at https://check.spamhaus.org/ to see which list and why."
    )
    [found] = at(listed, "delivery/mx.blocklist.example/192.0.2.43/rcpt-to").findings
    assert "Other servers that use this list reject it as well" in found.meaning
    [found] = at(greylisted, "delivery/mx.greylist.example/192.0.2.33/rcpt-to").findings
    assert found.meaning == (
        "mx.greylist.example defers the first attempt and accepts a retry after a few minutes."
    )
