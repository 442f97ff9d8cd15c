"""The File menu: what comes in and what leaves."""

from stentviewer.ui.i18n import QT_TRANSLATE_NOOP
from stentviewer.ui.menus.spec import FILE, ActionSpec, image, library

ACTIONS = (
    ActionSpec(
        "open_files", QT_TRANSLATE_NOOP("Actions", "Open files…"), FILE, 0, "files.open_files",
        ("Ctrl+O",), "file-plus", library, toolbar=True,
    ),
    ActionSpec(
        "open_folder", QT_TRANSLATE_NOOP("Actions", "Open folder…"), FILE, 0, "files.open_folder",
        ("Ctrl+Shift+O",), "folder-open", library,
    ),
    ActionSpec(
        "open_example", QT_TRANSLATE_NOOP("Actions", "Open the example patient"), FILE, 0,
        "desk.add_example", (), "user", library,
    ),
    ActionSpec(
        "save", QT_TRANSLATE_NOOP("Actions", "Save review…"), FILE, 1, "files.save_review",
        ("Ctrl+S",), "floppy-disk", image, toolbar=True,
    ),
    ActionSpec(
        "settings", QT_TRANSLATE_NOOP("Actions", "Settings…"), FILE, 2, "comfort.show_settings",
        ("Ctrl+,",), "gear",
    ),
    ActionSpec(
        "quit", QT_TRANSLATE_NOOP("Actions", "Quit"), FILE, 3, "close", ("Ctrl+Q",), "sign-out",
    ),
)  # fmt: skip
