"""The main screens as they were looked at and found good, in both languages and both themes.

`STENTVIEWER_GOLDEN=write` draws them anew; look at each before it is committed. Where the fonts
are others than those of the stored pictures, nothing can be compared.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QFontInfo, QFontMetricsF, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QToolBar, QWidget

from stentviewer.core.jobs import JobContext
from stentviewer.ui import i18n, theme
from tests.ui.conftest import Desk

STORED = Path(__file__).parent / "golden"
WRITES = os.environ.get("STENTVIEWER_GOLDEN") == "write"
WIDTH = 480  # pixels of a stored picture
SIZE = (1200, 750)
OFF = 32  # grey levels that a pixel is off by, once both are blurred, to count as another one
MOST_OFF = 0.0005  # share of such pixels
MOST_MEAN = 0.5  # grey levels
Picture = npt.NDArray[np.uint8]  # (rows, columns, 3)


@dataclass(frozen=True)
class Difference:
    """How far two pictures are apart: mean grey levels, and the share of pixels that are others."""

    mean: float
    off: float

    @property
    def is_small(self) -> bool:
        return self.mean <= MOST_MEAN and self.off <= MOST_OFF


def difference(one: Picture, other: Picture) -> Difference:
    """Blurred first, so that the edge of a letter may lie half a pixel elsewhere."""
    assert one.shape == other.shape, f"{one.shape} is not {other.shape}"
    blurred = [cv2.GaussianBlur(picture, (3, 3), 0).astype(np.int16) for picture in (one, other)]
    apart = np.abs(blurred[0] - blurred[1]).max(axis=2)
    return Difference(float(apart.mean()), float((apart > OFF).mean()))


def fonts(app: QApplication) -> dict[str, object]:
    """What letters look like here: the family, and the widths of a Latin and a Korean word."""
    font = app.font()
    metrics = QFontMetricsF(font)
    widths = {word: round(metrics.horizontalAdvance(word), 1) for word in ("stentviewer", "판독")}
    return {"family": QFontInfo(font).family(), "points": font.pointSizeF(), "widths": widths}


@pytest.fixture(autouse=True)
def known_fonts(qapp: QApplication) -> None:
    """Skip where the pictures were drawn with other fonts."""
    file = STORED / "fonts.json"
    if WRITES:
        STORED.mkdir(exist_ok=True)
        file.write_text(json.dumps(fonts(qapp), ensure_ascii=False, indent=2) + "\n", "utf-8")
        return
    known, here = json.loads(file.read_text("utf-8")), fonts(qapp)
    if here != known:
        pytest.skip(f"the pictures were drawn with {known}, here are {here}")


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The example patient's files."""
    from stentviewer.app.demo import example_patient_files

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STENTVIEWER_HOME", str(tmp_path_factory.mktemp("example")))
        return list(example_patient_files(JobContext()))


@pytest.fixture
def sit(
    request: pytest.FixtureRequest, qapp: QApplication, sit_down: Callable[..., Desk]
) -> Iterator[Callable[..., Desk]]:
    """Start the program in a language and a theme; the tests after this one get the usual ones."""
    flash = qapp.cursorFlashTime()

    def start(language: str, colours: str, **settings: object) -> Desk:
        theme.apply_theme(qapp, colours)
        i18n.install(qapp, language)
        desk = sit_down(language=language, theme=colours, **settings)
        desk.window.resize(*SIZE)
        desk.window.load_icons()
        desk.settle()
        return desk

    qapp.setCursorFlashTime(0)  # a caret that blinks is not there half of the time
    yield start
    qapp.setCursorFlashTime(flash)
    theme.apply_theme(qapp, "dark")
    i18n.uninstall(qapp)


def picture_of(widget: QWidget, *hidden: QWidget) -> Picture:
    """The widget as it is stored, without what is another each time: `hidden`."""
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)
    pixels = rows[:, : image.width() * 3].reshape(image.height(), image.width(), 3)[..., ::-1]
    pixels = np.ascontiguousarray(pixels)
    for one in hidden:
        place = QRect(one.mapTo(widget, QPoint(0, 0)), one.size())
        pixels[max(place.top(), 0) : place.bottom() + 1, place.left() : place.right() + 1] = 128
    height = round(image.height() * WIDTH / image.width())
    return cv2.resize(pixels, (WIDTH, height), interpolation=cv2.INTER_AREA).astype(np.uint8)


def settle(desk: Desk) -> None:
    """Everything is loaded, and each image as exact as it gets."""
    desk.settle()
    shown = [viewport.canvas for viewport in desk.window.grid.viewports]
    canvases = [canvas for canvas in shown if canvas.has_frame]
    desk._qtbot.waitUntil(lambda: all(canvas.settled for canvas in canvases), timeout=10_000)
    desk.settle()
    desk.window.statusBar().clearMessage()
    for _ in range(3):  # what was resized may resize others
        QApplication.processEvents()


def page(desk: Desk, show: Callable[[], None], name: str) -> Picture:
    """A page over the window."""
    show()
    settle(desk)
    dialog = desk.window.comfort._pages[name]
    desk._qtbot.waitUntil(dialog.isActiveWindow)
    return picture_of(dialog)


