"""Runs as they stand on the disk once they are over, made without learning anything."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from stentviewer.inference.bundle import ONNX, Bundle, write_bundle
from stentviewer.learning.predictions import Predictions
from stentviewer.learning.recipe import ClassSpec, Recipe, Start
from stentviewer.learning.result import Data, Model, evaluate, write_result
from stentviewer.learning.run_folder import RunFolder, RunState
from stentviewer.learning.selection import Item
from tests.inference.networks import MAKERS, manifest

NEW = "Coil"


def key(number: int) -> str:
    """The content hash of a made-up image, with its frame."""
    return f"{number:064x}:0"


def answers(
    truth: Sequence[str], said: Sequence[str], classes: Sequence[str], first: int = 0
) -> Predictions:
    """Answers of 4 to 0 for what was said; images are numbered from `first`, two a patient."""
    logits = np.zeros((len(truth), len(classes)), np.float32)
    logits[np.arange(len(said)), [list(classes).index(one) for one in said]] = 4
    return Predictions(
        tuple(classes),
        logits,
        np.array([list(classes).index(t) if t in classes else -1 for t in truth], np.int64),
        1 + np.arange(len(truth), dtype=np.int64) // 2 % 2,
        tuple(key(first + n) for n in range(len(truth))),
        tuple(f"patient-{first + n // 2}" for n in range(len(truth))),
    )


def finished_run(
    folder: Path,
    champion: Bundle | None = None,
    model_id: str = "mine",
    *,
    test_from: int | None = 1000,
    simulated: int = 0,
    promotable: bool = True,
) -> RunFolder:
    """A run that added a design to the champion's five; it names one old image wrongly."""
    classes = (*MAKERS, NEW)
    start = (
        Start(model=champion.manifest.id) if champion else Start(network="tf_efficientnet_lite0")
    )
    recipe = Recipe(
        name=model_id,
        start=start,
        classes=tuple(ClassSpec(name=c, before=(c,) if c != NEW else ()) for c in classes),
        folds=2,
    )
    run = RunFolder.create(folder, recipe, [Item(Path("a.dcm"), "Bona", "p")])
    truth = [name for name in classes for _ in range(4)]
    across = answers(truth, truth, classes)
    across.save(run.out_of_fold)
    ours = theirs = None
    if test_from is not None:
        ours = answers(truth, ["EGIS", *truth[1:]], classes, test_from)
        ours.save(run.answers("test"))
        if champion is not None:
            theirs = answers(truth, [t if t != NEW else "Epic" for t in truth], MAKERS, test_from)
            theirs.save(run.answers("test", "champion"))
    made = bundle_of(run, model_id, champion, promotable=promotable)
    result = evaluate(
        recipe,
        across,
        ours,
        theirs,
        data=Data(images=24, patients=12, simulated=simulated),
        challenger=Model(id=made.ref.id, sha256=made.sha256),
        champion=Model(id=champion.ref.id, sha256=champion.sha256) if champion else None,
    )
    write_result(result, run.result)
    run.set_state(RunState(status="done", created=datetime.now(UTC), bundle="bundle"))
    return run


def bundle_of(
    run: RunFolder, model_id: str, champion: Bundle | None, *, promotable: bool = True
) -> Bundle:
    """The model of a run: its weights are no network."""
    source = run.path / "weights"
    source.write_bytes(model_id.encode())
    start = {"id": champion.ref.id, "sha256": champion.sha256} if champion else None
    labels = manifest().labels
    new = labels[0].model_copy(update={"name": NEW, "manufacturer": NEW, "code_value": "COIL"})
    fields = manifest(
        id=model_id, labels=(*labels, new), training={"start": start, "promotable": promotable}
    )
    return write_bundle(run.bundle, fields, {ONNX: source})
