"""Exports open and hold the figures that are shown."""

import zlib
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest
from pytestqt.qtbot import QtBot

from desktop.ui.theme import tokens
from domain.errors import UnavailableError
from tests.desktop.ui.reports.conftest import Page


def test_workbook_holds_every_table(page: Page, qtbot: QtBot, tmp_path: Path) -> None:
    """Each chart has a sheet with its heads and numbers; durations are durations."""
    file = tmp_path / "report.xlsx"
    page.window.export(file)
    qtbot.waitUntil(lambda: page.window._toasts.showing)
    book = openpyxl.load_workbook(file)
    report = page.window.report()
    assert len(book.sheetnames) == 1 + len(report.charts)
    for sheet, chart in zip(book.worksheets[1:], report.charts, strict=True):
        assert sheet["A1"].value == chart.question
        assert [cell.value for cell in sheet[4]] == list(chart.heads)
        for line, row in enumerate(chart.rows, start=5):
            assert sheet.cell(line, 1).value == row.label
            for column, cell in enumerate(row.cells, start=2):
                found = sheet.cell(line, column).value
                if isinstance(found, timedelta):
                    found = found.total_seconds()
                assert found == pytest.approx(cell.value)


def test_workbook_begins_with_what_was_asked(page: Page, qtbot: QtBot, tmp_path: Path) -> None:
    """The summary names period, time of the figures, and the figures as numbers."""
    file = tmp_path / "report.xlsx"
    page.window.export(file)
    qtbot.waitUntil(lambda: page.window._toasts.showing)
    rows = list(openpyxl.load_workbook(file).worksheets[0].values)
    assert rows[0][0] == "报表"
    assert "2026-11-20" in str(rows[1][0])
    assert rows[2][:2] == ("周期", "2026-10-22 至 2026-11-20")
    figures = {row[0]: row[1] for row in rows}
    assert figures["新建"] == 26_927
    assert figures["首次响应（中位）"] == timedelta(minutes=14)
    assert figures["时限达成"] == pytest.approx(0.938, abs=0.001)


def test_pdf_has_charts_and_tables(page: Page, tmp_path: Path) -> None:
    """The file is a PDF of several landscape pages with drawn content, and the scheme is as before."""
    file, before = tmp_path / "report.pdf", tokens()
    page.window.export(file)
    raw = file.read_bytes()
    assert raw.startswith(b"%PDF-")
    assert raw.count(b"/Type /Page\n") == 3 or raw.count(b"/Type /Page") >= 3
    streams = [part.split(b"endstream")[0].strip(b"\r\n") for part in raw.split(b"stream\n")[1:]]
    drawn = b"".join(_unpacked(one) for one in streams)
    assert drawn.count(b" re\n") + drawn.count(b" l\n") > 100
    assert tokens() is before


def _unpacked(stream: bytes) -> bytes:
    try:
        return zlib.decompress(stream)
    except zlib.error:
        return b""


@pytest.mark.parametrize("name", ["report.xlsx", "report.pdf"])
def test_a_place_that_can_not_be_written_is_named(
    page: Page, qtbot: QtBot, tmp_path: Path, name: str
) -> None:
    """A missing folder or a locked file is said in a sentence, and the program goes on."""
    page.window.export(tmp_path / "nowhere" / name)
    qtbot.waitUntil(page.window.board.banner.isVisible)
    assert name in page.window.board.banner.text()


def test_nothing_to_export_offers_nothing(page: Page) -> None:
    """Before there are figures there is no menu."""
    page.server.trouble = UnavailableError("timeout")
    page.window.found = None
    page.window.open_export()
    with pytest.raises(RuntimeError):
        page.window.report()
