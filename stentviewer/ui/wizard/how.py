"""Third step: which way to learn, and what each takes on this computer."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import ClassVar

from PySide6.QtWidgets import QPushButton, QWidget

from stentviewer.core.errors import Cancelled, StentviewerError
from stentviewer.learning.recipe import Recipe
from stentviewer.learning.run_folder import RunFolder
from stentviewer.learning.wizard_draft import Details
from stentviewer.learning.wizard_flow import Step, WizardFlow
from stentviewer.learning.wizard_recipe import recipe_of
from stentviewer.ui import theme
from stentviewer.ui.i18n import say
from stentviewer.ui.wizard import work
from stentviewer.ui.wizard.details import DetailsBox
from stentviewer.ui.wizard.measuring import Measured, measure
from stentviewer.ui.wizard.page import Page, Room, column, row
from stentviewer.ui.wizard.ways import Way, WayList, cost_text

_MEASURE, _MAKE = "measure", "make run"


class HowPage(Page):
    """Quick is chosen at first. What each way takes is measured one after the other."""

    step: ClassVar[Step] = Step.HOW

    def __init__(self, room: Room, parent: QWidget | None = None) -> None:
        super().__init__(room, parent)
        self.ways = WayList(self)
        self.measure_all = QPushButton(self.tr("Measure"), self)
        self.stop = QPushButton(self.tr("Stop measuring"), self)
        self.details = DetailsBox(self)
        self._measured: dict[str, Measured | str] = {}  # by what was measured; or why it failed
        self._waiting: list[Way] = []
        self._now: Way | None = None
        inside = column(self, theme.GRID)
        inside.addWidget(self.ways)
        for button in (self.measure_all, self.stop):
            button.setAutoDefault(False)
        inside.addLayout(row(self.measure_all, self.stop))
        inside.addSpacing(theme.GRID)
        inside.addWidget(self.details)
        inside.addStretch(1)
        self.ways.chosen.connect(self._choose)
        self.measure_all.clicked.connect(self.measure)
        self.stop.clicked.connect(self.stop_measuring)
        self.details.changed.connect(self._set_details)
        self.details.named.connect(self._name)

    @property
    def title(self) -> str:
        return self.tr("How")

    @property
    def subtitle(self) -> str:
        return self.tr(
            "Quick needs no GPU. Each way is checked on the same folds of whole patients."
        )

    @property
    def next_title(self) -> str:
        return self.tr("Continue") if self.flow.is_locked else self.tr("Start learning")

    def enter(self, flow: WizardFlow) -> None:
        super().enter(flow)
        self._show()
        if not flow.is_locked and not self._measured:
            self.measure()

    def commit(self) -> bool:
        if not self.flow.is_locked:
            self.details.commit()
        return True

    def leave(self) -> None:
        self.stop_measuring()

    def _show(self) -> None:
        flow = self.flow
        self.ways.show_chosen(flow.draft.method, flow.draft.thorough)
        for way, block in self.ways.blocks.items():
            block.set_trouble(say(flow.why_not_method(way.method)))
            block.set_cost(self._cost(way))
            if flow.is_locked:
                block.button.setEnabled(False)
        self.details.show_flow(flow)
        self.measure_all.setEnabled(not flow.is_locked and self._now is None)
        self.stop.setEnabled(self._now is not None)

    # choosing

    def _choose(self, way: Way) -> None:
        self._change(lambda: self.flow.set_method(way.method, way.thorough))

    def _set_details(self, details: Details) -> None:
        self._change(lambda: self.flow.set_details(details))

    def _name(self, name: str) -> None:
        if " ".join(name.split()) != self.flow.draft.name:
            self._change(lambda: self.flow.set_name(name))

    def _change(self, change: Callable[[], object]) -> None:
        self.apply(change)
        self._show()

    # measuring

    def _recipe(self, way: Way) -> Recipe | None:
        """As it would be that way; None where the choices do not go together."""
        flow = self.flow
        update = {"method": way.method, "thorough": way.thorough}
        try:
            return recipe_of(flow.draft.model_copy(update=update), flow.folds)
        except ValueError:
            return None

    def _key(self, recipe: Recipe) -> str:
        """What stands for a run that was measured: its name is no part of it."""
        held = hashlib.sha256(recipe.model_dump_json(exclude={"name"}).encode())
        for item in self.flow.items():
            held.update(repr(item).encode())
        return held.hexdigest()

    def _cost(self, way: Way) -> str:
        recipe = self._recipe(way)
        if recipe is None:
            return self.tr("These choices do not fit each other.")
        if way == self._now:
            return self.tr("Measuring…")
        found = self._measured.get(self._key(recipe))
        if isinstance(found, Measured):
            return cost_text(found)
        if isinstance(found, str):
            return say(found)
        if way in self._waiting:
            return self.tr("Waits to be measured.")
        return self.tr("Not measured with these choices.")

    def measure(self) -> None:
        """Measure every way that is possible and was not measured with these choices yet."""
        self._waiting = [
            way
            for way in self.ways.blocks
            if not self.flow.why_not_method(way.method)
            and (recipe := self._recipe(way)) is not None
            and not isinstance(self._measured.get(self._key(recipe)), Measured)
        ]
        self._measure_next()

    def _measure_next(self) -> None:
        if self._now is not None or not self._waiting:
            self._show()
            return
        self._now = way = self._waiting.pop(0)
        recipe, items, place = self._recipe(way), self.flow.items(), self.room.place
        if recipe is None:
            self._now = None
            self._measure_next()
            return
        key = self._key(recipe)

        def end(found: Measured | str) -> None:
            self._measured[key] = found
            self._now = None
            self._measure_next()

        def failed(error: BaseException) -> bool:
            if isinstance(error, StentviewerError):
                end(str(error))
            else:
                self._waiting, self._now = [], None
                self._show()
            return isinstance(error, StentviewerError | Cancelled)

        self._show()
        self.room.bridge.run(
            lambda context: measure(recipe, items, place, context),
            end,
            failed,
            key=_MEASURE,
            title=self.tr("Measuring"),
        )

    def stop_measuring(self) -> None:
        """What was measured so far stays."""
        self._waiting, self._now = [], None
        self.room.bridge.drop(_MEASURE)
        if self._flow is not None:
            self._show()

    # starting

    def proceed(self) -> None:
        """Write the run down; it begins on the next page."""
        flow = self.flow
        if flow.is_locked:
            super().proceed()
            return
        self.stop_measuring()
        catalog, by = self.room.session.catalog, self.room.session.reader
        why = self.tr("held back by the run “{name}”").format(name=flow.run_name)
        make = flow.making(
            datetime.now().astimezone(),
            lambda items: work.freeze_and_keep_apart(items, by, why, catalog),
        )

        def take(run: RunFolder) -> None:
            flow.take_run(run)
            self.changed.emit()

        self.room.run(
            lambda _: make(), take, key=_MAKE, title=self.tr("Preparing the run"), ordered=True
        )
