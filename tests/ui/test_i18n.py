"""Every word of the window has its Korean, and the compiled file is the one that was written."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from stentviewer.core.paths import resources_dir
from stentviewer.core.settings import load_settings
from stentviewer.ui import i18n
from stentviewer.ui.actions import ACTIONS

ROOT = Path(__file__).resolve().parents[2]
SOURCE = resources_dir() / "i18n" / "stentviewer_ko.ts"


def tool(name: str, *arguments: str | Path) -> None:
    """Run one of PySide6's own tools, from the environment that runs the tests."""
    program = shutil.which(f"pyside6-{name}", path=str(Path(sys.executable).parent))
    assert program, f"pyside6-{name} comes with PySide6"
    subprocess.run([program, *map(str, arguments)], cwd=ROOT, check=True, capture_output=True)


def messages(file: Path) -> dict[tuple[str, str], ET.Element]:
    contexts = ET.parse(file).getroot().findall("context")
    return {
        (context.findtext("name", ""), message.findtext("source", "")): message
        for context in contexts
        for message in context.findall("message")
    }


def test_every_string_is_translated_and_none_is_left_over(tmp_path):
    fresh = tmp_path / "stentviewer_ko.ts"
    shutil.copyfile(SOURCE, fresh)
    tool("lupdate", "-extensions", "py", "-no-obsolete", "-locations", "none",
         "stentviewer/ui", "-ts", fresh)  # fmt: skip
    assert messages(fresh).keys() == messages(SOURCE).keys(), "run lupdate again"
    for (context, text), message in messages(SOURCE).items():
        translation = message.find("translation")
        assert translation is not None, (context, text)
        assert translation.text, f"{context}: {text!r} has no Korean"
        assert "type" not in translation.attrib, f"{context}: {text!r} is {translation.attrib}"


def test_translations_keep_the_places_that_are_filled_in():
    for (context, text), message in messages(SOURCE).items():
        korean = message.findtext("translation", "")
        places = re.compile(r"\{\w+\}")
        assert sorted(places.findall(text)) == sorted(places.findall(korean)), (context, text)


def test_the_compiled_file_is_current(tmp_path):
    fresh = tmp_path / "stentviewer_ko.qm"
    tool("lrelease", SOURCE, "-qm", fresh)
    assert fresh.read_bytes() == SOURCE.with_suffix(".qm").read_bytes(), "run lrelease again"


@pytest.fixture
def korean(qapp: QApplication):
    installed = i18n.install(qapp, "ko")
    yield
    for translator in installed:
        qapp.removeTranslator(translator)


def test_the_window_speaks_korean(korean, sit_down, picture):
    desk = sit_down()
    desk.open(picture("a.png"))
    desk.window.read()
    desk.settle()
    assert "모델의 판독" in desk.panel_text
    assert "연구용" in desk.panel_text
    for spec in ACTIONS:
        title = desk.window.actions_by_id[spec.id].text()
        assert re.search("[가-힣]", title), f"{spec.id} is not in Korean: {title}"


def test_the_choice_of_language_is_kept(desk):
    desk.window.use_korean()
    assert load_settings()[0].language == "ko"
    assert "다음 실행" in desk.window.statusBar().currentMessage()
