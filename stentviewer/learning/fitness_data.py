"""Is there enough of every class, and is it as sharp and as fine as the rest?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from stentviewer.core.sentences import sentence
from stentviewer.learning.fitness_findings import Finding, Seen

_FEW: Final = 20  # images of a class: below it a recall says little
_IMBALANCE: Final = 5.0  # the published study's largest class has 2.6 times its smallest
_APART: Final = 0.9  # how often an image of a class is sharper (or blurrier) than one of the rest
_P: Final = 0.01
_FAR: Final = 3.0  # quartile ranges below the first quartile, of the logarithm
_ENOUGH: Final = 8  # images, to compare their sharpness
_BINS: Final = 100
_SMOOTH: Final = 2.0  # bins; as the published study's figure 2


@dataclass(frozen=True, slots=True)
class ClassCount:
    """How much there is of a class: images and patients to learn from, and images set apart."""

    name: str
    images: int
    patients: int
    test: int
    external: int


@dataclass(frozen=True, slots=True)
class Reference:
    """Sharpness (Laplacian variance) of the images that the start model has learned from."""

    name: str
    laplacian: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Histogram:
    """Share of the images in each bin, smoothed over two bins; bins of `width` from 0 on.

    The last bin holds all that is beyond. groups: a class's name, or the start model's.
    """

    width: float
    groups: Mapping[str, tuple[float, ...]]


def histogram(groups: Mapping[str, Sequence[float]]) -> Histogram:
    """Normalised, smoothed histograms of Laplacian variance over common bins."""
    from scipy.ndimage import gaussian_filter1d

    everything = np.array([value for values in groups.values() for value in values], np.float64)
    top = float(np.percentile(everything, 99)) * 1.1 if everything.size else 0.0
    width = max(top, 1.0) / _BINS
    made = {}
    for name, values in groups.items():
        at = np.minimum((np.asarray(values, np.float64) / width).astype(np.int64), _BINS - 1)
        counts = np.bincount(at, minlength=_BINS).astype(np.float64)
        smooth = gaussian_filter1d(counts, _SMOOTH, mode="reflect")
        made[name] = tuple(float(v) for v in smooth / max(smooth.sum(), 1e-12))
    return Histogram(width, made)


def counts_of(seen: Seen) -> tuple[ClassCount, ...]:
    """How much there is of each class, unreadable images left out."""
    read = [seen.items[at] for at in seen.looks.at.tolist()]
    made = []
    for name in seen.classes:
        own = [item for item in read if item.label == name]
        train = [item for item in own if item.role == "train"]
        made.append(
            ClassCount(
                name,
                len(train),
                len({item.patient for item in train}),
                sum(item.role == "test" for item in own),
                sum(item.role == "external" for item in own),
            )
        )
    return tuple(made)


def check_counts(counts: Sequence[ClassCount], k: int) -> list[Finding]:
    """Too few images, patients or classes; k is the number of folds."""
    found = []
    if sum(count.images > 0 for count in counts) < 2:
        found.append(
            Finding(
                "count",
                "stop",
                sentence("There are images of one class only."),
                sentence("Add images of at least one other class."),
            )
        )
    for count in counts:
        said = _too_few(count, k)
        found += [said] if said else []
    return found


def _too_few(count: ClassCount, k: int) -> Finding | None:
    name, images, people = count.name, count.images, count.patients
    if images == 0:
        text = sentence("There is no image of {name} to learn from.", name=name)
        return Finding("count", "stop", text, sentence("Add some, or leave the class out."))
    if people == 1:
        text = (
            sentence("There is only one image of {name}.", name=name)
            if images == 1
            else sentence("All {n} images of {name} are of one patient.", n=images, name=name)
        )
        advice = sentence(
            "Add images of other patients, or leave the class out: how well others would be read "
            "could not be tested."
        )
        return Finding("count", "stop", text, advice)
    if people < k:
        text = sentence(
            "{name} has images of {people} patients, too few for {k} folds.",
            name=name,
            people=people,
            k=k,
        )
        advice = sentence("Choose fewer folds ({n}), or add images of more patients.", n=people)
        return Finding("count", "stop", text, advice)
    if images < _FEW:
        text = sentence(
            "{name} has {n} images of {people} patients. Its recall will be known to about "
            "± {points:.0f} points.",
            name=name,
            n=images,
            people=people,
            points=196 * np.sqrt(0.8 * 0.2 / images),
        )
        return Finding("count", "warn", text, sentence("Add images of more patients."))
    return None


def check_imbalance(counts: Sequence[ClassCount]) -> list[Finding]:
    """One class with many times the images of another."""
    there = [count for count in counts if count.images]
    if len(there) < 2:
        return []
    most, least = (pick(there, key=lambda c: c.images) for pick in (max, min))
    if most.images < _IMBALANCE * least.images:
        return []
    return [
        Finding(
            "imbalance",
            "warn",
            sentence(
                "There are {n:.0f} times as many images of {most} as of {least}.",
                n=most.images / least.images,
                most=most.name,
                least=least.name,
            ),
            sentence(
                "Add images of {least} or leave out some of {most}; look at the recall of each "
                "class, not at the accuracy.",
                most=most.name,
                least=least.name,
            ),
        )
    ]


def check_patients(seen: Seen) -> list[Finding]:
    """Patients with images of more than one class, and patients on both sides of the test."""
    labels, roles = defaultdict(set), defaultdict(set)
    for item in seen.items:
        labels[item.patient].add(item.label)
        roles[item.patient].add(item.role == "train")
    found = _several_classes(seen, {who for who, names in labels.items() if len(names) > 1})
    sides = {who for who, own in roles.items() if len(own) > 1}
    if sides:
        at = [k for k, i in enumerate(seen.items) if i.patient in sides and i.role == "train"]
        text = sentence(
            "Patients with images both to learn from and held back for the test: {n}.",
            n=len(sides),
        )
        advice = sentence(
            "Leave those to learn from out: the test would be on patients that are known."
        )
        found.insert(0, Finding("patients", "stop", text, advice, tuple(at)))
    return found


def _several_classes(seen: Seen, both: set[str]) -> list[Finding]:
    if not both:
        return []
    at = tuple(k for k, item in enumerate(seen.items) if item.patient in both)
    text = (
        sentence("One patient has images of two or more classes.")
        if len(both) == 1
        else sentence("{n} patients have images of two or more classes.", n=len(both))
    )
    advice = sentence(
        "Right where a patient was given several stents, each alone on its images. Else correct "
        "the labels, or leave out images on which both are seen."
    )
    return [Finding("patients", "warn", text, advice, at)]


def check_resolution(seen: Seen, side: int) -> list[Finding]:
    """Images that have to be enlarged for a network that is fed side × side pixels."""
    small = [
        int(at)
        for at, facts in zip(seen.looks.at, seen.looks.facts, strict=True)
        if max(facts.rows, facts.columns) < 0.9 * side
    ]
    if not small:
        return []
    return [
        Finding(
            "resolution",
            "warn" if len(small) > len(seen.looks) / 4 else "note",
            sentence(
                "{n} of {total} images have fewer than {side} pixels on their longer side inside "
                "the collimator. They will be enlarged, and fine wire stays invisible.",
                n=len(small),
                total=len(seen.looks),
                side=side,
            ),
            sentence("Use the original DICOM files, or choose a smaller size to learn at."),
            tuple(small),
        )
    ]


def sharpness_of(seen: Seen) -> dict[str, tuple[float, ...]]:
    """Laplacian variance of the images to learn from, by class."""
    looks, labels, _ = seen.train()
    values = np.array([facts.laplacian for facts in looks.facts])
    return {
        name: tuple(float(v) for v in values[labels == k]) for k, name in enumerate(seen.classes)
    }


def check_sharpness(seen: Seen, start: Reference | None) -> list[Finding]:
    """Classes that are sharper or blurrier than the rest, or than the start model's images."""
    found = []
    looks, labels, patients = seen.train()
    values = np.array([facts.laplacian for facts in looks.facts], np.float64)
    for k, name in enumerate(seen.classes):
        own = _by_patient(values, patients, labels == k)
        rest = _by_patient(values, patients, labels != k)
        if _differ(own, rest):
            text = sentence(
                "Sharpness alone tells {name} from the others: its median Laplacian variance is "
                "{own:.0f}, that of the others {rest:.0f}.",
                name=name,
                own=np.median(own),
                rest=np.median(rest),
            )
            found.append(Finding("sharpness", "warn", text, _same_machines(name)))
    if start is not None and _differ(values, np.asarray(start.laplacian)):
        text = sentence(
            "These images are not as sharp or not as blurred as those that {model} has learned "
            "from: their median Laplacian variance is {own:.0f}, not {rest:.0f}.",
            model=start.name,
            own=np.median(values),
            rest=np.median(start.laplacian),
        )
        advice = sentence("Prefer Tuned or Full to Quick: more of the network has to learn anew.")
        found.append(Finding("sharpness", "warn", text, advice))
    return found + _blurred(looks.at, values)


