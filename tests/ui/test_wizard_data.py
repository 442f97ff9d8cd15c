"""The second step of the wizard: real checks of small pictures, and what is done about them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from stentviewer.app.promoting import frozen_set
from stentviewer.core.jobs import JobContext
from stentviewer.inference.catalog import Catalog
from stentviewer.learning.fitness_curve import ClassCurve
from stentviewer.learning.sources import from_folders
from stentviewer.learning.wizard_flow import Step
from stentviewer.ui.wizard import pages, work
from stentviewer.ui.wizard.preview import PreviewDialog
from tests.learning.test_gallery import bright_bundle
from tests.ui.conftest import MAKERS
from tests.ui.wizards import WizardDesk, write_images


@pytest.fixture(autouse=True)
def first_steps(monkeypatch) -> None:
    """A run that is made here is not begun: that is the fourth step's."""
    monkeypatch.setattr(pages, "PAGES", pages.PAGES[:3])


@pytest.fixture
def wizard(desk, qtbot) -> WizardDesk:
    return WizardDesk(desk, qtbot)


def cards(wizard: WizardDesk, kind: str) -> list:
    return [one for one in wizard.data.findings.cards if one.finding.kind == kind]


def test_the_images_are_looked_at_by_itself(wizard, tmp_path: Path) -> None:
    wizard.with_coil(tmp_path / "images")
    wizard.go_on()
    page = wizard.data
    assert page.summary.text().startswith("36 images looked at.")
    found = cards(wizard, "count")
    assert len(found) == 6
    assert found[0].severity.text() == "Would make the result doubtful"
    assert found[0].advice.text()
    rows = [
        [page.counts.item(line, column).text() for column in range(5)]
        for line in range(page.counts.rowCount())
    ]
    assert rows[-1] == ["Coil", "6", "3", "0", "0"]
    assert page.plot.groups == ("classes that are there", "Coil")
    assert wizard.dialog.next.isEnabled()
    wizard.dialog.go_back()
    wizard.go_on()
    assert page.checked is not None, "it was looked at and is not looked at again"


def test_what_stops_a_run_stops_here(wizard, tmp_path: Path) -> None:
    write_images(tmp_path / "images", *MAKERS)
    write_images(tmp_path / "images", "Coil", patients=1)
    wizard.gather(tmp_path / "images")
    wizard.change.labels.newWanted.emit("Coil")
    wizard.go_on()
    stop = wizard.data.findings.cards[0]
    assert stop.severity.text() == "Has to be put right"
    assert "Coil" in stop.text.text()
    assert not wizard.dialog.next.isEnabled()
    assert "Coil" in wizard.dialog.why.text()


def test_writing_is_masked_after_it_was_shown(wizard, tmp_path: Path) -> None:
    write_images(tmp_path / "images", *MAKERS)
    write_images(tmp_path / "images", "Coil", text="COIL 17")
    wizard.gather(tmp_path / "images")
    wizard.change.labels.newWanted.emit("Coil")
    wizard.go_on()
    block = next(one for one in cards(wizard, "writing"))
    block.paint_over.click()
    wizard.settle()
    assert not wizard.flow.draft.masks, "nothing is masked unseen"
    preview = wizard.dialog.findChild(PreviewDialog)
    assert len(preview.pictures) % 2 == 0
    assert preview.pictures
    preview.paint_over.click()
    wizard.settle()
    coil = [item for item in wizard.flow.items() if item.label == "Coil"]
    assert all(item.masks for item in coil)
    assert not cards(wizard, "writing")
    wizard.data.as_they_came.click()
    wizard.settle()
    assert not wizard.flow.draft.masks
    assert cards(wizard, "writing")


def test_copies_count_as_one_patient_or_are_left_out(wizard, tmp_path: Path) -> None:
    folder = write_images(tmp_path / "images", *MAKERS, "Coil", patients=4, views=1)
    shutil.copy(folder / "EGIS" / "EGIS 0" / "0.png", folder / "EGIS" / "EGIS 1" / "copy.png")
    wizard.gather(folder)
    wizard.change.labels.newWanted.emit("Coil")
    wizard.go_on()
    block = cards(wizard, "twins")[0]
    before = {one.name: one.patients for one in wizard.flow.counts()}
    block.join.click()
    wizard.settle()
    after = {one.name: one.patients for one in wizard.flow.counts()}
    assert after == {**before, "EGIS": before["EGIS"] - 1}
    block = cards(wizard, "twins")[0]
    images = len(wizard.flow.items())
    block.leave_out.click()
    wizard.settle()
    assert len(wizard.flow.items()) == images - 1
    assert not cards(wizard, "twins")


