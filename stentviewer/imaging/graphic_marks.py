"""What a presentation state draws: figures, texts and their layers (PS3.3 C.10.5, C.10.7).

Every mark is checked as it is read; those that contradict the standard are left out with a
sentence, and there are never more of them than a screen could hold.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, get_args

from stentviewer.core.sentences import Sentence, sentence
from stentviewer.imaging.dicom_file import element_value
from stentviewer.imaging.dicom_header import number, reals, text

Point = tuple[float, float]
Units = Literal["PIXEL", "DISPLAY"]
Kind = Literal["POINT", "POLYLINE", "INTERPOLATED", "CIRCLE", "ELLIPSE"]

_POINTS_OF: dict[str, tuple[int, int]] = {  # least and most points of a kind
    "POINT": (1, 1),
    "CIRCLE": (2, 2),
    "ELLIPSE": (4, 4),
    "POLYLINE": (2, 20_000),
    "INTERPOLATED": (2, 10_000),
}
_MOST_MARKS = 5_000
_MOST_POINTS = 50_000  # of all marks together
_NO_IMAGE = "-"  # no UID
_LONGEST_TEXT = 4_096
_FARTHEST = {"PIXEL": 1e6, "DISPLAY": 16.0}


@dataclass(frozen=True, slots=True)
class Graphic:
    """One drawn figure, in the standard's points: of an ELLIPSE the ends of both its axes."""

    kind: Kind
    points: tuple[Point, ...]
    units: Units
    filled: bool
    layer: str = ""


@dataclass(frozen=True, slots=True)
class TextObject:
    """Words with a box to stand in, or an anchor to point at, or both; each in its own units."""

    text: str
    box: tuple[Point, Point] | None
    box_units: Units
    justification: Literal["LEFT", "CENTER", "RIGHT"]
    anchor: Point | None
    anchor_units: Units
    anchor_visible: bool
    layer: str = ""


@dataclass(frozen=True, slots=True)
class GraphicLayer:
    """A layer: drawn from the lowest order up. `lab` is its CIELab colour, `grey` 0…1, or None."""

    name: str
    order: int
    description: str = ""
    grey: float | None = None
    lab: tuple[float, float, float] | None = None


@dataclass(frozen=True, slots=True)
class Scope:
    """Which images and frames something is for; empty for all."""

    frames: dict[str, frozenset[int]]  # SOP UID → frames from 0, empty for all of them

    def holds(self, sop_uid: str, frame: int) -> bool:
        if not self.frames:
            return True
        own = self.frames.get(sop_uid)
        return own is not None and (not own or frame in own)


@dataclass(frozen=True, slots=True)
class Marks:
    """Everything that a state draws, each with what it is for."""

    graphics: tuple[tuple[Scope, Graphic], ...]
    texts: tuple[tuple[Scope, TextObject], ...]
    layers: tuple[GraphicLayer, ...]
    notes: tuple[Sentence, ...]


def marks_in(dataset: Any) -> Marks:
    """The marks of a presentation state's data set."""
    return _Reader(dataset).read()


