"""The smallest weights set to zero (Han et al., NeurIPS 2015), the same share in every layer.

Zeros strewn over the weights make the file smaller once it is zipped. They make a reading no
faster: a CPU multiplies by them as by any number.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from stentviewer.core.errors import UserError
from stentviewer.core.sentences import sentence
from stentviewer.inference.bundle import ONNX, SAFETENSORS, Bundle
from stentviewer.learning.carried_finder import carry
from stentviewer.learning.compress import (
    AtShare,
    Compressed,
    Images,
    accuracy,
    fresh,
    made_bundle,
    marked,
    measured,
)
from stentviewer.learning.events import RunContext

if TYPE_CHECKING:
    import torch

_STEPS: Final = 4  # of the way to the share that is asked for


def prune(
    start: Bundle, images: Images, share: float, folder: Path, context: RunContext
) -> Compressed:
    """A model in `folder` with this share of its weights at zero, and the accuracy on the way.

    First and last layer, layers of one weight a channel (depthwise) and normalisation stay whole:
    they hold few weights and every one counts. Raises UserError where the model has no weights
    for torch or the share is none, KnownError where it cannot be written, Cancelled.
    """
    if not 0 < share < 1:
        raise UserError(
            sentence(
                "The share of weights to set to zero lies between 0 and 1, not at {x:g}.", x=share
            )
        )
    if not start.has(SAFETENSORS):
        raise UserError(
            sentence(
                "The model {model} can read but not be pruned: it carries no {file}. Choose "
                "another.",
                model=start.manifest.id,
                file=SAFETENSORS,
            )
        )
    curve = []
    for step in range(1, _STEPS + 1):
        part = share * step / _STEPS
        made, zeros = _pruned(start, part, images, fresh(folder), context, last=step == _STEPS)
        if step < _STEPS:
            curve.append(AtShare(part, accuracy(made, images, context)))
    found = measured("prune", start, made, images, images.cache, context)
    assert found.after.accuracy.value is not None
    return found.with_notes(
        (
            sentence(
                "Zeros strewn over the weights do not make a reading faster on a CPU, and the file "
                "is smaller only once it is zipped."
            ),
            sentence("{share:.0%} of all weights are zero.", share=zeros),
        ),
        (*curve, AtShare(share, found.after.accuracy.value)),
    )


def _pruned(
    start: Bundle, share: float, images: Images, folder: Path, context: RunContext, *, last: bool
) -> tuple[Bundle, float]:
    """The model with its smallest weights at zero, and the share of all its weights that are.

    Only the last one is to be read with.
    """
    from stentviewer.inference.runtimes.torch_runtime import build_network
    from stentviewer.learning.export import export_network

    context.stage(sentence("Setting {share:.0%} of the weights to zero", share=share))
    network = build_network(start)
    zeros = zero_smallest(network, share)
    manifest = start.manifest
    files = export_network(network, manifest.preprocessing.side, folder)
    thresholds = manifest.thresholds
    if last:
        learn = images.labels[images.learn]
        thresholds = carry(start, images.cache, images.learn, learn, files, context)
    percent = round(100 * share)
    said = f"{manifest.id}, the smallest {percent} % of its weights at zero"
    changes = {
        "id": marked(f"pruned{percent}", start, files[ONNX]),
        "name": f"{manifest.name}, {percent} % pruned",
        "description": f"{manifest.description} {percent} % of the weights of its layers are zero.",
        "changelog": {"1.0.0": said},
        "version": "1.0.0",
        "thresholds": thresholds,
        "eval_metrics": {"of the model it was made of": manifest.eval_metrics},
    }
    training = {"method": "prune", "share": share, "zeros": zeros, "by": "magnitude in each layer"}
    return made_bundle(start, changes, training, files), zeros


def zero_smallest(network: Any, share: float) -> float:
    """Set the share of each layer's weights that are smallest to zero, in place; returns the share
    of all the network's weights that are zero then."""
    import torch

    with torch.no_grad():
        for weight in _prunable(network):
            count = int(share * weight.numel())
            if count:
                limit = weight.abs().flatten().kthvalue(count).values
                weight[weight.abs() <= limit] = 0
    every = list(network.parameters())
    zero = sum(int((one == 0).sum()) for one in every)
    return zero / float(sum(one.numel() for one in every))


def _prunable(network: Any) -> list[torch.Tensor]:
    from torch import nn

    layers = [m for m in network.modules() if isinstance(m, nn.Linear | nn.Conv2d)]
    last = network.get_classifier()
    return [
        layer.weight
        for layer in layers[1:]
        if layer is not last and layer.weight[0].numel() > _kernel(layer)
    ]


def _kernel(layer: Any) -> int:
    """Weights that an output channel has for one input channel."""
    sides = getattr(layer, "kernel_size", (1,))
    size = 1
    for side in sides:
        size *= side
    return size
