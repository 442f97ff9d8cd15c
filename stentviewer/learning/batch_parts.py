"""A batch that lies on several processes, or is worked on in parts, learns as if it were whole."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import distributed, nn


def share_norms(network: nn.Module, device: torch.device) -> nn.Module:
    """Batch normalisation by the batch of all processes: torch's own where there is a GPU.

    torch has none for the CPU; there each normalisation's class is changed for `_Shared`.
    Normalisation that is held (network_parts.hold) stays held.
    """
    if device.type == "cuda":
        from timm.layers import convert_sync_batchnorm

        made: nn.Module = convert_sync_batchnorm(network)
        return made
    for module in network.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm):
            kind: Any = type(module)
            module.__class__ = _shared(kind)
    return network


class _SharedNorm(torch.autograd.Function):  # type: ignore[misc]
    """(x - mean) / deviation over the batches of all processes; its gradient crosses them too."""

    @staticmethod
    def forward(
        ctx: Any, x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor, eps: float
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
        over = [d for d in range(x.ndim) if d != 1]
        values = x.float()
        sums = torch.stack(
            [
                values.sum(over, dtype=torch.float64),
                values.square().sum(over, dtype=torch.float64),
                torch.full((x.shape[1],), x.numel() / x.shape[1], dtype=torch.float64),
            ]
        )
        distributed.all_reduce(sums)
        count = sums[2]
        mean = sums[0] / count
        variance = (sums[1] / count - mean.square()).clamp_(min=0)
        inverse = (variance + eps).rsqrt().float()
        shape = [1, -1] + [1] * (x.ndim - 2)
        unit = (values - mean.float().view(shape)) * inverse.view(shape)
        ctx.save_for_backward(unit, weight, inverse, count)
        ctx.over, ctx.shape, ctx.kind = over, shape, x.dtype
        ctx.mark_non_differentiable(mean, variance, count)
        out = unit * weight.view(shape) + bias.view(shape)
        return out.to(x.dtype), mean, variance, count

    @staticmethod
    def backward(
        ctx: Any, grad: torch.Tensor, *_: Any
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, None]:
        unit, weight, inverse, count = ctx.saved_tensors
        grad = grad.float()
        sums = torch.stack([grad.sum(ctx.over), (grad * unit).sum(ctx.over)])
        own_bias, own_weight = sums[0].clone(), sums[1].clone()
        distributed.all_reduce(sums)
        mean = (sums / count.float())[:, None].view(2, *ctx.shape)
        through = (grad - mean[0] - unit * mean[1]) * (weight * inverse).view(ctx.shape)
        return through.to(ctx.kind), own_weight, own_bias, None


class _Shared:
    """Mixed into a normalisation's class: while it learns, its batch is that of all processes."""


@cache
def _shared(kind: Any) -> type[Any]:
    if issubclass(kind, _Shared):
        return kind  # type: ignore[no-any-return]

    def forward(self: Any, x: torch.Tensor) -> torch.Tensor:
        if not self.training:
            held: torch.Tensor = kind.forward(self, x)
            return held
        out, mean, variance, count = _SharedNorm.apply(x, self.weight, self.bias, self.eps)
        if self.track_running_stats:
            self.num_batches_tracked.add_(1)
            share = self.momentum
            if share is None:
                share = 1.0 / float(self.num_batches_tracked)
            unbiased = variance * count / (count - 1)
            self.running_mean.lerp_(mean.to(self.running_mean.dtype), share)
            self.running_var.lerp_(unbiased.to(self.running_var.dtype), share)
        for name in ("drop", "act"):  # timm's normalisations carry their activation
            after = getattr(self, name, None)
            out = out if after is None else after(out)
        return out

    return type(kind.__name__, (_Shared, kind), {"forward": forward, "__module__": kind.__module__})


@dataclass(eq=False)
class Standing:
    """Which pictures of which batch go through the network now; drop path draws by it."""

    key: tuple[int, ...] = (0,)
    of: int = 1
    places: NDArray[np.int64] = field(default_factory=lambda: np.zeros(1, np.int64))


def steady_drop_path(network: nn.Module, standing: Standing) -> None:
    """Drop path (Huang et al., 2016) that drops for a picture of a batch, wherever it is learned.

    timm's own draws in the order of calls, so that a batch in two parts drops for others.
    """
    number = 0
    for module in network.modules():
        if type(module).__name__ == "DropPath":
            kind: Any = type(module)
            module.__class__ = _steady(kind)
            module.standing, module.number = standing, number
            number += 1


@cache
def _steady(kind: Any) -> type[Any]:
    def forward(self: Any, x: torch.Tensor) -> torch.Tensor:
        if not self.training or not self.drop_prob:
            return x
        keep = 1.0 - self.drop_prob
        now: Standing = self.standing
        rng = np.random.default_rng([*now.key, self.number])
        kept = (rng.random(now.of) < keep)[now.places].astype(np.float32)
        if self.scale_by_keep and keep > 0:
            kept /= np.float32(keep)
        mask = torch.from_numpy(kept).to(x.device, x.dtype)
        return x * mask.view(-1, *[1] * (x.ndim - 1))

    return type(kind.__name__, (kind,), {"forward": forward, "__module__": kind.__module__})


@contextmanager
def statistics_kept(network: nn.Module, wanted: bool) -> Iterator[None]:
    """While it holds, normalisation learns no statistics: for the second forward pass that
    gradient checkpointing makes on the way back."""
    kept = list(network.buffers()) if wanted else []
    copies = [buffer.clone() for buffer in kept]
    yield
    with torch.no_grad():
        for buffer, copy in zip(kept, copies, strict=True):
            buffer.copy_(copy)
