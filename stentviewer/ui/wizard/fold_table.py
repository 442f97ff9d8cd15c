"""The folds of a run and its final model: which is done, and how it answers."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from stentviewer.learning.events import FoldDone
from stentviewer.learning.run_progress import FINAL, RunProgress
from stentviewer.ui.wizard.classes import WholeTable


class FoldTable(WholeTable):
    """A row a fold, the final model last. Accuracy and F1 are on patients it had not seen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        translate = QCoreApplication.translate
        titles = [
            translate("FoldTable", "Fold"),
            translate("FoldTable", "State"),
            translate("FoldTable", "Accuracy"),
            translate("FoldTable", "F1"),
        ]
        super().__init__(titles, (2, 3), parent)
        self.setAccessibleName(self.tr("Folds"))
        self.hide()

    def show_folds(self, progress: RunProgress | None, folds: int, *, has_final: bool) -> None:
        """All folds there will be, also those that wait."""
        numbers = [*range(1, folds + 1), *([FINAL] if has_final else [])]
        self.setRowCount(len(numbers))
        for line, number in enumerate(numbers):
            name = str(number) if number != FINAL else self.tr("Final model")
            done = self._done(progress, number)
            scores = (f"{done.accuracy:.3f}", f"{done.f1:.3f}") if done else ("", "")
            self.put(line, [name, self._state(progress, number), *scores])
        self.setVisible(bool(numbers))
        self.updateGeometry()

    def _done(self, progress: RunProgress | None, number: int) -> FoldDone | None:
        fold = progress.folds.get(number) if progress is not None else None
        return fold.done if fold is not None else None

    def _state(self, progress: RunProgress | None, number: int) -> str:
        if progress is None:
            return ""
        fold = progress.folds.get(number)
        if progress.state == "done" or (fold is not None and fold.done is not None):
            return self.tr("done")
        if fold is None or not fold.epochs:
            return ""
        return self.tr("epoch {epoch} of {epochs}").format(epoch=fold.epoch, epochs=fold.epochs)
