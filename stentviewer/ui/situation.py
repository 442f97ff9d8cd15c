"""Which actions are possible now, and which switches are on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stentviewer.ui.menus.spec import Situation
from stentviewer.ui.panels.window import title_of

if TYPE_CHECKING:
    from stentviewer.ui.main_window import MainWindow


def preset_titles(window: MainWindow) -> dict[str, str]:
    """The window preset of each digit for the image in front, by its name."""
    return {str(one.key): title_of(one) for one in window.looking.presets() if one.key}


def situation_of(window: MainWindow, presets: frozenset[str]) -> Situation:
    """As the window stands; `presets` are the digits with a window preset."""
    desk, review = window.desk, window.review
    session = desk.session if desk.has_session else None
    state, place, radiograph = review.state, window.opener.place, window.canvas.radiograph
    return Situation(
        has_library=session is not None,
        has_image=state.image is not None,
        has_study=place is not None,
        is_volume=review.shown is not None and review.shown.volume is not None,
        frames=radiograph.header.frames if radiograph is not None else 1,
        images=0 if window.worklist.is_empty else 1,
        viewports=len(window.front.viewports),
        has_prior=place is not None and place.prior is not None,
        can_flicker=window.opener.can_flicker,
        has_model=desk.model.ref is not None,
        can_read=review.can_read,
        is_reading=state.is_reading,
        has_heat=state.heat is not None,
        can_accept=state.can_accept,
        stents=len(state.findings) if not state.is_reading else 0,
        can_undo=session is not None and session.undo_title is not None,
        can_redo=session is not None and session.redo_title is not None,
        has_drawn=window.looking.has_drawn,
        presets=presets,
        measurements=len(window.measuring.rows),
        measurement_chosen=bool(window.measuring.chosen),
        switches=_switches(window),
    )


def _switches(window: MainWindow) -> frozenset[str]:
    grid = window.front
    switches = {
        "heat": window.reading_desk.heat_on,
        "link_view": grid.links.view,
        "link_window": grid.links.window,
        "link_scroll": grid.links.scroll,
        "reference_lines": grid.reference_lines,
        "crosshair": grid.planes.has_crosshair,
        window.measuring.switch: True,
    }
    on = frozenset(name for name, is_on in switches.items() if is_on)
    return on | window.docks.shown | window.looking.switches
