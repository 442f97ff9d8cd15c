"""The Measure menu: the tools, and what becomes of what they drew."""

from stentviewer.ui.i18n import QT_TRANSLATE_NOOP
from stentviewer.ui.menus.spec import MEASURE, ActionSpec, image

ACTIONS = (
    ActionSpec(
        "use_pointer", QT_TRANSLATE_NOOP("Actions", "Pointer"), MEASURE, 0, "measuring.use_pointer",
        ("V",), "cursor", image, one_of=True,
    ),
    ActionSpec(
        "use_length", QT_TRANSLATE_NOOP("Actions", "Length"), MEASURE, 1, "measuring.use_length",
        ("L",), "ruler", image, one_of=True,
    ),
    ActionSpec(
        "use_angle", QT_TRANSLATE_NOOP("Actions", "Angle"), MEASURE, 1, "measuring.use_angle",
        ("G",), "triangle", image, one_of=True,
    ),
    ActionSpec(
        "use_ellipse", QT_TRANSLATE_NOOP("Actions", "Ellipse"), MEASURE, 2,
        "measuring.use_ellipse", ("E",), "circle", image, one_of=True,
    ),
    ActionSpec(
        "use_rectangle", QT_TRANSLATE_NOOP("Actions", "Rectangle"), MEASURE, 2,
        "measuring.use_rectangle", ("B",), "rectangle", image, one_of=True,
    ),
    ActionSpec(
        "use_polygon", QT_TRANSLATE_NOOP("Actions", "Polygon"), MEASURE, 2,
        "measuring.use_polygon", ("O",), "polygon", image, one_of=True,
    ),
    ActionSpec(
        "use_freehand", QT_TRANSLATE_NOOP("Actions", "Freehand region"), MEASURE, 2,
        "measuring.use_freehand", ("D",), "path", image, one_of=True,
    ),
    ActionSpec(
        "use_probe", QT_TRANSLATE_NOOP("Actions", "Probe"), MEASURE, 3, "measuring.use_probe",
        ("Q",), "eyedropper", image, one_of=True,
    ),
    ActionSpec(
        "use_stent", QT_TRANSLATE_NOOP("Actions", "Stent length and diameter"), MEASURE, 3,
        "measuring.use_stent", ("S",), "line-segments", image, one_of=True,
    ),
    ActionSpec(
        "calibrate", QT_TRANSLATE_NOOP("Actions", "Calibrate by a known length…"), MEASURE, 3,
        "measuring.calibrate", (), "arrows-out-line-horizontal", image, one_of=True,
    ),
    ActionSpec(
        "remove_measurement", QT_TRANSLATE_NOOP("Actions", "Remove the chosen measurement"),
        MEASURE, 4, "measuring.remove_chosen", ("Del",), "trash",
        lambda now: now.measurement_chosen,
    ),
    ActionSpec(
        "export_csv", QT_TRANSLATE_NOOP("Actions", "Export measurements as CSV…"), MEASURE, 5,
        "measuring.export_csv", (), "table", lambda now: now.measurements > 0,
    ),
    ActionSpec(
        "export_json", QT_TRANSLATE_NOOP("Actions", "Export measurements as JSON…"), MEASURE, 5,
        "measuring.export_json", (), "brackets-curly", lambda now: now.measurements > 0,
    ),
)  # fmt: skip
