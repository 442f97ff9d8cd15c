"""The time line of the patient on the screen, kept as it is in the library."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from stentviewer.ui.desk import Desk
from stentviewer.ui.opener import Opener
from stentviewer.ui.panels.timeline import Timeline

if TYPE_CHECKING:
    from stentviewer.app.places import Place


class History(QObject):
    """Asks for the patient's examinations and hangs the one that is chosen."""

    def __init__(self, desk: Desk, opener: Opener, timeline: Timeline) -> None:
        super().__init__(timeline)
        self._desk, self._opener, self._timeline = desk, opener, timeline
        opener.placeChanged.connect(self._show)
        timeline.studyChosen.connect(opener.hang)

    def _show(self, place: Place | None) -> None:
        self._timeline.mark(None if place is None else place.study_id)
        if place is None:
            self._desk.bridge.drop("timeline")
            self._timeline.show_studies(())
        else:
            self.refresh()

    def refresh(self) -> None:
        """Show the patient's examinations as they are now."""
        place = self._opener.place
        if place is None:
            return
        session, patient = self._desk.session, place.patient
        self._desk.bridge.run(
            lambda _: session.timeline(patient),
            self._timeline.show_studies,
            key="timeline",
            title=self.tr("Time line"),
        )
