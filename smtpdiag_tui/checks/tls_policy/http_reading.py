"""One GET for a plain text over HTTP/1.1, as bytes in and out (RFC 9110, RFC 9112, RFC 8461 §3.3). Pure."""

import h11

from smtpdiag_tui.checks.tls_policy.fetched import HttpReply, Trouble
from smtpdiag_tui.report.amounts import counted
from smtpdiag_tui.report.visible import visible

MAX_TEXT = 64 * 1024  # bytes of a policy (RFC 8461 §3.3)
MAX_HEADER = 16 * 1024  # bytes of a header section
MAX_RECEIVED = 256 * 1024  # bytes of a whole reply, its header and the marks of its chunks included
MAX_INTERIM = 8  # replies with a 1xx status before the one that counts
_SHOWN = 200  # characters of what a header says
_MOST_FIELDS = 4  # of one name
_OK = 200
_BEGINNING = b"HTTP/"
_NOT_HTTP = "sent a reply that is not valid HTTP"
_TOO_LONG = 431  # what h11 would have a server answer to a header that does not end


class HttpReading:
    """One request and its reply. Feed what arrives to `receive`, b"" for the end, until `reply` is there."""

    def __init__(self, host: str, path: str) -> None:
        self.reply: HttpReply | None = None
        self._connection = h11.Connection(h11.CLIENT, max_incomplete_event_size=MAX_HEADER)
        headers = [
            ("Host", host),
            ("User-Agent", "smtpdiag"),
            ("Accept", "text/plain"),
            ("Accept-Encoding", "identity"),
            ("Connection", "close"),
        ]
        asked = self._connection.send(h11.Request(method="GET", target=path, headers=headers))
        self.request = (asked or b"") + (self._connection.send(h11.EndOfMessage()) or b"")
        self._head = HttpReply()
        self._body = bytearray()
        self._interim = 0
        self._received = 0
        self._first = b""

    def receive(self, data: bytes) -> None:
        """Take what has arrived, at most 64 KiB at a time; b"" once the server has closed."""
        if self.reply is not None:
            return
        self._received += len(data)
        if self._received > MAX_RECEIVED:
            self._end(Trouble.SIZE, f"sent more than {MAX_RECEIVED // 1024} KiB")
            return
        self._first += data[: len(_BEGINNING) - len(self._first)]
        if not _BEGINNING.startswith(self._first):
            self._end(Trouble.NO_HTTP, _NOT_HTTP)  # h11 would wait for a line that is empty
            return
        try:
            self._connection.receive_data(data)
            while self.reply is None:
                event = self._connection.next_event()
                if event is h11.NEED_DATA or event is h11.PAUSED:
                    break
                self._take(event)
        except h11.RemoteProtocolError as error:
            self._misspoken(error, closed=not data)

    def _take(self, event: object) -> None:
        match event:
            case h11.InformationalResponse():
                self._interim += 1
                if self._interim > MAX_INTERIM:
                    self._end(Trouble.NO_HTTP, f"sent more than {MAX_INTERIM} interim replies (1xx)")
            case h11.Response():
                self._begin(event)
            case h11.Data():
                self._body += event.data
                if len(self._body) > MAX_TEXT:
                    self._too_long()
            case h11.EndOfMessage():
                self._end()
            case h11.ConnectionClosed():
                self._end(Trouble.CLOSED, "closed the connection without a reply")

    def _begin(self, response: h11.Response) -> None:
        """Take the head of the reply that counts, and end where the body does not matter any more."""
        status = response.status_code
        types = _values(response, b"content-type")
        location = next(iter(_values(response, b"location")), "")
        self._head = HttpReply(status, types, location)
        if 300 <= status < 400:
            where = f" to {location}" if location else ""
            self._end(Trouble.REDIRECT, f"redirected{where} (status {status})")
        elif status != _OK:
            self._end(Trouble.STATUS, f"replied with status {status}")
        elif {item.partition(";")[0].strip().lower() for item in types} != {"text/plain"}:
            said = " and ".join(types)
            self._end(Trouble.CONTENT_TYPE, f"sent Content-Type {said}" if said else "sent no Content-Type")
        elif coded := [item for item in _values(response, b"content-encoding") if _is_coded(item)]:
            self._end(Trouble.ENCODING, f"sent the Content-Encoding {coded[0]} unrequested")
        elif any(_number(item) > MAX_TEXT for item in _values(response, b"content-length")):
            self._too_long()

    def _too_long(self) -> None:
        self._end(Trouble.SIZE, f"sent a text of more than {MAX_TEXT // 1024} KiB")

    def _misspoken(self, error: h11.RemoteProtocolError, *, closed: bool) -> None:
        """End with what is no HTTP, or was cut off; the library's words may be the server's, and are not told."""
        if self._head.status is None and error.error_status_hint == _TOO_LONG:
            self._end(Trouble.HEADER_SIZE, f"sent a header of more than {MAX_HEADER // 1024} KiB")
        elif not closed:
            self._end(Trouble.NO_HTTP, _NOT_HTTP)
        elif self._head.status is None:
            self._end(Trouble.CLOSED, "closed the connection without a reply")
        else:
            self._end(
                Trouble.CLOSED, f"closed the connection after {counted(len(self._body), 'byte')} of the text"
            )

    def _end(self, trouble: Trouble | None = None, why: str = "") -> None:
        head = self._head
        self.reply = HttpReply(head.status, head.types, head.location, bytes(self._body), trouble, why)


def _values(response: h11.Response, name: bytes) -> tuple[str, ...]:
    """Return what all fields of a name say, printable and short."""
    values = [value for key, value in response.headers if key == name]
    return tuple(visible(value[:_SHOWN]) for value in values[:_MOST_FIELDS])


def _number(text: str) -> int:
    """Return a field's number; h11 has seen to it that there is one."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else MAX_TEXT + 1


def _is_coded(text: str) -> bool:
    return text.strip().lower() not in ("", "identity")
