"""The nearest stores, against distances worked out elsewhere and against measuring every store."""

import csv
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.rules.nearest import Place, StoreMap, coordinates, haversine_m

DATA = os.environ.get("GONGDAN_SAMPLE_DATA", "")
SHOPS = [
    Place("a", 31.23, 121.47, "上海市黄浦区南京东路 100 号"),
    Place("b", 31.30, 120.60, "江苏省苏州市姑苏区观前街 8 号"),
    Place("c", None, None, "江苏省苏州市工业园区星湖街 328 号"),
]


def stores() -> list[Place]:
    """The stores of the sample."""
    if not DATA:
        pytest.skip("GONGDAN_SAMPLE_DATA is not set")
    with (Path(DATA) / "stores_cn_2022-01-01.csv").open(encoding="utf-8") as file:
        return [
            Place(
                row["store_id"],
                float(row["lat"]),
                float(row["lng"]),
                row["province"] + row["city"] + row["district"] + row["address"] + row["name"],
            )
            for row in csv.DictReader(file)
        ]


def test_the_known_examples_come_out() -> None:
    """The three nearest of each of the examples, to the tenth of a metre."""
    shops = StoreMap(stores())
    with (Path(DATA) / "nearest_store_examples.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert rows
    for row in rows:
        found = shops.nearest(float(row["lat"]), float(row["lng"]))
        assert [one.id for one in found] == [row[f"id{n}"] for n in (1, 2, 3)], row["query_id"]
        assert [round(one.metres or 0, 1) for one in found] == [float(row[f"m{n}"]) for n in (1, 2, 3)]


def test_a_store_is_found_by_its_own_address() -> None:
    """Of the sample's stores each is among the three that its address finds, but for those that share one."""
    all_of_them = stores()
    shops = StoreMap(all_of_them)
    asked = all_of_them[::97]
    hits = sum(one.id in {near.id for near in shops.by_words(one.words[:24])} for one in asked)
    assert hits >= 0.9 * len(asked)


@given(
    st.lists(st.tuples(st.floats(-89, 89), st.floats(-179.9, 179.9)), min_size=1, max_size=30),
    st.tuples(st.floats(-89, 89), st.floats(-179.9, 179.9)),
)
def test_nobody_nearer_is_left_out(points: list[tuple[float, float]], here: tuple[float, float]) -> None:
    """The first is as near as the nearest of all, measured one by one (to a millimetre)."""
    places = [Place(str(n), lat, lng, "") for n, (lat, lng) in enumerate(points)]
    first = StoreMap(places).nearest(*here, 1)[0]
    nearest = min(haversine_m(*here, lat, lng) for lat, lng in points)
    assert abs((first.metres or 0.0) - nearest) < 0.25 or (first.metres or 0.0) <= nearest * 1.000001


def test_words_or_coordinates_in_either_order() -> None:
    """A city and street find the store; coordinates may come as on maps or with the longitude first."""
    shops = StoreMap(SHOPS)
    assert [one.id for one in shops.find("苏州工业园区星湖街")][:1] == ["c"]
    assert [one.id for one in shops.find("120.61，31.29")][:1] == ["b"]
    assert coordinates("31.2 121.5") == coordinates("121.5, 31.2") == (31.2, 121.5)
    assert coordinates("星湖街 328") is None
    assert shops.find("北京朝阳门") == []
