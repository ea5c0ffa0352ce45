"""The deliveries of a log: each once, as its last attempt went, with the senders of other lines. Pure."""

from dataclasses import dataclass, field, replace

from smtpdiag_tui.bounces.told import Told
from smtpdiag_tui.report.amounts import counted
from smtpdiag_tui.report.status import Outcome

MOST = 500  # deliveries
_MOST_SENDERS = 20_000
Key = tuple[str, str]  # queue id, and recipient or host


@dataclass(slots=True)
class Collected:
    """What lines have told so far.

    `tentative` are attempts of which the log may tell no end; `senders` and `hosts` are those of messages, by
    their queue ids, as is `expired`; `started` are numbered deliveries.
    """

    told: dict[Key, Told] = field(default_factory=dict)
    tentative: dict[Key, Told] = field(default_factory=dict)
    senders: dict[str, str] = field(default_factory=dict)
    hosts: dict[str, str] = field(default_factory=dict)
    started: dict[str, Key] = field(default_factory=dict)
    expired: set[str] = field(default_factory=set)
    folded: int = 0
    dropped: int = 0

    def add(self, key: Key, told: Told) -> None:
        """Keep a delivery; one of the same key is an earlier attempt."""
        _, name = key
        if not key[0]:  # without a queue id each line is a delivery
            key = (f"line {told.line}", name)
        if key in self.told:
            self.folded += 1
            del self.told[key]
        elif len(self.told) >= MOST:
            self.dropped += 1
            return
        self.told[key] = told

    def attempt(self, key: Key, told: Told) -> None:
        """Keep an attempt, told where the log does not say how it ended."""
        if len(self.tentative) < MOST:
            self.tentative[key] = told

    def sender(self, queue_id: str, sender: str | None) -> None:
        """Keep who sent a message."""
        if sender is not None and len(self.senders) < _MOST_SENDERS:
            self.senders[queue_id] = sender

    def host(self, queue_id: str, host: str) -> None:
        """Keep the host that a message is offered to now."""
        if len(self.hosts) < _MOST_SENDERS:
            self.hosts[queue_id] = host

    def starting(self, number: str, queue_id: str, recipient: str) -> None:
        """Keep which message goes to whom in a delivery that has a number of its own."""
        if len(self.started) < _MOST_SENDERS:
            self.started[number] = (queue_id, recipient)

    def expire(self, queue_id: str) -> None:
        """Keep that a message was returned because its time was up: what was deferred last has bounced."""
        if queue_id and len(self.expired) < _MOST_SENDERS:
            self.expired.add(queue_id)

    def deliveries(self) -> tuple[tuple[Told, ...], str]:
        """Return all deliveries in the order of their lines, and a sentence about what is not among them."""
        ended = {key[0] for key in self.told}
        rest = {key: told for key, told in self.tentative.items() if key[0] not in ended}
        found = [self._completed(key, told) for key, told in (*self.told.items(), *rest.items())]
        failed = [told for told in found if told.outcome is not Outcome.ACCEPTED]
        notes = []
        if failed and len(failed) < len(found):
            notes.append(f"{counted(len(found) - len(failed), 'accepted delivery')} not shown")
        if self.folded:
            notes.append(f"{counted(self.folded, 'earlier attempt')} of these deliveries not shown")
        if self.dropped:
            notes.append(f"{counted(self.dropped, 'line')} beyond the first {MOST} deliveries not read")
        told = tuple(sorted(failed or found, key=lambda item: item.line or 0))[:MOST]
        return told, f"{'; '.join(notes)}." if notes else ""

    def _completed(self, key: Key, told: Told) -> Told:
        if told.ours:
            return told
        if key[0] in self.expired and told.outcome is Outcome.DEFERRED:
            told = replace(told, outcome=Outcome.BOUNCED)
        if told.sender is not None:
            return told
        return replace(told, sender=self.senders.get(key[0]))
