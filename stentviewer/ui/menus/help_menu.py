"""The Help menu."""

from stentviewer.ui.i18n import QT_TRANSLATE_NOOP
from stentviewer.ui.menus.spec import HELP, ActionSpec

ACTIONS = (
    ActionSpec(
        "palette", QT_TRANSLATE_NOOP("Actions", "Find a command…"), HELP, 0, "comfort.show_palette",
        ("Ctrl+K",), "command", toolbar=True,
    ),
    ActionSpec(
        "shortcuts", QT_TRANSLATE_NOOP("Actions", "Keys and gestures"), HELP, 0,
        "comfort.show_keys", ("F1",), "keyboard",
    ),
    ActionSpec(
        "change_keys", QT_TRANSLATE_NOOP("Actions", "Change the keys…"), HELP, 0,
        "comfort.change_keys", (), "keyboard",
    ),
    ActionSpec(
        "help", QT_TRANSLATE_NOOP("Actions", "Help"), HELP, 1, "comfort.show_help",
        ("Shift+F1",), "question",
    ),
    ActionSpec(
        "welcome", QT_TRANSLATE_NOOP("Actions", "Welcome…"), HELP, 1, "comfort.show_welcome",
        (), "hand-waving",
    ),
)  # fmt: skip
