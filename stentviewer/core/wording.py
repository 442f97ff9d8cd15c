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


def _say(finding: Finding) -> str:
    name = f"no maker stands out, nearest {finding.maker}" if finding.unknown else finding.maker
    others = not_excluded(finding)
    also = f", not excluded: {', '.join(others)}" if others else ""
    return f"{name} {finding.probability:.2f}{also}"


def show_name(name: str, ideographic: str) -> str:
    """A patient's name without DICOM's carets, the native form first; empty where there is none."""
    forms = (" ".join(form.replace("^", " ").split()) for form in (ideographic, name))
    return "  ".join(form for form in forms if form)
