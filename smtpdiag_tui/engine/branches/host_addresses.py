"""What the outcome is judged by: each mail host with what became of its addresses."""

from dataclasses import replace

from smtpdiag_tui.checks.session.attempts import attempt
from smtpdiag_tui.checks.session.certificates import unverified
from smtpdiag_tui.engine.branches.host_steps import MailHostState
from smtpdiag_tui.engine.branches.relaying import login_wanted
from smtpdiag_tui.engine.branches.sessions import Place
from smtpdiag_tui.engine.context import RunContext
from smtpdiag_tui.settings import parse_ip
from smtpdiag_tui.verdict.walk import Demand, HostAddress, HostAddresses


def host_addresses(ctx: RunContext, state: MailHostState) -> HostAddresses:
    """Return what the outcome is judged by; an address that was left out has no attempt."""
    addresses = tuple(_address(ctx, place) for place in state.places)
    if state.target.by_mx:
        addresses = tuple(_located(ctx, address) for address in addresses)
    own = any(address.own for address in addresses)
    return HostAddresses(state.target.host.name, state.target.order, state.lookup, addresses, own)


def _address(ctx: RunContext, place: Place) -> HostAddress:
    if place.seen is None:
        return HostAddress(place.address, place.step, None)
    reason = unverified(place.seen, ctx.network.trust_store(), ctx.network.utc(), place.host)
    unmet = {} if reason is None else {Demand.VERIFIED_TLS: reason}
    return HostAddress(place.address, place.step, login_wanted(place.seen, attempt(place.seen)), unmet)


def _located(ctx: RunContext, address: HostAddress) -> HostAddress:
    """Return the address that an MX names, with where it lies."""
    inside = ctx.reached_inside(address.address)
    return replace(address, own=_is_own(ctx, address.address), inside=inside)


def _is_own(ctx: RunContext, address: str) -> bool:
    """Whether a mail server here would know itself by this address: by the loopback too, if it listens there."""
    literal = parse_ip(address)
    if literal is not None and ctx.network.is_own(address):
        return True
    literal = getattr(literal, "ipv4_mapped", None) or literal
    return literal is not None and literal.is_loopback
