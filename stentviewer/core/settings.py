"""What a person chose once and finds again: declared here, kept as JSON beside the library.

A setting is one field. Its annotation says which values are possible, `Shown` what it is called;
the settings page, the file and the checks are made from these.
"""

from __future__ import annotations

import getpass
import json
import os
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field, ValidationError

from stentviewer.core.corner_settings import CORNERS, CornerSettings
from stentviewer.core.declared import Declared, Shown, declared, why_not
from stentviewer.core.errors import KnownError, UserError
from stentviewer.core.paths import data_dir
from stentviewer.core.sentences import sentence

FILE_NAME = "settings.json"
LONGEST_NAME = 64  # of a reader: letters


def account_name() -> str:
    """Who is at the screen, as the operating system knows them."""
    try:
        name = getpass.getuser()
    except (OSError, KeyError, ImportError):  # an account without a name, as in a container
        name = ""
    return " ".join(name.split())[:LONGEST_NAME] or "reader"


def _one_line(value: object) -> object:
    return " ".join(value.split()) if isinstance(value, str) else value


_PERSON = sentence("You")
_WINDOW = sentence("Window")
_LOOKING = sentence("Looking")
_HEAT = sentence("Heat map")
_READING = sentence("Reading")
_MODELS = sentence("Models")
GROUPS = (_PERSON, _WINDOW, _LOOKING, CORNERS, _HEAT, _READING, _MODELS)


