"""Bone dark or bright: what a file says, and what a picture shows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from stentviewer.imaging.collimator import uncollimated_area
from stentviewer.imaging.image import Lut
from stentviewer.imaging.polarity import estimated_polarity, known_polarity, polarity_of
from stentviewer.imaging.readers import read_radiograph


def radiograph(tmp_path, modality="", **said):
    """A radiograph of one frame whose file says the rest."""
    picture = tmp_path / "picture.png"
    if not picture.exists():
        import cv2

        cv2.imwrite(str(picture), np.eye(32, dtype=np.uint8) * 200)
    plain = read_radiograph(picture)
    identity = replace(plain.header.identity, modality=modality)
    return replace(plain, header=replace(plain.header, identity=identity), **said)


@pytest.mark.parametrize(
    ("modality", "said", "tone"),
    [
        ("CR", {}, "bone bright"),
        ("CR", {"invert": True}, "bone dark"),
        ("DX", {"intensity_sign": -1}, "bone bright"),
        ("DX", {"intensity_sign": 1, "invert": True}, "bone dark"),
        ("DX", {"intensity_sign": 1}, None),  # the two disagree
        ("XA", {}, "bone dark"),
        ("XA", {"intensity_sign": 1}, "bone dark"),
        ("RF", {}, None),
        ("RF", {"intensity_sign": -1}, "bone bright"),
        ("RF", {"intensity_sign": -1, "rescale": (-1.0, 255.0)}, "bone dark"),
        ("OT", {}, None),
        ("", {}, None),
    ],
)
def test_what_a_file_says(tmp_path, modality, said, tone):
    found = known_polarity(radiograph(tmp_path, modality, **said))
    assert (found.tone if found else None) == tone
    if found:
        assert found.from_file
        assert found.sure == 1


def test_a_falling_lut_turns_the_screen_round_and_not_the_beam(tmp_path):
    falling = Lut(0, np.linspace(255, 0, 256, dtype=np.float32), 8)
    assert known_polarity(radiograph(tmp_path, "CR", voi_lut=falling)).tone == "bone dark"
    of_values = radiograph(tmp_path, "RF", rescale=falling, intensity_sign=1)
    assert known_polarity(of_values).tone == "bone bright"


def test_a_picture_is_estimated_and_says_so(tmp_path):
    plain = radiograph(tmp_path)
    found = polarity_of(plain, plain.modality_values(0))
    assert not found.from_file
    assert found.sure < 1


def body(seed):
    """Transmission of a trunk from the front: a spine, bowel gas, a wire mesh and some noise."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[-1:1:300j, -1.1:1.1:330j]
    across = x / rng.uniform(0.95, 1.05)
    thickness = 20 * np.sqrt(np.clip(1 - across**2, 0.0, 1))
    attenuation = 0.2 * thickness
    attenuation += 0.9 * (np.abs(x) < 0.13) * (0.8 + 0.2 * np.sin(18 * y))
    for _ in range(12):
        gas = ((x - rng.uniform(-0.7, 0.7)) / 0.09) ** 2 + (
            (y - rng.uniform(-0.3, 0.9)) / 0.06
        ) ** 2
        attenuation -= 1.1 * np.clip(1 - gas, 0, 1)
    inside = (np.abs(x + 0.3) < 0.06) & (np.abs(y) < 0.3)
    attenuation += 0.6 * inside * (np.abs(np.sin(60 * (x + y)) * np.sin(60 * (x - y))) < 0.1)
    picture = np.exp(-0.5 * attenuation) + rng.normal(0, 0.004, x.shape)
    return np.asarray(4000 * picture, np.float32)


def test_a_body_is_told_from_its_negative():
    for seed in range(6):
        values = body(seed)
        one, other = estimated_polarity(values), estimated_polarity(-values)
        assert one.tone == "bone dark"
        assert other.tone == "bone bright"
        assert one.sure == pytest.approx(other.sure, abs=0.02)
        assert one.sure > 0.8


def test_the_scale_of_the_values_does_not_matter():
    values = body(1)
    one, other = estimated_polarity(values), estimated_polarity(values * 0.01 - 500)
    assert one.tone == other.tone
    assert one.sure == pytest.approx(other.sure, abs=0.02)


def test_a_part_of_the_picture_can_be_asked_about():
    values = body(2)
    framed = np.full((500, 530), values.max(), np.float32)
    framed[100:400, 100:430] = values
    area = uncollimated_area(framed)
    assert estimated_polarity(framed, area).tone == "bone dark"
    assert estimated_polarity(-framed, area).tone == "bone bright"


def test_a_picture_that_shows_nothing_is_a_toss():
    assert estimated_polarity(np.full((90, 80), 5, np.float32)).sure == 0.5
    assert estimated_polarity(np.ones((1, 1), np.float32)).sure == 0.5
    noises = np.random.default_rng(4).normal(size=(12, 200, 200)).astype(np.float32)
    found = [estimated_polarity(noise) for noise in noises]
    assert len({one.tone for one in found}) == 2
    assert np.mean([one.sure for one in found]) < 0.8


@settings(max_examples=60, deadline=None)
@given(
    hnp.arrays(
        np.float32,
        hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=30),
        elements=st.one_of(
            st.sampled_from([np.nan, np.inf, -np.inf, 3e38, -3e38, 0.0]),
            st.floats(-1e6, 1e6, width=32),
        ),
    )
)
def test_whatever_the_picture_there_is_an_answer(values):
    assert 0.5 <= estimated_polarity(values).sure <= 0.99


def test_real_frames_with_bone_dark_are_told_so(data_dir):
    for name in ("BonaPC", "EGIS", "Epic"):
        frame = read_radiograph(data_dir / "stents" / f"{name}_radiograph.png")
        values = frame.modality_values(0)
        found = estimated_polarity(values, uncollimated_area(values))
        assert found.tone == "bone dark"
        assert found.sure > 0.85


def test_real_dicom_says_what_it_is(data_dir):
    for name, tone in (("RG1_J2KI", "dark"), ("RG2_RLE", "bright"), ("XA1_UNC", "dark")):
        frame = read_radiograph(data_dir / "radiographs" / name)
        assert known_polarity(frame).tone == f"bone {tone}"
        values = frame.modality_values(0)
        assert estimated_polarity(values, uncollimated_area(values)).tone == f"bone {tone}"


@pytest.mark.parametrize(("stated", "sign"), [(1, 1), (-1, -1), (0, None), (None, None)])
def test_the_sign_comes_from_the_file(write_dicom, stated, sign):
    said = {} if stated is None else {"PixelIntensityRelationshipSign": stated}
    assert read_radiograph(write_dicom(**said)).intensity_sign == sign
