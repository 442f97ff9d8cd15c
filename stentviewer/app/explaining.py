"""A second look at why: a model is asked again about a stent, with places of it hidden.

What costs nothing is measured of every reading; what takes passes of the network is asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from stentviewer.core.errors import KnownError, UserError
from stentviewer.core.jobs import JobContext
from stentviewer.core.logs import log
from stentviewer.core.sentences import sentence
from stentviewer.core.types import Box, Finding, HeatMap, ModelRef
from stentviewer.explain.agreement import Agreement, agreement
from stentviewer.explain.cam import GRAD_CAM
from stentviewer.explain.checks import PASSES, Check, check_finding, check_map

if TYPE_CHECKING:
    from stentviewer.app.session import Session
    from stentviewer.app.stents_seen import Sight
    from stentviewer.inference.bundle import Bundle
    from stentviewer.library.records import ReadingRecord

_CLOSE_UP_SIDE = 320  # pixels
_LEAST = 0.2  # of the image's height
_NOTHING_READ = sentence("There is no stent in a reading of this frame to explain. Read it first.")


def explain_again(
    session: Session, image_id: int, frame: int, context: JobContext | None = None
) -> HeatMap:
    """The occlusion map of the frame's newest reading, made by its own model, kept in the library.

    Some fifty passes of the network; one that was made before is given back at once. Explains the
    surest finding's maker, as the first map does. Raises UserError where the frame was not read
    or nothing was found on it, KnownError where the reading's model or the image is gone or the
    network fails, Cancelled where the person cancels.
    """
    from stentviewer.explain.occlusion import METHOD, SQUARE, occlusion, over_the_square
    from stentviewer.inference.preprocess import Prepared

    record = session.latest_reading(image_id, frame)
    if record is None or not record.reading.findings:
        raise UserError(_NOTHING_READ)
    kept = heats(session, record).get(METHOD)
    if kept is not None:
        return kept
    job = context or JobContext()
    job.step(0, 0)
    bundle = session.models.that_read(record.reading.model)
    top = max(record.reading.findings, key=lambda finding: finding.probability)
    seen = _sight(session, image_id, frame, bundle, top)
    runtime = session.models.runtime(bundle)
    wanted = bundle.labels.index(top.maker)
    prepared = Prepared(seen.seen.tensor, SQUARE)
    found = occlusion(runtime, prepared, wanted, bundle.manifest.temperature, job)
    heat = seen.onto(over_the_square(found.heat), METHOD)
    session.library.save_explanation(record.id, heat)
    log("reading.explained", image=image_id, frame=frame, reading=record.id)
    return heat


class Checks:
    """The checks that were made in this session, by reading and stent. From any thread."""

    def __init__(self) -> None:
        self._made: dict[tuple[int, int], Check] = {}

    def keep(self, reading_id: int, number: int, check: Check) -> None:
        self._made[reading_id, number] = check

    def of(self, record: ReadingRecord, aspect: float) -> tuple[Check, ...]:
        """One a finding, in their order: the full one where it was made, else what is free.

        `aspect` is the image's width over its height.
        """
        return tuple(
            self._made.get((record.id, number)) or check_finding(free, aspect)
            for number, free in enumerate(_with_heat(record))
        )


def _with_heat(record: ReadingRecord) -> list[Finding]:
    """A model of one stent a field gives one map, the reading's: it is the finding's too."""
    reading = record.reading
    if len(reading.findings) != 1 or reading.findings[0].heat is not None:
        return list(reading.findings)
    return [replace(reading.findings[0], heat=reading.heat)]


def check_stent(
    session: Session, image_id: int, frame: int, number: int, context: JobContext | None = None
) -> Check:
    """Check the heat of a stent of the frame's newest reading: `PASSES` passes of its own model.

    `number` counts the findings from 0. What was found is kept for this session. Raises like
    `explain_again`, and KnownError where the model has no map of its own.
    """
    from stentviewer.explain.deletion import Hidden
    from stentviewer.explain.hiding import Passes
    from stentviewer.explain.methods import Explainer

    record, finding = _finding(session, image_id, frame, number)
    job = context or JobContext()
    job.step(0, PASSES)
    bundle = session.models.that_read(record.reading.model)
    seen = _sight(session, image_id, frame, bundle, finding).seen
    wanted = bundle.labels.index(finding.maker)
    passes = Passes(session.models.runtime(bundle), job, PASSES)
    map_of = Explainer(bundle, passes.runtime).map_of(GRAD_CAM, wanted, passes)
    hidden = Hidden(seen.tensor, wanted, bundle.manifest.temperature, passes)
    header = session.library.image(image_id).header
    free = check_finding(_with_heat(record)[number], header.columns / header.rows)
    share = free.share if free.is_own_place else None
    _, check = check_map(seen, map_of, hidden, share)
    if not free.is_own_place:  # in the box around the heat: said, but it decides nothing
        check = replace(check, share=free.share)
    passes.end()
    session.checks.keep(record.id, number, check)
    return check


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """One map of a stent over the image and how it fared, or why there is none."""

    method: str
    heat: HeatMap | None
    check: Check | None
    why_not: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class ModelsView:
    """What one model says of a stent and why, in every way that it can be asked; or why not."""

    model: ModelRef
    label: str = ""
    probability: float = 0.0
    maps: tuple[Shown, ...] = ()
    why_not: str = ""

    @property
    def heats(self) -> tuple[HeatMap, ...]:
        return tuple(one.heat for one in self.maps if one.heat is not None)


def view_of_model(
    session: Session,
    image_id: int,
    frame: int,
    number: int,
    model: ModelRef | None = None,
    context: JobContext | None = None,
) -> ModelsView:
    """Every map of a stent of the newest reading, by the model that read or another one.

    The model that read is asked about the maker that it told, another about its own answer. Some
    `explain.methods.cost` passes of the network. Raises like `explain_again`; what another model
    cannot do is said in its view.
    """
    from stentviewer.explain.methods import METHODS, Explainer, explain

    record, finding = _finding(session, image_id, frame, number)
    is_own = model is None or model.sha256 == record.reading.model.sha256
    ref = record.reading.model if model is None else model
    job = context or JobContext()
    job.step(0, 0)
    bundle = session.models.that_read(ref)
    try:
        seen = _sight(session, image_id, frame, bundle, finding)
        runtime = session.models.runtime(bundle)
        wanted = bundle.labels.index(finding.maker) if is_own else None
        answer = explain(Explainer(bundle, runtime), runtime, seen.seen, wanted, METHODS, job)
    except KnownError as error:
        if is_own:
            raise
        return ModelsView(ref, why_not=str(error))
    maps = tuple(
        Shown(
            one.method,
            None if one.values is None else seen.onto(one.values, one.method),
            one.check,
            one.why_not,
        )
        for one in answer.maps
    )
    return ModelsView(ref, answer.label, answer.probability, maps)


def agreements(maps: Sequence[HeatMap]) -> list[list[Agreement | None]]:
    """How far every two of some maps agree; None for a map with itself and where they cannot be
    compared."""
    found: list[list[Agreement | None]] = [[None] * len(maps) for _ in maps]
    for first in range(len(maps)):
        for second in range(first):
            found[first][second] = found[second][first] = agreement(maps[first], maps[second])
    return found


def _finding(
    session: Session, image_id: int, frame: int, number: int
) -> tuple[ReadingRecord, Finding]:
    record = session.latest_reading(image_id, frame)
    if record is None or number >= len(record.reading.findings):
        raise UserError(_NOTHING_READ)
    return record, record.reading.findings[number]


def _sight(session: Session, image_id: int, frame: int, bundle: Bundle, finding: Finding) -> Sight:
    from stentviewer.app.stents_seen import sight

    return sight(session.open_image(image_id).radiograph, frame, bundle, finding)


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


def close_up(session: Session, record: ReadingRecord, number: int | None = None) -> CloseUp:
    """A finding, counted from 0, or else the surest one, and what is around it, in the file's own
    window, for maps side by side.

    The whole image where nothing was found or has no place. Raises like `open_image`.
    """
    import cv2

    from stentviewer.imaging.overlay import render_grey

    reading = record.reading
    grey = render_grey(session.open_image(record.image_id).radiograph, reading.frame)
    top = max(reading.findings, key=lambda finding: finding.probability, default=None)
    if number is not None:
        top = reading.findings[number]
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
