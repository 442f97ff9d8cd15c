"""The six steps of learning a new design: what each needs, and what becomes of the choices.

No widget is known here: the window's pages and the tests ask the same flow. It does nothing that
takes long; what does is a function that is run elsewhere, whose answer is handed to `take_…`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from enum import IntEnum
from pathlib import Path
from typing import Any

from stentviewer.core.errors import UserError
from stentviewer.core.sentences import sentence
from stentviewer.core.types import Box, Problem
from stentviewer.learning import wizard_images as images
from stentviewer.learning import wizard_recipe
from stentviewer.learning.recipe import Method, Recipe
from stentviewer.learning.run_folder import RunFolder
from stentviewer.learning.selection import Item
from stentviewer.learning.wizard_draft import Details, Draft, Kept, ModelChoice, Source, SourceKind
from stentviewer.learning.wizard_plan import Plan
from stentviewer.learning.wizard_runs import draft_of, free_folder, status_of, unfinished


class Step(IntEnum):
    """The pages, in their order."""

    CHANGE = 1
    DATA = 2
    HOW = 3
    RUN = 4
    RESULT = 5
    PROMOTE = 6


class WizardFlow:
    """Where the person is, and all that was chosen. `place` holds the runs and the draft."""

    def __init__(self, place: Path, kept: Kept | None = None) -> None:
        kept = kept or Kept(Draft(), {})
        self.place = place
        self.draft = kept.draft
        self.problems: dict[int, tuple[Problem, ...]] = {}  # by the source's number
        self.models: tuple[ModelChoice, ...] = ()
        self.run: RunFolder | None = None
        self._gathered: dict[int, tuple[Item, ...]] = dict(kept.gathered)
        self._items: tuple[Item, ...] | None = None
        self._checked: tuple[tuple[Item, ...], str] | None = None  # the images, what blocks
        if self.draft.run:
            self._find_run()

    # the steps

    @property
    def step(self) -> Step:
        return Step(self.draft.step)

    def why_not(self, step: Step | None = None) -> str:
        """Why one cannot go on from a step (the present one); empty where one can."""
        step = step or self.step
        if self.is_locked and step <= Step.HOW:
            return ""
        needs: dict[Step, Callable[[], str]] = {
            Step.CHANGE: self._why_no_change,
            Step.DATA: self._why_no_data,
            Step.HOW: self._why_no_method,
            Step.RUN: self._why_no_result,
            Step.RESULT: str,
            Step.PROMOTE: lambda: sentence("This is the last step."),
        }
        return needs[step]()

    def can_enter(self, step: Step) -> bool:
        """Whether all steps before it are done; the fourth is entered by starting a run."""
        if step > Step.HOW and self.run is None:
            return False
        return all(not self.why_not(before) for before in Step if before < step)

    def go_to(self, step: Step) -> None:
        """Raises UserError with what is missing where a step cannot be entered yet."""
        if not self.can_enter(step):
            missing = [why for before in Step if before < step and (why := self.why_not(before))]
            raise UserError(missing[0] if missing else sentence("Start the run first."))
        self._change(step=int(step))

    def go_on(self) -> None:
        """The next step; raises as `go_to`. From the third a run has to be made first."""
        self.go_to(Step(min(self.step + 1, Step.PROMOTE)))

    def back(self) -> None:
        """The step before; nothing is lost."""
        self._change(step=max(int(self.step) - 1, int(Step.CHANGE)))

    @property
    def is_locked(self) -> bool:
        """A run was made of these choices: they are shown and no longer changed."""
        return self.run is not None

    # first step: what changes

    @property
    def plan(self) -> Plan:
        return self.draft.plan

    def take_models(self, models: Sequence[ModelChoice]) -> None:
        """The models installed here; the one in force is chosen where nobody has chosen yet."""
        self.models = tuple(models)
        if self.draft.model is None and self.models and not self.is_locked:
            usual = [one for one in self.models if one.in_force] or list(self.models)
            self.choose_model(usual[0].id)

    def choose_model(self, model_id: str) -> None:
        """Start from another model; the classes begin anew as that model's, new ones stay."""
        found = next(one for one in self.models if one.id == model_id)
        if self.draft.model is not None and found.sha256 == self.draft.model.sha256:
            return
        plan = Plan.of(found.classes, found.manufacturers)
        for name in self.plan.new:
            if plan.is_free(name):
                plan = plan.add(name, self.plan.spec(name).manufacturer)
        self._change(model=found, plan=plan)

    def set_plan(self, plan: Plan) -> None:
        """Other classes, or other images for them."""
        self._change(plan=plan)

    def add_source(
        self,
        kind: SourceKind,
        place: Path | None,
        found: images.Gathered,
        *,
        external: bool = False,
    ) -> Source:
        """Images that were gathered; those of the same place before are replaced.

        Raises UserError where there is no image among them.
        """
        if not found.items:
            raise UserError(images.why_empty(place, found.problems))
        source = Source(number=self.draft.numbered + 1, kind=kind, place=place, external=external)
        items = tuple(replace(item, path=item.path.absolute()) for item in found.items)
        others = [one for one in self.draft.sources if (one.kind, one.place) != (kind, place)]
        self._change(sources=(*others, source), numbered=source.number)
        self._gathered = {one.number: self._gathered[one.number] for one in others}
        self._gathered[source.number] = items
        self.problems[source.number] = found.problems
        return source

    def remove_source(self, number: int) -> None:
        """Its images are no longer learned from; the files stay."""
        self._change(sources=tuple(one for one in self.draft.sources if one.number != number))
        self._gathered.pop(number, None)

    def set_external(self, number: int, on: bool) -> None:
        """Whether a source's images are only read at the end, to check the model elsewhere."""
        sources = (
            one.model_copy(update={"external": on}) if one.number == number else one
            for one in self.draft.sources
        )
        self._change(sources=tuple(sources))

    def images_of(self, number: int) -> tuple[Item, ...]:
        """What a source gave, with its own labels."""
        return self._gathered.get(number, ())

    @property
    def labels(self) -> dict[str, int]:
        """The labels of all sources and how many images each has, most first."""
        every = Counter(item.label for items in self._gathered.values() for item in items)
        return dict(every.most_common())

    def items(self) -> tuple[Item, ...]:
        """The images of the run with their classes, roles and masks."""
        if self._items is None:
            self._items = images.items_of(self.draft, self._gathered)
        return self._items

    def counts(self) -> tuple[images.ClassCount, ...]:
        """Images and patients of each class of the plan, in its order."""
        return images.counts_of(self.plan.names, self.items())

    def _why_no_change(self) -> str:
        model, plan = self.draft.model, self.plan
        if model is None:
            return sentence("Choose the model to start from.")
        if self.models and model.sha256 not in {one.sha256 for one in self.models}:
            return sentence(
                "The model {model} that this began with is no longer installed as it was. Choose "
                "another.",
                model=model.name or model.id,
            )
        if len(plan.classes) < 2:
            return sentence("A model needs two classes or more. Add a design or bring one back.")
        if not self.draft.sources:
            return sentence("Choose the images to learn from.")
        undecided = plan.undecided(tuple(self.labels))
        if undecided:
            return sentence(
                "Say what images labelled {labels} count as, or leave them out.",
                labels=tuple(f"“{label}”" for label in undecided[:3]),
            )
        return images.why_no_images(self.counts(), self.items())

    # second step: is the data fit?

    def take_check(
        self, items: tuple[Item, ...], blocking: str, frozen: Collection[str] = ()
    ) -> None:
        """These images were looked at; `blocking` says why they cannot be learned from, or "".

        frozen (by `key_of`) are those of the frozen test set and of its patients: they wait.
        """
        self._checked = (items, blocking)
        if not self.is_locked and frozenset(frozen) != self.draft.frozen:
            self._change(frozen=frozenset(frozen))

    @property
    def is_checked(self) -> bool:
        """Whether the images were looked at as they are now; what is held back is no matter."""
        return self._checked is not None and images.same_images(self._checked[0], self.items())

    def mask(self, masks: Mapping[str, Sequence[Box]]) -> None:
        """Paint over these places (by `key_of`) before learning, beside those masked before."""
        made = dict(self.draft.masks)
        for key, boxes in masks.items():
            corners = tuple((box.x0, box.y0, box.x1, box.y1) for box in boxes)
            made[key] = tuple(dict.fromkeys((*made.get(key, ()), *corners)))
        self._change(masks=made)

    def leave_out(self, keys: Sequence[str]) -> None:
        """Do not learn from these images (by `key_of`)."""
        self._change(left_out=self.draft.left_out | set(keys))

    def take_back(self) -> None:
        """Every image as it came: none left out, masked or counted as another patient's."""
        self._change(left_out=frozenset(), masks={}, joined={})

    def join(self, patients: Mapping[str, str]) -> None:
        """Count patients as another one each: they then stand on one side of every fold.

        Patients that were joined with one of these before go along.
        """
        joined = {who: patients.get(to, to) for who, to in self.draft.joined.items()}
        held = frozenset(patients.get(who, who) for who in self.draft.held_back)
        self._change(joined={**joined, **patients}, held_back=held)

    def hold_back(self, patients: Sequence[str]) -> None:
        """These patients' images wait for the final model; none of them is learned from."""
        self._change(held_back=frozenset(patients))

    def _why_no_data(self) -> str:
        if self._checked is None or not self.is_checked:
            return sentence("The images have not been looked at yet.")
        return (
            images.why_no_images(self.counts(), self.items())
            or images.why_no_patients(self.counts())
            or self._checked[1]
        )

    # third step: how

    def set_method(self, method: Method, thorough: bool = False) -> None:
        """One of the ways; thorough is Full at 1536 px."""
        self._change(method=method, thorough=thorough)

    def set_details(self, details: Details) -> None:
        """What departs from the method's own way."""
        self._change(details=details)

    def set_name(self, name: str) -> None:
        """What the run is called; empty for a name that says what it adds."""
        self._change(name=" ".join(name.split()))

    @property
    def run_name(self) -> str:
        return wizard_recipe.run_name(self.draft)

    @property
    def most_folds(self) -> int:
        """No class has fewer patients than this; 0 where there are no images."""
        return min((count.patients for count in self.counts()), default=0)

    @property
    def folds(self) -> int:
        """As chosen; else five, or as many as the smallest class has patients."""
        return wizard_recipe.folds_of(self.draft, self.most_folds)

    def why_not_method(self, method: Method) -> str:
        """Why a way of learning is not possible here; empty where it is."""
        return wizard_recipe.why_not_method(self.draft, method)

    def _why_no_method(self) -> str:
        why = self.why_not_method(self.draft.method) or wizard_recipe.why_not_folds(
            self.folds, self.most_folds
        )
        if why:
            return why
        try:
            self.recipe()
        except ValueError as error:
            return sentence("These choices do not fit each other: {what}.", what=str(error))
        return ""

    def recipe(self) -> Recipe:
        """The run as data. Raises ValueError (pydantic's too) for choices that do not fit."""
        return wizard_recipe.recipe_of(self.draft, self.folds)

    # the run

    def making(
        self,
        now: datetime,
        prepare: Callable[[Sequence[Item]], Sequence[Item]] = lambda items: items,
    ) -> Callable[[], RunFolder]:
        """What writes the run, to be called beside the window; `take_run` takes its answer.

        prepare has the last word on the images: it keeps the frozen test set apart. Raises
        UserError with what is missing; what it returns raises KnownError where the disk refuses.
        """
        for step in (Step.CHANGE, Step.DATA, Step.HOW):
            why = self.why_not(step)
            if why:
                raise UserError(why)
        recipe, items, plan = self.recipe(), self.items(), self.plan
        place, name = self.place, self.run_name

        def make() -> RunFolder:
            ready = [
                replace(item, label=plan.class_of(item.label) or item.label)
                for item in prepare(items)
            ]
            return RunFolder.create(free_folder(place, name, now), recipe, ready)

        return make

    def take_run(self, run: RunFolder) -> None:
        """The run that was made of these choices: from now on they are no longer changed."""
        self.run = run
        self._change(run=run.name, step=int(Step.RUN if self._why_no_result() else Step.RESULT))

    def open_run(self, run: RunFolder, kept: Kept | None = None) -> None:
        """Take up a run from the disk: its choices are shown, and it goes on where it stopped.

        `kept` is what `draft_of` found, where it was asked beside the window. Raises UserError or
        KnownError where the run's files cannot be used.
        """
        kept = kept or draft_of(run, self.models)
        self.draft, self._items, self._checked = kept.draft, None, None
        self._gathered, self.problems = dict(kept.gathered), {}
        self.take_run(run)

    def again(self) -> None:
        """The same choices once more, to be changed; the run stays in its folder.

        The images are to be looked at again: what it held back is frozen now.
        """
        self.run, self._checked = None, None
        self._change(run="", name="", step=int(Step.CHANGE))

    def start_over(self) -> None:
        """Nothing chosen; the model in force to start from. Runs stay in their folders."""
        self.run, self._checked, self._gathered, self.problems = None, None, {}, {}
        self.draft, self._items = Draft(numbered=self.draft.numbered), None
        self.take_models(self.models)

    def unfinished(self) -> list[RunFolder]:
        """Runs that have not ended, newest first, without the one that is open here."""
        mine = self.run.path if self.run is not None else None
        return [run for run in unfinished(self.place) if run.path != mine]

    def _why_no_result(self) -> str:
        if self.run is None:
            return sentence("Start the run first.")
        status = status_of(self.run)
        if status == "done" and self.run.result.is_file():
            return ""
        if status == "failed":
            return sentence("The run could not go on. See what is said there, then resume it.")
        return sentence("The run has not ended yet.")

    def _find_run(self) -> None:
        """The run of a draft that was kept; where its folder is gone, the choices are free."""
        found = RunFolder(self.place / Path(self.draft.run).name)
        if status_of(found):
            self.run = found
            self._change(step=int(Step.RUN if self._why_no_result() else self.step))
        else:
            self._change(run="", step=int(Step.CHANGE))

    # keeping

    def kept(self) -> Kept:
        """All that was chosen, frozen: `save` it beside the window."""
        return Kept(self.draft, dict(self._gathered))

    def _change(self, **changes: Any) -> None:
        if self.is_locked and set(changes) - {"step", "run"}:
            raise UserError(
                sentence("A run was made of these choices. Begin another one to change them.")
            )
        self.draft = self.draft.model_copy(update=changes)
        self._items = None
