"""One fact of a design's page: what is known and where from, and the place to write another."""

from __future__ import annotations

from PySide6.QtCore import QLocale, Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from stentviewer.app.designs import LONGEST, Design, Fact, FactKind
from stentviewer.ui import theme


class FactRow(QWidget):
    """Read, or written: then a text, its source (which it needs) and where that is found."""

    edited = Signal(str, str, str)  # text, source, address
    restored = Signal()
    editingChanged = Signal()

    def __init__(
        self, title: str, design: Design, kind: FactKind, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._own = design.own.get(kind)
        self._fact = design.fact(kind)
        self._has_shipped = kind in design.shipped
        self.edit = QToolButton(self)
        self.edit.setText(self.tr("Change…"))
        self.edit.setAccessibleName(self.tr("Change: {fact}").format(fact=title))
        self.edit.clicked.connect(self.open_editor)
        self.text = text_label("")
        self.source = text_label("", "quiet")
        self.site = text_label("", "research")
        self.editor = QWidget(self)
        self.words = QPlainTextEdit(self.editor)
        self.words.setAccessibleName(title)
        self.words.setTabChangesFocus(True)
        self.words.setFixedHeight(88)
        self.words.setPlaceholderText(self.tr("Empty: not known"))
        self.where = QLineEdit(self.editor)
        self.where.setMaxLength(LONGEST)
        self.where.setPlaceholderText(self.tr("Source: who says so, in which paper, of which date"))
        self.address = QLineEdit(self.editor)
        self.address.setMaxLength(LONGEST)
        self.address.setPlaceholderText(self.tr("Address, if there is one"))
        self.save = QPushButton(self.tr("Keep"), self.editor)
        self.save.setProperty("accent", True)
        self.cancel = QPushButton(self.tr("Cancel"), self.editor)
        self.restore = QPushButton(self.tr("Back to the program's text"), self.editor)
        self._lay_out(title)
        self._connect()
        self._show()

    def _lay_out(self, title: str) -> None:
        head = QHBoxLayout()
        head.addWidget(text_label(title, "heading"), 1)
        head.addWidget(self.edit)
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.GRID)
        for button in (self.save, self.cancel, self.restore):
            button.setAutoDefault(False)
            buttons.addWidget(button)
        buttons.addStretch(1)
        writing = QVBoxLayout(self.editor)
        writing.setContentsMargins(0, 0, 0, 0)
        writing.setSpacing(theme.GRID)
        for widget in (self.words, self.where, self.address):
            writing.addWidget(widget)
        writing.addLayout(buttons)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(head)
        for label in (self.text, self.source, self.site, self.editor):
            column.addWidget(label)

    def _connect(self) -> None:
        self.save.clicked.connect(self._keep)
        self.cancel.clicked.connect(self.close_editor)
        self.restore.clicked.connect(self.restored)
        self.words.textChanged.connect(self._update)
        self.where.textChanged.connect(self._update)

    def _show(self) -> None:
        fact, own = self._fact, self._own
        self.text.setText(
            _shown(fact) if fact is not None else self.tr("Not known to this program")
        )
        self.text.setEnabled(fact is not None)
        source = ""
        if fact is not None:
            address = f"\n{fact.address}" if fact.address else ""
            source = self.tr("Source: {source}").format(source=fact.source) + address
        self.source.setText(source)
        self.source.setVisible(bool(source))
        site = ""
        if own is not None:
            day = f"{own.at.astimezone():%Y-%m-%d}" if own.at is not None else ""
            form = self.tr("Written at this site by {by}, {day}.")
            if not own.text:
                form = self.tr("Taken away at this site by {by}, {day}.")
            site = form.format(by=own.by or self.tr("somebody"), day=day or "—")
        self.site.setText(site)
        self.site.setVisible(bool(site))
        self.restore.setVisible(own is not None)
        if not self._has_shipped:
            self.restore.setText(self.tr("Take this away"))
        self.editor.hide()

    # writing

    @property
    def is_changed(self) -> bool:
        """Whether what is written is another than what is kept."""
        return self.editor.isVisibleTo(self) and self._written() != self._kept()

    def _written(self) -> tuple[str, str, str]:
        texts = self.words.toPlainText(), self.where.text(), self.address.text()
        return texts[0].strip(), texts[1].strip(), texts[2].strip()

    def _kept(self) -> tuple[str, str, str]:
        fact = self._fact
        return (_shown(fact), fact.source, fact.address) if fact is not None else ("", "", "")

    def open_editor(self) -> None:
        """Write in the place of what is read."""
        text, source, address = self._kept()
        self.words.setPlainText(text)
        self.where.setText(source)
        self.address.setText(address)
        self._set_editing(True)
        self.words.setFocus()

    def close_editor(self) -> None:
        """Read again; what was written goes."""
        self._set_editing(False)

    def _set_editing(self, on: bool) -> None:
        self.editor.setVisible(on)
        self.edit.setVisible(not on)
        self.text.setVisible(not on)
        self.source.setVisible(not on and bool(self.source.text()))
        self._update()
        self.editingChanged.emit()

    def _update(self) -> None:
        text, source, _ = self._written()
        self.save.setEnabled(self.is_changed and bool(source or not text) and len(text) <= LONGEST)
        needs = bool(text) and not source
        self.save.setToolTip(self.tr("A fact needs its source.") if needs else "")

    def _keep(self) -> None:
        self.setEnabled(False)  # until it is kept, or refused
        self.edited.emit(*self._written())


def _shown(fact: Fact) -> str:
    korean = QLocale().language() == QLocale.Language.Korean
    return fact.text_ko if korean and fact.text_ko else fact.text


def text_label(text: str, name: str = "") -> QLabel:
    """A paragraph that can be copied; never rich text, since it comes from files and people."""
    label = QLabel(text)
    label.setObjectName(name)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label
