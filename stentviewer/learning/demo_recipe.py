"""How the demo model is trained: crops at full resolution first, then whole fields.

Stage A fine-tunes the later stages of EfficientNet-Lite0 on crops around simulated stents, with
a sixth class "background" and a loss at every cell, so that the last activation answers where
the stent is. Stage B keeps those stages, reads whole fields once, and trains the last
convolution and the linear layer on them; the result is the plain network, five classes, one
pass over the whole field.
"""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from stentviewer.learning.crops import BACKGROUND, IGNORED, cell_labels, draw_batch, normalise
from stentviewer.learning.export import export_body, run_onnx
from stentviewer.learning.pool import Pool
from stentviewer.learning.transfer import body_features, cell_logits, freeze, packaged_network

ARCHITECTURE = "tf_efficientnet_lite0"
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class DemoRecipe:
    """Everything that decides the demo model's weights."""

    seed: int = 7
    side: int = 1024
    crop: int = 256
    train_images: int = 1600
    field_images: int = 800
    check_images: int = 260
    frozen_stages: int = 3
    batch: int = 16
    crop_steps: int = 640
    warm_steps: int = 180
    field_epochs: int = 10
    rate: float = 1.5e-3
    head_rate: float = 4e-3
    weight_decay: float = 0.02
    smoothing: float = 0.1
    without: str = ""  # a maker left out: the start of a study that adds it as a new design

    @property
    def check_seed(self) -> int:
        """The seed of the pictures that choose the epoch and the temperature."""
        return self.seed + 1000

    @property
    def name(self) -> str:
        """A folder name that changes with every part of the recipe: no run goes on with another's
        half-trained network."""
        said = json.dumps(asdict(self), sort_keys=True).encode()
        return f"{self.side}-{hashlib.sha256(said).hexdigest()[:8]}"


def train_on_crops(recipe: DemoRecipe, pool: Pool, checkpoint: Path) -> Any:
    """Stage A; goes on from the checkpoint where there is one. Returns the averaged network."""
    torch.manual_seed(recipe.seed)
    network = packaged_network(ARCHITECTURE, 6)
    gain = torch.nn.Parameter(torch.tensor(4.0))
    head = [
        *network.conv_head.parameters(),
        *network.bn2.parameters(),
        *network.classifier.parameters(),
        gain,
    ]
    network.train()
    freeze(network, recipe.frozen_stages)
    body = [p for p in network.blocks.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(
        [{"params": body, "lr": recipe.rate}, {"params": head, "lr": recipe.head_rate}],
        weight_decay=recipe.weight_decay,
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser,
        [recipe.rate, recipe.head_rate],
        total_steps=recipe.crop_steps,
        pct_start=min(recipe.warm_steps / recipe.crop_steps, 0.5),
    )
    average = {key: value.clone() for key, value in network.state_dict().items()}
    first = 0
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True)
        network.load_state_dict(state["network"])
        optimiser.load_state_dict(state["optimiser"])
        schedule.load_state_dict(state["schedule"])
        average, first = state["average"], int(state["step"])
        gain.data.copy_(state["gain"])
    hits = []
    for step in range(first, recipe.crop_steps):
        rng = np.random.default_rng([recipe.seed, 1, step])
        batch = draw_batch(rng, pool, recipe.batch, recipe.crop)
        loss, right = _crop_loss(network, gain, batch, recipe.smoothing)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        schedule.step()
        _follow(average, network, min(0.995, (step + 1) / (step + 20)))
        hits.append(right)
        if (step + 1) % 50 == 0:
            _LOG.info(
                "crops %d/%d loss %.3f right %.3f",
                step + 1,
                recipe.crop_steps,
                loss.item(),
                float(np.mean(hits[-50:])),
            )
        if (step + 1) % 100 == 0 or step + 1 == recipe.crop_steps:
            _save(
                checkpoint,
                {
                    "network": network.state_dict(),
                    "optimiser": optimiser.state_dict(),
                    "schedule": schedule.state_dict(),
                    "average": average,
                    "step": step + 1,
                    "gain": gain.detach(),
                },
            )
    network.load_state_dict(average)
    return network.eval()


def _crop_loss(
    network: Any, gain: torch.Tensor, batch: Any, smoothing: float
) -> tuple[torch.Tensor, float]:
    images = torch.from_numpy(batch.images).to(memory_format=torch.channels_last)
    labels = torch.from_numpy(batch.labels)
    cells = torch.from_numpy(batch.cells)
    logits = cell_logits(network, body_features(network, images))
    pooled = gain * logits.mean((2, 3))
    whole = functional.cross_entropy(
        pooled, labels, label_smoothing=smoothing, ignore_index=IGNORED
    )
    # Background cells are many: they weigh as much as all makers together.
    weight = torch.tensor([1.0, 1.0, 1.0, 1.0, 1.0, 0.35])
    each = functional.cross_entropy(logits, cells, weight=weight, ignore_index=IGNORED)
    known = labels != IGNORED
    right = (pooled.argmax(1) == labels)[known].float().mean()
    return whole + each, float(right)


def _follow(average: dict[str, torch.Tensor], network: Any, keep: float) -> None:
    """Move the running average of all weights towards the network."""
    for key, value in network.state_dict().items():
        if value.dtype.is_floating_point:
            average[key].lerp_(value, 1 - keep)
        else:
            average[key].copy_(value)


