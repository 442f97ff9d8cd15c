"""Window presets: the usual ones of a modality, and those that the file itself offers.

`resources/presets.json` holds the program's presets and says where they come from; `presets.json`
in the person's data folder holds theirs, which take the place of the program's for every modality
that it names. "*" stands for any modality that is not named.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator

from stentviewer.core.own_file import UNUSABLE, why_unusable
from stentviewer.core.paths import data_dir, resources_dir
from stentviewer.core.sentences import sentence
from stentviewer.imaging.image import Radiograph, Window

FILE_NAME = "presets.json"
ANY = "*"
KEYS = range(1, 10)
_MOST = 64  # presets of one modality

Way = Literal["window", "automatic", "full", "lut"]
Value = Annotated[float, Field(ge=-1e9, le=1e9, allow_inf_nan=False)]


@dataclass(frozen=True, slots=True)
class Preset:
    """One way to show the values: a title in English, its window, and the digit that chooses it.

    `way` says what it is: a fixed `window` in modality values; "automatic" and "full" are measured
    on the frame (`Radiograph.auto_window`, `full_range`); "lut" is the file's own VOI LUT. `key`
    is 0 where no digit chooses it. `of_file` marks what the file offers.
    """

    title: str
    window: Window | None = None
    key: int = 0
    way: Way = "window"
    of_file: bool = False


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid")

    title: Annotated[str, Field(min_length=1, max_length=64)]
    way: Literal["window", "automatic", "full"] = "window"
    centre: Value | None = None
    width: Annotated[Value, Field(ge=1)] | None = None
    key: Annotated[int, Field(ge=0, le=9)] = 0

    @model_validator(mode="after")
    def _has_a_window(self) -> _Entry:
        if (self.way == "window") != (self.centre is not None and self.width is not None):
            raise ValueError("a window needs a centre and a width, and nothing else has them")
        return self

    def preset(self) -> Preset:
        window = None
        if self.centre is not None and self.width is not None:
            window = Window(self.centre, self.width, name=self.title)
        return Preset(self.title, window, self.key, self.way)


class _Presets(BaseModel):
    model_config = ConfigDict(extra="forbid")

    source: str = ""
    modalities: dict[str, Annotated[list[_Entry], Field(max_length=_MOST)]]

    @model_validator(mode="after")
    def _one_preset_a_key(self) -> _Presets:
        for modality, entries in self.modalities.items():
            keys = [entry.key for entry in entries if entry.key]
            twice = sorted({key for key in keys if keys.count(key) > 1})
            if twice:
                raise ValueError(f"the key {twice[0]} of {modality} has two presets")
        return self


Table = dict[str, tuple[Preset, ...]]


def load_presets(own: Path | None = None) -> tuple[Table, str]:
    """The presets of each modality, and a sentence where the person's own file cannot be used.

    `own` is the person's file, by default `presets.json` in their data folder.
    """
    usual = dict(_usual())
    file = own or data_dir() / FILE_NAME
    try:
        return usual | _read(file), ""
    except FileNotFoundError:
        return usual, ""
    except UNUSABLE as error:
        return usual, sentence(
            "The window presets in “{name}” are not used ({what}). Correct the file or remove it; "
            "the program's own presets are in force.",
            name=file.name,
            what=why_unusable(error),
        )


@lru_cache(maxsize=1)
def _usual() -> Table:
    return _read(resources_dir() / FILE_NAME)


def _read(file: Path) -> Table:
    parsed = _Presets.model_validate(json.loads(file.read_text(encoding="utf-8")))
    return {
        modality: tuple(entry.preset() for entry in entries)
        for modality, entries in parsed.modalities.items()
    }


def presets_for(radiograph: Radiograph, frame: int, table: Table | None = None) -> list[Preset]:
    """What a reader may choose for a frame: the file's own, then those of its modality.

    The file's windows carry their own names and take the digits that are free; decodes nothing.
    `table` is what `load_presets` gave, by default the program's.
    """
    known = _usual() if table is None else table
    modality = radiograph.header.identity.modality
    usual = known.get(modality, known.get(ANY, ()))
    if radiograph.header.format != "DICOM":  # a picture's values are in no unit
        usual = known.get(ANY, ())
    free = iter([key for key in KEYS if key not in {preset.key for preset in usual}])
    return [*_of_file(radiograph, frame, free), *usual]


def _of_file(radiograph: Radiograph, frame: int, free: Iterator[int]) -> list[Preset]:
    found = []
    if radiograph.voi_lut is not None:
        title = radiograph.voi_lut.name or sentence("LUT of the file")
        found.append(Preset(title, None, next(free, 0), "lut", of_file=True))
    windows = radiograph.windows_of(frame)
    for number, window in enumerate(windows, start=1):
        title = window.name or (
            sentence("Window of the file")
            if len(windows) == 1
            else sentence("Window {n} of the file", n=number)
        )
        found.append(Preset(title, window, next(free, 0), of_file=True))
    return found


def full_range(radiograph: Radiograph, frame: int) -> Window:
    """From the lowest to the highest value of the frame that is no padding; decodes it."""
    stored = radiograph.frames[frame]
    if radiograph.padding is not None and stored.ndim == 2:
        first, last = radiograph.padding
        kept = stored[(stored < first) | (stored > last)]
        stored = kept if kept.size else stored
    ends = np.array([stored.min(), stored.max()], stored.dtype)
    values = radiograph.to_modality(ends, frame)
    low, high = float(values.min()), float(values.max())
    return Window((low + high) / 2, max(high - low, 1.0), "LINEAR_EXACT", "full range")
