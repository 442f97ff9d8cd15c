"""A network as stages from input to output: which of them learn, and how fast."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any, Final

import torch
from torch import nn

from stentviewer.learning.recipe import Optimise

_TRY_SIDES: Final = (64, 224, 256)
_CUT: Final = "_stages_cut"
_NORMS: Final = (nn.modules.batchnorm._BatchNorm, nn.InstanceNorm2d)


class Tokens(nn.Module):  # type: ignore[misc]
    """Of a vision transformer: patches, their position and what stands before the first block."""

    def __init__(self, network: Any) -> None:
        super().__init__()
        self.patch_embed, self.norm_pre = network.patch_embed, network.norm_pre
        for name in ("cls_token", "reg_token", "pos_embed"):
            if isinstance(getattr(network, name, None), nn.Parameter):
                self.register_parameter(name, getattr(network, name))
        object.__setattr__(self, "_network", network)  # no part of this stage's parameters

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        network = self._network
        tokens = network.patch_drop(network._pos_embed(network.patch_embed(images)))
        out: torch.Tensor = network.norm_pre(tokens)
        return out


class Whole(nn.Module):  # type: ignore[misc]
    """All of a network before its head, where it cannot be cut."""

    def __init__(self, network: Any) -> None:
        super().__init__()
        last = {id(p) for p in network.get_classifier().parameters()}
        for name, child in network.named_children():
            if not any(id(p) in last for p in child.parameters()):
                self.add_module(name, child)
        object.__setattr__(self, "_network", network)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = self._network.forward_features(images)
        return out


class Head(nn.Module):  # type: ignore[misc]
    """Everything after the stages: pooling and the last layers."""

    def __init__(self, network: Any) -> None:
        super().__init__()
        object.__setattr__(self, "_network", network)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = self._network.forward_head(features)
        return out


def stages(network: Any) -> list[nn.Module]:
    """The network before its head, as modules that run one after another.

    A stage is one block (residual, inverted residual, dense, attention) with the norm and
    activation after it. `forward_head(stages(x))` is the network. A network that cannot be cut is
    one stage. The modules share the network's parameters.
    """
    if getattr(network, "patch_embed", None) is not None and hasattr(network, "_pos_embed"):
        units = [Tokens(network), *network.blocks, network.norm]
    else:
        units = _units(network)
    cut = _cut(network, units)
    return _grouped(units[:cut]) if cut else [Whole(network)]


def _units(network: Any) -> list[nn.Module]:
    found: list[nn.Module] = []
    for child in network.children():
        # Only a plain Sequential may be opened: a class of its own may do more than run its parts.
        plain = type(child) in (nn.Sequential, _held(nn.Sequential))
        found += _units(child) if plain else [child]
    return found


def _grouped(units: Sequence[nn.Module]) -> list[nn.Module]:
    """Join what has no weights of its own (norm, activation, pooling) to what comes before it."""
    groups: list[list[nn.Module]] = []
    for unit in units:
        weighs = any(p.ndim > 1 for p in unit.parameters())
        if weighs or not groups:
            groups.append([unit])
        else:
            groups[-1].append(unit)
    return [group[0] if len(group) == 1 else nn.Sequential(*group) for group in groups]


def _cut(network: Any, units: Sequence[nn.Module]) -> int:
    """How many of the modules give, one after another, what `forward_features` gives; 0: none do.

    Tried on a small image, once for a network. The last number that fits counts: blocks of an
    untrained network may pass on what they get.
    """
    found = getattr(network, _CUT, None)
    if found is None:
        found = 0
        with _reading(network) as image, torch.inference_mode():
            wanted = network.forward_features(image)
            for number, module in enumerate(units, start=1):
                try:
                    image = module(image)
                except (RuntimeError, AssertionError, ValueError, TypeError, AttributeError):
                    break
                close = image.shape == wanted.shape and torch.allclose(image, wanted, atol=1e-5)
                found = number if close else found
        setattr(network, _CUT, found)
    return int(found)


@contextmanager
def _reading(network: Any) -> Iterator[torch.Tensor]:
    """The network in evaluation mode for a while, and the smallest image that it takes."""
    training = [module for module in network.modules() if module.training]
    place = next(network.parameters())
    network.eval()
    try:
        for side in _TRY_SIDES:
            count = 3 * side * side
            image = torch.linspace(-1, 1, count, dtype=place.dtype, device=place.device)
            image = image.mul(9).sin().reshape(1, 3, side, side)
            try:
                with torch.inference_mode():
                    network.forward_features(image)
            except (RuntimeError, AssertionError, ValueError):
                continue
            break
        yield image
    finally:
        for module in training:
            module.training = True


def freeze(network: Any, share: float) -> int:
    """Hold a share of the stages, counted from the input, as they are; returns how many.

    Held stages learn nothing and run as in reading, whatever `train()` says: statistics kept, no
    dropping. With all of them held (share 1) only the last layer learns.
    """
    parts = stages(network)
    count = round(share * len(parts))
    for part in parts[:count]:
        for parameter in part.parameters():
            parameter.requires_grad = False
        hold(part)
    if count == len(parts):
        last = {id(p) for p in network.get_classifier().parameters()}
        for parameter in network.parameters():
            parameter.requires_grad = id(parameter) in last
        for module in network.children():
            if not any(id(p) in last for p in module.parameters()):
                hold(module)
    return count


def hold(module: nn.Module) -> None:
    """Keep a module and all in it in evaluation mode for good."""
    for one in module.modules():
        if not isinstance(one, Tokens | Whole):
            own: Any = type(one)
            one.__class__ = _held(own)
    module.eval()


def hold_norms(network: Any) -> None:
    """Keep the statistics of every batch normalisation as they are."""
    for module in network.modules():
        if isinstance(module, _NORMS):
            own: Any = type(module)
            module.__class__ = _held(own)
            module.eval()


class _Held:
    """Mixed into a module's class: `train()` leaves it in evaluation mode."""


