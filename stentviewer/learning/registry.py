"""Models that were learned here: kept, put in force, taken back, and where each comes from.

Everything lies in the folder of the models learned here (`Catalog.home`): a folder a model, the
list of what is in force (`inference.champion`), `dossiers/` with what the decisions were based
on. A crash between two steps leaves the model that was in force in force, whole.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal

from stentviewer.core.chain import begin_chain, extend_chain, sync_folder, write_whole
from stentviewer.core.errors import KnownError, StentviewerError, UserError
from stentviewer.core.sentences import sentence
from stentviewer.core.settings import LONGEST_NAME
from stentviewer.core.types import ModelRef, Problem
from stentviewer.inference.bundle import MANIFEST, Bundle, claims, load_bundle
from stentviewer.inference.catalog import Catalog
from stentviewer.inference.champion import (
    CHAMPIONS,
    Champions,
    DamagedListError,
    Entry,
    read_champions,
)
from stentviewer.learning.dossier import Dossier

LONGEST_WHY: Final = 1000  # letters
_LOCK: Final = "champions.lock"
_UNFINISHED: Final = ".unfinished"
_DAMAGED: Final = "damaged"


@dataclass(frozen=True, slots=True)
class Decision:
    """Who puts a model in force or takes it back, who agrees, and why.

    Raises UserError where a name or the reason is missing or too long, or the second name is the
    first one's. two_names: the site asks for both.
    """

    by: str
    why: str
    second: str = ""
    two_names: bool = False

    def __post_init__(self) -> None:
        for field in ("by", "why", "second"):
            object.__setattr__(self, field, " ".join(getattr(self, field).split()))
        if not self.by:
            raise UserError(sentence("Say who decides this: your name is missing."))
        if not self.why:
            raise UserError(sentence("Say why: the reason is kept with the decision."))
        if self.two_names and not self.second:
            raise UserError(
                sentence("Here two people decide which model reads: the second name is missing.")
            )
        if self.second.casefold() == self.by.casefold():
            raise UserError(
                sentence("The second name has to be another person's than {by}.", by=self.by)
            )
        if max(len(self.by), len(self.second)) > LONGEST_NAME or len(self.why) > LONGEST_WHY:
            raise UserError(
                sentence(
                    "A name has at most {name} letters, the reason {why}.",
                    name=LONGEST_NAME,
                    why=LONGEST_WHY,
                )
            )


def install(source: Path, catalog: Catalog) -> Bundle:
    """Copy a model into the folder of those learned here, whole or not at all; in force it is not.

    One that is installed already is given back as it is; a damaged copy of it is put aside. Where
    another model has its name, the folder's carries digits of the hash. Raises KnownError where
    the source is damaged or the disk refuses.
    """
    bundle = load_bundle(source)
    with _changing(catalog.home):
        home = catalog.home
        try:
            for there in catalog.bundles():
                if not isinstance(there, Problem) and there.sha256 == bundle.sha256:
                    return there
            made = _copied(bundle, home / _UNFINISHED)
            place = home / bundle.manifest.id
            if place.exists() and not _is_damaged_copy(place, bundle):
                place = home / bundle.ref.short
            if place.exists():
                _put_aside(place, home / _DAMAGED)
            made.rename(place)
            sync_folder(home)
        except OSError as error:
            raise _not_written(home, error) from error
        finally:
            shutil.rmtree(home / _UNFINISHED, ignore_errors=True)
    return load_bundle(place)


def promote(
    catalog: Catalog, bundle: Bundle, decision: Decision, dossier: Dossier | None = None
) -> Entry:
    """Put an installed model in force for its task.

    The dossier has to be about this model and the one that is in force now. A damaged list is
    kept aside and a new one begun, as a person decided this knowing that. Raises UserError where
    that is not so, KnownError where the model is damaged or the disk refuses.
    """
    home, task = catalog.home, bundle.manifest.task
    with _changing(home):
        bundle = catalog.exactly(bundle.ref)
        _must_be_promotable(bundle)
        former = ""
        try:
            champions = read_champions(home)
        except DamagedListError:
            champions, former = Champions(), _kept_aside(home / CHAMPIONS)
        before = None if former else _in_force(catalog, task)
        if before is not None and before.sha256 == bundle.sha256:
            raise UserError(
                sentence("{model} is in force already: nothing is changed.", model=before.short)
            )
        if dossier is not None:
            _must_fit(dossier, bundle, before)
        row = _row(task, "promote", bundle.ref, before, decision)
        row["dossier"] = _keep(dossier, home) if dossier is not None else ""
        row["former"] = former
        return _written(home, row, anew=bool(former), known=champions)


def must_be_ready(catalog: Catalog, bundle: Bundle, dossier: Dossier) -> None:
    """Raises UserError where `promote` would refuse this model with this comparison."""
    _must_be_promotable(bundle)
    _must_fit(dossier, bundle, _in_force(catalog, bundle.manifest.task))


def remove(catalog: Catalog, model: ModelRef) -> None:
    """Delete a model that was learned here and is not in force. Readings it made stay.

    Raises UserError where it is in force, one that a rollback would bring back, or the program's
    own; KnownError where the list of models in force is damaged or the disk refuses.
    """
    home = catalog.home
    with _changing(home):
        champions = read_champions(home)
        bundle = catalog.exactly(model)
        task = bundle.manifest.task
        if bundle.folder.parent.resolve() != home.resolve():
            raise UserError(
                sentence("{model} came with the program and cannot be removed.", model=model.short)
            )
        if _in_force(catalog, task) == model:
            raise UserError(
                sentence(
                    "{model} reads here. Put another model in force first, then remove it.",
                    model=model.short,
                )
            )
        if champions.needs(task, model):
            raise UserError(
                sentence(
                    "{model} is what a rollback would bring back, so it stays.", model=model.short
                )
            )
        try:
            gone = home / _UNFINISHED
            gone.mkdir(exist_ok=True)
            place = gone / bundle.folder.name
            bundle.folder.rename(place)  # at once: no half of it is ever found
            sync_folder(home)
        except OSError as error:
            raise _not_written(home, error) from error
        finally:
            shutil.rmtree(home / _UNFINISHED, ignore_errors=True)


def rollback(catalog: Catalog, task: str, decision: Decision) -> Entry:
    """Put the model in force again that was before the last promotion.

    The promotions are a pile: another rollback takes away the one below, down to the model that
    comes with the program. Raises UserError where nothing was promoted, KnownError where the model
    before is damaged or gone (then another has to be promoted).
    """
    with _changing(catalog.home):
        champions = read_champions(catalog.home)
        if not champions.can_roll_back(task):
            raise UserError(
                sentence("No model was promoted here, so there is nothing to roll back to.")
            )
        target = champions.before(task)
        if target is not None:
            catalog.exactly(target)
        else:
            catalog.own(task)
        row = _row(task, "rollback", target, champions.in_force(task), decision)
        return _written(catalog.home, row, anew=False, known=champions)


def history(catalog: Catalog, task: str) -> tuple[Entry, ...]:
    """Every decision on this task's model, newest first. Raises KnownError for a damaged list."""
    entries = read_champions(catalog.home).entries
    return tuple(entry for entry in reversed(entries) if entry.task == task)


