"""A recipe declares preprocessing: a network takes it, a model keeps its own and says so."""

from __future__ import annotations

import pytest

from stentviewer.core.errors import UserError
from stentviewer.inference.preprocess import Preprocessing
from stentviewer.inference.steps import Steps
from stentviewer.learning.recipe import (
    ClassSpec,
    Recipe,
    Start,
    not_used,
    read_recipe,
    write_recipe,
)


def recipe(**changes) -> Recipe:
    fields = {
        "name": "run", "start": Start(network="resnet18", random=True), "side": 64,
        "classes": (ClassSpec(name="EGIS"), ClassSpec(name="Epic")), **changes,
    }  # fmt: skip
    return Recipe(**fields)


def test_what_is_declared_survives_the_file(tmp_path):
    steps = Steps(median=3, equalise="clahe", clahe_clip=3.5, range="-1 to 1")
    write_recipe(tmp_path / "recipe.toml", recipe(preprocessing=steps))
    assert read_recipe(tmp_path / "recipe.toml").preprocessing == steps
    write_recipe(tmp_path / "plain.toml", recipe())
    assert "preprocessing" not in (tmp_path / "plain.toml").read_text()
    assert read_recipe(tmp_path / "plain.toml").preprocessing is None


@pytest.mark.parametrize(
    ("line", "field"),
    [("median = 4", "preprocessing.median"), ("clahe_tiles = 0", "preprocessing.clahe_tiles"),
     ("sharpen = 1", "preprocessing.sharpen")],
)  # fmt: skip
def test_a_wrong_step_is_named(tmp_path, line, field):
    path = tmp_path / "recipe.toml"
    write_recipe(path, recipe())
    path.write_text(f"{path.read_text()}\n[preprocessing]\n{line}\n")
    with pytest.raises(UserError, match=field):
        read_recipe(path)


def test_steps_lie_over_a_preprocessing_and_its_side_stays():
    spec = Preprocessing(side=96, mean=(0.1, 0.1, 0.1), low=2)
    made = Steps(median=5, range="0 to 1").on(spec)
    assert (made.side, made.median, made.low, made.mean) == (96, 5, 2, (0.0, 0.0, 0.0))
    with pytest.raises(ValueError, match="low"):
        Steps(high=1.5).on(spec)


def test_a_model_keeps_its_own_with_a_sentence():
    own = Preprocessing(side=64, median=3)
    asked = recipe(start=Start(model="m"), preprocessing=Steps(gaussian=1))
    (said,) = not_used(asked, own, "m")
    assert "gaussian=1" in said
    assert not not_used(recipe(start=Start(model="m"), preprocessing=Steps(median=3)), own, "m")
    assert not not_used(recipe(), own, "m")


def test_a_network_takes_what_the_recipe_declares(tmp_path):
    pytest.importorskip("torch")
    from stentviewer.inference.catalog import Catalog
    from stentviewer.learning.networks import open_start

    plain = open_start(recipe(), Catalog([tmp_path])).preprocessing
    made = open_start(recipe(preprocessing=Steps(median=3)), Catalog([tmp_path])).preprocessing
    assert made == plain.model_copy(update={"median": 3})
