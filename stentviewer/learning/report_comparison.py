"""The part of a report that sets the new model against the one in force."""

from __future__ import annotations

from typing import Final

from stentviewer.core.sentences import sentence
from stentviewer.learning import figures
from stentviewer.learning.figures import Look
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
from stentviewer.learning.report_numbers import difference, figure, p_value, points
from stentviewer.learning.result_parts import Comparison


def comparison(found: Comparison, title: str, say: Say, dark: bool = False) -> list[Block]:
    test = found.mcnemar
    blocks: list[Block] = [
        Heading(title),
        Paragraph(
            say(
                sentence(
                    "{images} images of {patients} patients whose class both models know. Accuracy "
                    "{before} before, {after} after. Only the model in force was right on "
                    "{lost}, only the new model on {won}; McNemar's exact p {p}.",
                    images=found.images,
                    patients=found.patients,
                    before=figure(found.accuracy_before),
                    after=figure(found.accuracy_after),
                    lost=test.only_before,
                    won=test.only_after,
                    p=p_value(test.p),
                )
            )
        ),
    ]
    if found.unknown_before:
        apart = sentence(
            "{n} images are of classes the model in force does not know; the new model names "
            "{right} of them rightly.",
            n=found.unknown_before,
            right=found.right_of_unknown,
        )
        blocks.append(Paragraph(say(apart)))
    if found.unknown_after:
        gone = sentence(
            "{n} images are of classes the new model no longer has.", n=found.unknown_after
        )
        blocks.append(Paragraph(say(gone)))
    return [*blocks, *_forgotten(found, say, dark), *_areas(found, say), *_flips(found, say)]


def _forgotten(found: Comparison, say: Say, dark: bool) -> list[Block]:
    if found.forgotten is None:
        return []
    lost = sentence(
        "Recall of the old classes changed by {points} points on average.",
        points=points(-found.forgotten),
    )
    tall = 150 + 46 * len(found.forgetting)
    look = Look(520, min(tall, 600), dark, FINE, say)
    caption = say(sentence("Recall of the old classes, images in brackets"))
    return [
        Paragraph(say(lost)),
        Pictures(((figures.forgetting(found, look), caption),), 1),
    ]


def _areas(found: Comparison, say: Say) -> list[Block]:
    if not found.delong:
        return []
    header = (
        sentence("Class"),
        sentence("AUC before"),
        sentence("AUC after"),
        sentence("Difference"),
        sentence("p (DeLong)"),
        sentence("p (Holm)"),
    )
    rows = tuple(
        (
            one.name,
            f"{one.before:.3f}",
            f"{one.after:.3f}",
            difference(one.difference),
            p_value(one.p),
            p_value(one.p_holm),
        )
        for one in found.delong
    )
    return [Table(tuple(say(word) for word in header), rows)]


_FLIPS: Final = {
    "lost": sentence("Right before, wrong now"),
    "other": sentence("Wrong before and now, otherwise"),
    "gained": sentence("Wrong before, right now"),
}


def _flips(found: Comparison, say: Say) -> list[Block]:
    blocks: list[Block] = [Heading(say(sentence("Answers that changed")), 3)]
    if not found.flips:
        return [*blocks, Paragraph(say(sentence("None.")))]
    counts: dict[tuple[str, str, str, str], int] = {}
    for flip in found.flips:
        key = (flip.kind, flip.truth, flip.before, flip.after)
        counts[key] = counts.get(key, 0) + 1
    header = (
        sentence("Change"),
        sentence("True class"),
        sentence("Before"),
        sentence("After"),
        sentence("Images"),
    )
    rows = [
        (say(_FLIPS[kind]), truth, before, after, str(n))
        for (kind, truth, before, after), n in counts.items()
    ]
    blocks.append(Table(tuple(say(word) for word in header), tuple(rows[:MOST]), words=4))
    if len(rows) > MOST:
        blocks.append(more(len(rows) - MOST, say))
    return blocks
