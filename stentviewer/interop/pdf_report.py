"""The review on one page: picture, heat map, findings, the person's label, and what said it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from stentviewer.core.errors import KnownError
from stentviewer.core.files import write_new
from stentviewer.core.paths import korean_font
from stentviewer.core.sentences import sentence
from stentviewer.core.types import Finding, Identity, Label, LabelAction, ModelRef
from stentviewer.core.wording import (
    RESEARCH_USE,
    is_strange,
    not_excluded,
    show_distance,
    show_name,
    show_probability,
)

Picture = npt.NDArray[np.uint8]

_MARGIN = 42.0  # points
_GAP = 14.0
_FIRST_ROW, _SECOND_ROW, _SMALLEST_ROW = 250.0, 175.0, 80.0  # heights of pictures
_INK = (0.10, 0.12, 0.15)
_QUIET = (0.38, 0.42, 0.47)
_ACCENT = (0.05, 0.38, 0.50)


@dataclass(frozen=True, slots=True)
class ReviewReport:
    """Everything that stands on the page. Pictures are (rows, columns, 3) uint8.

    There is room for two rows of two; more would not fit the page.
    """

    identity: Identity
    image_facts: Sequence[str]  # "Frame 1 of 12", "1024 × 1024", "Window 2048 / 4096", …
    pictures: Sequence[tuple[str, Picture]]  # caption and picture, two beside each other
    findings: Sequence[Finding]
    label: Label | None
    model: ModelRef | None
    model_facts: Sequence[str]  # what it was trained on, how long it took, on which device
    notes: Sequence[str]
    program: str
    created: datetime
    refusal: str = ""  # why the model did not read the image; empty where it did


def write_pdf(report: ReviewReport, path: Path) -> Path:
    """Write the report as one A4 page, never over another file, and return its path.

    A number is added where the name is taken. Raises KnownError when the file cannot be written.
    """
    data = _Page(report).render()
    try:
        return write_new(path, data)
    except OSError as error:
        raise KnownError(
            sentence(
                "The report could not be written to {folder}: {reason}. Choose another folder"
                " or free some space, then save again.",
                folder=path.parent,
                reason=error.strerror,
            )
        ) from error


class _Page:
    """Draws from the top of the page downwards; `y` is where the next thing goes."""

    def __init__(self, report: ReviewReport) -> None:
        from reportlab.lib.pagesizes import A4
        from reportlab.pdfgen.canvas import Canvas

        self._report = report
        self._buffer = BytesIO()
        self._canvas: Any = Canvas(self._buffer, pagesize=A4, pageCompression=1)
        self._width, self._height = A4
        self._regular, self._bold = fonts()
        self._y = self._height - _MARGIN

    def render(self) -> bytes:
        report = self._report
        self._canvas.setTitle("Stent review")
        self._canvas.setCreator(report.program)
        self._canvas.setSubject(RESEARCH_USE)
        self._heading()
        self._patient()
        self._pictures()
        self._findings()
        self._provenance()
        self._footer()
        self._canvas.showPage()
        self._canvas.save()
        return self._buffer.getvalue()

    def _text(
        self,
        text: str,
        x: float,
        *,
        size: float = 9,
        bold: bool = False,
        colour: tuple[float, float, float] = _INK,
        width: float | None = None,
    ) -> None:
        """One line at the current height, shortened with an ellipsis to fit `width` points."""
        font = self._bold if bold else self._regular
        room = width if width is not None else self._width - _MARGIN - x
        shown = text
        while shown and self._canvas.stringWidth(shown, font, size) > room:
            shown = shown.removesuffix("…")[:-1] + "…"
            if shown == "…":
                break
        self._canvas.setFillColorRGB(*colour)
        self._canvas.setFont(font, size)
        self._canvas.drawString(x, self._y, shown)

    def _rule(self) -> None:
        self._canvas.setStrokeColorRGB(0.80, 0.82, 0.85)
        self._canvas.setLineWidth(0.6)
        self._canvas.line(_MARGIN, self._y, self._width - _MARGIN, self._y)

    def _heading(self) -> None:
        self._text("Stent review", _MARGIN, size=17, bold=True)
        self._canvas.setFillColorRGB(*_ACCENT)
        self._canvas.setFont(self._bold, 9.5)
        self._canvas.drawRightString(self._width - _MARGIN, self._y + 2, RESEARCH_USE)
        self._y -= 10
        self._rule()
        self._y -= 17

    def _patient(self) -> None:
        who = self._report.identity
        name = show_name(who.patient_name, who.patient_name_ideographic)
        half = (self._width - 2 * _MARGIN) / 2
        left = [
            ("Patient", name or "No patient name in the file"),
            ("ID", who.patient_id or "none"),
            ("Born, sex", " · ".join(filter(None, (who.birth_date, who.sex))) or "not stated"),
        ]
        study = " ".join(filter(None, (who.study_date, who.study_time, who.study_description)))
        series = " ".join(filter(None, (who.modality, who.series_description, who.body_part)))
        right = [
            ("Study", study or "no date in the file"),
            ("Series", series or "not stated"),
            ("Image", " · ".join(self._report.image_facts)),
        ]
        for (key_l, value_l), (key_r, value_r) in zip(left, right, strict=True):
            for x, key, value in ((_MARGIN, key_l, value_l), (_MARGIN + half, key_r, value_r)):
                self._text(key, x, size=8, colour=_QUIET)
                self._text(value, x + 52, width=half - 58)
            self._y -= 14
        self._y -= 4

    def _pictures(self) -> None:
        """Rows of two; a second row is lower, so that the text below always has its place."""
        report = self._report
        notes = sum(len(self._wrapped(note, 8)) for note in report.notes)
        more_text = 14 * max(0, len(report.findings) - 1) + 12 * notes
        self._picture_row(report.pictures[:2], _FIRST_ROW)
        if _SECOND_ROW - more_text >= _SMALLEST_ROW:
            self._picture_row(report.pictures[2:4], _SECOND_ROW - more_text)
        self._y -= 10

    def _picture_row(self, pictures: Sequence[tuple[str, Picture]], highest: float) -> None:
        slot = (self._width - 2 * _MARGIN - _GAP) / 2
        top, lowest = self._y, self._y
        for index, (caption, picture) in enumerate(pictures):
            rows, columns = picture.shape[:2]
            scale = min(slot / columns, highest / rows)
            width, height = columns * scale, rows * scale
            x = _MARGIN + index * (slot + _GAP)
            self._canvas.drawImage(_reader(picture), x, top - height, width, height)
            self._y = top - height - 12
            self._text(caption, x, size=8, colour=_QUIET, width=slot)
            lowest = min(lowest, self._y)
        self._y = lowest - 14 if pictures else top

    def _findings(self) -> None:
        report = self._report
        self._text("The model's reading", _MARGIN, size=12, bold=True)
        self._y -= 17
        if report.findings:
            self._table()
        else:
            self._nothing_found()
        for note in report.notes:
            for part in self._wrapped(note, 8):
                self._text(part, _MARGIN, size=8, colour=_QUIET)
                self._y -= 12
        self._y -= 8
        self._text("The reader's label", _MARGIN, size=12, bold=True)
        self._y -= 15
        for part in self._wrapped(_label_sentence(report.label), 9):
            self._text(part, _MARGIN)
            self._y -= 12
        self._y -= 12

    def _nothing_found(self) -> None:
        """Not read, refused and found none are three answers, and must not be taken as another."""
        report = self._report
        if report.model is None:
            lines = ["Not read by a model."]
        elif report.refusal:
            lines = [
                f"Not read: {report.refusal}",
                "The model did not look for stents on this image; this does not say that there "
                "is none.",
            ]
        else:
            lines = ["No stent found by the model. It may have missed one."]
        for line in lines:
            for part in self._wrapped(line, 9):
                self._text(part, _MARGIN)
                self._y -= 14

    def _wrapped(self, text: str, size: float) -> list[str]:
        from reportlab.lib.utils import simpleSplit

        room = self._width - 2 * _MARGIN
        return list(simpleSplit(text, self._regular, size, room))

    def _table(self) -> None:
        report = self._report
        columns = (_MARGIN, _MARGIN + 24, _MARGIN + 150, _MARGIN + 230, _MARGIN + 390)
        for x, title in zip(
            columns,
            ("#", "Reads as", "Probability", "Not excluded", "Region (% of w, h)"),
            strict=True,
        ):
            self._text(title, x, size=8, colour=_QUIET)
        self._y -= 5
        self._rule()
        self._y -= 13
        for number, finding in enumerate(report.findings, start=1):
            cells = (str(number), *_reads_as(finding), _region(finding))
            for x, following, cell in zip(
                columns, (*columns[1:], self._width - _MARGIN), cells, strict=True
            ):
                self._text(cell, x, width=following - x - 6, bold=x == columns[1])
            self._y -= 14

    def _provenance(self) -> None:
        report = self._report
        if report.model is None:
            return
        self._text("Which model said it", _MARGIN, size=12, bold=True)
        self._y -= 15
        name = " ".join(filter(None, (report.model.name, report.model.version)))
        self._text(f"{name or report.model.id}  ({report.model.id})", _MARGIN)
        self._y -= 13
        self._text(f"SHA-256 {report.model.sha256}", _MARGIN, size=8, colour=_QUIET)
        self._y -= 12
        for fact in report.model_facts:
            self._text(fact, _MARGIN, size=8, colour=_QUIET)
            self._y -= 12

    def _footer(self) -> None:
        self._y = _MARGIN + 14
        self._rule()
        self._y -= 12
        made = self._report.created.strftime("%Y-%m-%d %H:%M %Z").strip()
        self._text(
            f"{RESEARCH_USE} · {self._report.program} · {made}", _MARGIN, size=8, colour=_QUIET
        )


def _reads_as(finding: Finding) -> tuple[str, str, str]:
    """What it reads as, the probability, and what is not excluded."""
    p, others = show_probability(finding.probability), ", ".join(not_excluded(finding))
    if is_strange(finding) and finding.distance is not None:
        far = f"at {show_distance(finding.distance)} × the limit"
        return "unknown design", f"nearest {finding.maker}", far
    if finding.unknown:
        return "no maker stands out", f"{p} ({finding.maker})", others or "none"
    return finding.maker, p, others or "none"


def _region(finding: Finding) -> str:
    if finding.box is None:
        return "none marked"
    box = finding.box
    x0, y0, x1, y1 = (round(100 * value) for value in (box.x0, box.y0, box.x1, box.y1))
    return f"{x0}–{x1} × {y0}–{y1}"


def _label_sentence(label: Label | None) -> str:
    if label is None or label.action is LabelAction.CLEAR:
        return "No label by a reader yet."
    when = label.at.astimezone().strftime("%Y-%m-%d %H:%M")
    said = f"; the model had said {label.model_said}" if label.model_said else ""
    return f"{label.maker}, {label.action.value} by {label.by} on {when}{said}."


def fonts() -> tuple[str, str]:
    """Names of the regular and bold face: one that has Hangul where it is installed."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    font = korean_font()
    if font is None:
        return "Helvetica", "Helvetica-Bold"
    bold = font.with_name("NanumGothicBold.ttf")
    pdfmetrics.registerFont(TTFont("Nanum", str(font)))
    pdfmetrics.registerFont(TTFont("NanumBold", str(bold if bold.is_file() else font)))
    return "Nanum", "NanumBold"


def _reader(picture: npt.NDArray[np.uint8]) -> Any:
    from PIL import Image
    from reportlab.lib.utils import ImageReader

    return ImageReader(Image.fromarray(picture))
