"""Who imports what, beyond what the contracts in pyproject.toml can see: imports, and what a command loads."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import smtpdiag_tui

PACKAGE = Path(smtpdiag_tui.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))
OPENERS = {
    "create_connection", "create_datagram_endpoint", "create_server", "open_connection", "start_server",
    "open_unix_connection", "create_unix_connection", "sock_connect", "socketpair",
}  # fmt: skip
IO = {
    "asyncio",
    "socket",
    "ssl",
    "_ssl",
    "selectors",
    "socketserver",
    "subprocess",
    "pathlib",
    "shutil",
    "tempfile",
}
OPENING = {"open", "read_regular", "read_bytes", "write_text", "write_bytes", "print", "system", "popen"}
READ_FILES = {"render/from_json.py", "masking/own.py"}  # a saved report, and what this machine is called


def name_of(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def imported(path: Path) -> Iterator[str]:
    """Yield the top-level name of every import in a file, those inside functions too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def docstring(path: Path) -> str:
    """Return what a module says of itself."""
    return ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""


def calls_itself_pure(path: Path) -> bool:
    """Whether a module, or the room that it stands in, says that it does no I/O."""
    return any(re.search(r"\bPure\b", docstring(item)) for item in (path, path.with_name("__init__.py")))


def calls(path: Path) -> Iterator[str]:
    """Yield the name of every function or method that a module calls."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name):
                yield node.func.id
            elif isinstance(node.func, ast.Attribute):
                yield node.func.attr


def opens_sockets(path: Path) -> Iterator[str]:
    """Yield each use of a function that opens a socket."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute):
            owner = node.value.id if isinstance(node.value, ast.Name) else ""
            if node.attr in OPENERS or (owner, node.attr) == ("socket", "socket"):
                yield f"{owner}.{node.attr}"


def test_only_the_network_seam_and_the_demo_import_socket_and_ssl() -> None:
    users = {name_of(path) for path in MODULES if {"socket", "ssl", "_ssl"} & set(imported(path))}
    assert {name for name in users if not name.startswith(("demo/", "network/"))} == set()
    assert "network/system.py" in users, "the test has lost sight of the package"


# This host's own network, and the ways through another host.
OPEN_SOCKETS = {f"network/{name}.py" for name in ("system", "carrier", "through", "socks", "ssh")}


def test_only_the_networks_open_sockets() -> None:
    users = {name_of(path): sorted(set(opens_sockets(path))) for path in MODULES}
    strangers = {name: uses for name, uses in users.items() if uses and not name.startswith("demo/")}
    assert set(strangers) == OPEN_SOCKETS, strangers


PURE = [path for path in MODULES if calls_itself_pure(path) and name_of(path) not in READ_FILES]


@pytest.mark.parametrize("path", PURE, ids=name_of)
def test_what_calls_itself_pure_does_no_io(path: Path) -> None:
    assert set(imported(path)) & IO == set()
    assert [call for call in calls(path) if call in OPENING] == []


def test_the_rooms_that_others_trust_are_pure() -> None:
    rooms = {name_of(path).partition("/")[0] for path in PURE}
    assert rooms >= {"smtp", "report", "verdict", "render", "masking", "checks", "local_mta", "tui"}


def test_textual_and_rich_are_imported_by_the_interface_alone() -> None:
    users = {name_of(path) for path in MODULES if {"textual", "rich"} & set(imported(path))}
    assert {name for name in users if not name.startswith("tui/")} == set()


def test_the_package_itself_imports_nothing() -> None:
    assert list(imported(PACKAGE / "__init__.py")) == []


def loaded_by(*arguments: str) -> set[str]:
    """Run the command in a process of its own; return the modules it had loaded at its end."""
    program = (
        "import contextlib, io, sys\n"
        "from smtpdiag_tui.cli.main import main\n"
        "with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.suppress(SystemExit):\n"
        "    main(sys.argv[1:])\n"
        "assert out.getvalue(), 'nothing was printed'\n"
        "print('\\n'.join(sorted(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        capture_output=True,
        text=True,
        timeout=50,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


@pytest.mark.parametrize("option", ["--version", "--help"])
def test_a_quick_answer_loads_next_to_nothing(option: str) -> None:
    heavy = {"asyncio", "ssl", "dns", "textual", "rich", "cryptography", "OpenSSL", "email_validator", "pyperclip"}
    assert loaded_by(option) & heavy == set()


def test_a_headless_run_does_not_load_the_interface() -> None:
    loaded = loaded_by("--demo", "--report", "json")
    assert loaded & {"textual", "rich", "pyperclip"} == set()
    assert "dns" in loaded, "the run did not take place"


# What is needed once there are signatures to verify, a policy to fetch, or a message to read.
SIGNATURES, POLICY, MESSAGE = {"dkim", "nacl"}, {"h11"}, {"email.headerregistry"}


def test_a_run_without_a_message_or_a_policy_loads_nothing_for_them() -> None:
    loaded = loaded_by("--demo", "alice@sender.example", "bob@partner.example", "--report", "json")
    assert loaded & (SIGNATURES | POLICY | MESSAGE) == set()


def test_a_message_is_read_with_what_nothing_else_needs(tmp_path: Path) -> None:
    path = tmp_path / "given.eml"
    path.write_bytes(b"From: alice@sender.example\r\nSubject: a test\r\n\r\nHello\r\n")
    wanted = ("--demo", "alice@sender.example", "bob@partner.example", "--message", str(path), "--report", "json")
    loaded = loaded_by(*wanted)
    assert loaded >= MESSAGE, "the guard of runs without a message sees nothing"
    assert loaded & (SIGNATURES | POLICY) == set()
