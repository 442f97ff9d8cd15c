"""A Grayscale Softcopy Presentation State: how someone else left an image (PS3.3 A.33.1, PS3.4 N).

Pixel coordinates are those of the program: (column x, row y), continuous, the corner of the first
pixel at (0, 0) (C.10.5). Display coordinates are fractions of the displayed area, after turning.
Whatever contradicts the standard or cannot be shown is left out with a sentence; nothing that a
file says makes this read, keep or draw more than a screen could hold.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, get_args

from stentviewer.core.errors import KnownError
from stentviewer.core.sentences import Sentence, sentence
from stentviewer.imaging.dicom_file import IDENTITY_TAGS, DicomFile, element_value, open_dicom
from stentviewer.imaging.dicom_header import number, real, text
from stentviewer.imaging.dicom_presentation import LARGEST, lut_in, windows_in
from stentviewer.imaging.graphic_marks import (
    Graphic,
    GraphicLayer,
    Marks,
    Scope,
    TextObject,
    are_near,
    items_of,
    marks_in,
    point_in,
    scope_of,
)
from stentviewer.imaging.image import Lut, Radiograph, Window
from stentviewer.imaging.overlay_planes import OVERLAY_TAGS, OverlayPlane, overlays_in
from stentviewer.imaging.presentation_header import GSPS as SOP_CLASS
from stentviewer.imaging.shutters import SHUTTER_TAGS, Shutter, shutters_in

SizeMode = Literal["SCALE TO FIT", "TRUE SIZE", "MAGNIFY"]

_TAGS = [
    "ContentLabel",
    "ContentDescription",
    "ContentCreatorName",
    "PresentationCreationDate",
    "ReferencedSeriesSequence",
    "SoftcopyVOILUTSequence",
    "PresentationLUTShape",
    "PresentationLUTSequence",
    "RescaleSlope",
    "RescaleIntercept",
    "ModalityLUTSequence",
    "ImageRotation",
    "ImageHorizontalFlip",
    "DisplayedAreaSelectionSequence",
    "GraphicAnnotationSequence",
    "GraphicLayerSequence",
    "MaskSubtractionSequence",
]
_LONGEST_NAME = 128
_LARGEST_FILE = 2**26  # bytes; annotations are kilobytes


@dataclass(frozen=True, slots=True)
class Area:
    """The part of the image to show, in pixels of it before turning; x0 ≤ x1, y0 ≤ y1.

    `magnification` is screen pixels an image pixel, for MAGNIFY.
    """

    x0: float
    y0: float
    x1: float
    y1: float
    mode: SizeMode = "SCALE TO FIT"
    magnification: float | None = None


@dataclass(frozen=True, slots=True)
class _Voi:
    scope: Scope
    window: Window | None
    lut: Lut | None


@dataclass(frozen=True, slots=True)
class Presented:
    """What a state says of one frame. Turning: mirror left and right, then quarters clockwise.

    Without `window` and `lut` the state leaves the values as they are. `white_low` is a lowest
    value shown white, whatever the image's own polarity (PS3.4 N.2.1.4).
    """

    window: Window | None
    lut: Lut | None
    white_low: bool
    quarter_turns: int
    mirrored: bool
    area: Area | None
    graphics: tuple[Graphic, ...]
    texts: tuple[TextObject, ...]
    layers: tuple[GraphicLayer, ...]
    shutters: tuple[Shutter, ...]
    overlays: tuple[OverlayPlane, ...]
    notes: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True, eq=False)
class GSPS:
    """One presentation state as read; `presented` says what it means for a frame."""

    path: Path
    sop_uid: str
    label: str
    description: str
    creator: str
    created: str
    rescale: tuple[float, float]
    white_low: bool
    quarter_turns: int
    mirrored: bool
    marks: Marks
    shutters: tuple[Shutter, ...]
    overlays: tuple[OverlayPlane, ...]
    notes: tuple[Sentence, ...]
    _images: Scope
    _vois: tuple[_Voi, ...]
    _areas: tuple[tuple[Scope, Area], ...]

    def is_of(self, sop_uid: str, frame: int) -> bool:
        """Whether the state is of this frame of this image; it never is of all images."""
        return bool(self._images.frames) and self._images.holds(sop_uid, frame)

    def presented(
        self, radiograph: Radiograph, frame: int, of: tuple[str, int] | None = None
    ) -> Presented | None:
        """What it says of one frame of the radiograph; None where it is not of that frame.

        `of` is the image's SOP UID and its own frame, where the radiograph's frames are the images
        of a series; by default the radiograph is the image.
        """
        uid, own = of or (radiograph.header.identity.sop_uid, frame)
        if not self.is_of(uid, own):
            return None
        voi = next((one for one in self._vois if one.scope.holds(uid, own)), None)
        window, lut, notes = _in_values_of(radiograph, frame, self.rescale, voi)
        return Presented(
            window=window,
            lut=lut,
            white_low=self.white_low,
            quarter_turns=self.quarter_turns,
            mirrored=self.mirrored,
            area=next((area for scope, area in self._areas if scope.holds(uid, own)), None),
            graphics=tuple(one for scope, one in self.marks.graphics if scope.holds(uid, own)),
            texts=tuple(one for scope, one in self.marks.texts if scope.holds(uid, own)),
            layers=self.marks.layers,
            shutters=self.shutters,
            overlays=self.overlays,
            notes=self.notes + notes,
        )


def read_gsps(path: Path) -> GSPS:
    """The presentation state in a file.

    Raises KnownError where the file cannot be taken apart or holds something else.
    """
    try:
        if path.stat().st_size > _LARGEST_FILE:
            said = sentence("“{name}” is too large for a presentation state.", name=path.name)
            raise KnownError(said)
    except OSError as error:
        said = sentence(
            "“{name}” cannot be read ({reason}).", name=path.name, reason=error.strerror
        )
        raise KnownError(said) from error
    file = open_dicom(path, IDENTITY_TAGS + _TAGS + OVERLAY_TAGS + SHUTTER_TAGS)
    if text(file.dataset, "SOPClassUID") != SOP_CLASS:
        raise KnownError(sentence("“{name}” is not a presentation state.", name=path.name))
    return _Reader(file).read()


class _Reader:
    """Goes through one file, collecting sentences as it goes."""

    def __init__(self, file: DicomFile) -> None:
        self._file = file
        self._dataset = file.dataset
        self._notes: list[Sentence] = []

    def read(self) -> GSPS:
        dataset = self._dataset
        overlays, said = overlays_in(self._file)
        self._notes.extend(said)
        marks = marks_in(dataset)
        self._notes.extend(marks.notes)
        turn, mirrored = self._turn()
        shutters, said = shutters_in(dataset)
        self._notes.extend(said)
        self._say_what_is_not_shown()
        slope, intercept = real(dataset, "RescaleSlope"), real(dataset, "RescaleIntercept")
        sound = slope and abs(slope) <= LARGEST and abs(intercept or 0.0) <= LARGEST
        return GSPS(
            path=self._file.path,
            sop_uid=text(dataset, "SOPInstanceUID"),
            label=text(dataset, "ContentLabel"),
            description=text(dataset, "ContentDescription"),
            creator=_person(dataset),
            created=text(dataset, "PresentationCreationDate"),
            rescale=(slope, intercept or 0.0) if slope and sound else (1.0, 0.0),
            white_low=text(dataset, "PresentationLUTShape") == "INVERSE",
            quarter_turns=turn,
            mirrored=mirrored,
            marks=marks,
            shutters=shutters,
            overlays=overlays,
            _images=_scope_of_series(dataset),
            _vois=self._vois(),
            _areas=self._areas(),
            notes=tuple(dict.fromkeys(self._notes)),
        )

    def _say_what_is_not_shown(self) -> None:
        for keyword, said in (
            ("PresentationLUTSequence", sentence("Its presentation LUT is not applied.")),
            ("ModalityLUTSequence", sentence("Its modality LUT is not applied.")),
            ("MaskSubtractionSequence", sentence("Its mask subtraction is not shown.")),
        ):
            if next(items_of(self._dataset, keyword), None) is not None:
                self._notes.append(said)

    def _turn(self) -> tuple[int, bool]:
        """The standard turns clockwise first and flips afterwards (C.10.6), we the other way."""
        degrees = number(self._dataset, "ImageRotation") or 0
        mirrored = text(self._dataset, "ImageHorizontalFlip") == "Y"
        if degrees % 90:
            self._notes.append(sentence("Its rotation by {n}° is not shown.", n=degrees))
            degrees = 0
        turns = degrees // 90 % 4
        return (-turns % 4 if mirrored else turns), mirrored

    def _vois(self) -> tuple[_Voi, ...]:
        found = []
        for item in items_of(self._dataset, "SoftcopyVOILUTSequence"):
            windows = windows_in(item)
            table = next(items_of(item, "VOILUTSequence"), None)
            lut = lut_in(table, self._is_signed()) if table is not None else None
            if windows or lut is not None:
                found.append(_Voi(scope_of(item), windows[0] if windows else None, lut))
            else:
                self._notes.append(sentence("A window in it contradicts itself and is left out."))
        return tuple(found)

    def _is_signed(self) -> bool:
        return (real(self._dataset, "RescaleIntercept") or 0.0) < 0

    def _areas(self) -> tuple[tuple[Scope, Area], ...]:
        found = []
        for item in items_of(self._dataset, "DisplayedAreaSelectionSequence"):
            area = _area(item)
            if area is None:
                said = sentence("The displayed area in it contradicts itself and is left out.")
                self._notes.append(said)
            else:
                found.append((scope_of(item), area))
        return tuple(found)


def _person(dataset: Any) -> str:
    """Who made it, without DICOM's carets."""
    value = str(element_value(dataset, "ContentCreatorName") or "").replace("^", " ")
    return " ".join("".join(c if c.isprintable() else " " for c in value).split())[:_LONGEST_NAME]


