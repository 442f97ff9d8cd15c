"""What the pages have done beside the window: plain functions, no widget among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from stentviewer.core.answers import CANNOT_TELL, NO_STENT
from stentviewer.core.errors import Cancelled, StentviewerError
from stentviewer.core.jobs import JobContext, Progress
from stentviewer.core.types import Box
from stentviewer.learning.events import Event, RunContext, Stage
from stentviewer.learning.gathered import Gathered
from stentviewer.learning.selection import Item
from stentviewer.learning.wizard_draft import Kept, SourceKind, key_of
from stentviewer.learning.wizard_runs import draft_of

if TYPE_CHECKING:
    from stentviewer.app.session import Session
    from stentviewer.app.unknown_designs import UnknownGroup
    from stentviewer.inference.catalog import Catalog
    from stentviewer.learning.fitness import Fitness
    from stentviewer.learning.fitness_curve import ClassCurve
    from stentviewer.learning.fitness_data import Histogram

__all__ = [
    "EXISTING", "Checked", "Kept", "Planned", "Preview", "check", "curves", "draft_of",
    "freeze_and_keep_apart", "gather", "hold_back", "images_of", "preview", "unknown_groups",
]  # fmt: skip

EXISTING = ""  # the group of a histogram that holds the classes of the start model
_NO_DESIGN = {NO_STENT, CANNOT_TELL}


def as_run(context: JobContext) -> RunContext:
    """A job as what takes long in `learning` knows it."""

    class Orders:
        def check(self) -> None:
            if context.cancelled.is_set():
                raise Cancelled

    def emit(event: Event) -> None:
        if isinstance(event, Stage):
            context.report(Progress(event.done, event.total, event.what))

    return RunContext(emit, Orders())


def gather(
    kind: SourceKind, place: Path | None, session: Session | None, context: JobContext
) -> Gathered:
    """The labelled images of a source. Raises UserError where there is none, Cancelled.

    Of the worklist also "another design": that is how a reader calls what the model cannot know.
    """
    from stentviewer.learning import sources

    if place is None:
        from stentviewer.app.training_data import labelled, labels_there

        assert session is not None
        sealed_to = session.sealing.sealed_to
        labels = labels_there(session.library, sealed_to).keys() - _NO_DESIGN
        return labelled(session.library, sealed_to, labels, context)
    if kind == "folders":
        return sources.from_folders(place, context)
    if kind == "csv":
        return sources.from_csv(place, context)
    return sources.from_hdf5(place)


def unknown_groups(session: Session) -> tuple[UnknownGroup, ...]:
    """See `app.unknown_designs`."""
    from stentviewer.app import unknown_designs

    return unknown_designs.unknown_groups(session)


def images_of(session: Session, group: UnknownGroup, name: str, context: JobContext) -> Gathered:
    """The images of a group as those of a design of this name."""
    from stentviewer.app import unknown_designs

    return unknown_designs.images_of(session, group, name, context)


@dataclass(frozen=True, eq=False)
class Checked:
    """What was found on the images, in their order.

    frozen (by `key_of`) are those of the frozen test set and of its patients, set_size is the
    number of images in that set; sharpness has the existing classes together as `EXISTING`.
    """

    items: tuple[Item, ...]
    fitness: Fitness
    frozen: frozenset[str]
    set_size: int
    sharpness: Histogram


@dataclass(frozen=True, slots=True)
class Planned:
    """What the images are checked for: classes (new ones among them), folds, size, seed."""

    classes: tuple[str, ...]
    new: tuple[str, ...]
    folds: int
    side: int
    seed: int


def check(
    items: tuple[Item, ...], plan: Planned, place: Path, catalog: Catalog, context: JobContext
) -> Checked:
    """Look at every image. Those of the frozen test set are not judged: they stay as they are."""
    from stentviewer.app.promoting import frozen_set
    from stentviewer.learning.fitness import check as fitness_of
    from stentviewer.learning.frozen import content_keys

    test = frozen_set(catalog)
    frozen: set[str] = set()
    if test.images:
        frozen = {
            key_of(item)
            for item, key in zip(items, content_keys(items), strict=True)
            if key in test.keys or item.patient in test.patients
        }
    looked = tuple(item for item in items if key_of(item) not in frozen)
    found = fitness_of(
        looked,
        as_run(context),
        classes=plan.classes,
        side=plan.side,
        k=plan.folds,
        seed=plan.seed,
        keep=place / "cache" / "looks",
    )
    return Checked(looked, found, frozenset(frozen), len(test.images), _sharpness(found, plan))


def _sharpness(found: Fitness, plan: Planned) -> Histogram:
    """New classes each for themselves beside all that the start model knows already."""
    from stentviewer.learning.fitness_data import histogram

    groups: dict[str, list[float]] = {}
    for name, values in found.sharpness.items():
        groups.setdefault(name if name in plan.new else EXISTING, []).extend(values)
    return histogram({name: values for name, values in groups.items() if values})


def hold_back(items: Sequence[Item], classes: Sequence[str], share: float, seed: int) -> list[str]:
    """The patients to hold back: about this share of each class, the same for the same images."""
    from stentviewer.learning.splits import hold_back as draw

    mine = [item for item in items if item.role != "external"]
    labels = np.array([list(classes).index(item.label) for item in mine], np.int64)
    held = draw(labels, [item.patient for item in mine], share, seed)
    return sorted({item.patient for item, out in zip(mine, held.tolist(), strict=True) if out})


def curves(
    items: Sequence[Item], plan: Planned, model_id: str, place: Path, catalog: Catalog,
    context: JobContext,
) -> tuple[ClassCurve, ...]:  # fmt: skip
    """How much more images of each class would help, by the start model's features.

    Takes about as long as Quick; the decoded images and features are kept. Raises UserError and
    KnownError as a run would, Cancelled.
    """
    from stentviewer.learning.cache import open_cache
    from stentviewer.learning.features import pooled_features
    from stentviewer.learning.fitness_curve import learning_curve

    bundle, run = catalog.get(model_id), as_run(context)
    train = [item for item in items if item.role == "train"]
    spec = bundle.manifest.preprocessing
    cache, _ = open_cache(train, spec, place / "cache", run, finder=bundle)
    rows = np.arange(len(cache))
    pooled = pooled_features(cache, rows, bundle, place / "cache" / "features", plan.seed, run)
    labels = np.array([plan.classes.index(item.label) for item in cache.items], np.int64)
    patients = [item.patient for item in cache.items]
    return learning_curve(pooled.best, labels, patients, plan.classes, plan.folds, plan.seed)


@dataclass(frozen=True, eq=False)
class Preview:
    """A picture (rows, columns) uint8, before and after its masks; boxes in fractions of it."""

    name: str
    before: NDArray[np.uint8]
    after: NDArray[np.uint8]
    boxes: tuple[Box, ...]
    trouble: str = ""


def preview(
    items: Sequence[tuple[Item, tuple[Box, ...]]], side: int, context: JobContext
) -> list[Preview]:
    """What these images look like, and what masks over the boxes would leave of them."""
    made = []
    for number, (item, boxes) in enumerate(items):
        context.step(number, len(items))
        made.append(_preview(item, boxes, side))
    return made


def _preview(item: Item, boxes: tuple[Box, ...], side: int) -> Preview:
    from stentviewer.learning.fitness_looks import painted
    from stentviewer.learning.hdf5_images import read_image

    try:
        values = read_image(item.path).modality_values(item.frame)
    except StentviewerError as error:
        nothing = np.zeros((1, 1), np.uint8)
        return Preview(item.path.name, nothing, nothing, boxes, str(error))
    values = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
    low, high = (float(v) for v in np.percentile(values[::4, ::4], (0.5, 99.5)))
    before = painted(values, item.masks)
    return Preview(
        item.path.name,
        _small(before, (low, high), side),
        _small(painted(before, boxes), (low, high), side),
        boxes,
    )


def _small(
    values: NDArray[np.float32], limits: tuple[float, float], side: int
) -> NDArray[np.uint8]:
    import cv2

    scale = min(1.0, side / max(values.shape))
    size = tuple(max(1, round(n * scale)) for n in reversed(values.shape))
    picture = cv2.resize(values, size, interpolation=cv2.INTER_AREA)
    low, high = limits
    unit = np.clip((picture - low) / max(high - low, 1e-6), 0, 1)
    return np.ascontiguousarray(np.rint(unit * 255), np.uint8)


def freeze_and_keep_apart(items: Sequence[Item], by: str, why: str, catalog: Catalog) -> list[Item]:
    """Put what is held back into the frozen test set for good, and give the run its images.

    Raises UserError and KnownError as `app.promoting.freeze`.
    """
    from stentviewer.app.promoting import freeze, frozen_set, keep_apart
    from stentviewer.learning.frozen import content_keys

    test = [item for item in items if item.role == "test"]
    known = frozen_set(catalog)
    if test and known.images:  # what was frozen before, and the rest of its patients, stays so
        keys = content_keys(test)
        test = [
            item
            for item, key in zip(test, keys, strict=True)
            if key not in known.keys and item.patient not in known.patients
        ]
    if test:
        others = [item for item in items if item.role == "train"]
        freeze(catalog, test, by=by, why=why, others=others)
    return list(keep_apart(catalog, items).items)
