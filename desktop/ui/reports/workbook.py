"""A report as an Excel workbook: a summary, then a sheet for each chart with its table."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from desktop.ui.reports.content import CellKind, Content
from desktop.ui.reports.report import Report
from desktop.ui.text import tr
from desktop.ui.times import DAY_S
from domain.errors import UnavailableError

_SHEET_NAME = 31
_FORBIDDEN = str.maketrans(dict.fromkeys("[]:*?/\\\uff1f", " "))
_WIDE, _NARROW, _TOP = 34, 14, 4
_SHOWN: Mapping[CellKind, str] = {
    "count": "#,##0",
    "share": "0.0%",
    "seconds": "[h]:mm:ss",
    "change": "+0%;-0%;0%",
}


def write_workbook(report: Report, file: Path) -> None:
    """Write the workbook; UnavailableError ``export_failed`` where the file can't be written."""
    from xlsxwriter import Workbook
    from xlsxwriter.exceptions import XlsxWriterException

    # Text that begins like a formula or an address stays text.
    options = {"strings_to_formulas": False, "strings_to_urls": False}
    try:
        with Workbook(str(file), options) as book:
            sheets = _Sheets(book)
            sheets.summary(report)
            for chart in report.charts:
                sheets.chart(chart)
    except (OSError, XlsxWriterException) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UnavailableError("export_failed", file=file.name, reason=reason) from None


class _Sheets:
    """Writes sheets in few formats."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._bold = book.add_format({"bold": True})
        self._formats = {kind: book.add_format({"num_format": shown}) for kind, shown in _SHOWN.items()}

    def summary(self, report: Report) -> None:
        """What was asked, when, and the figures."""
        sheet = self._book.add_worksheet(tr("report.summary")[:_SHEET_NAME])
        sheet.set_column(0, 0, _WIDE)
        sheet.set_column(1, 2, _NARROW * 2)
        sheet.write_string(0, 0, report.title, self._bold)
        sheet.write_string(1, 0, report.as_of)
        for line, (name, value) in enumerate(report.asked, start=2):
            sheet.write_string(line, 0, name)
            sheet.write_string(line, 1, value)
        top = len(report.asked) + 3
        for column, name in enumerate(("measure", "period", "change")):
            sheet.write_string(top, column, tr(f"report.column.{name}"), self._bold)
        for line, figure in enumerate(report.figures, start=top + 1):
            sheet.write_string(line, 0, figure.name)
            self._number(sheet, line, 1, figure.number, figure.kind)
            sheet.write_string(line, 2, figure.changed())

    def chart(self, chart: Content) -> None:
        """A chart's question, answer and table."""
        sheet = self._book.add_worksheet(chart.question.translate(_FORBIDDEN).strip()[:_SHEET_NAME])
        sheet.set_column(0, 0, _WIDE)
        sheet.set_column(1, len(chart.heads), _NARROW)
        sheet.write_string(0, 0, chart.question, self._bold)
        sheet.write_string(1, 0, chart.answer)
        for column, head in enumerate(chart.heads):
            sheet.write_string(_TOP - 1, column, head, self._bold)
        for line, row in enumerate(chart.rows, start=_TOP):
            sheet.write_string(line, 0, row.label)
            for column, cell in enumerate(row.cells, start=1):
                self._number(sheet, line, column, cell.value, cell.kind)
        sheet.freeze_panes(_TOP, 1)

    def _number(self, sheet: Any, line: int, column: int, value: float | None, kind: CellKind) -> None:
        """A number stays one; seconds become a part of a day, which spreadsheets know as a duration."""
        if value is not None:
            sheet.write_number(
                line, column, value / DAY_S if kind == "seconds" else value, self._formats[kind]
            )