def test_images_of_a_finding_are_shown(wizard, tmp_path: Path) -> None:
    wizard.with_coil(tmp_path / "images")
    (tmp_path / "images" / "Coil" / "Coil 0" / "0.png").write_bytes(b"gone bad")
    wizard.go_on()
    bad = cards(wizard, "unreadable")[0]
    assert bad.look.isHidden(), "there is nothing to see"
    bad.leave_out.click()
    wizard.settle()
    assert not cards(wizard, "unreadable")
    wizard.data._preview([0, 1, 2], {})
    wizard.settle()
    preview = wizard.dialog.findChild(PreviewDialog)
    assert len(preview.pictures) == 3
    assert preview.paint_over.isHidden()
    preview.close()


def test_patients_are_held_back_and_frozen_with_the_run(wizard, tmp_path: Path) -> None:
    wizard.with_coil(tmp_path / "images", patients=5, views=1)
    wizard.go_on()
    page = wizard.data
    page.share.setValue(20)
    page.hold.click()
    wizard.settle()
    counts = wizard.flow.counts()
    assert all(one.test == 1 and one.patients == 4 for one in counts)
    assert "frozen" in page.held.text()
    assert page.counts.item(0, 3).text() == "1"
    catalog = wizard.desk.session.catalog
    assert frozen_set(catalog).images == ()
    wizard.go_on()
    wizard.how.stop_measuring()
    wizard.settle()
    wizard.go_on()
    assert wizard.flow.run is not None
    assert len(frozen_set(catalog).images) == 6
    roles = [item.role for item in wizard.flow.run.items()]
    assert (roles.count("test"), roles.count("train")) == (6, 24)
    wizard.flow.again()
    wizard.flow.hold_back([])
    wizard.dialog.refresh()
    wizard.go_on()
    assert wizard.flow.step == Step.DATA
    assert all(one.test == 1 for one in wizard.flow.counts()), "they stay frozen for good"
    assert "Frozen here before: 6 images." in page.held.text()


def test_holding_back_can_be_taken_back(wizard, tmp_path: Path) -> None:
    wizard.with_coil(tmp_path / "images", patients=4, views=1)
    wizard.go_on()
    page = wizard.data
    page.hold.click()
    wizard.settle()
    assert wizard.flow.draft.held_back
    page.hold.click()
    wizard.settle()
    assert not wizard.flow.draft.held_back
    assert "frozen" not in page.held.text()


def test_whether_more_images_would_help_is_asked_of_the_start_model(tmp_path: Path) -> None:
    """On a real, tiny network: what is said of each class, and that it is found again."""
    model = bright_bundle(tmp_path / "stent-test")
    found = from_folders(write_images(tmp_path / "images", *MAKERS, patients=4))
    plan = work.Planned(MAKERS, (), 4, 64, 7)
    place, catalog = tmp_path / "training", Catalog([model.folder.parent])
    curves = work.curves(found.items, plan, "stent-test", place, catalog, JobContext())
    assert [one.name for one in curves] == list(MAKERS)
    assert all(one.text.startswith(one.name) for one in curves)
    kept = {file: file.stat().st_mtime_ns for file in (place / "cache" / "features").iterdir()}
    assert kept
    assert work.curves(found.items, plan, "stent-test", place, catalog, JobContext()) == curves
    assert {file: file.stat().st_mtime_ns for file in kept} == kept


def test_the_curves_are_shown_and_forgotten_when_images_change(
    wizard, tmp_path: Path, monkeypatch
) -> None:
    curves = tuple(
        ClassCurve(name, (1.0,), (0.5,), (0.1,), None, None, f"{name}: some are missed.")
        for name in (*MAKERS, "Coil")
    )
    monkeypatch.setattr(work, "curves", lambda *_: curves)
    wizard.with_coil(tmp_path / "images")
    wizard.go_on()
    more = wizard.data.more
    more.ask.click()
    assert not more.ask.isEnabled()
    wizard.settle()
    assert more.said[0].text() == "Coil: some are missed.", "the new one first"
    assert len(more.said) == 6
    assert more.ask.isEnabled()
    wizard.data.check()
    assert more.said == []
    wizard.settle()


def test_leaving_the_page_stops_the_look(wizard, tmp_path: Path) -> None:
    wizard.with_coil(tmp_path / "images")
    wizard.dialog.next.click()
    wizard.dialog.back.click()
    assert not wizard.desk.window.wizard.bridge.is_running("check")
    wizard.settle()
    assert not wizard.flow.is_checked
    wizard.go_on()
    assert wizard.flow.is_checked
