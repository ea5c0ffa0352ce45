"""Finding the DMARC record that applies to a domain, and its organizational domain: the DNS tree walk. Pure.

RFC 9989 §4.10: who walks asks for TXT at `_dmarc.` and each name that the walk yields, one after the other.
"""

from collections.abc import Generator
from dataclasses import dataclass
from enum import StrEnum

from smtpdiag_tui.checks.authentication.dmarc.record import DmarcRecord, Psd, Published

MAX_QUESTIONS = 8
_KEPT_LABELS = 7  # of a longer name, after the question for the whole of it
PREFIX = "_dmarc."
NOTHING = Published()


@dataclass(frozen=True, slots=True)
class Place:
    """One question of a walk: what `_dmarc.domain` holds; `failed` says in a clause why that is not known."""

    domain: str
    published: Published = NOTHING
    failed: str = ""

    @property
    def record(self) -> DmarcRecord | None:
        """The one record, None if there is none that counts."""
        return self.published.record


class Source(StrEnum):
    """Whose record applies to mail of a domain (§4.10.1)."""

    OWN = "own"
    ORGANIZATION = "organization"
    SUFFIX = "suffix"


@dataclass(frozen=True, slots=True)
class Applied:
    """The record that applies to mail of a domain, the name that it stands below `_dmarc.` of, and whose it is."""

    domain: str
    record: DmarcRecord
    source: Source


@dataclass(frozen=True, slots=True)
class Walk:
    """A tree walk from `domain` up, its places in the order in which they were asked for."""

    domain: str
    places: tuple[Place, ...] = ()

    @property
    def failed(self) -> Place | None:
        """The first place where the question failed, None without one."""
        return next((place for place in self.places if place.failed), None)

    @property
    def organizational_domain(self) -> str | None:
        """The organizational domain (§4.10.2); None where a question failed that it may hang on."""
        if self.failed is not None:
            return None
        found = [place for place in self.places if place.record is not None]
        for place in found:
            psd = place.record.psd if place.record is not None else Psd.UNKNOWN
            if psd is Psd.NO:
                return place.domain
            if psd is Psd.YES and place.domain != self.domain:
                return _one_label_below(place.domain, self.domain)
        return found[-1].domain if found else self.domain

    @property
    def applied(self) -> Applied | None:
        """The record that applies to mail of the domain (§4.10.1); None without one, or if not known."""
        own = self._record_of(self.domain)
        if own is not None:
            return Applied(self.domain, own, Source.OWN)
        organization = self.organizational_domain
        if organization is None:
            return None
        of_organization = self._record_of(organization)
        if of_organization is not None:
            return Applied(organization, of_organization, Source.ORGANIZATION)
        return next(
            (
                Applied(place.domain, place.record, Source.SUFFIX)
                for place in self.places
                if place.record is not None and place.record.psd is Psd.YES
            ),
            None,
        )

    @property
    def undecided(self) -> bool:
        """Whether a failed question leaves open which record applies."""
        return self.failed is not None and self._record_of(self.domain) is None

    @property
    def start(self) -> Place | None:
        """What the domain itself has published; None where nothing was asked."""
        return self.places[0] if self.places else None

    def _record_of(self, domain: str) -> DmarcRecord | None:
        return next((place.record for place in self.places if place.domain == domain), None)


def targets(domain: str) -> tuple[str, ...]:
    """Return the names of a full walk: it, then its parents, of a longer name the last 7 labels first."""
    labels = domain.split(".")
    first = max(1, len(labels) - _KEPT_LABELS)
    return (domain, *(".".join(labels[begin:]) for begin in range(first, len(labels))))


def walk(domain: str) -> Generator[str, Place, Walk]:
    """Walk the tree from `domain` (A-labels, lower case): yield each name, be sent what is there, return it all.

    The walk ends at a record that says whether its domain is a public suffix (§4.10, steps 2 and 6).
    """
    places: list[Place] = []
    for name in targets(domain)[:MAX_QUESTIONS]:
        place = yield name
        places.append(place)
        if place.record is not None and place.record.psd is not Psd.UNKNOWN:
            break
    return Walk(domain, tuple(places))


def aligned(author: Walk, other: Walk | None, domain: str, *, strict: bool) -> bool | None:
    """Whether an authenticated domain is aligned with the author's (§3.2.10, §4.10.2); None if that is not known.

    `other` is the walk from `domain`, None where there was none.
    """
    if domain.lower() == author.domain:
        return True
    if strict or domain.rpartition(".")[2].lower() != author.domain.rpartition(".")[2]:
        return False  # without a label in common they share no parent
    mine = author.organizational_domain
    theirs = other.organizational_domain if other is not None else None
    if mine is None or theirs is None:
        return None
    return mine == theirs


def _one_label_below(suffix: str, domain: str) -> str:
    """Return the name one label longer than `suffix` that `domain` is, or lies below."""
    labels = domain.split(".")
    return ".".join(labels[-(suffix.count(".") + 2) :])
