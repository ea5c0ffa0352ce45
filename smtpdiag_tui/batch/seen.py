"""Which keys were met before, in 12 to 24 octets each: a million pairs take 20 MB at most. Pure."""

import hashlib
from array import array

_FIRST = 1024  # places


class Seen:
    """A set of texts by their hashes of 64 bits: of a million, two have the same one once in 30 million sets.

    Each text may have a mark, a number up to 65,535.
    """

    def __init__(self) -> None:
        self._places = array("Q", bytes(8 * _FIRST))
        self._marks = array("H", bytes(2 * _FIRST))
        self._number = 0

    def __len__(self) -> int:
        return self._number

    def __contains__(self, key: str) -> bool:
        number = _hash(key)
        return self._places[self._find(number)] == number

    def mark_of(self, key: str) -> int | None:
        """Return the mark of a key, None for a key that was not met."""
        number = _hash(key)
        place = self._find(number)
        return self._marks[place] if self._places[place] == number else None

    def add(self, key: str, mark: int = 0) -> bool:
        """Take in a key; return whether it is new. One met before keeps its mark."""
        number = _hash(key)
        place = self._find(number)
        if self._places[place] == number:
            return False
        self._places[place] = number
        self._marks[place] = mark
        self._number += 1
        if 3 * self._number > 2 * len(self._places):
            self._grow()
        return True

    def _find(self, number: int) -> int:
        """Return the place of a hash, or the free one that it would take (open addressing, one step at a time)."""
        places = self._places
        mask = len(places) - 1
        place = number & mask
        while places[place] not in (0, number):
            place = (place + 1) & mask
        return place

    def _grow(self) -> None:
        old, marks = self._places, self._marks
        self._places = array("Q", bytes(8 * 2 * len(old)))
        self._marks = array("H", bytes(2 * 2 * len(old)))
        for number, mark in zip(old, marks, strict=True):
            if number:
                place = self._find(number)
                self._places[place], self._marks[place] = number, mark


def _hash(key: str) -> int:
    digest = hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest) or 1  # 0 stands for a free place
