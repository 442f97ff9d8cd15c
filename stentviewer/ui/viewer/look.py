"""What all viewports show in the same way: corners, identity, letters, what others drew."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QObject, Signal

from stentviewer.core.corner_settings import CornerSettings

CornerMode = Literal["all", "patient", "none"]
_MODES: tuple[CornerMode, ...] = ("all", "patient", "none")


class Look(QObject):
    """One for the program: the layers of every viewport read it and follow its changes."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.settings = CornerSettings()
        self.corners: CornerMode = "all"
        self.hide_identity = False
        self.show_drawn = True  # overlays and presentation states

    def use(
        self, settings: CornerSettings, *, hide_identity: bool = False, show_drawn: bool = True
    ) -> None:
        """Take up what the settings say."""
        self.settings = settings
        self.hide_identity, self.show_drawn = hide_identity, show_drawn
        self.changed.emit()

    def next_corners(self) -> None:
        """All the texts, then only whose image it is, then none, then all again."""
        self.corners = _MODES[(_MODES.index(self.corners) + 1) % len(_MODES)]
        self.changed.emit()

    def set_hide_identity(self, hide: bool) -> None:
        """Leave out who the patient is, for sharing the screen."""
        self.hide_identity = hide
        self.changed.emit()

    def set_show_drawn(self, show: bool) -> None:
        """Show or hide overlays and presentation states."""
        self.show_drawn = show
        self.changed.emit()
