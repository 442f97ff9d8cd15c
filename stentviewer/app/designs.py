"""What is known of each stent design, every fact with its source, and the site's own facts.

The program's pages are TOML files in resources/designs; the site's are files of the same form in
its own folder, fact by fact in place of the program's. What has no fact is not known.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from stentviewer.core.errors import UserError
from stentviewer.core.files import free_name, not_written
from stentviewer.core.paths import data_dir, resources_dir
from stentviewer.core.sentences import sentence, template
from stentviewer.core.types import Problem

CHANGED: Final = template("design fact changed")  # in the audit trail
RESTORED: Final = template("design fact restored")
LONGEST: Final = 2000  # characters of a fact or a source


class FactKind(StrEnum):
    """What may be known of a design, in the order of the page."""

    THROUGH_MESH = "through_mesh"
    REMOVABLE = "removable"
    MR = "mr"
    COVER = "cover"
    MESH = "mesh"
    MARKERS = "markers"
    WIRE = "wire"
    MATERIAL = "material"
    LENGTHS = "lengths"
    DIAMETERS = "diameters"
    MANUFACTURER = "manufacturer"


_Text = Annotated[str, Field(max_length=LONGEST)]


class Fact(BaseModel):
    """One fact. An empty text is a fact too: what the program says of it does not hold here.

    `by` and `at` are of the person who wrote it at this site, empty of the program's own.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    text: _Text
    text_ko: _Text = ""
    source: _Text = ""
    address: _Text = ""
    by: _Text = ""
    at: datetime | None = None

    @model_validator(mode="after")
    def _has_a_source(self) -> Fact:
        if self.text and not self.source:
            raise ValueError("a fact needs its source")
        return self


class Page(BaseModel):
    """A file: the design's name as the models call it, and its facts."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    name: Annotated[str, Field(min_length=1, max_length=64)]
    facts: dict[FactKind, Fact] = {}


@dataclass(frozen=True, slots=True)
class Design:
    """A design's page: the program's facts and the site's, which come first."""

    name: str
    shipped: dict[FactKind, Fact] = field(default_factory=dict)
    own: dict[FactKind, Fact] = field(default_factory=dict)

    def fact(self, kind: FactKind) -> Fact | None:
        """What is known; None where nothing is, or where the site says that it does not hold."""
        found = self.own.get(kind, self.shipped.get(kind))
        return found if found is not None and found.text else None


@dataclass(frozen=True, slots=True)
class Designs:
    """All pages by name, and a sentence for every file that is not used."""

    pages: tuple[Design, ...]
    problems: tuple[Problem, ...] = ()

    def page(self, name: str) -> Design:
        """The page of this name; an empty one where there is none."""
        return next((one for one in self.pages if one.name == name), Design(name))


def site_folder() -> Path:
    """Where the site's own facts are kept."""
    return data_dir() / "designs"


def load(labels: Iterable[str] = (), site: Path | None = None) -> Designs:
    """Every page there is, and an empty one for each further label of the models."""
    shipped, wrong = _read(resources_dir() / "designs")
    own, own_wrong = _read(site or site_folder())
    names = sorted({*shipped, *own, *labels}, key=lambda name: (name.casefold(), name))
    pages = (Design(name, _facts(shipped, name), _facts(own, name)) for name in names)
    return Designs(tuple(pages), (*wrong, *own_wrong))


def set_fact(
    name: str,
    kind: FactKind,
    text: str,
    source: str,
    address: str,
    by: str,
    site: Path | None = None,
) -> Designs:
    """Put a fact of the site's in place of the program's; an empty text takes that away.

    Raises UserError where it has no source or is too long, KnownError where it cannot be written.
    """
    if text.strip() and not source.strip():
        raise UserError(
            sentence("Say where this is known from: a fact without a source is not kept.")
        )
    if max(map(len, (text, source, address))) > LONGEST:
        raise UserError(sentence("This is too long: a fact has up to {n} characters.", n=LONGEST))
    now = datetime.now(UTC).replace(microsecond=0)
    fact = Fact(text=text, source=source, address=address, by=by, at=now)
    return _change(name, site or site_folder(), lambda facts: facts | {kind: fact})