def _scope_of_series(dataset: Any) -> Scope:
    frames: dict[str, frozenset[int]] = {}
    for series in items_of(dataset, "ReferencedSeriesSequence"):
        frames.update(scope_of(series).frames)
    return Scope(frames)


def _area(item: Any) -> Area | None:
    """Corners are pixels, counted from 1, both inside; after turning they may change places."""
    first = point_in(item, "DisplayedAreaTopLeftHandCorner")
    last = point_in(item, "DisplayedAreaBottomRightHandCorner")
    if first is None or last is None or not are_near((first, last), "PIXEL"):
        return None
    x0, x1 = sorted((first[0], last[0]))
    y0, y1 = sorted((first[1], last[1]))
    mode = text(item, "PresentationSizeMode")
    known = mode if mode in get_args(SizeMode) else "SCALE TO FIT"
    ratio = real(item, "PresentationPixelMagnificationRatio")
    ratio = ratio if ratio and 1e-3 <= ratio <= 1e3 else None
    return Area(x0 - 1, y0 - 1, x1, y1, known, ratio)  # type: ignore[arg-type]


def _in_values_of(
    radiograph: Radiograph, frame: int, rescale: tuple[float, float], voi: _Voi | None
) -> tuple[Window | None, Lut | None, tuple[Sentence, ...]]:
    """The state's window or LUT for the image's own modality values, which stay as they are.

    A state brings its own rescale (PS3.4 N.2.1.1); its window is carried over to the image's.
    """
    if voi is None:
        return None, None, ()
    own = radiograph.rescale_of(frame)
    if isinstance(own, Lut) or (own == rescale):
        return voi.window, voi.lut, ()
    factor = own[0] / rescale[0]
    shift = own[1] - rescale[1] * factor
    if factor < 0 or (voi.window is None and (factor != 1.0 or not math.isfinite(shift))):
        said = sentence("Its window is for other values than the image's and is not applied.")
        return None, None, (said,)
    window, lut = voi.window, voi.lut
    if window is not None:
        window = replace(window, centre=window.centre * factor + shift, width=window.width * factor)
    if lut is not None and factor == 1.0:
        lut = replace(lut, first=lut.first + round(shift))
    return window, lut if factor == 1.0 else None, ()
