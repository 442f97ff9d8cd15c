"""Where a training runs: in this process on one device, or in a process for each of several."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from multiprocessing.connection import Connection
from typing import Any, Final

import psutil
import torch

from stentviewer.core.errors import Cancelled, KnownError, StentviewerError, UserError
from stentviewer.core.sentences import sentence
from stentviewer.learning.events import Event, RunContext
from stentviewer.learning.memory import is_out_of_memory
from stentviewer.learning.recipe import Compute
from stentviewer.learning.training_loop import Job, learn

_WAITS: Final = timedelta(days=30)  # a paused run keeps its processes waiting
_LISTENS: Final = 0.1  # seconds
_LOG = logging.getLogger(__name__)


def run(job: Job, context: RunContext) -> None:
    """`learn` on the devices that the recipe asks for.

    Raises as `learn` does. With several processes, the folder has to be one that all see.
    """
    compute = job.recipe.compute
    check(compute)
    if compute.devices * compute.nodes == 1:
        set_threads(compute)
        learn(one(compute), job, context)
        return
    pairs = (min(compute.batch, len(job.train)) + 1) // 2
    if pairs < compute.devices * compute.nodes:
        raise UserError(
            sentence(
                "A batch of {batch} images cannot be shared by {processes} processes: each needs "
                "two. Choose a larger batch or fewer devices.",
                batch=min(compute.batch, len(job.train)),
                processes=compute.devices * compute.nodes,
            )
        )
    _several(job, context)


def check(compute: Compute) -> None:
    """Raise UserError where the recipe asks for a device that this machine has not got."""
    there = {
        "cuda": torch.cuda.is_available() and torch.cuda.device_count() >= compute.devices,
        "mps": torch.backends.mps.is_available() and compute.devices == 1,
    }
    if not there.get(compute.device, True):
        raise UserError(
            sentence(
                "This machine does not have {count} devices of the kind {device} that torch can "
                "use. Choose “cpu”, or “auto” for what is there.",
                count=compute.devices,
                device=compute.device,
            )
        )


def one(compute: Compute) -> Any:
    """Fabric for one device, in this process."""
    from lightning_fabric import Fabric

    fabric = Fabric(
        accelerator=compute.device, devices=1, strategy="auto", precision=_precision(compute)
    )
    torch.backends.cudnn.benchmark = fabric.device.type == "cuda"
    return fabric


def set_threads(compute: Compute, processes: int = 1) -> None:
    """As many threads as the recipe says, else the cores; shared by this machine's processes."""
    cores = psutil.cpu_count(logical=False) or psutil.cpu_count() or 1
    wanted = compute.threads or max(1, cores // processes)
    if torch.get_num_threads() != wanted:
        torch.set_num_threads(wanted)


def on_cpu(compute: Compute) -> bool:
    """Whether the recipe's device comes down to the processor."""
    there = torch.cuda.is_available() or torch.backends.mps.is_available()
    return compute.device == "cpu" or (compute.device == "auto" and not there)


def _precision(compute: Compute) -> str:
    if compute.precision == "16-mixed" and on_cpu(compute):
        return "bf16-mixed"  # the processor has no half precision to learn in
    return compute.precision


def _several(job: Job, context: RunContext) -> None:
    from lightning_fabric import Fabric
    from lightning_fabric.strategies import DDPStrategy
    from torch.multiprocessing import ProcessExitedException, ProcessRaisedException

    compute = job.recipe.compute
    cpu = on_cpu(compute)
    strategy = DDPStrategy(
        start_method="spawn",
        process_group_backend="gloo" if cpu else None,
        timeout=_WAITS,
    )
    fabric = Fabric(
        accelerator="cpu" if cpu else compute.device,
        devices=compute.devices,
        num_nodes=compute.nodes,
        strategy=strategy,
        precision=_precision(compute),
    )
    try:
        with _answering(context) as line:
            error: Exception | None = fabric.launch(partial(_child, job, line))
    except (ProcessRaisedException, ProcessExitedException) as ended:
        if is_out_of_memory(RuntimeError(str(ended))):
            raise torch.OutOfMemoryError(str(ended)) from ended
        _LOG.warning("a process of the run ended: %s", type(ended).__name__)
        raise KnownError(
            sentence(
                "One of the processes that learn together stopped unexpectedly. What was learned "
                "so far is kept; start the run again to go on."
            )
        ) from ended
    if error is not None:
        raise error


def _child(job: Job, line: Connection, fabric: Any) -> Exception | None:
    """One of several processes; the first speaks and listens for all. Returns how it stopped."""
    set_threads(job.recipe.compute, job.recipe.compute.devices)
    context = RunContext()
    if fabric.global_rank == 0 or fabric.local_rank == 0:
        far = _FarControl(line, speaks=fabric.global_rank == 0)
        context = RunContext(far.emit, far)
    try:
        learn(fabric, job, context)
    except (Cancelled, StentviewerError) as error:
        return error
    return None


class _FarControl:
    """Events and orders over a connection to the process that started this one."""

    def __init__(self, line: Connection, speaks: bool) -> None:
        self._line, self._speaks = line, speaks

    def emit(self, event: Event) -> None:
        if self._speaks:
            self._line.send(event)

    def check(self) -> None:
        """Ask; the answer comes once a pause is over."""
        try:
            self._line.send("?")
            word = self._line.recv()
        except (EOFError, OSError):  # who gave the orders is gone
            word = "stop"
        if word == "stop":
            raise Cancelled


@contextmanager
def _answering(context: RunContext) -> Iterator[Connection]:
    """A connection whose other end passes events on and answers for the run's orders."""
    from multiprocessing import get_context

    near, far = get_context("spawn").Pipe()
    ended = threading.Event()

    def answer() -> None:
        while not ended.is_set():
            try:
                if not near.poll(_LISTENS):
                    continue
                said = near.recv()
            except (EOFError, OSError):
                return
            if said != "?":
                context.emit(said)
                continue
            try:
                context.control.check()
                word = "go"
            except Cancelled:
                word = "stop"
            near.send(word)

    thread = threading.Thread(target=answer, name="answers", daemon=True)
    thread.start()
    try:
        yield far
    finally:
        far.close()
        ended.set()
        thread.join()
        near.close()
