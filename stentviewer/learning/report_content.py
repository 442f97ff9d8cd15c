"""What a report of a run says, in order, whatever it is printed as.

All of it is sentences that `say` turns into the reader's language; names stay as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from stentviewer.core.sentences import sentence
from stentviewer.core.wording import RESEARCH_USE
from stentviewer.learning import figures
from stentviewer.learning.figures import Look
from stentviewer.learning.gallery import Shown
from stentviewer.learning.report_blocks import (
    FINE,
    MOST,
    Block,
    Heading,
    Paragraph,
    Pictures,
    Say,
    Table,
    more,
)
from stentviewer.learning.report_comparison import comparison
from stentviewer.learning.report_numbers import (
    figure,
    joules,
    mean_and_deviation,
    memory,
    seconds,
)
from stentviewer.learning.result import Result
from stentviewer.learning.result_parts import Evaluation, Model


def content(
    result: Result, gallery: Sequence[Shown], say: Say, *, dark: bool = False
) -> list[Block]:
    """The whole report; dark is for a window, whose figures then stand on a dark ground."""
    blocks = [*_top(result, say), *_folds(result, say, dark)]
    blocks += _evaluation(
        result.out_of_fold,
        say(sentence("All folds together")),
        say(
            sentence(
                "Every training image once, answered by the fold's model that had not seen its "
                "patient."
            )
        ),
        say,
        dark,
    )
    if result.test is not None:
        why = sentence("Held back from the start; answered by the new model.")
        blocks += _evaluation(result.test, say(sentence("Local test images")), say(why), say, dark)
    if result.external is not None:
        why = sentence("From elsewhere, read at the end only; answered by the new model.")
        blocks += _evaluation(
            result.external, say(sentence("External images")), say(why), say, dark
        )
    for found, where in (
        (result.against_test, sentence("Against the model in force, on local test images")),
        (result.against_external, sentence("Against the model in force, on external images")),
        (
            result.against_start,
            sentence("Against the start model, each image by the fold that had not seen it"),
        ),
    ):
        if found is not None:
            blocks += comparison(found, say(where), say, dark)
    blocks += _gallery(gallery, say)
    return [*blocks, *_data(result, say), *_cost(result, say), *_reading(say)]


def _top(result: Result, say: Say) -> list[Block]:
    made = result.made
    blocks: list[Block] = [
        Heading(say(sentence("Result of learning: {name}", name=made.name)), 1),
        Paragraph(say(RESEARCH_USE), "notice"),
    ]
    data = result.data
    if data.simulated and data.simulated >= data.images:
        blocks.append(
            Paragraph(
                say(
                    sentence(
                        "All {n} images are simulated. The figures say nothing about real "
                        "patients.",
                        n=data.images,
                    )
                ),
                "notice",
            )
        )
    elif data.simulated:
        blocks.append(
            Paragraph(
                say(
                    sentence(
                        "{n} of {total} images are simulated.", n=data.simulated, total=data.images
                    )
                ),
                "notice",
            )
        )
    mean, sd = result.mean, result.deviation
    blocks.append(
        Table(
            tuple(say(word) for word in _SCORES),
            (
                tuple(
                    mean_and_deviation(
                        getattr(mean, name), getattr(sd, name) if sd is not None else None
                    )
                    for name in ("accuracy", "precision", "recall", "f1")
                ),
            ),
            words=0,
        )
    )
    spread = sentence(
        "Mean ± standard deviation over {n} folds; precision, recall and F1 are means over the "
        "classes.",
        n=len(result.folds),
    )
    blocks.append(Paragraph(say(spread), "quiet"))
    blocks += [Paragraph(say(note), "notice") for note in result.notes]
    rows = [
        (sentence("New model"), _model(result.challenger, say)),
        (sentence("Model in force"), _model(result.champion, say)),
        (sentence("Way of learning"), say(_METHODS[made.method])),
        (sentence("Start"), made.network),
        (sentence("Size"), f"{made.side} × {made.side} px"),
        *([] if made.method == "quick" else [(sentence("Epochs"), str(made.epochs))]),
        (sentence("Seed"), str(made.seed)),
        (sentence("Made"), f"{made.at.astimezone():%Y-%m-%d %H:%M}, {made.program}"),
    ]
    blocks.append(Table((), tuple((say(key), value) for key, value in rows), words=2))
    return blocks


_SCORES: Final = (
    sentence("Accuracy"),
    sentence("Precision"),
    sentence("Recall"),
    sentence("F1"),
)
_METHODS: Final = {
    "quick": sentence("Quick: frozen network, new last layer"),
    "tuned": sentence("Tuned: last stages on cached activations"),
    "full": sentence("Full: the whole network"),
}


def _model(model: Model | None, say: Say) -> str:
    if model is None:
        return say(sentence("none"))
    name = f"{model.name}, " if model.name else ""
    return f"{name}{model.id}-{model.sha256[:8]}"


def _folds(result: Result, say: Say, dark: bool) -> list[Block]:
    header = (sentence("Fold"), sentence("Images"), sentence("Patients"), *_SCORES)
    rows = tuple(
        (
            str(fold.fold),
            str(fold.images),
            str(fold.patients),
            *(f"{v:.3f}" for v in (fold.accuracy, fold.precision, fold.recall, fold.f1)),
        )
        for fold in result.folds
    )
    look = Look(520, 320, dark, FINE, say)
    return [
        Heading(say(sentence("Folds"))),
        Table(tuple(say(word) for word in header), rows),
        Pictures(((figures.folds(result, look), say(sentence("Accuracy and F1 by fold"))),), 1),
    ]


def _evaluation(part: Evaluation, title: str, why: str, say: Say, dark: bool) -> list[Block]:
    look = Look(520, 400, dark, FINE, say)
    found = part.calibration
    summary = sentence(
        "{images} images of {patients} patients. Accuracy {accuracy}, F1 {f1}.",
        images=part.images,
        patients=part.patients,
        accuracy=figure(part.accuracy),
        f1=figure(part.f1),
    )
    blocks: list[Block] = [
        Heading(title),
        Paragraph(why, "quiet"),
        Paragraph(say(summary)),
    ]
    if part.left_out:
        left = sentence(
            "{n} images of a class the model does not have are left out.", n=part.left_out
        )
        blocks.append(Paragraph(say(left)))
    blocks.append(_class_table(part, say))
    calibrated = sentence(
        "Calibration error {ece} with temperature {temperature}, {before} without.",
        ece=f"{found.ece:.3f}",
        temperature=f"{found.temperature:.2f}",
        before=f"{found.ece_before:.3f}",
    )
    drawn = (
        (figures.confusion(part, look), sentence("Confusion matrix")),
        (figures.by_class(part, look), sentence("By class, with 95 % intervals")),
        (figures.roc(part, look), sentence("Each class against the others (ROC)")),
        (figures.reliability(part, look), calibrated),
    )
    blocks.append(Pictures(tuple((png, say(caption)) for png, caption in drawn)))
    return blocks


def _class_table(part: Evaluation, say: Say) -> Table:
    header = (
        sentence("Class"),
        sentence("Images"),
        sentence("Patients"),
        sentence("Precision"),
        sentence("Recall"),
        sentence("F1"),
        sentence("AUC"),
    )
    rows = tuple(
        (
            f"{one.name} ({say(sentence('new'))})" if one.is_new else one.name,
            str(one.images),
            str(one.patients),
            *(figure(value) for value in (one.precision, one.recall, one.f1, one.auc)),
        )
        for one in part.classes
    )
    return Table(tuple(say(word) for word in header), rows)


def _gallery(gallery: Sequence[Shown], say: Say) -> list[Block]:
    if not gallery:
        return []
    out_of_fold = any(one.fold for one in gallery)
    if not any(one.has_heat for one in gallery):
        why = sentence(
            "The surest errors and right answers of each class. This network cannot show where it "
            "looked."
        )
    elif out_of_fold:
        why = sentence(
            "The surest errors and right answers of each class, as the folds' models gave them. "
            "The heat is Grad-CAM of the new model, for the class that was named."
        )
    else:
        why = sentence(
            "The surest errors and right answers of each class. The heat is Grad-CAM for the class "
            "that was named."
        )
    blocks: list[Block] = [
        Heading(say(sentence("Where the model looked"))),
        Paragraph(say(why), "quiet"),
        Paragraph(
            say(
                sentence(
                    "Text that is burned into an image stays in these pictures. Look for names "
                    "before this report is handed on."
                )
            ),
            "notice",
        ),
    ]
    items = tuple((one.png, say(one.caption)) for one in gallery)
    return [*blocks, Pictures(items, 4)]


_ROLES: Final = {
    "train": sentence("Training and folds"),
    "test": sentence("Local test"),
    "external": sentence("External"),
}


def _data(result: Result, say: Say) -> list[Block]:
    data = result.data
    said = sentence(
        "{images} images of {patients} patients.", images=data.images, patients=data.patients
    )
    blocks: list[Block] = [Heading(say(sentence("Images"))), Paragraph(say(said))]
    names = sorted({name for counts in data.by_role.values() for name in counts})
    if names:
        header = (say(sentence("Class")), *(say(_ROLES.get(r, r)) for r in data.by_role))
        rows = tuple(
            (name, *(str(counts.get(name, 0)) for counts in data.by_role.values()))
            for name in names
        )
        blocks.append(Table(header, rows))
    if data.problems:
        blocks.append(Heading(say(sentence("What was left out")), 3))
        blocks += [Paragraph(say(problem)) for problem in data.problems[:MOST]]
        if len(data.problems) > MOST:
            blocks.append(more(len(data.problems) - MOST, say))
    return blocks


_STAGES: Final = {  # as a run names them
    "start": sentence("Start model"),
    "images": sentence("Reading images"),
    "folds": sentence("Folds"),
    "final": sentence("Final model"),
    "answers": sentence("Answers on images held back"),
    "model": sentence("Writing the model"),
    "gallery": sentence("Heat maps"),
    "report": sentence("Report"),
}


def _cost(result: Result, say: Say) -> list[Block]:
    cost = result.cost
    if not cost.seconds:
        return []
    rows = [(say(_STAGES.get(key, key)), seconds(time)) for key, time in cost.seconds.items()]
    rows.append((say(sentence("Together")), seconds(cost.total)))
    if cost.memory:
        rows.append((say(sentence("Most memory")), memory(cost.memory)))
    told = sentence("not measured: no device here says it")
    if cost.energy is not None:
        told = sentence(
            "{energy} by {devices}, other programs included",
            energy=joules(cost.energy),
            devices=cost.energy_of,
        )
    rows.append((say(sentence("Energy")), say(told)))
    if cost.device:
        rows.append((say(sentence("Device")), cost.device))
    return [Heading(say(sentence("Cost"))), Table((), tuple(rows), words=2)]


def _reading(say: Say) -> list[Block]:
    return [
        Heading(say(sentence("How to read this"))),
        Paragraph(
            say(
                sentence(
                    "Intervals are of 95 %. Those of accuracy, precision and recall are Wilson's "
                    "and count images as independent; those of F1 resample patients, and those of "
                    "areas take images of one patient together. A dash is a figure that these "
                    "images cannot tell. McNemar's test counts images as independent. Holm's p "
                    "takes into account that several classes were compared."
                )
            ),
            "quiet",
        ),
        Paragraph(
            say(
                sentence(
                    "The folds' models are not the new model: it learned from all training images, "
                    "and the folds estimate how well that works on patients it has not seen."
                )
            ),
            "quiet",
        ),
    ]
