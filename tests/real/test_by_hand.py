"""The commands that reproduce a step, run against the servers that the run met: they find what it found."""

import hashlib
import os
import re
import shlex
import ssl
import subprocess
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from smtpdiag_tui.render.by_hand.command import Command
from smtpdiag_tui.render.by_hand.commands import ByHand
from smtpdiag_tui.render.by_hand.sessions import sessions
from smtpdiag_tui.render.from_json import from_json
from smtpdiag_tui.report.report import Report
from smtpdiag_tui.report.step import Step
from smtpdiag_tui.report.step_id import StepKind
from smtpdiag_tui.report.transcript import Direction
from tests.real.lab import Lab
from tests.real.policy_lab import PolicyLab, policy
from tests.real.postfix import DomainsPostfix
from tests.real.signed_lab import SignedLab, SignedZone

pytestmark = pytest.mark.timeout(180)  # all servers and runs are the first test's
AT_ONCE = 4  # commands
SENDER, EHLO = "alice@sender.test", "mail.sender.test"
QUOTED = '"o\'neil $(id) b"@enforce.test'
# Name to recipient and options; the pairs differ in what the commands have to carry over.
RUNS: dict[str, tuple[str, ...]] = {
    "accepted": (SENDER, "bob@partner.test"),
    "rejected": (SENDER, "nobody@partner.test"),
    "deferred": (SENDER, "temp@only.test"),
    "null sender": ("<>", "bob@partner.test", "-4"),
    "from a source": (SENDER, "bob@partner.test", "--source", "192.0.2.10"),
    "unencrypted": (SENDER, "bob@partner.test", "-4", "--tls", "off"),
    "tls required": (SENDER, "bob@partner.test", "-6", "--tls", "require"),
    "no such domain": (SENDER, "bob@nowhere.test"),
    "large answer": (SENDER, "bob@big.test"),
    "server": (SENDER, "bob@partner.test", "--server", "2001:db8::25"),
    "policy": (SENDER, "bob@enforce.test"),
    "percent": (SENDER, "bob%elsewhere.test@enforce.test"),
    "bang": (SENDER, "elsewhere!bob@enforce.test"),
    "quoted": (SENDER, QUOTED),
    "literal": (SENDER, "bob@[192.0.2.25]"),
    "smtputf8": (SENDER, "jörg@enforce.test"),
    "comma": (SENDER, '"a,b"@enforce.test'),
    "dash": (SENDER, "<-bob@enforce.test>"),
}


@pytest.fixture(scope="module")
def authority(policies: PolicyLab) -> Iterator[None]:
    """Have the lab's authority trusted, and no other: by the runs and by the commands."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(policies.authority))
        patch.setenv("CURL_CA_BUNDLE", str(policies.authority))
        patch.setenv("SSL_CERT_DIR", str(policies.folder / "nothing"))
        yield


class Reports(dict[str, Report]):
    """The reports of runs by their name, each made when first wanted: all of them would be one test's time."""

    def __init__(self, lab: Lab) -> None:
        super().__init__()
        self._lab = lab

    def __missing__(self, name: str) -> Report:
        self[name] = report_of(self._lab, *RUNS[name])
        return self[name]


@pytest.fixture(scope="module")
def reports(lab: Lab, authority: None) -> Reports:
    return Reports(lab)


def report_of(lab: Lab, *words: str) -> Report:
    _, out, err = lab.run(*words, "--report", "json", "--ehlo", EHLO)
    assert err == "", words
    return from_json(out)


def done(lab: Lab, command: Command) -> str:
    """Run a command's line by a shell on the sending machine; return what it says."""
    whole = ["ip", "netns", "exec", lab.near, "sh", "-c", command.line]
    environment = {**os.environ, "PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin", "LC_ALL": "C.UTF-8"}
    ended = subprocess.run(
        whole, check=False, capture_output=True, text=True, timeout=50, env=environment, stdin=subprocess.DEVNULL
    )
    return ended.stdout + ended.stderr


def all_done(lab: Lab, commands: Sequence[Command]) -> list[str]:
    """Run commands side by side: they mostly start and wait."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(lambda command: done(lab, command), commands))


def notes(step: Step) -> list[str]:
    return [entry.text for entry in step.transcript if entry.direction is Direction.NOTE]


def told(step: Step) -> dict[str, tuple[str, set[str]]]:
    """Return what a transport's step tells: question to rcode and records."""
    found: dict[str, tuple[str, set[str]]] = {}
    question = ""
    for line in notes(step):
        if line.startswith("  "):
            found[question][1].add(line.strip())
        else:
            question, _, came = line.partition(": ")
            found[question] = re.split(r"[ ,]", came)[0], set()
    return found