class _Reader:
    """Goes through one data set, counting and collecting sentences as it goes."""

    def __init__(self, dataset: Any) -> None:
        self._dataset = dataset
        self._notes: list[Sentence] = []
        self._marks = self._points = 0

    def read(self) -> Marks:
        graphics, texts = self._annotations()
        return Marks(tuple(graphics), tuple(texts), _layers(self._dataset), tuple(self._notes))

    def _annotations(
        self,
    ) -> tuple[list[tuple[Scope, Graphic]], list[tuple[Scope, TextObject]]]:
        graphics: list[tuple[Scope, Graphic]] = []
        texts: list[tuple[Scope, TextObject]] = []
        for item in items_of(self._dataset, "GraphicAnnotationSequence"):
            scope, layer = scope_of(item), text(item, "GraphicLayer")
            for part in items_of(item, "GraphicObjectSequence"):
                graphic = self._taken(self._graphic(part, layer))
                if graphic is not None:
                    graphics.append((scope, graphic))
            for part in items_of(item, "TextObjectSequence"):
                words = self._taken(self._text(part, layer))
                if words is not None:
                    texts.append((scope, words))
            if next(items_of(item, "CompoundGraphicSequence"), None) is not None:
                self._notes.append(
                    sentence("Rulers, axes and other compound graphics in it are not shown.")
                )
        return graphics, texts

    def _taken(self, mark: Any) -> Any:
        """The mark while there is room for it."""
        if mark is None:
            return None
        self._marks += 1
        self._points += len(getattr(mark, "points", ()))
        if self._marks > _MOST_MARKS or self._points > _MOST_POINTS:
            self._notes.append(sentence("It holds more marks than can be shown; the rest is left."))
            return None
        return mark

    def _graphic(self, item: Any, layer: str) -> Graphic | None:
        kind = text(item, "GraphicType")
        units = text(item, "GraphicAnnotationUnits")
        values = reals(item, "GraphicData")
        if kind not in get_args(Kind) or units not in get_args(Units):
            self._notes.append(_not_shown(kind or units or "?"))
            return None
        points = tuple(zip(values[::2], values[1::2], strict=False))
        least, most = _POINTS_OF[kind]
        if len(values) % 2 or not least <= len(points) <= most or not are_near(points, units):
            said = sentence("A {kind} in it contradicts itself and is left out.", kind=kind)
            self._notes.append(said)
            return None
        filled = text(item, "GraphicFilled") == "Y"
        return Graphic(kind, points, units, filled, layer)  # type: ignore[arg-type]

    def _text(self, item: Any, layer: str) -> TextObject | None:
        words = _words(item)
        corners = [
            point_in(item, f"BoundingBox{corner}HandCorner")
            for corner in ("TopLeft", "BottomRight")
        ]
        box_units = text(item, "BoundingBoxAnnotationUnits")
        anchor_units = text(item, "AnchorPointAnnotationUnits")
        anchor = point_in(item, "AnchorPoint")
        box = None
        if corners[0] and corners[1] and are_near((corners[0], corners[1]), box_units):
            box = (corners[0], corners[1])
        if anchor is not None and not are_near((anchor,), anchor_units):
            anchor = None
        if not words or (box is None and anchor is None):
            self._notes.append(sentence("A text in it contradicts itself and is left out."))
            return None
        said = text(item, "BoundingBoxTextHorizontalJustification")
        return TextObject(
            text=words,
            box=box,
            box_units="DISPLAY" if box_units == "DISPLAY" else "PIXEL",
            justification=said if said in ("CENTER", "RIGHT") else "LEFT",  # type: ignore[arg-type]
            anchor=anchor,
            anchor_units="DISPLAY" if anchor_units == "DISPLAY" else "PIXEL",
            anchor_visible=text(item, "AnchorPointVisibility") == "Y",
            layer=layer,
        )


def _layers(dataset: Any) -> tuple[GraphicLayer, ...]:
    found = []
    for item in items_of(dataset, "GraphicLayerSequence"):
        grey = number(item, "GraphicLayerRecommendedDisplayGrayscaleValue")
        lab = reals(item, "GraphicLayerRecommendedDisplayCIELabValue")
        found.append(
            GraphicLayer(
                name=text(item, "GraphicLayer"),
                order=number(item, "GraphicLayerOrder") or 0,
                description=text(item, "GraphicLayerDescription"),
                grey=min(max(grey / 65535, 0.0), 1.0) if grey is not None else None,
                lab=_lab(lab) if len(lab) == 3 else None,
            )
        )
    return tuple(sorted(found, key=lambda layer: layer.order))


def _not_shown(kind: str) -> Sentence:
    return sentence("Marks of the kind “{kind}” in it are not shown.", kind=kind[:32])


def _words(item: Any) -> str:
    """A text with its own line breaks, without any other control character."""
    value = element_value(item, "UnformattedTextValue")
    if not isinstance(value, str):
        return ""
    lines = value.replace("\r\n", "\n").replace("\r", "\n")[:_LONGEST_TEXT].split("\n")
    clean = ["".join(c if c.isprintable() else " " for c in line).rstrip() for line in lines]
    return "\n".join(clean).strip("\n")


def point_in(item: Any, keyword: str) -> Point | None:
    """A point (x, y), None where the element is none."""
    values = reals(item, keyword)
    return (values[0], values[1]) if len(values) == 2 else None


def are_near(points: tuple[Point, ...], units: str) -> bool:
    """Whether points lie where anything could be seen of them, in units that are known."""
    if units not in get_args(Units):
        return False
    return all(abs(part) <= _FARTHEST[units] for point in points for part in point)


def items_of(dataset: Any, keyword: str) -> Iterator[Any]:
    """The items of a sequence; none where it is no sequence."""
    from pydicom.sequence import Sequence

    value = element_value(dataset, keyword)
    if isinstance(value, Sequence):
        yield from value


def scope_of(item: Any) -> Scope:
    """What an item is for; one whose references are all broken is for nothing."""
    frames: dict[str, frozenset[int]] = {}
    for image in items_of(item, "ReferencedImageSequence"):
        frames.setdefault(_NO_IMAGE, frozenset())
        uid = text(image, "ReferencedSOPInstanceUID")
        own = {int(n) - 1 for n in reals(image, "ReferencedFrameNumber")}
        known = frames.get(uid)
        if uid:
            every = not own or (known is not None and not known)
            frames[uid] = frozenset() if every else frozenset(own | (known or frozenset()))
    return Scope(frames)


def _lab(values: list[float]) -> tuple[float, float, float]:
    """L* 0…100, a* and b* -128…127 of their 16-bit code (PS3.3 C.10.7.1.1)."""
    light, a, b = (min(max(value, 0.0), 65535.0) / 65535 for value in values)
    return light * 100, a * 255 - 128, b * 255 - 128
