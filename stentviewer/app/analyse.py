"""A reading from end to end: prepare, one pass of the network, explain, interpret.

A model with a finder takes two steps: a coarse pass over the field says where stents are, then each
is cut out at native resolution and named.
"""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime

from stentviewer.core.errors import KnownError, UserError
from stentviewer.core.jobs import JobContext
from stentviewer.core.sentences import sentence
from stentviewer.core.types import Finding, FloatArray, HeatMap, Reading
from stentviewer.explain.cam import class_map
from stentviewer.imaging.image import Radiograph
from stentviewer.inference.bundle import HEAD, KNOWN, Bundle, FinderSpec
from stentviewer.inference.known import Known, known_of
from stentviewer.inference.preprocess import Prepared
from stentviewer.inference.runtimes.base import Output, Runtime
from stentviewer.inference.runtimes.finder import Finder, FinderOutput, open_finder
from stentviewer.tasks import stent_field, stent_maker
from stentviewer.tasks.stent_crop import Crop, over_field, stent_feature, upon_image
from stentviewer.tasks.stent_field import Field
from stentviewer.tasks.stent_finder import Found

_STAGES = 3
_METHOD = "Grad-CAM"


def read_stents(
    radiograph: Radiograph,
    frame: int,
    bundle: Bundle,
    runtime: Runtime,
    context: JobContext | None = None,
) -> Reading:
    """Read the stents on one frame (counted from 0) of a radiograph.

    The heat maps cost nothing beyond the passes that give the scores. `seconds` holds the stages
    "prepare", "network" and "explain" and their "total"; of a model with a finder "prepare",
    "find", "name" and "explain". Such a model may refuse an image that is none of those it can
    read: that is a reading too. Raises UserError for a frame that the image does not have or a
    model for another task, KnownError where the model or the machine fails, Cancelled where the
    person cancels.
    """
    _check(radiograph, frame, bundle)
    context = context or JobContext()
    spec = bundle.manifest.finder
    if spec is not None:
        return _TwoPasses(radiograph, frame, bundle, runtime, spec, context).read()
    return _read_whole(radiograph, frame, bundle, runtime, context)


def _read_whole(
    radiograph: Radiograph, frame: int, bundle: Bundle, runtime: Runtime, context: JobContext
) -> Reading:
    """The whole field at once, which has one stent."""
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
    weight = _weights(bundle, output)
    if weight is None:
        return None
    values = class_map(output.activation, weight[int(output.scores.argmax())])
    return HeatMap(values, prepared.extent, _METHOD)


def _weights(bundle: Bundle, output: Output) -> FloatArray | None:
    """The last layer (classes, C), None for a model without; raises where it does not fit."""
    if not bundle.has(HEAD):
        return None
    weight, _ = bundle.head()
    if weight.shape[1] != output.activation.shape[0]:
        raise _unfit(bundle, HEAD)
    return weight


def _unfit(bundle: Bundle, file: str) -> KnownError:
    return KnownError(
        sentence(
            "The model {model} is not used: {file} does not fit its network. Install the "
            "model again.",
            model=bundle.manifest.id,
            file=file,
        )
    )


class _TwoPasses:
    """One frame on its way through a model with a finder."""

    def __init__(
        self,
        radiograph: Radiograph,
        frame: int,
        bundle: Bundle,
        runtime: Runtime,
        spec: FinderSpec,
        context: JobContext,
    ) -> None:
        self._radiograph, self._frame = radiograph, frame
        self._bundle, self._runtime, self._spec, self._context = bundle, runtime, spec, context
        self._finder: Finder = open_finder(bundle)
        self._known: Known | None = known_of(bundle)
        self._seconds: dict[str, float] = {}
        self._began = self._mark = time.perf_counter()

    def read(self) -> Reading:
        refusal = stent_field.no_radiograph(self._radiograph, self._frame)
        if refusal:
            return self._reading((), None, refusal)
        step = self._context.step
        step(0, 4, "Preparing the image")
        field = stent_field.field_of(self._radiograph, self._frame)
        prepared = stent_field.prepare_field(field, self._spec)
        self._done("prepare")
        step(1, 4, "Finding stents")
        found = self._finder.run(prepared.tensor)
        refusal = self._strange(found)
        if refusal:
            self._done("find")
            return self._reading((), None, refusal)
        stents = stent_field.find(found.map, prepared, field, self._spec)
        self._done("find")
        named = []
        for number, stent in enumerate(stents):
            step(2 * len(stents) + number, 4 * len(stents), "Reading")
            named.append(self._name(field, stent))
        self._done("name")
        step(3, 4, "Explaining")
        findings, heat = self._explain(field, named)
        self._done("explain")
        step(4, 4, "Done")
        return self._reading(findings, heat, "")

    def _strange(self, found: FinderOutput) -> str:
        """Why an image is none of the kind that the finder learned from; empty where it is one."""
        limit, known = self._spec.field_distance, self._known
        if limit is None or known is None or not known.field_mean.size:
            return ""
        if known.field_mean.shape != found.field.shape:
            raise _unfit(self._bundle, KNOWN)
        if known.field_distance(found.field) <= limit:
            return ""
        return sentence(
            "This does not look like the radiographs that the model has learned from, so it was "
            "not searched for stents."
        )

    def _name(self, field: Field, stent: Found) -> tuple[Found, Crop, Output]:
        """One pass a stent: exported networks take one image at a time."""
        crop = stent_field.crop_of(stent, field, self._spec)
        tensor = stent_field.prepare_stent(field, crop, self._bundle.manifest.preprocessing).tensor
        return stent, crop, self._runtime.run(tensor)

    def _explain(
        self, field: Field, named: list[tuple[Found, Crop, Output]]
    ) -> tuple[tuple[Finding, ...], HeatMap | None]:
        """What was found, each with its heat, and the heat of all."""
        findings, maps = [], []
        for stent, crop, output in named:
            finding = self._finding(field, stent, crop, output)
            weight = _weights(self._bundle, output)
            if weight is not None:
                row = weight[self._bundle.labels.index(finding.maker)]
                values = class_map(output.activation, row)
                maps.append((values, crop))
                finding = replace(finding, heat=upon_image(values, crop, _METHOD))
            findings.append(finding)
        return tuple(findings), over_field(maps, _METHOD) if maps else None

    def _finding(self, field: Field, stent: Found, crop: Crop, output: Output) -> Finding:
        known = self._known
        if known is not None and known.whitening.shape[0] != output.activation.shape[0]:
            raise _unfit(self._bundle, KNOWN)
        outline = stent_field.outline_of(stent, field)
        box = stent_field.box_around(outline)
        feature = stent_feature(output.activation, crop, stent)
        finding = stent_maker.named(output, self._bundle, known, box, feature)
        return replace(finding, outline=outline, presence=stent.presence)

    def _done(self, stage: str) -> None:
        now = time.perf_counter()
        self._seconds[stage], self._mark = round(now - self._mark, 4), now

    def _reading(
        self, findings: tuple[Finding, ...], heat: HeatMap | None, refusal: str
    ) -> Reading:
        total = round(time.perf_counter() - self._began, 4)
        device = self._runtime.device
        if device != self._finder.device:
            device = f"{device}, {self._finder.device}"
        return Reading(
            task=stent_maker.TASK,
            model=self._bundle.ref,
            frame=self._frame,
            findings=findings,
            heat=heat,
            seconds={**self._seconds, "total": total},
            device=device,
            created=datetime.now(UTC),
            notes=_notes(heat) if findings else (),
            refusal=refusal,
        )


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
