"""A Postfix that sends from the near side by way of a relay host; nobody can connect to it."""

import shutil
import time
from pathlib import Path

from tests.real.lab import Lab
from tests.real.postfix import SERVICES

EHLO = "out.sender.test"


class LocalPostfix:
    """The mail server of the sending machine, with its configuration, queue and log in `folder`."""

    def __init__(self, lab: Lab, folder: Path) -> None:
        self.config = folder / "config"
        self.log = folder / "mail.log"
        self._lab = lab
        self._folder = folder

    def configure(self, *lines: str) -> None:
        """Write the configuration; `lines` are added to main.cf."""
        for name in ("queue", "data", "config"):
            (self._folder / name).mkdir(exist_ok=True)
        shutil.chown(self._folder / "data", "postfix")
        folder = self._folder
        main = f"""\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
myhostname = mail.sender.test
smtp_helo_name = {EHLO}
mydestination =
alias_maps =
alias_database =
smtp_host_lookup = dns
maillog_file = {self.log}
maillog_file_prefixes = /var, /dev/stdout, {folder}
"""
        (self.config / "main.cf").write_text(main + "\n".join(lines) + "\n", encoding="ascii")
        (self.config / "master.cf").write_text(SERVICES, encoding="ascii")

    def start(self) -> None:
        """Start it."""
        self._lab.call(self._lab.near, "postfix", "-c", str(self.config), "start")

    def stop(self) -> None:
        """Stop it at once."""
        self._lab.call(self._lab.near, "postfix", "-c", str(self.config), "abort")

    def send(self, sender: str, recipient: str) -> str:
        """Send one message, and return the log's line about what became of it."""
        script = f"printf 'Subject: test\\n\\ntest\\n' | sendmail -C {self.config} -f {sender} {recipient}"
        self._lab.call(self._lab.near, "sh", "-c", script)
        for _ in range(300):
            lines = self.log.read_text().splitlines() if self.log.exists() else []
            found = [line for line in lines if f"to=<{recipient}>" in line and " status=" in line]
            if found:
                return found[-1]
            time.sleep(0.05)
        raise TimeoutError(f"{self.log} does not tell of {recipient}")
