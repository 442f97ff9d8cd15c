"""Put a model that was learned here in force, take it back, and see who decided what and why.

The window and the command line call the same functions. The decision itself is one line in the
list of models in force (`inference.champion`); the library's audit trail notes it afterwards, and
what a crash or a locked library kept from being noted is noted later (`note_missed`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from stentviewer.core.errors import StentviewerError
from stentviewer.core.jobs import JobContext
from stentviewer.core.logs import log
from stentviewer.core.sentences import sentence
from stentviewer.core.types import ModelRef, Problem
from stentviewer.tasks.stent_maker import TASK

if TYPE_CHECKING:
    from stentviewer.inference.bundle import Bundle
    from stentviewer.inference.catalog import Catalog
    from stentviewer.inference.champion import Entry
    from stentviewer.learning.dossier import Dossier
    from stentviewer.learning.frozen import Apart, FrozenSet, Learned
    from stentviewer.learning.registry import Decision, Descendant
    from stentviewer.learning.run_folder import RunFolder
    from stentviewer.learning.selection import Item
    from stentviewer.library.repository import Library

PROMOTED = sentence("model promoted")  # the audit trail's words
ROLLED_BACK = sentence("model rolled back")
REMOVED = sentence("model removed")
NO_REASON = sentence("No reason was given.")  # for a rollback in haste
_STEPS = 4


@dataclass(frozen=True, slots=True)
class Promoted:
    """What was decided and which model reads from now on; `trouble` is a sentence where the audit
    trail could not note it yet (it will with the next decision or start)."""

    entry: Entry
    reads: ModelRef
    trouble: str = ""

    @property
    def said(self) -> str:
        """A sentence for the person."""
        return sentence("{model} reads from now on.", model=self.reads.short)


def decision(by: str, why: str, second: str = "", *, two_names: bool) -> Decision:
    """Who decides and why, checked; two_names is the setting `two_names`.

    Raises UserError saying what is missing.
    """
    from stentviewer.learning.registry import Decision

    return Decision(by, why, second, two_names)


def dossier(run: RunFolder, catalog: Catalog) -> Dossier:
    """The run's model beside the one in force, on the images neither learned from.

    Raises UserError where the run is not finished, KnownError where something of it is damaged.
    """
    from stentviewer.core.errors import UserError
    from stentviewer.inference.bundle import load_bundle
    from stentviewer.learning.dossier import dossier_of
    from stentviewer.learning.frozen import read_frozen
    from stentviewer.learning.result import read_result

    result = read_result(run.result)
    bundle = load_bundle(run.bundle)
    test = read_frozen(catalog.home, bundle.manifest.task)
    learned = [*_learned_in_line(catalog, bundle), _learned_by(run, bundle)]
    if result.champion is not None:
        learned += _learned_in_line(catalog, _found(catalog, result.champion.sha256))
    made = dossier_of(result, test, _compared(run), tuple(one for one in learned if one))
    if made is None or made.challenger.sha256 != bundle.sha256:
        raise UserError(
            sentence("The result of this run is not of its model. Let the run go on to its end.")
        )
    return made


def promote(
    catalog: Catalog,
    what: RunFolder | str,
    decided: Decision,
    library: Library | None = None,
    context: JobContext | None = None,
) -> Promoted:
    """Put a run's model, or an installed one by its id, in force for its task.

    A run's model is copied to those learned here and has to answer once before it is put in
    force; what it was compared with is kept with the decision. It takes effect with the next
    reading, without a new start; readings made before keep their model. Raises UserError or
    KnownError, and then the model in force is the same as before; Cancelled likewise.
    """
    from stentviewer.learning import registry

    job = context or JobContext()
    job.step(0, _STEPS, "Checking the model")
    if isinstance(what, str):
        bundle, compared = catalog.get(what), None
    else:
        compared = dossier(what, catalog)
        _note_learned(catalog, what)
        job.step(1, _STEPS, "Copying the model")
        bundle = registry.install(what.bundle, catalog)
    job.step(2, _STEPS, "Trying the model")
    _must_answer(bundle)
    job.step(3, _STEPS, "Putting the model in force")
    entry = registry.promote(catalog, bundle, decided, compared)
    return _told(catalog, entry, library)


def rollback(
    catalog: Catalog, decided: Decision, library: Library | None = None, task: str = TASK
) -> Promoted:
    """Put the model in force again that was before the last promotion. Raises like `promote`."""
    from stentviewer.learning import registry

    return _told(catalog, registry.rollback(catalog, task, decided), library)


def why_not(run: RunFolder, catalog: Catalog, compared: Dossier) -> str:
    """Why a run's model cannot be put in force with this comparison; empty where it can."""
    from stentviewer.inference.bundle import load_bundle
    from stentviewer.learning import registry

    try:
        registry.must_be_ready(catalog, load_bundle(run.bundle), compared)
    except StentviewerError as error:
        return str(error)
    return ""


