"""What departs from a method's own way, behind a switch: most people never need it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QComboBox,
    QDoubleSpinBox,
    QFileDialog,
    QFormLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QToolButton,
    QWidget,
)

from stentviewer.learning.recipe import Optimise, preset
from stentviewer.learning.wizard_draft import Details
from stentviewer.learning.wizard_flow import WizardFlow
from stentviewer.learning.wizard_recipe import is_transformer, network_of, usual_side
from stentviewer.ui import theme
from stentviewer.ui.settings_dialog import leave_wheel
from stentviewer.ui.wizard.page import column, row, words

NETWORKS = {
    "tf_efficientnet_lite0": "EfficientNet-Lite0",
    "efficientnet_b0": "EfficientNet-B0",
    "tf_efficientnetv2_m": "EfficientNetV2-M",
    "resnet50d": "ResNet-50d",
    "resnet152": "ResNet-152",
    "densenet201": "DenseNet-201",
    "mobilenetv3_large_100": "MobileNetV3",
    "deit_base_patch16_224": "DeiT-B",
    "alexnet": "AlexNet",
}
_WIDTH = 240


class DetailsBox(QWidget):
    """A switch, and below it the choices while it is on. "Usual" is what the method does."""

    changed = Signal(object)  # Details
    named = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._details = Details()
        self.switch = QToolButton(self)
        self.switch.setText(self.tr("Details"))
        self.switch.setCheckable(True)
        self.switch.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.switch.setArrowType(Qt.ArrowType.RightArrow)
        self.panel = QWidget(self)
        self.panel.hide()
        self.name = QLineEdit(self.panel)
        self.network = QComboBox(self.panel)
        self.network.setEditable(True)
        self.network.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.network.addItem("", "")
        for network, title in NETWORKS.items():
            self.network.addItem(f"{title} ({network})", network)
        self.weights = QPushButton(self.panel)
        self.weights.setAutoDefault(False)
        self.folds = _number(self.panel, 1, 20)
        self.side = _number(self.panel, 0, 4096, " px", 32)
        self.epochs = _number(self.panel, 0, 10_000)
        self.frozen = _number(self.panel, -5, 100, " %", 5)
        self.decay = QDoubleSpinBox(self.panel)
        self.decay.setRange(0.0, 1.0)
        self.decay.setSingleStep(0.05)
        self.lora = _number(self.panel, 0, 256, step=4)
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        form = QFormLayout(self.panel)
        form.setContentsMargins(theme.GRID, 0, 0, 0)
        form.setHorizontalSpacing(theme.GRID * 2)
        form.setVerticalSpacing(theme.GRID)
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        self.labels: dict[QWidget, QLabel] = {}
        for text, control, hint in (
            (self.tr("Name of the run"), self.name, ""),
            (
                self.tr("Network"),
                self.network,
                self.tr("The start model's own, or another by timm's name with ImageNet weights."),
            ),
            (self.tr("Its weights"), self.weights, self.tr("A safetensors file; never a pickle.")),
            (
                self.tr("Folds"),
                self.folds,
                self.tr("Whole patients: each fold checks what the others have learned."),
            ),
            (self.tr("Image size"), self.side, ""),
            (self.tr("Epochs"), self.epochs, ""),
            (
                self.tr("Freeze up to"),
                self.frozen,
                self.tr("Share of the stages that stay as they are; 100 % is feature extraction."),
            ),
            (
                self.tr("Rate per stage"),
                self.decay,
                self.tr("Each stage learns at this share of the next one's rate; 1 is all alike."),
            ),
            (
                self.tr("LoRA rank"),
                self.lora,
                self.tr("Low-rank updates to a transformer's attention; 0 is none."),
            ),
        ):
            label = QLabel(text, self.panel)
            label.setBuddy(control)
            control.setAccessibleName(text)
            control.setToolTip(hint)
            control.setFixedWidth(_WIDTH)
            control.setMinimumHeight(30)
            leave_wheel(control)
            if isinstance(control, QAbstractSpinBox):
                control.setKeyboardTracking(False)
            form.addRow(label, control)
            self.labels[control] = label
        self.note = words("", self.panel, "quiet")
        form.addRow(self.note)
        inside = column(self)
        inside.addLayout(row(self.switch))
        inside.addWidget(self.panel)

    def _connect(self) -> None:
        self.switch.toggled.connect(self._open)
        self.name.editingFinished.connect(lambda: self.named.emit(self.name.text()))
        self.network.activated.connect(lambda _: self._choose_network())
        line = self.network.lineEdit()
        if line is not None:
            line.editingFinished.connect(self._choose_network)
        self.weights.clicked.connect(self._ask_weights)
        self.folds.valueChanged.connect(lambda n: self._set(folds=n if n >= 2 else None))
        self.side.valueChanged.connect(lambda n: self._set(side=max(n, 32) if n else None))
        self.epochs.valueChanged.connect(lambda n: self._set(epochs=n or None))
        self.frozen.valueChanged.connect(lambda n: self._set(frozen=n / 100 if n >= 0 else None))
        self.decay.valueChanged.connect(lambda v: self._set(layer_decay=v or None))
        self.lora.valueChanged.connect(lambda n: self._set(lora=n or None))

    def _open(self, on: bool) -> None:
        self.panel.setVisible(on)
        self.switch.setArrowType(Qt.ArrowType.DownArrow if on else Qt.ArrowType.RightArrow)

    def show_flow(self, flow: WizardFlow) -> None:
        """What is chosen, and what is usual for the method."""
        self._details = details = flow.draft.details
        draft, usual = flow.draft, preset(flow.draft.method, flow.draft.thorough)
        optimise = usual.get("optimise", Optimise())
        with QSignalBlocker(self.name):
            self.name.setText(draft.name)
            self.name.setPlaceholderText(flow.run_name)
        self._show_network(flow)
        quick = draft.method == "quick"
        keeps = quick and not details.network
        side = usual_side(draft)
        for box, value, text in (
            (self.folds, details.folds or 1, self.tr("usual: {n}").format(n=flow.folds)),
            (self.side, details.side or 0, self.tr("usual: {n} px").format(n=side)),
            (self.epochs, details.epochs or 0, self.tr("usual: {n}").format(n=usual.get("epochs"))),
            (
                self.frozen,
                -5 if details.frozen is None else round(details.frozen * 100),
                self.tr("usual: {n} %").format(n=round(optimise.frozen * 100)),
            ),
            (self.lora, details.lora or 0, self.tr("none")),
        ):
            with QSignalBlocker(box):
                box.setSpecialValueText(text)
                box.setValue(value)
        with QSignalBlocker(self.decay):
            self.decay.setSpecialValueText(self.tr("usual: {n}").format(n=optimise.layer_decay))
            self.decay.setValue(details.layer_decay or 0)
        for control in (self.epochs, self.frozen, self.decay):
            self._show_row(control, not quick)
        self._show_row(self.side, not keeps)
        self._show_row(self.lora, not quick and is_transformer(network_of(draft)))
        self.note.setText(
            self.tr("The classes of the new model begin without the start model's knowledge.")
            if details.network
            else ""
        )
        self.note.setVisible(bool(details.network))
        self.panel.setEnabled(not flow.is_locked)

    def _show_network(self, flow: WizardFlow) -> None:
        details, model = self._details, flow.draft.model
        own = model.architecture if model is not None else ""
        with QSignalBlocker(self.network):
            text = self.tr("as it is: {network}").format(network=own)
            self.network.setItemText(0, text)
            place = self.network.findData(details.network)
            self.network.setCurrentIndex(place)
            if place < 0:
                self.network.setEditText(details.network)
            line = self.network.lineEdit()
            if line is not None:
                line.setCursorPosition(0)
        packaged = details.network in ("", "tf_efficientnet_lite0")
        file = details.weights.name if details.weights is not None else ""
        missing = self.tr("ImageNet, installed") if packaged else self.tr("Choose a file…")
        self.weights.setText((file or missing).replace("&", "&&"))
        self._show_row(self.weights, bool(details.network))

    def _show_row(self, control: QWidget, on: bool) -> None:
        control.setVisible(on)
        self.labels[control].setVisible(on)

    def commit(self) -> None:
        """Take what is being written."""
        self.named.emit(self.name.text())

    def _choose_network(self) -> None:
        typed = self.network.currentText().strip()
        place = self.network.findText(typed)
        name = str(self.network.itemData(place)) if place >= 0 else typed
        if name != self._details.network:
            self._set(network=name, weights=None)

    def _ask_weights(self) -> None:
        dialog = QFileDialog(self.window(), self.tr("Weights of the network"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilter(self.tr("safetensors file (*.safetensors)"))
        dialog.fileSelected.connect(lambda name: self._set(weights=Path(name)))
        dialog.open()

    def _set(self, **changes: object) -> None:
        made = self._details.model_copy(update=changes)
        if made != self._details:
            self.changed.emit(made)


def _number(parent: QWidget, low: int, high: int, unit: str = "", step: int = 1) -> QSpinBox:
    box = QSpinBox(parent)
    box.setRange(low, high)
    box.setSuffix(unit)
    box.setSingleStep(step)
    return box
