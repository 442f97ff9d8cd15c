"""First step: the model to start from, the classes of the new one, and the images."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QComboBox, QFileDialog, QPushButton, QWidget

from stentviewer.core.errors import StentviewerError
from stentviewer.learning.run_folder import RunFolder
from stentviewer.learning.wizard_draft import ModelChoice, SourceKind
from stentviewer.learning.wizard_flow import Step, WizardFlow
from stentviewer.learning.wizard_images import Gathered
from stentviewer.learning.wizard_plan import Plan
from stentviewer.ui import theme
from stentviewer.ui.wizard import work
from stentviewer.ui.wizard.classes import ClassTable
from stentviewer.ui.wizard.images import LabelTable, SourceList
from stentviewer.ui.wizard.offer import GroupOffer
from stentviewer.ui.wizard.page import Page, Room, column, heading, row, words
from stentviewer.ui.wizard.runs import RunChoice

if TYPE_CHECKING:
    from stentviewer.app.unknown_designs import UnknownGroup

_GATHER = "gather"


class ChangePage(Page):
    """What changes. Everything applies at once and can be changed until a run is made of it."""

    step: ClassVar[Step] = Step.CHANGE

    def __init__(self, room: Room, parent: QWidget | None = None) -> None:
        super().__init__(room, parent)
        self.runs = RunChoice(self)
        self.models = QComboBox(self)
        self.models.setAccessibleName(self.tr("Model to start from"))
        self.models.setMinimumWidth(240)
        self.about = words("", self, "quiet")
        self.classes = ClassTable(self)
        self.offer = GroupOffer(self)
        self.sources = SourceList(self)
        self.labels = LabelTable(self)
        self.buttons: dict[SourceKind, QPushButton] = {
            "worklist": QPushButton(self.tr("Labelled on the worklist"), self),
            "folders": QPushButton(self.tr("A folder for each class…"), self),
            "csv": QPushButton(self.tr("A CSV table…"), self),
            "hdf5": QPushButton(self.tr("An HDF5 file…"), self),
        }
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        inside = column(self, theme.GRID)
        inside.addWidget(self.runs)
        inside.addWidget(heading(self.tr("Start from"), self))
        inside.addLayout(row(self.models))
        inside.addWidget(self.about)
        inside.addSpacing(theme.GRID)
        inside.addWidget(heading(self.tr("Classes of the new model"), self))
        inside.addWidget(self.classes)
        inside.addSpacing(theme.GRID)
        inside.addWidget(heading(self.tr("Images to learn from"), self))
        inside.addWidget(
            words(
                self.tr(
                    "Of the new design, and of every class that stays: the model is checked on all "
                    "of them. A table has the columns file and label, and may have patient."
                ),
                self,
                "quiet",
            )
        )
        for button in self.buttons.values():
            button.setAutoDefault(False)
        first, second, third, fourth = self.buttons.values()
        inside.addLayout(row(first, second))
        inside.addLayout(row(third, fourth))
        inside.addWidget(self.offer)
        inside.addWidget(self.sources)
        inside.addWidget(self.labels)
        inside.addStretch(1)

    def _connect(self) -> None:
        self.models.activated.connect(lambda _: self._choose_model())
        self.classes.planned.connect(self._set_plan)
        self.sources.removed.connect(
            lambda number: self._take(lambda: self.flow.remove_source(number))
        )
        self.sources.externalChosen.connect(
            lambda number, on: self._take(lambda: self.flow.set_external(number, on))
        )
        self.sources.problemsWanted.connect(self._show_problems)
        self.labels.counted.connect(
            lambda label, to: self._set_plan(lambda: self.flow.plan.count(label, to))
        )
        self.labels.newWanted.connect(
            lambda label: self._set_plan(lambda: self.flow.plan.add(label))
        )
        self.buttons["worklist"].clicked.connect(lambda: self.gather("worklist", None))
        self.buttons["folders"].clicked.connect(self._ask_folder)
        self.buttons["csv"].clicked.connect(
            lambda: self._ask_file("csv", self.tr("CSV table (*.csv)"))
        )
        self.buttons["hdf5"].clicked.connect(
            lambda: self._ask_file("hdf5", self.tr("HDF5 file (*.h5 *.hdf5)"))
        )
        self.offer.chosen.connect(self.learn_group)
        self.runs.openWanted.connect(self._open_run)
        self.runs.againWanted.connect(lambda: self._take(self.flow.again))
        self.runs.newWanted.connect(lambda: self._take(self.flow.start_over))

    @property
    def title(self) -> str:
        return self.tr("What changes")

    @property
    def subtitle(self) -> str:
        return self.tr("Name the new design and say where its images are.")

    def enter(self, flow: WizardFlow) -> None:
        super().enter(flow)
        self._show()
        self.room.run(
            lambda _: flow.unfinished(),
            self.runs.show_unfinished,
            key="unfinished",
            title=self.tr("Runs"),
        )
        self._ask_groups()

    def commit(self) -> bool:
        return self.flow.is_locked or self.classes.commit()

    def leave(self) -> None:
        self.room.bridge.drop(_GATHER)
        self._show_buttons(busy=False)

    def _show(self) -> None:
        flow = self.flow
        self.runs.show_flow(flow)
        self._show_models()
        self.classes.show_flow(flow)
        self.sources.show_flow(flow)
        self.labels.show_flow(flow)
        self._show_buttons(busy=self.room.bridge.is_running(_GATHER))

    def _show_models(self) -> None:
        flow, chosen = self.flow, self.flow.draft.model
        with QSignalBlocker(self.models):
            self.models.clear()
            for model in flow.models:
                self.models.addItem(self._name(model), model.id)
            here = chosen is not None and chosen.sha256 in {one.sha256 for one in flow.models}
            if chosen is not None and not here:
                self.models.addItem(chosen.name or chosen.id, None)
                self.models.setCurrentIndex(self.models.count() - 1)
            elif chosen is not None:
                self.models.setCurrentIndex(self.models.findData(chosen.id))
        self.models.setEnabled(not flow.is_locked and bool(flow.models))
        self.about.setText(
            self.tr("{network}, {side} px. Learned from: {data}.").format(
                network=chosen.architecture, side=chosen.side, data=chosen.data_source
            )
            if chosen is not None and chosen.data_source
            else ""
        )
        self.about.setVisible(bool(self.about.text()))

    def _name(self, model: ModelChoice) -> str:
        name = f"{model.name} {model.version} · {model.id}-{model.sha256[:8]}"
        return self.tr("{model} (in use)").format(model=name) if model.in_force else name

    def _show_buttons(self, *, busy: bool) -> None:
        free = self._flow is not None and not self.flow.is_locked and not busy
        for button in self.buttons.values():
            button.setEnabled(free)
        self.buttons["worklist"].setEnabled(free and self.room.desk.has_session)

    # changes

    def _take(self, change: Callable[[], object]) -> None:
        self.apply(change)
        if self.flow.step == self.step:  # also where it was refused: what was written goes back
            self._show()

    def _set_plan(self, plan: Callable[[], Plan]) -> None:
        self._take(lambda: self.flow.set_plan(plan()))

    def _choose_model(self) -> None:
        model_id = self.models.currentData()
        if model_id:
            self._take(lambda: self.flow.choose_model(model_id))

    def _show_problems(self, number: int) -> None:
        self.room.say([problem.message for problem in self.flow.problems.get(number, ())])

    # images

    def _ask_folder(self) -> None:
        dialog = self._dialog(
            self.tr("A folder of images for each class"), QFileDialog.FileMode.Directory
        )
        dialog.fileSelected.connect(lambda name: self.gather("folders", Path(name)))
        dialog.open()

    def _ask_file(self, kind: SourceKind, filters: str) -> None:
        dialog = self._dialog(self.tr("Images to learn from"), QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilter(filters)
        dialog.fileSelected.connect(lambda name: self.gather(kind, Path(name)))
        dialog.open()

    def _dialog(self, title: str, mode: QFileDialog.FileMode) -> QFileDialog:
        dialog = QFileDialog(self.window(), title)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(mode)
        return dialog

    def gather(self, kind: SourceKind, place: Path | None) -> None:
        """Look for the images there, beside the window; the worklist's need no place."""
        session = self.room.session if kind == "worklist" else None

        def take(found: Gathered) -> None:
            self._show_buttons(busy=False)
            self._take(lambda: self.flow.add_source(kind, place, found))

        self._show_buttons(busy=True)
        self.room.run(
            lambda context: work.gather(kind, place, session, context),
            take,
            failed=lambda _: self._show_buttons(busy=False),
            key=_GATHER,
            title=self.tr("Looking for images"),
        )

    def _ask_groups(self) -> None:
        """Images that were read as unknown and look like one design; none is no matter."""
        if not self.room.desk.has_session:
            return
        session = self.room.session

        def show(groups: tuple[UnknownGroup, ...]) -> None:
            self.offer.show_groups(() if self.flow.is_locked else groups)

        self.room.bridge.run(
            lambda _: work.unknown_groups(session),
            show,
            lambda error: isinstance(error, StentviewerError),  # without a model there are none
            key="groups",
            title=self.tr("Looking for images"),
        )

    def learn_group(self, group: UnknownGroup) -> None:
        """Its images as those of a new design, to be given its name above."""
        flow, session = self.flow, self.room.session
        if flow.is_locked:
            self.room.say([self.tr("A run was made of these choices. Begin another one first.")])
            return
        name, number = self.tr("New design"), 2
        while not flow.plan.is_free(name):
            name, number = self.tr("New design {n}").format(n=number), number + 1

        def take(found: Gathered) -> None:
            self._show_buttons(busy=False)

            def change() -> None:
                flow.add_source("worklist", Path(name), found)
                flow.set_plan(flow.plan.add(name))

            if self.apply(change):
                self.offer.take(group)
            if flow.step == self.step:
                self._show()

        self._show_buttons(busy=True)
        self.room.run(
            lambda context: work.images_of(session, group, name, context),
            take,
            failed=lambda _: self._show_buttons(busy=False),
            key=_GATHER,
            title=self.tr("Looking for images"),
        )

    def _open_run(self, run: RunFolder) -> None:
        flow = self.flow
        models = flow.models

        def done(kept: work.Kept) -> None:
            self._take(lambda: flow.open_run(run, kept))

        self.room.run(
            lambda _: work.draft_of(run, models),
            done,
            key="open run",
            title=self.tr("Opening the run"),
        )