@cache
def _held(kind: type[Any]) -> type[Any]:
    if issubclass(kind, _Held):
        return kind

    def train(self: Any, mode: bool = True) -> Any:  # noqa: ARG001 - torch's own signature
        return nn.Module.train(self, False)

    return type(kind.__name__, (_Held, kind), {"train": train, "__module__": kind.__module__})


def parameter_groups(network: Any, optimise: Optimise) -> list[dict[str, Any]]:
    """For the optimiser: groups of parameters that learn, each with "lr" and "weight_decay".

    The head learns at `optimise.rate`, each stage before it at `layer_decay` times the rate of the
    one after it. Biases, norms and position embeddings do not decay. Keys beside torch's own:
    "name".
    """
    parts = stages(network)
    depth: dict[int, int] = {}
    for number, part in enumerate(parts):
        for parameter in part.parameters():
            depth.setdefault(id(parameter), number)
    bare = set(getattr(network, "no_weight_decay", set)())
    groups: dict[tuple[int, bool], list[Any]] = {}
    for name, parameter in network.named_parameters():
        if parameter.requires_grad:
            decays = parameter.ndim > 1 and name not in bare
            place = depth.get(id(parameter), len(parts))
            groups.setdefault((place, decays), []).append(parameter)
    return [
        {
            "params": members,
            "lr": optimise.rate * optimise.layer_decay ** (len(parts) - place),
            "weight_decay": optimise.weight_decay if decays else 0.0,
            "name": f"{'head' if place == len(parts) else place}{'' if decays else ' plain'}",
        }
        for (place, decays), members in sorted(groups.items(), key=lambda item: item[0])
    ]


def split(network: Any, first: int) -> tuple[nn.Module, nn.Module]:
    """The first stages as one module, and all that comes after them up to the scores."""
    parts = stages(network)
    return nn.Sequential(*parts[:first]), nn.Sequential(*parts[first:], Head(network))


def ends_in_pool_and_linear(network: Any) -> bool:
    """Whether scores are one linear layer on the map's mean: then CAM is Grad-CAM (see explain).

    Measured on the network itself, in evaluation mode.
    """
    from stentviewer.inference.runtimes.architectures import feature_map

    last = network.get_classifier()
    if not isinstance(last, nn.Linear):
        return False
    with _reading(network) as image, torch.inference_mode():
        features = network.forward_features(image)
        # Values of the map's shape, but all different: a norm or layer after pooling would show.
        probe = torch.linspace(-3, 9, features.numel(), dtype=image.dtype, device=image.device)
        features = probe.mul(7).sin().mul(3).add(1).reshape(features.shape)
        mapped = feature_map(network, features)
        if mapped.shape[1] != last.in_features:
            return False
        wanted = network.forward_head(features)
        return bool(torch.allclose(last(mapped.mean((2, 3))), wanted, rtol=1e-4, atol=1e-4))
