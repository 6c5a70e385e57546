"""A report as a PDF: figures and charts on one landscape page, the tables on the next."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import QMarginsF, QRect, QRectF, Qt
from PySide6.QtGui import QPageLayout, QPageSize, QPainter, QPdfWriter

from desktop.ui.reports.content import Content, texts
from desktop.ui.reports.figures import paint_figure
from desktop.ui.reports.legend import Legend
from desktop.ui.reports.plots import make_plot
from desktop.ui.reports.report import Report
from desktop.ui.theme import colour, tokens
from desktop.ui.theme.scheme import use_tokens
from desktop.ui.theme.tokens import LIGHT
from desktop.ui.widgets.painting import box, fitted, width, write
from domain.errors import UnavailableError

DPI = 96
_MARGIN_MM = 12
_GAP, _HEAD, _FIGURES, _LINE, _PADDING = 12, 48, 84, 18, 12
_COLUMNS, _TOGETHER = 3, 12


def write_pdf(report: Report, file: Path) -> None:
    """Write the file in light colours, whatever the scheme; on the window's thread, since charts are drawn.

    Raises UnavailableError ``export_failed`` where the file can't be written.
    """
    writer = QPdfWriter(str(file))
    writer.setResolution(DPI)
    writer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    writer.setPageOrientation(QPageLayout.Orientation.Landscape)
    writer.setPageMargins(QMarginsF(*[_MARGIN_MM] * 4), QPageLayout.Unit.Millimeter)
    writer.setTitle(report.title)
    painter = QPainter()
    if not painter.begin(writer):
        raise UnavailableError("export_failed", file=file.name, reason=file.parent.name)
    try:
        with _light():
            page = QRect(0, 0, writer.width(), writer.height())
            _paint_charts(painter, report, page)
            writer.newPage()
            _paint_tables(painter, report, page, writer)
    finally:
        painter.end()


@contextmanager
def _light() -> Iterator[None]:
    before = tokens()
    use_tokens(LIGHT)
    try:
        yield
    finally:
        use_tokens(before)


def _paint_head(painter: QPainter, report: Report, page: QRect) -> None:
    write(painter, page.left(), QRect(0, 0, page.width(), 24), report.title, kind="h2")
    asked = "  ·  ".join(f"{name} {value}" for name, value in report.asked)
    below = QRect(0, 24, page.width(), 18)
    write(painter, page.left(), below, asked, kind="small", tone="text2")
    left = page.right() - width(report.as_of, "small")
    write(painter, left, below, report.as_of, kind="small", tone="text2")


def _paint_charts(painter: QPainter, report: Report, page: QRect) -> None:
    _paint_head(painter, report, page)
    strip = QRect(0, _HEAD, page.width(), _FIGURES)
    box(painter, strip, line="line", radius=6)
    wide = page.width() / len(report.figures)
    for n, figure in enumerate(report.figures):
        paint_figure(painter, QRect(round(n * wide), _HEAD, round(wide), _FIGURES), figure)
    top = _HEAD + _FIGURES + _GAP
    rows = -(-len(report.charts) // _COLUMNS)
    across = (page.width() - _GAP * (_COLUMNS - 1)) // _COLUMNS
    high = (page.height() - top - _GAP * (rows - 1)) // rows
    for n, chart in enumerate(report.charts):
        left = (n % _COLUMNS) * (across + _GAP)
        _paint_chart(painter, chart, QRect(left, top + n // _COLUMNS * (high + _GAP), across, high))


def _paint_chart(painter: QPainter, chart: Content, place: QRect) -> None:
    box(painter, place, line="line", radius=6)
    inside = place.adjusted(_PADDING, _PADDING, -_PADDING, -_PADDING)
    question = fitted(chart.question, "h3", inside.width())
    write(painter, inside.left(), QRect(inside.left(), inside.top(), inside.width(), 20), question, kind="h3")
    answer = fitted(chart.answer, "small", inside.width())
    below = QRect(inside.left(), inside.top() + 20, inside.width(), 16)
    write(painter, inside.left(), below, answer, kind="small", tone="text2")
    if not chart.rows:
        return
    legend = Legend(chart.name)
    inside.setTop(inside.top() + 44)
    plot = make_plot(chart)
    # Only a shown view has its scene laid out.
    plot.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
    plot.resize(inside.width(), inside.height() - legend.height())
    plot.show()
    plot.render(painter, QRectF(inside.left(), inside.top(), plot.width(), plot.height()), plot.rect())
    if legend.height():
        legend.resize(inside.width(), legend.height())
        painter.save()
        painter.translate(inside.left(), inside.bottom() - legend.height())
        legend.paint_on(painter)
        painter.restore()
    plot.hide()
    plot.deleteLater()


def _paint_tables(painter: QPainter, report: Report, page: QRect, writer: QPdfWriter) -> None:
    """Tables one below the other, in two columns, on as many pages as they need."""
    half = (page.width() - 2 * _GAP) // 2
    left, top = 0, 0
    for chart in report.charts:
        lines = [list(chart.heads), *texts(chart.rows)]
        while lines:
            room = (page.height() - top) // _LINE - 2
            if room < (len(lines) if len(lines) <= _TOGETHER else 4):
                left, top = (half + 2 * _GAP, 0) if left == 0 else (0, 0)
                if left == 0:
                    writer.newPage()
                continue
            part, lines = lines[:room], lines[room:]
            place = QRect(left, top, half, (len(part) + 1) * _LINE)
            _paint_table(painter, chart.question, part, place)
            top += place.height() + _LINE
            lines = [list(chart.heads), *lines] if lines else []


def _paint_table(painter: QPainter, title: str, lines: list[list[str]], place: QRect) -> None:
    write(
        painter,
        place.left(),
        QRect(place.left(), place.top(), place.width(), _LINE),
        title,
        kind="small_bold",
    )
    first = place.width() // 3
    others = (place.width() - first) / max(1, len(lines[0]) - 1)
    for n, line in enumerate(lines, start=1):
        where = QRect(place.left(), place.top() + n * _LINE, place.width(), _LINE)
        tone = "text2" if n == 1 else "text"
        write(painter, place.left(), where, fitted(line[0], "small", first - 8), kind="small", tone=tone)
        for column, text in enumerate(line[1:]):
            cut = fitted(text, "small", int(others) - 4)
            right = place.left() + first + others * (column + 1)
            write(painter, right - width(cut, "small"), where, cut, kind="small", tone=tone)
        painter.fillRect(QRectF(where.left(), where.bottom(), where.width(), 0.5), colour("line"))
    painter.setBrush(Qt.BrushStyle.NoBrush)
