"""Every way to explain one model's word on one stent, and why a model cannot be explained so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from stentviewer.core.errors import KnownError
from stentviewer.core.jobs import JobContext, Progress
from stentviewer.core.sentences import sentence
from stentviewer.core.types import Box, FloatArray
from stentviewer.explain.cam import GRAD_CAM, GRAD_CAM_PP, class_map, class_map_plus_plus
from stentviewer.explain.checks import Check, Seen, check_map
from stentviewer.explain.deletion import PASSES_A_MAP, PASSES_A_PICTURE, Hidden
from stentviewer.explain.hiding import Passes, log_odds, probability
from stentviewer.explain.occlusion import METHOD as OCCLUSION
from stentviewer.explain.occlusion import PLACES, occlusion, over_the_square
from stentviewer.explain.stability import PASSES as PASSES_OF_VARIANTS
from stentviewer.inference.bundle import HEAD, SAFETENSORS, Bundle
from stentviewer.inference.preprocess import Prepared

if TYPE_CHECKING:
    from stentviewer.explain.attention_torch import AttentionMaps
    from stentviewer.inference.runtimes.base import Runtime

ROLLOUT: Final = "Attention rollout"
CLASS_TOKEN: Final = "Class token attention"  # noqa: S105 - a transformer's token, no password
METHODS: Final = (GRAD_CAM, GRAD_CAM_PP, OCCLUSION, ROLLOUT, CLASS_TOKEN)
_SQUARE: Final = Box(0, 0, 1, 1)


@dataclass(frozen=True, slots=True, eq=False)
class Explained:
    """One map (h, w) over the network's square and how it fared, or why there is none."""

    method: str
    values: FloatArray | None = None
    check: Check | None = None
    why_not: str = ""


class Explainer:
    """One model, ready to be asked why. A model whose map is free never loads torch."""

    def __init__(self, bundle: Bundle, runtime: Runtime) -> None:
        self.bundle, self._runtime = bundle, runtime
        self._network: Any = None  # torch's, built when it is first needed

    def map_of(
        self, method: str, wanted: int, passes: Passes
    ) -> Callable[[FloatArray], FloatArray]:
        """What makes a tensor (1, 3, side, side) into the method's map (h, w), 0…1, of a class.

        Raises KnownError, with the sentence to be shown, where this model has no such map.
        """
        if method in (GRAD_CAM, GRAD_CAM_PP):
            return self._cam(method == GRAD_CAM_PP, wanted, passes)
        if method in (ROLLOUT, CLASS_TOKEN):
            return self._attention(method, passes)
        return self._occlusion(wanted, passes)

    def _cam(
        self, plus_plus: bool, wanted: int, passes: Passes
    ) -> Callable[[FloatArray], FloatArray]:
        if self.bundle.has(HEAD):
            row = self.bundle.head()[0][wanted]
            closed = class_map_plus_plus if plus_plus else class_map
            return lambda tensor: closed(passes.run(tensor).activation, row)
        self._load()
        from stentviewer.explain.gradcam_torch import grad_cam, last_map

        network, layer, as_map = last_map(self._network)

        def made(tensor: FloatArray) -> FloatArray:
            passes.count()
            return grad_cam(network, layer, tensor, wanted, plus_plus=plus_plus, as_map=as_map)

        return made

    def _attention(self, method: str, passes: Passes) -> Callable[[FloatArray], FloatArray]:
        if self.bundle.has(HEAD):  # scores are the mean of a map: no class token gathers them
            raise KnownError(
                sentence(
                    "{model} is a {architecture}, which has no class token: it has no attention "
                    "to show.",
                    model=self.bundle.manifest.name,
                    architecture=self.bundle.manifest.architecture,
                )
            )
        self._load()
        from stentviewer.explain.attention_torch import attention_maps, must_have_class_token

        must_have_class_token(self._network)

        def made(tensor: FloatArray) -> FloatArray:
            passes.count()
            found: AttentionMaps = attention_maps(self._network, tensor)
            return found.rollout if method == ROLLOUT else found.class_token

        return made

    def _occlusion(self, wanted: int, passes: Passes) -> Callable[[FloatArray], FloatArray]:
        def made(tensor: FloatArray) -> FloatArray:
            temperature = self.bundle.manifest.temperature
            prepared = Prepared(tensor, _SQUARE)
            begun = passes.done

            def report(progress: Progress) -> None:
                passes.done = begun + progress.done
                passes.tell()

            job = JobContext(report, passes.context.cancelled)
            heat = occlusion(self._runtime, prepared, wanted, temperature, job).heat
            return over_the_square(heat)

        return made

    def _load(self) -> None:
        if self._network is not None:
            return
        from stentviewer.inference.runtimes import torch_runtime

        lacking = torch_runtime.missing()
        if lacking:
            raise KnownError(sentence("torch cannot be used: install {lacking}.", lacking=lacking))
        if not self.bundle.has(SAFETENSORS):
            raise KnownError(
                sentence(
                    "The model {model} has no {file}, so only its probability can be asked for.",
                    model=self.bundle.manifest.name,
                    file=SAFETENSORS,
                )
            )
        self._network = torch_runtime.build_network(self.bundle)


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """One model on one stent: its most probable class, or the one it was asked for, and why."""

    label: str
    probability: float
    maps: tuple[Explained, ...]


def explain(
    explainer: Explainer,
    runtime: Runtime,
    seen: Seen,
    wanted: int | None = None,
    methods: tuple[str, ...] = METHODS,
    context: JobContext | None = None,
) -> Answer:
    """Make and check every map that the model has of a stent; `wanted` is a class's index.

    Each map is checked by its own deletion and insertion against the same random orders; whether
    it is stable is measured where a map takes one pass. About `cost(methods)` passes. Raises
    Cancelled, and KnownError where the network fails.
    """
    bundle = explainer.bundle
    passes = Passes(runtime, context or JobContext(), cost(methods))
    scores = passes.run(seen.tensor).scores
    index = int(np.argmax(scores)) if wanted is None else wanted
    temperature = bundle.manifest.temperature
    hidden = Hidden(seen.tensor, index, temperature, passes)
    maps = tuple(_one(explainer, method, seen, index, hidden, passes) for method in methods)
    passes.end()
    sure = probability(log_odds(scores, index, temperature))
    return Answer(bundle.labels[index], sure, maps)


def cost(methods: tuple[str, ...]) -> int:
    """Passes that `explain` takes for a model that has all of these maps."""
    each = 1 + PASSES_A_MAP + PASSES_OF_VARIANTS
    slow = PLACES + 2 - PASSES_OF_VARIANTS if OCCLUSION in methods else 0
    return 1 + PASSES_A_PICTURE + len(methods) * each + slow


def _one(
    explainer: Explainer, method: str, seen: Seen, wanted: int, hidden: Hidden, passes: Passes
) -> Explained:
    try:
        map_of = explainer.map_of(method, wanted, passes)
    except KnownError as error:
        return Explained(method, why_not=str(error))
    asked = method != OCCLUSION  # three times as many passes again would tell little
    values, check = check_map(seen, map_of, hidden, is_stable_asked=asked)
    return Explained(method, values, check)
