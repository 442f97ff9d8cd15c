"""The fifth and sixth steps: what a run found out, and the decision on its model."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from stentviewer.app import promoting
from stentviewer.core.settings import change
from stentviewer.core.types import Problem
from stentviewer.inference.catalog import Catalog
from stentviewer.learning.gallery import Shown, write_gallery
from stentviewer.learning.registry import Decision
from stentviewer.learning.wizard_flow import Step
from stentviewer.ui.wizard.blocks import PictureGrid, ReportTable, ReportView
from tests.inference.networks import plain_bundle
from tests.learning.finished import NEW, finished_run
from tests.ui.conftest import Desk
from tests.ui.runs import RunDesk

LEE = Decision("Dr Lee", "The other one is better.")


@pytest.fixture
def ended(desk: Desk, qtbot: QtBot, tmp_path: Path, home: Path) -> Callable[[Step], RunDesk]:
    """At a step, after a run that added a design to the model in force; networks are stand-ins."""
    champion = plain_bundle(tmp_path / "program" / "stent-test")
    session = desk.session
    catalog = Catalog([tmp_path / "program", tmp_path / "mine"])
    session.catalog = session.models._catalog = catalog
    desk.window.desk.attach(session)
    desk.settle()
    run = finished_run(home / "training" / "with-coil", champion, "with-coil", simulated=24)
    png = cv2.imencode(".png", np.full((90, 120), 128, np.uint8))[1].tobytes()
    shown = [Shown(png, "0" * 64, "Bona", "EGIS", 0.91, 1, True)] * 5
    write_gallery(shown, run.gallery)

    def at(step: Step) -> RunDesk:
        wizard = RunDesk(desk, qtbot)
        wizard.open_run(run, step)
        return wizard

    return at


@pytest.fixture
def finished(ended: Callable[[Step], RunDesk]) -> RunDesk:
    return ended(Step.RESULT)


def texts(view: ReportView) -> str:
    """Every word on a report, a table's row in one line."""
    rows = []
    for table in view.findChildren(ReportTable):
        across = range(table.columnCount())
        rows.append(" | ".join(table.horizontalHeaderItem(n).text() for n in across))
        for row in range(table.rowCount()):
            cells = (table.item(row, n).text() for n in across)
            rows.append(" | ".join(cell.replace("\n", " ") for cell in cells))
    return "\n".join([*(label.text() for label in view.findChildren(QLabel)), *rows])


def test_the_result_says_it_all(finished: RunDesk) -> None:
    said = texts(finished.result.view)
    assert "All 24 images are simulated. The figures say nothing about real patients." in said
    assert "For research use" in said
    assert "1.000 ± 0.000" in said, "mean and deviation over the folds"
    assert f"{NEW} (new)" in said
    assert "(0.510–1.000)" in said, "Wilson's interval of 4 of 4"
    for caption in ("Confusion matrix", "(ROC)", "Calibration error", "By class, with 95 %"):
        assert caption in said
    assert "McNemar" in said
    assert "p (DeLong)" in said
    assert "Right before, wrong now | Bona | Bona | EGIS | 1" in said
    assert "Bona, named EGIS, 0.91" in said


def test_pictures_fit_the_page_and_sections_are_found(finished: RunDesk, qtbot: QtBot) -> None:
    page, dialog = finished.result, finished.dialog
    dialog.resize(900, 600)
    qtbot.waitUntil(lambda: dialog.width() == 900)
    area = dialog.stack.currentWidget()
    assert area.horizontalScrollBar().maximum() == 0
    for grid in page.view.findChildren(PictureGrid):
        for picture in grid.pictures:
            assert picture.label.width() <= grid.width()
    titles = [page.sections.itemText(n) for n in range(page.sections.count())]
    assert titles[:3] == ["Go to…", "Folds", "All folds together"]
    place = titles.index("Where the model looked")
    page.sections.activated.emit(place)
    label = page.view.sections["Where the model looked"]
    assert area.widget().mapTo(area, label.mapTo(area.widget(), label.rect().topLeft())).y() < 500
    assert area.verticalScrollBar().value() > 500


@pytest.mark.parametrize(("kind", "begins"), [("pdf", b"%PDF-"), ("html", b"<!DOCTYPE html>")])
def test_the_report_is_saved(finished: RunDesk, tmp_path: Path, kind, begins) -> None:
    file = tmp_path / f"report.{kind}"
    finished.result.save(file, kind)
    finished.settle()
    assert file.read_bytes()[:15].lower().startswith(begins.lower())
    assert str(file) in finished.said
    assert "burned-in names" in finished.said
    assert list(tmp_path.glob("*.partial")) == []


def test_a_folder_that_cannot_be_written_is_said(finished: RunDesk, tmp_path: Path) -> None:
    finished.result.save(tmp_path / "none" / "report.pdf", "pdf")
    finished.settle()
    assert "could not be written" in finished.said


def test_a_damaged_result_is_said(finished: RunDesk) -> None:
    run = finished.flow.run
    assert run is not None
    run.result.write_text("{}")
    finished.dialog.go_to(Step.RUN)
    finished.settle()
    finished.dialog.go_to(Step.RESULT)
    finished.settle()
    assert "is damaged" in finished.said
    assert finished.result.save_pdf.isHidden()


