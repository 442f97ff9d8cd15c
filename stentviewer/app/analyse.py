"""A reading from end to end: prepare, one pass of the network, explain, interpret."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from stentviewer.core.errors import KnownError, UserError
from stentviewer.core.jobs import JobContext
from stentviewer.core.sentences import sentence
from stentviewer.core.types import HeatMap, Reading
from stentviewer.explain.cam import class_map
from stentviewer.imaging.image import Radiograph
from stentviewer.inference.bundle import HEAD, Bundle
from stentviewer.inference.preprocess import Prepared
from stentviewer.inference.runtimes.base import Output, Runtime
from stentviewer.tasks import stent_maker

_STAGES = 3


def read_stents(
    radiograph: Radiograph,
    frame: int,
    bundle: Bundle,
    runtime: Runtime,
    context: JobContext | None = None,
) -> Reading:
    """Read the stent on one frame (counted from 0) of a radiograph.

    The heat map costs nothing beyond the pass that gives the scores. `seconds` holds the stages
    "prepare", "network" and "explain" and their "total". Raises UserError for a frame that the
    image does not have or a model for another task, KnownError where the model or the machine
    fails, Cancelled where the person cancels.
    """
    _check(radiograph, frame, bundle)
    context = context or JobContext()
    marks = [time.perf_counter()]
    context.step(0, _STAGES, "Preparing the image")
    prepared = stent_maker.prepare(radiograph, frame, bundle)
    marks.append(time.perf_counter())
    context.step(1, _STAGES, "Reading")
    output = runtime.run(prepared.tensor)
    marks.append(time.perf_counter())
    context.step(2, _STAGES, "Explaining")
    heat = explain(output, prepared, bundle)
    findings = stent_maker.interpret(output, prepared, bundle, heat)
    marks.append(time.perf_counter())
    context.step(3, _STAGES, "Done")
    return Reading(
        task=stent_maker.TASK,
        model=bundle.ref,
        frame=frame,
        findings=findings,
        heat=heat,
        seconds=_seconds(marks),
        device=runtime.device,
        created=datetime.now(UTC),
        notes=_notes(heat),
    )


def explain(output: Output, prepared: Prepared, bundle: Bundle) -> HeatMap | None:
    """The heat map of the most probable class; None for a model without its last layer.

    Raises KnownError where the last layer does not fit the network.
    """
    if not bundle.has(HEAD):
        return None
    weight, _ = bundle.head()
    if weight.shape[1] != output.activation.shape[0]:
        raise KnownError(
            sentence(
                "The model {model} is not used: {file} does not fit its network. Install the "
                "model again.",
                model=bundle.manifest.id,
                file=HEAD,
            )
        )
    values = class_map(output.activation, weight[int(output.scores.argmax())])
    return HeatMap(values, prepared.extent, "Grad-CAM")


def _check(radiograph: Radiograph, frame: int, bundle: Bundle) -> None:
    count, name = len(radiograph.frames), radiograph.header.path.name
    if not 0 <= frame < count:
        frames = sentence("one frame") if count == 1 else sentence("{n} frames", n=count)
        raise UserError(
            sentence(
                "{name} has {frames}; there is no frame {n}. Ask for an earlier one.",
                name=name,
                frames=frames,
                n=frame + 1,
            )
        )
    if bundle.manifest.task != stent_maker.TASK:
        raise UserError(
            sentence(
                "The model {model} is for {task}, not for {wanted}. Choose another model.",
                model=bundle.manifest.id,
                task=bundle.manifest.task,
                wanted=stent_maker.TASK,
            )
        )


def _seconds(marks: list[float]) -> dict[str, float]:
    names = ("prepare", "network", "explain")
    stages = {
        name: round(stop - start, 4)
        for name, start, stop in zip(names, marks, marks[1:], strict=False)
    }
    return {**stages, "total": round(marks[-1] - marks[0], 4)}


def _notes(heat: HeatMap | None) -> tuple[str, ...]:
    if heat is None:
        return (sentence("This model cannot show where it looked."),)
    if not heat.values.any():
        return (sentence("The heat map is empty: no place in the image speaks for this maker."),)
    return ()
