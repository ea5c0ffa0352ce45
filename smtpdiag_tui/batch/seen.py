"""Which keys were met before, in 12 octets each: a million pairs take 16 MB at most. Pure."""

import hashlib
from array import array

_FIRST = 1024  # places


class Seen:
    """A set of texts by their hashes of 64 bits: of a million, two have the same one once in 30 million sets."""

    def __init__(self) -> None:
        self._places = array("Q", bytes(8 * _FIRST))
        self._number = 0

    def __len__(self) -> int:
        return self._number

    def __contains__(self, key: str) -> bool:
        number = _hash(key)
        return self._places[self._find(number)] == number

    def add(self, key: str) -> bool:
        """Take in a key; return whether it is new."""
        number = _hash(key)
        place = self._find(number)
        if self._places[place] == number:
            return False
        self._places[place] = number
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
        old = self._places
        self._places = array("Q", bytes(8 * 2 * len(old)))
        for number in old:
            if number:
                self._places[self._find(number)] = number


def _hash(key: str) -> int:
    digest = hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest) or 1  # 0 stands for a free place
