"""The models that can read here, and their networks, opened once."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

from stentviewer.core.errors import KnownError
from stentviewer.core.sentences import sentence
from stentviewer.core.types import ModelRef, Problem

if TYPE_CHECKING:
    from stentviewer.inference.bundle import Bundle
    from stentviewer.inference.catalog import Catalog
    from stentviewer.inference.runtimes.base import Runtime

_KEPT = 2  # networks: the model in force and the one it is compared with


class Models:
    """Bundles for reading stents, found in a catalog. May be called from any thread."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._lock = threading.RLock()
        self._bundles: dict[str, Bundle] = {}  # by id, "" is the usual one
        self._stamp: object = None  # of what decided on the usual one
        self._runtimes: OrderedDict[str, Runtime] = OrderedDict()  # by hash

    def bundle(self, model_id: str = "") -> Bundle:
        """The model with this id, or the usual one. Raises KnownError or UserError without it.

        The usual one is asked for anew once another has been put in force, here or by another
        program, so that a promotion takes effect with the next reading.
        """
        from stentviewer.tasks.stent_maker import TASK

        with self._lock:
            stamp = self._catalog.stamp()
            if stamp != self._stamp:
                former = self._bundles.pop("", None)
                if former is not None:  # found again by its hash
                    self._bundles.setdefault(former.manifest.id, former)
                self._stamp = stamp
            found = self._bundles.get(model_id)
            if found is None:
                catalog = self._catalog
                found = catalog.get(model_id) if model_id else catalog.default(TASK)
                self._bundles[model_id] = found
            return found

    def coverage(self) -> float | None:
        """How often the usual model's sets hold the true maker; None where that is not promised.

        Only a set whose score was chosen on held-out images promises it.
        """
        thresholds = self.bundle().manifest.thresholds
        return None if thresholds.set_score is None else thresholds.set_coverage

    def runtime(self, bundle: Bundle) -> Runtime:
        """The model's network, ready to run. Raises KnownError where it cannot start."""
        from stentviewer.inference.runtimes.choose import open_runtime

        with self._lock:
            if bundle.sha256 not in self._runtimes:
                self._runtimes[bundle.sha256] = open_runtime(bundle)
                if len(self._runtimes) > _KEPT:
                    self._runtimes.popitem(last=False)
            self._runtimes.move_to_end(bundle.sha256)
            return self._runtimes[bundle.sha256]

    def installed(self) -> list[ModelRef]:
        """Every model in order that can read stents, the usual one first; none is no error."""
        from stentviewer.tasks.stent_maker import TASK

        found = [
            bundle.ref
            for bundle in self._catalog.bundles()
            if not isinstance(bundle, Problem) and bundle.manifest.task == TASK
        ]
        usual = self._catalog.in_force(TASK)
        if usual is not None:
            found.sort(key=lambda ref: ref.sha256 != usual.sha256)  # stable: the others as before
        return found

    def that_read(self, model: ModelRef) -> Bundle:
        """The very model of a reading; raises KnownError where it is no longer installed."""
        found = self.find(model)
        if found is None:
            raise KnownError(
                sentence(
                    "The model {model} of this reading is no longer installed here, so it cannot "
                    "be asked again. Press R to read with a model that is.",
                    model=model.short,
                )
            )
        return found

    def find(self, model: ModelRef) -> Bundle | None:
        """The model with this id and hash; None where it is not here."""
        with self._lock:
            for bundle in self._bundles.values():
                if bundle.sha256 == model.sha256:
                    return bundle
        for found in self._catalog.bundles():
            if not isinstance(found, Problem) and found.sha256 == model.sha256:
                return found
        return None
