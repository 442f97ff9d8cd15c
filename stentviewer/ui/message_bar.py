"""A calm strip under the tool bar: what is wrong and what to do. It stays until it is closed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

from stentviewer.ui.i18n import say
from stentviewer.ui.plain import as_it_stands

_LINES = 4
_POINTED = 40  # lines of the tool tip: a screen has no more


class MessageBar(QFrame):
    """Shows the newest message; nothing of the image is covered."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("messages")
        self.text = QLabel(self)
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setWordWrap(True)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._do = QPushButton(self)
        self._do.clicked.connect(self._act)
        self._action: Callable[[], object] | None = None
        close = QPushButton(self.tr("Close"), self)
        close.clicked.connect(self.hide)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 8, 8)
        row.setSpacing(8)
        row.addWidget(self.text, 1)
        row.addWidget(self._do)
        row.addWidget(close)
        self.hide()

    def say(
        self,
        sentences: Sequence[str],
        button: str = "",
        action: Callable[[], object] | None = None,
    ) -> None:
        """Show these sentences; more than four are counted, the first forty are in the tool tip."""
        sentences = [say(sentence) for sentence in sentences]
        shown = sentences[:_LINES]
        if len(sentences) > _LINES:
            more = self.tr("… and {n} more; point here to see all.")
            shown.append(more.format(n=len(sentences) - _LINES))
        self.text.setText("\n".join(shown))
        pointed = [*sentences[:_POINTED], *(["…"] if len(sentences) > _POINTED else [])]
        self.text.setToolTip(as_it_stands("\n".join(pointed)) if len(sentences) > _LINES else "")
        self._action = action
        self._do.setText(button)
        self._do.setVisible(bool(button))
        self.show()

    def _act(self) -> None:
        if self._action is not None:
            self._action()
