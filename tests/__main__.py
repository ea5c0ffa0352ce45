"""Run every check of the project: `python -m tests [arguments for pytest]`.

Stops at the first check that fails, says which it was and leaves with its exit status. Coverage is measured on
request, since that makes the tests take a third longer: `--cov=smtpdiag_tui --cov-branch`.
"""

import os
import subprocess
import sys
from pathlib import Path

# One more than there are cores: tests also wait, for terminals and for programs. Groups stay on one worker.
WORKERS = ["-n", str(len(os.sched_getaffinity(0)) + 1), "--dist", "loadgroup"]
ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
LINT_IMPORTS = "from importlinter.cli import lint_imports_command; lint_imports_command()"
# What tests are compiled to is written while mypy has one core: else each worker compiles all of them for itself.
COMPILE = [PYTHON, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider"]
CHECKS = {
    "ruff check": [PYTHON, "-m", "ruff", "check", "."],
    "ruff format": [PYTHON, "-m", "ruff", "format", "--check", "."],
    "mypy": [PYTHON, "-m", "mypy"],
    "import contracts": [PYTHON, "-c", LINT_IMPORTS, "--no-cache"],
    "pytest": [PYTHON, "-m", "pytest", *WORKERS],
}


def main(arguments: list[str]) -> int:
    """Run the checks in order; return the exit status of the first that fails, 0 if none does."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    compiling = subprocess.Popen(COMPILE, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    try:
        return _run_all(arguments, environment, compiling)
    finally:
        compiling.kill()
        compiling.wait()


def _run_all(arguments: list[str], environment: dict[str, str], compiling: subprocess.Popen[bytes]) -> int:
    for name, command in CHECKS.items():
        if name == "pytest":
            compiling.wait()
        extra = arguments if name == "pytest" else []
        print(f"== {name}", flush=True)  # noqa: T201 - this is a command
        status = subprocess.run([*command, *extra], cwd=ROOT, env=environment, check=False).returncode
        if status:
            print(f"== failed: {name} (exit status {status})", file=sys.stderr, flush=True)  # noqa: T201
            return status if status > 0 else 128 - status
    print("== all checks passed", flush=True)  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
