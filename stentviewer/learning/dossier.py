"""What a decision to put a model in force is based on: champion against challenger, image by image.

Made from a run's result and kept with the decision, under its own hash.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from pydantic import Field

from stentviewer.core.sentences import sentence
from stentviewer.learning.frozen import FrozenSet, Learned
from stentviewer.learning.result import Result
from stentviewer.learning.result_parts import Comparison, Flip, Model, Part, Scores

FORMAT_VERSION: Final = 1
FEW_PATIENTS: Final = 30  # below it, a recall's 95 % interval is wider than ± 10 points at 90 %
_POINT: Final = 0.01


class Counted(Part):
    """Images and patients."""

    images: int = 0
    patients: int = 0


class Dossier(Part):
    """The challenger and the model in force on the same images, which neither learned from.

    test is what the frozen local test set holds, compared how much of it both models answered.
    other: images that were held back by the run alone and are not in the frozen set. learned:
    images of the comparison that the challenger or the champion is known to have learned from.
    folds and deviation are the cross-validation's.
    """

    format_version: int = Field(default=FORMAT_VERSION, ge=1)
    at: datetime
    task: str
    run: str
    method: str
    challenger: Model
    champion: Model | None
    images: int
    patients: int
    simulated: int
    folds: Scores
    deviation: Scores | None
    test: Counted = Counted()
    compared: int = 0
    other: int = 0
    learned: int = 0
    against: Comparison | None = None
    against_external: Comparison | None = None

    @property
    def flips(self) -> tuple[Flip, ...]:
        """The images whose answer changes, those that were right before and are wrong first."""
        if self.against is None:
            return ()
        order = {"lost": 0, "other": 1, "gained": 2}
        return tuple(sorted(self.against.flips, key=lambda flip: order[flip.kind]))

    def concerns(self) -> tuple[str, ...]:
        """What speaks against putting the challenger in force, or limits what is known of it."""
        return (*self._of_the_images(), *(_of(self.against) if self.against else ()))

    def _of_the_images(self) -> list[str]:
        said: list[str] = []
        if self.simulated:
            said.append(
                sentence(
                    "Of the {all} images of the run, {n} are simulated: what it shows does not "
                    "hold for patients.",
                    n=self.simulated,
                    all=self.images,
                )
            )
        if self.champion is None:
            said.append(sentence("There was no model in force to compare with."))
        if self.against is None:
            said.append(
                sentence("The two models were not compared: no images were held back for that.")
            )
            return said
        if not self.test.images:
            said.append(
                sentence(
                    "There is no frozen test set: the images compared were chosen for this run."
                )
            )
        elif self.compared < self.test.images:
            said.append(
                sentence(
                    "Only {n} of the {all} images of the frozen test set were compared.",
                    n=self.compared,
                    all=self.test.images,
                )
            )
        if self.learned:
            said.append(
                sentence(
                    "One of the models learned from {n} of the images compared: they flatter it.",
                    n=self.learned,
                )
            )
        if self.against.patients < FEW_PATIENTS:
            said.append(
                sentence(
                    "The comparison is on few patients ({patients}, images: {images}): small "
                    "differences cannot be seen.",
                    images=self.against.images,
                    patients=self.against.patients,
                )
            )
        return said


def _of(against: Comparison) -> list[str]:
    said: list[str] = []
    lost = sum(flip.kind == "lost" for flip in against.flips)
    if lost:
        said.append(
            sentence(
                "Images that the model in force names rightly and the new one wrongly: {n}.",
                n=lost,
            )
        )
    said += [
        sentence(
            "{name}: {after:.0%} of {n} images are named rightly, {before:.0%} before.",
            name=one.name,
            n=one.images,
            before=one.before,
            after=one.after,
        )
        for one in against.forgetting
        if one.lost > _POINT
    ]
    if against.unknown_after:
        said.append(
            sentence(
                "Images of makers that the new model no longer names: {n}.",
                n=against.unknown_after,
            )
        )
    chance = against.mcnemar
    if chance.only_before > chance.only_after and chance.p < 0.05:
        said.append(
            sentence(
                "The new model is less accurate than the one in force, by more than chance "
                "explains (McNemar, p = {p:.3f}).",
                p=chance.p,
            )
        )
    return said


def dossier_of(
    result: Result,
    test: FrozenSet,
    compared: frozenset[str] = frozenset(),
    learned: tuple[Learned, ...] = (),
) -> Dossier | None:
    """The dossier of a finished run; None where its result names no model to put in force.

    compared: hashes (with the frame) of the images that both models answered; learned: what the
    two models and those they began as are known to have learned from.
    """
    if result.challenger is None:
        return None
    known = frozenset().union(*(one.images for one in learned))
    return Dossier(
        at=result.made.at,
        task=result.made.task,
        run=result.made.name,
        method=result.made.method,
        challenger=result.challenger,
        champion=result.champion,
        images=result.data.images,
        patients=result.data.patients,
        simulated=result.data.simulated,
        folds=result.mean,
        deviation=result.deviation,
        test=Counted(images=len(test.images), patients=len(test.patients)),
        compared=len(compared & test.keys),
        other=len(compared - test.keys),
        learned=len(compared & known),
        against=result.against_test,
        against_external=result.against_external,
    )