def remove_model(catalog: Catalog, model: ModelRef, library: Library | None = None) -> str:
    """Delete a model that was learned here and is not in force; raises as `registry.remove`.

    Returns a sentence where the audit trail could not note it, else nothing.
    """
    from stentviewer.learning import registry

    registry.remove(catalog, model)
    log("model.removed", model=model.sha256[:8])
    if library is not None:
        try:
            library.note(REMOVED, model.short, model.sha256)
        except StentviewerError as error:
            return str(error)
    return ""


@dataclass(frozen=True, slots=True)
class Standing:
    """What reads, and what a rollback would put in its place (None: nothing was promoted).

    problem: the sentence that says why nothing reads.
    """

    model: ModelRef | None
    back_to: ModelRef | None
    history: tuple[Entry, ...]  # newest first
    problem: str = ""


def standing(catalog: Catalog, task: str = TASK) -> Standing:
    """The model in force, the one before it, and how it came to that; raises nothing."""
    from stentviewer.inference.champion import read_champions

    model, problem = None, ""
    try:
        model = catalog.default(task).ref
    except StentviewerError as error:
        problem = str(error)
    try:
        champions = read_champions(catalog.home)
        back_to = champions.before(task)
        if back_to is None and champions.can_roll_back(task):
            back_to = catalog.own(task).ref
    except StentviewerError as error:
        return Standing(model, None, (), problem or str(error))
    entries = tuple(one for one in reversed(champions.entries) if one.task == task)
    return Standing(model, back_to, entries, problem)


def history(catalog: Catalog, task: str = TASK) -> tuple[Entry, ...]:
    """Every decision on the task's model, newest first; raises KnownError for a damaged list."""
    from stentviewer.learning import registry

    return registry.history(catalog, task)


def dossier_of_entry(catalog: Catalog, entry: Entry) -> Dossier | None:
    """What a decision was based on; None where it was made without a comparison."""
    from stentviewer.learning import registry

    return registry.dossier_of_entry(catalog.home, entry)


def line_of_descent(catalog: Catalog) -> tuple[tuple[Descendant, ...], tuple[Problem, ...]]:
    """Every model here below the one it began as, which are in force, and what is damaged.

    A damaged list of the models in force is one of the problems; then none is in force.
    """
    from stentviewer.inference.champion import CHAMPIONS, DamagedListError
    from stentviewer.learning import registry

    found = catalog.bundles()
    problems = [one for one in found if isinstance(one, Problem)]
    in_force = []
    for task in sorted({one.manifest.task for one in found if not isinstance(one, Problem)}):
        try:
            in_force.append(catalog.in_force(task) or catalog.own(task).ref)
        except DamagedListError as error:
            problems.append(Problem(catalog.home / CHAMPIONS, str(error)))
            break
        except StentviewerError:
            continue  # the program's own is among the damaged ones
    return registry.descent(found, in_force), tuple(problems)


# the frozen local test set


def frozen_set(catalog: Catalog, task: str = TASK) -> FrozenSet:
    """The images that no model here learns from; raises KnownError where their list is damaged."""
    from stentviewer.learning.frozen import read_frozen

    return read_frozen(catalog.home, task)


def freeze(
    catalog: Catalog,
    items: Sequence[Item],
    *,
    by: str,
    why: str,
    others: Sequence[Item] = (),
    task: str = TASK,
) -> FrozenSet:
    """Put images of whole patients into the frozen test set for good. Reads every file once.

    others: the images there are to learn from beside them. Raises UserError where a patient would
    stand on both sides or a model here learned from one, KnownError where the disk refuses.
    """
    from stentviewer.learning import frozen

    learned = [
        frozen.learned_of(catalog.home, bundle.sha256)
        for bundle in catalog.bundles()
        if not isinstance(bundle, Problem)
    ]
    return frozen.grow(
        catalog.home,
        task,
        items,
        frozen.content_keys(items),
        by=by,
        why=why,
        others=others,
        learned=[one for one in learned if one is not None],
    )


def keep_apart(catalog: Catalog, items: Sequence[Item], task: str = TASK) -> Apart:
    """A run's images with the frozen set as held back, and without anything else of its patients.

    Reads every file once where there is a frozen set. Raises UserError for a file that cannot be
    read, KnownError where the set's list is damaged.
    """
    from stentviewer.learning import frozen

    test = frozen.read_frozen(catalog.home, task)
    if not test.images:
        return frozen.Apart(tuple(items), ())
    return frozen.keep_apart(items, frozen.content_keys(items), test)


# the audit trail


def note_missed(catalog: Catalog, library: Library) -> int:
    """Note in the library's audit trail every decision that it does not know yet; how many.

    A decision made by the command line while the window holds the library, or just before a
    crash, is noted at the next start. Raises KnownError where the list or the library is damaged.
    """
    from stentviewer.inference.champion import read_champions

    entries = read_champions(catalog.home).entries
    if not entries:
        return 0
    noted = {event.target for event in library.audit(actions=(PROMOTED, ROLLED_BACK))}
    missed = [entry for entry in entries if _target(entry) not in noted]
    for entry in missed:
        library.note(*_note(entry))
    return len(missed)


