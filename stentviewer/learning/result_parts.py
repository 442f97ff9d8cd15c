"""What a result consists of. Shares stand between 0 and 1, intervals are of 95 %, time in seconds.

A figure that cannot be known from the images there are is None, never 0.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from stentviewer.learning.recipe import Method

FlipKind = Literal["gained", "lost", "other"]


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Estimate(Part):
    """A figure and its 95 % interval; None where the images do not tell."""

    value: float | None
    low: float | None = None
    high: float | None = None


class Scores(Part):
    """Accuracy, and precision, recall and F1 as means over the classes (macro)."""

    accuracy: float
    precision: float
    recall: float
    f1: float


class FoldScores(Scores):
    """A fold's model on the images it had not seen."""

    fold: int
    images: int
    patients: int


class Roc(Part):
    """One class against the others; both axes 0…1, points along the curve."""

    false_positive: tuple[float, ...]
    true_positive: tuple[float, ...]


class ClassScores(Part):
    """One class. is_new: the start model did not know it.

    recall and precision: Wilson's interval, over images; f1: bootstrap over patients; auc (one
    class against the others): DeLong's, images of one patient taken together.
    """

    name: str
    images: int
    patients: int
    is_new: bool
    precision: Estimate
    recall: Estimate
    f1: Estimate
    auc: Estimate
    roc: Roc | None = None


class Bin(Part):
    """Images whose first class had a probability in (low, high]; accuracy with its interval."""

    low: float
    high: float
    images: int
    confidence: float
    accuracy: Estimate


class Calibration(Part):
    """How far the probabilities can be believed: as the network gives them, and tempered.

    ece: expected calibration error over 15 bins (Guo et al., 2017). Out of fold, each fold is
    tempered by what the other folds say, so that the figure is not flattered.
    """

    temperature: float
    ece_before: float
    ece: float
    bins_before: tuple[Bin, ...]
    bins: tuple[Bin, ...]


class Evaluation(Part):
    """A model's answers on one set of images whose class it knows.

    confusion[i][j] counts images of class i that were named j, in the order of `classes`.
    left_out counts images of a class the model does not have.
    """

    images: int
    patients: int
    left_out: int
    accuracy: Estimate
    precision: float
    recall: float
    f1: Estimate
    classes: tuple[ClassScores, ...]
    confusion: tuple[tuple[int, ...], ...]
    calibration: Calibration


class Flip(Part):
    """An image whose answer changed; sha256 is its content's hash with the frame ("…:0").

    kind: "gained" was wrong and is right, "lost" was right and is wrong, "other" was and is wrong.
    """

    sha256: str
    truth: str
    before: str
    after: str
    kind: FlipKind
    is_old: bool  # of a class the champion knows


class Forgetting(Part):
    """Recall of one class that the champion knew, by the champion and by the challenger."""

    name: str
    images: int
    before: float
    after: float

    @property
    def lost(self) -> float:
        """Recall that was lost, negative where it grew."""
        return self.before - self.after


class McNemar(Part):
    """Exact McNemar test: images only the champion had right, only the challenger, and p."""

    only_before: int
    only_after: int
    p: float


class DeLong(Part):
    """AUC of one class against the others, champion and challenger on the same images.

    p is DeLong's with images of one patient taken together (Obuchowski, 1997), p_holm the same
    with all classes of the comparison taken into account (Holm, 1979).
    """

    name: str
    before: float
    after: float
    difference: Estimate  # after - before
    p: float | None
    p_holm: float | None


class Model(Part):
    """Which model: its id and the hash over its files."""

    id: str
    sha256: str
    name: str = ""


class Comparison(Part):
    """Champion (before) against challenger (after) on the images whose class both know.

    unknown_before counts images of classes that only the challenger has, right_of_unknown how
    many of those it names rightly; unknown_after those of classes that only the champion has.
    Flips cover all images that both answered.
    """

    champion: Model | None
    images: int
    patients: int
    unknown_before: int
    right_of_unknown: int
    unknown_after: int
    accuracy_before: Estimate
    accuracy_after: Estimate
    mcnemar: McNemar
    delong: tuple[DeLong, ...]
    forgetting: tuple[Forgetting, ...]
    forgotten: float | None  # mean recall lost over the classes the champion knew
    flips: tuple[Flip, ...]


class Cost(Part):
    """What the run took. Energy in joules, None where no device says it; memory in bytes."""

    seconds: dict[str, float] = Field(default_factory=dict)  # by stage
    energy: float | None = None
    energy_of: tuple[str, ...] = ()  # the devices that said it
    memory: int | None = None  # the most that was in use
    images: int = 0
    device: str = ""
    threads: int = 0

    @property
    def total(self) -> float:
        """Seconds of all stages."""
        return sum(self.seconds.values())


class Data(Part):
    """What the run was made from. simulated counts images that are."""

    images: int = 0
    patients: int = 0
    simulated: int = 0
    by_role: dict[str, dict[str, int]] = Field(default_factory=dict)  # role → class → images
    problems: tuple[str, ...] = ()


class Made(Part):
    """Which run it was."""

    name: str
    task: str
    method: Method
    network: str
    side: int
    epochs: int
    folds: int
    seed: int
    at: datetime
    program: str
