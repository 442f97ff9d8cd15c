"""How much of a batch goes through the network at once, so that it fits into the memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import psutil
import torch

from stentviewer.core.errors import UserError
from stentviewer.core.sentences import sentence

# Of the memory that is free. The system's own is shared with the window and whatever else runs,
# and what other programs ask for meanwhile ends the run.
_USED: Final = {"cpu": 0.5}
_USED_OF_A_DEVICE: Final = 0.9
_BESIDE: Final = 1.3  # what passes by, beside what is kept for the way back
_STATES: Final = 4  # a weight, its gradient and AdamW's two moments


@dataclass(frozen=True, slots=True)
class Plan:
    """parts: how often a process goes through the network for its share of a batch.
    checkpointing: activations are computed twice instead of kept (Chen et al., 2016)."""

    parts: int = 1
    checkpointing: bool = False

    def smaller(self, pairs: int, can_checkpoint: bool) -> Plan | None:
        """What needs less memory: half as many pictures at once, then checkpointing."""
        if self.parts < pairs:
            return Plan(min(2 * self.parts, pairs), self.checkpointing)
        if can_checkpoint and not self.checkpointing:
            return Plan(self.parts, True)
        return None


def can_checkpoint(network: Any) -> bool:
    """Whether the network knows gradient checkpointing."""
    try:
        network.set_grad_checkpointing(True)
        network.set_grad_checkpointing(False)
    except (AttributeError, AssertionError, NotImplementedError, TypeError):
        return False
    return True


def fitting(
    network: Any, plan: Plan, pictures: int, side: int, device: torch.device, sharers: int = 1
) -> Plan:
    """The plan, or what of it fits: measured on two pictures, before the network learns.

    pictures: a process's share of a batch; sharers: processes on the same memory. Raises
    UserError where nothing fits.
    """
    free = free_bytes(device) // sharers
    weights = sum(p.nbytes for p in network.parameters()) * _STATES
    used = _USED.get(device.type, _USED_OF_A_DEVICE)
    able = can_checkpoint(network)
    pairs = (pictures + 1) // 2
    plan = Plan(min(plan.parts, pairs), plan.checkpointing and able)
    each = {}
    while True:
        if plan.checkpointing not in each:
            each[plan.checkpointing] = bytes_a_picture(network, side, device, plan.checkpointing)
        kept = each[plan.checkpointing] * 2 * -(-pairs // plan.parts)
        if weights + _BESIDE * kept <= used * free:
            return plan
        less = plan.smaller(pairs, able)
        if less is None:
            break
        plan = less
    if weights + kept <= free:
        return plan
    raise too_large(side, (weights + kept) / 1e9, free / 1e9)


def too_large(side: int, need: float, free: float) -> UserError:
    """The sentence for a network and size that cannot be learned here; need and free in GB."""
    return UserError(
        sentence(
            "Learning at {side} px needs at least {need:.1f} GB of memory, and {free:.1f} GB are "
            "free. Choose a smaller image size or network, or close other programs.",
            side=side,
            need=need,
            free=free,
        )
    )


def free_bytes(device: torch.device) -> int:
    """Memory that learning may use on the device."""
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    if device.type == "mps":
        return int(torch.mps.recommended_max_memory() - torch.mps.current_allocated_memory())
    return int(psutil.virtual_memory().available)


def used_bytes(device: torch.device) -> int:
    """Memory in use by this process: the device's peak, else what the system counts."""
    if device.type == "cuda":
        return int(torch.cuda.max_memory_allocated(device))
    if device.type == "mps":
        return int(torch.mps.driver_allocated_memory())
    return int(psutil.Process().memory_info().rss)


def bytes_a_picture(network: Any, side: int, device: torch.device, checkpointing: bool) -> int:
    """What a forward pass keeps for the way back; the network is left as it was."""
    own = {p.untyped_storage().data_ptr() for p in network.parameters()}
    own |= {b.untyped_storage().data_ptr() for b in network.buffers()}
    kept: dict[int, int] = {}
    alive = []

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in own and storage.data_ptr() not in kept:
            kept[storage.data_ptr()] = storage.nbytes()
            alive.append(tensor)  # an address is not given out again while it is counted
        return tensor

    buffers = {name: value.clone() for name, value in network.named_buffers()}
    training = network.training
    if checkpointing:
        network.set_grad_checkpointing(True)
    network.train()
    image = torch.zeros(2, 3, side, side, device=device)
    image = image.to(memory_format=torch.channels_last)
    with torch.random.fork_rng(), torch.autograd.graph.saved_tensors_hooks(keep, lambda t: t):
        network(image)
    with torch.no_grad():
        for name, value in network.named_buffers():
            value.copy_(buffers[name])
    network.train(training)
    if checkpointing:
        network.set_grad_checkpointing(False)
    return sum(kept.values()) // 2


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an allocation failed, as CUDA, MPS, the CPU or a child process say it."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    words = ("out of memory", "OutOfMemoryError", "can't allocate memory", "not enough memory")
    return isinstance(error, RuntimeError) and any(word in str(error) for word in words)


def is_device_lost(error: BaseException) -> bool:
    """Whether a GPU stopped answering: its driver was reset, or it was taken away."""
    words = ("CUDA error", "cudaError", "CUDNN_STATUS", "CUBLAS_STATUS", "NCCL", "MPS")
    return isinstance(error, RuntimeError) and any(word in str(error) for word in words)
