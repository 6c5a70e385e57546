"""The operator's sentences: numbers with the word that goes with them, in both languages."""

import pytest

from sync_server.operations.words import Words


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (0, "0 things are wrong; nothing was written."),
        (1, "1 thing is wrong; nothing was written."),
        (2, "2 things are wrong; nothing was written."),
    ],
)
def test_one_thing_is_and_two_things_are(count: int, said: str) -> None:
    """A count picks singular or plural; Chinese has one form."""
    assert Words("en").say("server.config.refused", count=count) == said
    assert f"{count} 处" in Words("zh_CN").say("server.config.refused", count=count)
