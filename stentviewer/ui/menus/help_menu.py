"""The Help menu."""

from stentviewer.ui.i18n import QT_TRANSLATE_NOOP
from stentviewer.ui.menus.spec import HELP, ActionSpec

ACTIONS = (
    ActionSpec(
        "palette", QT_TRANSLATE_NOOP("Actions", "Find a command…"), HELP, 0, "show_palette",
        ("Ctrl+K",), "command", toolbar=True,
    ),
    ActionSpec(
        "shortcuts", QT_TRANSLATE_NOOP("Actions", "Keys and gestures"), HELP, 0, "show_shortcuts",
        ("F1",), "keyboard",
    ),
)  # fmt: skip
