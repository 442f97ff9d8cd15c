"""A report as a PDF, A4, with what it is for at the foot of every page."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from io import BytesIO
from typing import Any, Final

from stentviewer.interop.pdf_report import fonts
from stentviewer.learning.report_blocks import Block, Heading, Paragraph, Pictures, Table

_MARGIN: Final = 42.0  # points
_FOOT: Final = 30.0
_GAP: Final = 10.0
_WIDEST: Final = 380.0  # of a picture that stands alone
_TALLEST: Final = 420.0
_ROOM: Final = 170.0  # below a section's heading, else it begins on the next page
_TOGETHER: Final = 16  # rows of a table that is not torn apart
_INK, _QUIET, _ACCENT, _LINE = "#1b2127", "#4a5560", "#0d6180", "#c3cad1"


def as_pdf(blocks: Sequence[Block], title: str, footer: str) -> bytes:
    """The PDF's bytes."""
    from reportlab.lib.pagesizes import A4
    from reportlab.platypus import SimpleDocTemplate

    out = BytesIO()
    page = _Page(title, footer)
    document = SimpleDocTemplate(
        out,
        pagesize=A4,
        leftMargin=_MARGIN,
        rightMargin=_MARGIN,
        topMargin=_MARGIN,
        bottomMargin=_MARGIN + _FOOT,
        title=title,
        subject=footer,
        author="",
        creator="stentviewer",
    )
    document.build(page.flow(blocks), onFirstPage=page.foot, onLaterPages=page.foot)
    return out.getvalue()


class _Page:
    """Styles, and the foot of each page."""

    def __init__(self, title: str, footer: str) -> None:
        from reportlab.lib.pagesizes import A4
        from reportlab.lib.styles import ParagraphStyle

        self.title, self.footer = title, footer
        self.regular, self.bold = fonts()
        self.width = A4[0] - 2 * _MARGIN

        def style(name: str, size: float, **more: Any) -> Any:
            rest = {"fontName": self.regular, "textColor": _INK, "spaceAfter": 4} | more
            return ParagraphStyle(
                name, fontSize=size, leading=1.35 * size, splitLongWords=1, **rest
            )

        heading = {"fontName": self.bold, "keepWithNext": 1}
        self.styles = {
            "h1": style("h1", 17, **heading),
            "h2": style("h2", 12.5, spaceBefore=16, **heading),
            "h3": style("h3", 10, spaceBefore=8, **heading),
            "plain": style("plain", 9),
            "quiet": style("quiet", 8, textColor=_QUIET),
            "notice": style(
                "notice",
                9,
                textColor=_ACCENT,
                fontName=self.bold,
                borderColor=_ACCENT,
                borderWidth=0.6,
                borderPadding=(3, 5, 4, 5),
                leftIndent=6,
                rightIndent=6,
                spaceBefore=6,
                spaceAfter=9,
            ),
            "word": style("word", 8, spaceAfter=0),
            "number": style("number", 8, alignment=2, spaceAfter=0),
            "head": style("head", 7.5, textColor=_QUIET, spaceAfter=0),
            "headnumber": style("headnumber", 7.5, textColor=_QUIET, alignment=2, spaceAfter=0),
            "caption": style("caption", 7.5, textColor=_QUIET, spaceBefore=2),
        }

    def foot(self, canvas: Any, document: Any) -> None:
        canvas.saveState()
        canvas.setFillColor(_ACCENT)
        canvas.setFont(self.bold, 8)
        canvas.drawString(_MARGIN, _FOOT, self.footer)
        canvas.setFillColor(_QUIET)
        canvas.setFont(self.regular, 8)
        canvas.drawRightString(_MARGIN + self.width, _FOOT, str(document.page))
        canvas.restoreState()

    def flow(self, blocks: Sequence[Block]) -> list[Any]:
        from reportlab.platypus import CondPageBreak

        made: list[Any] = []
        for block in blocks:
            if isinstance(block, Heading):
                if block.level == 2:
                    made.append(CondPageBreak(_ROOM))
                made.append(self._text(block.text, f"h{block.level}"))
            elif isinstance(block, Paragraph):
                made.append(self._text(block.text, block.kind))
            elif isinstance(block, Table):
                made.append(self._table(block))
            else:
                made += self._pictures(block)
        return made

    def _text(self, text: str, style: str) -> Any:
        from reportlab.platypus import Paragraph as Text

        return Text(escape(text), self.styles[style])

    def _table(self, table: Table) -> Any:
        from reportlab.platypus import KeepTogether
        from reportlab.platypus import Table as Grid

        rows = [
            [
                self._text(cell, "word" if k < table.words else "number")
                for k, cell in enumerate(row)
            ]
            for row in table.rows
        ]
        if table.header:
            head = [
                self._text(cell, "head" if k < table.words else "headnumber")
                for k, cell in enumerate(table.header)
            ]
            rows.insert(0, head)
        if not rows:
            return self._text("", "plain")
        grid = Grid(
            rows, colWidths=self._columns(table), repeatRows=1 if table.header else 0, hAlign="LEFT"
        )
        grid.setStyle(
            [
                ("LINEBELOW", (0, 0), (-1, -1), 0.4, _LINE),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LEFTPADDING", (0, 0), (-1, -1), 0),
                ("RIGHTPADDING", (0, 0), (-1, -1), 8),
                ("TOPPADDING", (0, 0), (-1, -1), 2.5),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
            ]
        )
        grid.spaceAfter = 8
        grid.spaceBefore = 4
        return KeepTogether([grid]) if len(rows) <= _TOGETHER else grid

    def _columns(self, table: Table) -> list[float]:
        """As wide as their longest text, narrowed alike where the page is too narrow."""
        from reportlab.pdfbase.pdfmetrics import stringWidth

        rows = [*([table.header] if table.header else []), *table.rows]
        widest = [
            min(max(stringWidth(row[k], self.regular, 8) for row in rows) + 12, 0.6 * self.width)
            for k in range(len(rows[0]))
        ]
        scale = min(1.0, self.width / sum(widest))
        return [width * scale for width in widest]

    def _pictures(self, pictures: Pictures) -> list[Any]:
        """Rows of pictures with their captions, each row kept on one page."""
        from reportlab.platypus import Spacer
        from reportlab.platypus import Table as Grid

        slot = (self.width - _GAP * (pictures.across - 1)) / pictures.across
        slot = min(slot, _WIDEST)
        made: list[Any] = []
        for start in range(0, len(pictures.items), pictures.across):
            row = pictures.items[start : start + pictures.across]
            cells = [[self._picture(png, slot), self._text(what, "caption")] for png, what in row]
            grid = Grid([cells], colWidths=[slot + _GAP] * len(cells), hAlign="LEFT")
            grid.setStyle(
                [
                    ("VALIGN", (0, 0), (-1, -1), "TOP"),
                    ("LEFTPADDING", (0, 0), (-1, -1), 0),
                    ("RIGHTPADDING", (0, 0), (-1, -1), _GAP),
                    ("TOPPADDING", (0, 0), (-1, -1), 2),
                    ("BOTTOMPADDING", (0, 0), (-1, -1), 4),
                ]
            )
            made.append(grid)
        return [*made, Spacer(1, 4)]

    def _picture(self, png: bytes, slot: float) -> Any:
        from reportlab.lib.utils import ImageReader
        from reportlab.platypus import Image

        wide, tall = ImageReader(BytesIO(png)).getSize()
        scale = min(slot / wide, _TALLEST / tall)
        return Image(BytesIO(png), wide * scale, tall * scale)
