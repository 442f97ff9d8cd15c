"""Files, folders and ZIPs: every image found, every failure one sentence, nothing climbs out."""

from __future__ import annotations

import os
import stat
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest

from stentviewer.core.errors import Cancelled
from stentviewer.core.jobs import JobContext, Progress
from stentviewer.core.types import ImageHeader, Problem
from stentviewer.imaging.scan import find_images
from tests.imaging.conftest import Writer


def png(path: Path, value: int = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), np.full((8, 8), value, np.uint8))
    return path


def found_in(paths: list[Path], unpack: Path) -> tuple[list[str], list[Problem]]:
    found = list(find_images(paths, unpack, JobContext()))
    images = [header.path.name for header in found if isinstance(header, ImageHeader)]
    return images, [problem for problem in found if isinstance(problem, Problem)]


def test_a_folder_with_folders(tmp_path: Path, write_dicom: Writer) -> None:
    case = tmp_path / "case"
    png(case / "b.png")
    png(case / "deeper" / "c.png")
    write_dicom(name="case/IM0001")
    (case / "DICOMDIR").write_bytes(b"\0" * 128 + b"DICM")
    (case / "notes.txt").write_text("words")
    (case / "table.csv").write_text("1,2")
    (case / ".hidden.png").write_bytes(b"no")
    images, problems = found_in([case], tmp_path / "unpacked")
    assert images == ["IM0001", "b.png", "c.png"]
    assert [(p.path, p.message) for p in problems] == [
        (case, "2 files are not images and were left out.")
    ]


