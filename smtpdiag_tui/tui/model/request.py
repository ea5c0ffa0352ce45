"""What stands in the input fields, and the settings that it makes. Nothing is sent from here."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from smtpdiag_tui.report.visible import visible
from smtpdiag_tui.settings import DnsServer, Settings, SettingsError, parse_dns_servers, strip_address

if TYPE_CHECKING:
    from smtpdiag_tui.tui.model.pasted import Pasted

NULL = "<>"  # the null sender as it is typed and shown
MISSING_SENDER = f"Sender is missing; for the null sender enter {NULL}"
MISSING_RECIPIENT = "Recipient is missing"
NULL_RECIPIENT = f"Recipient cannot be the null address {NULL}"


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
    def of(cls, settings: Settings, *, sender_given: bool = False) -> "Request":
        """Return the fields that show `settings`: a sender that is empty by purpose as `<>`.

        Nobody gives a recipient without a sender; `sender_given` tells of a sender given alone.
        """
        null = not settings.sender and (sender_given or bool(settings.recipient))
        sender = NULL if null else settings.sender
        return cls(sender, settings.recipient, " ".join(server.label for server in settings.dns))

    def tidied(self) -> "Request":
        """Return the request with addresses in place of what is none as it stands: `"Bob" <bob@b.example>`."""
        from smtpdiag_tui.tui.model.pasted import tidied  # not before the first frame

        request = self
        for field in ("sender", "recipient"):
            text = getattr(request, field)
            if text.strip() and _problem(text, field):
                meant = tidied(text, field)
                if meant is not None:
                    request = _filled(request, meant, field)
        return request

    def settings(self, base: Settings) -> Settings:
        """Return `base` with the fields' values; raise InputProblemError, with all that cannot be used."""
        problems: dict[str, str] = {}
        for field, text in (("sender", self.sender), ("recipient", self.recipient)):
            problem = _problem(text, field)
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
            return visible(f"from {strip_address(self.sender) or NULL}")
        return "" if self.dns.split() == other.dns.split() else "with other DNS servers"


def _problem(text: str, field: str) -> str | None:
    """Return what is wrong with an address as typed, None if nothing is."""
    # The check reads IDNA tables: not before the first frame.
    from smtpdiag_tui.checks.syntax import check_address

    if not text.strip(" \t"):
        return MISSING_SENDER if field == "sender" else MISSING_RECIPIENT
    if field == "recipient" and not strip_address(text):
        return NULL_RECIPIENT
    return check_address(text, sender=field == "sender").problem


def _filled(request: Request, meant: "Pasted", field: str) -> Request:
    """Return a request with what a field's text means; what belongs into the other one only if that is empty."""
    other = "recipient" if field == "sender" else "sender"
    own, others = getattr(meant, field), getattr(meant, other)
    if own is None or (others is not None and getattr(request, other).strip()):
        return request
    changed = {field: own} if others is None else {field: own, other: others}
    return replace(request, **changed)
