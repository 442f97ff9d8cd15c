"""Help inside the window: short pages from resources/help, searched, with the keys as they are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QAction, QTextBlockFormat, QTextCharFormat, QTextCursor, QTextDocument
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSplitter,
    QTextBrowser,
    QTextEdit,
    QVBoxLayout,
    QWidget,
)

from stentviewer.core.paths import resources_dir
from stentviewer.ui import theme
from stentviewer.ui.actions import ACTIONS, MENUS, shortcut_text, translated
from stentviewer.ui.i18n import language_in_use
from stentviewer.ui.keys import plain
from stentviewer.ui.search_words import has_words

_ID = Qt.ItemDataRole.UserRole
_LINE_HEIGHT = 130  # percent


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the help; `text` is Markdown with {key:action} and {keys} still in it."""

    id: str
    title: str
    text: str


def pages(language: str) -> list[Page]:
    """The pages in this language. Raises OSError where the program's own files are missing."""
    whole = (resources_dir() / "help" / f"{language}.md").read_text(encoding="utf-8")
    found = []
    for part in re.split(r"^# ", whole, flags=re.MULTILINE)[1:]:
        head, _, body = part.partition("\n")
        name, _, title = head.partition(" | ")
        found.append(Page(name, title, body.strip()))
    return found


class HelpDialog(QDialog):
    """Pages on the left, the chosen one on the right; words that were searched are marked."""

    def __init__(
        self, actions: Mapping[str, QAction], language: str, parent: QWidget | None = None
    ) -> None:
        """`language` is the setting: "system", "en" or "ko"."""
        super().__init__(parent)
        self.setWindowTitle(self.tr("Help"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._actions = actions
        self._pages = {page.id: page for page in pages(language_in_use(language))}
        self.search = QLineEdit(self)
        self.search.setPlaceholderText(self.tr("Search the help"))
        self.search.setAccessibleName(self.tr("Search the help"))
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._filter)
        self.search.returnPressed.connect(self._next_hit)
        self.list = QListWidget(self)
        self.list.setAccessibleName(self.tr("Pages"))
        self.list.setStyleSheet("QListView::item { padding: 4px; }")
        self.list.currentItemChanged.connect(lambda: self._show())
        self.nothing = QLabel(self.tr("No page has these words."), self)
        self.nothing.setObjectName("quiet")
        self.nothing.setWordWrap(True)
        self.nothing.hide()
        self.text = QTextBrowser(self)
        self.text.setOpenLinks(False)  # nothing is fetched; our own links lead to pages
        self.text.anchorClicked.connect(self._follow)
        self.text.document().setDocumentMargin(16)
        self._texts = {page.id: self._plain(page) for page in self._pages.values()}
        for page in self._pages.values():
            item = QListWidgetItem(page.title, self.list)
            item.setData(_ID, page.id)
        self._lay_out()
        self.list.setCurrentRow(0)
        self.search.setFocus()

    def _lay_out(self) -> None:
        left = QWidget(self)
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GRID)
        left.setMinimumWidth(theme.GRID * 20)
        column.addWidget(self.search)
        column.addWidget(self.nothing)
        column.addWidget(self.list, 1)
        splitter = QSplitter(Qt.Orientation.Horizontal, self)
        splitter.addWidget(left)
        splitter.addWidget(self.text)
        splitter.setStretchFactor(1, 1)
        splitter.setChildrenCollapsible(False)
        titles = self.list.sizeHintForColumn(0) + 2 * theme.GRID
        splitter.setSizes([max(titles, 220), 660])
        close = QPushButton(self.tr("Close"), self)
        close.setAutoDefault(False)  # Enter goes to the next place that was found
        close.clicked.connect(self.close)
        bottom = QHBoxLayout()
        bottom.addStretch(1)
        bottom.addWidget(close)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(16, 16, 16, 16)
        outer.setSpacing(12)
        outer.addWidget(splitter, 1)
        outer.addLayout(bottom)
        self.resize(920, 640)

    def show_page(self, name: str) -> None:
        """Open this page: "reading", "sealed", "keys" …"""
        for row in range(self.list.count()):
            item = self.list.item(row)
            if item is not None and item.data(_ID) == name:
                self.list.setCurrentItem(item)

    def _markdown(self, page: Page) -> str:
        body = re.sub(r"\{key:(\w+)\}", lambda found: self._keys_of(found[1]), page.text)
        return f"## {page.title}\n\n{body.replace('{keys}', self._all_keys())}"

    def _keys_of(self, action: str) -> str:
        keys = shortcut_text(self._actions[action]) or self.tr("no key")
        return f"**{_escaped(keys)}**"

    def _all_keys(self) -> str:
        """A table for every menu, of the actions that have keys."""
        tables = []
        for menu in MENUS:
            rows = [
                f"| {plain(translated(spec.title))} | {_escaped(keys)} |"
                for spec in ACTIONS
                if spec.menu == menu and (keys := shortcut_text(self._actions[spec.id]))
            ]
            if rows:
                head = f"| {plain(translated(menu))} | {self.tr('Keys')} |\n|---|---|"
                tables.append("\n".join([head, *rows]))
        return "\n\n".join(tables)

    def _plain(self, page: Page) -> str:
        document = QTextDocument()
        document.setMarkdown(self._markdown(page))
        return document.toPlainText()

    def _show(self) -> None:
        item = self.list.currentItem()
        if item is None:
            return
        self.text.setMarkdown(self._markdown(self._pages[item.data(_ID)]))
        self._give_room()
        self.text.moveCursor(QTextCursor.MoveOperation.Start)
        self._mark()

    def _give_room(self) -> None:
        """Lines a little apart, and tables without lines."""
        whole = QTextCursor(self.text.document())
        whole.select(QTextCursor.SelectionType.Document)
        lines = QTextBlockFormat()
        lines.setLineHeight(_LINE_HEIGHT, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
        whole.mergeBlockFormat(lines)
        for child in self.text.document().rootFrame().childFrames():
            table = child.frameFormat().toTableFormat()
            table.setCellPadding(4)
            table.setCellSpacing(0)
            table.setBorder(0)
            table.setTopMargin(theme.GRID)
            table.setBottomMargin(theme.GRID)
            child.setFrameFormat(table)

    def _follow(self, link: QUrl) -> None:
        self.show_page(link.fragment())

    def _filter(self, typed: str) -> None:
        first = None
        for row in range(self.list.count()):
            item = self.list.item(row)
            if item is None:
                continue
            fits = has_words(typed, item.text(), self._texts[item.data(_ID)])
            item.setHidden(not fits)
            if fits and first is None:
                first = item
        self.nothing.setVisible(first is None)
        now = self.list.currentItem()
        if first is not None and (now is None or now.isHidden()):
            self.list.setCurrentItem(first)
        else:
            self._mark()

    def _mark(self) -> None:
        """Mark every place of the searched words and go to the first."""
        form = QTextCharFormat()
        form.setBackground(self.palette().highlight())
        marks = []
        for word in self.search.text().split():
            cursor = QTextCursor(self.text.document())
            while not (cursor := self.text.document().find(word, cursor)).isNull():
                selection = QTextEdit.ExtraSelection()
                selection.cursor = cursor
                selection.format = form
                marks.append(selection)
        self.text.setExtraSelections(marks)
        if marks:
            self._next_hit(from_start=True)

    def _next_hit(self, *, from_start: bool = False) -> None:
        """To the next place that was found, round and round."""
        words = self.search.text().split()
        if not words:
            return
        if from_start:
            self.text.moveCursor(QTextCursor.MoveOperation.Start)
        if not self.text.find(words[0]):
            self.text.moveCursor(QTextCursor.MoveOperation.Start)
            self.text.find(words[0])


def _escaped(keys: str) -> str:
    """Keys such as * and | are letters here, no Markdown."""
    return re.sub(r"([\\|*_`\[\]<>])", r"\\\1", keys)
