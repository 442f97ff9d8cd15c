"""What a decision to put a model in force is based on, as blocks of a page."""

from __future__ import annotations

from stentviewer.core.sentences import sentence
from stentviewer.learning.dossier import Dossier
from stentviewer.learning.report_blocks import Block, Heading, Say, Table
from stentviewer.learning.report_comparison import comparison
from stentviewer.learning.report_numbers import NOT_KNOWN, figure, mean_and_deviation, p_value
from stentviewer.learning.result_parts import Comparison, Model


def dossier_blocks(dossier: Dossier, say: Say, *, dark: bool = False) -> list[Block]:
    """The two models side by side, then all that changes from one to the other."""
    blocks: list[Block] = [Heading(say(sentence("The two models"))), _side_by_side(dossier, say)]
    for found, where in (
        (dossier.against, sentence("On images held back here")),
        (dossier.against_external, sentence("On images from elsewhere")),
    ):
        if found is not None:
            blocks += comparison(found, say(where), say, dark)
    return blocks


def _side_by_side(dossier: Dossier, say: Say) -> Table:
    header = ("", say(sentence("Model in force")), say(sentence("New model")))
    rows = [(say(sentence("Model")), _named(dossier.champion), _named(dossier.challenger))]
    rows += [
        (say(what), NOT_KNOWN, mean_and_deviation(mean, deviation))
        for what, mean, deviation in (
            (
                sentence("Accuracy, folds"),
                dossier.folds.accuracy,
                dossier.deviation.accuracy if dossier.deviation else None,
            ),
            (
                sentence("F1, folds"),
                dossier.folds.f1,
                dossier.deviation.f1 if dossier.deviation else None,
            ),
        )
    ]
    if dossier.against is not None:
        rows += _on_the_same(dossier.against, say)
    tested = sentence(
        "{n} images of {patients} patients",
        n=dossier.test.images,
        patients=dossier.test.patients,
    )
    compared = sentence("{n} compared", n=dossier.compared)
    rows.append((say(sentence("Frozen test set")), say(tested), say(compared)))
    return Table(header, tuple(rows), words=3)


def _on_the_same(found: Comparison, say: Say) -> list[tuple[str, str, str]]:
    """On images whose class both know, and of those that only the new one knows."""
    rows = [
        (
            say(sentence("Accuracy, classes both know")),
            figure(found.accuracy_before),
            figure(found.accuracy_after),
        ),
        (say(sentence("McNemar's exact p")), "", p_value(found.mcnemar.p)),
    ]
    if found.unknown_before:
        right = f"{found.right_of_unknown} / {found.unknown_before}"
        rows.append((say(sentence("New classes, named rightly")), NOT_KNOWN, right))
    return rows


def _named(model: Model | None) -> str:
    return f"{model.id}-{model.sha256[:8]}" if model is not None else NOT_KNOWN
