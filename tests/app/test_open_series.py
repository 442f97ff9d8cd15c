"""A series opened as a volume: what is one, which image each frame is, what is kept."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from stentviewer.app.open_series import SeriesOpener, is_stack, place_of
from stentviewer.app.opened import Opened
from stentviewer.core.errors import KnownError
from stentviewer.core.types import Plane, Target
from stentviewer.imaging.readers import read_header, read_radiograph
from stentviewer.imaging.series import NoStackError
from stentviewer.library.records import SeriesRecord
from stentviewer.library.repository import Library
from tests.imaging.stacks import CORONAL, Slice, but, straight, write_stack


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    made = Library.open(tmp_path / "library", "kim")
    yield made
    made.close()


def _add(library: Library, paths: list[Path]) -> SeriesRecord:
    files = [(read_header(p), hashlib.sha256(p.read_bytes()).hexdigest()) for p in paths]
    added = library.add_many(files)
    study = library.study_of(added[0].record.id)
    assert study is not None
    (series,) = library.study(study).series
    return series


def _open(opener: SeriesOpener, series: SeriesRecord, plane: Plane = Plane.AXIAL) -> Opened:
    opened = opener.open(series.id, plane)
    assert opened is not None
    return opened


class TestIsStack:
    def test_three_slices_are_one(self, library: Library, tmp_path: Path) -> None:
        series = _add(library, write_stack(tmp_path / "ct", straight(3)))
        assert is_stack(series)
        assert library.series(series.id) == series

    def test_two_are_none(self, library: Library, tmp_path: Path) -> None:
        assert not is_stack(_add(library, write_stack(tmp_path / "ct", straight(2))))

    @pytest.mark.parametrize("modality", ["XA", "CR", "DX", "US"])
    def test_projections_are_none(self, library: Library, tmp_path: Path, modality: str) -> None:
        slices = [but(one, Modality=modality) for one in straight(4)]
        assert not is_stack(_add(library, write_stack(tmp_path / "x", slices)))

    def test_images_of_different_sizes_are_none(self, library: Library, tmp_path: Path) -> None:
        slices = [replace(one, shape=(8 + i, 6)) for i, one in enumerate(straight(4))]
        assert not is_stack(_add(library, write_stack(tmp_path / "ct", slices)))

    def test_an_unknown_series_is_no_silence(self, library: Library) -> None:
        with pytest.raises(LookupError):
            library.series(99)


class TestOpen:
    def test_each_slice_is_its_own_image(self, library: Library, tmp_path: Path) -> None:
        slices = [replace(one, number=9 - i) for i, one in enumerate(straight(5))]
        series = _add(library, write_stack(tmp_path / "ct", slices))
        opened = _open(SeriesOpener(library), series)
        assert opened.volume is not None
        assert opened.volume.notes == opened.notes == ()
        assert [one.header.identity.instance_number for one in opened.records] == [9, 8, 7, 6, 5]
        for index, record in enumerate(opened.records):
            assert opened.target(index) == Target(record.id)
            assert opened.index_of(record.id) == index
            own = read_radiograph(record.header.path)
            np.testing.assert_array_equal(opened.radiograph.frames[index], own.frames[0])
            place = opened.geometry(index)
            assert place is not None
            assert place.origin == slices[index].origin

    def test_a_reformat_counts_as_of_the_first_image(
        self, library: Library, tmp_path: Path
    ) -> None:
        series = _add(library, write_stack(tmp_path / "ct", straight(5)))
        opened = _open(SeriesOpener(library), series, Plane.CORONAL)
        assert opened.target(3) == Target(opened.records[0].id, 3, Plane.CORONAL)
        assert opened.index_of(opened.records[2].id) == 4  # the middle of 8
        assert opened.index_of(opened.records[2].id, 2) == 2
        assert opened.index_at((0.0, -2.0, 20.0)) == 2
        assert opened.radiograph.frames[3].shape == (5, 6)

    def test_planes_share_one_volume_and_only_the_first_slice_is_read(
        self, library: Library, tmp_path: Path
    ) -> None:
        series = _add(library, write_stack(tmp_path / "ct", straight(5)))
        opener = SeriesOpener(library)
        axial, sagittal = _open(opener, series), _open(opener, series, Plane.SAGITTAL)
        assert axial.volume is sagittal.volume
        assert axial.volume is not None
        assert sum(axial.volume.is_ready(i) for i in range(5)) == 1
        assert opener.fill(series.id) is axial.volume
        assert axial.volume.is_filled

    def test_two_volumes_are_kept_and_a_third_lets_the_oldest_go(
        self, library: Library, tmp_path: Path
    ) -> None:
        three = [
            _add(library, write_stack(tmp_path / str(i), [
                but(one, StudyInstanceUID=f"1.2.{i}", SeriesInstanceUID=f"1.2.{i}.1")
                for one in straight(3)
            ]))
            for i in range(3)
        ]  # fmt: skip
        opener = SeriesOpener(library)
        first = [_open(opener, series).volume for series in three]
        again = [_open(opener, series).volume for series in reversed(three)]
        assert again[0] is first[2]
        assert again[1] is first[1]
        assert again[2] is not first[0]
        opener.forget()
        assert _open(opener, three[0]).volume is not again[2]

    def test_a_slice_added_later_makes_another_volume(
        self, library: Library, tmp_path: Path
    ) -> None:
        paths = write_stack(tmp_path / "ct", straight(5))
        opener = SeriesOpener(library)
        before = _open(opener, _add(library, paths[:4]))
        after = _open(opener, _add(library, paths[4:]))
        assert (len(before.records), len(after.records)) == (4, 5)

    def test_a_localizer_among_the_slices_opens_on_its_own(
        self, library: Library, tmp_path: Path
    ) -> None:
        scout = Slice((-5.0, -2.0, 32.0), axes=CORONAL, number=99)
        series = _add(library, write_stack(tmp_path / "ct", [*straight(4), scout]))
        record = next(r for r in series.images if r.header.identity.instance_number == 99)
        opener = SeriesOpener(library)
        assert opener.open(series.id, image_id=record.id) is None
        opened = opener.open(series.id, image_id=series.images[1].id)
        assert opened is not None
        assert len(opened.records) == 4
        assert "another angle" in opened.notes[0]
        place = place_of(record)
        assert place is not None
        alone = Opened((record,), read_radiograph(record.header.path), place=place)
        assert alone.geometry(0) == place
        slice_ = opened.geometry(1)
        assert slice_ is not None
        assert place.cut_by(slice_) is not None

    def test_what_is_no_stack_opens_image_by_image(self, library: Library, tmp_path: Path) -> None:
        slices = [but(one, ImagePositionPatient=None) for one in straight(4)]
        series = _add(library, write_stack(tmp_path / "ct", slices))
        opener = SeriesOpener(library)
        assert opener.open(series.id, image_id=series.images[0].id) is None
        assert place_of(series.images[0]) is None
        for ask in (lambda: opener.open(series.id, Plane.CORONAL), lambda: opener.fill(series.id)):
            with pytest.raises(NoStackError, match="Open them one by one"):
                ask()

    def test_a_radiograph_lies_nowhere(self, library: Library, tmp_path: Path) -> None:
        slices = [but(one, Modality="DX") for one in straight(1)]
        series = _add(library, write_stack(tmp_path / "x", slices))
        assert place_of(series.images[0]) is None


class TestChanged:
    def test_files_that_are_gone_are_named(self, library: Library, tmp_path: Path) -> None:
        paths = write_stack(tmp_path / "ct", straight(4))
        series = _add(library, paths)
        for path in paths:
            path.unlink()
        with pytest.raises(KnownError, match=r"“0000.dcm” is no longer where it was"):
            SeriesOpener(library).open(series.id)

    def test_one_that_is_gone_leaves_a_gap_and_a_note(
        self, library: Library, tmp_path: Path
    ) -> None:
        paths = write_stack(tmp_path / "ct", straight(6))
        series = _add(library, paths)
        paths[2].unlink()
        opened = _open(SeriesOpener(library), series)
        assert len(opened.records) == 5
        assert "“0002.dcm” is no longer where it was" in opened.notes[0]
        assert "Slices are missing: 6.0 mm after slice 2" in opened.notes[1]

    def test_one_with_other_bytes_is_not_shown(self, library: Library, tmp_path: Path) -> None:
        paths = write_stack(tmp_path / "ct", straight(6))
        series = _add(library, paths)
        data = bytearray(paths[1].read_bytes())
        data[-1] ^= 1  # in its pixels
        paths[1].write_bytes(data)
        opener = SeriesOpener(library)
        opened = _open(opener, series)
        with pytest.raises(KnownError, match=r"“0001.dcm” has changed since it was added"):
            opened.radiograph.frames[1]
        opener.fill(series.id)
        assert "“0001.dcm” has changed since it was added" in opened.notes[0]
        np.testing.assert_array_equal(opened.radiograph.frames[2], straight(6)[2].stored())
