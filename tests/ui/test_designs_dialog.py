"""The page of each design: read with its sources, changed with a source, taken back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QLocale, Qt
from PySide6.QtWidgets import QLabel

from stentviewer.app import designs
from stentviewer.app.designs import CHANGED, RESTORED, FactKind
from stentviewer.ui.design_facts import FactRow
from stentviewer.ui.designs_dialog import DesignsDialog
from stentviewer.ui.wizard.asking import Question
from tests.app.rods import Site, rod, stent
from tests.ui.conftest import Desk


@pytest.fixture
def open_page(desk: Desk) -> Callable[[str], DesignsDialog]:
    def made(name: str = "") -> DesignsDialog:
        desk.window.reading_desk.show_designs(name)
        desk.settle()
        (dialog,) = desk.window.findChildren(DesignsDialog)
        return dialog

    return made


def words(row: FactRow) -> str:
    return "\n".join(one.text() for one in row.findChildren(QLabel) if one.isVisibleTo(row))


def write(row: FactRow, qtbot, text: str, source: str) -> None:
    row.edit.click()
    row.words.clear()
    qtbot.keyClicks(row.words, text)
    row.where.clear()
    qtbot.keyClicks(row.where, source)


def names(dialog: DesignsDialog) -> list[str]:
    return [dialog.names.item(place).text() for place in range(dialog.names.count())]


def test_a_page_is_read_with_its_sources(desk, open_page):
    desk.window.actions_by_id["designs"].trigger()
    desk.settle()
    (dialog,) = desk.window.findChildren(DesignsDialog)
    assert names(dialog)[:3] == ["Bona", "Bona PC", "Bona UC"], "those of the model here too"
    dialog.names.setCurrentRow(names(dialog).index("Bona UC"))
    assert dialog.title.text() == "Bona UC"
    text = words(dialog.rows[FactKind.THROUGH_MESH])
    assert "43 of 46 patients" in text
    assert "Source: DEN Open 2021" in text
    assert "https://www.pubmed.gov/35310755/" in text
    assert "Not known to this program" in words(dialog.rows[FactKind.MR])
    assert list(dialog.rows) == list(FactKind)
    dialog.close()


def test_korean_facts_where_the_window_speaks_it(desk, open_page):
    before = QLocale()
    QLocale.setDefault(QLocale("ko"))
    try:
        dialog = open_page("Bona UC")
        assert "비피막형" in words(dialog.rows[FactKind.COVER])
        dialog.close()
    finally:
        QLocale.setDefault(before)


def test_a_fact_is_changed_with_its_source_and_taken_back(desk, open_page, qtbot):
    dialog = open_page("NITI-S")
    row = dialog.rows[FactKind.MR]
    write(row, qtbot, "1.5 T and 3 T", "")
    assert not row.save.isEnabled(), "a fact needs its source"
    assert not dialog.names.isEnabled(), "nothing is lost by choosing another"
    qtbot.keyClicks(row.where, "IFU 2024-05, page 3")
    row.save.click()
    desk.settle()
    row = dialog.rows[FactKind.MR]
    text = words(row)
    assert "1.5 T and 3 T" in text
    assert "Source: IFU 2024-05, page 3" in text
    assert "Written at this site by dr.kim, 20" in text
    assert designs.load().page("NITI-S").own[FactKind.MR].by == "dr.kim"
    row.edit.click()
    row.restore.click()
    desk.settle()
    assert "Not known to this program" in words(dialog.rows[FactKind.MR])
    trail = [one for one in desk.session.audit() if one.action in (CHANGED, RESTORED)]
    assert [(one.action, one.target, one.detail) for one in trail] == [
        (RESTORED, "NITI-S", "mr"),
        (CHANGED, "NITI-S", "mr"),
    ]
    assert dialog.names.currentItem().text() == "NITI-S"
    dialog.close()


def test_a_fact_that_does_not_hold_is_taken_away_and_said_so(desk, open_page):
    dialog = open_page("NITI-S")
    row = dialog.rows[FactKind.COVER]
    row.edit.click()
    row.words.clear()
    row.save.click()
    desk.settle()
    text = words(dialog.rows[FactKind.COVER])
    assert "Not known to this program" in text
    assert "Taken away at this site by dr.kim" in text
    dialog.close()


def test_what_is_half_written_is_asked_about(desk, open_page, qtbot):
    dialog = open_page("EGIS")
    write(dialog.rows[FactKind.MESH], qtbot, "Woven", "IFU")
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert dialog.isVisible()
    question = dialog.findChild(Question)
    question.cancel.click()
    assert dialog.isVisible()
    dialog.close()
    assert dialog.isVisible(), "so does the window's own button"
    dialog.findChildren(Question)[-1].do.click()
    assert not dialog.isVisible()
    assert designs.load().page("EGIS").own == {}


def test_a_disk_that_refuses_is_said_and_nothing_written_is_lost(desk, open_page, qtbot):
    designs.site_folder().parent.mkdir(parents=True, exist_ok=True)
    designs.site_folder().write_text("a file stands here")
    dialog = open_page("EGIS")
    row = dialog.rows[FactKind.MESH]
    write(row, qtbot, "Woven", "IFU")
    row.save.click()
    desk.settle()
    assert "cannot be written" in dialog.trouble.text()
    assert row.words.toPlainText() == "Woven"
    assert row.isEnabled()
    row.cancel.click()
    dialog.close()


def test_a_bad_file_is_said_above_the_page(desk, open_page):
    designs.site_folder().mkdir(parents=True)
    (designs.site_folder() / "x.toml").write_text("name = ")
    dialog = open_page("NITI-S")
    assert "“x.toml” is not used: line 1" in dialog.trouble.text()
    assert "Large cells" in words(dialog.rows[FactKind.MESH])
    dialog.close()


def test_the_card_of_a_stent_leads_to_its_page(desk, tmp_path):
    site = Site(desk.session, tmp_path / "xrays")
    site.sha = desk.session.model.sha256
    outline = rod(0, 80)
    record = site.read(site.image(outline), stent("EGIS", [1, 0], outline))
    desk.window.desk.refresh_worklist()
    desk.window.opener.open_image(record.image_id)
    desk.settle()
    view = desk.window.comparing.views[1]
    assert view.design.text() == "About EGIS…"
    view.design.click()
    desk.settle()
    (dialog,) = desk.window.findChildren(DesignsDialog)
    assert dialog.title.text() == "EGIS"
    dialog.close()