def check(catalog: Catalog, library: Library) -> list[str]:
    """One sentence for everything about the models in force that is not as it should be.

    The trail knows of every decision, so a list whose end was cut off, or that was taken away, is
    noticed too.
    """
    from stentviewer.inference.champion import read_champions

    try:
        entries = read_champions(catalog.home).entries
    except StentviewerError as error:
        return [str(error)]
    said: list[str] = []
    known = {_target(entry) for entry in entries}
    newest = library.audit(1, actions=(PROMOTED, ROLLED_BACK))
    if newest and newest[0].target not in known:
        said.append(
            sentence(
                "The audit trail knows of a {target} that is not in the list of models in force: "
                "that list was replaced or cut off.",
                target=newest[0].target,
            )
        )
    for entry in entries:
        try:
            dossier_of_entry(catalog, entry)
        except StentviewerError as error:
            said.append(str(error))
    if entries:
        try:
            catalog.default(entries[-1].task)
        except StentviewerError as error:
            said.append(str(error))
    return said


def _told(catalog: Catalog, entry: Entry, library: Library | None) -> Promoted:
    """The commit is made: what fails from here on must not look as if it were not."""
    reads = entry.model if entry.model is not None else catalog.own(entry.task).ref
    is_promotion = entry.action == "promote"
    log("model.promoted" if is_promotion else "model.rolled_back", model=reads.sha256[:8])
    trouble = ""
    if library is not None:
        try:
            note_missed(catalog, library)
        except StentviewerError as error:
            trouble = str(error)
    return Promoted(entry, reads, trouble)


def _target(entry: Entry) -> str:
    return sentence("decision {hash}", hash=entry.hash[:16])


def _note(entry: Entry) -> tuple[str, str, str]:
    by = tuple(filter(None, (entry.by, entry.second)))
    before = entry.before.short if entry.before else ""
    if entry.model is None:
        detail = sentence(
            "the program's own model in place of {before}, by {by}", before=before, by=by
        )
    elif before:
        detail = sentence(
            "{model} in place of {before}, by {by}", model=entry.model.short, before=before, by=by
        )
    else:
        detail = sentence("{model}, by {by}; no model was in force", model=entry.model.short, by=by)
    return (PROMOTED if entry.action == "promote" else ROLLED_BACK), _target(entry), detail


# what a run learned from


def _compared(run: RunFolder) -> frozenset[str]:
    """The images that champion and challenger both answered."""
    both = [_answers(run.answers("test", who)) for who in ("challenger", "champion")]
    return both[0] & both[1]


def _answers(path: Path) -> frozenset[str]:
    from stentviewer.learning.predictions import Predictions

    if not path.is_file():
        return frozenset()
    return frozenset(Predictions.load(path).sha256)


def _learned_by(run: RunFolder, bundle: Bundle) -> Learned | None:
    """Every training image of a run has an out-of-fold answer."""
    from stentviewer.learning.frozen import Learned
    from stentviewer.learning.predictions import Predictions

    if not run.out_of_fold.is_file():
        return None
    answers = Predictions.load(run.out_of_fold)
    return Learned(
        model=bundle.ref.short,
        images=frozenset(answers.sha256),
        patients=frozenset(answers.patient),
    )


def _note_learned(catalog: Catalog, run: RunFolder) -> None:
    from stentviewer.inference.bundle import load_bundle
    from stentviewer.learning.frozen import note_learned

    bundle = load_bundle(run.bundle)
    learned = _learned_by(run, bundle)
    if learned is not None:
        note_learned(catalog.home, bundle.sha256, learned)


def _learned_in_line(catalog: Catalog, bundle: Bundle | None) -> list[Learned | None]:
    """What a model and those it began as learned from, as far as it was kept here."""
    from stentviewer.learning.frozen import learned_of
    from stentviewer.learning.registry import start_of

    found: list[Learned | None] = []
    seen: set[str] = set()
    while bundle is not None and bundle.sha256 not in seen:
        seen.add(bundle.sha256)
        found.append(learned_of(catalog.home, bundle.sha256))
        start = start_of(bundle)
        bundle = _found(catalog, start.sha256) if start is not None else None
    return found


def _found(catalog: Catalog, sha256: str) -> Bundle | None:
    for one in catalog.bundles():
        if not isinstance(one, Problem) and one.sha256 == sha256:
            return one
    return None


def _must_answer(bundle: Bundle) -> None:
    """A model that cannot answer here is not put in force: nothing would read any more.

    The runtime holds scores and feature map against the labels; a finder has to find, and what is
    known of the designs to fit them. Raises KnownError.
    """
    import numpy as np

    from stentviewer.inference.known import known_of
    from stentviewer.inference.runtimes.choose import open_runtime
    from stentviewer.inference.runtimes.finder import open_finder

    side = bundle.manifest.preprocessing.side
    open_runtime(bundle).run(np.zeros((1, 3, side, side), np.float32))
    spec = bundle.manifest.finder
    if spec is not None:
        side = spec.preprocessing.side
        open_finder(bundle).run(np.zeros((1, 3, side, side), np.float32))
        known_of(bundle)
