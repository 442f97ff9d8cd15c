"""The decode-once cache: what reading sees, found again, gone on with, mended."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections import namedtuple
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest

from stentviewer.core.errors import Cancelled, KnownError
from stentviewer.core.types import Box
from stentviewer.imaging.collimator import uncollimated_area
from stentviewer.imaging.readers import read_radiograph
from stentviewer.inference.preprocess import Preprocessing, prepare
from stentviewer.learning import cache as cache_module
from stentviewer.learning import cache_file, decoding
from stentviewer.learning.cache import open_cache
from stentviewer.learning.decoding import Task, stamp_of
from stentviewer.learning.events import Free, RunContext
from stentviewer.learning.feed import Feed
from stentviewer.learning.selection import Item
from tests.learning.images import picture, png_items, write_dicom, write_png

SPEC = Preprocessing(side=64)


def opened(items, folder, spec=SPEC, context=None, workers=None):
    return open_cache(items, spec, folder / "cache", context or RunContext(), workers)


def of_kind(folder: Path, kind: str) -> Path:
    (found,) = (folder / "cache").glob(f"*/*.{kind}")
    return found


@pytest.fixture
def decoded(monkeypatch):
    """The items that were decoded in this process, by file name."""
    names: list[str] = []
    before = decoding._fitted

    def fitted(item, feed):
        names.append(item.path.name)
        return before(item, feed)

    monkeypatch.setattr(decoding, "_fitted", fitted)
    return names


class Stops:
    """Orders to stop at the n-th look."""

    def __init__(self, after: int) -> None:
        self.left = after

    def check(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise Cancelled


@pytest.mark.parametrize("fit", ["letterbox", "stretch", "crop"])
def test_a_tensor_is_what_reading_is_fed(tmp_path, fit):
    spec = Preprocessing(side=64, fit=fit)
    items = png_items(tmp_path, 5)
    cache, problems = opened(items, tmp_path, spec)
    assert not problems
    assert cache.items == tuple(items)
    assert cache.pixels.shape == (5, 64, 64)
    assert cache.pixels.dtype == np.uint8
    rows = np.array([3, 0, 4])
    tensor = cache.tensor(rows, spec)
    assert tensor.dtype == np.float32
    for made, row in zip(tensor, rows, strict=True):
        values = read_radiograph(items[row].path).modality_values(0)
        expected = prepare(values, spec, uncollimated_area(values))
        assert np.abs(made - expected.tensor[0]).max() <= 0.51 / 255 / min(spec.std)
        assert ((made == 0) == (expected.tensor[0] == 0)).mean() > 0.99
        x0, y0, x1, y1 = cache.inside[row]
        outside = np.ones((64, 64), bool)
        outside[y0:y1, x0:x1] = False
        assert not made[:, outside].any()
        assert outside.any() == (fit == "letterbox")
        assert tuple(cache.extent[row]) == pytest.approx(
            (expected.extent.x0, expected.extent.y0, expected.extent.x1, expected.extent.y1)
        )


def test_mean_and_deviation_are_applied_later_other_settings_are_refused(tmp_path):
    cache, _ = opened(png_items(tmp_path, 2), tmp_path)
    other = cache.tensor([0], Preprocessing(side=64, mean=(0, 0, 0), std=(1, 1, 1)))
    x0, y0, x1, y1 = cache.inside[0]
    unit = cache.pixels[0, y0:y1, x0:x1] / np.float32(255)
    assert np.abs(other[0, 1, y0:y1, x0:x1] - unit).max() < 1e-6
    with pytest.raises(ValueError, match="other preprocessing"):
        cache.tensor([0], Preprocessing(side=64, low=2))


def test_the_window_of_the_file_is_obeyed(tmp_path):
    item = png_items(tmp_path, 1)[0]
    by_file, _ = opened([item], tmp_path, Preprocessing(side=64, window="dicom"))
    by_values, _ = opened([item], tmp_path)
    assert (by_file.pixels[0] != by_values.pixels[0]).any()
    assert by_file.digest != by_values.digest


def test_a_second_opening_decodes_nothing_even_under_other_names(tmp_path, decoded):
    items = png_items(tmp_path, 4)
    first, _ = opened(items, tmp_path)
    pixels = np.array(first.pixels)
    assert len(decoded) == 4
    moved = [
        replace(item, path=shutil.move(item.path, tmp_path / f"x{i}"))
        for i, item in enumerate(items)
    ]
    moved = [replace(item, path=Path(item.path)) for item in moved]
    second, _ = opened(moved, tmp_path)
    assert len(decoded) == 4
    assert (second.pixels == pixels).all()
    assert second.sha256 == first.sha256
    assert second.digest == first.digest
    assert second.items == tuple(moved)


def test_one_more_image_decodes_that_one_alone(tmp_path, decoded):
    items = png_items(tmp_path, 4)
    opened(items[:3], tmp_path)
    cache, _ = opened([items[3], *items[:3]], tmp_path)
    assert decoded == ["00.png", "01.png", "02.png", "03.png"]
    alone, _ = opened(items[1:2], tmp_path / "elsewhere")
    assert (cache.pixels[2] == alone.pixels[0]).all()


def test_several_processes_give_the_same_in_the_same_order(tmp_path, monkeypatch):
    monkeypatch.setattr(decoding, "_FEW", 2)
    items = png_items(tmp_path, 7)
    (tmp_path / "03.png").write_bytes(b"no picture")
    together, problems = opened(items, tmp_path / "a", workers=2)
    one_by_one, same = opened(items, tmp_path / "b", workers=1)
    assert together.items == one_by_one.items == tuple(items[:3] + items[4:])
    assert (together.pixels == one_by_one.pixels).all()
    assert problems == same
    assert [problem.path for problem in problems] == [items[3].path]


def _die_on(task: Task, feed: Feed) -> decoding.Decoded | decoding.Problem:
    if task.item.label == "kills":
        os._exit(11)
    return decoding._one(task, feed)


def test_a_decoder_that_crashes_costs_its_own_image(tmp_path, monkeypatch):
    items = png_items(tmp_path, 5)
    items[2] = replace(items[2], label="kills")
    tasks = [Task(item, stamp_of(item.path)) for item in items]

    class Pool(decoding.ProcessPoolExecutor):
        def submit(self, _, /, *arguments):
            return super().submit(_die_on, *arguments)

    monkeypatch.setattr(decoding, "ProcessPoolExecutor", Pool)
    monkeypatch.setattr(decoding, "_FEW", 2)
    found = list(decoding.decode(tasks, Feed(SPEC), 2, Free()))
    assert [isinstance(one, decoding.Decoded) for one in found] == [True, True, False, True, True]
    assert "crashed its decoder" in found[2].message


def test_stops_at_an_order_and_goes_on_where_it_was(tmp_path, decoded):
    items = png_items(tmp_path, 6)
    with pytest.raises(Cancelled):
        opened(items, tmp_path, context=RunContext(control=Stops(14)))
    part = len(decoded)
    assert 0 < part < 6
    rows = of_kind(tmp_path, "rows").read_text().count("\n")
    assert 0 < rows <= part
    cache, _ = opened(items, tmp_path)
    assert len(decoded) == part + 6 - rows
    fresh, _ = opened(items, tmp_path / "fresh")
    assert cache.digest == fresh.digest


_KILLED = """
import os, signal, sys
from pathlib import Path
from stentviewer.inference.preprocess import Preprocessing
from stentviewer.learning import cache_file
from stentviewer.learning.cache import open_cache
from stentviewer.learning.events import RunContext
from stentviewer.learning.selection import read_selection
folder = Path(sys.argv[1])
before = cache_file.CacheFile.add
def add(self, row, pixels):
    if len(self.rows) == 3:
        with self.path.open("ab") as file:
            file.write(b"torn")
        os.kill(os.getpid(), signal.SIGKILL)
    before(self, row, pixels)
