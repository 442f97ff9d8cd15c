"""The corner texts of an image: what the person chose, said where the image knows it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QRectF
from PySide6.QtGui import QFontMetricsF, QPainter

from stentviewer.core.corner_settings import IDENTITY_FIELDS, CornerSettings
from stentviewer.core.types import Identity, Spacing, SpacingKind
from stentviewer.core.wording import show_name
from stentviewer.ui.i18n import say
from stentviewer.ui.viewer import marks
from stentviewer.ui.viewer.view_state import ViewState

if TYPE_CHECKING:
    from stentviewer.imaging.image import Radiograph
    from stentviewer.ui.viewer.canvas import ImageCanvas
    from stentviewer.ui.viewer.look import Look

_ONE_LINE = (  # neighbours of these stand on one line
    ("patient_id", "birth_date", "sex", "age"),
    ("study_date", "study_time"),
    ("modality", "body_part", "series_number", "series_description"),
    ("image_number", "frame", "size"),
    ("window", "zoom"),
)
_LINE_OF = {name: number for number, names in enumerate(_ONE_LINE) for name in names}
_BETWEEN = "  ·  "
translate = QCoreApplication.translate


@dataclass(frozen=True, slots=True)
class Facts:
    """What the corners speak of: the image and the view of it."""

    radiograph: Radiograph
    state: ViewState = field(default_factory=ViewState)
    spacing: Spacing = field(default_factory=Spacing)
    filter: str = ""


def corner_texts(
    settings: CornerSettings, facts: Facts, *, only_patient: bool = False, hidden: bool = False
) -> marks.Corners:
    """The lines of the four corners; what the image does not know takes no line.

    `only_patient` leaves all but the patient out; `hidden` leaves out who that is, and says so.
    """

    def lines(names: tuple[str, ...]) -> tuple[str, ...]:
        made: list[str] = []
        line = -1
        for name in names:
            if (hidden and name in IDENTITY_FIELDS) or (only_patient and name not in _PATIENT):
                continue
            words = _SAID[name](facts)
            if not words:
                continue
            joins = bool(made) and line == _LINE_OF.get(name, -1) != -1
            made[-1:] = [f"{made[-1]}{_BETWEEN}{words}"] if joins else [*made[-1:], words]
            line = _LINE_OF.get(name, -1)
        return tuple(made)

    left = lines(settings.corner_upper_left)
    if hidden:
        said = translate("Corners", "identity hidden")
        left = (said, *left)
    return marks.Corners(
        left=left,
        right=lines(settings.corner_upper_right),
        lower_left=lines(settings.corner_lower_left),
        lower_right=lines(settings.corner_lower_right),
    )


def age(birth_date: str, study_date: str) -> int | None:
    """Whole years from one ISO date to the other; None where either is missing or they disagree."""
    try:
        born, then = date.fromisoformat(birth_date), date.fromisoformat(study_date)
    except ValueError:
        return None
    years = then.year - born.year - ((then.month, then.day) < (born.month, born.day))
    return years if 0 <= years < 130 else None


def number(value: float) -> str:
    """Three digits where they count, never an exponent for what a display can hold."""
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _identity(facts: Facts) -> Identity:
    return facts.radiograph.header.identity


def _age(facts: Facts) -> str:
    who = _identity(facts)
    years = age(who.birth_date, who.study_date)
    return "" if years is None else translate("Corners", "{n} years").format(n=years)


def _frame(facts: Facts) -> str:
    total = facts.radiograph.header.frames
    if total < 2 or facts.state.frame < 0:
        return ""
    text = (
        translate("Corners", "Slice {n} / {total}")
        if _is_stack(facts)
        else translate("Corners", "Frame {n} / {total}")
    )
    return text.format(n=facts.state.frame + 1, total=total)


def _is_stack(facts: Facts) -> bool:
    return bool(facts.radiograph.positions_mm)


def _position(facts: Facts) -> str:
    positions, frame = facts.radiograph.positions_mm, facts.state.frame
    if not 0 <= frame < len(positions):
        return ""
    mm = round(positions[frame], 1) + 0.0  # never "-0.0"
    return translate("Corners", "Slice at {mm} mm").format(mm=f"{mm:.1f}")


def _window(facts: Facts) -> str:
    window = facts.state.window
    if window is None:
        return (
            translate("Corners", "VOI LUT of the file")
            if facts.radiograph.voi_lut is not None
            else ""
        )
    text = translate("Corners", "W {width}  L {centre}")
    return text.format(width=number(window.width), centre=number(window.centre))


def _spacing(facts: Facts) -> str:
    mm = facts.spacing.mm
    if mm is None:
        return translate("Corners", "no pixel spacing")
    size = f"{mm[1]:.3g} × {mm[0]:.3g}"
    return {
        SpacingKind.DETECTOR: translate("Corners", "pixel {size} mm, detector plane"),
        SpacingKind.CALIBRATED: translate("Corners", "pixel {size} mm, calibrated"),
    }.get(facts.spacing.kind, translate("Corners", "pixel {size} mm")).format(size=size)


def _exposure(facts: Facts) -> str:
    kvp, mas = facts.radiograph.exposure
    mas = None if _is_stack(facts) and facts.radiograph.header.frames > 1 else mas  # the first's
    parts = (
        translate("Corners", "{n} kVp").format(n=number(kvp)) if kvp else "",
        translate("Corners", "{n} mAs").format(n=number(mas)) if mas else "",
    )
    return "  ".join(part for part in parts if part)


def _filter(facts: Facts) -> str:
    from stentviewer.imaging.filters import FILTERS

    name = FILTERS.get(facts.filter)
    return translate("Corners", "Filter: {name}").format(name=say(name)) if name else ""


def _numbered(text: str, value: int | None) -> str:
    return "" if value is None else text.format(n=value)


_PATIENT = frozenset(["patient_name", "patient_id", "birth_date", "sex", "age"])
_SAID: dict[str, Callable[[Facts], str]] = {
    "patient_name": lambda f: show_name(
        _identity(f).patient_name, _identity(f).patient_name_ideographic
    ),
    "patient_id": lambda f: _identity(f).patient_id,
    "birth_date": lambda f: _identity(f).birth_date,
    "sex": lambda f: _identity(f).sex,
    "age": _age,
    "accession_number": lambda f: _identity(f).accession_number,
    "study_date": lambda f: _identity(f).study_date,
    "study_time": lambda f: _identity(f).study_time,
    "study_description": lambda f: _identity(f).study_description,
    "modality": lambda f: _identity(f).modality,
    "body_part": lambda f: _identity(f).body_part,
    "series_number": lambda f: _numbered(
        translate("Corners", "Series {n}"), _identity(f).series_number
    ),
    "series_description": lambda f: _identity(f).series_description,
    "image_number": lambda f: _numbered(
        translate("Corners", "Image {n}"), _identity(f).instance_number
    ),
    "frame": _frame,
    "slice_position": _position,
    "size": lambda f: f"{f.radiograph.header.columns} × {f.radiograph.header.rows}",
    "window": _window,
    "zoom": lambda f: translate("Corners", "Zoom {n} %").format(n=number(f.state.zoom * 100)),
    "filter": _filter,
    "spacing": _spacing,
    "exposure": _exposure,
}


class CornerLayer:
    """Paints the corner texts of one canvas in the look that all viewports share."""

    def __init__(self, look: Look) -> None:
        self._look = look
        self.places: tuple[QRectF, ...] = ()  # of the lines painted last, logical pixels

    def paint(self, painter: QPainter, canvas: ImageCanvas) -> None:
        look, radiograph = self._look, canvas.radiograph
        self.places = ()
        if look.corners == "none" or radiograph is None:
            return
        texts = corner_texts(
            look.settings,
            Facts(radiograph, canvas.state, canvas.spacing, canvas.filter_name),
            only_patient=look.corners == "patient",
            hidden=look.hide_identity,
        )
        height = QFontMetricsF(painter.font(), painter.device()).height()
        area = QRectF(canvas.rect())
        self.places = marks.draw_corners(painter, area, texts, lift=2.5 * height)
