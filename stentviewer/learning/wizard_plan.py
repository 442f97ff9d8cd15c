"""What changes among a model's classes, added, renamed, merged, retired; and whose images they are.

A plan is data: each change gives another plan, so that a step back is the former one.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Final

from pydantic import BaseModel, ConfigDict

from stentviewer.core.answers import ANSWERS
from stentviewer.core.errors import UserError
from stentviewer.core.sentences import sentence
from stentviewer.learning.recipe import ClassSpec

LONGEST_NAME: Final = 64  # what DICOM allows a code's meaning (VR LO)
LEFT_OUT: Final = ""  # the class of images that are not learned from


class Plan(BaseModel):
    """The classes of the new model beside those of the start model (`known`).

    labels says what images of a label count as where their label alone does not: the name of a
    class, or `LEFT_OUT`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    known: tuple[str, ...] = ()
    classes: tuple[ClassSpec, ...] = ()
    labels: dict[str, str] = {}  # pydantic copies it

    @classmethod
    def of(cls, known: Sequence[str], manufacturers: Sequence[str] = ()) -> Plan:
        """Nothing changes: each class of the start model goes on as itself."""
        kept = tuple(
            ClassSpec(name=name, manufacturer=maker, before=(name,))
            for name, maker in zip(known, manufacturers or known, strict=True)
        )
        return cls(known=tuple(known), classes=kept)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(spec.name for spec in self.classes)

    @property
    def new(self) -> tuple[str, ...]:
        """The classes that begin with nothing of the start model's."""
        return tuple(spec.name for spec in self.classes if not spec.before)

    @property
    def retired(self) -> tuple[str, ...]:
        """The start model's classes that the new model will not know."""
        kept = {name for spec in self.classes for name in spec.before}
        return tuple(name for name in self.known if name not in kept)

    @property
    def is_as_before(self) -> bool:
        """Whether the classes are those of the start model."""
        return tuple(spec.before for spec in self.classes) == tuple((n,) for n in self.known) and (
            self.names == self.known
        )

    def spec(self, name: str) -> ClassSpec:
        """Raises KeyError where there is no such class."""
        for spec in self.classes:
            if spec.name == name:
                return spec
        raise KeyError(name)

    def is_free(self, name: str) -> bool:
        """Whether a class may be called that."""
        try:
            self._free(name)
        except UserError:
            return False
        return True

    # changes

    def add(self, name: str, manufacturer: str = "") -> Plan:
        """A new design. Raises UserError for a name that is taken or none."""
        name = self._free(name)
        spec = ClassSpec(name=name, manufacturer=" ".join(manufacturer.split()) or name)
        labels = {label: to for label, to in self.labels.items() if label != name}
        return self._with(classes=(*self.classes, spec), labels=labels)

    def rename(self, name: str, to: str) -> Plan:
        """Another name for a class; it keeps its images. Raises UserError as `add`."""
        if to == name:
            return self
        to = self._free(to, but=(name,))
        return self._replace((name,), self.spec(name).model_copy(update={"name": to}))

    def merge(self, names: Sequence[str], to: str) -> Plan:
        """Several classes as one. Raises UserError for fewer than two or a name that is taken."""
        if len(set(names)) < 2:
            raise UserError(sentence("Choose two classes or more to merge them."))
        to = self._free(to, but=tuple(names))
        merged = [spec for spec in self.classes if spec.name in names]
        makers = {spec.manufacturer for spec in merged}
        spec = ClassSpec(
            name=to,
            manufacturer=makers.pop() if len(makers) == 1 else to,
            before=tuple(old for spec in merged for old in spec.before),
        )
        return self._replace(tuple(one.name for one in merged), spec)

    def retire(self, name: str) -> Plan:
        """The new model does not know this class; a new design is dropped from the plan."""
        kept = tuple(spec for spec in self.classes if spec.name != name)
        labels = {label: to for label, to in self.labels.items() if to != name}
        return self._with(classes=kept, labels=labels)

    def restore(self, known: str) -> Plan:
        """A retired class comes back under its old name. Raises UserError where that is taken."""
        name = self._free(known)
        spec = ClassSpec(name=name, manufacturer=name, before=(known,))
        return self._with(classes=(*self.classes, spec))

    def count(self, label: str, to: str) -> Plan:
        """Images of this label belong to a class, or to none (`LEFT_OUT`)."""
        if to and to not in self.names:
            raise KeyError(to)
        return self._with(labels={**self.labels, label: to})

    # whose images

    def class_of(self, label: str) -> str | None:
        """The class that images of a label belong to, `LEFT_OUT`, or None while nobody has said.

        A renamed or merged class takes the images of its old names; a retired one's are left out.
        """
        if label in self.labels:
            return self.labels[label]
        if label in self.names:
            return label
        for spec in self.classes:
            if label in spec.before:
                return spec.name
        if label in self.known:
            return LEFT_OUT
        alike = [name for name in self.names if _plain(name) == _plain(label)]
        return alike[0] if len(alike) == 1 else None

    def undecided(self, labels: Sequence[str]) -> tuple[str, ...]:
        """Those of the labels whose images have no class yet."""
        return tuple(label for label in dict.fromkeys(labels) if self.class_of(label) is None)

    def _replace(self, gone: tuple[str, ...], spec: ClassSpec) -> Plan:
        """One class in the place of the first of some; what counted as them counts as it."""
        place = min(i for i, one in enumerate(self.classes) if one.name in gone)
        kept = [one for one in self.classes if one.name not in gone]
        kept.insert(place, spec)
        labels = {label: spec.name if to in gone else to for label, to in self.labels.items()}
        labels.update({name: spec.name for name in gone if name not in labels})
        labels.pop(spec.name, None)
        return self._with(classes=tuple(kept), labels=labels)

    def _with(self, **changes: object) -> Plan:
        return self.model_copy(update=changes)

    def _free(self, name: str, but: tuple[str, ...] = ()) -> str:
        """The name without stray spaces; raises UserError where it cannot be a class's."""
        name = " ".join(unicodedata.normalize("NFC", name).split())
        if not name or not name.isprintable():
            raise UserError(sentence("Give the class a name."))
        if len(name) > LONGEST_NAME:
            raise UserError(
                sentence(
                    "“{name}” is too long: a name has up to {n} characters.",
                    name=f"{name[:LONGEST_NAME]}…",
                    n=LONGEST_NAME,
                )
            )
        if _plain(name) in {_plain(answer) for answer in ANSWERS}:
            raise UserError(
                sentence("“{name}” is an answer of its own. Choose another name.", name=name)
            )
        taken = {_plain(one) for one in self.names if one not in but}
        if _plain(name) in taken:
            raise UserError(
                sentence("There is a class “{name}” already. Choose another name.", name=name)
            )
        return name


def _plain(name: str) -> str:
    """What has to differ between two names: no case, no spaces, no hyphens."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(c for c in folded if c not in " -_")
