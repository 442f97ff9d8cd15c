"""The end of a run: the model as a bundle, beside the one in force, and the result as a record."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any, Final

import numpy as np

import stentviewer
from stentviewer.core.errors import StentviewerError
from stentviewer.core.sentences import sentence
from stentviewer.core.wording import RESEARCH_USE
from stentviewer.inference.bundle import (
    Bundle,
    LabelSpec,
    Manifest,
    Thresholds,
    load_bundle,
    write_bundle,
)
from stentviewer.inference.preprocess import Preprocessing
from stentviewer.inference.runtimes.onnx_runtime import OnnxRuntime, cores
from stentviewer.learning.cache import ImageCache, open_cache
from stentviewer.learning.carried_finder import Trained, with_finder
from stentviewer.learning.events import RunContext
from stentviewer.learning.known_designs import Floats
from stentviewer.learning.learner import Fitted, Rows
from stentviewer.learning.predictions import Predictions
from stentviewer.learning.recipe import ClassSpec, Recipe
from stentviewer.learning.result import Result, data_of, evaluate, write_result
from stentviewer.learning.result_parts import Model
from stentviewer.learning.run_folder import RunFolder

if TYPE_CHECKING:
    from stentviewer.inference.catalog import Catalog
    from stentviewer.learning.cost import Meter
    from stentviewer.learning.gallery import Shown
    from stentviewer.learning.kfold import Study
    from stentviewer.learning.starting import Start

_ASIDE: Final = ("test", "external")
_PACKAGES: Final = ("numpy", "onnxruntime", "scikit-learn", "torch", "timm", "lightning-fabric")


def conclude(
    folder: RunFolder,
    study: Study,
    start: Start,
    final: Fitted | None,
    out_of_fold: Predictions,
    before: Predictions | None,
    distances: Floats | None,
    catalog: Catalog,
    meter: Meter,
    context: RunContext,
) -> Result:
    """Write the bundle, the answers on images held back, result.json, the gallery and the report.

    before are the start model's answers on training images, distances (n,) how far each training
    image's stent lies from the designs that its fold's model knows (`known_designs`).

    Everything here can be done again at no cost but time. Raises KnownError where the disk is full
    or the model cannot be written, Cancelled at an order to stop.
    """
    from stentviewer.learning.gallery import make_gallery, write_gallery
    from stentviewer.learning.report import write_report

    notes: list[str] = list(start.notes)
    champion = _champion(catalog, study.recipe.task, notes)
    with meter.stage("answers"):
        given = _answers(folder, study, final, champion, notes, context)
    result = evaluate(
        study.recipe,
        out_of_fold,
        given.get("challenger_test"),
        given.get("champion_test"),
        given.get("challenger_external"),
        given.get("champion_external"),
        data=data_of(study.cache.items, [problem.message for problem in study.problems]),
        champion=_model(champion),
        start_out_of_fold=before,
        start=_model(start.bundle),
    )
    bundle = None
    if final is not None:
        context.stage(sentence("Writing the model"))
        with meter.stage("model"):
            bundle = _bundle(folder, study, start, final, result, out_of_fold, distances)
    result = result.model_copy(
        update={
            "challenger": _model(bundle),
            "notes": tuple(notes),
        }
    )
    shown: list[Shown] = []
    if bundle is not None:
        with meter.stage("gallery"):
            temperature = result.out_of_fold.calibration.temperature
            shown = make_gallery(bundle, study.cache, out_of_fold, temperature, context)
            write_gallery(shown, folder.gallery)
    device = _device(study.recipe)
    result = result.model_copy(update={"cost": meter.cost(len(study.cache), device, cores())})
    context.stage(sentence("Writing the report"))
    with meter.stage("report"):
        write_report(result, shown, folder.report)
    write_result(result, folder.result)  # last: a run with a result has all the rest
    return result


def _champion(catalog: Catalog, task: str, notes: list[str]) -> Bundle | None:
    try:
        return catalog.default(task)
    except StentviewerError as error:
        notes.append(sentence("There is no model to compare with: {reason}", reason=str(error)))
        return None


def _answers(
    folder: RunFolder,
    study: Study,
    final: Fitted | None,
    champion: Bundle | None,
    notes: list[str],
    context: RunContext,
) -> dict[str, Predictions]:
    """The answers of both models on the images of each role that no fold learned from."""
    given: dict[str, Predictions] = {}
    for role in _ASIDE:
        rows = np.flatnonzero([item.role == role for item in study.cache.items])
        if not len(rows):
            continue
        zeros = np.zeros(len(rows), np.int64)
        if final is not None:
            new = study.answers(rows, final.logits(rows), zeros, study.recipe.names)
            new.save(folder.answers(role))
            given[f"challenger_{role}"] = new
        if champion is not None:
            old = champion_answers(study, rows, champion, context)
            if len(old) < len(rows):
                notes.append(_not_answered(champion, len(rows) - len(old)))
            old.save(folder.answers(role, "champion"))
            if len(old):
                given[f"champion_{role}"] = old
    return given


def champion_answers(
    study: Study, rows: Rows, champion: Bundle, context: RunContext
) -> Predictions:
    """What another model says to some of a run's images, each prepared as that model asks.

    Where that model finds its own stents, images in which it finds none have no answer.
    """
    from stentviewer.core.paths import data_dir

    spec = champion.manifest.preprocessing
    items = [study.cache.items[row] for row in rows]
    cache: ImageCache = study.cache
    places = [int(row) for row in rows]
    if not cache.is_for(champion):
        folder = data_dir() / "training" / "cache"
        cache, _ = open_cache(items, spec, folder, context, finder=champion)
        at = {sha: k for k, sha in enumerate(cache.sha256)}
        rows = np.array([row for row in rows if study.cache.sha256[row] in at], np.int64)
        places = [at[study.cache.sha256[row]] for row in rows]
    runtime = OnnxRuntime(champion)
    logits = np.zeros((len(rows), len(champion.labels)), np.float32)
    for k, place in enumerate(places):
        context.stage(sentence("Asking the model there was"), k, len(rows))
        logits[k] = runtime.run(cache.tensor([place], spec)).scores
    return study.answers(rows, logits, np.zeros(len(rows), np.int64), champion.labels)


def _not_answered(champion: Bundle, count: int) -> str:
    return sentence(
        "In {n} of the images {model} finds no stent: the two models are compared on the others.",
        n=count,
        model=champion.manifest.id,
    )


def _bundle(
    folder: RunFolder,
    study: Study,
    start: Start,
    final: Fitted,
    result: Result,
    out_of_fold: Predictions,
    distances: Floats | None,
) -> Bundle:
    """The final model's bundle, whole or not at all."""
    unfinished = folder.path / "bundle.partial"
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir()
    files = final.export(unfinished)
    manifest = _manifest(study, start, result, folder)
    if start.finder is not None:
        train = study.rows("train")
        made = Trained(study, train, final, out_of_fold, distances)
        manifest = with_finder(manifest, start.finder, made, unfinished, files)
    write_bundle(unfinished, manifest, files)
    shutil.rmtree(folder.bundle, ignore_errors=True)
    unfinished.rename(folder.bundle)
    return load_bundle(folder.bundle)


