"""The hosts that mail goes to, and what TLS came to at their addresses: plain data."""

from dataclasses import dataclass

from smtpdiag_tui.checks.tls_policy.demands import Where


@dataclass(frozen=True, slots=True)
class AddressTls:
    """One address of an MX host: why TLS is not verified there, None if it is, "" if that is not known.

    None stands for an address too where the session ended before TLS, for every sender alike.
    """

    where: Where
    unverified: str | None


@dataclass(frozen=True, slots=True)
class HostTls:
    """One host that the mail goes to; `name` is what the policy has to list, None for one given by its address.

    `by_mx`: an MX record names it.
    """

    name: str | None
    addresses: tuple[AddressTls, ...]
    by_mx: bool = True
