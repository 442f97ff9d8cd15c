"""Two calm themes: every text can be read, and nothing keeps a colour of the other one."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QLabel

from stentviewer.ui import theme
from stentviewer.ui.viewer import colours

UI = Path(theme.__file__).parent


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""

    def linear(part: float) -> float:
        return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4

    c = QColor(colour)
    red, green, blue = (linear(part) for part in (c.redF(), c.greenF(), c.blueF()))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(a: str, b: str) -> float:
    dark, light = sorted((luminance(a), luminance(b)))
    return (light + 0.05) / (dark + 0.05)


@pytest.fixture(autouse=True)
def dark_again(qapp: QApplication):
    yield
    theme.apply_theme(qapp)


@pytest.mark.parametrize("colours_of", [theme.DARK, theme.LIGHT], ids=["dark", "light"])
def test_text_can_be_read_on_every_ground(colours_of: theme.Theme) -> None:
    grounds = ("window", "panel", "base", "raised", "chosen")
    texts = ("text", "quiet", "accent", "warning", "good")
    of = asdict(colours_of)
    short = {
        (text, ground): round(contrast(of[text], of[ground]), 2)
        for text in texts
        for ground in grounds
        if contrast(of[text], of[ground]) < 4.5
    }
    assert short == {}
    assert contrast(colours_of.on_accent, colours_of.accent) >= 4.5
    assert contrast(colours_of.text, colours_of.line) >= 4.5, "a button under the pointer"


def test_known_contrast() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_the_names_follow_the_theme_in_use(qapp: QApplication) -> None:
    theme.apply_theme(qapp, "light")
    assert theme.current() is theme.LIGHT
    assert theme.LIGHT.text == theme.TEXT
    assert qapp.palette().color(QPalette.ColorRole.Window) == QColor(theme.LIGHT.window)
    assert theme.LIGHT.raised in qapp.styleSheet()
    theme.apply_theme(qapp, "dark")
    assert theme.DARK.accent == theme.ACCENT
    assert theme.LIGHT.raised not in qapp.styleSheet()
    with pytest.raises(AttributeError):
        _ = theme.PINK  # type: ignore[attr-defined]


def test_as_the_computer_is_dark_where_the_computer_does_not_say(qapp: QApplication) -> None:
    theme.apply_theme(qapp, "system")
    light = qapp.styleHints().colorScheme() == Qt.ColorScheme.Light
    assert theme.current() is (theme.LIGHT if light else theme.DARK)


def test_what_is_drawn_over_an_image_stays_as_it_is(qapp: QApplication) -> None:
    theme.apply_theme(qapp, "light")
    assert QColor(theme.DARK.text) == colours.TEXT
    assert luminance(colours.BACKGROUND.name()) < 0.01


def test_a_text_is_painted_in_the_colours_of_the_theme(qapp: QApplication, qtbot) -> None:
    for setting, of in (("light", theme.LIGHT), ("dark", theme.DARK)):
        theme.apply_theme(qapp, setting)
        label = QLabel("█")
        qtbot.addWidget(label)
        label.resize(40, 40)
        picture = label.grab().toImage()
        assert picture.pixelColor(0, 0) == QColor(of.window)


def test_no_colour_is_taken_while_a_module_is_imported() -> None:
    """A colour that is taken then is the dark theme's for ever."""
    early = [
        f"{file.relative_to(UI)}:{node.lineno} theme.{node.attr}"
        for file in UI.rglob("*.py")
        for node in _at_import(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "theme"
        and node.attr.isupper()
        and node.attr not in {"GRID", "DARK", "LIGHT"}
    ]
    assert early == []


def _at_import(node: ast.AST):
    """What runs when the module is imported: all but the bodies of functions."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            for default in [*child.args.defaults, *child.args.kw_defaults, *child.decorator_list]:
                if default is not None:
                    yield from ast.walk(default)
        elif not isinstance(child, ast.Lambda):
            yield child
            yield from _at_import(child)


@pytest.mark.parametrize(
    ("percent", "environment", "expected"), [(150, None, 1.5), (100, None, 1.0), (150, "2", 2.0)]
)
def test_the_scale_is_that_of_the_next_program(percent, environment, expected) -> None:
    """In a process of its own: Qt reads it when the application is made."""
    program = (
        "from stentviewer.ui import theme; from PySide6.QtGui import QGuiApplication;"
        f"theme.set_scale({percent}); app = QGuiApplication([]);"
        "print(app.primaryScreen().devicePixelRatio())"
    )
    env = {name: value for name, value in os.environ.items() if name != "QT_SCALE_FACTOR"}
    if environment is not None:
        env["QT_SCALE_FACTOR"] = environment
    done = subprocess.run(
        [sys.executable, "-c", program], env=env, capture_output=True, text=True, check=True
    )
    assert float(done.stdout) == expected
