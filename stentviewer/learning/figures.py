"""Figures of a result as PNG: for the window, dark or light, and for the report."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from typing import Any, Final

import numpy as np

from stentviewer.core.paths import korean_font
from stentviewer.core.sentences import sentence
from stentviewer.learning.result import Result
from stentviewer.learning.result_parts import Bin, Comparison, Estimate, Evaluation

_DPI: Final = 100
_PAD: Final = 0.1  # inches; Hangul is wider than matplotlib measures it
_LONGEST: Final = 20  # letters of a class's name
# Okabe & Ito's colours, which people with a colour blindness can tell apart, yellow left out.
_LINES_LIGHT: Final = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#b07800", "#2f97cf", "#000000")
_LINES_DARK: Final = ("#56b4e9", "#f0a35e", "#35c99b", "#e19ac4", "#e6b422", "#8ac7ee", "#ffffff")
_STYLES: Final = ("-", "--", "-.", ":")
_HATCHES: Final = ("", "///", "...")
_MARKS: Final = ("o", "s", "^", "D", "v", "P", "X")

Spread = tuple[float, float | None]  # a mean and its standard deviation


def _plain(text: str) -> str:
    return str(text)


@dataclass(frozen=True, slots=True)
class Look:
    """How a figure is drawn: logical pixels, dark or light, enlarged for a fine screen.

    say turns a sentence into the reader's language.
    """

    width: int = 560
    height: int = 420
    dark: bool = False
    scale: float = 1.0
    say: Callable[[str], str] = _plain

    @property
    def ground(self) -> str:
        return "#1a1f24" if self.dark else "#ffffff"

    @property
    def ink(self) -> str:
        return "#e2e7ec" if self.dark else "#1b2127"

    @property
    def quiet(self) -> str:
        return "#9aa5b0" if self.dark else "#4a5560"

    @property
    def line(self) -> str:
        return "#323a42" if self.dark else "#d5dade"

    def colour(self, k: int) -> str:
        colours = _LINES_DARK if self.dark else _LINES_LIGHT
        return colours[k % len(colours)]


def confusion(part: Evaluation, look: Look) -> bytes:
    """Counts by true class (rows) and named class, shaded by their share of the row."""
    from matplotlib.colors import LinearSegmentedColormap

    counts = np.array(part.confusion)
    shares = counts / np.maximum(counts.sum(1, keepdims=True), 1)
    figure, axes = _begin(look)
    shades = LinearSegmentedColormap.from_list("shades", [look.ground, look.colour(0)])
    axes.imshow(shares, cmap=shades, vmin=0, vmax=1)
    size = max(6.0, 10.0 - 0.3 * max(len(counts) - 6, 0))
    for i, j in np.ndindex(counts.shape):
        dark_ink = look.dark == (shares[i, j] > 0.5)
        ink = ("#10161b" if dark_ink else "#f2f5f7") if shares[i, j] > 0.3 else look.ink
        axes.text(j, i, f"{counts[i, j]}", ha="center", va="center", color=ink, size=size)
    names = [_short(one.name) for one in part.classes]
    steep = max(map(len, names), default=0) > 8 or len(names) > 6
    axes.set_xticks(range(len(names)), names, rotation=40 if steep else 0)
    if steep:
        for label in axes.get_xticklabels():
            label.set(ha="right", rotation_mode="anchor")
    axes.set_yticks(range(len(names)), names)
    axes.set_xlabel(look.say(sentence("Named by the model")))
    axes.set_ylabel(look.say(sentence("True class")))
    axes.tick_params(length=0)
    return _png(figure, look)


def roc(part: Evaluation, look: Look) -> bytes:
    """Each class against the others, with its area."""
    figure, axes = _begin(look)
    axes.plot([0, 1], [0, 1], color=look.quiet, lw=0.8, ls=(0, (2, 3)))
    drawn = False
    for k, one in enumerate(part.classes):
        if one.roc is None or one.auc.value is None:
            continue
        axes.plot(
            one.roc.false_positive,
            one.roc.true_positive,
            color=look.colour(k),
            ls=_STYLES[k % len(_STYLES)],
            lw=1.8,
            label=f"{_short(one.name)}  {one.auc.value:.3f}",
        )
        drawn = True
    _unit_square(axes, look)
    axes.set_xlabel(look.say(sentence("False positive rate")))
    axes.set_ylabel(look.say(sentence("True positive rate")))
    if drawn:
        _legend(axes, look, title=look.say(sentence("Class and area")), loc="lower right")
    return _png(figure, look)


def reliability(part: Evaluation, look: Look) -> bytes:
    """How often the first class is right, by its probability; the size shows how many images."""
    figure, axes = _begin(look)
    axes.plot([0, 1], [0, 1], color=look.quiet, lw=0.8, ls=(0, (2, 3)))
    found = part.calibration
    _points(axes, found.bins_before, look, 1, sentence("as the network gives it"), False)
    _points(axes, found.bins, look, 0, sentence("tempered"), True)
    _unit_square(axes, look)
    axes.set_xlabel(look.say(sentence("Probability of the first class")))
    axes.set_ylabel(look.say(sentence("Share that is right")))
    _legend(axes, look, loc="upper left")
    return _png(figure, look)


def _points(
    axes: Any, bins: tuple[Bin, ...], look: Look, k: int, what: str, with_bars: bool
) -> None:
    x = [part.confidence for part in bins]
    y = [part.accuracy.value for part in bins]
    if with_bars:
        axes.errorbar(
            x, y, _reach([part.accuracy for part in bins]), fmt="none", color=look.colour(k), lw=1
        )
    most = max((part.images for part in bins), default=1)
    axes.scatter(
        x,
        y,
        s=[18 + 90 * part.images / most for part in bins],
        marker=_MARKS[k],
        color=look.colour(k) if with_bars else "none",
        edgecolors=look.colour(k),
        label=look.say(what),
        zorder=3,
    )


def by_class(part: Evaluation, look: Look) -> bytes:
    """Precision, recall and F1 of each class with their intervals."""
    figure, axes = _begin(look)
    rows = np.arange(len(part.classes))[::-1]
    shown = (
        (sentence("Precision"), [one.precision for one in part.classes]),
        (sentence("Recall"), [one.recall for one in part.classes]),
        (sentence("F1"), [one.f1 for one in part.classes]),
    )
    for k, (what, figures) in enumerate(shown):
        there = np.array([one.value is not None for one in figures], bool)
        given = [one for one in figures if one.value is not None]
        axes.errorbar(
            [one.value for one in given],
            (rows + 0.22 * (1 - k))[there],
            xerr=_reach(given),
            fmt=_MARKS[k],
            ms=5,
            lw=1.2,
            color=look.colour(k),
            label=look.say(what),
        )
    axes.set_yticks(rows, [_short(one.name) for one in part.classes])
    axes.set_ylim(-0.6, len(rows) - 0.4)
    _share_axis(axes, [e for _, figures in shown for e in figures], look)
    _legend(axes, look, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3)
    return _png(figure, look)


def folds(result: Result, look: Look) -> bytes:
    """Accuracy and macro F1 of each fold's model, mean as a line, deviation as a band."""
    figure, axes = _begin(look)
    numbers = [fold.fold for fold in result.folds]
    lows = []
    for k, (what, name) in enumerate(((sentence("Accuracy"), "accuracy"), (sentence("F1"), "f1"))):
        values = [getattr(fold, name) for fold in result.folds]
        mean = getattr(result.mean, name)
        sd = getattr(result.deviation, name) if result.deviation else 0.0
        axes.axhspan(mean - sd, mean + sd, color=look.colour(k), alpha=0.12, lw=0)
        axes.axhline(mean, color=look.colour(k), lw=1, ls=_STYLES[k])
        axes.plot(
            np.array(numbers) + 0.08 * (2 * k - 1),
            values,
            _MARKS[k],
            color=look.colour(k),
            ms=7,
            label=look.say(what),
        )
        lows += [*values, mean - sd]
    axes.set_xticks(numbers)
    axes.set_xlim(min(numbers) - 0.5, max(numbers) + 0.5)
    axes.set_xlabel(look.say(sentence("Fold")))
    axes.set_ylim(max(0.0, min(lows) - 0.08), 1.02)
    axes.grid(axis="y", color=look.line, lw=0.6)
    _legend(axes, look, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)
    return _png(figure, look)


