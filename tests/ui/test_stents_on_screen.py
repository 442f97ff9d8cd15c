"""Every kind of answer in the window: none, one, several, unknown, refused; each stent alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from stentviewer.core.answers import CANNOT_TELL, NO_STENT, OTHER_DESIGN
from stentviewer.core.types import Box, ClassScore, Finding
from stentviewer.ui.panels.finding_card import FindingCard
from stentviewer.ui.panels.several import SeveralDialog
from tests.inference.finders import FRAME, finder_bundle, frame
from tests.ui.conftest import Desk

TWO = (("NITI-S", 300, 100), ("EGIS", 100, 250))


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("with-finder")
    finder_bundle(folder / "stent-test")
    return folder


@pytest.fixture
def runtime() -> None:
    """No stand-in: the networks are run."""


@pytest.fixture
def read(desk: Desk, tmp_path: Path) -> Callable[..., Desk]:
    """Open a frame with these stents, or these pixels, and have it read."""

    def made(*stents: tuple[str, int, int], pixels: np.ndarray | None = None) -> Desk:
        path = tmp_path / "frame.png"
        assert cv2.imwrite(str(path), frame(*stents) if pixels is None else pixels)
        desk.open(path)
        desk.press(Qt.Key.Key_R)
        desk.settle()
        return desk

    return made


def cards(desk: Desk) -> list[FindingCard]:
    return desk.window.reading.cards


def label_of(desk: Desk) -> str:
    label = desk.session.label(desk.images()[0], 0)
    return label.maker if label is not None else ""


def click(desk: Desk, qtbot: QtBot, x: float, y: float) -> None:
    """On the image, at a place in pixels of the frame."""
    canvas = desk.window.canvas
    at = canvas.to_widget((x, y)).toPoint()
    qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=at)


def test_none_found_is_said_with_its_limit(read: Callable[..., Desk]):
    desk = read()
    assert "The model found no stent. It may have missed one." in desk.panel_text
    assert desk.window.reading.heading.text().startswith("Stents  0")
    assert cards(desk) == []
    assert not desk.window.actions_by_id["next_stent"].isEnabled()
    desk.press(Qt.Key.Key_A)
    desk.settle()
    assert label_of(desk) == NO_STENT
    assert "No stent: accepted by dr.kim" in desk.panel_text


def test_a_refused_image_is_not_said_to_be_free_of_stents(read: Callable[..., Desk]):
    white = np.full((FRAME, FRAME), 3000, np.uint16)
    white[:8] = 0
    desk = read(pixels=white)
    assert "Not read. This does not look like the radiographs" in desk.panel_text
    assert "This does not say that there is no stent." in desk.panel_text
    assert "found no stent" not in desk.panel_text
    assert desk.window.reading.heading.text() == "Stents"
    assert not desk.window.actions_by_id["accept"].isEnabled()
    assert not desk.window.reading.heat.isVisible()
    (row,) = desk.session.worklist()
    assert (row.read, row.makers) == (1, ())


def test_one_stent_is_one_card_and_there_is_nothing_to_choose(read: Callable[..., Desk]):
    desk = read(("EGIS", 200, 200))
    (card,) = cards(desk)
    assert "presence >0.99" in card.lead.text()
    assert card.focusPolicy() is Qt.FocusPolicy.NoFocus
    desk.window.review.choose_stent(1)
    assert desk.window.review.state.stent == 0
    desk.press(Qt.Key.Key_A)
    desk.settle()
    assert label_of(desk) == "EGIS"


def test_two_stents_are_two_cards_numbered_as_on_the_picture(read: Callable[..., Desk]):
    desk = read(*TWO)
    assert [card.number for card in cards(desk)] == [1, 2]
    (shown,) = desk.window.canvas._boxes.sets
    assert [(box.number, box.name) for box in shown.boxes] == [(1, "NITI-S"), (2, "EGIS")]
    assert all(len(box.outline) == 4 for box in shown.boxes)
    desk.press(Qt.Key.Key_A)
    desk.settle()
    assert label_of(desk) == "NITI-S + EGIS"
    assert "NITI-S + EGIS: accepted by dr.kim" in desk.panel_text
    (row,) = desk.session.worklist()
    assert (row.makers, row.disagree) == (("NITI-S", "EGIS"), False)


def alone(desk: Desk) -> int:
    """The stent shown alone, as state, cards, picture and heat agree on it."""
    state = desk.window.review.state
    (shown,) = desk.window.canvas._boxes.sets
    on_picture = [box.number for box in shown.boxes if box.is_chosen]
    on_cards = [card.number for card in cards(desk) if card.badge.is_chosen]
    expected = [state.stent] if state.stent else []
    assert on_picture == on_cards == expected
    heat = desk.window.canvas._heat.heat
    whole = state.reading.reading.heat
    assert heat is (state.findings[state.stent - 1].heat if state.stent else whole)
    return int(state.stent)


def test_a_card_shows_its_stent_alone_and_again_all(read: Callable[..., Desk], qtbot: QtBot):
    desk = read(*TWO)
    assert alone(desk) == 0
    qtbot.mouseClick(cards(desk)[1], Qt.MouseButton.LeftButton, pos=QPoint(20, 12))
    assert alone(desk) == 2
    assert "shown alone" in cards(desk)[1].lead.text()
    qtbot.keyClick(cards(desk)[0], Qt.Key.Key_Return)
    assert alone(desk) == 1
    qtbot.mouseClick(cards(desk)[0], Qt.MouseButton.LeftButton, pos=QPoint(20, 12))
    assert alone(desk) == 0


def test_a_click_on_the_picture_does_the_same(read: Callable[..., Desk], qtbot: QtBot):
    desk = read(*TWO)
    click(desk, qtbot, 100, 250)
    assert alone(desk) == 2
    window = desk.window.canvas.window
    click(desk, qtbot, 300, 100)
    assert alone(desk) == 1
    click(desk, qtbot, 200, 380)
    assert alone(desk) == 0
    assert desk.window.canvas.window == window, "a click changes no window"


def test_a_drag_chooses_no_stent(read: Callable[..., Desk], qtbot: QtBot):
    desk = read(*TWO)
    canvas = desk.window.canvas
    start = canvas.to_widget((100, 250)).toPoint()
    qtbot.mousePress(canvas, Qt.MouseButton.LeftButton, pos=start)
    qtbot.mouseMove(canvas, start + QPoint(30, 0))
    qtbot.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=start + QPoint(30, 0))
    assert alone(desk) == 0


def test_a_key_goes_through_the_stents(read: Callable[..., Desk]):
    desk = read(*TWO)
    seen = []
    for _ in range(4):
        desk.press(Qt.Key.Key_J)
        seen.append(alone(desk))
    assert seen == [1, 2, 0, 1]


def test_one_of_two_is_corrected_by_keys(read: Callable[..., Desk]):
    desk = read(*TWO)
    desk.press(Qt.Key.Key_J)
    desk.press(Qt.Key.Key_J)
    desk.press(Qt.Key.Key_C)
    menu = QApplication.activePopupWidget()
    assert menu.actions()[0].text() == "Stent 2 is"
    desk.press(Qt.Key.Key_4)
    desk.settle()
    assert label_of(desk) == "NITI-S + Epic"
    (row,) = desk.session.worklist()
    assert row.disagree
    desk.press(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    desk.settle()
    assert label_of(desk) == ""


def test_several_makers_are_said_at_once(read: Callable[..., Desk], qtbot: QtBot):
    desk = read(*TWO)
    desk.press(Qt.Key.Key_C)
    menu = QApplication.activePopupWidget()
    assert menu.actions()[0].text() == "On this image"
    menu.close()
    desk.window.reading_desk.ask_several()
    (dialog,) = desk.window.findChildren(SeveralDialog)
    save = dialog.buttons.buttons()[0]
    assert not save.isEnabled()
    boxes = {box.property("answer"): box for box in dialog.choice.boxes}
    boxes["EGIS"].click()
    boxes[NO_STENT].click()
    assert dialog.choice.answer == NO_STENT
    boxes["Bona"].click()
    boxes["EGIS"].click()
    boxes[OTHER_DESIGN].click()
    assert dialog.choice.answer == "Bona + EGIS + another design"
    boxes[CANNOT_TELL].click()
    assert dialog.choice.answer == CANNOT_TELL
    boxes["Bona"].click()
    boxes["Epic"].click()
    qtbot.mouseClick(save, Qt.MouseButton.LeftButton)
    desk.settle()
    assert label_of(desk) == "Bona + Epic"


def test_an_unknown_design_is_told_with_why_and_cannot_be_accepted(read: Callable[..., Desk]):
    desk = read(("smooth", 200, 200), ("EGIS", 80, 320))
    text = desk.panel_text
    assert "A design that this model does not know. Nearest is EGIS, but this stent lies 1." in text
    assert "times as far from it as one of a known design may" in text
    (shown,) = desk.window.canvas._boxes.sets
    assert [box.name for box in shown.boxes] == ["Unknown design", "EGIS"]
    assert not desk.window.actions_by_id["accept"].isEnabled()
    desk.press(Qt.Key.Key_J)
    desk.window.review.correct_stent(OTHER_DESIGN)
    desk.settle()
    assert label_of(desk) == "another design + EGIS"
    assert "Another design + EGIS: chosen by dr.kim" in desk.panel_text


def test_reading_again_looks_at_all_stents(read: Callable[..., Desk]):
    desk = read(*TWO)
    desk.press(Qt.Key.Key_J)
    desk.press(Qt.Key.Key_R)
    desk.settle()
    assert alone(desk) == 0


def test_a_sealed_answer_may_name_several(
    sit_down: Callable[..., Desk], tmp_path: Path, qtbot: QtBot
):
    desk = sit_down(sealed_reading=True)
    path = tmp_path / "frame.png"
    assert cv2.imwrite(str(path), frame(*TWO))
    desk.open(path)
    desk.press(Qt.Key.Key_R)
    desk.settle()
    form = desk.window.reading.form
    assert cards(desk) == []
    boxes = {box.property("answer"): box for box in form.answers.boxes}
    boxes["EGIS"].click()
    boxes["NITI-S"].click()
    assert form.commit.text() == "Commit my answer: 2 makers"
    qtbot.mouseClick(form.commit, Qt.MouseButton.LeftButton)
    desk.settle()
    assert label_of(desk) == "EGIS + NITI-S"
    assert len(cards(desk)) == 2
    assert not desk.session.worklist()[0].disagree, "the same makers in another order"


# the card by itself


def made(**changes: object) -> Finding:
    fields = {
        "maker": "EGIS",
        "probability": 0.7,
        "scores": (ClassScore("EGIS", 0.7), ClassScore("Epic", 0.3)),
        "prediction_set": ("EGIS", "Epic"),
        "unknown": False,
        "box": Box(0.1, 0.1, 0.2, 0.3),
    }
    return Finding(**{**fields, **changes})


def words(card: FindingCard) -> str:
    from PySide6.QtWidgets import QLabel

    return "\n".join(one.text() for one in card.findChildren(QLabel) if not one.isHidden())


def test_a_set_says_its_coverage_only_where_it_is_promised(qtbot: QtBot):
    promised = FindingCard(1, made(), coverage=0.9)
    qtbot.addWidget(promised)
    assert "Not excluded: Epic (90 % of such sets hold the true maker)" in words(promised)
    plain = FindingCard(1, made())
    qtbot.addWidget(plain)
    assert "Not excluded: Epic" in words(plain)
    assert "%" not in words(plain)


def test_the_check_of_the_heat_has_a_sign_and_words(qtbot: QtBot):
    card = FindingCard(1, made())
    qtbot.addWidget(card)
    assert not card.check.isVisibleTo(card)
    signs = []
    for kind, text in (("good", "On the stent"), ("warning", "Off the stent"), ("plain", "?")):
        card.set_check(kind, text)
        assert card.check.isVisibleTo(card)
        assert text in words(card)
        signs.append(card.check._sign.pixmap().toImage())
    assert signs[0] != signs[1] != signs[2]
    card.set_check("", "")
    assert not card.check.isVisibleTo(card)


def test_of_a_strange_stent_no_probability_is_shown(qtbot: QtBot):
    card = FindingCard(1, made(unknown=True, distance=2.34))
    qtbot.addWidget(card)
    assert "2.3 times as far" in words(card)
    assert "0.7" not in words(card)
    unsure = FindingCard(1, made(unknown=True, distance=0.5))
    qtbot.addWidget(unsure)
    assert "No maker stands out. Nearest: EGIS, 0.70." in words(unsure)


# labels on the picture


def test_labels_of_stents_that_lie_together_do_not_cover_each_other(
    desk: Desk, tmp_path: Path, qtbot: QtBot
):
    from PySide6.QtGui import QImage, QPainter

    from stentviewer.ui.viewer import colours, marks

    area = QPointF(300, 200)
    image = QImage(300, 200, QImage.Format.Format_RGB32)
    from PySide6.QtCore import QRectF
    from PySide6.QtGui import QPolygonF

    room = QRectF(0, 0, area.x(), area.y())
    corners = QPolygonF([QPointF(x, y) for x, y in ((140, 60), (150, 60), (150, 150), (140, 150))])
    taken: list[QRectF] = []
    with QPainter(image) as painter:
        for number in range(1, 5):
            label = marks.Label(number, "Unknown design", colours.ACCENT)
            taken.append(marks.draw_outline(painter, room, corners, label, taken))
    for number, place in enumerate(taken):
        assert room.contains(place)
        assert not any(place.intersects(other) for other in taken[:number])
