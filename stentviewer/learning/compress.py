"""A model made smaller or faster, and what that costs: size, time and answers, before and after.

Three ways: whole numbers of 8 bits (`compress_int8`), the smallest weights set to zero
(`compress_prune`), a small network taught by a large one (`compress_distil`). Each ends in a bundle
that reads like any other, and in figures that were measured on this machine and these images.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import time
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np

from stentviewer.core.errors import UserError
from stentviewer.core.sentences import sentence
from stentviewer.core.types import Box, FloatArray, HeatMap
from stentviewer.inference.bundle import HEAD, ONNX, Bundle, Manifest, write_bundle
from stentviewer.inference.runtimes.onnx_runtime import OnnxRuntime
from stentviewer.learning import metrics
from stentviewer.learning.cache import ImageCache
from stentviewer.learning.evaluation import proportion
from stentviewer.learning.events import RunContext
from stentviewer.learning.learner import Rows
from stentviewer.learning.result_parts import Estimate
from stentviewer.learning.splits import hold_back

Method = Literal["int8", "prune", "distil"]
_TEST_SHARE: Final = 0.7
_ROUNDS: Final = 9  # of one reading by each model in turn
_WHOLE: Final = Box(0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True, eq=False)
class Images:
    """Labelled images in two parts without a patient in common. labels (n,) count among the
    model's classes; `learn` may be calibrated on or learned from, `test` is only asked about."""

    cache: ImageCache
    labels: Rows
    learn: Rows
    test: Rows


@dataclass(frozen=True, slots=True)
class Figures:
    """What a model is. bytes of its weights.onnx; single_bytes if that stored single precision
    (this program stores large weights as halves); zipped_bytes deflated; milliseconds of one pass
    on this machine's CPU, a median; accuracy with its interval and macro F1 on the test images."""

    bytes: int
    single_bytes: int
    zipped_bytes: int
    milliseconds: float
    accuracy: Estimate
    f1: float


@dataclass(frozen=True, slots=True)
class AtShare:
    """Accuracy with this share of the weights set to zero."""

    share: float
    accuracy: float


