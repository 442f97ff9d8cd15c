"""Labelled images from folders, tables and HDF5, friendly and not."""

from __future__ import annotations

import os
import sys
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest

from stentviewer.core.errors import Cancelled, KnownError, UserError
from stentviewer.core.jobs import JobContext
from stentviewer.core.types import Box
from stentviewer.inference.preprocess import Preprocessing
from stentviewer.learning.cache import open_cache
from stentviewer.learning.events import RunContext
from stentviewer.learning.selection import Item, pseudonym, read_selection, write_selection
from stentviewer.learning.sources import from_csv, from_folders, from_hdf5, gather
from tests.learning.images import picture, write_dicom, write_png


def said(gathered, path: Path) -> str:
    """What was said of a file; it has to have been said."""
    messages = [problem.message for problem in gathered.problems if problem.path == path]
    assert messages, f"{path.name} is not among {[p.path.name for p in gathered.problems]}"
    return " ".join(messages)


def labels_of(gathered) -> dict[str, str]:
    return {item.path.name: item.label for item in gathered.items}


def test_folders_per_class_with_patients_from_folders_headers_or_files(tmp_path):
    a = write_png(tmp_path / "EGIS" / "kim" / "a.png", 1)
    b = write_dicom(tmp_path / "EGIS" / "kim" / "2026" / "b.dcm", "OTHER", 2)
    c = write_dicom(tmp_path / "Epic" / "c.dcm", "P7", 3)
    d = write_dicom(tmp_path / "Epic" / "d.dcm", "P7", 4)
    e = write_png(tmp_path / "Epic" / "e.png", 5)
    f = write_png(tmp_path / "Epic" / "f.png", 6)
    gathered = from_folders(tmp_path)
    assert labels_of(gathered) == {
        "a.png": "EGIS", "b.dcm": "EGIS", "c.dcm": "Epic", "d.dcm": "Epic", "e.png": "Epic",
        "f.png": "Epic",
    }  # fmt: skip
    patient = {item.path: item.patient for item in gathered.items}
    assert patient[a] == patient[b] == pseudonym("kim")
    assert patient[c] == patient[d] == pseudonym("P7")
    assert len({patient[c], patient[e], patient[f]}) == 3
    assert all(problem.is_notice for problem in gathered.problems)
    assert "2 image(s) do not say whose they are" in said(gathered, tmp_path / "Epic")


def test_one_patient_id_in_two_patient_folders_is_told(tmp_path):
    write_dicom(tmp_path / "EGIS" / "one" / "a.dcm", "P7", 1)
    write_dicom(tmp_path / "EGIS" / "two" / "b.dcm", "P7", 2)
    gathered = from_folders(tmp_path)
    (problem,) = gathered.problems
    assert "One Patient ID is in 2 folders" in problem.message
    assert "P7" not in problem.message


def test_the_first_of_several_frames_is_taken_and_told(tmp_path):
    cine = write_dicom(tmp_path / "EGIS" / "cine.dcm", "P1", frames=3)
    gathered = from_folders(tmp_path)
    assert [item.frame for item in gathered.items] == [0]
    assert "has 3 frames" in said(gathered, cine)


def test_what_is_no_image_is_left_out_with_a_sentence(tmp_path):
    good = write_png(tmp_path / "EGIS" / "a.png")
    (tmp_path / "EGIS" / "notes.txt").write_text("not an image")
    (tmp_path / "EGIS" / ".hidden.png").write_text("not an image")
    (tmp_path / "EGIS" / "empty.png").write_bytes(b"")
    broken = tmp_path / "EGIS" / "broken.png"
    broken.write_bytes(good.read_bytes()[:20])
    packed = tmp_path / "EGIS" / "more.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.write(good)
    table = tmp_path / "EGIS" / "table.h5"
    with h5py.File(table, "w") as file:
        file["images"] = np.zeros((1, 4, 4), np.uint8)
    (tmp_path / "Epic").mkdir()
    beside = write_png(tmp_path / "beside.png")
    gathered = from_folders(tmp_path)
    assert [item.path for item in gathered.items] == [good]
    assert "is a ZIP. Unpack it" in said(gathered, packed)
    assert "HDF5" in said(gathered, table)
    assert "broken.png" in said(gathered, broken)
    assert "2 file(s) are not images" in said(gathered, tmp_path / "EGIS")
    assert "folder of Epic holds no image" in said(gathered, tmp_path / "Epic")
    assert "1 file(s) beside the folders" in said(gathered, tmp_path)
    assert beside not in [item.path for item in gathered.items]


