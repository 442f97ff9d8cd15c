"""Pooled features of a run's images, from a model that stays as it is; computed once, kept.

One pass of onnxruntime an image, no torch. What is kept is the mean of the last activation over
the image: all that the last layer of a network with global average pooling ever sees.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

import numpy as np

from stentviewer.core.errors import KnownError
from stentviewer.core.sentences import sentence
from stentviewer.core.types import FloatArray
from stentviewer.learning.events import RunContext
from stentviewer.learning.learner import Rows

_AT_ONCE = 8  # rows written together: what a power cut may cost


class Pictures(Protocol):
    """A run's images, decoded (learning.cache.ImageCache)."""

    def __len__(self) -> int: ...
    def tensor(self, rows: Rows, spec: Any) -> FloatArray: ...


class Network(Protocol):
    """Anything that gives the last activation (C, h, w) of a tensor (1, 3, side, side)."""

    def run(self, tensor: FloatArray) -> Any: ...


def pooled_features(
    pictures: Pictures,
    spec: Any,
    network: Network,
    file: Path,
    context: RunContext,
) -> FloatArray:
    """Mean activation of every image, (n, C) float32; goes on with what the file already holds.

    The file is a table whose rows not yet computed are NaN. It belongs to these images and this
    network: its name has to change with either. Raises Cancelled, KnownError on a full disk or
    where the network fails.
    """
    count = len(pictures)
    table: Any = _opened(file, count)
    context.stage(sentence("Reading images with the start model"), 0, count)
    for row in range(count):
        if table is not None and not np.isnan(table[row, 0]):
            continue
        output = network.run(pictures.tensor(np.array([row]), spec))
        pooled = output.activation.mean((1, 2), dtype=np.float32)
        if table is None:
            table = _created(file, count, len(pooled))
        table[row] = pooled
        if row % _AT_ONCE == _AT_ONCE - 1:
            table.flush()
        context.stage(sentence("Reading images with the start model"), row + 1, count)
    if table is None:
        return np.zeros((0, 0), np.float32)
    table.flush()
    return np.array(table)


def _opened(file: Path, count: int) -> Any:
    try:
        table = np.lib.format.open_memmap(file, mode="r+")
    except (OSError, ValueError):  # not there, or cut off
        return None
    fits = table.ndim == 2 and len(table) == count and table.dtype == np.float32
    return table if fits and table.shape[1] else None


def _created(file: Path, count: int, width: int) -> Any:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        table = np.lib.format.open_memmap(file, mode="w+", dtype=np.float32, shape=(count, width))
        table[:] = np.nan
    except OSError as error:
        raise KnownError(
            sentence(
                "{folder} cannot be written: {reason}. Free some space or choose another folder.",
                folder=str(file.parent),
                reason=error.strerror or sentence("the disk refused"),
            )
        ) from error
    return table
