"""What a person chose once and finds again: declared here, kept as JSON beside the library."""

from __future__ import annotations

import getpass
import os
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from stentviewer.core.errors import KnownError
from stentviewer.core.paths import data_dir

FILE_NAME = "settings.json"
LONGEST_NAME = 64  # of a reader: letters


def account_name() -> str:
    """Who is at the screen, as the operating system knows them."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # an account without a name, as in a container
        return "reader"


class Settings(BaseModel):
    """Every setting with its default; a key of another version of the program is passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)

    reader: Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)] = Field(
        default_factory=account_name
    )
    language: Literal["system", "en", "ko"] = "system"
    heat_table: Literal["inferno", "viridis", "cividis"] = "inferno"
    heat_strength: Annotated[float, Field(ge=0, le=1)] = 0.5


def load_settings(file: Path | None = None) -> tuple[Settings, str]:
    """The kept settings, and a sentence where the file was damaged (else empty).

    A damaged file is moved aside, so the sentence comes once; the defaults are used instead.
    """
    where = file or data_dir() / FILE_NAME
    try:
        return Settings.model_validate_json(where.read_bytes()), ""
    except FileNotFoundError:
        return Settings(), ""
    except OSError:
        return Settings(), f"The settings “{where}” cannot be read; the usual ones are used."
    except ValidationError:
        aside = where.with_name(f"{where.name}.damaged")
        try:
            where.replace(aside)
        except OSError:
            return Settings(), f"The settings “{where}” are damaged; the usual ones are used."
        return Settings(), (
            f"The settings were damaged and are kept as “{aside.name}”; the usual ones are used. "
            "Choose yours again."
        )


def save_settings(settings: Settings, file: Path | None = None) -> None:
    """Keep the settings: all of them or, where the disk fails, the ones before.

    Raises KnownError where they cannot be written.
    """
    where = file or data_dir() / FILE_NAME
    unfinished = where.with_name(f"{where.name}.part")
    try:
        where.parent.mkdir(parents=True, exist_ok=True)
        with unfinished.open("w", encoding="utf-8") as out:
            out.write(settings.model_dump_json(indent=2))
            out.flush()
            os.fsync(out.fileno())
        unfinished.replace(where)
    except OSError as error:
        raise KnownError(
            f"The settings could not be saved in “{where.parent}” ({error.strerror}). Check that "
            "the disk has room and that you may write there; the former settings are kept."
        ) from error