@pytest.mark.skipif(sys.platform == "win32", reason="needs rights there")
def test_links_that_lead_out_are_not_followed(tmp_path):
    secret = write_png(tmp_path / "elsewhere" / "secret.png")
    top = tmp_path / "classes"
    inner = write_png(top / "EGIS" / "a.png")
    (top / "EGIS" / "out.png").symlink_to(secret)
    (top / "EGIS" / "gone.png").symlink_to(top / "EGIS" / "nothing.png")
    (top / "EGIS" / "folder").symlink_to(secret.parent)
    (top / "Epic").symlink_to(secret.parent)
    (top / "EGIS" / "round").symlink_to(top)
    (top / "EGIS" / "in.png").symlink_to(inner)
    gathered = from_folders(top)
    assert sorted(item.path.name for item in gathered.items) == ["a.png", "in.png"]
    for name in ("EGIS/out.png", "EGIS/folder", "EGIS/round", "Epic"):
        assert "leads out" in said(gathered, top / name)
    assert "There is no file" in said(gathered, top / "EGIS" / "gone.png")


@pytest.mark.skipif(sys.platform == "win32", reason="no such names there")
def test_names_that_a_table_would_not_bring_back_are_left_out(tmp_path):
    good = write_png(tmp_path / "스텐트, “1”;" / "사진 one.png")
    raw = os.fsencode(tmp_path) + b"/EGIS"
    (tmp_path / "EGIS").mkdir()
    data = good.read_bytes()
    for name in (b"\xff\xfe.png", b"two\nlines.png", b" edge.png ", b"\x1b[31mred.png"):
        with open(raw + b"/" + name, "wb") as file:  # noqa: PTH123 - names as bytes
            file.write(data)
    (tmp_path / "two\nlines").mkdir()
    write_png(tmp_path / ("x" * 65) / "a.png")
    gathered = from_folders(tmp_path)
    assert [item.path for item in gathered.items] == [good]
    assert sum("Rename it" in problem.message for problem in gathered.problems) == 4
    assert sum("cannot be the name" in problem.message for problem in gathered.problems) == 2
    write_selection(tmp_path / "selection.csv", gathered.items)
    assert read_selection(tmp_path / "selection.csv") == list(gathered.items)
    for problem in gathered.problems:
        assert problem.message.isprintable()


def test_a_folder_without_classes_and_none_at_all_are_refused(tmp_path):
    write_png(tmp_path / "flat" / "a.png")
    with pytest.raises(UserError, match="no folder in it"):
        from_folders(tmp_path / "flat")
    with pytest.raises(UserError):
        from_folders(tmp_path / "nothing")
    with pytest.raises(UserError):
        from_folders(tmp_path / "flat" / "a.png")


def test_gathering_can_be_cancelled(tmp_path):
    write_png(tmp_path / "EGIS" / "a.png")
    context = JobContext()
    context.cancelled.set()
    with pytest.raises(Cancelled):
        from_folders(tmp_path, context)