cache_file.CacheFile.add = add
open_cache(read_selection(folder / "s.csv"), Preprocessing(side=64), folder / "cache", RunContext())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_killed_in_the_middle_of_a_row_it_goes_on(tmp_path, decoded):
    from stentviewer.learning.selection import write_selection

    items = png_items(tmp_path, 5)
    write_selection(tmp_path / "s.csv", items)
    done = subprocess.run([sys.executable, "-c", _KILLED, str(tmp_path)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert of_kind(tmp_path, "pixels").stat().st_size == 3 * 64 * 64 + 4
    cache, _ = opened(items, tmp_path)
    assert decoded == ["03.png", "04.png"]
    assert cache.digest == opened(items, tmp_path / "fresh")[0].digest


@pytest.mark.parametrize("harm", ["flip", "short", "gone", "journal", "shuffled"])
def test_damage_is_found_and_mended(tmp_path, harm):
    items = png_items(tmp_path, 4)
    before = np.array(opened(items, tmp_path)[0].pixels)
    pixels, rows = of_kind(tmp_path, "pixels"), of_kind(tmp_path, "rows")
    if harm == "flip":
        data = bytearray(pixels.read_bytes())
        data[2 * 64 * 64 + 100] ^= 1
        pixels.write_bytes(data)
    elif harm == "short":
        os.truncate(pixels, 3 * 64 * 64 - 1)
    elif harm == "gone":
        pixels.unlink()
    elif harm == "journal":
        rows.write_bytes(rows.read_bytes()[:-40] + b"\xff{")
    else:
        rows.write_text("".join(reversed(rows.read_text().splitlines(keepends=True))))
    cache, problems = opened(items, tmp_path)
    assert not problems
    assert (cache.pixels == before).all()


def test_a_damaged_row_is_not_copied_into_another_selection(tmp_path, decoded):
    items = png_items(tmp_path, 3)
    before = np.array(opened(items, tmp_path)[0].pixels)
    pixels = of_kind(tmp_path, "pixels")
    data = bytearray(pixels.read_bytes())
    data[100] ^= 1
    pixels.write_bytes(data)
    cache, _ = opened(items[:2], tmp_path)
    assert decoded[3:] == ["00.png"]
    assert (cache.pixels == before[:2]).all()


def test_mending_leaves_what_another_run_has_mapped_as_it_was(tmp_path):
    items = png_items(tmp_path, 4)
    cache, _ = opened(items, tmp_path)
    before = np.array(cache.pixels)
    rows = of_kind(tmp_path, "rows")
    rows.write_text("".join(rows.read_text().splitlines(keepends=True)[1:]))
    opened(items, tmp_path)
    assert (cache.pixels == before).all()


def test_a_file_that_can_be_read_again_takes_its_place(tmp_path, monkeypatch):
    items = png_items(tmp_path, 4)
    before = decoding._fitted

    def short_of_memory(item, spec):
        if item.path.name == "01.png":
            raise MemoryError
        return before(item, spec)

    with monkeypatch.context() as patch:
        patch.setattr(decoding, "_fitted", short_of_memory)
        cache, (problem,) = opened(items, tmp_path)
        again, problems = opened(items, tmp_path)
    assert "more memory" in problem.message
    assert problems == (problem,)
    assert [item.path.name for item in cache.items] == ["00.png", "02.png", "03.png"]
    assert again.items == cache.items
    whole, none = opened(items, tmp_path)
    assert not none
    assert whole.items == tuple(items)
    assert whole.digest == opened(items, tmp_path / "fresh")[0].digest


def test_what_cannot_be_read_becomes_a_problem_and_the_rest_goes_on(tmp_path):
    items = png_items(tmp_path, 6)
    items[0].path.unlink()
    items[1].path.write_bytes(items[1].path.read_bytes()[:60])
    items[2] = replace(items[2], frame=7)
    items[3] = replace(items[3], path=tmp_path)
    cache, problems = opened(items, tmp_path)
    assert cache.items == tuple(items[4:])
    said = {problem.path: problem.message for problem in problems}
    assert set(said) == {item.path for item in items[:4]}
    assert "There is no file" in said[items[0].path]
    assert "there is no frame 8" in said[items[2].path]


def test_a_pipe_does_not_keep_a_run_waiting(tmp_path):
    if not hasattr(os, "mkfifo"):
        pytest.skip("no pipes with names here")
    os.mkfifo(tmp_path / "pipe.png")
    cache, (problem,) = opened([Item(tmp_path / "pipe.png", "EGIS", "p")], tmp_path)
    assert len(cache) == 0
    assert cache.tensor([], SPEC).shape == (0, 3, 64, 64)
    assert "pipe.png" in problem.message


def test_a_file_that_changes_while_it_is_read_is_left_out(tmp_path, monkeypatch):
    items = png_items(tmp_path, 2)
    before = decoding._fitted

    def fitted(item, spec):
        found = before(item, spec)
        if item.path.name == "00.png":
            write_png(item.path, 99)
        return found

    monkeypatch.setattr(decoding, "_fitted", fitted)
    cache, (problem,) = opened(items, tmp_path)
    assert cache.items == (items[1],)
    assert "changed or removed" in problem.message


def test_copies_are_left_out_a_held_back_one_stays(tmp_path):
    items = png_items(tmp_path, 3)
    copy = Path(shutil.copy(items[0].path, tmp_path / "copy.png"))
    test = replace(items[0], path=copy, role="test")
    cache, (problem,) = opened([*items, test], tmp_path)
    assert cache.items == (items[1], items[2], test)
    assert problem.path == items[0].path
    assert "copy.png" in problem.message


def test_copies_with_two_labels_are_both_left_out(tmp_path):
    items = png_items(tmp_path, 3)
    copy = Path(shutil.copy(items[0].path, tmp_path / "copy.png"))
    cache, problems = opened([*items, Item(copy, "NITI-S", "p")], tmp_path)
    assert cache.items == tuple(items[1:])
    assert [problem.path for problem in problems] == [items[0].path, copy]
    assert all("EGIS, NITI-S" in problem.message for problem in problems)


def test_masks_are_painted_over_with_the_median(tmp_path):
    item = png_items(tmp_path, 1)[0]
    masked = replace(item, masks=(Box(0.25, 0.4, 0.5, 0.6),))
    plain, _ = opened([item], tmp_path)
    cache, _ = opened([masked], tmp_path)
    assert cache.sha256 == plain.sha256
    x0, y0, x1, y1 = cache.extent[0]
    left, right = ((v - x0) / (x1 - x0) * 64 for v in (0.25, 0.5))
    top, bottom = ((v - y0) / (y1 - y0) * 64 for v in (0.4, 0.6))
    hidden = cache.pixels[0, int(top) + 1 : int(bottom), int(left) + 1 : int(right)]
    assert int(hidden.max()) - int(hidden.min()) <= 1
    inside = plain.pixels[0, plain.inside[0, 1] : plain.inside[0, 3]]
    assert abs(float(hidden.mean()) - float(np.median(inside))) < 6
    assert np.ptp(plain.pixels[0, int(top) + 1 : int(bottom), int(left) + 1 : int(right)]) > 20


def test_frames_of_one_file_and_rows_of_hdf5(tmp_path):
    cine = write_dicom(tmp_path / "cine.dcm", "P1", frames=3)
    table = tmp_path / "images.h5"
    kinds = {"a.h5": np.uint8, "b.h5": np.uint16, "c.h5": np.float32}
    items = [Item(cine, "EGIS", "p", frame=2)]
    for name, kind in kinds.items():
        table = tmp_path / name
        with h5py.File(table, "w") as file:
            scale = 200 if kind is np.uint16 else 1
            file["images"] = np.stack([picture(9 + i) for i in range(3)]).astype(kind) * kind(scale)
        items.append(Item(table, "Epic", "q", frame=1))
    cache, problems = opened(items, tmp_path)
    assert not problems
    assert cache.sha256[0].endswith(":2")
    png, _ = opened([Item(write_png(tmp_path / "10.png", 10), "Epic", "q")], tmp_path)
    for row in (1, 2, 3):
        difference = cache.pixels[row].astype(int) - png.pixels[0]
        assert np.abs(difference).max() <= 1


def test_says_before_that_the_disk_has_no_room(tmp_path, monkeypatch, decoded):
    usage = namedtuple("usage", "total used free")
    items = png_items(tmp_path, 2)
    monkeypatch.setattr(cache_module.shutil, "disk_usage", lambda _: usage(2e9, 2e9, 1e8))
    with pytest.raises(KnownError, match=r"need 0\.3 GB in .* and 0\.1 GB are free"):
        opened(items, tmp_path)
    assert not decoded


def test_a_disk_that_fills_up_keeps_what_was_done(tmp_path, monkeypatch, decoded):
    items = png_items(tmp_path, 5)
    before = cache_file.CacheFile.add

    def add(self, row, pixels):
        if len(self.rows) == 3:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        before(self, row, pixels)

    with monkeypatch.context() as patch:
        patch.setattr(cache_file.CacheFile, "add", add)
        with pytest.raises(KnownError, match="is full"):
            opened(items, tmp_path)
    assert len(decoded) == 4
    opened(items, tmp_path)
    assert len(decoded) == 6


def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "cache").write_text("a file where the folder should be")
    with pytest.raises(KnownError, match="cannot be written"):
        opened(png_items(tmp_path, 1), tmp_path)


def test_two_runs_at_once_share_the_work(tmp_path, decoded):
    items = png_items(tmp_path, 6)
    found = []

    def run() -> None:
        found.append(opened(items, tmp_path)[0])

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(decoded) == 6
    assert found[0].digest == found[1].digest


def test_what_was_not_opened_for_long_is_forgotten(tmp_path):
    items = png_items(tmp_path, 2)
    opened(items[:1], tmp_path)
    for kind in ("rows", "pixels"):
        os.utime(of_kind(tmp_path, kind), (0, 0))
    opened(items[1:], tmp_path)
    assert of_kind(tmp_path, "pixels").stat().st_size == 64 * 64


def test_opening_counts_as_use(tmp_path):
    items = png_items(tmp_path, 2)
    opened(items[:1], tmp_path)
    for kind in ("rows", "pixels"):
        os.utime(of_kind(tmp_path, kind), (0, 0))
    opened(items[:1], tmp_path)
    opened(items[1:], tmp_path)
    assert len(list((tmp_path / "cache").glob("*/*.pixels"))) == 2
