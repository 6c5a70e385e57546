"""Small wordings: moments that are written, numbers, moments in rows."""

from datetime import datetime

import pytest

from desktop.ui.tickets.rows import short_moment, shown_number
from desktop.ui.tickets.when import read_moment

NOW = datetime(2026, 11, 20, 14, 32).astimezone()
NOW_AT = int(NOW.timestamp() * 1000)


def _at(*parts: int) -> int:
    return int(datetime(*parts).astimezone().timestamp() * 1000)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("16:00", (2026, 11, 20, 16, 0)),
        ("9:30", (2026, 11, 21, 9, 30)),
        ("11-25 09:00", (2026, 11, 25, 9, 0)),
        ("11-25", (2026, 11, 25, 9, 0)),
        ("1-5 10:00", (2027, 1, 5, 10, 0)),
        ("2026-12-01 08:15", (2026, 12, 1, 8, 15)),
        ("12/1 8：15", (2026, 12, 1, 8, 15)),
    ],
)
def test_written_moments_are_read(text: str, expected: tuple[int, ...]) -> None:
    """As people write them; without a day the next such hour, without a year the next such day."""
    assert read_moment(text, NOW_AT) == _at(*expected)


@pytest.mark.parametrize("text", ["", "soon", "25:00", "13-40 10:00", "1-2-3-4"])
def test_what_is_no_moment_is_none(text: str) -> None:
    """Nonsense is refused, not guessed."""
    assert read_moment(text, NOW_AT) is None


def test_provisional_numbers_lose_their_first_word() -> None:
    """The chip before it says that it is provisional."""
    assert shown_number("\u4e34-K3-0007") == "K3-0007"
    assert shown_number("104862") == "104862"
    assert shown_number("SH-104862") == "SH-104862"


def test_rows_show_the_shortest_moment() -> None:
    """The hour today, the day before that."""
    assert short_moment(_at(2026, 11, 20, 9, 5), NOW_AT) == "09:05"
    assert short_moment(_at(2026, 11, 19, 23, 0), NOW_AT) == "昨天"
    assert short_moment(_at(2026, 11, 16, 8, 0), NOW_AT) == "周一"
    assert short_moment(_at(2026, 11, 2, 8, 0), NOW_AT) == "11-02"
