"""Look-alikes under a stent's card: asked for when opened, reached by keys, opened beside."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel

from stentviewer.core.answers import OTHER_DESIGN
from stentviewer.learning.wizard_flow import Step
from stentviewer.library.records import ReadingRecord
from stentviewer.ui.panels.lookalikes import LookAlikesView
from stentviewer.ui.wizard.change import ChangePage
from tests.app.rods import Site, rod, stent
from tests.ui.conftest import Desk
from tests.ui.wizards import NoRuns


@pytest.fixture
def site(desk: Desk, tmp_path: Path) -> Site:
    made = Site(desk.session, tmp_path / "xrays")
    made.sha = desk.session.model.sha256
    return made


@pytest.fixture
def show(desk: Desk) -> Callable[[ReadingRecord], LookAlikesView]:
    """Open a reading's image; the look-alikes of its first stent."""

    def made(record: ReadingRecord) -> LookAlikesView:
        desk.window.desk.refresh_worklist()
        desk.window.opener.open_image(record.image_id)
        desk.settle()
        return desk.window.comparing.views[1]

    return made


def asked(site: Site, feature: list[float], unknown: bool = False) -> ReadingRecord:
    outline = rod(30, 80)
    image = site.image(outline, "P-asked", detector=0.4)
    return site.read(image, stent("NITI-S", feature, outline, unknown))


def words(view: LookAlikesView) -> str:
    found = [label for label in view.findChildren(QLabel) if label.isVisibleTo(view)]
    return "\n".join(label.text() for label in found)


def test_nothing_is_looked_for_until_it_is_opened(desk, site, show):
    site.verified("NITI-S", [1, 0, 0], detector=0.4)
    site.verified("EGIS", [0, 1, 0])
    view = show(asked(site, [1, 0, 0]))
    assert not view.strips
    assert not view.body.isVisible()
    view.toggle.click()
    assert "Looking for look-alikes" in words(view)
    desk.settle()
    assert list(view.strips) == ["NITI-S", "EGIS"]
    assert [len(strip.tiles) for strip in view.strips.values()] == [1, 1]
    text = words(view)
    assert "no probability" in text
    assert "not to scale" in text, "the second has no spacing"
    about = view.strips["NITI-S"].tiles[0].accessibleName()
    assert "Similarity 1.00" in about
    assert "Chosen by dr.lee, 2026-11-01." in about
    assert "At the same scale in mm." in about


def test_a_maker_without_a_verified_stent_says_so(desk, site, show):
    site.verified("EGIS", [0, 1, 0], sha="cd" * 32)
    view = show(asked(site, [1, 0, 0]))
    view.toggle.click()
    desk.settle()
    text = words(view)
    assert text.count("No verified stent of this maker in this library yet.") == 2
    assert "Verified, but not read by this model yet: 1." in text
    assert view.again.isVisible()


def test_those_that_wait_are_read_and_stand_there(desk, site, show):
    other = site.verified("EGIS", [1, 1, 1, 1, 1], sha="cd" * 32)
    view = show(asked(site, [1, 1, 1, 1, 0]))
    view.toggle.click()
    desk.settle()
    assert view.strips["EGIS"].tiles == []
    view.again.click()
    desk.settle()
    (tile,) = view.strips["EGIS"].tiles
    assert "Similarity 0.89" in tile.accessibleName()
    assert not view.again.isVisible()
    assert len(desk.session.library.readings(other.image_id)) == 2
    assert "Images read: 1." in desk.window.statusBar().currentMessage()


def test_a_look_alike_is_opened_beside_by_keys_alone(desk, site, show, qtbot):
    other = site.verified("NITI-S", [1, 0, 0])
    record = asked(site, [1, 0, 0])
    view = show(record)
    view.toggle.setFocus()
    qtbot.keyClick(view.toggle, Qt.Key.Key_Space)
    desk.settle()
    assert QApplication.focusWidget() is view.toggle
    qtbot.keyClick(view.toggle, Qt.Key.Key_Tab)
    tile = view.strips["NITI-S"].tiles[0]
    assert QApplication.focusWidget() is tile
    qtbot.keyClick(tile, Qt.Key.Key_Return)
    desk.settle()
    shown = [one.review.state.image.id for one in desk.window.grid.viewports]
    assert shown == [record.image_id, other.image_id]
    assert desk.window.review.state.image.id == record.image_id, "the keys stay where they were"
    assert desk.window.comparing.views[1] is view, "the look-alikes stay open"
    assert view.toggle.isChecked()


def test_a_look_alike_goes_with_the_image_in_question(desk, site, show):
    first, second = site.verified("NITI-S", [1, 0, 0]), site.verified("NITI-S", [1, 0.2, 0])
    view = show(asked(site, [1, 0, 0]))
    view.toggle.click()
    desk.settle()
    grid = desk.window.grid
    for tile, other in zip(view.strips["NITI-S"].tiles, (first, second), strict=True):
        tile.click()
        desk.settle()
        assert [one.review.state.image.id for one in grid.viewports][1] == other.image_id
    desk.window.opener.open_image(first.image_id)
    desk.settle()
    assert [one.review.state.image.id for one in grid.viewports] == [first.image_id]


