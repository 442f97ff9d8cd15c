"""Pooled features of a run's images, from a model that stays as it is; computed once, kept.

One pass of onnxruntime an image, no torch. Kept is the mean over the image of the last activation:
all that the last layer of a network with global average pooling ever sees. Where the network's last
convolution can be aimed at the stent (learning.gate), that activation is kept beside its own. Of
stents that were cut out the mean over the stent alone is kept too, by which designs are told apart
that the model does not know (`inference.known`).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from stentviewer.core.errors import KnownError
from stentviewer.core.files import not_written
from stentviewer.core.sentences import sentence
from stentviewer.core.types import FloatArray
from stentviewer.inference.bundle import ONNX, Bundle
from stentviewer.inference.runtimes.onnx_runtime import INPUT, cores
from stentviewer.learning import gate
from stentviewer.learning.events import RunContext
from stentviewer.learning.gate import Aimed, Gate, LastConvolution
from stentviewer.learning.learner import Rows
from stentviewer.tasks.stent_crop import cover_of_stent, mean_on_stent

if TYPE_CHECKING:
    from stentviewer.inference.preprocess import Preprocessing
    from stentviewer.learning.cache import ImageCache
    from stentviewer.learning.feed import Seen

_FOR_GATE: Final = 96  # images that the gate is fitted from
_AT_ONCE: Final = 8  # rows written together: what a power cut may cost
_ACTIVATION: Final = "activation"
_FEATURES: Final = "features"


@dataclass(frozen=True, eq=False)
class Pooled:
    """plain (n, C): the network as it is. aimed (n, C): its last convolution aimed by `gate` with
    each of gate.STRENGTHS one after another; None where it cannot be. on_stent: the same with means
    over the cells that the stents cover; None where the images are whole fields."""

    plain: FloatArray
    aimed: FloatArray | None = None
    gate: Gate | None = None
    on_stent: Pooled | None = None

    def of(self, strength: float) -> FloatArray:
        """Aimed features of one strength (n, K + 1); with strength 0 the plain ones."""
        if not strength:
            return self.plain
        assert self.aimed is not None
        assert self.gate is not None
        first = gate.STRENGTHS.index(strength) * self.gate.width
        return self.aimed[:, first : first + self.gate.width]

    @property
    def best(self) -> FloatArray:
        """The features that usually tell most: aimed, where that can be."""
        return self.of(1.0) if self.gate is not None else self.plain

    @property
    def strengths(self) -> tuple[float, ...]:
        """What there is to choose from."""
        return (0.0, *gate.STRENGTHS) if self.gate is not None else (0.0,)


def pooled_features(
    cache: ImageCache,
    train: Rows,
    bundle: Bundle,
    folder: Path,
    seed: int,
    context: RunContext,
    *,
    aim: bool = True,
) -> Pooled:
    """Features of every image of the cache; goes on with what the folder already holds.

    The gate is fitted from some of the rows in `train`, without their labels; aim False for a
    network that has learned no class, whose evidence means nothing. Raises Cancelled,
    KnownError on a full disk or where the network fails.
    """
    spec = bundle.manifest.preprocessing
    at = gate.last_convolution(bundle.read(ONNX)) if aim else None
    network = _Network(bundle.read(ONNX), at)
    key = f"{cache.digest[:16]}-{bundle.sha256[:16]}" + ("" if aim else "-plain")
    found = _gate(cache, train, bundle, network, folder / f"gate-{key}.npz", seed, context)
    after = None
    if found is not None and at is not None:
        after = _after(at, Aimed.of(found, gate.STRENGTHS, at.channels))
    table = _Table(folder / f"features-{key}.npy", len(cache))
    what = sentence("Reading images with the start model")
    context.stage(what, 0, len(cache))
    for row in table.missing():
        activation, features = network.maps(cache, row, spec)
        maps = [activation[0]]
        if after is not None:
            maps.append(after.run([_ACTIVATION], {_FEATURES: features})[0][0])
        table.put(row, np.concatenate(_means(maps, cache.seen, row)))
        context.stage(what, row + 1, len(cache))
    values = table.values()
    if not np.isfinite(values).all():
        raise KnownError(
            sentence(
                "The start model gives no number for some images, so nothing can be learned from "
                "it. Choose another start model."
            )
        )
    gated = found if after is not None else None
    if not cache.seen:
        return _taken_apart(values, gated)
    half = values.shape[1] // 2
    on_stent = _taken_apart(values[:, half:], gated)
    return replace(_taken_apart(values[:, :half], gated), on_stent=on_stent)


def stent_features(
    network: bytes, cache: ImageCache, rows: Rows, context: RunContext
) -> FloatArray:
    """Means (len(rows), C) of an ONNX network's last map over the stents of images that were cut
    out, as `inference.known` compares them."""
    reader, found = _Network(network, None), []
    for done, row in enumerate(rows):
        context.stage(sentence("Looking at what the model knows of each design"), done, len(rows))
        activation, _ = reader.maps(cache, int(row), cache.spec)
        found.append(_means([activation[0]], cache.seen, int(row))[1])
    return np.stack(found) if found else np.zeros((0, 0), np.float32)


def _means(maps: list[FloatArray], seen: Sequence[Seen], row: int) -> list[FloatArray]:
    """The maps' means over the image; then, of a stent that was cut out, those over the stent."""
    means = [np.asarray(one.mean((1, 2), dtype=np.float64), np.float32) for one in maps]
    if seen:
        stent = seen[row]
        means += [mean_on_stent(one, stent.length, stent.width) for one in maps]
    return means


