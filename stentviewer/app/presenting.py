"""What others drew over an image: presentation states of the library and the file's overlays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stentviewer.core.errors import KnownError, UserError
from stentviewer.core.sentences import sentence
from stentviewer.imaging.gsps import GSPS, read_gsps
from stentviewer.imaging.overlay_planes import OverlayPlane, read_overlays

if TYPE_CHECKING:
    from stentviewer.library.records import ImageRecord
    from stentviewer.library.repository import Library


@dataclass(frozen=True, slots=True)
class Drawn:
    """Everything that is drawn over one image, and a sentence for what cannot be shown."""

    states: tuple[GSPS, ...] = ()  # oldest first
    overlays: tuple[OverlayPlane, ...] = ()
    notes: tuple[str, ...] = ()


def drawn_over(library: Library, record: ImageRecord) -> Drawn:
    """The states and overlays of an image. Reads files: not for the window's thread."""
    notes: list[str] = []
    states: list[GSPS] = []
    overlays: tuple[OverlayPlane, ...] = ()
    uid = record.header.identity.sop_uid
    for kept in library.presentations([uid]) if uid else ():
        try:
            states.append(read_gsps(kept.path))
        except (KnownError, UserError) as error:
            notes.append(
                sentence("A presentation of this image is left out. {why}", why=str(error))
            )
    try:
        overlays, said = read_overlays(record.header.path)
        notes.extend(said)
    except (KnownError, UserError) as error:
        notes.append(str(error))
    return Drawn(tuple(states), overlays, tuple(notes))
