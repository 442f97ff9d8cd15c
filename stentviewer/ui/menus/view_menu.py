"""The View menu: the heat map, the layout, what stands around the image."""

from stentviewer.ui.i18n import QT_TRANSLATE_NOOP
from stentviewer.ui.menus.spec import VIEW, ActionSpec, image, images

_LAYOUT = QT_TRANSLATE_NOOP("Actions", "Layout")
_LINKS = QT_TRANSLATE_NOOP("Actions", "Linked viewports")
_DRAWN = QT_TRANSLATE_NOOP("Actions", "Over the image")
_PANELS = QT_TRANSLATE_NOOP("Actions", "Panels")

ACTIONS = (
    ActionSpec(
        "heat", QT_TRANSLATE_NOOP("Actions", "Heat map"), VIEW, 0,
        "reading_desk.show_heat", ("H",), "fire",
        lambda now: now.has_heat, checkable=True, toolbar=True,
    ),
    ActionSpec(
        "layout_1x1", QT_TRANSLATE_NOOP("Actions", "One image"), VIEW, 1, "front.set_layout",
        ("Alt+1",), "square", submenu=_LAYOUT, argument="1x1",
    ),
    ActionSpec(
        "layout_1x2", QT_TRANSLATE_NOOP("Actions", "Two beside each other"), VIEW, 1,
        "front.set_layout", ("Alt+2",), "columns", submenu=_LAYOUT, argument="1x2",
    ),
    ActionSpec(
        "layout_2x2", QT_TRANSLATE_NOOP("Actions", "Two by two"), VIEW, 1, "front.set_layout",
        ("Alt+4",), "squares-four", submenu=_LAYOUT, argument="2x2",
    ),
    ActionSpec(
        "layout_2x4", QT_TRANSLATE_NOOP("Actions", "Two rows of four"), VIEW, 1, "front.set_layout",
        ("Alt+8",), "grid-four", submenu=_LAYOUT, argument="2x4",
    ),
    ActionSpec(
        "layout_planes", QT_TRANSLATE_NOOP("Actions", "Axial with sagittal and coronal"), VIEW, 1,
        "opener.use_planes", ("Alt+3",), "layout", lambda now: now.is_volume, submenu=_LAYOUT,
    ),
    ActionSpec(
        "hang", QT_TRANSLATE_NOOP("Actions", "Hang the study by its rule"), VIEW, 1,
        "opener.hang_again", ("Alt+0",), "magic-wand", lambda now: now.has_study,
    ),
    ActionSpec(
        "prior_beside", QT_TRANSLATE_NOOP("Actions", "Prior beside current"), VIEW, 1,
        "opener.prior_beside", ("Alt+P",), "arrows-left-right", lambda now: now.has_prior,
    ),
    ActionSpec(
        "flicker", QT_TRANSLATE_NOOP("Actions", "Flicker with the prior"), VIEW, 1,
        "opener.flicker", ("T",), "swap", lambda now: now.can_flicker,
    ),
    ActionSpec(
        "link_view", QT_TRANSLATE_NOOP("Actions", "Link zoom and pan"), VIEW, 2,
        "front.link_view", ("Alt+Z",), "link", lambda now: now.viewports > 1, checkable=True,
        submenu=_LINKS,
    ),
    ActionSpec(
        "link_window", QT_TRANSLATE_NOOP("Actions", "Link window and level"), VIEW, 2,
        "front.link_window", ("Alt+W",), "link", lambda now: now.viewports > 1, checkable=True,
        submenu=_LINKS,
    ),
    ActionSpec(
        "link_scroll", QT_TRANSLATE_NOOP("Actions", "Link scrolling"), VIEW, 2,
        "front.link_scroll", ("Alt+S",), "link", lambda now: now.viewports > 1, checkable=True,
        submenu=_LINKS,
    ),
    ActionSpec(
        "reference_lines", QT_TRANSLATE_NOOP("Actions", "Reference lines"), VIEW, 2,
        "front.show_reference_lines", ("Alt+L",), "crosshair-simple", checkable=True,
    ),
    ActionSpec(
        "crosshair", QT_TRANSLATE_NOOP("Actions", "Crosshair in all planes"), VIEW, 2,
        "front.planes.use_crosshair", ("Alt+C",), "crosshair", lambda now: now.is_volume,
        checkable=True,
    ),
    ActionSpec(
        "next_viewport", QT_TRANSLATE_NOOP("Actions", "Next viewport"), VIEW, 2,
        "front.next_viewport", ("Ctrl+Tab",), "arrow-right", lambda now: now.viewports > 1,
    ),
    ActionSpec(
        "maximise", QT_TRANSLATE_NOOP("Actions", "This viewport alone"), VIEW, 2,
        "front.maximise", ("Alt+Return",), "corners-out", lambda now: now.viewports > 1,
    ),
    ActionSpec(
        "corners", QT_TRANSLATE_NOOP("Actions", "Corner texts: all, patient, none"), VIEW, 3,
        "looking.look.next_corners", ("F2",), "text-aa", image,
        submenu=_DRAWN,
    ),
    ActionSpec(
        "hide_identity", QT_TRANSLATE_NOOP("Actions", "Hide who the patient is"), VIEW, 3,
        "comfort.hide_identity", ("Shift+F2",), "eye-slash", checkable=True,
        submenu=_DRAWN,
    ),
    ActionSpec(
        "show_drawn", QT_TRANSLATE_NOOP("Actions", "Overlays and presentation states"), VIEW, 3,
        "looking.look.set_show_drawn", (), "scribble-loop", image, checkable=True,
        submenu=_DRAWN,
    ),
    ActionSpec(
        "as_presented", QT_TRANSLATE_NOOP("Actions", "As the presentation state shows it"), VIEW,
        3, "looking.show_as_presented", (), "presentation", lambda now: now.has_drawn,
        checkable=True,
        submenu=_DRAWN,
    ),
    ActionSpec(
        "next_state", QT_TRANSLATE_NOOP("Actions", "Next presentation state"), VIEW, 3,
        "looking.next_state", ("Alt+N",), "presentation", lambda now: now.has_drawn,
        submenu=_DRAWN,
    ),
    ActionSpec(
        "filter", QT_TRANSLATE_NOOP("Actions", "Filter the worklist"), VIEW, 4,
        "focus_filter", ("Ctrl+F",), "magnifying-glass", images,
    ),
    ActionSpec(
        "previous_study", QT_TRANSLATE_NOOP("Actions", "Previous study of the patient"), VIEW, 4,
        "opener.previous_study", ("Ctrl+Left",), "caret-double-left", lambda now: now.has_study,
    ),
    ActionSpec(
        "next_study", QT_TRANSLATE_NOOP("Actions", "Next study of the patient"), VIEW, 4,
        "opener.next_study", ("Ctrl+Right",), "caret-double-right", lambda now: now.has_study,
    ),
    ActionSpec(
        "show_worklist", QT_TRANSLATE_NOOP("Actions", "Worklist"), VIEW, 5,
        "docks.show_worklist", ("F3",), "list", checkable=True,
        submenu=_PANELS,
    ),
    ActionSpec(
        "show_reading", QT_TRANSLATE_NOOP("Actions", "Reading"), VIEW, 5, "docks.show_reading",
        ("F4",), "article", checkable=True,
        submenu=_PANELS,
    ),
    ActionSpec(
        "show_timeline", QT_TRANSLATE_NOOP("Actions", "Time line"), VIEW, 5,
        "docks.show_timeline", ("F5",), "clock-counter-clockwise", checkable=True,
        submenu=_PANELS,
    ),
    ActionSpec(
        "show_measurements", QT_TRANSLATE_NOOP("Actions", "Measurements"), VIEW, 5,
        "docks.show_measurements", ("F6",), "ruler", checkable=True,
        submenu=_PANELS,
    ),
    ActionSpec(
        "show_histogram", QT_TRANSLATE_NOOP("Actions", "Window and histogram"), VIEW, 5,
        "docks.show_histogram", ("F7",), "chart-bar", checkable=True,
        submenu=_PANELS,
    ),
    ActionSpec(
        "new_window", QT_TRANSLATE_NOOP("Actions", "Another viewer window"), VIEW, 6,
        "windows.open_another", ("Ctrl+N",), "app-window", lambda now: now.has_library,
    ),
    ActionSpec(
        "full_screen", QT_TRANSLATE_NOOP("Actions", "Full screen"), VIEW, 6,
        "toggle_full_screen", ("F11",), "corners-out",
    ),
    ActionSpec(
        "use_english", QT_TRANSLATE_NOOP("Actions", "Language: English"), VIEW, 7,
        "comfort.use_english", (), "translate",
    ),
    ActionSpec(
        "use_korean", QT_TRANSLATE_NOOP("Actions", "Language: 한국어"), VIEW, 7,
        "comfort.use_korean", (), "translate",
    ),
)  # fmt: skip
