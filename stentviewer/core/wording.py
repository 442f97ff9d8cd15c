"""Sentences that have to read the same wherever they stand: report, picture, command line."""

from __future__ import annotations

from collections.abc import Sequence

from stentviewer.core.sentences import Sentence, sentence, template
from stentviewer.core.types import Finding, Reading

RESEARCH_USE = template("For research use, not for primary diagnosis")


def say_reading(reading: Reading) -> str:
    """A reading in one line: its findings, or that the model refused the image and why."""
    if reading.refusal:
        return sentence("not read: {reason}", reason=reading.refusal)
    return say_findings(reading.findings)


def say_findings(findings: Sequence[Finding]) -> str:
    """What was found in one line, no surer than the model: "NITI-S 0.93, not excluded: EGIS"."""
    said = [_say(finding) for finding in findings]
    if len(said) < 2:
        return said[0] if said else sentence("no stent found")
    return sentence("{n} stents: {stents}", n=len(said), stents=_listed(said))


def _listed(said: Sequence[Sentence]) -> Sentence:
    """Apart by semicolons, since commas are within them; each part still known."""
    if len(said) == 1:
        return said[0]
    return sentence("{first}; {rest}", first=said[0], rest=_listed(said[1:]))


def not_excluded(finding: Finding) -> list[str]:
    """The makers that stay possible beside the most probable one."""
    return [maker for maker in finding.prediction_set if maker != finding.maker]


def is_strange(finding: Finding) -> bool:
    """Whether it lies too far from every known design, so that probabilities say nothing."""
    return finding.unknown and finding.distance is not None and finding.distance > 1


def show_distance(distance: float) -> str:
    """How far from the nearest known design, as a multiple of the farthest that counts as one."""
    return f"{distance:.1f}" if distance < 99.95 else ">99"


def show_probability(probability: float) -> str:
    """Two digits, but never 0 or 1: no model is that sure."""
    if probability >= 0.995:
        return ">0.99"
    return "<0.01" if probability < 0.005 else f"{probability:.2f}"


def _say(finding: Finding) -> Sentence:
    maker, p = finding.maker, show_probability(finding.probability)
    others = tuple(not_excluded(finding))
    if is_strange(finding):
        return sentence("unknown design, nearest {maker}", maker=maker)
    if finding.unknown and others:
        return sentence(
            "no maker stands out, nearest {maker} {p}, not excluded: {others}",
            maker=maker,
            p=p,
            others=others,
        )
    if finding.unknown:
        return sentence("no maker stands out, nearest {maker} {p}", maker=maker, p=p)
    if others:
        return sentence("{maker} {p}, not excluded: {others}", maker=maker, p=p, others=others)
    return sentence("{maker} {p}", maker=maker, p=p)


def show_name(name: str, ideographic: str) -> str:
    """A patient's name without DICOM's carets, the native form first; empty where there is none."""
    forms = (" ".join(form.replace("^", " ").split()) for form in (ideographic, name))
    return "  ".join(form for form in forms if form)


# The audit trail is kept as text, in English; these are its words, for a window in another
# language. Those of its sentences that are made with `sentence` are not repeated here.
TRAIL = (
    template("library made"),
    template("library upgraded"),
    template("schema version {n}"),
    template("library"),
    template("image added"),
    template("images added"),
    template("image moved"),
    template("images moved"),
    template("image removed"),
    template("images removed"),
    template("image put back"),
    template("images put back"),
    template("{formats}, SHA-256 {digest}"),
    template("{formats}, {n} files"),
    template("images {first} to {last}"),
    template("{n} images"),
    template("presentation added"),
    template("presentation moved"),
    template("presentation {n}"),
    template("SHA-256 {digest}"),
    template("study opened"),
    template("study {n}"),
    template("reading saved"),
    template("reading {n}"),
    template("{model} said {words}"),
    template("explanation saved"),
    template("label accepted"),
    template("label corrected"),
    template("label cleared"),
    template("label committed"),
    template("undo"),
    template("redo"),
    template("answer committed"),
    template("{answer}, confidence {n}"),
    template("switched towards the model"),
    template("switched away from the model"),
    template("switched to a third answer"),
    template("from {before} to {after}, {seconds} s after the reveal"),
    template("sealed"),
    template("sealed reading"),
    template("sealed reading on"),
    template("sealed reading off"),
    template("measurement drawn"),
    template("measurement changed"),
    template("measurement removed"),
    template("length"),
    template("angle"),
    template("ellipse"),
    template("rectangle"),
    template("polygon"),
    template("freehand"),
    template("probe"),
    template("stent"),
    template("calibration"),
)
