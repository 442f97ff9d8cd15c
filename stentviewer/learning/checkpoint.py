"""How far a training is, on disk: safetensors with facts beside them, whole or not at all.

One file holds tensors and facts, so that they cannot come from different moments; the one before
it stays until the next is written, so that a file damaged later costs one saving, not the run.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import torch

from stentviewer.core.files import not_written

LATEST: Final = "latest.safetensors"
BEFORE: Final = "before.safetensors"
_FACTS: Final = "facts"
_SUM: Final = "crc32"
_FORMAT: Final = 1


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """tensors by name, on the CPU, and what else there is to know, as JSON can hold it."""

    tensors: Mapping[str, torch.Tensor]
    facts: Mapping[str, Any]


def save(folder: Path, checkpoint: Checkpoint) -> None:
    """Write a checkpoint; raises KnownError where the disk refuses, with the last one kept."""
    latest, before = folder / LATEST, folder / BEFORE
    partial = folder / "partial.safetensors"
    try:
        _write(partial, checkpoint)
        if latest.exists():
            latest.replace(before)
        partial.replace(latest)
        _sync(folder)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise not_written(folder, error) from error


def load(folder: Path) -> Checkpoint | None:
    """The last checkpoint that is whole; None where there is none."""
    for name in (LATEST, BEFORE):
        found = read(folder / name)
        if found is not None:
            return found
    return None


def read(path: Path) -> Checkpoint | None:
    """The checkpoint of one file; None where it is missing, cut off or damaged."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(str(path), framework="pt") as file:
            said = file.metadata() or {}
            tensors = {key: file.get_tensor(key) for key in sorted(file.keys())}
        facts = json.loads(said[_FACTS])
        whole = said[_SUM] == _sum(tensors, said[_FACTS]) and facts.pop("format") == _FORMAT
    except (OSError, SafetensorError, KeyError, ValueError, TypeError, AttributeError):
        return None
    return Checkpoint(tensors, facts) if whole else None


def write(path: Path, checkpoint: Checkpoint) -> None:
    """Write one file, whole or not at all; raises KnownError where the disk refuses."""
    partial = path.with_name(path.stem + ".partial")
    try:
        _write(partial, checkpoint)
        partial.replace(path)
        _sync(path.parent)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise not_written(path.parent, error) from error


def clear(folder: Path) -> None:
    """Remove what `save` left, once it is no longer needed."""
    for name in (LATEST, BEFORE, "partial.safetensors"):
        (folder / name).unlink(missing_ok=True)


def _write(path: Path, checkpoint: Checkpoint) -> None:
    from safetensors.torch import save as to_bytes

    tensors = {
        key: value.detach().to("cpu", memory_format=torch.contiguous_format)
        for key, value in checkpoint.tensors.items()
    }
    facts = json.dumps({**checkpoint.facts, "format": _FORMAT})
    packed = to_bytes(tensors, metadata={_FACTS: facts, _SUM: _sum(tensors, facts)})
    with path.open("wb") as file:
        file.write(packed)
        file.flush()
        os.fsync(file.fileno())


def _sum(tensors: Mapping[str, torch.Tensor], facts: str) -> str:
    """CRC-32 of the facts and of every tensor's name and values."""
    crc = zlib.crc32(facts.encode())
    for key in sorted(tensors):
        crc = zlib.crc32(key.encode(), crc)
        values = tensors[key].contiguous().reshape(-1)
        crc = zlib.crc32(memoryview(values.view(torch.uint8).numpy()) if len(values) else b"", crc)
    return f"{crc:08x}"


def _sync(folder: Path) -> None:
    """Make the new names survive a loss of power, where the system knows how."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