def test_a_file_named_by_hand_is_answered_for(tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("words")
    missing = tmp_path / "gone.dcm"
    good = png(tmp_path / "a.png")
    images, problems = found_in([text, missing, good], tmp_path / "unpacked")
    assert images == ["a.png"]
    assert "notes.txt" in problems[0].message
    assert "no file “gone.dcm”" in problems[1].message


def test_damaged_images_in_a_folder_are_named(tmp_path: Path, write_dicom: Writer) -> None:
    write_dicom(name="case", PixelData=None)
    folder = tmp_path / "f"
    folder.mkdir()
    (tmp_path / "case").rename(folder / "report.dcm")
    png(folder / "a.png")
    images, problems = found_in([folder], tmp_path / "unpacked")
    assert images == ["a.png"]
    assert "“report.dcm” is a DICOM file without pixels" in problems[0].message


def zipped(path: Path, *members: tuple[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return path


def test_a_zip_is_unpacked_once_under_its_hash(tmp_path: Path) -> None:
    image = png(tmp_path / "a.png").read_bytes()
    archive = zipped(tmp_path / "x.zip", ("in/a.png", image), ("b.png", image), ("c.txt", b"?"))
    unpack = tmp_path / "unpacked"
    first = list(find_images([archive], unpack, JobContext()))
    headers = [found for found in first if isinstance(found, ImageHeader)]
    assert [header.path.name for header in headers] == ["b.png", "a.png"]
    assert all(header.path.is_relative_to(unpack) for header in headers)
    assert Problem(archive, "1 file is not an image and was left out.", is_notice=True) in first
    before = headers[0].path.stat().st_mtime_ns
    assert list(find_images([archive], unpack, JobContext())) == first
    assert headers[0].path.stat().st_mtime_ns == before
    assert len(list(unpack.iterdir())) == 1


@pytest.mark.parametrize(
    "name", ["../evil.png", "a/../../evil.png", "/evil.png", "..\\evil.png", "C:\\evil.png"]
)
def test_a_zip_that_climbs_out_writes_nothing(tmp_path: Path, name: str) -> None:
    archive = zipped(tmp_path / "x.zip", ("good.png", b"1"), (name, b"evil"))
    images, problems = found_in([archive], tmp_path / "here" / "unpacked")
    assert images == []
    assert "outside its folder" in problems[0].message
    assert not list(tmp_path.rglob("*evil*"))
    assert not list(tmp_path.rglob("good.png"))


def test_a_link_in_a_zip_is_refused(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("link.png")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    archive = tmp_path / "x.zip"
    with zipfile.ZipFile(archive, "w") as writing:
        writing.writestr(link, "/etc/passwd")
    _, problems = found_in([archive], tmp_path / "unpacked")
    assert "holds a link" in problems[0].message


def _declare(path: Path, size: int) -> None:
    """Overwrite the sizes that a one-file ZIP states for its content, in both places."""
    data = bytearray(path.read_bytes())
    packed = size.to_bytes(4, "little")
    data[22:26] = packed
    central = data.index(b"PK\x01\x02")
    data[central + 24 : central + 28] = packed
    path.write_bytes(data)


def test_a_zip_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    bomb = zipped(tmp_path / "bomb.zip", ("a.dcm", b"\0" * 2**27))
    _, problems = found_in([bomb], tmp_path / "unpacked")
    assert "unpacks to 128 MB" in problems[0].message
    huge = zipped(tmp_path / "huge.zip", ("a.dcm", b"\0" * 100))
    with zipfile.ZipFile(huge, "w", allowZip64=True) as archive:
        info = zipfile.ZipInfo("a.dcm")
        archive.writestr(info, b"\0" * 100)
        info.file_size = 100 * 2**30
    _, problems = found_in([huge], tmp_path / "unpacked")
    assert "102,400 MB" in problems[0].message
    assert not list((tmp_path).rglob("a.dcm"))


def test_a_zip_that_lies_about_its_sizes_cannot_write_more(tmp_path: Path) -> None:
    archive = zipped(tmp_path / "x.zip", ("a.bin", b"\0" * 10**6))
    _declare(archive, 1000)
    unpack = tmp_path / "unpacked"
    images, problems = found_in([archive], unpack)
    assert images == []
    assert len(problems) == 1
    assert sum(path.stat().st_size for path in unpack.rglob("*")) < 10**5


def test_damaged_empty_and_locked_zips(tmp_path: Path) -> None:
    image = png(tmp_path / "a.png").read_bytes()
    whole = zipped(tmp_path / "whole.zip", ("a.png", image)).read_bytes()
    broken = tmp_path / "broken.zip"
    broken.write_bytes(whole[: len(whole) // 2])
    damaged = tmp_path / "damaged.zip"
    damaged.write_bytes(whole[:45] + bytes(b ^ 0x55 for b in whole[45:60]) + whole[60:])
    locked = tmp_path / "locked.zip"
    marked = bytearray(whole)
    marked[6] |= 1
    marked[marked.index(b"PK\x01\x02") + 8] |= 1
    locked.write_bytes(marked)
    empty = zipped(tmp_path / "empty.zip")
    images, problems = found_in([broken, damaged, locked, empty], tmp_path / "unpacked")
    assert images == []
    said = [problem.message for problem in problems]
    assert "“broken.zip” is damaged" in said[0]
    assert "“damaged.zip” is damaged" in said[1]
    assert "has a password" in said[2]
    assert not list((tmp_path / "unpacked").rglob("a.png"))


def test_a_zip_in_a_zip_is_left_out(tmp_path: Path) -> None:
    image = png(tmp_path / "a.png").read_bytes()
    inner = zipped(tmp_path / "inner.zip", ("a.png", image)).read_bytes()
    outer = zipped(tmp_path / "outer.zip", ("inner.zip", inner), ("b.png", image))
    images, problems = found_in([outer], tmp_path / "unpacked")
    assert images == ["b.png"]
    assert problems[0].message == "1 file is not an image and was left out."


def test_a_full_disk_is_told_of(tmp_path: Path, monkeypatch) -> None:
    archive = zipped(tmp_path / "x.zip", ("a.png", b"1"))
    usage = type("Usage", (), {"free": 1000})
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage)
    _, problems = found_in([archive], tmp_path / "unpacked")
    assert "The disk has no room" in problems[0].message


def test_cancelling_stops_at_once_and_leaves_no_half_unpacked_zip(tmp_path: Path) -> None:
    image = png(tmp_path / "a.png").read_bytes()
    archive = zipped(tmp_path / "x.zip", *((f"{n}.png", image) for n in range(5)))
    context = JobContext(report=lambda p: context.cancelled.set() if p.done == 2 else None)
    with pytest.raises(Cancelled):
        list(find_images([archive], tmp_path / "unpacked", context))
    assert not list((tmp_path / "unpacked").rglob("*.png"))


def test_progress_names_what_is_looked_at(tmp_path: Path) -> None:
    png(tmp_path / "case" / "a.png")
    steps: list[Progress] = []
    list(find_images([tmp_path / "case"], tmp_path / "u", JobContext(report=steps.append)))
    assert "a.png" in [step.what for step in steps]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names on this system")
def test_a_pipe_does_not_hang(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    _, problems = found_in([pipe], tmp_path / "unpacked")
    assert "pipe" in problems[0].message
