"""What stands in the input fields, and the settings that it makes. Nothing is sent from here."""

from dataclasses import dataclass, replace

from smtpdiag_tui.report.visible import visible
from smtpdiag_tui.settings import DnsServer, Settings, SettingsError, parse_dns_servers, strip_address


class InputProblemError(ValueError):
    """Fields that cannot be used: `problems` is the widget's id to one clear sentence, in the fields' order."""

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__(" ".join(problems.values()))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Request:
    """The three fields, as typed. `dns` may hold several servers, separated by blanks or commas."""

    sender: str
    recipient: str
    dns: str

    @classmethod
    def of(cls, settings: Settings) -> "Request":
        """Return the fields that show `settings`."""
        return cls(settings.sender, settings.recipient, " ".join(server.label for server in settings.dns))

    def settings(self, base: Settings) -> Settings:
        """Return `base` with the fields' values; raise InputProblemError, with all that cannot be used."""
        # The check reads IDNA tables: not before the first frame.
        from smtpdiag_tui.checks.syntax import check_address

        problems: dict[str, str] = {}
        for field, text in (("sender", self.sender), ("recipient", self.recipient)):
            problem = check_address(text, sender=field == "sender").problem
            if problem:
                problems[field] = problem
        servers: tuple[DnsServer, ...] = ()
        try:
            servers = parse_dns_servers(self.dns)
        except SettingsError as error:
            problems["dns"] = str(error)
        if problems:
            raise InputProblemError(problems)
        return replace(
            base, sender=strip_address(self.sender), recipient=strip_address(self.recipient), dns=servers
        )

    def about(self, other: "Request") -> str:
        """Return what this request is for, in so far as `other` is for something else; empty if it is not."""
        if strip_address(self.recipient) != strip_address(other.recipient):
            return visible(f"for {strip_address(self.recipient)}")
        if strip_address(self.sender) != strip_address(other.sender):
            return visible(f"from {strip_address(self.sender) or '<>'}")
        return "" if self.dns.split() == other.dns.split() else "with other DNS servers"
