"""Window presets: the program's, the person's, the file's."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stentviewer.imaging.image import Lut, Radiograph, Window
from stentviewer.imaging.presets import KEYS, Preset, full_range, load_presets, presets_for
from stentviewer.imaging.readers import read_radiograph

Writer = Callable[..., Path]


@pytest.fixture
def ct(write_dicom: Writer) -> Radiograph:
    values = np.array([[0, 1000, 1040], [1100, 2000, 4000]], np.uint16)
    return read_radiograph(
        write_dicom(values, Modality="CT", RescaleSlope=1, RescaleIntercept=-1024)
    )


def by_key(presets: list[Preset], key: int) -> Preset:
    return next(preset for preset in presets if preset.key == key)


def test_every_preset_of_the_program_is_sound() -> None:
    table, sentence = load_presets()
    assert sentence == ""
    assert {"CT", "*"} <= set(table)
    for presets in table.values():
        keys = [preset.key for preset in presets if preset.key]
        assert len(keys) == len(set(keys))
        assert all((preset.window is not None) == (preset.way == "window") for preset in presets)


def test_a_ct_has_the_usual_windows_on_its_digits(ct: Radiograph) -> None:
    presets = presets_for(ct, 0)
    abdomen = by_key(presets, 1)
    assert abdomen.title == "Abdomen"
    assert abdomen.window == Window(40, 400, name="Abdomen")
    assert by_key(presets, 3).window == Window(400, 1800, name="Bone")
    assert by_key(presets, 8).way == "automatic"
    assert all(by_key(presets, key) for key in KEYS)


def test_a_radiograph_offers_what_its_file_does_with_its_names(write_dicom: Writer) -> None:
    path = write_dicom(
        WindowCenter=[500, 90], WindowWidth=[1000, 40], WindowCenterWidthExplanation=["BONE", ""]
    )
    presets = presets_for(read_radiograph(path), 0)
    assert [(p.title, p.key) for p in presets] == [
        ("BONE", 1),
        ("Window 2 of the file", 2),
        ("Automatic", 8),
        ("Full range", 9),
    ]
    assert presets[0].window is not None
    assert presets[0].window.centre == 500
    assert [p.of_file for p in presets] == [True, True, False, False]


def test_a_lut_of_the_file_comes_first(ct: Radiograph) -> None:
    table = Lut(0, np.arange(256, dtype=np.float32), 8, "THORAX")
    first = presets_for(replace(ct, voi_lut=table), 0)[0]
    assert (first.title, first.way, first.window, first.key) == ("THORAX", "lut", None, 0)
    xa = replace(ct, voi_lut=replace(table, name=""))
    xa = replace(xa, header=replace(xa.header, identity=replace(xa.header.identity, modality="XA")))
    assert [(p.title, p.key) for p in presets_for(xa, 0)[:1]] == [("LUT of the file", 1)]


def test_a_picture_has_no_hounsfield_windows(ct: Radiograph) -> None:
    picture = replace(ct, header=replace(ct.header, format="PNG"))
    assert [p.title for p in presets_for(picture, 0)] == ["Automatic", "Full range"]


def test_the_full_range_is_from_the_lowest_to_the_highest_value(ct: Radiograph) -> None:
    assert full_range(ct, 0) == Window(976, 4000, "LINEAR_EXACT", "full range")
    padded = full_range(replace(ct, padding=(0, 0)), 0)
    assert (padded.centre, padded.width) == ((-24 + 2976) / 2, 3000)
    falling = replace(ct, rescale=(-1.0, 0.0))
    assert full_range(falling, 0).width == 4000


def test_a_person_puts_their_own_in_place_of_a_modality(home: Path, ct: Radiograph) -> None:
    own = {"modalities": {"CT": [{"title": "Stent", "centre": 900, "width": 3000, "key": 5}]}}
    (home / "presets.json").write_text(json.dumps(own))
    table, sentence = load_presets()
    assert sentence == ""
    assert [(p.title, p.key) for p in presets_for(ct, 0, table)] == [("Stent", 5)]
    assert "*" in table


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (b"\xff\xfe", "JSON"),
        (b"[1, 2]", "valid"),
        (b"[" * 100_000, "JSON"),
        (b'{"modalities": {"CT": [{"title": "x", "centre": 1}]}}', "centre and a width"),
        (b'{"modalities": {"CT": [{"title": "x", "centre": 1, "width": 0}]}}', "width"),
        (b'{"modalities": {"CT": [{"title": "x", "centre": NaN, "width": 5}]}}', "centre"),
        (
            b'{"modalities": {"CT": [{"title": "x", "way": "full", "key": 1},'
            b' {"title": "y", "way": "full", "key": 1}]}}',
            "two presets",
        ),
    ],
)
def test_a_broken_file_is_said_and_passed_over(tmp_path: Path, broken: bytes, said: str) -> None:
    file = tmp_path / "presets.json"
    file.write_bytes(broken)
    table, sentence = load_presets(file)
    assert said in sentence
    assert "presets.json" in sentence
    assert table == load_presets(tmp_path / "none")[0]


def test_a_folder_in_place_of_the_file_is_said(tmp_path: Path) -> None:
    sentence: Any = load_presets(tmp_path)[1]
    assert "not used" in sentence
