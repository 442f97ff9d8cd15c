"""What a reader may answer beside the name of a maker."""

from __future__ import annotations

from stentviewer.core.types import Reading

NO_STENT = "no stent"
OTHER_DESIGN = "another design"  # a stent of none of the model's makers
CANNOT_TELL = "cannot tell"
ANSWERS = (NO_STENT, OTHER_DESIGN, CANNOT_TELL)


def answer_of(reading: Reading) -> str:
    """A reading as one answer, to be held against a reader's: that of its surest finding."""
    if not reading.findings:
        return NO_STENT
    top = max(reading.findings, key=lambda finding: finding.probability)
    return OTHER_DESIGN if top.unknown else top.maker
