"""Settings survive; a damaged file costs one sentence and nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from stentviewer.core.errors import KnownError, UserError
from stentviewer.core.sentences import Sentence
from stentviewer.core.settings import (
    GROUPS,
    Settings,
    change,
    load_settings,
    save_settings,
    settings_page,
)


def test_what_was_chosen_is_there_again(tmp_path: Path) -> None:
    file = tmp_path / "new" / "settings.json"
    chosen = Settings(reader="김민수", language="ko", heat_table="viridis", heat_strength=0.7)
    save_settings(chosen, file)
    assert load_settings(file) == (chosen, "")
    assert [p.name for p in file.parent.iterdir()] == ["settings.json"]


def test_without_a_file_there_are_defaults_and_the_account_is_the_reader(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("getpass.getuser", lambda: "drkim")
    settings, said = load_settings(tmp_path / "settings.json")
    assert (settings.reader, settings.language, said) == ("drkim", "system", "")


@pytest.mark.parametrize(("account", "name"), [(" ", "reader"), ("x" * 99, "x" * 64)])
def test_any_account_is_a_name_that_may_be_kept(
    monkeypatch: pytest.MonkeyPatch, account: str, name: str
) -> None:
    monkeypatch.setattr("getpass.getuser", lambda: account)
    assert change(Settings(), scale=150).reader == name


def test_an_account_without_a_name_is_no_obstacle(monkeypatch: pytest.MonkeyPatch) -> None:
    def nameless() -> str:
        raise KeyError("uid not found")

    monkeypatch.setattr("getpass.getuser", nameless)
    assert Settings().reader == "reader"


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[]", b"3", b"[" * 100_000])
def test_a_damaged_file_is_moved_aside_and_told_once(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "settings.json"
    file.write_bytes(content)
    settings, said = load_settings(file)
    assert settings == Settings()
    assert "settings.json.damaged" in said
    assert isinstance(said, Sentence)
    assert (tmp_path / "settings.json.damaged").read_bytes() == content
    assert load_settings(file) == (Settings(), "")


@pytest.mark.parametrize(
    ("name", "value", "title"),
    [
        ("heat_strength", 7, "Strength"),
        ("heat_strength", float("nan"), "Strength"),
        ("language", "xx", "Language"),
        ("language", ["ko"], "Language"),
        ("reader", "  ", "Your name"),
        ("reader", {"name": "kim"}, "Your name"),
        ("scale", 101, "Size of text and buttons"),
        ("hide_identity", None, "Hide who the patient is"),
        ("shortcuts", 3, "Shortcuts"),
    ],
)
def test_one_bad_value_costs_only_itself(
    tmp_path: Path, name: str, value: object, title: str
) -> None:
    file = tmp_path / "settings.json"
    content = {"reader": "kim", "heat_table": "viridis", "cine_speed": 25} | {name: value}
    file.write_text(json.dumps(content))
    settings, said = load_settings(file)
    assert title in said
    assert getattr(settings, name) == getattr(Settings(), name)
    assert (settings.heat_table, settings.cine_speed) == ("viridis", 25)
    assert (tmp_path / "settings.json.damaged").read_text() == json.dumps(content)
    assert load_settings(file) == (settings, ""), "told once"


def test_one_bad_shortcut_costs_only_itself(tmp_path: Path) -> None:
    file = tmp_path / "settings.json"
    file.write_text('{"shortcuts": {"heat": ["Y"], "fit": 7}}')
    settings, said = load_settings(file)
    assert settings.shortcuts == {"heat": ("Y",)}
    assert "Shortcuts" in said


def test_a_mended_file_that_cannot_be_written_is_no_obstacle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "settings.json"
    file.write_text('{"reader": "kim", "language": "xx"}')

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    settings, said = load_settings(file)
    assert (settings.reader, settings.language) == ("kim", "system")
    assert "Language" in said
    assert json.loads(file.read_text())["language"] == "xx"


def test_what_a_later_version_keeps_survives_this_one(tmp_path: Path) -> None:
    file = tmp_path / "settings.json"
    file.write_text('{"reader": "kim", "of_tomorrow": {"a": "\\ud800"}}')
    settings, said = load_settings(file)
    assert (settings.reader, said) == ("kim", "")
    save_settings(change(settings, reader="lee"), file)
    kept = json.loads(file.read_text())
    assert (kept["reader"], kept["of_tomorrow"]) == ("lee", {"a": "\ud800"})


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"reader": " \n "}, "“Your name” must not be empty."),
        ({"reader": "x" * 65}, "“Your name” has to be a text of at most 64 letters."),
        ({"scale": 110}, "“Size of text and buttons” goes in steps of 25 %."),
        ({"scale": 300}, "“Size of text and buttons” can be from 100 to 200 %."),
        ({"heat_strength": 1.1}, "“Strength” can be from 0 to 100 %."),
        ({"cine_speed": "fast"}, "“Cine speed” can be from 1 to 60 /s."),
        ({"hide_identity": "perhaps"}, "“Hide who the patient is” can only be on or off."),
        ({"theme": "pink"}, "can only be of these: Dark, Light, As the computer."),
        ({"shortcuts": 3}, "“shortcuts” cannot be that."),
    ],
)
def test_a_value_that_cannot_be_is_answered_with_what_can(
    values: dict[str, object], said: str
) -> None:
    with pytest.raises(UserError) as refused:
        change(Settings(), **values)
    assert said in str(refused.value)
    assert isinstance(str(refused.value), Sentence)


def test_a_change_is_checked_and_leaves_the_rest() -> None:
    before = Settings(reader="kim", heat_table="viridis")
    after = change(before, reader="  lee   min  ", scale=150)
    assert (after.reader, after.scale, after.heat_table) == ("lee min", 150, "viridis")
    assert before.reader == "kim"


def test_every_setting_is_declared_for_the_page_or_kept_by_another_page() -> None:
    page = settings_page()
    elsewhere = {"shortcuts", "first_run_done"}
    assert {one.name for one in page} == Settings.model_fields.keys() - elsewhere
    for one in page:
        assert one.shown.group in GROUPS
        assert one.shown.title
        assert one.shown.help
        assert one.choices == () or set(one.shown.choices) == set(one.choices), one.name
        assert one.choices or one.kind is bool or one.longest or one.high > one.low, one.name
    assert [one.shown.group for one in page] == sorted(
        (one.shown.group for one in page), key=GROUPS.index
    )


def test_a_setting_of_another_version_is_passed_over(tmp_path: Path) -> None:
    file = tmp_path / "settings.json"
    file.write_text('{"reader": "kim", "of_tomorrow": 1}')
    settings, said = load_settings(file)
    assert (settings.reader, said) == ("kim", "")


def test_settings_that_cannot_be_written_leave_the_former_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "settings.json"
    save_settings(Settings(reader="kim"), file)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(KnownError, match="No space left"):
        save_settings(Settings(reader="lee"), file)
    assert load_settings(file)[0].reader == "kim"


def test_they_are_kept_in_the_persons_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STENTVIEWER_HOME", str(tmp_path))
    save_settings(Settings(reader="kim"))
    assert load_settings()[0].reader == "kim"
    assert (tmp_path / "settings.json").is_file()
