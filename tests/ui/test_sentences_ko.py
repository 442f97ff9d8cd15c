"""Every sentence of the layers below the window has its Korean, with the same values in it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication

import stentviewer
from stentviewer.core.errors import KnownError, UserError
from stentviewer.core.sentences import places, sentence, together
from stentviewer.ui import i18n

SOURCE = Path(stentviewer.__file__).parent
SPOKEN_IN_ENGLISH = {"cli", "__main__.py", "simulate"}  # no window shows them
CARRIERS = {"UserError", "KnownError", "NotAnImageError", "Problem", "StentviewerError"}


def calls(file: Path) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node


def name_of(call: ast.Call) -> str:
    assert isinstance(call.func, ast.Name)
    return call.func.id


def templates() -> dict[str, str]:
    """Every template in the source and where it stands."""
    found = {}
    for file in SOURCE.rglob("*.py"):
        for call in calls(file):
            if name_of(call) not in {"sentence", "template"} or not call.args:
                continue
            text = call.args[0]
            if isinstance(text, ast.Constant):
                found[str(text.value)] = f"{file.relative_to(SOURCE)}:{call.lineno}"
    return found


KOREAN = i18n.sentences_of("ko")


def test_every_sentence_has_its_korean_and_none_is_left_over() -> None:
    found = templates()
    assert len(found) > 200
    assert {text: where for text, where in found.items() if text not in KOREAN} == {}
    assert sorted(KOREAN.keys() - found.keys()) == []


@pytest.mark.parametrize("template", sorted(KOREAN))
def test_the_korean_has_the_same_values_and_is_korean(template: str) -> None:
    korean = KOREAN[template]
    assert sorted(set(places(korean))) == sorted(set(places(template)))
    own_words = re.findall(r"[a-z]{2,}", re.sub(r"\{.*?\}", " ", template))
    assert not own_words or re.search("[가-힣]", korean), korean
    assert not korean.endswith(" ")
    if template.endswith((".", "?")) and " " in template:
        assert korean.endswith((".", "?", "}")), "a sentence ends as one"


def test_what_carries_a_sentence_is_given_one() -> None:
    """An f-string in an error would stand in English in a Korean window."""
    plain = []
    for file in SOURCE.rglob("*.py"):
        inside = file.relative_to(SOURCE).parts
        if SPOKEN_IN_ENGLISH & set(inside) or inside[0] == "ui":
            continue
        plain += [
            f"{file.relative_to(SOURCE)}:{call.lineno}"
            for call in calls(file)
            if name_of(call) in CARRIERS
            for value in [*call.args, *(one.value for one in call.keywords)]
            if isinstance(value, ast.JoinedStr)
            or (isinstance(value, ast.Constant) and isinstance(value.value, str) and value.value)
        ]
    assert plain == []


def test_every_template_is_a_literal() -> None:
    """One that is not has its texts in `template("…")`, which the first test collects."""
    unmarked = []
    for file in SOURCE.rglob("*.py"):
        text = file.read_text(encoding="utf-8")
        for call in calls(file):
            given = call.args[0] if name_of(call) == "sentence" and call.args else None
            if (
                given is not None
                and not isinstance(given, ast.Constant)
                and "template(" not in text
            ):
                unmarked.append(f"{file.relative_to(SOURCE)}:{call.lineno}")
    assert unmarked == []


@pytest.fixture
def korean(qapp: QCoreApplication) -> Iterator[None]:
    i18n.install(qapp, "ko")
    yield
    i18n.uninstall(qapp)


def test_in_english_a_sentence_is_itself() -> None:
    said = sentence("There is no file “{name}”. Check its name and folder.", name="a.dcm")
    assert i18n.say(said) == str(said)


def test_an_error_is_said_in_korean(korean) -> None:
    said = sentence("There is no file “{name}”. Check its name and folder.", name="a.dcm")
    assert i18n.say(str(UserError(said))) == "“a.dcm” 파일이 없습니다. 이름과 폴더를 확인하십시오."


def test_numbers_are_formatted_as_in_english(korean) -> None:
    said = sentence("The ZIP “{name}” holds {n:,} files. Pack fewer into one.", name="a", n=12345)
    assert "12,345개" in i18n.say(said)


def test_sentences_within_sentences_and_lists_of_them(korean) -> None:
    why = sentence(
        "{file} cannot be read ({reason})", file="a", reason=sentence("the disk refused")
    )
    said = sentence(
        "The model {name} is not used: {what}. Install the model again.", name="m", what=why
    )
    assert i18n.say(str(KnownError(said))) == (
        "모델 m을(를) 사용하지 않습니다: a 파일을 읽을 수 없음(디스크가 거부함). "
        "모델을 다시 설치하십시오."
    )
    both = together(
        [sentence("“{name}” is empty.", name="a"), sentence("“{name}” is empty.", name="b")]
    )
    assert i18n.say(both) == "“a” 파일이 비어 있습니다. “b” 파일이 비어 있습니다."
    listed = sentence(
        "These settings could not be used and are as they come: {titles}. Choose them again; the "
        "others are as you left them.",
        titles=(sentence("Language"), sentence("Strength")),
    )
    assert "언어, 세기" in i18n.say(listed)


def test_a_name_that_reads_like_a_word_of_ours_stays(korean) -> None:
    said = sentence("“{name}” is empty.", name="Window")
    assert i18n.say(said) == "“Window” 파일이 비어 있습니다."
    assert i18n.say("Window") == "Window"


@pytest.mark.parametrize(
    ("kept", "said"),
    [
        ("This model cannot show where it looked.", "표시할 수 없습니다"),
        ("EGIS; the model had said NITI-S", "EGIS. 모델의 답: NITI-S"),
        ("image 12, frame 3", "영상 12, 프레임 3"),
        ("image 12", "영상 12"),
        ("“a b.dcm” is damaged or incomplete. Copy or save it again.", "“a b.dcm” 파일이 손상"),
    ],
)
def test_a_sentence_that_comes_back_from_the_library_is_known(korean, kept: str, said: str) -> None:
    assert said in i18n.say(kept)


@pytest.mark.parametrize("text", ["", "NITI-S", "Kim^Cheolsu", "a.dcm", "모델", "{", "Bona PC"])
def test_any_other_text_stays_as_it_is(korean, text: str) -> None:
    assert i18n.say(text) == text
