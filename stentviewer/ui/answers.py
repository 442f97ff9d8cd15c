"""A reader's answers in the window's language; makers are names and stay as they are."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from stentviewer.core.answers import AND, ANSWERS, CANNOT_TELL, NO_STENT, OTHER_DESIGN, parts_of
from stentviewer.ui.i18n import QT_TRANSLATE_NOOP

_SHOWN = {
    NO_STENT: QT_TRANSLATE_NOOP("Answers", "No stent"),
    OTHER_DESIGN: QT_TRANSLATE_NOOP("Answers", "Another design"),
    CANNOT_TELL: QT_TRANSLATE_NOOP("Answers", "Cannot tell"),
}
assert set(_SHOWN) == set(ANSWERS)


def shown_answer(answer: str) -> str:
    """A maker, or what stands for one, as it is shown; several in their order."""
    return AND.join(map(_shown, parts_of(answer)))


def model_answer(answer: str) -> str:
    """The same of a model: what no class is near is a design that it does not know."""
    if answer == OTHER_DESIGN:
        return QCoreApplication.translate("Answers", "Unknown design")
    return shown_answer(answer)


def _shown(part: str) -> str:
    text = _SHOWN.get(part)
    return part if text is None else QCoreApplication.translate("Answers", text)