def dossier_of_entry(home: Path, entry: Entry) -> Dossier | None:
    """What a decision was based on; None where it was made without a comparison.

    Raises KnownError where the kept dossier is gone, damaged or was changed.
    """
    if not entry.dossier:
        return None
    path = home / "dossiers" / f"{entry.dossier}.json"
    try:
        content = path.read_bytes()
        if hashlib.sha256(content).hexdigest() == entry.dossier:
            return Dossier.model_validate_json(content)
    except (OSError, ValueError):
        pass
    raise KnownError(
        sentence(
            "What the decision {n} was based on is gone or was changed: {file}.",
            n=entry.n,
            file=str(path),
        )
    )


# where models come from


@dataclass(frozen=True, slots=True)
class Descendant:
    """A model in the line of descent: how deep it stands, and the model that it began as.

    bundle is None for one that others began as but that is not (or no more) installed here.
    """

    model: ModelRef
    parent: ModelRef | None
    depth: int
    is_in_force: bool
    bundle: Bundle | None


def descent(
    bundles: Sequence[Bundle | Problem], in_force: Sequence[ModelRef] = ()
) -> tuple[Descendant, ...]:
    """The models as a forest: each followed by those that began as it, deeper by one.

    Where a model came from stands in its manifest (`training["start"]`).
    """
    known = {one.sha256: one for one in bundles if not isinstance(one, Problem)}
    parents = {sha: start_of(bundle) for sha, bundle in known.items()}
    refs = {sha: bundle.ref for sha, bundle in known.items()}
    for parent in parents.values():
        if parent is not None:
            refs.setdefault(parent.sha256, parent)
    chosen = {ref.sha256 for ref in in_force}
    made: list[Descendant] = []

    def add(sha: str, depth: int, above: frozenset[str]) -> None:
        parent = parents.get(sha)
        made.append(Descendant(refs[sha], parent, depth, sha in chosen, known.get(sha)))
        for child, its_parent in parents.items():
            if its_parent is not None and its_parent.sha256 == sha and child not in above:
                add(child, depth + 1, above | {child})

    for sha in refs:
        if parents.get(sha) is None:
            add(sha, 0, frozenset({sha}))
    return tuple(made)


def start_of(bundle: Bundle) -> ModelRef | None:
    """The model that this one began as; None where it began as none, or does not say so."""
    start = bundle.manifest.training.get("start")
    if not isinstance(start, dict):
        return None
    model_id, sha256 = start.get("id"), start.get("sha256")
    if not isinstance(model_id, str) or not isinstance(sha256, str) or not model_id or not sha256:
        return None
    return None if sha256 == bundle.sha256 else ModelRef(model_id, sha256)


# inside