def _taken_apart(values: FloatArray, found: Gate | None) -> Pooled:
    if found is None:
        return Pooled(values)
    half = values.shape[1] // 2
    return Pooled(values[:, :half], values[:, half:], found)


class _Network:
    """The start model's network, also with its last convolution's input as an output."""

    def __init__(self, network: bytes, at: LastConvolution | None) -> None:
        import onnx

        model = onnx.load_from_string(network)
        self.shows_features = at is not None  # whether its last convolution can be aimed
        self._features = at.features if at is not None else _ACTIVATION
        if at is not None:
            model.graph.output.append(onnx.helper.make_tensor_value_info(at.features, 1, None))
        self._session = _session(model.SerializeToString())

    def maps(self, cache: ImageCache, row: int, spec: Preprocessing) -> list[FloatArray]:
        """Last activation (1, C, h, w) and what the last convolution saw (1, K, h, w)."""
        outputs = [_ACTIVATION, self._features]
        found: list[FloatArray] = self._session.run(outputs, {INPUT: cache.tensor([row], spec)})
        return found


def _session(network: bytes) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = cores()
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(network, options, providers=["CPUExecutionProvider"])


def _after(at: LastConvolution, aimed: Aimed) -> Any:
    """A network of what comes after the features: the aimed convolution and what follows it."""
    import onnx

    model = onnx.load_from_string(gate.aimed_network(at, aimed))
    return _session(_cut(model, at.features).SerializeToString())


def _cut(model: Any, features: str) -> Any:
    """The part of a network between `features` and its last activation."""
    from onnx import helper

    needed, nodes = {_ACTIVATION}, []
    for node in reversed(model.graph.node):
        if needed & set(node.output) and features not in node.output:
            nodes.append(node)
            needed |= set(node.input) - {features}
    constants = [one for one in model.graph.initializer if one.name in needed]
    rename = {features: _FEATURES}
    for node in nodes:
        node.input[:] = [rename.get(name, name) for name in node.input]
    graph = helper.make_graph(
        nodes[::-1],
        "after",
        [helper.make_tensor_value_info(_FEATURES, 1, None)],
        [helper.make_tensor_value_info(_ACTIVATION, 1, None)],
        constants,
    )
    return helper.make_model(
        graph, opset_imports=list(model.opset_import), ir_version=model.ir_version
    )


def _gate(
    cache: ImageCache,
    train: Rows,
    bundle: Bundle,
    network: _Network,
    file: Path,
    seed: int,
    context: RunContext,
) -> Gate | None:
    """The gate for these images, kept so that a run goes on with the same one."""
    if not network.shows_features:
        return None
    kept = _read_gate(file)
    if kept is not None:
        return kept
    weight, _ = bundle.head()
    rng = np.random.default_rng([seed, 4])
    rows = np.sort(rng.permutation(train)[:_FOR_GATE])
    features, evidence = [], []
    for done, row in enumerate(rows):
        context.stage(sentence("Looking where the stents are"), done, len(rows))
        activation, map_ = network.maps(cache, int(row), bundle.manifest.preprocessing)
        features.append(map_[0].astype(np.float16))
        if cache.seen:
            stent = cache.seen[int(row)]
            evidence.append(cover_of_stent(map_.shape[2:], stent.length, stent.width))
        else:
            evidence.append(np.tensordot(weight, activation[0], 1).std(0))
    found = gate.fit_gate(features, evidence, seed, covered=bool(cache.seen))
    if found is not None:
        partial = file.with_name("gate.partial.npz")
        file.parent.mkdir(parents=True, exist_ok=True)
        np.savez(partial, **vars(found))
        partial.replace(file)
    return found


def _read_gate(file: Path) -> Gate | None:
    try:
        with np.load(file, allow_pickle=False) as data:
            return Gate(
                data["direction"],
                float(data["offset"]),
                float(data["margin"]),
                data["mean"],
                data["deviation"],
            )
    except (OSError, ValueError, KeyError, EOFError):
        return None


class _Table:
    """Rows of numbers in a file; those not yet there are NaN."""

    def __init__(self, file: Path, count: int) -> None:
        self._file, self._count = file, count
        self._rows: Any = None
        try:
            table = np.lib.format.open_memmap(file, mode="r+")
        except (OSError, ValueError):  # not there, or cut off
            return
        if table.ndim == 2 and len(table) == count and table.dtype == np.float32:
            self._rows = table

    def missing(self) -> Iterator[int]:
        for row in range(self._count):
            if self._rows is None or np.isnan(self._rows[row, 0]):
                yield row

    def put(self, row: int, values: FloatArray) -> None:
        """Raises KnownError where there is no room for the file."""
        if self._rows is None:
            self._rows = self._made(len(values))
        self._rows[row] = values
        if row % _AT_ONCE == _AT_ONCE - 1:
            self._rows.flush()

    def values(self) -> FloatArray:
        if self._rows is None:
            return np.zeros((0, 0), np.float32)
        self._rows.flush()
        return np.array(self._rows)

    def _made(self, width: int) -> Any:
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with self._file.open("wb") as file:  # the room is taken now: a map cannot say "full"
                np.lib.format.write_array_header_1_0(
                    file,
                    {"descr": "<f4", "fortran_order": False, "shape": (self._count, width)},
                )
                row = np.full(width, np.nan, np.float32).tobytes()
                for _ in range(self._count):
                    file.write(row)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise not_written(self._file.parent, error) from error
        return np.lib.format.open_memmap(self._file, mode="r+")
