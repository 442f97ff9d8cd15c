"""A second look at why: the model that read a frame is asked again with places covered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stentviewer.core.errors import UserError
from stentviewer.core.jobs import JobContext
from stentviewer.core.logs import log
from stentviewer.core.sentences import sentence
from stentviewer.core.types import HeatMap

if TYPE_CHECKING:
    from stentviewer.app.session import Session
    from stentviewer.library.records import ReadingRecord


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