@contextmanager
def _changing(home: Path) -> Iterator[None]:
    """One program, and one thread of it, at a time changes what is here."""
    from stentviewer.library.lock import LibraryLock

    try:
        home.mkdir(parents=True, exist_ok=True)
        lock = LibraryLock(home / _LOCK)
    except UserError as error:
        raise UserError(
            sentence(
                "Another stentviewer is changing which model is in force. Try again once it is "
                "done."
            )
        ) from error
    except OSError as error:
        raise _not_written(home, error) from error
    try:
        yield
    finally:
        lock.close()


def _is_damaged_copy(place: Path, bundle: Bundle) -> bool:
    """Whether what lies there is this very model, damaged, or no model that can be told."""
    try:
        load_bundle(place)
    except StentviewerError:
        return bool(claims(place).get("sha256", bundle.sha256) == bundle.sha256)
    return False


def _copied(bundle: Bundle, unfinished: Path) -> Path:
    """A verified copy of the model's listed files and no others, on the disk itself."""
    shutil.rmtree(unfinished, ignore_errors=True)  # of a copy that was interrupted
    unfinished.mkdir(parents=True)
    made = Path(tempfile.mkdtemp(dir=unfinished))
    made.chmod(0o755)
    for name in (*bundle.manifest.files, MANIFEST):
        with (bundle.folder / name).open("rb") as source, (made / name).open("wb") as copy:
            shutil.copyfileobj(source, copy, 2**20)
            copy.flush()
            os.fsync(copy.fileno())
    sync_folder(made)
    if load_bundle(made).sha256 != bundle.sha256:
        raise KnownError(
            sentence("The model {model} changed while it was copied.", model=bundle.manifest.id)
        )
    return made


def _put_aside(place: Path, aside: Path) -> None:
    aside.mkdir(exist_ok=True)
    number = 1
    while (aside / f"{place.name}-{number}").exists():
        number += 1
    place.rename(aside / f"{place.name}-{number}")


def _must_be_promotable(bundle: Bundle) -> None:
    if bundle.manifest.training.get("promotable", True) is not True:
        raise UserError(
            sentence(
                "{model} was made to look at results only, and cannot be put in force: it is no "
                "model learned on all training images.",
                model=bundle.ref.short,
            )
        )


def _must_fit(dossier: Dossier, bundle: Bundle, before: ModelRef | None) -> None:
    if dossier.challenger.sha256 != bundle.sha256:
        raise UserError(
            sentence(
                "The comparison is of {other}, not of {model}. Evaluate the model again.",
                other=dossier.challenger.id,
                model=bundle.ref.short,
            )
        )
    compared = dossier.champion.sha256 if dossier.champion else ""
    if compared and before is not None and compared != before.sha256:
        raise UserError(
            sentence(
                "Since {model} was compared, another model was put in force: {other}. Let the run "
                "go on once more, so that it is compared with that one.",
                model=bundle.ref.short,
                other=before.short,
            )
        )


def _in_force(catalog: Catalog, task: str) -> ModelRef | None:
    """What was decided to read until now, also where it is damaged or gone."""
    try:
        return catalog.default(task).ref
    except StentviewerError:
        return catalog.in_force(task)


def _row(
    task: str,
    action: Literal["promote", "rollback"],
    model: ModelRef | None,
    before: ModelRef | None,
    decision: Decision,
) -> dict[str, Any]:
    def packed(ref: ModelRef | None) -> dict[str, str] | None:
        if ref is None:
            return None
        return {"id": ref.id, "sha256": ref.sha256, "name": ref.name, "version": ref.version}

    return {
        "at": datetime.now(UTC).isoformat(),
        "task": task,
        "action": action,
        "model": packed(model),
        "before": packed(before),
        "by": decision.by,
        "second": decision.second,
        "why": decision.why,
    }


def _written(home: Path, row: dict[str, Any], *, anew: bool, known: Champions) -> Entry:
    """The commit point: before it nothing has changed, after it everything has."""
    write = begin_chain if anew else extend_chain
    try:
        made = write(home / CHAMPIONS, row)
    except OSError as error:
        raise _not_written(home, error) from error
    assert made["n"] == len(known.entries) + 1
    return Entry.model_validate(made)


def _keep(dossier: Dossier, home: Path) -> str:
    """Keep a dossier under its own hash, which is returned."""
    content = dossier.model_dump_json(indent=1).encode()
    sha256 = hashlib.sha256(content).hexdigest()
    try:
        write_whole(home / "dossiers" / f"{sha256}.json", content)
    except OSError as error:
        raise _not_written(home, error) from error
    return sha256


def _kept_aside(path: Path) -> str:
    """Copy a damaged list beside the new one; returns its hash."""
    try:
        content = path.read_bytes()
        number = 1
        while (aside := path.with_name(f"{path.name}.damaged-{number}")).exists():
            number += 1
        write_whole(aside, content)
    except OSError as error:
        raise _not_written(path.parent, error) from error
    return hashlib.sha256(content).hexdigest()


def _not_written(home: Path, error: OSError) -> KnownError:
    return KnownError(
        sentence(
            "{folder} cannot be written: {reason}. The model in force is the same as before. Free "
            "some space or see that you may write there, then try again.",
            folder=str(home),
            reason=error.strerror or sentence("the disk refused"),
        )
    )
