"""The demo's HTTPS servers: which address serves which MTA-STS policy (RFC 8461 §3.2), and how."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HttpsScript:
    """How one policy host answers. `text` is what stands at the path of a policy, with its line endings.

    `names` stand in the certificate, the host's own if empty; it has so many `days` left, and `with_issuer`
    the authority's behind it. `headers` are lines
    beside those that every reply has. `reply` is the whole reply, head and body, where it is given.
    """

    host: str
    text: bytes = b""
    names: tuple[str, ...] = ()
    days: int = 365
    with_issuer: bool = False
    status: int = 200
    content_type: str = "text/plain"
    headers: tuple[str, ...] = ()
    reply: bytes = b""

    @property
    def certificate_names(self) -> tuple[str, ...]:
        """The names that the certificate is for."""
        return self.names or (self.host,)


def policy(mode: str, *mx: str, max_age: int = 604800) -> bytes:
    """Return the text of a policy."""
    lines = ["version: STSv1", f"mode: {mode}", *(f"mx: {pattern}" for pattern in mx), f"max_age: {max_age}"]
    return "".join(f"{line}\r\n" for line in lines).encode()


HTTPS_HOSTS = {
    "192.0.2.177": HttpsScript("mta-sts.sts.example", policy("enforce", "mail.sts.example", "*.backup.example")),
}