def test_a_table(tmp_path):
    write_png(tmp_path / "a.png", 1)
    write_dicom(tmp_path / "b.dcm", "P7", 2, frames=2)
    table = tmp_path / "list.csv"
    table.write_text(
        "file,label,patient,role,frame,masks\n"
        "a.png,EGIS,Kim Minsu,test,,0.1 0.1 0.2 0.2\n"
        "b.dcm,Epic,,,1,\n"
        f"{tmp_path / 'b.dcm'},Epic,{pseudonym('P7')},external,0,\n",
        encoding="utf-8-sig",
    )
    gathered = from_csv(table)
    assert gathered.problems == ()
    first, second, third = gathered.items
    box = Box(0.1, 0.1, 0.2, 0.2)
    assert first == Item(tmp_path / "a.png", "EGIS", pseudonym("Kim Minsu"), 0, "test", (box,))
    assert (second.frame, second.role) == (1, "train")
    assert second.patient == third.patient == pseudonym("P7")


def test_a_table_names_what_is_not_there(tmp_path):
    good = write_png(tmp_path / "a.png", 1)
    (tmp_path / "text.png").write_text("no image")
    table = tmp_path / "list.csv"
    table.write_text(
        "file,label,frame,masks\na.png,EGIS,,\ngone.png,EGIS,,\n.,EGIS,,\ntext.png,EGIS,,\n"
        "a.png,EGIS,4,\na.png,EGIS,-1,\na.png,EGIS,,nan 0 1 1\n"
        f"a.png,{'x' * 99},,\n../../../../../../etc/passwd,EGIS,,\n"
    )
    gathered = from_csv(table)
    assert [item.path for item in gathered.items] == [good]
    assert "There is no file" in said(gathered, tmp_path / "gone.png")
    assert "not an image" in said(gathered, tmp_path / "text.png")
    for part in ("no frame 5", "no frame 0", "no rectangle", "cannot be the name"):
        assert part in said(gathered, good)
    assert "do not say whose" in said(gathered, table)
    assert len(gathered.problems) == 9


@pytest.mark.parametrize("text", ["", "file,label\n", "picture,maker\na.png,EGIS\n", "\x00\xff"])
def test_a_table_that_is_none_is_refused(tmp_path, text):
    table = tmp_path / "list.csv"
    table.write_bytes(text.encode("latin-1"))
    with pytest.raises(UserError):
        from_csv(table)


def hdf5(path: Path, **datasets) -> Path:
    with h5py.File(path, "w") as file:
        file["images"] = np.stack([picture(i) for i in range(4)])
        for name, values in datasets.items():
            file[name] = values
    return path


def test_hdf5_with_texts(tmp_path):
    path = hdf5(
        tmp_path / "set.h5",
        labels=["EGIS", "Epic", "EGIS", "스텐트"],
        patients=["p1", "p1", "p2", "p3"],
        split=["train", "test", "val", "external"],
    )
    gathered = from_hdf5(path)
    assert gathered.problems == ()
    assert [item.label for item in gathered.items] == ["EGIS", "Epic", "EGIS", "스텐트"]
    assert [item.role for item in gathered.items] == ["train", "test", "train", "external"]
    assert [item.frame for item in gathered.items] == [0, 1, 2, 3]
    assert gathered.items[0].patient == pseudonym("p1")
    cache, problems = open_cache(
        gathered.items, Preprocessing(side=32), tmp_path / "cache", RunContext()
    )
    assert not problems
    assert len(cache) == 4


def test_hdf5_with_numbers_and_without_patients(tmp_path):
    path = hdf5(tmp_path / "set.h5", labels=np.array([0, 1, 5, -1]))
    with pytest.raises(UserError, match="attribute “classes”"):
        from_hdf5(path)
    with h5py.File(path, "a") as file:
        file["labels"].attrs["classes"] = ["EGIS", "Epic"]
    gathered = from_hdf5(path)
    assert [item.label for item in gathered.items] == ["EGIS", "Epic"]
    assert len({item.patient for item in gathered.items}) == 2
    assert "2 image(s) were left out" in said(gathered, path)
    assert "2 image(s) do not say whose" in said(gathered, path)


