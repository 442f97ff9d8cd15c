"""The Measure menu: the tools, and what becomes of what they drew."""

from stentviewer.ui.menus.spec import ActionSpec

ACTIONS: tuple[ActionSpec, ...] = ()
