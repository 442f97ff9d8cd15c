"""Stents side by side: each cut out and turned upright, at one scale where that is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from stentviewer.app.comparison import Crop, Scale
from stentviewer.app.unchanged import must_be_unchanged
from stentviewer.core.errors import KnownError
from stentviewer.core.sentences import sentence
from stentviewer.core.types import Finding, SpacingKind

if TYPE_CHECKING:
    from stentviewer.app.session import Session
    from stentviewer.imaging.image import Radiograph
    from stentviewer.imaging.upright import Axis

SIZE: Final = (240, 120)  # of a crop: rows, columns
_FILLED = 0.84  # of a crop's height that the longest stent takes up
_LONGER = 1.5  # a stent up to so many times longer still fits in; of others the ends are cut off


@dataclass(frozen=True, slots=True, eq=False)
class _Stent:
    grey: Crop  # the whole frame, square pixels
    axis: Axis
    mm: float | None  # a pixel of `grey`
    kind: SpacingKind

    @property
    def is_turned(self) -> bool:
        return self.axis.is_turned

    @property
    def length_mm(self) -> float:
        return self.axis.length * (self.mm or 0.0)


class Cutter:
    """First `ask` for the stent in question, then `add` others; then the crops can be made.

    All at one scale have to be known before the first is cut, so that the longest of them fits.
    Raises KnownError where an image is gone, changed or damaged, or the stent has no place.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._added: dict[int, _Stent] = {}
        self._own: _Stent | None = None

    @property
    def own(self) -> _Stent:
        """The stent in question. Raises RuntimeError before `ask`."""
        if self._own is None:
            raise RuntimeError("there is no stent in question")
        return self._own

    def ask(self, image_id: int, frame: int, finding: Finding) -> None:
        """The stent in question, on an image that is open already."""
        radiograph = self._session.open_image(image_id).radiograph
        self._own = self._stent(image_id, frame, finding, radiograph)

    def add(self, key: int, image_id: int, frame: int, finding: Finding) -> None:
        """Another one; its image is read and not kept, so that what is on the screen stays."""
        from stentviewer.imaging.readers import read_radiograph

        record = self._session.library.image(image_id)
        must_be_unchanged(record)
        radiograph = read_radiograph(record.header.path)
        self._added[key] = self._stent(image_id, frame, finding, radiograph)

    def own_crop(self) -> Crop:
        """The stent in question, uint8 `SIZE`."""
        return self._cut(self.own, self._step(self.own))

    def crop(self, key: int) -> tuple[Crop, Scale, bool]:
        """One that was added, what its scale is, and whether it could be turned upright."""
        own, stent = self.own, self._added[key]
        if own.mm is None or stent.mm is None:
            step = self._step(own) * stent.axis.length / own.axis.length
            return self._cut(stent, step), Scale.LENGTH, stent.is_turned
        scale = Scale.MM if _at_detector(own) == _at_detector(stent) else Scale.MIXED
        return self._cut(stent, self._step(own) * own.mm / stent.mm), scale, stent.is_turned

    def _step(self, own: _Stent) -> float:
        """Pixels of the own frame for one of a crop."""
        longest = own.axis.length
        if own.mm is not None:
            others = [one.length_mm / own.mm for one in self._added.values() if one.mm is not None]
            longest = min(max([longest, *others]), longest * _LONGER)
        return longest / (_FILLED * SIZE[0])

    def _cut(self, stent: _Stent, step: float) -> Crop:
        from stentviewer.imaging.upright import cut

        return cut(stent.grey, stent.axis, step, SIZE)

    def _stent(self, image_id: int, frame: int, finding: Finding, radiograph: Radiograph) -> _Stent:
        from stentviewer.imaging.measure import calibrated_spacing
        from stentviewer.imaging.overlay import render_grey
        from stentviewer.imaging.upright import axis_of

        grey = render_grey(radiograph, frame)
        axis = axis_of(finding.outline, finding.box, (grey.shape[0], grey.shape[1]))
        if axis is None:
            raise KnownError(sentence("The model did not say where on the image this stent lies."))
        spacing = calibrated_spacing(self._session.measuring.on([image_id]), radiograph)
        if spacing.mm is None or spacing.kind is SpacingKind.NONE:
            return _Stent(grey, axis, None, SpacingKind.NONE)
        shrunk = radiograph.header.columns / grey.shape[1]
        return _Stent(grey, axis, spacing.mm[1] * shrunk, spacing.kind)


def _at_detector(stent: _Stent) -> bool:
    return stent.kind is SpacingKind.DETECTOR