def drag(widget: QWidget, start: tuple[float, float], end: tuple[float, float]) -> None:
    """From a place to another, as shares of width and height."""
    size, left = widget.size(), Qt.MouseButton.LeftButton
    places = [QPoint(round(x * size.width()), round(y * size.height())) for x, y in (start, end)]
    QTest.mousePress(widget, left, pos=places[0])
    QTest.mouseMove(widget, places[1])
    QTest.mouseRelease(widget, left, pos=places[1])


def empty(sit: Callable[..., Desk], example: list[Path], look: tuple[str, str]) -> Picture:
    desk = sit(*look)
    settle(desk)
    return picture_of(desk.window)


def patient(desk: Desk, example: list[Path]) -> None:
    """Read, prior beside current, with heat, a box and a measured length."""
    window = desk.window
    desk.open(*example)
    window.review.read()
    settle(desk)
    window.measuring.use_length()
    drag(window.canvas, (0.3, 0.62), (0.5, 0.74))
    window.measuring.use_pointer()
    settle(desk)
    assert len(window.grid.viewports) == 2
    assert len(window.measuring.rows) == 1


def read(sit: Callable[..., Desk], example: list[Path], look: tuple[str, str]) -> Picture:
    desk = sit(*look)
    patient(desk, example)
    return picture_of(desk.window, desk.window.reading.facts)


def sealed(sit: Callable[..., Desk], example: list[Path], look: tuple[str, str]) -> Picture:
    desk = sit(*look, sealed_reading=True)
    desk.open(*example)
    desk.window.review.read()
    settle(desk)
    return picture_of(desk.window)


def settings(sit: Callable[..., Desk], example: list[Path], look: tuple[str, str]) -> Picture:
    desk = sit(*look)
    return page(desk, desk.window.comfort.show_settings, "settings")


def keys(sit: Callable[..., Desk], example: list[Path], look: tuple[str, str]) -> Picture:
    desk = sit(*look)
    return page(desk, desk.window.comfort.show_keys, "shortcuts")


def welcome(sit: Callable[..., Desk], example: list[Path], look: tuple[str, str]) -> Picture:
    desk = sit(*look)
    return page(desk, desk.window.comfort.show_welcome, "welcome")


SCREENS = (empty, read, sealed, settings, keys, welcome)
LOOKS = [
    *((screen, "en", "dark") for screen in SCREENS),
    *((screen, "ko", "dark") for screen in SCREENS),
    (read, "en", "light"),
    (settings, "ko", "light"),
]


@pytest.mark.parametrize(
    ("screen", "language", "colours"),
    LOOKS,
    ids=[f"{screen.__name__}-{language}-{colours}" for screen, language, colours in LOOKS],
)
def test_the_screen_is_as_it_was_found_good(
    sit: Callable[..., Desk],
    example: list[Path],
    tmp_path: Path,
    screen: Callable[..., Picture],
    language: str,
    colours: str,
) -> None:
    file = STORED / f"{screen.__name__}_{language}_{colours}.png"
    shown = screen(sit, example, (language, colours))
    if WRITES:
        assert cv2.imwrite(str(file), shown, [cv2.IMWRITE_PNG_COMPRESSION, 9])
        return
    stored = cv2.imread(str(file))
    assert stored is not None, f"{file.name} is missing: STENTVIEWER_GOLDEN=write draws it"
    apart = difference(shown, stored)
    now = tmp_path / file.name
    cv2.imwrite(str(now), shown)
    assert apart.is_small, f"{apart} between {file} and {now}"


def test_the_difference_sees_what_is_missing(
    sit: Callable[..., Desk], example: list[Path], tmp_path: Path
) -> None:
    """A button, an icon, the scale bar's place or one box less is another picture."""
    desk = sit("en", "dark")
    patient(desk, example)
    window = desk.window

    def now() -> Picture:
        settle(desk)
        return picture_of(window, window.reading.facts)

    whole = now()
    again = difference(now(), whole)
    assert (again.mean, again.off) == (0.0, 0.0)
    accept = next(b for b in window.reading.findChildren(QPushButton) if b.text() == "Accept")
    accept.setVisible(False)
    assert not difference(now(), whole).is_small
    accept.setVisible(True)
    assert difference(now(), whole).is_small
    bar = window.findChild(QToolBar, "tools")
    icon = window.actions_by_id["invert"]
    bar.removeAction(icon)
    assert not difference(now(), whole).is_small
    bar.insertAction(window.actions_by_id["heat"], icon)
    window.canvas.set_boxes_visible(False)
    assert not difference(now(), whole).is_small
    window.canvas.set_boxes_visible(True)
    window.viewer.fidelity.hide()
    assert not difference(now(), whole).is_small


def test_antialiasing_is_no_difference() -> None:
    """Half a pixel of smoothing stays within the tolerance; five pixels of place do not."""
    rng = np.random.default_rng(3)
    plain = np.full((300, 480, 3), 24, np.uint8)
    for line in range(20, 280, 16):
        cv2.putText(plain, "Not read yet", (12, line), 0, 0.3, (220, 220, 220), 1, cv2.LINE_AA)
    noisy = np.clip(plain + rng.integers(-1, 2, plain.shape), 0, 255).astype(np.uint8)
    nudged = cv2.warpAffine(plain, np.float32([[1, 0, 0.1], [0, 1, 0.05]]), (480, 300))
    nudged[:, :2], nudged[:2] = plain[:, :2], plain[:2]
    assert difference(noisy, plain).off == 0.0
    assert difference(nudged.astype(np.uint8), plain).is_small
    assert not difference(np.roll(plain, 5, axis=1), plain).is_small
