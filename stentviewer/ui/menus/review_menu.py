"""The Review menu: the model's word and the reader's."""

from stentviewer.ui.i18n import QT_TRANSLATE_NOOP
from stentviewer.ui.menus.spec import REVIEW, ActionSpec, library

ACTIONS = (
    ActionSpec(
        "read", QT_TRANSLATE_NOOP("Actions", "Read"), REVIEW, 0, "review.read", ("R",), "eye",
        lambda now: now.can_read and now.has_model and not now.is_reading, toolbar=True,
    ),
    ActionSpec(
        "accept", QT_TRANSLATE_NOOP("Actions", "Accept"), REVIEW, 1, "review.accept", ("A",),
        "check", lambda now: now.can_accept, toolbar=True,
    ),
    ActionSpec(
        "correct", QT_TRANSLATE_NOOP("Actions", "Correct…"), REVIEW, 1,
        "reading_desk.correct", ("C",),
        "pencil-simple", lambda now: now.can_read and now.has_image and now.has_model,
        toolbar=True,
    ),
    ActionSpec(
        "next_stent", QT_TRANSLATE_NOOP("Actions", "Next stent alone"), REVIEW, 1,
        "review.next_stent", ("J",), "number-circle-one", lambda now: now.stents > 1,
    ),
    ActionSpec(
        "undo", QT_TRANSLATE_NOOP("Actions", "Undo"), REVIEW, 2, "desk.undo", ("Ctrl+Z",),
        "arrow-u-up-left", lambda now: now.can_undo,
    ),
    ActionSpec(
        "redo", QT_TRANSLATE_NOOP("Actions", "Redo"), REVIEW, 2, "desk.redo",
        ("Ctrl+Shift+Z", "Ctrl+Y"), "arrow-u-up-right", lambda now: now.can_redo,
    ),
    ActionSpec(
        "reader", QT_TRANSLATE_NOOP("Actions", "Your name…"), REVIEW, 3, "comfort.ask_reader",
        (), "identification-badge", library,
    ),
    ActionSpec(
        "audit", QT_TRANSLATE_NOOP("Actions", "Audit trail"), REVIEW, 3, "show_audit",
        ("Ctrl+T",), "list-numbers", library,
    ),
    ActionSpec(
        "designs", QT_TRANSLATE_NOOP("Actions", "Stent designs…"), REVIEW, 4,
        "reading_desk.show_designs", (), "books", library,
    ),
    ActionSpec(
        "models", QT_TRANSLATE_NOOP("Actions", "Models on this machine…"), REVIEW, 4,
        "reading_desk.show_models", (), "stack", library,
    ),
    ActionSpec(
        "learn", QT_TRANSLATE_NOOP("Actions", "Learn a new stent design…"), REVIEW, 4,
        "wizard.open", (), "student", library,
    ),
)  # fmt: skip
