"""The Image menu: how the image in the chosen viewport is shown."""

from stentviewer.ui.i18n import QT_TRANSLATE_NOOP
from stentviewer.ui.menus.spec import IMAGE, ActionSpec, frames, image, images

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
        "previous_frame", QT_TRANSLATE_NOOP("Actions", "Previous frame"), IMAGE, 3,
        "viewer.previous_frame", (",",), "caret-left", frames,
    ),
    ActionSpec(
        "next_frame", QT_TRANSLATE_NOOP("Actions", "Next frame"), IMAGE, 3, "viewer.next_frame",
        (".",), "caret-right", frames,
    ),
    ActionSpec(
        "cine", QT_TRANSLATE_NOOP("Actions", "Play or pause cine"), IMAGE, 3,
        "viewer.toggle_cine", ("K",), "play", frames,
    ),
    ActionSpec(
        "previous_image", QT_TRANSLATE_NOOP("Actions", "Previous image"), IMAGE, 4,
        "previous_image", ("P", "Ctrl+Up"), "caret-up", images,
    ),
    ActionSpec(
        "next_image", QT_TRANSLATE_NOOP("Actions", "Next image"), IMAGE, 4, "next_image",
        ("N", "Ctrl+Down"), "caret-down", images,
    ),
)  # fmt: skip
