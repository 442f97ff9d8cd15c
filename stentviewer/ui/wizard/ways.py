"""The ways of learning: what each does, and what it takes on this computer."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QButtonGroup, QRadioButton, QWidget

from stentviewer.learning.recipe import Method
from stentviewer.ui import theme
from stentviewer.ui.i18n import QT_TRANSLATE_NOOP
from stentviewer.ui.wizard.measuring import Measured
from stentviewer.ui.wizard.page import card, column, words


@dataclass(frozen=True, slots=True)
class Way:
    """A method, Full in its two lengths."""

    method: Method
    thorough: bool
    title: str
    what: str


WAYS = (
    Way(
        "quick", False,
        QT_TRANSLATE_NOOP("Ways", "Quick"),
        QT_TRANSLATE_NOOP(
            "Ways", "The network stays as it is and only its last layer learns. Needs no GPU."
        ),
    ),
    Way(
        "tuned", False,
        QT_TRANSLATE_NOOP("Ways", "Tuned"),
        QT_TRANSLATE_NOOP("Ways", "The last part of the network learns too."),
    ),
    Way(
        "full", False,
        QT_TRANSLATE_NOOP("Ways", "Full"),
        QT_TRANSLATE_NOOP(
            "Ways", "The whole network learns, as published: 200 epochs. Made for a GPU."
        ),
    ),
    Way(
        "full", True,
        QT_TRANSLATE_NOOP("Ways", "Full, thorough"),
        QT_TRANSLATE_NOOP("Ways", "As published for the finest images: 1536 px, 500 epochs."),
    ),
)  # fmt: skip


def way_title(way: Way) -> str:
    """A way in the window's language."""
    return QCoreApplication.translate("Ways", way.title)


class WayList(QWidget):
    """One card a way; exactly one is chosen."""

    chosen = Signal(object)  # Way

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        inside = column(self)
        self.group = QButtonGroup(self)
        self.blocks: dict[Way, WayBlock] = {}
        for way in WAYS:
            block = WayBlock(way, self)
            self.group.addButton(block.button)
            block.button.clicked.connect(lambda _=False, w=way: self.chosen.emit(w))
            inside.addWidget(block)
            self.blocks[way] = block

    def show_chosen(self, method: Method, thorough: bool) -> None:
        """The way that the flow has."""
        for way, block in self.blocks.items():
            if (way.method, way.thorough) == (method, thorough and method == "full"):
                block.button.setChecked(True)


class WayBlock(QWidget):
    """One way, what it takes here, and why it is not possible where it is not."""

    def __init__(self, way: Way, parent: QWidget) -> None:
        super().__init__(parent)
        frame = card(self)
        column(self).addWidget(frame)
        self.button = QRadioButton(way_title(way), frame)
        self.what = words(QCoreApplication.translate("Ways", way.what), frame)
        self.cost = words("", frame, "quiet")
        self.trouble = words("", frame, "research")
        self.button.setAccessibleDescription(self.what.text())
        inside = frame.layout()
        assert inside is not None
        inside.setSpacing(theme.GRID // 2)
        for widget in (self.button, self.what, self.cost, self.trouble):
            inside.addWidget(widget)
        self.set_trouble("")

    def set_trouble(self, sentence: str) -> None:
        """Why it cannot be chosen; empty where it can."""
        self.trouble.setText(sentence)
        self.trouble.setVisible(bool(sentence))
        self.cost.setHidden(bool(sentence))
        self.button.setDisabled(bool(sentence))

    def set_cost(self, text: str) -> None:
        """What it takes here."""
        self.cost.setText(text)


def cost_text(measured: Measured) -> str:
    """In words: never finer than it was measured."""
    text = QCoreApplication.translate(
        "Ways", "Here {time}, up to {memory} of memory. Measured by a few steps."
    ).format(time=duration(measured.seconds), memory=size(measured.memory))
    if measured.memory > measured.total_memory:
        more = QCoreApplication.translate("Ways", "This computer has {total}.")
        text += " " + more.format(total=size(measured.total_memory))
    return text


def duration(seconds: float) -> str:
    """ "about 3 min"."""
    for limit, unit, text in (
        (90, 1, QT_TRANSLATE_NOOP("Ways", "about {n} s")),
        (90 * 60, 60, QT_TRANSLATE_NOOP("Ways", "about {n} min")),
        (36 * 3600, 3600, QT_TRANSLATE_NOOP("Ways", "about {n} h")),
        (float("inf"), 24 * 3600, QT_TRANSLATE_NOOP("Ways", "about {n} days")),
    ):
        if seconds < limit:
            n = max(1, round(seconds / unit))
            return QCoreApplication.translate("Ways", text).format(n=n)
    raise AssertionError("no time is longer than the longest")


def size(count: int) -> str:
    """Bytes as "0.4 GB"."""
    return f"{max(count, 0.05e9) / 1e9:.1f} GB"