def _manifest(study: Study, start: Start, result: Result, folder: RunFolder) -> Manifest:
    recipe, spec = study.recipe, study.cache.spec
    said = _said(result)
    return Manifest(
        id=bundle_id(recipe.name, folder),
        name=recipe.name,
        version="1.0.0",
        task=recipe.task,
        description=f"{_does(start, len(recipe.names))} Learned here ({recipe.method}).",
        authors="learned with stentviewer on this machine",
        copyright="of the institution whose images it learned from; the start model's own applies",
        network_data_format=_data_format(spec, len(recipe.names)),
        intended_use=f"{RESEARCH_USE}.",
        data_source=said,
        eval_metrics=_metrics(result, said),
        changelog={"1.0.0": f"learned from {start.ref.id if start.ref else recipe.start.network}"},
        architecture=start.architecture(),
        labels=tuple(_label(one, start.labels) for one in recipe.classes),
        preprocessing=spec,
        temperature=result.out_of_fold.calibration.temperature,
        thresholds=start.bundle.manifest.thresholds if start.bundle else Thresholds(),
        training={
            "start": {"id": start.ref.id, "sha256": start.ref.sha256} if start.ref else None,
            "method": recipe.method,
            "promotable": True,
            "recipe": recipe.model_dump(mode="json", exclude={"selection"}),
            "counts": dict(Counter(study.cache.items[r].label for r in study.rows("train"))),
            "versions": _versions(),
        },
    )


