"""One program for each home; a second start calls the first."""

from pathlib import Path

from pytestqt.qtbot import QtBot

from desktop.ui.single_instance import SingleInstance


def test_a_second_start_calls_the_first(qtbot: QtBot, tmp_path: Path) -> None:
    """The second gets no lock; the first is told to come to the front."""
    first, second = SingleInstance(tmp_path), SingleInstance(tmp_path)
    called: list[bool] = []
    assert first.take()
    try:
        first.listen(lambda: called.append(True))
        assert not second.take()
        assert second.call_first()
        qtbot.waitUntil(lambda: called == [True])
    finally:
        first.release()
    assert second.take()
    second.release()


def test_one_that_does_not_answer_is_noticed(qtbot: QtBot, tmp_path: Path) -> None:
    """A first program that hangs is not mistaken for one that came to the front."""
    first, second = SingleInstance(tmp_path), SingleInstance(tmp_path)
    assert first.take()
    assert not second.call_first()
    first.release()


def test_other_homes_are_other_programs(qtbot: QtBot, tmp_path: Path) -> None:
    """Two homes run side by side, as the demonstration does."""
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    first, second = SingleInstance(tmp_path / "a"), SingleInstance(tmp_path / "b")
    assert first.take()
    assert second.take()
    first.release()
    second.release()
