"""What a run's network begins as: a model of this machine, or a network with given weights."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import nn

from stentviewer.core.errors import UserError
from stentviewer.core.sentences import sentence
from stentviewer.inference.bundle import SAFETENSORS, Bundle, LabelSpec, load_bundle
from stentviewer.inference.catalog import Catalog
from stentviewer.inference.preprocess import Preprocessing
from stentviewer.inference.runtimes.architectures import create, timm_name
from stentviewer.learning import lora
from stentviewer.learning.network_parts import (
    freeze,
    hold_norms,
    parameter_groups,
    split,
    stages,
)
from stentviewer.learning.recipe import Recipe, not_used
from stentviewer.learning.start_weights import (
    State,
    check_finite,
    packaged_state,
    read_safetensors,
)

_NAMED = 4  # tensors that do not fit, in a sentence


@dataclass(frozen=True, eq=False)
class StartModel:
    """What a run begins with.

    state holds the network's tensors, single precision, without its last layer; weight (classes,
    C) and bias (classes,) are that layer where it knows classes, else None. id and sha256 are of
    the bundle or the weights' file, empty for random numbers. notes are sentences for the person.
    """

    architecture: str
    preprocessing: Preprocessing
    state: Mapping[str, Any]
    classes: tuple[str, ...] = ()
    labels: tuple[LabelSpec, ...] = ()
    weight: Any = None
    bias: Any = None
    id: str = ""
    sha256: str = ""
    bundle: Bundle | None = None
    notes: tuple[str, ...] = field(default=())

    @property
    def ref(self) -> dict[str, str] | None:
        """For a manifest: which model or file it began as; None for random numbers."""
        return {"id": self.id, "sha256": self.sha256} if self.sha256 else None


def open_start(recipe: Recipe, catalog: Catalog) -> StartModel:
    """Open what the recipe starts from, and make sure that a network can be built of it.

    A start model's preprocessing is kept but for the side, which is the recipe's; notes say so,
    also where the recipe asks for another. A network's is the recipe's. Raises UserError where the
    recipe asks for what does not go together (no such model or network, another task, classes that
    the start does not know, a file that is no safetensors file or does not fit), KnownError where a
    model or file is damaged.
    """
    start = _of_model(recipe, catalog) if recipe.start.model else _of_network(recipe)
    _check_classes(recipe, start)
    build(start, recipe)
    return start


def build(start: StartModel, recipe: Recipe) -> Any:
    """The network to learn with, on the CPU, as the recipe's `optimise` asks: drop path, held
    stages and norms, low-rank updates; images are (n, 3, side, side).

    The last layer's row of a class is its old row, the mean of the rows of those that are merged,
    or for a new design the mean of all old rows, so that it begins neither likely nor unlikely.
    Without old rows the layer begins as timm has it. Seeded by the recipe.
    """
    optimise = recipe.optimise
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(recipe.seed)
        network = create(start.architecture, len(recipe.classes), recipe.side, optimise.drop_path)
        if start.state:
            _load(network, start.state, start.id or start.architecture)
        if start.weight is not None:
            _set_head(network, start, recipe)
        if optimise.lora:
            if not lora.can_take(network):
                raise UserError(
                    sentence(
                        "{architecture} has no attention that low-rank updates (LoRA) could go "
                        "to. Set lora to 0, or choose a transformer such as deit_base_patch16_224.",
                        architecture=start.architecture,
                    )
                )
            lora.add(network, optimise.lora)
    if optimise.norm == "frozen":
        hold_norms(network)
    if optimise.frozen > 0:
        freeze(network, optimise.frozen)
    return network.to(memory_format=torch.channels_last)


def head_names(network: Any) -> tuple[str, ...]:
    """The names of the last layer's tensors in the network's state."""
    own = {id(p) for p in network.get_classifier().parameters()}
    return tuple(name for name, p in network.named_parameters() if id(p) in own)


def _of_model(recipe: Recipe, catalog: Catalog) -> StartModel:
    named = recipe.start.model
    bundle = load_bundle(Path(named)) if _is_path(named) else catalog.get(named)
    manifest = bundle.manifest
    if manifest.task != recipe.task:
        raise UserError(
            sentence(
                "The model {model} is for {task}, not for {wanted}. Choose another model.",
                model=manifest.id,
                task=manifest.task,
                wanted=recipe.task,
            )
        )
    if not bundle.has(SAFETENSORS):
        raise UserError(
            sentence(
                "The model {model} can read but not learn: it carries no {file}. Choose another.",
                model=manifest.id,
                file=SAFETENSORS,
            )
        )
    from stentviewer.inference.runtimes.torch_runtime import build_network

    network = build_network(bundle)
    state = network.state_dict()
    check_finite(state, manifest.id)
    last = _linear(network, manifest.architecture)
    notes: list[str] = []
    if manifest.preprocessing.side != recipe.side:
        notes.append(
            sentence(
                "{model} reads at {its} px; the new model learns and reads at {side} px.",
                model=manifest.id,
                its=manifest.preprocessing.side,
                side=recipe.side,
            )
        )
    overruled = not_used(recipe, manifest.preprocessing, manifest.id)
    usual = _usual(manifest.architecture, manifest.preprocessing.side)
    notes += overruled
    if manifest.preprocessing != usual and not overruled:
        notes.append(
            sentence("Images are prepared as {model} was taught to see them.", model=manifest.id)
        )
    return StartModel(
        architecture=manifest.architecture,
        preprocessing=manifest.preprocessing.model_copy(update={"side": recipe.side}),
        state=_without(state, head_names(network)),
        classes=bundle.labels,
        labels=manifest.labels,
        weight=last.weight.detach().clone(),
        bias=_bias(last),
        id=manifest.id,
        sha256=bundle.sha256,
        bundle=bundle,
        notes=(*notes, *_drop_path_note(manifest.architecture, recipe)),
    )


def _of_network(recipe: Recipe) -> StartModel:
    asked = recipe.start
    network = create(asked.network, 1000, recipe.side)
    _linear(network, asked.network)
    notes = list(_drop_path_note(asked.network, recipe))
    identity, digest = asked.network, ""
    state: State = {}
    if asked.weights is not None:
        state, digest = read_safetensors(asked.weights)
        identity = asked.weights.name
    elif asked.random:
        notes.append(
            sentence(
                "The network begins with random numbers: it needs far more images than one that "
                "has learned before."
            )
        )
        identity = ""
    else:
        state = packaged_state(asked.network, network.state_dict())
        digest = _sha256_of(state)
    usual = _usual(asked.network, recipe.side)
    return StartModel(
        architecture=asked.network,
        preprocessing=recipe.preprocessing.on(usual) if recipe.preprocessing else usual,
        state=_without(state, head_names(network)),
        id=identity,
        sha256=digest,
        notes=tuple(notes),
    )


def _is_path(named: str) -> bool:
    return "/" in named or "\\" in named


def _usual(architecture: str, side: int) -> Preprocessing:
    """The mean and deviation that the network's published weights were trained with."""
    import timm

    if not timm.is_model(timm_name(architecture)):
        return Preprocessing(side=side)
    mean = timm.get_pretrained_cfg_value(timm_name(architecture), "mean")
    std = timm.get_pretrained_cfg_value(timm_name(architecture), "std")
    if mean is None or std is None or len(mean) != 3:
        return Preprocessing(side=side)
    return Preprocessing(side=side, mean=tuple(mean), std=tuple(std))