def _does(start: Start, classes: int) -> str:
    if start.finder is None:
        return f"Names the maker of one metal biliary stent on an X-ray out of {classes}."
    return (
        "Finds metal biliary stents on an X-ray and names the maker of each out of "
        f"{classes}, or says that the design is not known to it."
    )


def bundle_id(name: str, folder: RunFolder) -> str:
    """An id for a model of this name: small letters, digits and hyphens, and when its run began."""
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:50].strip("-")
    return f"{plain or 'stent-model'}-{folder.state().created:%Y%m%d-%H%M}"


def _label(spec: ClassSpec, known: tuple[LabelSpec, ...]) -> LabelSpec:
    """The start model's label where the class is one of its own, else a new one."""
    for label in known:
        if spec.before == (label.name,) and spec.name == label.name:
            maker = spec.manufacturer or label.manufacturer
            return label.model_copy(update={"manufacturer": maker})
    code = re.sub(r"[^A-Z0-9]+", "-", spec.name.upper()).strip("-")[:16] or "DESIGN"
    return LabelSpec(
        name=spec.name,
        manufacturer=spec.manufacturer or spec.name,
        code_value=code,
        code_meaning=f"{spec.name} stent"[:64],
    )


def _said(result: Result) -> str:
    data = result.data
    kind = "images"
    if data.simulated:
        kind = "simulated images" if data.simulated == data.images else "images, partly simulated,"
    return f"{data.images} {kind} of {data.patients} patients, on this machine"


def _metrics(result: Result, said: str) -> dict[str, Any]:
    scores: dict[str, Any] = {
        "kind": said,
        "folds": len(result.folds),
        "mean": result.mean.model_dump(mode="json"),
        "deviation": result.deviation.model_dump(mode="json") if result.deviation else None,
    }
    for role in _ASIDE:
        part = getattr(result, role)
        if part is not None:
            scores[role] = {
                "n": part.images,
                "accuracy": part.accuracy.model_dump(mode="json"),
                "f1": part.f1.model_dump(mode="json"),
            }
    return scores


def _data_format(spec: Preprocessing, classes: int) -> dict[str, Any]:
    return {
        "inputs": {
            "image": {
                "type": "image",
                "format": "grey as 3 equal planes",
                "shape": [1, spec.channels, spec.side, spec.side],
                "dtype": "float32",
            }
        },
        "outputs": {
            "scores": {"type": "logits", "shape": [1, classes], "dtype": "float32"},
            "activation": {"type": "feature map", "dtype": "float32"},
        },
    }


def _versions() -> dict[str, str]:
    found = {"stentviewer": stentviewer.__version__}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _device(recipe: Recipe) -> str:
    """What learned: Quick always the CPU, else what the recipe's device came to."""
    if recipe.method == "quick":
        return "CPU"
    from stentviewer.inference.runtimes.torch_runtime import accelerator

    place = accelerator() if recipe.compute.device == "auto" else recipe.compute.device
    return {"cuda": "CUDA", "mps": "Apple GPU"}.get(place or "", "CPU")


def _model(bundle: Bundle | None) -> Model | None:
    if bundle is None:
        return None
    return Model(id=bundle.ref.id, sha256=bundle.sha256, name=bundle.manifest.name)
