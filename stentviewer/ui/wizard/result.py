"""Fifth step: what the run found out, as a page, and as HTML or PDF for others."""

from __future__ import annotations

import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QComboBox, QFileDialog, QPushButton, QWidget

from stentviewer.core.errors import KnownError
from stentviewer.core.sentences import sentence
from stentviewer.learning.gallery import Shown, read_gallery
from stentviewer.learning.result import Result, read_result
from stentviewer.learning.run_folder import RunFolder
from stentviewer.learning.wizard_flow import Step, WizardFlow
from stentviewer.ui import theme
from stentviewer.ui.i18n import say
from stentviewer.ui.wizard.blocks import Drawn, ReportView, drawn
from stentviewer.ui.wizard.page import Page, Room, column, row, words

_READ, _SAVE = "result", "save report"
_Kind = Literal["html", "pdf"]


@dataclass(frozen=True, eq=False)
class _Found:
    result: Result
    gallery: tuple[Shown, ...]
    made: tuple[Drawn, ...]


class ResultPage(Page):
    """Read and drawn beside the window when it is entered with another run."""

    step: ClassVar[Step] = Step.RESULT

    def __init__(self, room: Room, parent: QWidget | None = None) -> None:
        super().__init__(room, parent)
        self._found: _Found | None = None
        self._found_of: tuple[RunFolder, int] | None = None
        self.state = words("", self, "quiet")
        self.save_pdf = QPushButton(self.tr("Save as PDF…"), self)
        self.save_html = QPushButton(self.tr("Save as HTML…"), self)
        self.save_pdf.clicked.connect(lambda: self._ask_file("pdf"))
        self.save_html.clicked.connect(lambda: self._ask_file("html"))
        self.sections = QComboBox(self)
        self.sections.setAccessibleName(self.tr("Go to a part of the result"))
        self.sections.activated.connect(self._go_to)
        self.view = ReportView(self)
        for button in (self.save_pdf, self.save_html):
            button.setAutoDefault(False)
        inside = column(self)
        inside.addWidget(self.state)
        inside.addLayout(row(self.save_pdf, self.save_html, self.sections))
        inside.addWidget(self.view)
        inside.addStretch(1)

    @property
    def title(self) -> str:
        return self.tr("Result")

    @property
    def subtitle(self) -> str:
        return self.flow.run_name if self._flow is not None else ""

    def enter(self, flow: WizardFlow) -> None:
        super().enter(flow)
        run = flow.run
        if run is None:
            return
        now = (run, _stamp(run.result))
        if self._found is not None and self._found_of == now:
            return
        self._found = self._found_of = None
        self.view.show_blocks([])
        self._show(self.tr("Opening the result…"))
        dark = theme.current().is_dark

        def take(found: _Found) -> None:
            self._found, self._found_of = found, now
            self.view.show_blocks(found.made)
            self._show("")

        self.room.run(
            lambda _: _read(run, dark=dark),
            take,
            failed=lambda _: self._show(self.tr("The result cannot be shown.")),
            key=_READ,
            title=self.tr("Opening the result"),
        )

    def leave(self) -> None:
        self.room.bridge.drop(_READ)

    def _show(self, state: str) -> None:
        self.state.setText(state)
        self.state.setVisible(bool(state))
        for button in (self.save_pdf, self.save_html, self.sections):
            button.setVisible(self._found is not None)
        with QSignalBlocker(self.sections):
            self.sections.clear()
            self.sections.addItem(self.tr("Go to…"))
            self.sections.addItems(list(self.view.sections))

    def _go_to(self, place: int) -> None:
        if place > 0:
            self.view.go_to(self.sections.itemText(place))
            self.sections.setCurrentIndex(0)

    # saving

    def _ask_file(self, kind: _Kind) -> None:
        dialog = QFileDialog(self.window(), self.tr("Save the report"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(kind)
        filters = {"pdf": self.tr("PDF (*.pdf)"), "html": self.tr("HTML page (*.html)")}
        dialog.setNameFilter(filters[kind])
        name = re.sub(r"\W+", "-", self.flow.run_name).strip("-") or "report"
        dialog.selectFile(f"{name}.{kind}")
        dialog.fileSelected.connect(lambda file: self.save(Path(file), kind))
        dialog.open()

    def save(self, path: Path, kind: _Kind) -> None:
        """Write the report there, in the window's language."""
        found = self._found
        if found is None:
            return

        def done(_: None) -> None:
            text = self.tr("The report was saved: {file}").format(file=path)
            caution = self.tr("Look at its pictures for burned-in names before handing it on.")
            self.room.say([text, caution] if found.gallery else [text])

        self.room.run(
            lambda _: _save(found, path, kind),
            done,
            key=_SAVE,
            title=self.tr("Saving the report"),
            ordered=True,
        )


def _stamp(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def _read(run: RunFolder, *, dark: bool) -> _Found:
    """Raises UserError and KnownError where there is no result or it is damaged."""
    from stentviewer.learning.report_content import content

    result, gallery = read_result(run.result), read_gallery(run.gallery)
    return _Found(result, tuple(gallery), tuple(drawn(content(result, gallery, say, dark=dark))))


def _save(found: _Found, path: Path, kind: _Kind) -> None:
    from stentviewer.learning.report import write_report

    with tempfile.TemporaryDirectory(prefix="stentviewer-") as folder:
        files = write_report(found.result, found.gallery, Path(folder) / "report", say)
        made = {file.suffix[1:]: file for file in files}[kind]
        partial = path.with_name(f"{path.name}.partial")
        try:
            shutil.copyfile(made, partial)
            partial.replace(path)
        except OSError as error:
            raise KnownError(
                sentence(
                    "The report could not be written to {folder}: {reason}. Choose another folder"
                    " or free some space, then save again.",
                    folder=path.parent,
                    reason=error.strerror or sentence("the disk refused"),
                )
            ) from error