def forgetting(found: Comparison, look: Look) -> bytes:
    """Recall of each class the champion knew: the champion's, and the new model's."""
    figure, axes = _begin(look)
    rows = np.arange(len(found.forgetting))[::-1]
    before = np.array([one.before for one in found.forgetting])
    after = np.array([one.after for one in found.forgetting])
    axes.hlines(rows, before, after, color=look.quiet, lw=2)
    shown = (
        (sentence("Model in force"), before, 11, "none"),
        (sentence("New model"), after, 6, None),
    )
    for k, (what, x, size, fill) in enumerate(shown):  # the ring shows where both are alike
        axes.plot(
            x,
            rows,
            _MARKS[k],
            ms=size,
            mew=1.8,
            color=look.colour(k),
            markerfacecolor=fill or look.colour(k),
            label=look.say(what),
        )
    names = [f"{_short(one.name)} ({one.images})" for one in found.forgetting]
    axes.set_yticks(rows, names)
    axes.set_ylim(-0.6, max(len(rows) - 0.4, 0.6))
    _share_axis(axes, [Estimate(value=float(x)) for x in (*before, *after)], look)
    axes.set_xlabel(look.say(sentence("Recall")))
    _legend(axes, look, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)
    return _png(figure, look)


def bars(
    along: Sequence[str], what: str, series: Mapping[str, Mapping[str, Spread]], look: Look
) -> bytes:
    """Accuracy of runs beside each other: groups along a setting, a colour a series, their
    standard deviation as a line; (mean, deviation) in shares, nothing where there is no run."""
    figure, axes = _begin(look)
    wide = 0.8 / max(len(series), 1)
    for k, (name, found) in enumerate(series.items()):
        at = [along.index(one) + (k - (len(series) - 1) / 2) * wide for one in found]
        means = [mean for mean, _ in found.values()]
        spread = [deviation or 0.0 for _, deviation in found.values()]
        hatch = _HATCHES[k // len(_LINES_LIGHT) % len(_HATCHES)]  # where the colours run out
        colour = {"color": look.colour(k), "edgecolor": look.ground, "hatch": hatch}
        axes.bar(at, means, 0.9 * wide, label=_short(name), **colour)
        axes.errorbar(at, means, spread, fmt="none", ecolor=look.ink, elinewidth=1.2, capsize=3)
    axes.set_xticks(range(len(along)), along)
    axes.set_xlabel(look.say(what))
    axes.set_ylabel(look.say(sentence("Accuracy")))
    axes.set_ylim(0, 1.02)
    axes.grid(axis="y", color=look.line, lw=0.6)
    axes.set_axisbelow(True)
    if len(series) > 1:
        _legend(axes, look, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3)
    return _png(figure, look)


def _begin(look: Look) -> tuple[Any, Any]:
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    size = (look.width / _DPI, look.height / _DPI)
    layout: Any = ConstrainedLayoutEngine(w_pad=_PAD, h_pad=_PAD)
    figure = Figure(size, dpi=_DPI, facecolor=look.ground, layout=layout)
    axes = figure.add_subplot(facecolor=look.ground)
    for spine in axes.spines.values():
        spine.set_color(look.line)
    return figure, axes


def _unit_square(axes: Any, look: Look) -> None:
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
    axes.grid(color=look.line, lw=0.6)
    axes.set_axisbelow(True)


def _share_axis(axes: Any, shown: list[Estimate], look: Look) -> None:
    """From a little below the lowest figure to 1: what lies near 1 can be told apart."""
    values = [one.low if one.low is not None else one.value for one in shown]
    lowest = min((value for value in values if value is not None), default=0.0)
    axes.set_xlim(max(-0.02, lowest - 0.05), 1.02)
    axes.grid(axis="x", color=look.line, lw=0.6)
    axes.set_axisbelow(True)


def _reach(given: list[Estimate]) -> Any:
    """How far each interval reaches below and above its figure, (2, n)."""
    return np.array(
        [
            (
                max((one.value or 0) - (one.low if one.low is not None else one.value or 0), 0),
                max((one.high if one.high is not None else one.value or 0) - (one.value or 0), 0),
            )
            for one in given
        ]
    ).T.reshape(2, len(given))


def _legend(axes: Any, look: Look, **how: Any) -> None:
    size = 9 if len(axes.get_legend_handles_labels()[1]) <= 8 else 7
    legend = axes.legend(frameon=False, fontsize=size, labelcolor=look.ink, **how)
    if legend.get_title().get_text():
        legend.get_title().set(color=look.quiet, size=9)


def _short(name: str) -> str:
    name = " ".join(name.split())
    if len(name) <= _LONGEST:
        return name
    return f"{name[: _LONGEST - 9]}…{name[-8:]}"  # designs of one maker often differ at the end


def _png(figure: Any, look: Look) -> bytes:
    from matplotlib.text import Text

    families = _families()
    for text in figure.findobj(Text):
        text.set_fontfamily(families)
        text.set_parse_math(False)  # a class may have a dollar sign in its name
    for axes in figure.axes:
        axes.tick_params(colors=look.quiet, labelcolor=look.ink, labelsize=9)
        axes.xaxis.label.set(color=look.ink, size=9)
        axes.yaxis.label.set(color=look.ink, size=9)
    out = BytesIO()
    with warnings.catch_warnings():  # a letter that no typeface here has is drawn as a box
        warnings.filterwarnings("ignore", message="Glyph .* missing")
        warnings.filterwarnings("ignore", message="constrained_layout not applied")  # tiny window
        figure.savefig(out, format="png", dpi=_DPI * look.scale, metadata={"Software": None})
    return out.getvalue()


@lru_cache(maxsize=1)
def _families() -> list[str]:
    from matplotlib import font_manager

    font = korean_font()
    if font is None:
        return ["DejaVu Sans"]
    font_manager.fontManager.addfont(str(font))
    return ["DejaVu Sans", font_manager.FontProperties(fname=str(font)).get_name()]
