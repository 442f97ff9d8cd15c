"""Which keys do what: those that the actions come with, changed by the person's choice."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QAction, QKeySequence

from stentviewer.ui import actions as all_actions
from stentviewer.ui.actions import ACTIONS, ActionSpec, translated
from stentviewer.ui.i18n import QT_TRANSLATE_NOOP

_PORTABLE = QKeySequence.SequenceFormat.PortableText

FIXED = (  # on the image, whatever the actions' keys are
    (("Up", "Left"), QT_TRANSLATE_NOOP("Keys", "Previous frame or slice")),
    (("Down", "Right"), QT_TRANSLATE_NOOP("Keys", "Next frame or slice")),
    (("PgUp", "PgDown"), QT_TRANSLATE_NOOP("Keys", "Ten frames or slices")),
    (("Home", "End"), QT_TRANSLATE_NOOP("Keys", "First or last frame or slice")),
    (("Space",), QT_TRANSLATE_NOOP("Keys", "Play or pause cine; held, drag moves the image")),
)

Chosen = Mapping[str, Sequence[str]]  # action's id → its keys, for those that a person changed


def plain(title: str) -> str:
    """A translated title without the menu's & and the …."""
    return re.sub(r"\(&\w\)|&|…", "", title)


def portable(keys: str) -> str:
    """One combination of keys as it is kept ("Ctrl+Shift+Z"); empty where it is none."""
    sequence = QKeySequence.fromString(keys, _PORTABLE)
    return sequence.toString(_PORTABLE) if sequence.count() == 1 else ""


def native(keys: Sequence[str]) -> str:
    """The keys as they are written on this computer."""
    form = QKeySequence.SequenceFormat.NativeText
    return ", ".join(QKeySequence.fromString(one, _PORTABLE).toString(form) for one in keys)


def fixed_use(keys: str) -> str:
    """What these keys do on the image, whatever is chosen; empty for all others."""
    for names, use in FIXED:
        if keys in names:
            return QCoreApplication.translate("Keys", use)
    return ""


class KeyMap:
    """The keys of every action. What a person chose goes before what an action comes with."""

    def __init__(self, chosen: Chosen) -> None:
        self.problems: list[str] = []  # a sentence for each choice that cannot be
        self.chosen: dict[str, tuple[str, ...]] = {}
        for spec in ACTIONS:
            if spec.id in chosen:
                usable = tuple(one for one in chosen[spec.id] if self._usable(spec, one))
                self.chosen[spec.id] = tuple(dict.fromkeys(portable(one) for one in usable))
        self._unknown = {
            name: tuple(keys) for name, keys in chosen.items() if name not in self._by_id()
        }

    def _usable(self, spec: ActionSpec, keys: str) -> bool:
        kept, title = portable(keys), plain(translated(spec.title))
        if not kept:
            text = QCoreApplication.translate("Keys", "“{keys}”, kept for “{action}”, is no key.")
        elif fixed_use(kept):
            text = QCoreApplication.translate(
                "Keys", "“{keys}”, kept for “{action}”, is used on the image itself."
            )
        elif any(kept in others for others in self.chosen.values()):
            text = QCoreApplication.translate(
                "Keys", "“{keys}”, kept for “{action}”, is another action's already."
            )
        else:
            return True
        self.problems.append(text.format(keys=keys, action=title))
        return False

    @staticmethod
    def _by_id() -> dict[str, ActionSpec]:
        return {spec.id: spec for spec in ACTIONS}

    def of(self, spec: ActionSpec) -> tuple[str, ...]:
        """The keys of an action now, in the portable form."""
        if spec.id in self.chosen:
            return self.chosen[spec.id]
        taken = {one for keys in self.chosen.values() for one in keys}
        return tuple(one for one in map(portable, spec.shortcuts) if one not in taken)

    def owner(self, keys: str) -> ActionSpec | None:
        """The action that has these keys."""
        return next((spec for spec in ACTIONS if keys in self.of(spec)), None)

    def use(self, spec: ActionSpec, keys: Sequence[str]) -> None:
        """Give an action these keys; whoever had one of them loses it."""
        for one in keys:
            other = self.owner(one)
            if other is not None and other.id != spec.id:
                self._set(other, tuple(had for had in self.of(other) if had != one))
        self._set(spec, tuple(keys))

    def reset(self, spec: ActionSpec) -> None:
        """The keys that the action came with; whoever had one of them loses it."""
        self.use(spec, tuple(map(portable, spec.shortcuts)))

    def _set(self, spec: ActionSpec, keys: tuple[str, ...]) -> None:
        self.chosen[spec.id] = keys
        if keys == tuple(map(portable, spec.shortcuts)):
            del self.chosen[spec.id]

    def reset_all(self) -> None:
        """Every action as it came."""
        self.chosen.clear()

    def kept(self) -> dict[str, tuple[str, ...]]:
        """What to keep in the settings; the actions of other versions of the program too."""
        return {**self._unknown, **self.chosen}


def apply_shortcuts(made: Mapping[str, QAction], chosen: Chosen) -> list[str]:
    """Give the actions their keys. Returns a sentence for each kept choice that cannot be."""
    keys = KeyMap(chosen)
    for spec in ACTIONS:
        action = made[spec.id]
        action.setShortcuts([QKeySequence.fromString(one, _PORTABLE) for one in keys.of(spec)])
        all_actions.describe(action)
    return keys.problems