@pytest.mark.parametrize("harm", ["short", "shape", "kind", "none", "split"])
def test_hdf5_that_does_not_fit_is_said(tmp_path, harm):
    path = tmp_path / "set.h5"
    if harm == "short":
        hdf5(path, labels=["EGIS"])
    elif harm == "none":
        hdf5(path)
    elif harm == "split":
        hdf5(path, labels=["EGIS"] * 4, split=["train", "test", "tset", "test"])
        gathered = from_hdf5(path)
        assert len(gathered.items) == 3
        assert "“tset” is none of" in said(gathered, path)
        return
    else:
        with h5py.File(path, "w") as file:
            file["images"] = np.zeros((4, 8) if harm == "shape" else (4, 8, 8), np.int64)
            file["labels"] = ["EGIS"] * 4
    with pytest.raises(UserError, match=r"set\.h5"):
        from_hdf5(path)


def test_hdf5_that_reaches_out_of_itself_is_refused(tmp_path):
    other = hdf5(tmp_path / "other.h5", labels=["EGIS"] * 4)
    linked = tmp_path / "linked.h5"
    with h5py.File(linked, "w") as file:
        file["images"] = h5py.ExternalLink(other.name, "/images")
        file["labels"] = ["EGIS"] * 4
    virtual = tmp_path / "virtual.h5"
    layout = h5py.VirtualLayout((4, 60, 80), np.uint8)
    layout[:] = h5py.VirtualSource(str(other), "images", (4, 60, 80))
    with h5py.File(virtual, "w") as file:
        file.create_virtual_dataset("images", layout)
        file["labels"] = ["EGIS"] * 4
    stored = tmp_path / "stored.h5"
    raw = tmp_path / "raw.bin"
    raw.write_bytes(bytes(4 * 64))
    with h5py.File(stored, "w") as file:
        file.create_dataset("images", (4, 8, 8), np.uint8, external=[(str(raw), 0, 256)])
        file["labels"] = ["EGIS"] * 4
    for path in (linked, virtual, stored):
        with pytest.raises(UserError, match="no dataset of the file itself"):
            from_hdf5(path)


def test_hdf5_claims_are_not_believed(tmp_path):
    for name, shape in (("many.h5", (10**9, 8, 8)), ("large.h5", (2, 10**6, 10**6))):
        with h5py.File(tmp_path / name, "w") as file:
            file.create_dataset("images", shape, np.uint8, chunks=(1, 8, 8))
            file.create_dataset("labels", (shape[0],), "S8", chunks=(2,))
        with pytest.raises((UserError, KnownError), match=name):
            from_hdf5(tmp_path / name)


def test_damaged_hdf5_is_said(tmp_path):
    path = hdf5(tmp_path / "set.h5", labels=["EGIS"] * 4)
    path.write_bytes(path.read_bytes()[:900])
    with pytest.raises(KnownError, match="damaged"):
        from_hdf5(path)
    (tmp_path / "text.h5").write_text("no HDF5")
    with pytest.raises(UserError, match="no HDF5 file"):
        from_hdf5(tmp_path / "text.h5")
    with pytest.raises(UserError, match="There is no file"):
        from_hdf5(tmp_path / "gone.h5")


def test_gather_knows_them_apart(tmp_path):
    image = write_png(tmp_path / "set" / "EGIS" / "a.png")
    table = tmp_path / "list.csv"
    table.write_text(f"file,label\n{image},Epic\n")
    rows = hdf5(tmp_path / "rows.h5", labels=["NITI-S"] * 4)
    assert {item.label for item in gather(tmp_path / "set").items} == {"EGIS"}
    assert {item.label for item in gather(table).items} == {"Epic"}
    assert {item.label for item in gather(rows).items} == {"NITI-S"}
    with pytest.raises(UserError):
        gather(tmp_path / "nothing")