def test_what_was_put_in_a_look_alikes_place_stays(desk, site, show):
    first, second = site.verified("NITI-S", [1, 0, 0]), site.verified("EGIS", [1, 0.2, 0])
    view = show(asked(site, [1, 0, 0]))
    view.toggle.click()
    desk.settle()
    view.strips["NITI-S"].tiles[0].click()
    desk.settle()
    grid = desk.window.grid
    desk.window.opener.open_image(second.image_id, grid.viewports[1])
    desk.settle()
    desk.window.opener.open_image(first.image_id)
    desk.settle()
    shown = [one.review.state.image.id for one in grid.viewports]
    assert shown == [first.image_id, second.image_id]


def test_a_label_that_is_changed_moves_the_look_alike(desk, site, show):
    other = site.verified("NITI-S", [1, 0, 0])
    view = show(asked(site, [1, 0, 0]))
    view.toggle.click()
    desk.settle()
    assert [len(strip.tiles) for strip in view.strips.values()] == [1, 0]
    session = desk.session
    desk.window.desk.change(lambda: session.correct(other.image_id, 0, "EGIS"), "corrected")
    desk.settle()
    assert [len(strip.tiles) for strip in view.strips.values()] == [0, 1]


def test_a_reading_without_features_says_what_to_do(desk, site, show):
    outline = rod(0, 80)
    view = show(site.read(site.image(outline), stent("NITI-S", None, outline)))
    view.toggle.click()
    desk.settle()
    assert "Press R to read the image again." in words(view)
    assert not view.strips


def test_an_image_that_is_gone_is_said_and_asked_for_again(desk, site, show):
    record = asked(site, [1, 0, 0])
    view = show(record)
    path = desk.session.library.image(record.image_id).header.path
    desk.session._opened.clear()
    moved = path.rename(path.with_suffix(".away"))
    view.toggle.click()
    desk.settle()
    assert "no longer where it was" in words(view)
    moved.rename(path)
    view.toggle.click()
    view.toggle.click()
    desk.settle()
    assert "no longer where it was" not in words(view)
    assert list(view.strips) == ["NITI-S", "EGIS"]


def test_a_sealed_frame_has_no_look_alikes(desk, site, show):
    site.verified("NITI-S", [1, 0, 0])
    record = asked(site, [1, 0, 0])
    view = show(record)
    view.toggle.click()
    desk.settle()
    assert view.strips
    desk.window.desk.set_sealed(True)
    desk.settle()
    assert desk.window.comparing.views == {}


# unknown stents that look like one design


@pytest.fixture
def coil(site: Site) -> list[ReadingRecord]:
    """Six unknown stents of one design and a patient each."""
    outline = rod(0, 80)
    return [
        site.read(site.image(outline), stent("EGIS", [1, 0.01 * n, 0], outline, unknown=True))
        for n in range(6)
    ]


def test_an_unknown_stent_that_is_one_of_many_is_offered_to_the_wizard(desk, coil, show, qtbot):
    wizard = desk.window.wizard
    wizard.running.runner._make = NoRuns
    view = show(coil[2])
    assert "look like one design: 6, of 6 patients" in words(view)
    view.learn.click()
    qtbot.waitUntil(lambda: wizard.dialog is not None and not wizard.bridge.jobs, timeout=10_000)
    page = wizard.dialog.pages[Step.CHANGE]
    assert isinstance(page, ChangePage)
    flow = page.flow
    assert flow.plan.new == ("New design",)
    (source,) = flow.draft.sources
    assert (source.kind, source.place) == ("worklist", Path("New design"))
    assert len(flow.images_of(source.number)) == 6
    assert {item.label for item in flow.items()} == {"New design"}
    wizard.dialog.close()


def test_the_wizards_first_page_offers_them_too_and_once_only(desk, coil, qtbot):
    wizard = desk.window.wizard
    wizard.running.runner._make = NoRuns
    desk.window.actions_by_id["learn"].trigger()
    qtbot.waitUntil(lambda: wizard.dialog is not None and not wizard.bridge.jobs, timeout=10_000)
    page = wizard.dialog.pages[Step.CHANGE]
    assert page.offer.isVisible()
    (button,) = page.offer.buttons
    button.click()
    qtbot.waitUntil(lambda: not wizard.bridge.jobs, timeout=10_000)
    assert page.flow.plan.new == ("New design",)
    assert not page.offer.isVisible()
    wizard.dialog.close()


def test_what_was_named_is_offered_no_more(desk, coil, show, site):
    for record in coil[:3]:
        site.label(record, "NITI-S")
    view = show(coil[4])
    assert not view.offer.isVisible()
    view.toggle.click()
    desk.settle()
    assert OTHER_DESIGN in view.strips
