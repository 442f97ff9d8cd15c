"""The Image menu: how the image in the chosen viewport is shown."""

from collections.abc import Callable

from stentviewer.ui.i18n import QT_TRANSLATE_NOOP
from stentviewer.ui.menus.spec import IMAGE, ActionSpec, Situation, frames, image, images

_PRESETS = QT_TRANSLATE_NOOP("Actions", "Window presets")
_FILTERS = QT_TRANSLATE_NOOP("Actions", "Display filter")
_COLOURS = QT_TRANSLATE_NOOP("Actions", "Look-up table")
_PRESET_TITLES = (
    QT_TRANSLATE_NOOP("Actions", "Window preset 1"),
    QT_TRANSLATE_NOOP("Actions", "Window preset 2"),
    QT_TRANSLATE_NOOP("Actions", "Window preset 3"),
    QT_TRANSLATE_NOOP("Actions", "Window preset 4"),
    QT_TRANSLATE_NOOP("Actions", "Window preset 5"),
    QT_TRANSLATE_NOOP("Actions", "Window preset 6"),
    QT_TRANSLATE_NOOP("Actions", "Window preset 7"),
    QT_TRANSLATE_NOOP("Actions", "Window preset 8"),
    QT_TRANSLATE_NOOP("Actions", "Window preset 9"),
)
_FILTER_TITLES = {  # those of imaging.filters
    "median": QT_TRANSLATE_NOOP("Actions", "Median (less noise)"),
    "gaussian": QT_TRANSLATE_NOOP("Actions", "Gaussian (smoother)"),
    "sharpen": QT_TRANSLATE_NOOP("Actions", "Sharpen"),
    "clahe": QT_TRANSLATE_NOOP("Actions", "Local contrast (CLAHE)"),
    "equalise": QT_TRANSLATE_NOOP("Actions", "Histogram equalisation"),
}
_COLOUR_TITLES = {  # those of imaging.overlay
    "grey": QT_TRANSLATE_NOOP("Actions", "Grey"),
    "inferno": QT_TRANSLATE_NOOP("Actions", "inferno"),
    "viridis": QT_TRANSLATE_NOOP("Actions", "viridis"),
    "cividis": QT_TRANSLATE_NOOP("Actions", "cividis"),
    "magma": QT_TRANSLATE_NOOP("Actions", "magma"),
    "plasma": QT_TRANSLATE_NOOP("Actions", "plasma"),
    "hot iron": QT_TRANSLATE_NOOP("Actions", "Hot iron (DICOM)"),
    "PET": QT_TRANSLATE_NOOP("Actions", "PET (DICOM)"),
    "hot metal blue": QT_TRANSLATE_NOOP("Actions", "Hot metal blue (DICOM)"),
}


def _has_preset(digit: int) -> Callable[[Situation], bool]:
    return lambda now: str(digit) in now.presets


ACTIONS = (
    ActionSpec(
        "fit", QT_TRANSLATE_NOOP("Actions", "Fit"), IMAGE, 0, "canvas.fit", ("F",), "arrows-out",
        image, toolbar=True,
    ),
    ActionSpec(
        "one_to_one", QT_TRANSLATE_NOOP("Actions", "Actual pixels (1:1)"), IMAGE, 0,
        "canvas.one_to_one", ("Ctrl+1",), "frame-corners", image,
    ),
    ActionSpec(
        "invert", QT_TRANSLATE_NOOP("Actions", "Invert"), IMAGE, 1, "canvas.invert", ("I",),
        "circle-half", image, toolbar=True,
    ),
    ActionSpec(
        "auto_window", QT_TRANSLATE_NOOP("Actions", "Automatic window"), IMAGE, 1,
        "canvas.auto_window", ("W",), "sliders-horizontal", image,
    ),
    ActionSpec(
        "reset", QT_TRANSLATE_NOOP("Actions", "Reset the view"), IMAGE, 1, "canvas.reset",
        ("Ctrl+0",), "arrow-counter-clockwise", image,
    ),
    ActionSpec(
        "rotate_right", QT_TRANSLATE_NOOP("Actions", "Turn right"), IMAGE, 2, "viewer.turn_right",
        ("]",), "arrow-clockwise", image,
    ),
    ActionSpec(
        "rotate_left", QT_TRANSLATE_NOOP("Actions", "Turn left"), IMAGE, 2, "viewer.turn_left",
        ("[",), "arrow-counter-clockwise", image,
    ),
    ActionSpec(
        "mirror", QT_TRANSLATE_NOOP("Actions", "Mirror left and right"), IMAGE, 2,
        "canvas.mirror", ("X",), "square-half", image,
    ),
    *(
        ActionSpec(
            f"preset_{digit}", title, IMAGE, 3, "looking.use_preset", (str(digit),), "",
            _has_preset(digit), submenu=_PRESETS, argument=str(digit),
        )
        for digit, title in enumerate(_PRESET_TITLES, start=1)
    ),
    *(
        ActionSpec(
            f"filter_{name}", title, IMAGE, 3, "looking.use_filter", (), "", image, one_of=True,
            submenu=_FILTERS, argument=name,
        )
        for name, title in _FILTER_TITLES.items()
    ),
    *(
        ActionSpec(
            f"colours_{name.replace(' ', '_')}", title, IMAGE, 3, "looking.use_colours", (), "",
            image, one_of=True, submenu=_COLOURS, argument=name,
        )
        for name, title in _COLOUR_TITLES.items()
    ),
    ActionSpec(
        "magnify", QT_TRANSLATE_NOOP("Actions", "Magnifier"), IMAGE, 4, "looking.magnify", ("M",),
        "magnifying-glass-plus", image, checkable=True,
    ),
    ActionSpec(
        "magnify_more", QT_TRANSLATE_NOOP("Actions", "Magnify more"), IMAGE, 4,
        "looking.next_factor", ("Shift+M",), "magnifying-glass-plus", image,
    ),
    ActionSpec(
        "previous_frame", QT_TRANSLATE_NOOP("Actions", "Previous frame"), IMAGE, 5,
        "viewer.previous_frame", (",",), "caret-left", frames,
    ),
    ActionSpec(
        "next_frame", QT_TRANSLATE_NOOP("Actions", "Next frame"), IMAGE, 5, "viewer.next_frame",
        (".",), "caret-right", frames,
    ),
    ActionSpec(
        "cine", QT_TRANSLATE_NOOP("Actions", "Play or pause cine"), IMAGE, 5,
        "viewer.toggle_cine", ("K",), "play", frames,
    ),
    ActionSpec(
        "previous_image", QT_TRANSLATE_NOOP("Actions", "Previous image"), IMAGE, 6,
        "previous_image", ("P", "Ctrl+Up"), "caret-up", images,
    ),
    ActionSpec(
        "next_image", QT_TRANSLATE_NOOP("Actions", "Next image"), IMAGE, 6, "next_image",
        ("N", "Ctrl+Down"), "caret-down", images,
    ),
)  # fmt: skip