def _same_machines(name: str) -> str:
    return sentence(
        "Take images of {name} from the same machines, with the same settings and exported the "
        "same way as the others; else the model may go by that.",
        name=name,
    )


def _by_patient(
    values: NDArray[np.float64], patients: Sequence[str], mine: NDArray[np.bool_]
) -> NDArray[np.float64]:
    each: dict[str, list[float]] = {}
    for value, who, own in zip(values.tolist(), patients, mine.tolist(), strict=True):
        if own:
            each.setdefault(who, []).append(value)
    return np.array([np.median(one) for one in each.values()])


def _differ(own: NDArray[np.float64], rest: NDArray[np.float64]) -> bool:
    """Whether one is nearly always above the other (Mann-Whitney)."""
    from scipy.stats import mannwhitneyu

    if min(len(own), len(rest)) < _ENOUGH:
        return False
    test = mannwhitneyu(own, rest)
    above = float(test.statistic) / (len(own) * len(rest))
    return bool(float(test.pvalue) < _P and max(above, 1 - above) >= _APART)


def _blurred(at: NDArray[np.int64], values: NDArray[np.float64]) -> list[Finding]:
    if len(values) < 2 * _ENOUGH:
        return []
    logarithm = np.log(np.maximum(values, 1e-3))
    low, high = np.percentile(logarithm, (25, 75))
    far = at[logarithm < low - _FAR * (high - low)]
    if not len(far):
        return []
    return [
        Finding(
            "sharpness",
            "note",
            sentence("Images that are far more blurred than the rest: {n}.", n=len(far)),
            sentence("Look at them, and leave out those on which the stent cannot be told."),
            tuple(int(k) for k in far),
        )
    ]
