"""Stores by place: the nearest to coordinates, and those whose address is most like what was typed (C02)."""

import heapq
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import NamedTuple

EARTH_M = 6_371_008.8
"""The mean radius of the Earth in metres."""
_COORDINATES = re.compile(r"\s*(-?\d{1,3}(?:\.\d+)?)\s*[,，\s]\s*(-?\d{1,3}(?:\.\d+)?)\s*")
_SPARE = 4
"""So many more candidates than asked for are measured exactly."""
_COMMON = 0.5
"""Parts of words that stand in more than this share of all addresses tell nothing."""
_LEAST_SHARE = 0.5
"""So much of what was typed an address has to hold, weighted by how rare it is."""


class Place(NamedTuple):
    """A store, where it lies (None where nobody knows) and what its address says."""

    id: str
    latitude: float | None
    longitude: float | None
    words: str


class Near(NamedTuple):
    """A store and how far it is, in metres; None where it was found by words."""

    id: str
    metres: float | None = None


def haversine_m(from_lat: float, from_lng: float, to_lat: float, to_lng: float) -> float:
    """The great-circle distance between two points in degrees, in metres."""
    a, b = math.radians(from_lat), math.radians(to_lat)
    across = math.sin(math.radians(to_lng - from_lng) / 2) ** 2
    half = math.sin((b - a) / 2) ** 2 + math.cos(a) * math.cos(b) * across
    return 2 * EARTH_M * math.asin(min(1.0, math.sqrt(half)))


def coordinates(text: str) -> tuple[float, float] | None:
    """Latitude and longitude, if a text is nothing else; the one that can be no latitude is the longitude."""
    found = _COORDINATES.fullmatch(text)
    if found is None:
        return None
    first, second = float(found[1]), float(found[2])
    if abs(first) > 90:
        first, second = second, first
    return (first, second) if abs(first) <= 90 and abs(second) <= 180 else None


class StoreMap:
    """All stores in memory: asked at each keystroke."""

    def __init__(self, places: Iterable[Place]) -> None:
        self._places = list(places)
        self._points: list[tuple[float, float, float, Place]] = []
        for one in self._places:
            if one.latitude is not None and one.longitude is not None:
                lat, lng = math.radians(one.latitude), math.radians(one.longitude)
                flat = math.cos(lat)
                self._points.append((flat * math.cos(lng), flat * math.sin(lng), math.sin(lat), one))
        self._holding: dict[str, list[int]] = defaultdict(list)
        for index, one in enumerate(self._places):
            for part in _parts(one.words):
                self._holding[part].append(index)

    def nearest(self, latitude: float, longitude: float, count: int = 3) -> list[Near]:
        """The nearest stores, by great-circle distance."""
        lat, lng = math.radians(latitude), math.radians(longitude)
        x, y, z = math.cos(lat) * math.cos(lng), math.cos(lat) * math.sin(lng), math.sin(lat)
        # The nearer, the larger the product of the directions: no angle is needed to sort by.
        close = heapq.nlargest(
            count + _SPARE, self._points, key=lambda one: one[0] * x + one[1] * y + one[2] * z
        )
        found = [
            Near(one.id, haversine_m(latitude, longitude, one.latitude or 0.0, one.longitude or 0.0))
            for *_, one in close
        ]
        return sorted(found, key=lambda one: (one.metres or 0.0, one.id))[:count]

    def by_words(self, text: str, count: int = 3) -> list[Near]:
        """The stores whose address holds most of what was typed; rare parts count for more."""
        total = len(self._places)
        score: Counter[int] = Counter()
        whole = 0.0
        for part in _parts(text):
            holding = self._holding.get(part, ())
            if len(holding) > total * _COMMON:
                continue
            rarity = math.log(total / len(holding)) if holding else math.log(total + 1)
            whole += rarity
            for index in holding:
                score[index] += rarity  # type: ignore[assignment]
        best = heapq.nsmallest(count, score.items(), key=lambda one: (-one[1], self._places[one[0]].id))
        return [Near(self._places[index].id) for index, held in best if held >= whole * _LEAST_SHARE]

    def find(self, text: str, count: int = 3) -> list[Near]:
        """By coordinates where the text is such, else by its words."""
        point = coordinates(text)
        return self.nearest(*point, count) if point is not None else self.by_words(text, count)


def _parts(text: str) -> set[str]:
    """Pairs of neighbouring letters, and words of Latin letters and digits."""
    plain = text.casefold()
    pairs = {plain[i : i + 2] for i in range(len(plain) - 1)}
    return {pair for pair in pairs if pair.isalnum()}