def restore(name: str, kind: FactKind, site: Path | None = None) -> Designs:
    """Take the site's fact away: the program's stands again. Raises KnownError as `set_fact`."""
    return _change(
        name,
        site or site_folder(),
        lambda facts: {one: fact for one, fact in facts.items() if one is not kind},
    )


def _facts(pages: dict[str, tuple[Path, Page]], name: str) -> dict[FactKind, Fact]:
    return dict(pages[name][1].facts) if name in pages else {}


def _read(folder: Path) -> tuple[dict[str, tuple[Path, Page]], tuple[Problem, ...]]:
    """Every page of a folder by its name; of two with one name the first file's."""
    pages: dict[str, tuple[Path, Page]] = {}
    problems = []
    for path in sorted(folder.glob("*.toml")):
        try:
            text = path.read_text(encoding="utf-8")
            page = Page.model_validate(tomllib.loads(text))
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or sentence("it is no text in UTF-8")
            problems.append(_not_used(path, 1, reason))
        except tomllib.TOMLDecodeError as error:
            problems.append(_not_used(path, _line_of(str(error), text), sentence("no TOML")))
        except ValidationError as error:
            problems.append(_not_used(path, *_wrong_at(error, text)))
        else:
            if page.name in pages:
                other = pages[page.name][0].name
                reason = sentence("“{other}” is of the same design", other=other)
                problems.append(_not_used(path, 1, reason))
            else:
                pages[page.name] = path, page
    return pages, tuple(problems)


def _not_used(path: Path, line: int, reason: str) -> Problem:
    return Problem(
        path,
        sentence(
            "The page of a stent design in “{name}” is not used: line {line}: {reason}. Mend the "
            "file or take it away.",
            name=path.name,
            line=line,
            reason=reason,
        ),
    )


def _line_of(message: str, text: str) -> int:
    found = re.search(r"at line (\d+)", message)
    return int(found[1]) if found else max(1, len(text.splitlines()))


def _wrong_at(error: ValidationError, text: str) -> tuple[int, str]:
    """The line of the first thing that is wrong, as near as it can be told, and what is wrong."""
    first = error.errors()[0]
    where = [str(part) for part in first["loc"] if part != "[key]"]
    lines = text.splitlines()
    line, start = 1, 0
    for depth in range(len(where), 0, -1):
        header = f"[{'.'.join(where[:depth])}]"
        found = [n for n, one in enumerate(lines) if one.strip() == header]
        if found:
            line, start = found[0] + 1, found[0] + 1
            break
    key = where[-1] if where else ""
    for n, one in enumerate(lines[start:], start=start):
        if one.strip().startswith("["):
            break
        if re.match(rf"\s*{re.escape(key)}\s*=", one):
            line = n + 1
            break
    if first["type"] == "value_error":
        return line, sentence("a fact needs its source")
    if first["type"] == "missing":
        return line, sentence("“{key}” is missing", key=key)
    return line, f"{key}: {first['msg']}"


def _new_path(folder: Path, name: str) -> Path:
    """A file's name that every disk takes, free in this folder: the name stands inside too."""
    plain = unicodedata.normalize("NFC", name).casefold()
    stem = "-".join(["design", *re.findall(r"\w+", plain)])
    return folder / f"{free_name(folder, stem, '.toml')}.toml"


_Facts = dict[FactKind, Fact]


def _change(name: str, folder: Path, change: Callable[[_Facts], _Facts]) -> Designs:
    """Raises KnownError where the disk refuses; the file is whole or as it was."""
    import tomli_w

    pages, _ = _read(folder)
    path, page = pages.get(name) or (_new_path(folder, name), Page(name=name))
    facts = change(dict(page.facts))
    try:
        if facts:
            made = Page(name=name, facts=facts).model_dump(mode="json", exclude_none=True)
            folder.mkdir(parents=True, exist_ok=True)
            partial = path.with_suffix(".partial")
            partial.write_text(tomli_w.dumps(made), encoding="utf-8")
            partial.replace(path)
        else:
            path.unlink(missing_ok=True)
    except OSError as error:
        raise not_written(folder, error) from error
    return load(site=folder)
