"""What a model's network is fed of an image: the whole field, or the stent that its finder finds.

Learning is fed as reading is, by the same functions (`tasks.stent_maker`, `tasks.stent_field`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stentviewer.core.sentences import sentence
from stentviewer.core.types import FloatArray
from stentviewer.inference.bundle import FINDER
from stentviewer.inference.known import known_of
from stentviewer.inference.runtimes.finder import open_finder
from stentviewer.tasks import stent_field, stent_maker
from stentviewer.tasks.stent_crop import mean_on_stent

if TYPE_CHECKING:
    from stentviewer.imaging.image import Radiograph
    from stentviewer.inference.bundle import Bundle
    from stentviewer.inference.preprocess import Fitted, Preprocessing
    from stentviewer.learning.selection import Item

UNKNOWN_FIELD = -1.0


@dataclass(frozen=True, slots=True)
class Seen:
    """Of the stent in a crop: its length and width as shares of the crop's side, and how far the
    image lies from those that the finder has learned from (`UNKNOWN_FIELD`: not known)."""

    length: float
    width: float
    field: float = UNKNOWN_FIELD


class NoStentError(Exception):
    """No stent was found in an image; its text is a sentence for the person."""


@dataclass(frozen=True, slots=True)
class Feed:
    """spec: how the square is prepared. finder: the model whose finder finds the stent that fills
    it; None where the square holds the whole field."""

    spec: Preprocessing
    finder: Bundle | None = None

    @property
    def key(self) -> str:
        """What stands for the finder and its settings; empty for the whole field."""
        return key_of(self.finder)

    def check(self) -> None:
        """Raises KnownError where the finder is damaged or cannot be run here."""
        if self.finder is not None:
            open_finder(self.finder, 1)
            known_of(self.finder)

    def fit(self, radiograph: Radiograph, item: Item) -> tuple[Fitted, Seen | None]:
        """The image as the network is fed it, before it is normalised.

        Of several stents the surest one. Raises NoStentError where the finder finds none.
        """
        if self.finder is None:
            return stent_maker.fit(radiograph, item.frame, self.spec, item.masks), None
        spec = self.finder.manifest.finder
        assert spec is not None
        field = stent_field.field_of(radiograph, item.frame, item.masks)
        prepared = stent_field.prepare_field(field, spec)
        output = open_finder(self.finder, 1).run(prepared.tensor)
        stents = stent_field.find(output.map, prepared, field, spec)
        if not stents:
            raise NoStentError(
                sentence(
                    "No stent was found in “{name}” by the finder of {model}; it is left out.",
                    name=item.path.name,
                    model=self.finder.manifest.id,
                )
            )
        stent = max(stents, key=lambda one: one.presence)
        crop = stent_field.crop_of(stent, field, spec)
        known = known_of(self.finder)
        far = UNKNOWN_FIELD
        if known is not None and known.field_mean.shape == output.field.shape:
            far = known.field_distance(output.field)
        seen = Seen(stent.length / crop.side, stent.width / crop.side, far)
        return stent_field.fit_stent(field, crop, self.spec), seen


def on_stents(maps: Iterable[FloatArray], seen: Sequence[Seen]) -> FloatArray:
    """Means (n, C) of last maps (C, h, w) of crops over the cells that their stents cover."""
    found = [
        mean_on_stent(one, stent.length, stent.width) for one, stent in zip(maps, seen, strict=True)
    ]
    return np.stack(found) if found else np.zeros((0, 0), np.float32)


def finder_of(bundle: Bundle | None) -> Bundle | None:
    """The model itself where it has a finder."""
    return bundle if bundle is not None and bundle.manifest.finder is not None else None


def key_of(finder: Bundle | None) -> str:
    """See `Feed.key`."""
    if finder is None or finder.manifest.finder is None:
        return ""
    said = finder.manifest.finder.model_dump(mode="json", exclude={"field_distance"})
    text = json.dumps([said, finder.manifest.files.get(FINDER, "")], sort_keys=True)
    whole = hashlib.sha256(text.encode())
    known = known_of(finder)
    if known is not None:  # what it learned of designs changes from run to run, of fields it stays
        whole.update(known.field_mean.tobytes() + known.field_whitening.tobytes())
    return whole.hexdigest()[:16]
