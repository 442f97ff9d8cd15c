"""Pictures that show where a model looked: a few it named rightly, and those it named wrongly."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from stentviewer.core.errors import KnownError
from stentviewer.core.sentences import sentence
from stentviewer.core.types import Box, HeatMap
from stentviewer.core.wording import show_probability
from stentviewer.explain.cam import class_map
from stentviewer.imaging.overlay import render_overlay
from stentviewer.inference.bundle import HEAD, Bundle
from stentviewer.inference.runtimes.base import Runtime
from stentviewer.inference.runtimes.choose import open_runtime
from stentviewer.learning.cache import ImageCache
from stentviewer.learning.calibration import probabilities
from stentviewer.learning.events import RunContext
from stentviewer.learning.predictions import Predictions

_SIDE: Final = 360  # pixels of a picture
_LIST: Final = "gallery.json"


@dataclass(frozen=True, slots=True)
class Shown:
    """One picture as PNG, with the answer it illustrates. fold 0 is the final model.

    has_heat: whether the picture shows the final model's Grad-CAM for the class that was named.
    """

    png: bytes
    sha256: str
    truth: str
    named: str
    probability: float
    fold: int
    has_heat: bool

    @property
    def is_right(self) -> bool:
        return self.truth == self.named

    @property
    def caption(self) -> str:
        """What stands below the picture."""
        p = show_probability(self.probability)
        if self.is_right:
            return sentence("{truth}, named rightly, {p}", truth=self.truth, p=p)
        return sentence("{truth}, named {named}, {p}", truth=self.truth, named=self.named, p=p)


def choose(
    answers: Predictions, temperature: float, right: int = 1, wrong: int = 4
) -> list[tuple[int, float]]:
    """Rows to show and their probability: of each class the surest errors, then the surest right.

    Only images whose class the model has.
    """
    found = probabilities(answers.logits, temperature)
    named, sure = found.argmax(1), found.max(1)
    rows: list[tuple[int, float]] = []
    for k in range(len(answers.classes)):
        for is_right, most in ((False, wrong), (True, right)):
            these = np.flatnonzero((answers.truth == k) & ((named == k) == is_right))
            surest = these[np.argsort(-sure[these], kind="stable")][:most]
            rows += [(int(row), float(sure[row])) for row in surest]
    return rows


def make_gallery(
    bundle: Bundle,
    cache: ImageCache,
    answers: Predictions,
    temperature: float,
    context: RunContext | None = None,
    right: int = 1,
    wrong: int = 4,
) -> list[Shown]:
    """Pictures of answers on images of the cache, with the bundle's heat for the class named.

    Where a fold's model gave the answer, the heat is still the final model's. The pictures are
    what the network was shown, masks included. One pass of the network each. Raises KnownError
    where the bundle cannot be run, Cancelled at an order to stop.
    """
    context = context or RunContext()
    place = {digest: row for row, digest in enumerate(cache.sha256)}
    rows = [
        (row, p)
        for row, p in choose(answers, temperature, right, wrong)
        if answers.sha256[row] in place
    ]
    runtime = open_runtime(bundle) if bundle.has(HEAD) and rows else None
    shown = []
    for done, (row, p) in enumerate(rows):
        context.stage(sentence("Heat maps"), done, len(rows))
        named = answers.classes[int(answers.logits[row].argmax())]
        at = place[answers.sha256[row]]
        heat = _heat(bundle, runtime, cache, at, named) if runtime is not None else None
        shown.append(
            Shown(
                png=_picture(cache, at, heat),
                sha256=answers.sha256[row],
                truth=answers.classes[int(answers.truth[row])],
                named=named,
                probability=p,
                fold=int(answers.fold[row]),
                has_heat=heat is not None,
            )
        )
    return shown


def _heat(
    bundle: Bundle, runtime: Runtime, cache: ImageCache, row: int, named: str
) -> NDArray[np.float32] | None:
    """Heat (h, w) over the network's square for a class; None for another kind of network."""
    weight, _ = bundle.head()
    output = runtime.run(cache.tensor([row], bundle.manifest.preprocessing))
    if named not in bundle.labels or weight.shape[1] != output.activation.shape[0]:
        return None
    return class_map(output.activation, weight[bundle.labels.index(named)])


def _picture(cache: ImageCache, row: int, heat: NDArray[np.float32] | None) -> bytes:
    """What the network saw of an image, without padding, with heat over it."""
    import cv2
    from PIL import Image

    x0, y0, x1, y1 = (int(v) for v in cache.inside[row])
    grey = np.ascontiguousarray(cache.pixels[row, y0:y1, x0:x1])
    scale = min(1.0, _SIDE / max(grey.shape))
    size = max(1, round(grey.shape[1] * scale)), max(1, round(grey.shape[0] * scale))
    grey = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    over = None
    if heat is not None:
        wide, tall, side = x1 - x0, y1 - y0, cache.side
        whole = Box(-x0 / wide, -y0 / tall, (side - x0) / wide, (side - y0) / tall)
        over = HeatMap(heat, whole, "Grad-CAM")
    out = BytesIO()
    Image.fromarray(render_overlay(grey, over)).save(out, "PNG")
    return out.getvalue()


def write_gallery(shown: Sequence[Shown], folder: Path) -> None:
    """Keep pictures in a folder of their own; raises KnownError where it cannot be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("*.png"):
            old.unlink()
        listed = []
        for number, one in enumerate(shown, start=1):
            name = f"{number:03}.png"
            (folder / name).write_bytes(one.png)
            fields = ("sha256", "truth", "named", "probability", "fold", "has_heat")
            listed.append({"file": name} | {field: getattr(one, field) for field in fields})
        partial = folder / "gallery.partial"
        partial.write_text(json.dumps(listed, ensure_ascii=False), encoding="utf-8")
        partial.replace(folder / _LIST)
    except OSError as error:
        raise KnownError(
            sentence(
                "The pictures of the result cannot be written to {folder}: {reason}. Free some "
                "space, then let the run go on.",
                folder=str(folder),
                reason=error.strerror or sentence("the disk refused"),
            )
        ) from error


def read_gallery(folder: Path) -> list[Shown]:
    """The pictures that `write_gallery` kept; none where they are missing or damaged."""
    try:
        listed = json.loads((folder / _LIST).read_text(encoding="utf-8"))
        return [
            Shown(
                png=(folder / Path(str(one["file"])).name).read_bytes(),
                sha256=str(one["sha256"]),
                truth=str(one["truth"]),
                named=str(one["named"]),
                probability=float(one["probability"]),
                fold=int(one["fold"]),
                has_heat=bool(one["has_heat"]),
            )
            for one in listed
        ]
    except (OSError, ValueError, KeyError, TypeError):
        return []
