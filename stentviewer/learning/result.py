"""The outcome of a run as one record: result.json, which every page and report is made from."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from pydantic import Field, ValidationError

import stentviewer
from stentviewer.core.errors import KnownError, UserError
from stentviewer.core.sentences import sentence
from stentviewer.learning.predictions import Predictions
from stentviewer.learning.recipe import Recipe
from stentviewer.learning.result_parts import (
    Comparison,
    Cost,
    Data,
    Evaluation,
    FoldScores,
    Made,
    Model,
    Part,
    Scores,
)
from stentviewer.learning.selection import Item

FORMAT_VERSION: Final = 1


class Result(Part):
    """Everything a run found out.

    folds, mean and deviation (of the sample, n - 1) speak of the folds' models, out_of_fold of
    their answers taken together, test and external of the final model. The comparisons are with
    the model in force when the run ended, but against_start: the model that the run began as
    beside the folds' models, on training images that it had not learned from. notes are sentences
    the reader has to see.
    """

    format_version: int = Field(default=FORMAT_VERSION, ge=1)
    made: Made
    data: Data
    challenger: Model | None = None
    champion: Model | None = None
    folds: tuple[FoldScores, ...]
    mean: Scores
    deviation: Scores | None  # None for one fold
    out_of_fold: Evaluation
    test: Evaluation | None = None
    external: Evaluation | None = None
    against_test: Comparison | None = None
    against_external: Comparison | None = None
    against_start: Comparison | None = None
    cost: Cost = Cost()
    notes: tuple[str, ...] = ()

    @property
    def is_simulated(self) -> bool:
        """Whether any of it rests on simulated images."""
        return self.data.simulated > 0


def evaluate(
    recipe: Recipe,
    out_of_fold: Predictions,
    challenger_test: Predictions | None = None,
    champion_test: Predictions | None = None,
    challenger_external: Predictions | None = None,
    champion_external: Predictions | None = None,
    cost: Cost | None = None,
    notes: Sequence[str] = (),
    *,
    data: Data | None = None,
    challenger: Model | None = None,
    champion: Model | None = None,
    start_out_of_fold: Predictions | None = None,
    start: Model | None = None,
) -> Result:
    """The result of a run from what its models answered.

    The temperature in `out_of_fold.calibration.temperature` is the one for the final model. The
    challengers' predictions have the recipe's classes; the champion may have others. Raises
    KnownError where a network's scores are no numbers or no image was answered.
    """
    from stentviewer.learning.compare import compare
    from stentviewer.learning.evaluation import by_fold, evaluation, mean_and_deviation

    new = {spec.name for spec in recipe.classes if not spec.before}
    if len(new) == len(recipe.classes):  # from a bare network, where all would be
        new = set()
    folds = by_fold(out_of_fold)
    mean, deviation = mean_and_deviation(folds)
    across = evaluation(out_of_fold, new)
    temperature = across.calibration.temperature
    renamed = {old: spec.name for spec in recipe.classes for old in spec.before}

    def final(answers: Predictions | None) -> Evaluation | None:
        known = answers is not None and bool((answers.truth >= 0).any())
        return evaluation(answers, new, temperature) if answers is not None and known else None

    def against(
        before: Predictions | None, after: Predictions | None, who: Model | None = champion
    ) -> Comparison | None:
        if before is None or after is None:
            return None
        return compare(before, after, renamed, who)

    return Result(
        made=_made(recipe),
        data=data or Data(images=len(out_of_fold), patients=len(set(out_of_fold.patient))),
        challenger=challenger,
        champion=champion,
        folds=folds,
        mean=mean,
        deviation=deviation,
        out_of_fold=across,
        test=final(challenger_test),
        external=final(challenger_external),
        against_test=against(champion_test, challenger_test),
        against_external=against(champion_external, challenger_external),
        against_start=against(start_out_of_fold, out_of_fold, start),
        cost=cost or Cost(),
        notes=tuple(str(note) for note in notes),
    )


def _made(recipe: Recipe) -> Made:
    return Made(
        name=recipe.name,
        task=recipe.task,
        method=recipe.method,
        network=recipe.start.network or recipe.start.model,
        side=recipe.side,
        epochs=recipe.epochs,
        folds=recipe.folds,
        seed=recipe.seed,
        at=datetime.now(UTC),
        program=f"stentviewer {stentviewer.__version__}",
    )


def data_of(items: Sequence[Item], problems: Sequence[str] = ()) -> Data:
    """What a run was made from: counts, and how many images say that they are simulated."""
    by_role: dict[str, dict[str, int]] = {}
    for item in items:
        counts = by_role.setdefault(item.role, {})
        counts[item.label] = counts.get(item.label, 0) + 1
    simulated = {path for path in {item.path for item in items} if _says_simulated(path)}
    return Data(
        images=len(items),
        patients=len({item.patient for item in items}),
        simulated=sum(item.path in simulated for item in items),
        by_role=by_role,
        problems=tuple(str(problem) for problem in problems),
    )


def _says_simulated(path: Path) -> bool:
    """Whether a file is one of `stentviewer.simulate`'s, by its own word."""
    from stentviewer.imaging.readers import read_header

    try:
        identity = read_header(path).identity
    except (KnownError, UserError, OSError):
        return False
    return identity.study_description.startswith("SIMULATED")


def write_result(result: Result, path: Path) -> None:
    """Write result.json, whole or not at all; raises KnownError where it cannot be written."""
    partial = path.with_suffix(".partial")
    try:
        partial.write_text(result.model_dump_json(indent=1), encoding="utf-8")
        partial.replace(path)
    except OSError as error:
        raise KnownError(
            sentence(
                "The result cannot be written to {folder}: {reason}. Free some space, then let "
                "the run go on.",
                folder=str(path.parent),
                reason=error.strerror or sentence("the disk refused"),
            )
        ) from error


def read_result(path: Path) -> Result:
    """Read result.json.

    Raises UserError where there is none or a newer program wrote it, KnownError where it is
    damaged.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise UserError(
            sentence("This run has no result yet. Let it go on to its end first.")
        ) from error
    except UnicodeDecodeError as error:
        raise _damaged(path) from error
    try:
        version = json.loads(text)["format_version"]
        if isinstance(version, int) and version > FORMAT_VERSION:
            raise UserError(
                sentence(
                    "The result in {folder} was written by a newer stentviewer. Open it with that "
                    "program.",
                    folder=path.parent.name,
                )
            )
        return Result.model_validate_json(text)
    except (ValueError, KeyError, TypeError, ValidationError) as error:
        raise _damaged(path) from error


def _damaged(path: Path) -> KnownError:
    return KnownError(
        sentence(
            "The result in {folder} is damaged. Let the run go on: it will be made again from "
            "what is kept.",
            folder=path.parent.name,
        )
    )
