"""Who is learned from and who is asked: whole patients, every class on both sides.

Images of one patient never stand on two sides. Folds are stratified: each has about the same
share of every class, as in the published study.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from stentviewer.core.errors import UserError
from stentviewer.core.sentences import sentence, together

Labels = NDArray[np.int64]
_TRIES: Final = 4  # draws of the grouping where a fold lacks a class
_LEFT: Final = 2  # patients of a class that are never held back: two folds need them


def folds(
    labels: Labels, patients: Sequence[str], k: int, seed: int, classes: Sequence[str]
) -> Labels:
    """The fold of each image, 1 to k; labels (n,) count among the classes.

    The same arguments give the same folds. Raises UserError naming the classes that have fewer
    patients than folds, and how many folds there could be.
    """
    groups = _groups(labels, patients)
    if k < 2:
        raise ValueError(f"{k} folds")
    counts = _counts(labels, groups, len(classes))
    _check(counts, k, classes)
    drawn: list[Labels] = []
    for attempt in range(_TRIES):
        drawn.append(_evened(_draw(labels, groups, k, seed + attempt), counts, k))
        if not _lacking(drawn[-1], counts, k):
            break
    return min(drawn, key=lambda fold_of: _lacking(fold_of, counts, k))[groups] + 1


def hold_back(
    labels: Labels, patients: Sequence[str], share: float, seed: int
) -> NDArray[np.bool_]:
    """Which images (n,) are held back for a test: whole patients, about `share` of each class.

    Every class of three patients or more has at least one of them on the test side where it can,
    and two patients of it always stay for learning; classes of fewer patients stay whole.
    """
    groups = _groups(labels, patients)
    if not 0 <= share < 1:
        raise ValueError(f"a share of {share}")
    counts = _counts(labels, groups, int(labels.max(initial=-1)) + 1)
    held = np.zeros(len(counts), np.bool_)
    if not share or not len(counts):
        return held[groups]
    of_class = counts > 0
    wanted = share * counts.sum(axis=0)
    weight = 1 / np.maximum(counts.sum(axis=0), 1)
    got = np.zeros_like(wanted)
    for person in np.random.default_rng([seed, 1]).permutation(len(counts)):
        mine = of_class[person]
        stays = (of_class & ~held[:, None]).sum(axis=0)
        if (stays[mine] <= _LEFT).any():
            continue
        first = (mine & (got == 0)).any()
        now, then = (((wanted - some) * weight) for some in (got, got + counts[person]))
        if first or (then**2).sum() < (now**2).sum():
            held[person] = True
            got += counts[person]
    return held[groups]


def _groups(labels: Labels, patients: Sequence[str]) -> NDArray[np.int64]:
    """The number of each image's patient, in alphabetical order of the patients."""
    if len(labels) != len(patients):
        raise ValueError(f"{len(labels)} labels and {len(patients)} patients")
    _, numbers = np.unique(np.asarray(patients, np.str_), return_inverse=True)
    return numbers.astype(np.int64).reshape(len(patients))


def _counts(labels: Labels, groups: NDArray[np.int64], classes: int) -> NDArray[np.int64]:
    """Images (patients, classes)."""
    if len(labels) and not 0 <= int(labels.min()) <= int(labels.max()) < classes:
        raise ValueError("a label that is none of the classes")
    counts = np.zeros((int(groups.max(initial=-1)) + 1, classes), np.int64)
    np.add.at(counts, (groups, labels), 1)
    return counts


def _check(counts: NDArray[np.int64], k: int, classes: Sequence[str]) -> None:
    people = (counts > 0).sum(axis=0)
    images = counts.sum(axis=0)
    said = [
        _too_few(name, int(people[i]), int(images[i]), k)
        for i, name in enumerate(classes)
        if people[i] < k
    ]
    if not said:
        return
    fewest = int(people.min())
    if fewest >= 2:
        said.append(sentence("Choose {n} folds, or add images of more patients.", n=fewest))
    raise UserError(together(said))


def _too_few(name: str, people: int, images: int, k: int) -> str:
    if images == 0:
        return sentence("There is no image of {name}. Add some, or leave the class out.", name=name)
    if images == 1:
        return sentence(
            "There is only one image of {name}: nothing could be tested. Add images of other "
            "patients, or leave the class out.",
            name=name,
        )
    if people == 1:
        return sentence(
            "All {n} images of {name} are of one patient: how well others would be read could not "
            "be tested. Add images of other patients, or leave the class out.",
            n=images,
            name=name,
        )
    return sentence(
        "{name} has images of {people} patients, too few for {k} folds.",
        name=name,
        people=people,
        k=k,
    )


def _draw(labels: Labels, groups: NDArray[np.int64], k: int, seed: int) -> NDArray[np.int64]:
    """The fold of each patient, 0 to k - 1, by scikit-learn's stratified grouping."""
    import warnings

    from sklearn.model_selection import StratifiedGroupKFold

    fold_of = np.zeros(int(groups.max()) + 1, np.int64)
    splitter = StratifiedGroupKFold(k, shuffle=True, random_state=seed % 2**32)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of few images in a class: checked here
        for fold, (_, check) in enumerate(splitter.split(labels, labels, groups)):
            fold_of[groups[check]] = fold
    return fold_of


def _evened(fold_of: NDArray[np.int64], counts: NDArray[np.int64], k: int) -> NDArray[np.int64]:
    """Move patients until no single move brings a class into a fold that lacks it.

    A move never takes the last patient of another class out of a fold.
    """
    while True:
        people = _people(fold_of, counts, k)
        lacking = np.argwhere(people == 0)
        move = next(
            (
                (person, fold)
                for fold, label in lacking
                for person in np.argsort(counts.sum(axis=1), kind="stable")
                if counts[person, label] and _can_leave(person, fold_of, counts, people)
            ),
            None,
        )
        if move is None:
            return fold_of
        fold_of[move[0]] = move[1]


def _can_leave(
    person: int, fold_of: NDArray[np.int64], counts: NDArray[np.int64], people: NDArray[np.int64]
) -> bool:
    return bool((people[fold_of[person]][counts[person] > 0] > 1).all())


def _people(fold_of: NDArray[np.int64], counts: NDArray[np.int64], k: int) -> NDArray[np.int64]:
    """Patients (folds, classes)."""
    people = np.zeros((k, counts.shape[1]), np.int64)
    np.add.at(people, fold_of, (counts > 0).astype(np.int64))
    return people


def _lacking(fold_of: NDArray[np.int64], counts: NDArray[np.int64], k: int) -> int:
    """How many classes the folds lack, all together."""
    return int((_people(fold_of, counts, k) == 0).sum())
