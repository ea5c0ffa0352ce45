"""What hatchling runs when a wheel is built: man page and completions are made, and shipped with it.

It runs where nothing but hatchling is installed, in a checkout or in an unpacked sdist.
"""

import os
import shutil
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CustomBuildHook(BuildHookInterface[Any]):
    """Adds the files that are shipped beside the program."""

    _folder: Path | None = None

    def initialize(self, _version: str, build_data: dict[str, Any]) -> None:
        """Make the files in a folder of their own: the checkout may not be writable."""
        sys.path.insert(0, self.root)
        try:
            from smtpdiag_tui.distribution.shipped import shipped
        finally:
            sys.path.remove(self.root)
        self._folder = Path(tempfile.mkdtemp(prefix="smtpdiag-"))
        for place, text in shipped(_date()).items():
            path = self._folder / place
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            build_data["shared_data"][str(path)] = place

    def finalize(self, _version: str, _build_data: dict[str, Any], _artifact_path: str) -> None:
        """Remove them: the wheel has them."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)


def _date() -> str:
    """Return the date of the man page: that of a reproducible build, if one is wanted."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    moment = datetime.fromtimestamp(int(epoch), UTC) if epoch.isdecimal() else datetime.now(UTC)
    return f"{moment:%Y-%m-%d}"
