"""Run every check of the project: `python -m tests [arguments for pytest]`.

Ends with the first check that fails, says which it was and leaves with its exit status. Coverage is measured on
request, since that makes the tests take a third longer: `--cov=smtpdiag_tui --cov-branch`.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

# One more than there are cores: tests also wait, for terminals and for programs. Groups stay on one worker.
WORKERS = ["-n", str(len(os.sched_getaffinity(0)) + 1), "--dist", "loadgroup"]
ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
LINT_IMPORTS = "from importlinter.cli import lint_imports_command; lint_imports_command()"
QUICK = {
    "ruff check": [PYTHON, "-m", "ruff", "check", "."],
    "ruff format": [PYTHON, "-m", "ruff", "format", "--check", "."],
    "import contracts": [PYTHON, "-c", LINT_IMPORTS, "--no-cache"],
}
MYPY = [PYTHON, "-m", "mypy"]
# Compiles the tests once: else each worker does so for itself.
COMPILE = [PYTHON, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider"]
PYTEST = [PYTHON, "-m", "pytest", *WORKERS]
_LOOK = 0.5  # seconds between two looks at what runs


def main(arguments: list[str]) -> int:
    """Run the checks; return the exit status of the first that fails, 0 if none does."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    for name, command in QUICK.items():
        print(f"== {name}", flush=True)  # noqa: T201 - this is a command
        if status := subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode:
            return _failed(name, status)
    # mypy takes one core for more than a minute: the tests begin on the others.
    print("== mypy, and pytest beside it", flush=True)  # noqa: T201
    mypy = subprocess.Popen(MYPY, cwd=ROOT, env=environment)
    subprocess.run(COMPILE, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, check=False)
    pytest = subprocess.Popen([*PYTEST, *arguments], cwd=ROOT, env=environment)
    failed = _first_failed({"mypy": mypy, "pytest": pytest})
    if failed is not None:
        return failed
    print("== all checks passed", flush=True)  # noqa: T201
    return 0


def _first_failed(running: dict[str, subprocess.Popen[bytes]]) -> int | None:
    """See what runs to its end; return the exit status of the first that fails, which ends the others, or None."""
    left = dict(running)
    while left:
        for name, process in list(left.items()):
            status = process.poll()
            if status is not None:
                del left[name]
            if status:
                for other in left.values():
                    other.terminate()
                    other.wait()
                return _failed(name, status)
        time.sleep(_LOOK)
    return None


def _failed(name: str, status: int) -> int:
    print(f"== failed: {name} (exit status {status})", file=sys.stderr, flush=True)  # noqa: T201
    return status if status > 0 else 128 - status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
