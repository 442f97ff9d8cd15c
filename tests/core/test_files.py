"""Files that leave the program are never written over others."""

from __future__ import annotations

from pathlib import Path

import pytest

from stentviewer.core.files import free_name, write_new


@pytest.mark.parametrize("name", ["list.csv", "list.json", "report.pdf", "list", ".csv", "a.b.csv"])
def test_a_taken_name_gets_a_number_whatever_its_ending(tmp_path: Path, name: str):
    path = tmp_path / "new" / name
    written = [write_new(path, str(n).encode()) for n in range(3)]
    assert written[0] == path
    assert len(set(written)) == 3
    assert {one.suffix for one in written} == {path.suffix}
    assert [one.read_text() for one in written] == ["0", "1", "2"]


def test_a_link_that_leads_nowhere_takes_the_name(tmp_path: Path):
    (tmp_path / "list.csv").symlink_to(tmp_path / "gone")
    assert write_new(tmp_path / "list.csv", b"x") == tmp_path / "list_2.csv"


def test_a_report_and_its_picture_have_one_name(tmp_path: Path):
    (tmp_path / "a.png").touch()
    (tmp_path / "a_2.pdf").touch()
    assert free_name(tmp_path, "a") == "a_3"
    assert free_name(tmp_path, "a", ".csv") == "a"