def printed(output: str) -> tuple[str, set[str]]:
    """Return rcode and answer section as dig and kdig print them."""
    status = re.search(r"status: ([A-Z]+)", output)
    assert status is not None, output
    _, _, section = output.partition(";; ANSWER SECTION:\n")
    records = set()
    for line in section.partition("\n\n")[0].splitlines():
        owner, _, _, rdtype, data = line.split(None, 4)
        records.add(f"{owner.rstrip('.').lower()} {rdtype} {data}")
    return status[1], records


@pytest.mark.parametrize("name", ["accepted", "no such domain", "large answer", "policy"])
def test_dig_and_kdig_get_the_same_answers(lab: Lab, reports: Reports, name: str) -> None:
    report = reports[name]
    hand = ByHand(report)
    steps = [step for step in report.steps.values() if step.kind is StepKind.TRANSPORT and step.transcript]
    assert len(steps) > 5
    wanted = []
    for step in steps:
        answers = told(step)
        commands = hand.at(step.id)
        assert len(commands) == 2 * len(answers)
        wanted += [(command, answers[command.what.partition(" from ")[0]]) for command in commands]
    for (command, answer), output in zip(wanted, all_done(lab, [item for item, _ in wanted]), strict=True):
        assert printed(output) == answer, command.line


def test_a_truncated_answer_stays_truncated(lab: Lab, reports: Reports) -> None:
    udp = reports["large answer"].steps["dns-servers/192.0.2.53/udp"]
    assert any("truncated" in line for line in notes(udp))
    commands = ByHand(reports["large answer"]).at(udp.id)
    for command, output in zip(commands, all_done(lab, commands), strict=True):
        assert re.search(r"(?i)flags:[^;\n]*\btc\b", output), command.line


def test_questions_of_other_steps_get_the_same_rcode(lab: Lab, reports: Reports) -> None:
    report = reports["policy"]
    hand = ByHand(report)
    wanted = []
    for step in report.steps.values():
        if step.kind is StepKind.TRANSPORT:
            continue
        lines = "\n".join(notes(step))
        for command in hand.own(step):
            if command.program not in ("dig", "kdig"):
                continue
            question = command.what.partition(" from ")[0]
            came = re.search(rf"(?m)\b{re.escape(question)}: ([A-Z]+)\b", lines)
            if came is not None:
                wanted.append((command, came[1]))
    assert len(wanted) > 8
    for (command, rcode), output in zip(wanted, all_done(lab, [item for item, _ in wanted]), strict=True):
        assert printed(output)[0] == rcode, command.line


def replies(step: Step) -> list[str]:
    """Return the reply to the last RCPT of a session, as lines."""
    found: list[str] = []
    asked = False
    for entry in step.transcript:
        if entry.direction is Direction.SENT:
            asked = entry.text.startswith("RCPT")
            found = [] if asked else found
        elif entry.direction is Direction.RECEIVED and asked:
            found.append(entry.text)
    return found


def said_to_rcpt(output: str) -> list[str]:
    """Return what came after RCPT, as swaks prints it; what is typed has the lines as they come."""
    lines = output.splitlines()
    place = next((number for number, line in enumerate(lines) if re.match(r" ?[-~]> RCPT TO:", line)), None)
    assert place is not None, output
    return [re.sub(r"^<(?:\*\*|~\*|~|-) *", "", line) for line in lines[place + 1 :] if line.startswith("<")][:1]


TYPED = ("smtputf8", "comma", "dash")  # lines one after the other, with seconds between them


def sessions_of(report: Report) -> list[tuple[Step, Command]]:
    """Return the sessions of a run that came to a recipient, each with the command that holds it again."""
    hand = ByHand(report)
    held = [step for step in report.steps.values() if step.is_session and "RCPT" in str(step.transcript)]
    return [(step, hand.own(step)[0]) for step in held]


@pytest.fixture(scope="module")
def typed(lab: Lab, reports: Reports) -> dict[str, list[str]]:
    """Return what the sessions that are typed say, run to outputs: side by side, since they wait for seconds."""
    commands = {name: [command for _, command in sessions_of(reports[name])] for name in TYPED}
    outputs = iter(all_done(lab, [command for name in TYPED for command in commands[name]]))
    return {name: [next(outputs) for _ in commands[name]] for name in TYPED}


