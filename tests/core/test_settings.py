"""Settings survive; a damaged file costs one sentence and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from stentviewer.core.errors import KnownError
from stentviewer.core.settings import Settings, load_settings, save_settings


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


def test_an_account_without_a_name_is_no_obstacle(monkeypatch: pytest.MonkeyPatch) -> None:
    def nameless() -> str:
        raise KeyError("uid not found")

    monkeypatch.setattr("getpass.getuser", nameless)
    assert Settings().reader == "reader"


@pytest.mark.parametrize(
    "content", [b"", b"{", b"\xff\xfe", b"[]", b'{"heat_strength": 7}', b'{"language": "xx"}']
)
def test_a_damaged_file_is_moved_aside_and_told_once(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "settings.json"
    file.write_bytes(content)
    settings, said = load_settings(file)
    assert settings == Settings()
    assert "settings.json.damaged" in said
    assert (tmp_path / "settings.json.damaged").read_bytes() == content
    assert load_settings(file) == (Settings(), "")


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
