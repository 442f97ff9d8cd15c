"""What is known of the frame on the screen, and what of it the reader chose to see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from stentviewer.app.frame_facts import FrameFacts
from stentviewer.app.result_sets import ResultSet, Source
from stentviewer.app.sealed import Seal
from stentviewer.core.types import Finding, HeatMap, Label, LabelAction
from stentviewer.explain.occlusion import METHOD as SECOND_MAP

if TYPE_CHECKING:
    from stentviewer.library.records import ImageRecord, ReadingRecord


@dataclass(frozen=True, slots=True)
class FrameState:
    """One frame in one viewport."""

    image: ImageRecord | None = None
    frame: int = 0
    is_readable: bool = True  # False for a volume: the model reads radiographs
    is_known: bool = False  # False until the library has answered
    facts: FrameFacts = field(default_factory=FrameFacts)
    is_reading: bool = False
    failure: str = ""  # why the last reading failed
    is_explaining: bool = False
    explain_failure: str = ""  # why there is no second map
    map_chosen: str = ""  # a map's method; empty is the reading's own
    sets_chosen: frozenset[str] | None = None  # ids of the sets shown; None is the usual ones
    stent_chosen: tuple[int, int] = (0, 0)  # a reading's id and the number of one of its stents

    @property
    def reading(self) -> ReadingRecord | None:
        """The newest reading; None while the frame is sealed."""
        return self.facts.reading

    @property
    def label(self) -> Label | None:
        return self.facts.label

    @property
    def history(self) -> tuple[Label, ...]:
        return self.facts.history

    @property
    def seal(self) -> Seal:
        return self.facts.seal

    @property
    def heats(self) -> Mapping[str, HeatMap]:
        """Every map of the reading by its method, its own first."""
        return self.facts.heats

    @property
    def can_accept(self) -> bool:
        """Whether the model named the maker of every stent, and that was not agreed with yet.

        That there is none can be agreed with, a refusal cannot.
        """
        if self.reading is None or self.is_reading or self.reading.reading.refusal:
            return False
        label = self.label
        is_done = (
            label is not None
            and label.action is LabelAction.ACCEPT
            and label.reading_id == self.reading.id
        )
        return not is_done and not any(one.unknown for one in self.findings)

    @property
    def can_explain(self) -> bool:
        """Whether a second map can be asked for."""
        if self.reading is None or self.is_reading or self.is_explaining:
            return False
        return bool(self.reading.reading.findings) and SECOND_MAP not in self.heats

    @property
    def map_shown(self) -> str:
        """The method of the map that lies over the image, empty where there is none."""
        if self.map_chosen in self.heats:
            return self.map_chosen
        return next(iter(self.heats), "")

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the reading found, in the order of its numbers."""
        return () if self.reading is None else self.reading.reading.findings

    @property
    def stent(self) -> int:
        """The number of the stent that is looked at alone, 0 where all are.

        Where there is only one there is nothing to choose.
        """
        reading_id, number = self.stent_chosen
        if self.reading is None or self.reading.id != reading_id or len(self.findings) < 2:
            return 0
        return number if number <= len(self.findings) else 0

    @property
    def next_stent(self) -> int:
        """The number after the chosen one's; all of them come after the last."""
        return (self.stent + 1) % (len(self.findings) + 1)

    @property
    def heat(self) -> HeatMap | None:
        """The map that lies over the image: of the chosen stent alone where it has one."""
        whole = self.heats.get(self.map_shown)
        if not self.stent or whole is None:
            return whole
        alone = self.findings[self.stent - 1].heat
        return alone if alone is not None and alone.method == whole.method else whole

    @property
    def sets_shown(self) -> tuple[ResultSet, ...]:
        """The sets chosen; until then the newest reading and the newest answer."""
        sets = self.facts.sets
        if self.sets_chosen is None:
            first = (next((one for one in sets if one.source is kind), None) for kind in Source)
            return tuple(one for one in first if one is not None)
        return tuple(one for one in sets if one.id in self.sets_chosen)

    def with_label(self, label: Label | None) -> FrameState:
        """The frame with another label in force, until the library has answered."""
        return replace(self, facts=replace(self.facts, label=label))