@pytest.mark.parametrize("name", [name for name in RUNS if name not in ("no such domain", "large answer")])
def test_a_session_held_again_gets_the_same_reply(
    lab: Lab, reports: Reports, name: str, request: pytest.FixtureRequest
) -> None:
    held = sessions_of(reports[name])
    assert held, name
    if name in TYPED:
        outputs = request.getfixturevalue("typed")[name]
    else:
        outputs = all_done(lab, [command for _, command in held])
    for (step, command), output in zip(held, outputs, strict=True):
        wanted = replies(step)
        if command.program == "swaks":
            assert shlex.split(command.line) == list(command.argv)
            assert said_to_rcpt(output) == wanted[:1], output
        else:
            assert name in TYPED
            assert wanted[0] in output, output


@pytest.mark.parametrize("name", ["accepted", "from a source", "tls required", "policy", "literal"])
def test_openssl_shows_the_same_certificate(lab: Lab, reports: Reports, name: str) -> None:
    report = reports[name]
    hand = ByHand(report)
    held = [
        step for step in report.steps.values() if step.is_session and "TLS established" in str(step.transcript)
    ]
    commands = [
        next(item for item in hand.at(f"{step.id}/starttls") if item.program == "openssl") for step in held
    ]
    for step, output in zip(held, all_done(lab, commands), strict=True):
        below = report.steps[f"{step.id}/starttls"]
        evidence = " ".join(line for item in below.findings for line in item.evidence)
        wanted = re.search(r"SHA-256 ([0-9a-f]{64})", evidence)
        assert wanted is not None, evidence
        assert fingerprint(output) == wanted[1], output
        assert sessions(step)[0].tls in output


def fingerprint(output: str) -> str:
    found = re.search(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----\n", output, re.DOTALL)
    assert found is not None, output
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(found[0])).hexdigest()


def test_curl_fetches_the_same_policy(lab: Lab, reports: Reports) -> None:
    commands = [item for item in ByHand(reports["policy"]).at("tls-policy/mta-sts") if item.program == "curl"]
    assert len(commands) == 1
    text = done(lab, commands[0])
    assert text == policy("mx.enforce.test")
    step = reports["policy"].steps["tls-policy/mta-sts"]
    assert f"status 200, {len(text)} bytes" in notes(step)


@pytest.fixture(scope="module")
def signed(lab: Lab) -> Iterator[SignedLab]:
    """Return a signed hierarchy with a mail host whose TLSA record matches, and one whose record does not."""
    made = SignedLab(lab, number=2)
    right, wrong = "192.0.2.131", "192.0.2.132"
    names = ("mx.right.sec", "mx.wrong.sec")
    certificate = made.certificate(*names)
    zones = {
        "sender.sec": SignedZone("@ MX 10 mail\nmail A 192.0.2.10"),
        "right.sec": SignedZone(f"@ MX 10 mx\nmx A {right}\n_25._tcp.mx TLSA {certificate.tlsa()}"),
        "wrong.sec": SignedZone(f"@ MX 10 mx\nmx A {wrong}\n_25._tcp.mx TLSA 3 1 1 {'ab' * 32}"),
    }
    lab.add_addresses([right, wrong])
    made.open(zones)
    folder = lab.folder / "postfix-by-hand"
    folder.mkdir()
    run = lambda *command: lab.call(lab.far, *command)  # noqa: E731 - what a Postfix is given
    files = {right: certificate.file, wrong: certificate.file}
    postfix = DomainsPostfix(folder, run, made.authority, ["right.sec", "wrong.sec"], files)
    postfix.start()
    try:
        for address in files:
            lab.wait_for(address, 25)
        yield made
    finally:
        postfix.stop()


def test_openssl_matches_tlsa_records_as_the_run_did(lab: Lab, signed: SignedLab) -> None:
    with signed.resolver():
        for name, code in (("right", "dane-valid"), ("wrong", "dane-mismatch")):
            report = report_of(lab, "alice@sender.sec", f"bob@{name}.sec")
            step = report.steps[f"tls-policy/dane/mx.{name}.sec"]
            assert code in {item.code for item in step.findings}
            commands = ByHand(report).at(step.id)
            assert [item.program for item in commands] == ["dig", "kdig", "openssl"]
            output = done(lab, commands[2])
            assert ("Verification: OK" in output) is (name == "right"), output
            for command in commands[:2]:
                status, records = printed(done(lab, command))
                assert status == "NOERROR"
                assert len(records) >= 1