class Settings(CornerSettings):
    """Every setting with its default; a key of another version of the program is passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)

    reader: Annotated[
        str,
        BeforeValidator(_one_line),
        Field(min_length=1, max_length=LONGEST_NAME),
        Shown(
            _PERSON,
            sentence("Your name"),
            sentence("Labels, readings and measurements from now on are kept under this name."),
        ),
    ] = Field(default_factory=account_name)
    language: Annotated[
        Literal["system", "en", "ko"],
        Shown(
            _PERSON,
            sentence("Language"),
            sentence("Of the window. Reports and exported files are in English."),
            {"system": sentence("As the computer"), "en": "English", "ko": "한국어"},
        ),
    ] = "system"
    theme: Annotated[
        Literal["dark", "light", "system"],
        Shown(
            _WINDOW,
            sentence("Colours of the window"),
            sentence("What surrounds an image stays dark in all of them."),
            {
                "dark": sentence("Dark"),
                "light": sentence("Light"),
                "system": sentence("As the computer"),
            },
        ),
    ] = "dark"
    scale: Annotated[
        int,
        Field(ge=100, le=200, multiple_of=25),
        Shown(
            _WINDOW,
            sentence("Size of text and buttons"),
            sentence("Takes effect at the next start. Images keep their own pixels."),
            step=25,
            unit=" %",
        ),
    ] = 100
    hide_identity: Annotated[
        bool,
        Shown(
            _LOOKING,
            sentence("Hide who the patient is"),
            sentence(
                "Names, IDs and birth dates are not shown in the window, for sharing the screen. "
                "Text burnt into an image stays visible."
            ),
        ),
    ] = False
    show_overlays: Annotated[
        bool,
        Shown(
            _LOOKING,
            sentence("Show overlays and presentation states"),
            sentence("Graphics that came with the images (DICOM overlay planes and GSPS)."),
        ),
    ] = True
    link_view: Annotated[
        bool,
        Shown(
            _LOOKING,
            sentence("Zoom and move together"),
            sentence(
                "Where a prior is hung beside the current study, both are enlarged and moved "
                "together."
            ),
        ),
    ] = True
    link_window: Annotated[
        bool,
        Shown(
            _LOOKING,
            sentence("Window together"),
            sentence(
                "Where a prior is hung beside the current study, both share window and level."
            ),
        ),
    ] = True
    link_scroll: Annotated[
        bool,
        Shown(
            _LOOKING,
            sentence("Scroll together"),
            sentence("Where a prior is hung beside the current study, both are scrolled together."),
        ),
    ] = True
    cine_speed: Annotated[
        int,
        Field(ge=1, le=60),
        Shown(
            _LOOKING,
            sentence("Cine speed"),
            sentence("Frames a second, where the file states no speed of its own."),
            unit=" /s",
        ),
    ] = 15
    heat_table: Annotated[
        Literal["inferno", "viridis", "cividis"],
        Shown(
            _HEAT,
            sentence("Colours"),
            sentence("All three are even in brightness; cividis is made for colour blindness."),
            {"inferno": "Inferno", "viridis": "Viridis", "cividis": "Cividis"},
        ),
    ] = "inferno"
    heat_strength: Annotated[
        float,
        Field(ge=0, le=1),
        Shown(
            _HEAT,
            sentence("Strength"),
            sentence("How strongly the heat map covers the image."),
            percent=True,
            step=0.05,
        ),
    ] = 0.5
    heat_threshold: Annotated[
        float,
        Field(ge=0, le=0.95),
        Shown(
            _HEAT,
            sentence("Threshold"),
            sentence("Heat below this share of its maximum is not drawn."),
            percent=True,
            step=0.05,
        ),
    ] = 0.0
    sealed_reading: Annotated[
        bool,
        Shown(
            _READING,
            sentence("Sealed reading"),
            sentence(
                "You answer first, then the model's answer is shown. An answer that changes "
                "afterwards is kept as a switch."
            ),
        ),
    ] = False
    two_names: Annotated[
        bool,
        Shown(
            _MODELS,
            sentence("Two names for another model"),
            sentence(
                "Another model is put in force, or taken back, only with the name of a second "
                "person who agrees."
            ),
        ),
    ] = False
    shortcuts: dict[str, tuple[str, ...]] = Field(default_factory=dict)  # action's id → its keys
    first_run_done: bool = False


def settings_page() -> list[Declared]:
    """Every setting that a person may choose, in the order of the groups."""
    return sorted(declared(Settings), key=lambda one: GROUPS.index(one.shown.group))


def change(settings: Settings, **values: object) -> Settings:
    """The settings with these values, checked. Raises UserError that says what is possible."""
    try:
        return Settings.model_validate({**settings.model_dump(), **values})
    except ValidationError as error:
        raise UserError(why_not(Settings, error)) from error


def load_settings(file: Path | None = None) -> tuple[Settings, str]:
    """The kept settings, and a sentence where some or all could not be used (else empty).

    A value that cannot be takes its default, the others stay. The file as it was is kept beside
    it and a mended one put in its place, so the sentence comes once.
    """
    where = file or data_dir() / FILE_NAME
    aside = where.with_name(f"{where.name}.damaged")
    try:
        kept = json.loads(where.read_bytes())
    except FileNotFoundError:
        return Settings(), ""
    except OSError:
        return Settings(), sentence(
            "The settings “{file}” cannot be read; the usual ones are used.", file=str(where)
        )
    except (ValueError, RecursionError):
        kept = None
    if not isinstance(kept, dict):
        try:
            where.replace(aside)
        except OSError:
            return Settings(), sentence(
                "The settings “{file}” are damaged; the usual ones are used.", file=str(where)
            )
        return Settings(), sentence(
            "The settings were damaged and are kept as “{file}”; the usual ones are used. "
            "Choose yours again.",
            file=aside.name,
        )
    settings, bad = _use(kept)
    if not bad:
        return settings, ""
    _mend(where, aside, settings)
    return settings, sentence(
        "These settings could not be used and are as they come: {titles}. Choose them again; the "
        "others are as you left them.",
        titles=tuple(bad),
    )


def _use(kept: dict[str, Any]) -> tuple[Settings, list[str]]:
    """What can be used of it, and the titles of what cannot."""
    bad: list[str] = []
    titles = {one.name: one.shown.title for one in declared(Settings)}
    titles["shortcuts"] = sentence("Shortcuts")
    while True:
        try:
            return Settings.model_validate(kept), bad
        except ValidationError as error:
            for name, *inside in {one["loc"][:2] for one in error.errors()}:
                title = titles.get(str(name), str(name))
                if title not in bad:
                    bad.append(title)
                value = kept.get(str(name))
                if inside and isinstance(value, dict) and inside[0] in value:
                    kept[str(name)] = {k: v for k, v in value.items() if k != inside[0]}
                else:
                    kept.pop(str(name), None)


def _mend(where: Path, aside: Path, settings: Settings) -> None:
    """Best effort: where the disk refuses, the same sentence comes again at the next start."""
    try:
        aside.write_bytes(where.read_bytes())
        save_settings(settings, where)
    except (OSError, KnownError):
        return


def save_settings(settings: Settings, file: Path | None = None) -> None:
    """Keep the settings: all of them or, where the disk fails, the ones before.

    What another version of the program keeps in the file stays in it. Raises KnownError where
    they cannot be written.
    """
    where = file or data_dir() / FILE_NAME
    unfinished = where.with_name(f"{where.name}.part")
    try:
        kept = _of_other_versions(where) | settings.model_dump(mode="json")
        where.parent.mkdir(parents=True, exist_ok=True)
        with unfinished.open("w", encoding="utf-8") as out:
            out.write(json.dumps(kept, indent=2))
            out.flush()
            os.fsync(out.fileno())
        unfinished.replace(where)
    except OSError as error:
        raise KnownError(
            sentence(
                "The settings could not be saved in “{folder}” ({reason}). Check that the disk has "
                "room and that you may write there; the former settings are kept.",
                folder=str(where.parent),
                reason=error.strerror,
            )
        ) from error


def _of_other_versions(where: Path) -> dict[str, Any]:
    """What the file holds under names that this version does not know."""
    try:
        kept = json.loads(where.read_bytes())
    except (FileNotFoundError, ValueError, RecursionError):
        return {}
    if not isinstance(kept, dict):
        return {}
    return {name: value for name, value in kept.items() if name not in Settings.model_fields}
