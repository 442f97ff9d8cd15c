"""Sentences that have to read the same wherever they stand: report, picture, command line."""

from __future__ import annotations

from collections.abc import Sequence

from stentviewer.core.types import Finding

RESEARCH_USE = "For research use, not for primary diagnosis"


def say_findings(findings: Sequence[Finding]) -> str:
    """A reading in one line, no surer than the model: "NITI-S 0.93, not excluded: EGIS"."""
    return "; ".join(_say(finding) for finding in findings) or "no stent found"


def not_excluded(finding: Finding) -> list[str]:
    """The makers that stay possible beside the most probable one."""
    return [maker for maker in finding.prediction_set if maker != finding.maker]


def show_probability(probability: float) -> str:
    """Two digits, but never 0 or 1: no model is that sure."""
    if probability >= 0.995:
        return ">0.99"
    return "<0.01" if probability < 0.005 else f"{probability:.2f}"


def _say(finding: Finding) -> str:
    name = f"no maker stands out, nearest {finding.maker}" if finding.unknown else finding.maker
    others = not_excluded(finding)
    also = f", not excluded: {', '.join(others)}" if others else ""
    return f"{name} {show_probability(finding.probability)}{also}"


def show_name(name: str, ideographic: str) -> str:
    """A patient's name without DICOM's carets, the native form first; empty where there is none."""
    forms = (" ".join(form.replace("^", " ").split()) for form in (ideographic, name))
    return "  ".join(form for form in forms if form)