def _save(path: Path, state: dict[str, Any]) -> None:
    partial = path.with_suffix(".partial")
    torch.save(state, partial)
    partial.replace(path)


def as_input(pool: Pool, number: int) -> NDArray[np.float32]:
    """One whole field as the network takes it, (1, 3, side, side)."""
    field = pool.fields[number]
    seen = np.zeros(field.shape, np.float32)
    x0, y0, x1, y1 = pool.inside[number]
    seen[y0:y1, x0:x1] = 1
    unit = normalise(field.astype(np.float32) / 255, seen)
    return np.ascontiguousarray(np.broadcast_to(unit, (1, 3, *unit.shape)))


def field_features(network: Any, pool: Pool, count: int, threads: int, scratch: Path) -> Any:
    """Blocks' output of the first count fields, (count, c, h, w) half precision."""
    count = min(count, len(pool.labels))
    export_body(network, pool.fields.shape[1], scratch)
    inputs = (as_input(pool, number) for number in range(count))
    out = []
    for number, (features,) in enumerate(run_onnx(scratch, inputs, threads), start=1):
        out.append(torch.from_numpy(features).half())
        if number % 100 == 0:
            _LOG.info("fields %d/%d", number, count)
    return torch.cat(out)


def makers_alone(
    network: Any, makers: NDArray[np.int64], features: torch.Tensor, labels: torch.Tensor
) -> Any:
    """The network of stage A without its class "background", scaled for whole fields.

    makers (n,) are the rows to keep; labels count among them. Only differences between makers
    matter, so their rows lose their common part; a stent fills few of a field's cells, so the
    rows are scaled by the factor that fits the labels best.
    """
    weight = network.classifier.weight.data[makers]
    network.reset_classifier(len(makers))
    network.classifier.weight.data = (weight - weight.mean(0)).clone()
    network.classifier.bias.data = torch.zeros(len(makers))
    with torch.inference_mode():
        pooled = pooled_logits(network, features[:500])
    scales = np.geomspace(1, 200, 40)
    losses = [functional.cross_entropy(pooled * float(s), labels[:500]).item() for s in scales]
    best = float(scales[int(np.argmin(losses))])
    network.classifier.weight.data *= best
    _LOG.info("%d classes: scale %.1f, loss %.3f", len(makers), best, min(losses))
    return network


def pooled_logits(network: Any, features: torch.Tensor) -> torch.Tensor:
    parts = [cell_logits(network, part.float()).mean((2, 3)) for part in features.split(32)]
    return torch.cat(parts)


def train_on_fields(
    recipe: DemoRecipe,
    network: Any,
    features: torch.Tensor,
    pool: Pool,
    check: torch.Tensor,
    check_labels: torch.Tensor,
) -> Any:
    """Stage B: last convolution and linear layer on whole fields; keeps the best epoch."""
    torch.manual_seed(recipe.seed + 1)
    count = len(features)
    makers = np.unique(pool.labels)
    labels = torch.from_numpy(np.searchsorted(makers, pool.labels[:count]))
    network = makers_alone(network, makers, features, labels)
    network.eval()
    cells = torch.from_numpy(
        np.stack(
            [
                cell_labels(pool.lines[k], float(pool.half_widths[k]), int(labels[k]), recipe.side)
                for k in range(count)
            ]
        )
    )
    cells[cells == BACKGROUND] = IGNORED
    tuned = [*network.conv_head.parameters(), *network.bn2.parameters()]
    optimiser = torch.optim.AdamW(
        [{"params": tuned, "lr": 3e-4}, {"params": network.classifier.parameters(), "lr": 1e-2}],
        weight_decay=0.05,
    )
    steps = recipe.field_epochs * (len(labels) // recipe.batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, [3e-4, 1e-2], total_steps=steps, pct_start=0.15
    )
    best: dict[str, torch.Tensor] = {}
    least = _check(network, check, check_labels, -1)
    for epoch in range(recipe.field_epochs):
        order = np.random.default_rng([recipe.seed, 2, epoch]).permutation(len(labels))
        for start in range(0, len(order) - recipe.batch + 1, recipe.batch):
            pick = torch.from_numpy(order[start : start + recipe.batch])
            logits = cell_logits(network, features[pick].float())
            loss = functional.cross_entropy(logits.mean((2, 3)), labels[pick], label_smoothing=0.05)
            # A cell's share of the pooled score is small; scaled down, it has to name the maker.
            share = logits / logits.shape[2]
            loss = loss + 0.2 * functional.cross_entropy(share, cells[pick], ignore_index=IGNORED)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            optimiser.step()
            schedule.step()
        loss_now = _check(network, check, check_labels, epoch)
        if loss_now < least:
            least = loss_now
            best = {key: value.clone() for key, value in network.state_dict().items()}
    if best:
        network.load_state_dict(best)
    return network


def _check(network: Any, features: torch.Tensor, labels: torch.Tensor, epoch: int) -> float:
    with torch.inference_mode():
        pooled = pooled_logits(network, features)
    loss = float(functional.cross_entropy(pooled, labels))
    accuracy = (pooled.argmax(1) == labels).float().mean().item()
    _LOG.info("epoch %d: checked loss %.3f, accuracy %.3f", epoch, loss, accuracy)
    return loss
