"""Corner texts and edge letters: what they say, and when they do not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QFontMetricsF, QImage, QPainter

from stentviewer.core.corner_settings import CORNER_WORDS, IDENTITY_FIELDS, CornerSettings
from stentviewer.core.settings import Settings
from stentviewer.core.types import Spacing, SpacingKind
from stentviewer.imaging.image import Window
from stentviewer.ui.viewer.canvas import ImageCanvas
from stentviewer.ui.viewer.corners import _SAID, CornerLayer, Facts, age, corner_texts
from stentviewer.ui.viewer.letters import LetterLayer, letters_on_screen
from stentviewer.ui.viewer.look import Look
from stentviewer.ui.viewer.view_state import ViewState

ALL = CornerSettings(corner_upper_left=tuple(CORNER_WORDS))


@pytest.fixture
def facts(still: Any) -> Facts:
    identity = replace(
        still.header.identity,
        patient_id="P-17",
        patient_name="Hong^Gildong",
        patient_name_ideographic="홍^길동",
        birth_date="1950-11-21",
        sex="M",
        study_date="2026-11-20",
        study_time="10:15:00",
        modality="CT",
        series_description="ERCP",
        accession_number="A-9",
    )
    header = replace(still.header, identity=identity, frames=3)
    radiograph = replace(still, header=header, positions_mm=(0.0, 5.0, 10.0), exposure=(81.0, 12.5))
    state = ViewState(60, 40, frame=1, zoom=1.5, window=Window(40, 400))
    return Facts(radiograph, state, Spacing(SpacingKind.DETECTOR, (0.25, 0.2)), "median")


def test_every_word_of_the_vocabulary_can_be_said(facts: Facts) -> None:
    assert set(_SAID) == set(CORNER_WORDS)
    text = " | ".join(corner_texts(ALL, facts).left)
    for words in (
        "홍 길동  Hong Gildong",
        "P-17  ·  1950-11-21  ·  M  ·  75 years",
        "A-9",
        "2026-11-20  ·  10:15:00",
        "Slice 2 / 3",
        "Slice at 5.0 mm",
        "60 × 40",
        "W 400  L 40  ·  Zoom 150 %",
        "Filter: Median",
        "pixel 0.2 × 0.25 mm, detector plane",
        "81 kVp",
    ):
        assert words in text, words
    assert "mAs" not in text  # of a stack it is known of the first slice alone
    single = replace(facts.radiograph, positions_mm=())
    assert "81 kVp  12.5 mAs" in corner_texts(ALL, replace(facts, radiograph=single)).left[-1]


def test_what_is_not_known_takes_no_line(still: Any) -> None:
    empty = replace(still.header.identity, **dict.fromkeys(("patient_name", "patient_id"), ""))
    empty = replace(empty, patient_name_ideographic="", study_date="", modality="")
    bare = replace(still, header=replace(still.header, identity=empty))
    text = corner_texts(CornerSettings(), Facts(bare, ViewState(60, 40)))
    assert text.left == ()
    assert text.right == ("ERCP",)
    assert text.lower_left == text.lower_right == ()


def test_hidden_identity_leaves_no_trace_of_who_it_is(facts: Facts) -> None:
    for settings in (ALL, CornerSettings()):
        shown = corner_texts(settings, facts, hidden=True)
        text = " ".join((*shown.left, *shown.right, *shown.lower_left, *shown.lower_right))
        for secret in ("홍", "Hong", "P-17", "1950", "A-9"):
            assert secret not in text
        assert shown.left[0] == "identity hidden"
    assert set(CORNER_WORDS) >= IDENTITY_FIELDS


def test_only_the_patient(facts: Facts) -> None:
    shown = corner_texts(CornerSettings(), facts, only_patient=True)
    assert len(shown.left) == 2
    assert shown.right == shown.lower_left == shown.lower_right == ()


@given(st.dates(), st.dates())
def test_age_is_in_whole_years(born: Any, then: Any) -> None:
    years = age(born.isoformat(), then.isoformat())
    if years is not None:
        assert 0 <= years < 130
        assert (then - born).days // 366 <= years <= (then - born).days // 365
    elif then >= born:
        assert (then - born).days > 129 * 365


def test_age_changes_on_the_birthday() -> None:
    assert age("1950-11-21", "2026-11-20") == 75
    assert age("1950-11-20", "2026-11-20") == 76
    assert age("", "2026-11-20") is None
    assert age("2026-11-21", "2026-11-20") is None


def test_the_settings_hold_the_corners() -> None:
    settings = Settings.model_validate({"corner_lower_left": ["zoom", "window"]})
    assert isinstance(settings, CornerSettings)
    assert settings.corner_lower_left == ("zoom", "window")
    assert settings.corner_upper_left[0] == "patient_name"


@given(st.integers(0, 3), st.booleans())
def test_letters_follow_the_picture(turns: int, mirrored: bool) -> None:
    """The letter on the right is where the picture's own right edge has gone."""
    state = ViewState(100, 50, width=400, height=400, quarter_turns=turns, mirrored=mirrored).fit()
    letters = letters_on_screen(("L", "F"), state)
    assert letters is not None
    places = {"L": (100.0, 25.0), "R": (0.0, 25.0), "F": (50.0, 50.0), "H": (50.0, 0.0)}
    for letter, place in places.items():
        x, y = state.to_viewport(place)
        across, down = x - 200, y - 200
        side = (0 if across < 0 else 1) if abs(across) > abs(down) else (2 if down < 0 else 3)
        assert letters[side] == letter


