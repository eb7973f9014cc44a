"""Where a GeoHash lies, and whether that is in Vietnam: a box, islands included, not a border."""

from __future__ import annotations

from functools import lru_cache
from typing import Final, NamedTuple

_ALPHABET: Final = {letter: value for value, letter in enumerate("0123456789bcdefghjkmnpqrstuvwxyz")}

SOUTH, NORTH = 6.4, 23.5
WEST, EAST = 102.1, 117.9


class Point(NamedTuple):
    """WGS84 degrees."""

    latitude: float
    longitude: float


def decode(geohash: str) -> Point:
    """The middle of the cell: five bits a letter, longitude first, each halving what is left."""
    bits = 0
    for letter in geohash:
        bits = bits << 5 | _ALPHABET[letter]
    total = 5 * len(geohash)
    latitude = longitude = 0
    for place in range(total - 1, -1, -1):
        bit = bits >> place & 1
        if (total - 1 - place) % 2:
            latitude = latitude << 1 | bit
        else:
            longitude = longitude << 1 | bit
    rows, columns = 1 << total // 2, 1 << (total + 1) // 2
    return Point((latitude + 0.5) * 180 / rows - 90, (longitude + 0.5) * 360 / columns - 180)


def inside_vietnam(geohash: str) -> bool:
    """Whether the point is within the box around Vietnam and its islands, to a few kilometres."""
    return _cell_inside(geohash[:5])


@lru_cache(maxsize=100_000)
def _cell_inside(cell: str) -> bool:
    latitude, longitude = decode(cell)
    return SOUTH <= latitude <= NORTH and WEST <= longitude <= EAST
