"""Whole numbers of 8 bits in place of floating point, by onnxruntime's static quantisation.

Weights are signed and symmetric with a scale for each channel; what flows between layers is
unsigned with one scale and zero point, taken from what real images give (Jacob et al., 2018; "U8S8"
in onnxruntime's documentation). The last layer stays as it is, and both outputs stay floating
point, so that heat maps are made as before.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np

from stentviewer.core.errors import KnownError, UserError
from stentviewer.core.sentences import sentence
from stentviewer.inference.bundle import HEAD, ONNX, Bundle
from stentviewer.inference.runtimes.onnx_runtime import ACTIVATION, INPUT, SCORES
from stentviewer.learning.cache import ImageCache
from stentviewer.learning.carried_finder import carry
from stentviewer.learning.compress import (
    Compressed,
    Images,
    copied,
    fresh,
    made_bundle,
    marked,
    measured,
)
from stentviewer.learning.events import RunContext

CALIBRATION: Final = 32  # images; more change the ranges little and take their time
_FEWEST: Final = 8
_SLOWER: Final = 1.1  # faster by less is within what a machine's other work makes of it


def to_int8(
    start: Bundle, images: Images, folder: Path, context: RunContext, seed: int = 7
) -> Compressed:
    """A model of 8-bit numbers, in `folder`, from one that has an ONNX network.

    It has no weights for torch: it reads on the CPU, also where there is a GPU, and nothing can be
    fine-tuned from it. Raises UserError where there are too few images to calibrate on, KnownError
    where the network cannot be converted, Cancelled.
    """
    if len(images.learn) < _FEWEST:
        raise UserError(
            sentence(
                "The ranges of numbers are measured on images that are not tested on: {n} are "
                "left for that, and {needed} are needed. Add images.",
                n=len(images.learn),
                needed=_FEWEST,
            )
        )
    rows = np.random.default_rng([seed, 8]).permutation(images.learn)[:CALIBRATION]
    place = fresh(folder)
    _must_be_float(start)
    _quantise(start, images.cache, rows, place / ONNX, context)
    files = {ONNX: place / ONNX}
    if start.has(HEAD):
        files[HEAD] = copied(start, HEAD, place)
    learn = images.labels[images.learn]
    thresholds = carry(start, images.cache, images.learn, learn, files, context)
    said = f"{start.manifest.id}, its weights and what flows between layers in 8 bits"
    made = made_bundle(
        start,
        {
            "id": marked("int8", start, files[ONNX]),
            "name": f"{start.manifest.name}, int8",
            "description": f"{start.manifest.description} Its numbers have 8 bits.",
            "changelog": {"1.0.0": said},
            "version": "1.0.0",
            "thresholds": thresholds,
            "eval_metrics": {"of the model it was made of": start.manifest.eval_metrics},
        },
        {
            "method": "int8",
            "calibration": {
                "images": len(rows),
                "ranges": "smallest to largest",
                "seed": seed,
            },
            "numbers": "weights signed and by channel, activations unsigned (U8S8, QDQ)",
        },
        files,
    )
    found = measured("int8", start, made, images, images.cache, context)
    return found.with_notes(_notes(found))


def _notes(found: Compressed) -> tuple[str, ...]:
    said = [sentence("The 8-bit model reads on the CPU only, and nothing can be learned from it.")]
    if found.faster < _SLOWER:
        said.append(
            sentence(
                "It is no faster here: that takes a processor with instructions for 8-bit numbers "
                "(AVX512-VNNI, AVX-VNNI or AMX; on ARM dot product)."
            )
        )
    return tuple(said)


def _must_be_float(start: Bundle) -> None:
    import onnx

    network = onnx.load_from_string(start.read(ONNX))
    if any(node.op_type == "QuantizeLinear" for node in network.graph.node):
        raise UserError(
            sentence("The model {model} is one of 8-bit numbers already.", model=start.manifest.id)
        )


class _Feed:
    """onnxruntime's CalibrationDataReader, over some of the cache's images."""

    def __init__(
        self, cache: ImageCache, rows: np.ndarray, start: Bundle, context: RunContext
    ) -> None:
        self._left = self._feeds(cache, rows, start, context)

    @staticmethod
    def _feeds(
        cache: ImageCache, rows: np.ndarray, start: Bundle, context: RunContext
    ) -> Iterator[dict[str, np.ndarray]]:
        for done, row in enumerate(rows):
            context.stage(sentence("Measuring the ranges of numbers"), done, len(rows))
            yield {INPUT: cache.tensor([int(row)], start.manifest.preprocessing)}

    def get_next(self) -> dict[str, np.ndarray] | None:
        return next(self._left, None)

    def __iter__(self) -> _Feed:
        return self

    def __next__(self) -> dict[str, np.ndarray]:
        return next(self._left)


def _quantise(
    start: Bundle, cache: ImageCache, rows: np.ndarray, path: Path, context: RunContext
) -> None:
    folded = path.with_name("folded.onnx")
    try:
        with _quiet():
            from onnxruntime.quantization import QuantFormat, QuantType, quantize_static

            keep = _fold(start, folded)
            quantize_static(
                str(folded),
                str(path),
                _Feed(cache, rows, start, context),
                quant_format=QuantFormat.QDQ,
                per_channel=True,
                activation_type=QuantType.QUInt8,
                weight_type=QuantType.QInt8,
                nodes_to_exclude=keep,
            )
    except (ImportError, OSError, RuntimeError, ValueError, TypeError, AttributeError) as error:
        raise KnownError(
            sentence(
                "The network of {model} could not be turned into 8-bit numbers: {reason}.",
                model=start.manifest.id,
                reason=str(error).strip().split("\n")[0].rstrip(".") or type(error).__name__,
            )
        ) from error
    finally:
        folded.unlink(missing_ok=True)


def _fold(start: Bundle, path: Path) -> list[str]:
    """Write the network with normalisation folded into its convolutions, and name what stays
    floating point: all that comes after the last activation."""
    import onnx
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.optimized_model_filepath = str(path)
    options.log_severity_level = 4
    onnxruntime.InferenceSession(start.read(ONNX), options, providers=["CPUExecutionProvider"])
    network = onnx.load(str(path))
    for number, node in enumerate(network.graph.node):
        node.name = node.name or f"node_{number}"
    # Says that there is nothing left to prepare: onnxruntime would advise it otherwise.
    onnx.helper.set_model_props(network, {"onnx.quant.pre_process": "onnxruntime.quant"})
    onnx.save(network, str(path))
    body = _behind(network, ACTIVATION)
    return [name for name in _behind(network, SCORES) if name not in body]


def _behind(network: Any, output: str) -> list[str]:
    """The names of the nodes that an output is made by, all the way back to the image."""
    wanted, found = {output}, []
    for node in reversed(network.graph.node):
        if wanted & set(node.output):
            found.append(node.name)
            wanted |= set(node.input)
    return found


@contextmanager
def _quiet() -> Iterator[None]:
    """onnxruntime's tools advise on the root logger; what matters here is said in sentences."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(before)
