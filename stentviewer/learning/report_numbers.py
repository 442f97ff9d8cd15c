"""Figures as they stand in a report and in the window, no finer than they are known."""

from __future__ import annotations

from stentviewer.learning.result_parts import Estimate

NOT_KNOWN = "–"


def figure(given: Estimate) -> str:
    """ "0.931 (0.902–0.954)"; without the interval where there is none."""
    if given.value is None:
        return NOT_KNOWN
    if given.low is None or given.high is None:
        return f"{given.value:.3f}"
    return f"{given.value:.3f} ({given.low:.3f}–{given.high:.3f})"


def difference(given: Estimate) -> str:
    """ "+0.015 (-0.006 … +0.036)"."""
    if given.value is None:
        return NOT_KNOWN
    if given.low is None or given.high is None:
        return _signed(given.value)
    return f"{_signed(given.value)} ({_signed(given.low)} … {_signed(given.high)})"


def _signed(value: float, digits: int = 3) -> str:
    text = f"{value:+.{digits}f}"
    return text if float(text) else text[1:]  # a hyphen: the PDF's typeface has no minus


def mean_and_deviation(mean: float, deviation: float | None) -> str:
    """ "0.931 ± 0.012"."""
    return f"{mean:.3f}" if deviation is None else f"{mean:.3f} ± {deviation:.3f}"


def p_value(p: float | None) -> str:
    """Three digits, "<0.001" below them."""
    if p is None:
        return NOT_KNOWN
    return "<0.001" if p < 0.001 else f"{p:.3f}"


def points(share: float) -> str:
    """A difference of shares in percentage points: "+1.2", "-0.4", "0.0"."""
    return _signed(100 * share, 1)


def seconds(time: float) -> str:
    """ "41.2 s", "3 min 5 s", "2 h 10 min"."""
    if round(time, 1) < 60:
        return f"{time:.1f} s"
    minutes, rest = divmod(round(time), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def memory(size: int) -> str:
    """Bytes as GB or MB of 10^9 and 10^6."""
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"


def joules(energy: float) -> str:
    """ "8.1 kJ"; from a hundredth of a kilowatt hour on "0.12 kWh"."""
    if energy >= 36e3:
        return f"{energy / 3.6e6:.2f} kWh"
    return f"{energy / 1e3:.1f} kJ" if energy >= 1e3 else f"{energy:.0f} J"
