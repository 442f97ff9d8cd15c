"""The shortcut page: every action by menu with its keys; press others to change them."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QKeySequenceEdit,
    QLabel,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from stentviewer.ui import theme
from stentviewer.ui.actions import ACTIONS, MENUS, ActionSpec, translated
from stentviewer.ui.keys import FIXED, Chosen, KeyMap, fixed_use, native, plain, portable
from stentviewer.ui.search_words import has_words

_ID = Qt.ItemDataRole.UserRole


class ShortcutsPage(QDialog):
    """A change applies at once; keys that another action has are only taken when asked."""

    shortcutsChanged = Signal(object)  # dict: action's id → keys, to be kept in the settings

    def __init__(self, chosen: Chosen, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Change the keys"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.keys = KeyMap(chosen)
        self._wanted: tuple[str, ...] = ()  # what waits for "take over"
        self.search = QLineEdit(self)
        self.search.setPlaceholderText(self.tr("Find an action or a key"))
        self.search.setAccessibleName(self.tr("Find an action or a key"))
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._filter)
        self.tree = self._make_tree()
        self.title = QLabel(self)
        self.edit = QKeySequenceEdit(self)
        self.edit.setMaximumSequenceLength(1)
        self.edit.setMinimumWidth(theme.GRID * 15)
        self.edit.setAccessibleName(self.tr("Press the new keys"))
        self.edit.keySequenceChanged.connect(self._pressed)
        self.say = QLabel(self)
        self.say.setObjectName("research")
        self.say.setWordWrap(True)
        self.say.setTextFormat(Qt.TextFormat.PlainText)
        self._make_buttons()
        self._lay_out()
        self._refresh()
        self.tree.currentItemChanged.connect(lambda: self._show_chosen())
        self.tree.setCurrentItem(self._items()[0])

    # making

    def _make_tree(self) -> QTreeWidget:
        tree = QTreeWidget(self)
        tree.setColumnCount(2)
        tree.setHeaderLabels([self.tr("Action"), self.tr("Keys")])
        tree.setRootIsDecorated(False)
        tree.setItemsExpandable(False)
        tree.setIndentation(16)
        tree.setUniformRowHeights(True)
        for menu in MENUS:
            specs = [spec for spec in ACTIONS if spec.menu == menu]
            if specs:
                top = _heading(tree, plain(translated(menu)))
                for spec in specs:
                    item = QTreeWidgetItem(top, [plain(translated(spec.title)), ""])
                    item.setData(0, _ID, spec.id)
        top = _heading(tree, self.tr("On the image, fixed"))
        for names, _ in FIXED:
            item = QTreeWidgetItem(top, [fixed_use(names[0]), native(names)])
            item.setFlags(Qt.ItemFlag.ItemIsEnabled)
            item.setForeground(1, QColor(theme.QUIET))
        tree.expandAll()
        tree.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        tree.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        tree.header().setStretchLastSection(False)
        return tree

    def _make_buttons(self) -> None:
        self.set = QPushButton(self.tr("Use these keys"), self)
        self.add = QPushButton(self.tr("Add to its keys"), self)
        self.none = QPushButton(self.tr("No keys"), self)
        self.reset = QPushButton(self.tr("Reset"), self)
        self.take = QPushButton(self.tr("Take over"), self)
        self.cancel = QPushButton(self.tr("Cancel"), self)
        self.reset_all = QPushButton(self.tr("Reset all"), self)
        self.close_button = QPushButton(self.tr("Close"), self)
        for button, what in (
            (self.set, lambda: self._use((self._typed(),))),
            (self.add, lambda: self._use((*self._now(), self._typed()))),
            (self.none, lambda: self._use(())),
            (self.reset, lambda: self._use(self._as_it_came())),
            (self.take, self._take_over),
            (self.cancel, self._forget),
            (self.reset_all, self._reset_all),
            (self.close_button, self.close),
        ):
            button.setAutoDefault(False)
            button.clicked.connect(what)

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.GRID)
        grid.setColumnStretch(0, 1)
        grid.addWidget(self.title, 0, 0, 1, 5)
        grid.addWidget(self.edit, 1, 0)
        for place, button in enumerate((self.set, self.add, self.none, self.reset), start=1):
            grid.addWidget(button, 1, place)
        answer = QHBoxLayout()
        answer.setSpacing(theme.GRID)
        answer.addWidget(self.say, 1)
        answer.addWidget(self.take)
        answer.addWidget(self.cancel)
        bottom = QHBoxLayout()
        bottom.addWidget(self.reset_all)
        bottom.addStretch(1)
        bottom.addWidget(self.close_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addWidget(self.search)
        column.addWidget(self.tree, 1)
        column.addLayout(grid)
        column.addLayout(answer)
        column.addLayout(bottom)
        self.resize(720, 640)

    # showing

    def choose(self, action_id: str) -> None:
        """Put the cursor on an action."""
        for item in self._items():
            if item.data(0, _ID) == action_id:
                self.tree.setCurrentItem(item)

    def _items(self) -> list[QTreeWidgetItem]:
        return [item for top in self._tops() for item in _below(top)]

    def _tops(self) -> list[QTreeWidgetItem]:
        tops = [self.tree.topLevelItem(n) for n in range(self.tree.topLevelItemCount())]
        return [top for top in tops if top is not None]

    def _refresh(self) -> None:
        for item in self._items():
            spec = _spec(item)
            if spec is not None:
                item.setText(1, native(self.keys.of(spec)))
                is_mine = spec.id in self.keys.chosen
                item.setForeground(1, QColor(theme.ACCENT if is_mine else theme.TEXT))
                item.setToolTip(1, self.tr("Chosen by you") if is_mine else "")
        self.reset_all.setEnabled(bool(self.keys.chosen))
        self._show_chosen()

    def _show_chosen(self) -> None:
        self._forget()
        with QSignalBlocker(self.edit):
            self.edit.clear()
        spec = self._chosen()
        for part in (self.edit, self.none, self.reset):
            part.setEnabled(spec is not None)
        self._enable_use()
        if spec is None:
            self.title.setText(self.tr("Choose an action to change its keys."))
            return
        now = native(self.keys.of(spec)) or self.tr("no keys")
        text = self.tr("{action}: {keys}. Press the new keys in the field below.")
        self.title.setText(text.format(action=plain(translated(spec.title)), keys=now))
        self.none.setEnabled(bool(self.keys.of(spec)))
        self.reset.setEnabled(self.keys.of(spec) != self._as_it_came())

    def _enable_use(self) -> None:
        typed = self._typed()
        is_new = bool(typed) and self._chosen() is not None
        self.set.setEnabled(is_new)
        self.add.setEnabled(is_new and bool(self._now()) and typed not in self._now())

    def _filter(self, typed: str) -> None:
        for item in self._items():
            spec = _spec(item)
            english = plain(spec.title) if spec is not None else ""
            item.setHidden(not has_words(typed, item.text(0), item.text(1), english))
        for top in self._tops():
            top.setHidden(all(item.isHidden() for item in _below(top)))
        current = self.tree.currentItem()
        if current is None or current.isHidden():  # keys typed now must not go to what is unseen
            shown = (item for item in self._items() if not item.isHidden())
            found = next((item for item in shown if _spec(item) is not None), None)
            self.tree.setCurrentItem(found)  # type: ignore[arg-type]  # None chooses nothing

    # changing

    def _chosen(self) -> ActionSpec | None:
        return _spec(self.tree.currentItem())

    def _now(self) -> tuple[str, ...]:
        spec = self._chosen()
        return self.keys.of(spec) if spec is not None else ()

    def _as_it_came(self) -> tuple[str, ...]:
        spec = self._chosen()
        return tuple(map(portable, spec.shortcuts)) if spec is not None else ()

    def _typed(self) -> str:
        form = QKeySequence.SequenceFormat.PortableText
        return portable(self.edit.keySequence().toString(form))

    def _pressed(self) -> None:
        self._forget()
        self._enable_use()

    def _use(self, keys: tuple[str, ...]) -> None:
        spec = self._chosen()
        if spec is None:
            return
        self._forget()
        for one in keys:
            fixed = fixed_use(one)
            if fixed:
                text = self.tr("{keys} always does this on the image: {use}. Press other keys.")
                self.say.setText(text.format(keys=native([one]), use=fixed))
                return
        others = [(one, self.keys.owner(one)) for one in keys]
        taken = [(one, other) for one, other in others if other is not None and other is not spec]
        if taken:
            text = self.tr("{keys} is used by “{action}”.")
            said = [
                text.format(keys=native([one]), action=plain(translated(other.title)))
                for one, other in taken
            ]
            self.say.setText(" ".join(said))
            self._wanted = keys
            self.take.show()
            self.cancel.show()
            self.take.setFocus()
            return
        self.keys.use(spec, keys)
        self._announce()

    def _take_over(self) -> None:
        spec = self._chosen()
        if spec is not None:
            self.keys.use(spec, self._wanted)
            self._announce()

    def _forget(self) -> None:
        self._wanted = ()
        self.say.clear()
        self.take.hide()
        self.cancel.hide()

    def _reset_all(self) -> None:
        self.keys.reset_all()
        self._announce()

    def _announce(self) -> None:
        self._refresh()
        self.shortcutsChanged.emit(self.keys.kept())


def _heading(tree: QTreeWidget, text: str) -> QTreeWidgetItem:
    top = QTreeWidgetItem(tree, [text])
    top.setFlags(Qt.ItemFlag.ItemIsEnabled)
    top.setForeground(0, QColor(theme.QUIET))
    height = tree.fontMetrics().height() + theme.GRID
    top.setSizeHint(0, QSize(0, height))  # the rows are uniform: so are all others
    return top


def _below(top: QTreeWidgetItem) -> list[QTreeWidgetItem]:
    items = [top.child(n) for n in range(top.childCount())]
    return [item for item in items if item is not None]


def _spec(item: QTreeWidgetItem | None) -> ActionSpec | None:
    name = item.data(0, _ID) if item is not None else None
    return next((spec for spec in ACTIONS if spec.id == name), None)