def test_no_letters_where_the_image_does_not_say() -> None:
    assert letters_on_screen((), ViewState()) is None


def painted(canvas: ImageCanvas) -> np.ndarray:
    image = canvas.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    flat = np.frombuffer(image.constBits(), np.uint8)
    return flat.reshape(image.height(), image.width(), 4)[..., :3].copy()


def test_f2_goes_from_all_to_the_patient_to_nothing(qtbot: Any, still: Any) -> None:
    look = Look()
    canvas = ImageCanvas()
    qtbot.addWidget(canvas)
    canvas.resize(600, 400)
    canvas.add_layer(LetterLayer(look))
    canvas.add_layer(CornerLayer(look))
    with qtbot.waitSignal(canvas.frameChanged):
        canvas.set_radiograph(replace(still, orientation=("L", "F")))
    everything = painted(canvas)
    look.next_corners()
    patient = painted(canvas)
    look.next_corners()
    nothing = painted(canvas)
    assert look.corners == "none"
    right = np.s_[:100, 320:]
    assert (everything[right] != patient[right]).any()
    assert (patient[right] == nothing[right]).all()
    assert (patient[:100, :280] != nothing[:100, :280]).any()
    assert (patient[180:220, 580:] != nothing[180:220, 580:]).any()  # the letter on the right
    look.next_corners()
    assert (painted(canvas) == everything).all()
    look.set_hide_identity(True)
    assert (painted(canvas)[:60, :280] != everything[:60, :280]).any()


def test_letters_step_aside_for_words(
    qtbot: Any, still: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    look, canvas = Look(), ImageCanvas()
    qtbot.addWidget(canvas)
    corners = CornerLayer(look)
    canvas.add_layer(corners)
    canvas.add_layer(LetterLayer(look, corners))
    header = still.header
    identity = replace(header.identity, patient_name="Namgung^Minseo Alexandra Theodora")
    who = replace(still, header=replace(header, identity=identity), orientation=("L", "F"))
    places: dict[str, QRectF] = {}

    def note(painter: QPainter, at: QPointF, text: str, *colour: object) -> None:
        metrics = QFontMetricsF(painter.font(), painter.device())
        top = at.y() - metrics.ascent()
        places[text] = QRectF(at.x(), top, metrics.horizontalAdvance(text), metrics.height())

    with qtbot.waitSignal(canvas.frameChanged):
        canvas.set_radiograph(who)
    monkeypatch.setattr("stentviewer.ui.viewer.letters.marks.draw_text", note)
    for size in ((900, 700), (310, 400), (190, 300), (130, 160)):
        canvas.resize(*size)
        places.clear()
        canvas.grab()
        words = (*corners.places, *canvas.lower_edge)
        assert corners.places
        letters = {name: place for name, place in places.items() if name in "LRHF"}
        assert {"L", "R"} <= set(letters)
        assert len(letters) == 4 or size == (130, 160)
        for name, place in letters.items():
            assert not any(place.intersects(word) for word in words), (size, name)


def test_a_small_image_says_whose_it_is_and_when(qtbot: Any, still: Any) -> None:
    look, canvas = Look(), ImageCanvas()
    qtbot.addWidget(canvas)
    corners = CornerLayer(look)
    canvas.add_layer(corners)
    canvas.resize(200, 200)
    header = still.header
    identity = replace(header.identity, patient_name="Kim^Minjun", study_date="2026-06-08")
    with qtbot.waitSignal(canvas.frameChanged):
        canvas.set_radiograph(replace(still, header=replace(header, identity=identity)))
    canvas.grab()
    assert len(corners.places) == 2
    look.next_corners()  # the patient alone
    canvas.grab()
    assert len(corners.places) == 1
