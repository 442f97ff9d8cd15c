"""What a network may answer and what no reading is made of."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from stentviewer.core.errors import KnownError
from stentviewer.inference.bundle import MANIFEST, load_bundle
from stentviewer.inference.runtimes.base import checked
from tests.inference.networks import MAKERS, manifest, plain_bundle

SCORES = np.zeros((1, len(MAKERS)), np.float32)
MAP = np.zeros((1, 8, 2, 2), np.float32)


@pytest.mark.parametrize(
    ("scores", "activation", "said"),
    [
        (SCORES, np.full_like(MAP, np.nan), "gave no number"),
        (SCORES, np.full_like(MAP, np.inf), "gave no number"),
        (SCORES, MAP[..., :0], "do not fit"),
        (SCORES, MAP[:, :0], "do not fit"),
        (np.array([["a"] * len(MAKERS)]), MAP, "do not fit"),
    ],
    ids=["no number", "infinite", "no cells", "no channels", "words"],
)
def test_an_answer_that_is_none(
    tmp_path: Path, scores: np.ndarray, activation: np.ndarray, said: str
) -> None:
    bundle = plain_bundle(tmp_path / "m")
    assert checked(bundle, SCORES, MAP).scores.shape == (len(MAKERS),)
    with pytest.raises(KnownError, match=said):
        checked(bundle, scores, activation)


@pytest.mark.parametrize("temperature", [1e-320, 1e308])
def test_a_temperature_that_leaves_no_probabilities(temperature: float) -> None:
    with pytest.raises(ValidationError, match="temperature"):
        manifest(temperature=temperature)


def test_half_a_character_in_a_manifest_is_named_as_its_text(tmp_path: Path) -> None:
    folder = plain_bundle(tmp_path / "m").folder
    raw = json.loads((folder / MANIFEST).read_text())
    (folder / MANIFEST).write_text(json.dumps(raw | {"name": "\ud800"}))
    with pytest.raises(KnownError, match="wrong or incomplete in: its text"):
        load_bundle(folder)
