"""Everything the library has of one frame, as far as the reader may see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from stentviewer.app.explaining import CloseUp, close_up, heats
from stentviewer.app.result_sets import ResultSet, result_sets
from stentviewer.app.sealed import Seal
from stentviewer.core.errors import StentviewerError
from stentviewer.core.types import HeatMap, Label
from stentviewer.explain.agreement import Agreement, agreement
from stentviewer.explain.checks import Check, share_inside

if TYPE_CHECKING:
    from stentviewer.app.session import Session
    from stentviewer.library.records import ReadingRecord


@dataclass(frozen=True, slots=True)
class FrameFacts:
    """What is known of a frame. Of a sealed one nothing but that, and whether it was read."""

    seal: Seal = Seal.OPEN
    was_read: bool = False
    reading: ReadingRecord | None = None
    label: Label | None = None
    history: tuple[Label, ...] = ()  # of this frame, newest first
    sets: tuple[ResultSet, ...] = ()
    heats: Mapping[str, HeatMap] = field(default_factory=dict)  # by method, the reading's first
    close_up: CloseUp | None = None  # where there are two maps to look at side by side
    agreement: Agreement | None = None  # of the first two maps
    checks: tuple[Check, ...] = ()  # of each finding's heat
    inside: float | None = None  # the share of the second map's heat in the surest stent's box


def frame_facts(session: Session, image_id: int, frame: int) -> FrameFacts:
    """Ask the library. Raises KnownError where it cannot be read."""
    seal = session.sealing.seal(image_id, frame)
    readings = session.library.readings(image_id, frame)
    if seal is Seal.SEALED:
        return FrameFacts(seal, bool(readings))
    history = tuple(one for one in session.history(image_id) if one.frame == frame)
    newest = readings[0] if readings else None
    maps = {} if newest is None else heats(session, newest)
    first, second = [*maps.values(), None, None][:2]
    both = first is not None and second is not None
    return FrameFacts(
        seal,
        newest is not None,
        newest,
        session.label(image_id, frame),
        history,
        result_sets(readings, history),
        maps,
        _close_up(session, newest) if both and newest is not None else None,
        agreement(first, second) if first is not None and second is not None else None,
        () if newest is None else session.checks.of(newest, _aspect(session, image_id)),
        _inside(newest, second),
    )


def _aspect(session: Session, image_id: int) -> float:
    """The image's width over its height."""
    header = session.library.image(image_id).header
    return header.columns / header.rows


def _inside(record: ReadingRecord | None, second: HeatMap | None) -> float | None:
    """The box was drawn around the first map, so only the second can bear it out."""
    if record is None or second is None or not second.values.any():
        return None
    top = max(record.reading.findings, key=lambda finding: finding.probability, default=None)
    return None if top is None or top.box is None else share_inside(second, top.box)


def _close_up(session: Session, record: ReadingRecord) -> CloseUp | None:
    """Without the file there is none; the viewer says so where the image would be."""
    try:
        return close_up(session, record)
    except StentviewerError:
        return None
