"""A review leaves the program: one page as PDF, and the heat map over the image as PNG."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt

from stentviewer import __version__
from stentviewer.app.session import OpenedImage, Session
from stentviewer.core.errors import KnownError
from stentviewer.core.files import free_name, write_new
from stentviewer.core.sentences import sentence
from stentviewer.core.types import Box, Reading
from stentviewer.core.wording import RESEARCH_USE, say_reading
from stentviewer.explain.checks import words
from stentviewer.imaging.image import Radiograph, Window
from stentviewer.imaging.overlay import (
    draw_caption,
    draw_outlines,
    render_grey,
    render_overlay,
)
from stentviewer.library.records import ReadingRecord

_REPORT_SIDE = 1200  # pixels: more than 300 dpi in the half page that a picture gets
_STENTS_CLOSE_UP = 2  # as many as the report has room for
_CLOSE_UP = 0.35  # of the image's longer side at least: a stent and what is around it


def export_review(
    session: Session,
    image_id: int,
    frame: int,
    out_dir: Path,
    window: Window | None = None,
    invert: bool = False,
    strength: float = 0.5,
) -> list[Path]:
    """Write the review of one frame to `out_dir`: PDF, and PNG overlay where there is a reading.

    The picture is shown as it was on the screen (window, inverted or not). Files of an earlier
    review are kept: a number is added to the name. Raises KnownError when the folder cannot be
    written.
    """
    from stentviewer.interop.pdf_report import ReviewReport, write_pdf

    opened = session.open_image(image_id)
    record = session.latest_reading(image_id, frame)
    grey = render_grey(opened.radiograph, frame, window, invert)
    reading = record.reading if record else None
    report = ReviewReport(
        identity=opened.record.header.identity,
        image_facts=_image_facts(opened, frame, window),
        pictures=_pictures(grey, reading, strength),
        findings=reading.findings if reading else (),
        refusal=reading.refusal if reading else "",
        label=session.label(image_id, frame),
        model=reading.model if reading else None,
        model_facts=_model_facts(session, record),
        notes=_notes(session, opened, record),
        program=f"stentviewer {__version__}",
        created=datetime.now(UTC).astimezone(),
    )
    stem = free_name(out_dir, _stem(opened, frame))
    written = [write_pdf(report, out_dir / f"{stem}.pdf")]
    if reading is not None and reading.heat is not None:
        written.append(
            write_overlay(
                opened.radiograph,
                reading,
                out_dir / f"{stem}.png",
                window=window,
                invert=invert,
                strength=strength,
            )
        )
    return written


def _pictures(
    grey: npt.NDArray[np.uint8], reading: Reading | None, strength: float
) -> list[tuple[str, npt.NDArray[np.uint8]]]:
    """The image and, where it was read, its heat map, and both close up on the first finding.

    Of several stents the first two are shown close up, each with its own heat.
    """
    plain = render_overlay(grey, None)
    if reading is None or reading.heat is None:
        return [("Image", _at_most(plain, _REPORT_SIDE))]
    outlines = _outlines(reading)
    hot = draw_outlines(render_overlay(grey, reading.heat, strength), outlines)
    heat = f"Heat map: {reading.heat.method}"
    shown = [("Image", _at_most(plain, _REPORT_SIDE)), (heat, _at_most(hot, _REPORT_SIDE))]
    if len(reading.findings) > 1:
        return shown + _stents(grey, reading, strength)
    box = next((finding.box for finding in reading.findings if finding.box), None)
    if box is not None:
        part = _around(box, grey.shape[0], grey.shape[1])
        shown += [
            ("Close-up of region 1", _at_most(plain[part], _REPORT_SIDE)),
            (f"{heat}, close-up", _at_most(hot[part], _REPORT_SIDE)),
        ]
    return shown


def _outlines(reading: Reading) -> list[tuple[int, tuple[tuple[float, float], ...]]]:
    numbered = enumerate(reading.findings, start=1)
    return [(number, one.outline) for number, one in numbered if one.outline]


def _stents(
    grey: npt.NDArray[np.uint8], reading: Reading, strength: float
) -> list[tuple[str, npt.NDArray[np.uint8]]]:
    """The first stents that have a place, close up under their own heat."""
    shown: list[tuple[str, npt.NDArray[np.uint8]]] = []
    for number, finding in enumerate(reading.findings, start=1):
        if finding.box is None or len(shown) == _STENTS_CLOSE_UP:
            continue
        part = _around(finding.box, grey.shape[0], grey.shape[1])
        hot = render_overlay(grey, finding.heat or reading.heat, strength)
        shown.append((f"Close-up of stent {number}", _at_most(hot[part], _REPORT_SIDE)))
    return shown


def _around(box: Box, rows: int, columns: int) -> tuple[slice, slice]:
    """The pixels of a 4:3 part of the image that holds the box and some of its surroundings."""
    width, height = (box.x1 - box.x0) * columns, (box.y1 - box.y0) * rows
    across = min(max(1.3 * width, 1.3 * height * 4 / 3, _CLOSE_UP * max(rows, columns)), columns)
    down = min(across * 3 / 4, rows)
    left = min(max((box.x0 + box.x1) / 2 * columns - across / 2, 0), columns - across)
    top = min(max((box.y0 + box.y1) / 2 * rows - down / 2, 0), rows - down)
    return _whole(top, top + down, rows), _whole(left, left + across, columns)


def _whole(start: float, stop: float, length: int) -> slice:
    """At least one whole pixel of an axis, also of an image of one."""
    first = min(round(start), length - 1)
    return slice(first, max(round(stop), first + 1))


def _at_most(picture: npt.NDArray[np.uint8], side: int) -> npt.NDArray[np.uint8]:
    """The picture shrunk so that its longer side is at most `side` pixels."""
    import cv2

    rows, columns = picture.shape[:2]
    scale = side / max(rows, columns)
    if scale >= 1:
        return picture
    size = max(1, round(columns * scale)), max(1, round(rows * scale))
    smaller: npt.NDArray[np.uint8] = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    return smaller


def write_overlay(
    radiograph: Radiograph,
    reading: Reading,
    path: Path,
    *,
    window: Window | None = None,
    invert: bool = False,
    strength: float = 0.5,
) -> Path:
    """Write the frame with its heat map, captioned with what was read, by which model, as PNG.

    At the image's own size. Returns where it lies: a number is added where another file has the
    name by now. Raises KnownError when the file cannot be written.
    """
    from PIL import Image

    grey = render_grey(radiograph, reading.frame, window, invert)
    picture = draw_outlines(render_overlay(grey, reading.heat, strength), _outlines(reading))
    said = f"{say_reading(reading)} · {reading.model.short}"
    captioned = draw_caption(picture, said, RESEARCH_USE)
    encoded = io.BytesIO()
    Image.fromarray(captioned).save(encoded, "PNG")
    try:
        return write_new(path, encoded.getbuffer())
    except OSError as error:
        raise KnownError(
            sentence(
                "The picture {name} could not be written to {folder}: {reason}. Choose "
                "another folder or free some space, then save again.",
                name=path.name,
                folder=path.parent,
                reason=error.strerror,
            )
        ) from error


def _image_facts(opened: OpenedImage, frame: int, window: Window | None) -> list[str]:
    header = opened.record.header
    facts = [f"{header.columns} × {header.rows}"]
    if header.frames > 1:
        facts.append(f"frame {frame + 1} of {header.frames}")
    if window is None and opened.radiograph.voi_lut is not None:
        facts.append("the file's VOI LUT")
    else:
        shown = window or opened.radiograph.default_window(frame)
        facts.append(f"W {shown.width:.0f} L {shown.centre:.0f}")
    if not header.has_dicom_truth:
        facts.append(f"{header.format}, no DICOM values")
    return facts


def _model_facts(session: Session, record: ReadingRecord | None) -> list[str]:
    if record is None:
        return []
    reading = record.reading
    facts = []
    source = session.data_source(reading.model)
    if source:
        facts.append(f"Trained on: {source}")
    total = reading.seconds.get("total", sum(reading.seconds.values()))
    facts.append(
        f"Read in {total:.2f} s on {reading.device}, "
        f"{reading.created.astimezone():%Y-%m-%d %H:%M}, asked for by {record.by}"
    )
    return facts


def _notes(session: Session, opened: OpenedImage, record: ReadingRecord | None) -> list[str]:
    """What the reader has to see: the reading's notes, and whether each heat map holds."""
    if record is None:
        return []
    header = opened.record.header
    checks = session.checks.of(record, header.columns / header.rows)
    said = [
        sentence("Stent {n}: {words}", n=number, words=words(check))
        for number, check in enumerate(checks, start=1)
    ]
    return [*record.reading.notes, *said]


def _stem(opened: OpenedImage, frame: int) -> str:
    """A file name without the patient's name: date, modality, image, frame."""
    identity = opened.record.header.identity
    parts = ["review", identity.study_date, identity.modality, f"image{opened.record.id}"]
    if opened.record.header.frames > 1:
        parts.append(f"frame{frame + 1}")
    return re.sub(r"[^A-Za-z0-9_-]+", "-", "_".join(filter(None, parts)))