# the decision


@pytest.fixture
def deciding(ended: Callable[[Step], RunDesk], monkeypatch: pytest.MonkeyPatch) -> RunDesk:
    monkeypatch.setattr(promoting, "_must_answer", lambda _: None)  # no network here
    return ended(Step.PROMOTE)


def reads(wizard: RunDesk) -> str:
    wizard.desk.settle()
    model = wizard.desk.window.desk.model.ref
    return model.id if model is not None else ""


def test_the_dossier_and_what_to_consider(deciding: RunDesk) -> None:
    page = deciding.promote
    assert page.verdict.text().startswith("In force: stent-test-")
    assert "24 are simulated" in page.concerns.text()
    assert "There is no frozen test set" in page.concerns.text()
    assert "names rightly and the new one wrongly: 1." in page.concerns.text()
    said = texts(page.view)
    assert "New classes, named rightly | – | 4 / 4" in said
    assert "Answers that changed" in said
    assert page.by.text() == "dr.kim"
    assert not page.second.isVisible()
    assert deciding.dialog.next.isHidden()


def test_promoted_with_a_reason_and_taken_back_with_one_click(
    deciding: RunDesk, qtbot: QtBot
) -> None:
    page, session = deciding.promote, deciding.desk.session
    assert not page.promote.isEnabled(), "a reason is asked for"
    qtbot.keyClicks(page.why, "A new design is placed here.")
    qtbot.keyClick(page.why, Qt.Key.Key_Return)
    assert reads(deciding) == "stent-test", "Enter alone decides nothing"
    qtbot.mouseClick(page.promote, Qt.MouseButton.LeftButton)
    assert reads(deciding) == "with-coil", "the window takes it up at once"
    deciding.settle()
    assert "reads from now on" in deciding.said
    assert page.verdict.text().startswith("The new model reads here: with-coil-")
    assert not page.promote.isVisible()
    assert page.back.text().startswith("Roll back to stent-test-")
    qtbot.mouseClick(page.back, Qt.MouseButton.LeftButton)
    assert reads(deciding) == "stent-test"
    deciding.settle()
    assert page.promote.isVisible()
    back, there = promoting.history(session.catalog)
    assert (back.action, back.by, back.why) == ("rollback", "dr.kim", "No reason was given.")
    assert (there.action, there.by, there.why) == (
        "promote",
        "dr.kim",
        "A new design is placed here.",
    )
    assert promoting.dossier_of_entry(session.catalog, there) is not None


def test_two_names_where_the_setting_asks(deciding: RunDesk, qtbot: QtBot) -> None:
    window, page = deciding.desk.window, deciding.promote
    window.settings = change(window.settings, two_names=True)
    page.enter(deciding.flow)
    deciding.settle()
    assert page.second.isVisible()
    qtbot.keyClicks(page.why, "A new design.")
    assert not page.promote.isEnabled()
    qtbot.keyClicks(page.second, "dr.kim")
    qtbot.mouseClick(page.promote, Qt.MouseButton.LeftButton)
    assert reads(deciding) == "stent-test"
    assert "another person's" in deciding.said
    page.second.setText("dr.lee")
    qtbot.mouseClick(page.promote, Qt.MouseButton.LeftButton)
    assert reads(deciding) == "with-coil"
    deciding.settle()
    assert not page.back.isEnabled(), "two decide on the way back too"


def test_another_model_was_put_in_force_since(deciding: RunDesk, tmp_path: Path) -> None:
    page, session = deciding.promote, deciding.desk.session
    plain_bundle(tmp_path / "mine" / "another", id="another")
    promoting.promote(session.catalog, "another", LEE)
    page.enter(deciding.flow)
    deciding.settle()
    assert "another model was put in force" in page.trouble.text()
    assert page.promote.isHidden()
    assert page.compare.isVisible(), "the end of the run can be done once more"


def test_a_run_without_a_model_to_promote(
    desk: Desk, qtbot: QtBot, tmp_path: Path, home: Path
) -> None:
    champion = plain_bundle(tmp_path / "program" / "stent-test")
    session = desk.session
    catalog = Catalog([tmp_path / "program", tmp_path / "mine"])
    session.catalog = session.models._catalog = catalog
    run = finished_run(home / "training" / "r", champion, "look", promotable=False)
    wizard = RunDesk(desk, qtbot)
    wizard.open_run(run, Step.PROMOTE)
    assert "cannot be put in force" in wizard.promote.trouble.text()
    assert wizard.promote.promote.isHidden()


def test_the_wizard_closed_at_once_leaves_nothing_to_fail(deciding: RunDesk, qtbot: QtBot) -> None:
    page = deciding.promote
    qtbot.keyClicks(page.why, "A new design.")
    qtbot.mouseClick(page.promote, Qt.MouseButton.LeftButton)
    deciding.dialog.close()
    assert reads(deciding) == "with-coil", "what was begun is brought to its end"
    bundles = deciding.desk.session.catalog.bundles()
    assert not any(isinstance(one, Problem) for one in bundles)
