"""What stands in the input fields, and the settings that it makes. Nothing is sent from here."""

from dataclasses import dataclass, replace

from smtpdiag_tui.settings import DnsServer, Settings, SettingsError, parse_dns_servers, strip_address


class InputProblemError(ValueError):
    """A field that cannot be used: `field` is the widget's id, the text one clear sentence."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


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
        """Return `base` with the fields' values; raise InputProblemError for the first that cannot be used."""
        # The check reads IDNA tables: not before the first frame.
        from smtpdiag_tui.checks.syntax import check_address

        for field, text in (("sender", self.sender), ("recipient", self.recipient)):
            problem = check_address(text, sender=field == "sender").problem
            if problem:
                raise InputProblemError(field, problem)
        return replace(
            base,
            sender=strip_address(self.sender),
            recipient=strip_address(self.recipient),
            dns=_servers(self.dns),
        )


def _servers(text: str) -> tuple[DnsServer, ...]:
    try:
        return parse_dns_servers(text)
    except SettingsError as error:
        raise InputProblemError("dns", str(error)) from error