def _linear(network: Any, architecture: str) -> nn.Linear:
    last = network.get_classifier()
    if not isinstance(last, nn.Linear):
        raise UserError(
            sentence(
                "{architecture} does not end in one linear layer, so its classes cannot be "
                "changed here. Choose another network.",
                architecture=architecture,
            )
        )
    return last


def _bias(last: nn.Linear) -> Any:
    return torch.zeros(last.out_features) if last.bias is None else last.bias.detach().clone()


def _without(state: Mapping[str, Any], names: tuple[str, ...]) -> State:
    return {key: value for key, value in state.items() if key not in names}


def _drop_path_note(architecture: str, recipe: Recipe) -> tuple[str, ...]:
    rate = recipe.optimise.drop_path
    if rate <= 0:
        return ()
    trial = create(architecture, 2, recipe.side, rate)
    if any(type(module).__name__ == "DropPath" for module in trial.modules()):
        return ()
    return (
        sentence("{architecture} has no drop path; it learns without.", architecture=architecture),
    )


def _check_classes(recipe: Recipe, start: StartModel) -> None:
    asked = {name for spec in recipe.classes for name in spec.before}
    strange = tuple(sorted(asked - set(start.classes)))
    if strange:
        raise UserError(
            sentence(
                "The start model does not know {classes}. It knows {known}.",
                classes=strange,
                known=start.classes or sentence("no class"),
            )
        )


