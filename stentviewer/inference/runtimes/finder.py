"""The finder of a bundle: one pass over the whole field, always by onnxruntime on the CPU.

It is small, and one pass at a coarse side costs a fraction of a second; so a machine with an
accelerator, which names the stents there, needs no second way to run it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from stentviewer.core.errors import KnownError
from stentviewer.core.sentences import sentence
from stentviewer.core.types import FloatArray
from stentviewer.inference.bundle import FINDER, Bundle
from stentviewer.inference.runtimes.onnx_runtime import INPUT, run_session, session_of

MAP = "map"
FIELD = "field"
_CHANNELS = 6  # as `tasks.stent_finder` takes them apart


@dataclass(frozen=True, slots=True)
class FinderOutput:
    """Of one image: map (6, h, w) of where stents are, field (F,) of what it is; float32."""

    map: FloatArray
    field: FloatArray


class Finder(Protocol):
    """A network that finds stents. May be called from any thread."""

    device: str

    def run(self, tensor: FloatArray) -> FinderOutput:
        """One pass over a tensor (1, 3, side, side); raises KnownError where the machine fails."""
        ...


class OnnxFinder:
    """A bundle's `finder.onnx`: input "image", outputs "map" and "field"."""

    device = "onnxruntime · CPU"

    def __init__(self, bundle: Bundle, threads: int | None = None) -> None:
        """On as many threads, None for all cores.

        Raises KnownError where onnxruntime is missing or refuses the network.
        """
        self._bundle = bundle
        self._session: Any = session_of(bundle, FINDER, (MAP, FIELD), threads)

    def run(self, tensor: FloatArray) -> FinderOutput:
        found, field = run_session(
            self._bundle, self._session, (MAP, FIELD), {INPUT: np.ascontiguousarray(tensor)}
        )
        numbers = all(np.issubdtype(array.dtype, np.number) for array in (found, field))
        fits = found.ndim == 4 and found.shape[:2] == (1, _CHANNELS) and found.size > 0
        fits = fits and field.ndim == 2 and field.shape[0] == 1 and numbers
        if not fits:
            raise KnownError(
                sentence(
                    "The finder of the model {model} gives a map {map} and features {field}, which "
                    "are none that stents can be found in. Install the model again.",
                    model=self._bundle.manifest.id,
                    map=str(found.shape),
                    field=str(field.shape),
                )
            )
        if not (np.isfinite(found).all() and np.isfinite(field).all()):
            raise KnownError(
                sentence(
                    "The model {model} gave no number for this image; it was not read.",
                    model=self._bundle.manifest.id,
                )
            )
        return FinderOutput(found[0], field[0])


def open_finder(bundle: Bundle, threads: int | None = None) -> Finder:
    """The bundle's finder, ready to run; its session is kept, so opening it again is quick."""
    return OnnxFinder(bundle, threads)
