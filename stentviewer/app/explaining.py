"""A second look at why: the model that read a frame is asked again with places covered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from stentviewer.core.errors import UserError
from stentviewer.core.jobs import JobContext
from stentviewer.core.logs import log
from stentviewer.core.sentences import sentence
from stentviewer.core.types import Box, HeatMap

if TYPE_CHECKING:
    from stentviewer.app.session import Session
    from stentviewer.library.records import ReadingRecord

_CLOSE_UP_SIDE = 320  # pixels
_LEAST = 0.2  # of the image's height


def explain_again(
    session: Session, image_id: int, frame: int, context: JobContext | None = None
) -> HeatMap:
    """The occlusion map of the frame's newest reading, made by its own model, kept in the library.

    Some fifty passes of the network; one that was made before is given back at once. Explains the
    surest finding's maker, as the first map does. Raises UserError where the frame was not read
    or nothing was found on it, KnownError where the reading's model or the image is gone or the
    network fails, Cancelled where the person cancels.
    """
    from stentviewer.explain.occlusion import METHOD, occlusion
    from stentviewer.tasks import stent_maker

    record = session.latest_reading(image_id, frame)
    if record is None or not record.reading.findings:
        raise UserError(
            sentence("There is no stent in a reading of this frame to explain. Read it first.")
        )
    kept = heats(session, record).get(METHOD)
    if kept is not None:
        return kept
    job = context or JobContext()
    job.step(0, 0)
    bundle = session.models.that_read(record.reading.model)
    top = max(record.reading.findings, key=lambda finding: finding.probability)
    opened = session.open_image(image_id)
    prepared = stent_maker.prepare(opened.radiograph, frame, bundle)
    runtime = session.models.runtime(bundle)
    wanted = bundle.labels.index(top.maker)
    found = occlusion(runtime, prepared, wanted, bundle.manifest.temperature, job)
    session.library.save_explanation(record.id, found.heat)
    log("reading.explained", image=image_id, frame=frame, reading=record.id)
    return found.heat


def heats(session: Session, record: ReadingRecord) -> dict[str, HeatMap]:
    """Every heat map of a reading by its method, the one it came with first."""
    first = record.reading.heat
    found = {} if first is None else {first.method: first}
    for heat in session.library.explanations(record.id):
        found.setdefault(heat.method, heat)
    return found


@dataclass(frozen=True, slots=True)
class CloseUp:
    """A small grey picture of where the stent is, uint8 (rows, columns), and what it covers."""

    grey: npt.NDArray[np.uint8]
    box: Box


def close_up(session: Session, record: ReadingRecord) -> CloseUp:
    """The surest finding and what is around it, in the file's own window, for maps side by side.

    The whole image where nothing was found or has no place. Raises like `open_image`.
    """
    import cv2

    from stentviewer.imaging.overlay import render_grey

    reading = record.reading
    grey = render_grey(session.open_image(record.image_id).radiograph, reading.frame)
    top = max(reading.findings, key=lambda finding: finding.probability, default=None)
    rows, columns = grey.shape
    box = Box(0, 0, 1, 1) if top is None or top.box is None else _around(top.box, columns / rows)
    down = slice(round(box.y0 * rows), max(round(box.y1 * rows), round(box.y0 * rows) + 1))
    across = slice(
        round(box.x0 * columns), max(round(box.x1 * columns), round(box.x0 * columns) + 1)
    )
    part = grey[down, across]
    scale = min(1.0, _CLOSE_UP_SIDE / max(part.shape))
    size = max(1, round(part.shape[1] * scale)), max(1, round(part.shape[0] * scale))
    return CloseUp(cv2.resize(part, size, interpolation=cv2.INTER_AREA), box)


def _around(box: Box, aspect: float) -> Box:
    """A square of the image, twice as long as the box and inside the image where it can be.

    `aspect` is the image's width over its height.
    """
    tall = max((box.y1 - box.y0) * 2, (box.x1 - box.x0) * 2 * aspect, _LEAST)
    tall = min(tall, 1.0, aspect)
    wide = tall / aspect
    x0 = min(max((box.x0 + box.x1 - wide) / 2, 0.0), 1 - wide)
    y0 = min(max((box.y0 + box.y1 - tall) / 2, 0.0), 1 - tall)
    return Box(x0, y0, x0 + wide, y0 + tall)
