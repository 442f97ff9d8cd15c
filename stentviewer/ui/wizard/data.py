"""Second step: are the images fit to learn from, and which are held back."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QCheckBox, QPushButton, QSpinBox, QWidget

from stentviewer.core.types import Box
from stentviewer.learning.fitness import Finding, Fitness, joined
from stentviewer.learning.fitness_curve import ClassCurve
from stentviewer.learning.selection import Item
from stentviewer.learning.wizard_draft import key_of
from stentviewer.learning.wizard_flow import Step, WizardFlow
from stentviewer.ui import theme
from stentviewer.ui.wizard import work
from stentviewer.ui.wizard.classes import WholeTable
from stentviewer.ui.wizard.findings import FindingList
from stentviewer.ui.wizard.more import MoreImages
from stentviewer.ui.wizard.page import Page, Room, column, heading, row, words
from stentviewer.ui.wizard.preview import MOST, SIDE, PreviewDialog
from stentviewer.ui.wizard.sharpness import SharpnessPlot

_CHECK, _PREVIEW, _HOLD, _CURVE = "check", "preview", "hold back", "curve"
_SHARE = 20  # percent, where a person wants some held back


class DataPage(Page):
    """Checks by itself when it is entered with images that were not looked at yet."""

    step: ClassVar[Step] = Step.DATA

    def __init__(self, room: Room, parent: QWidget | None = None) -> None:
        super().__init__(room, parent)
        self.checked: work.Checked | None = None
        self.summary = words("", self)
        self.again = QPushButton(self.tr("Look again"), self)
        self.as_they_came = QPushButton(self.tr("Undo all masks and omissions"), self)
        self.findings = FindingList(self)
        self.counts = WholeTable(
            [
                self.tr("Class"),
                self.tr("Images"),
                self.tr("Patients"),
                self.tr("Held back"),
                self.tr("Elsewhere"),
            ],
            (1, 2, 3, 4),
            self,
        )
        self.counts.setAccessibleName(self.tr("Images of each class"))
        self.more_heading = heading(self.tr("Would more images help?"), self)
        self.more = MoreImages(self)
        self.plot_heading = heading(self.tr("Sharpness"), self)
        self.plot = SharpnessPlot(self)
        self.hold = QCheckBox(self.tr("Hold back patients as this site's test set"), self)
        self.share = QSpinBox(self)
        self.share.setRange(5, 50)
        self.share.setValue(_SHARE)
        self.share.setSuffix(" %")
        self.share.setKeyboardTracking(False)
        self.share.setAccessibleName(self.tr("Share of the patients to hold back"))
        self.held = words("", self, "quiet")
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        inside = column(self)
        inside.addWidget(self.summary)
        for button in (self.again, self.as_they_came):
            button.setAutoDefault(False)
        inside.addLayout(row(self.again, self.as_they_came))
        inside.addWidget(self.findings)
        inside.addSpacing(theme.GRID)
        inside.addWidget(heading(self.tr("Images of each class"), self))
        inside.addWidget(self.counts)
        inside.addSpacing(theme.GRID)
        inside.addWidget(heading(self.tr("Frozen test set"), self))
        inside.addLayout(row(self.hold, self.share))
        inside.addWidget(self.held)
        inside.addSpacing(theme.GRID)
        inside.addWidget(self.more_heading)
        inside.addWidget(self.more)
        inside.addSpacing(theme.GRID)
        inside.addWidget(self.plot_heading)
        inside.addWidget(self.plot)
        inside.addStretch(1)

    def _connect(self) -> None:
        self.again.clicked.connect(self.check)
        self.more.wanted.connect(self.find_curves)
        self.as_they_came.clicked.connect(self._take_back)
        self.findings.maskWanted.connect(self._ask_masks)
        self.findings.joinWanted.connect(self._join)
        self.findings.leaveOutWanted.connect(self._leave_out)
        self.findings.showWanted.connect(self._show_images)
        self.hold.toggled.connect(lambda _: self._hold_back())
        self.share.valueChanged.connect(lambda _: self._hold_back())

    @property
    def title(self) -> str:
        return self.tr("Is the data fit?")

    @property
    def subtitle(self) -> str:
        return self.tr("What could spoil the model or flatter it, and what to do about it.")

    def enter(self, flow: WizardFlow) -> None:
        super().enter(flow)
        with QSignalBlocker(self.hold):
            self.hold.setChecked(bool(flow.draft.held_back))
        self._show()
        if not flow.is_locked and not (flow.is_checked and self.checked is not None):
            self.check()

    def leave(self) -> None:
        for key in (_CHECK, _PREVIEW, _HOLD, _CURVE):
            self.room.bridge.drop(key)

    # looking

    def check(self) -> None:
        """Look at the images beside the window; it can be cancelled and is quick a second time."""
        flow, place, catalog = self.flow, self.room.place, self.room.session.catalog
        items, plan = flow.items(), self._planned()

        def take(found: work.Checked) -> None:
            self.checked = found
            stops = [one.text for one in found.fitness.findings if one.severity == "stop"]
            flow.take_check(items, stops[0] if stops else "", found.frozen)
            self._show()
            self.changed.emit()

        self.checked = None
        self.room.bridge.drop(_CURVE)
        self.more.clear()
        self._show(is_looking=True)
        self.room.run(
            lambda context: work.check(items, plan, place, catalog, context),
            take,
            failed=lambda _: self._show(),
            key=_CHECK,
            title=self.tr("Looking at the images"),
        )

    def _planned(self) -> work.Planned:
        flow, recipe = self.flow, self.flow.recipe()
        return work.Planned(flow.plan.names, flow.plan.new, flow.folds, recipe.side, recipe.seed)

    def find_curves(self) -> None:
        """Read every image with the start model, and say whether more of them would help."""
        flow, model = self.flow, self.flow.draft.model
        if model is None:
            return
        items, plan, model_id = flow.items(), self._planned(), model.id
        place, catalog = self.room.place, self.room.session.catalog
        ready = self.more.ask.setEnabled
        ready(False)

        def take(found: tuple[ClassCurve, ...]) -> None:
            ready(True)
            self.more.show_curves(found, plan.new)

        self.room.run(
            lambda context: work.curves(items, plan, model_id, place, catalog, context),
            take,
            failed=lambda _: ready(True),
            key=_CURVE,
            title=self.tr("Reading images with the start model"),
        )

    def _show(self, *, is_looking: bool = False) -> None:
        flow, found = self.flow, self.checked
        self.summary.setText(self._summary(is_looking))
        self.again.setEnabled(not is_looking and not flow.is_locked)
        draft = flow.draft
        self.as_they_came.setVisible(bool(draft.masks or draft.left_out or draft.joined))
        self.as_they_came.setEnabled(not is_looking and not flow.is_locked)
        if found is None:
            self.findings.clear()
        else:
            self.findings.show_findings(found.fitness, can_change=not flow.is_locked)
            self.plot.show_histogram(found.sharpness)
        for part in (self.plot, self.plot_heading, self.more, self.more_heading):
            part.setVisible(found is not None)
        self.more.ask.setEnabled(not self.room.bridge.is_running(_CURVE))
        self._show_counts()
        self._show_held()

    def _summary(self, is_looking: bool) -> str:
        flow, found = self.flow, self.checked
        if is_looking:
            return self.tr("Looking at {n} images…").format(n=f"{len(flow.items()):,}")
        if found is None:
            return self.tr("The images have not been looked at yet.") if not flow.is_locked else ""
        stops = sum(one.severity == "stop" for one in found.fitness.findings)
        warns = sum(one.severity == "warn" for one in found.fitness.findings)
        images = f"{found.fitness.images:,}"
        if stops:
            text = self.tr("{images} images looked at. To be put right before a run: {n}.")
            return text.format(images=images, n=stops)
        if warns:
            text = self.tr("{images} images looked at. What would make the result doubtful: {n}.")
            return text.format(images=images, n=warns)
        return self.tr(
            "{images} images looked at. Nothing stands against learning from them."
        ).format(images=images)

    def _show_counts(self) -> None:
        counts = self.flow.counts()
        self.counts.setRowCount(0)
        self.counts.setRowCount(len(counts))
        for line, one in enumerate(counts):
            numbers = (one.images, one.patients, one.test, one.external)
            self.counts.put(line, [one.name, *(f"{n:,}" for n in numbers)])
        self.counts.updateGeometry()

    # putting right

    def _key(self, number: int) -> str:
        assert self.checked is not None
        return key_of(self.checked.items[number])

    def _masks(self) -> dict[int, tuple[Box, ...]]:
        return dict(self.checked.fitness.masks) if self.checked is not None else {}

    def _ask_masks(self) -> None:
        """Show what would be masked; nothing is masked unseen."""
        masks = self._masks()
        self._preview(list(masks), masks)

    def _show_images(self, finding: Finding) -> None:
        self._preview(list(finding.items), {})

    def _preview(self, numbers: list[int], masks: dict[int, tuple[Box, ...]]) -> None:
        assert self.checked is not None
        items = self.checked.items
        step = max(1, len(numbers) // MOST)
        chosen: list[tuple[Item, tuple[Box, ...]]] = [
            (items[number], masks.get(number, ())) for number in numbers[::step][:MOST]
        ]

        def show(found: list[work.Preview]) -> None:
            dialog = PreviewDialog(found, len(numbers), len(masks), self.window())
            dialog.maskWanted.connect(self._mask)
            dialog.open()

        self.room.run(
            lambda context: work.preview(chosen, SIDE, context),
            show,
            key=_PREVIEW,
            title=self.tr("Reading images"),
        )

    def _mask(self) -> None:
        boxes = {self._key(number): found for number, found in self._masks().items()}
        if self.apply(lambda: self.flow.mask(boxes)):
            self.check()

    def _join(self) -> None:
        if self.checked is not None:
            one_each = _joined(self.checked.items, self.checked.fitness)
            if self.apply(lambda: self.flow.join(one_each)):
                self.check()

    def _leave_out(self, finding: Finding) -> None:
        keys = [self._key(number) for number in finding.items]
        if self.apply(lambda: self.flow.leave_out(keys)):
            self.check()

    def _take_back(self) -> None:
        if self.apply(self.flow.take_back):
            self.check()

    # holding back

    def _hold_back(self) -> None:
        flow = self.flow
        if not self.hold.isChecked():
            if flow.draft.held_back:
                self.apply(lambda: flow.hold_back([]))
            self._after_holding()
            return
        items, names, share = flow.items(), flow.plan.names, self.share.value() / 100
        seed = flow.draft.details.seed

        def take(patients: list[str]) -> None:
            self.apply(lambda: flow.hold_back(patients))
            self._after_holding()

        self.room.run(
            lambda _: work.hold_back(items, names, share, seed),
            take,
            key=_HOLD,
            title=self.tr("Choosing patients"),
        )

    def _after_holding(self) -> None:
        self._show_counts()
        self._show_held()

    def _show_held(self) -> None:
        flow = self.flow
        held = [item for item in flow.items() if item.patient in flow.draft.held_back]
        for widget in (self.hold, self.share):
            widget.setEnabled(not flow.is_locked)
        said = []
        if held:
            patients = len({item.patient for item in held})
            text = self.tr(
                "Images: {images}, of {patients} patients. Once the run begins they are frozen: no "
                "model made here ever learns from them, and each is tested on them."
            )
            said.append(text.format(images=len(held), patients=patients))
        elif not self.hold.isChecked():
            said.append(
                self.tr(
                    "A model can only be compared with the one in use on images that neither has "
                    "learned from."
                )
            )
        if self.checked is not None and self.checked.set_size:
            text = self.tr("Frozen here before: {n} images.")
            said.append(text.format(n=f"{self.checked.set_size:,}"))
        self.held.setText(" ".join(said))


def _joined(items: tuple[Item, ...], fitness: Fitness) -> dict[str, str]:
    after = joined(items, fitness)
    return {
        one.patient: other.patient
        for one, other in zip(items, after, strict=True)
        if one.patient != other.patient
    }