@dataclass(frozen=True, slots=True)
class Compressed:
    """What was made of a model. images were asked about; `same` is the share of them that both
    models name alike; `heat` the mean share that the hottest tenths of both heat maps have in
    common (None without heat maps of one kind); curve: accuracy along the way; notes are
    sentences for the person."""

    method: Method
    bundle: Bundle
    images: int
    before: Figures
    after: Figures
    same: float
    heat: float | None
    curve: tuple[AtShare, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def smaller(self) -> float:
        """The size of its file as a share of the former network's in single precision."""
        return self.after.bytes / self.before.single_bytes

    @property
    def faster(self) -> float:
        """How many times as fast it is."""
        return self.before.milliseconds / self.after.milliseconds

    @property
    def lost(self) -> float:
        """Accuracy that was lost, in points of 100; negative where it grew."""
        assert self.before.accuracy.value is not None
        assert self.after.accuracy.value is not None
        return 100 * (self.before.accuracy.value - self.after.accuracy.value)

    def with_notes(self, notes: tuple[str, ...], curve: tuple[AtShare, ...] = ()) -> Compressed:
        return replace(self, notes=notes, curve=curve)


def in_two_parts(cache: ImageCache, bundle: Bundle, held: Sequence[bool], seed: int = 7) -> Images:
    """Images to learn from and to test on. held (n,): those that must not be learned from.

    Images whose role is "test" or "external" are the test, and those that are held; where no role
    says so, whole patients are drawn. Raises UserError where no image is of the model's classes
    or none is left to test on.
    """
    names = bundle.labels
    labels = np.array([names.index(i.label) if i.label in names else -1 for i in cache.items])
    known = labels.astype(np.int64) >= 0
    if not known.any():
        raise UserError(
            sentence(
                "None of these images is of a class that {model} knows: {names}.",
                model=bundle.manifest.id,
                names=names,
            )
        )
    test = known & np.array([item.role != "train" for item in cache.items])
    if not test.any():
        rows = np.flatnonzero(known)
        patients = [cache.items[row].patient for row in rows]
        test[rows[hold_back(labels[rows].astype(np.int64), patients, _TEST_SHARE, seed)]] = True
    test |= known & np.asarray(held, np.bool_)
    if not test.any():
        raise UserError(
            sentence(
                "There are too few patients to test on: give images of at least three patients of "
                "a class, or mark some with the role test."
            )
        )
    tested = {cache.items[row].patient for row in np.flatnonzero(test)}
    learn = known & ~test & np.array([item.patient not in tested for item in cache.items])
    return Images(cache, labels.astype(np.int64), np.flatnonzero(learn), np.flatnonzero(test))


def made_bundle(
    start: Bundle, changes: dict[str, Any], training: dict[str, Any], files: dict[str, Path]
) -> Bundle:
    """Seal what was made of a model in the folder that holds its files.

    training says what was done; which model it began as is added.
    """
    manifest: Manifest = start.manifest.model_copy(
        update={
            **changes,
            "training": {
                "start": {"id": start.ref.id, "sha256": start.ref.sha256},
                "promotable": bool(start.manifest.training.get("promotable", True)),
                **training,
            },
        }
    )
    return write_bundle(next(iter(files.values())).parent, manifest, files)


def copied(start: Bundle, name: str, folder: Path) -> Path:
    """One of a model's files, in another folder; raises KnownError where it is damaged."""
    place = folder / name
    place.write_bytes(start.read(name))
    return place


def marked(kind: str, start: Bundle, weights: Path) -> str:
    """An id for what was made of a model; digits of its weights' hash tell it from others."""
    digits = hashlib.sha256(weights.read_bytes()).hexdigest()[:6]
    plain = re.sub(r"[^a-z0-9._-]+", "-", kind.lower())[:26]
    return f"{start.manifest.id[: 64 - len(plain) - 8]}-{plain}-{digits}"


def fresh(folder: Path) -> Path:
    """An empty folder."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def measured(
    method: Method,
    start: Bundle,
    made: Bundle,
    images: Images,
    start_cache: ImageCache,
    context: RunContext,
) -> Compressed:
    """Both models on the test images, in turn on the CPU through the ordinary runtime.

    start_cache holds the same images as the start model is fed them; `images.cache` as the new
    one is. Raises KnownError where either does not answer, Cancelled.
    """
    place = {sha: row for row, sha in enumerate(start_cache.sha256)}
    rows = np.array([r for r in images.test if images.cache.sha256[r] in place], np.int64)
    pair = (_Asked(start, start_cache), _Asked(made, images.cache))
    heat: list[float] = []
    for done, row in enumerate(rows):
        context.stage(sentence("Asking both models"), done, len(rows))
        at = place[images.cache.sha256[row]]
        maps = [one.ask(where) for one, where in zip(pair, (at, int(row)), strict=True)]
        heat += _common(maps)
    spent = _alternating(pair, (place[images.cache.sha256[rows[0]]], int(rows[0])), context)
    figures = [_figures(one, ms, images.labels[rows]) for one, ms in zip(pair, spent, strict=True)]
    named = [np.array(one.scores).argmax(1) for one in pair]
    return Compressed(
        method=method,
        bundle=made,
        images=len(rows),
        before=figures[0],
        after=figures[1],
        same=float((named[0] == named[1]).mean()),
        heat=float(np.mean(heat)) if heat else None,
    )


def accuracy(bundle: Bundle, images: Images, context: RunContext) -> float:
    """The share of the test images that a model names rightly."""
    one = _Asked(bundle, images.cache)
    for done, row in enumerate(images.test):
        context.stage(sentence("Asking the model"), done, len(images.test))
        one.ask(int(row))
    right = np.array(one.scores).argmax(1) == images.labels[images.test]
    return float(right.mean())


class _Asked:
    """A model, its images and what it answered."""

    def __init__(self, bundle: Bundle, cache: ImageCache) -> None:
        self.bundle, self.cache = bundle, cache
        self.runtime = OnnxRuntime(bundle)
        self.weight = bundle.head()[0] if bundle.has(HEAD) else None
        self.scores: list[FloatArray] = []

    def feed(self, row: int) -> FloatArray:
        return self.cache.tensor([row], self.bundle.manifest.preprocessing)

    def ask(self, row: int) -> HeatMap | None:
        """The heat map of the class it names, where it has one at no cost."""
        from stentviewer.explain.cam import class_map

        output = self.runtime.run(self.feed(row))
        self.scores.append(output.scores)
        if self.weight is None:
            return None
        best = int(output.scores.argmax())
        return HeatMap(class_map(output.activation, self.weight[best]), _WHOLE, "Grad-CAM")


def _common(maps: Sequence[HeatMap | None]) -> list[float]:
    from stentviewer.explain.agreement import agreement

    first, second = maps
    found = agreement(first, second) if first is not None and second is not None else None
    return [] if found is None else [found.overlap]


def _alternating(
    pair: Sequence[_Asked], rows: Sequence[int], context: RunContext
) -> tuple[float, ...]:
    """Milliseconds of one pass of each, medians: in turn, so that both meet the same machine."""
    feeds = [one.feed(row) for one, row in zip(pair, rows, strict=True)]
    spent: list[list[float]] = [[] for _ in pair]
    for done in range(_ROUNDS):
        context.stage(sentence("Measuring the time of a reading"), done, _ROUNDS)
        for one, feed, times in zip(pair, feeds, spent, strict=True):
            began = time.perf_counter()
            one.runtime.run(feed)
            times.append(1000 * (time.perf_counter() - began))
    return tuple(float(np.median(times)) for times in spent)


def _figures(one: _Asked, milliseconds: float, truth: Rows) -> Figures:
    content = one.bundle.read(ONNX)
    scores = np.array(one.scores)
    counts = metrics.confusion(truth, scores.argmax(1), scores.shape[1])
    return Figures(
        bytes=len(content),
        single_bytes=len(content) + _halves(content),
        zipped_bytes=len(zlib.compress(content, 9)),
        milliseconds=milliseconds,
        accuracy=proportion(int(np.trace(counts)), len(truth)),
        f1=metrics.rates(counts).macro()[2],
    )


def _halves(content: bytes) -> int:
    """Bytes that the weights kept in half precision would take more in single precision."""
    import onnx

    graph = onnx.load_from_string(content).graph
    halves = (t for t in graph.initializer if t.data_type == onnx.TensorProto.FLOAT16)
    return sum(2 * int(np.prod(t.dims)) for t in halves)
