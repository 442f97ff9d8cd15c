"""What a reader may answer: the name of a maker, several of them, or what stands for none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from stentviewer.core.types import Finding, Reading

NO_STENT = "no stent"
OTHER_DESIGN = "another design"  # a stent of none of the model's makers
CANNOT_TELL = "cannot tell"
ANSWERS = (NO_STENT, OTHER_DESIGN, CANNOT_TELL)

AND = " + "  # between the answers for the stents of one frame, in the order of their cards


def joined(parts: Iterable[str]) -> str:
    """Answers for the single stents of a frame as its one answer: "NITI-S + Epic".

    Where every stent is answered with "no stent" there is none on the frame.
    """
    kept = tuple(parts)
    return AND.join(kept) if set(kept) - {NO_STENT} else NO_STENT


def parts_of(answer: str) -> tuple[str, ...]:
    """The answers for the single stents, in order; empty for an empty answer."""
    return tuple(answer.split(AND)) if answer else ()


def makers_of(answer: str) -> tuple[str, ...]:
    """The different designs that an answer names, in order, "another design" among them."""
    no_design = (NO_STENT, CANNOT_TELL)
    return tuple(dict.fromkeys(part for part in parts_of(answer) if part not in no_design))


def only_maker(answer: str) -> str:
    """The one design that every stent of the frame is of; empty where there is no such one.

    A label of a whole frame can teach a model only then: of a frame with two designs it does not
    say which stent is of which, and of one that could not be told in part it does not say all.
    """
    designs = makers_of(answer)
    return designs[0] if len(designs) == 1 and CANNOT_TELL not in parts_of(answer) else ""


def agree(one: str, other: str) -> bool | None:
    """Whether two answers name the same designs, whatever their order and number.

    None where one of them is no answer or cannot tell: that is no disagreement.
    """
    if not one or not other or CANNOT_TELL in (*parts_of(one), *parts_of(other)):
        return None
    return set(makers_of(one)) == set(makers_of(other))


def answer_of(reading: Reading) -> str:
    """A reading as one answer, to be held against a reader's: that of its findings in order.

    An image that the model refused is one it cannot tell; that is not "no stent".
    """
    if reading.refusal:
        return CANNOT_TELL
    return joined(map(answer_to, reading.findings))


def answer_to(finding: Finding) -> str:
    """What the model answers for one stent."""
    return OTHER_DESIGN if finding.unknown else finding.maker


def with_part(answer: str, findings: Sequence[Finding], place: int, said: str) -> str:
    """The frame's answer once a reader has said what the stent at `place` (from 0) is.

    What `answer`, the one in force, says of the others stays. Where it does not speak of as many
    stents as the model found, they stand as the model read them, and what it read as unknown is
    still to be told.
    """
    parts = list(parts_of(answer))
    if len(parts) != len(findings):
        parts = [CANNOT_TELL if one.unknown else one.maker for one in findings]
    parts[place] = said
    return joined(parts)