def _load(network: Any, state: Mapping[str, Any], name: str) -> None:
    """Put the weights into the network, position embeddings interpolated to its grid.

    Raises UserError naming the tensors that are missing or of another shape.
    """
    last = head_names(network)
    given = _without(_translated(network, dict(state)), last)
    own = network.state_dict()
    wrong = [
        key
        for key, value in own.items()
        if key not in last
        and not key.endswith("num_batches_tracked")
        and (key not in given or given[key].shape != value.shape)
    ]
    strange = [key for key in given if key not in own]
    if strange and not wrong:
        raise UserError(
            sentence(
                "The weights of {name} are of another network: {count} tensors have no place in "
                "this one, first {tensors}. Choose the file that was made for this network.",
                name=name,
                count=len(strange),
                tensors=tuple(strange[:_NAMED]),
            )
        )
    if wrong:
        raise UserError(
            sentence(
                "The weights of {name} do not fit the network: {count} of its {all} tensors are "
                "missing or of another shape, first {tensors}. Choose the file that was made for "
                "this network.",
                name=name,
                count=len(wrong),
                all=len(own),
                tensors=tuple(_shapes(key, given, own) for key in wrong[:_NAMED]),
            )
        )
    network.load_state_dict(given, strict=False)


def _shapes(key: str, given: State, own: State) -> str:
    if key not in given:
        return key
    return f"{key} {tuple(given[key].shape)} ≠ {tuple(own[key].shape)}"


def _translated(network: Any, state: State) -> State:
    """The state as timm's own loading would change it: other names, another grid of patches."""
    if set(state) <= set(network.state_dict()) and all(
        value.shape == state[key].shape
        for key, value in network.state_dict().items()
        if key in state
    ):
        return state
    change = getattr(sys.modules[type(network).__module__], "checkpoint_filter_fn", None)
    if change is None:
        return state
    try:
        return dict(change(state, network))
    except (KeyError, RuntimeError, ValueError, TypeError, AttributeError, IndexError):
        return state  # not this network's names: what does not fit is said by name


def _set_head(network: Any, start: StartModel, recipe: Recipe) -> None:
    last = network.get_classifier()
    rows, biases = [], []
    for spec in recipe.classes:
        picked = [start.classes.index(name) for name in spec.before]
        picked = picked or list(range(len(start.classes)))
        rows.append(start.weight[picked].mean(0))
        biases.append(start.bias[picked].mean())
    with torch.no_grad():
        last.weight.copy_(torch.stack(rows))
        if last.bias is not None:
            last.bias.copy_(torch.stack(biases))


def _sha256_of(state: Mapping[str, Any]) -> str:
    whole = hashlib.sha256()
    for key, value in state.items():
        whole.update(key.encode())
        whole.update(value.contiguous().numpy().tobytes())
    return whole.hexdigest()


__all__ = [
    "StartModel", "build", "freeze", "head_names", "open_start", "parameter_groups", "split",
    "stages",
]  # fmt: skip
