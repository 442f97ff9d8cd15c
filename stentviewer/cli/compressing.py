"""`stentviewer models compress`: a model made smaller or faster, and what that costs."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stentviewer.cli.console import AsJson, progress, put, say
from stentviewer.cli.models import installed
from stentviewer.core.wording import RESEARCH_USE

if TYPE_CHECKING:
    from stentviewer.app.compressing import Kept
    from stentviewer.learning.compress import Figures


def compress(
    model: Annotated[str, typer.Argument(help="Id of the model, or its folder.")],
    images: Annotated[
        Path,
        typer.Option(
            help="Images whose class is known: a CSV table, a folder each class, or an HDF5 file. "
            "Some are calibrated on or learned from, the others tested on, by patient."
        ),
    ],
    int8: Annotated[bool, typer.Option("--int8", help="Numbers of 8 bits.")] = False,
    prune: Annotated[
        float | None, typer.Option(help="Share of the weights to set to zero, 0 to 1.")
    ] = None,
    distil: Annotated[
        str, typer.Option(help="timm's name of a small network that the model is to teach.")
    ] = "",
    weights: Annotated[
        Path | None, typer.Option(help="With --distil: a safetensors file that it begins with.")
    ] = None,
    random: Annotated[
        bool, typer.Option("--random", help="With --distil: begin with random numbers.")
    ] = False,
    side: Annotated[
        int, typer.Option(min=0, max=4096, help="With --distil: pixels a side; the model's with 0.")
    ] = 0,
    epochs: Annotated[int, typer.Option(min=0, help="With --distil: 0 for the usual 40.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Make a model smaller or faster: --int8, --prune SHARE or --distil NETWORK. The new model is
    installed beside the old one; models promote puts it in force."""
    from stentviewer.app.compressing import Wanted
    from stentviewer.app.compressing import compress as made

    wanted = Wanted(int8, prune, distil, weights, random, side, epochs)
    with progress() as context:
        kept = made(model, wanted, images, installed(), say, context)
    if as_json:
        put(json.dumps(_row(kept), ensure_ascii=False))
    else:
        _put(kept)


def _row(kept: Kept) -> dict[str, object]:
    found = kept.found
    return {
        "model": {"id": kept.bundle.ref.id, "sha256": kept.bundle.sha256},
        "from": {"id": kept.start.ref.id, "sha256": kept.start.sha256},
        "folder": str(kept.bundle.folder),
        "method": found.method,
        "images": found.images,
        "simulated": kept.simulated,
        "before": _figures(found.before),
        "after": _figures(found.after),
        "same_answer": found.same,
        "same_heat": found.heat,
        "curve": [asdict(one) for one in found.curve],
        "notes": [str(note) for note in found.notes],
        "notice": RESEARCH_USE,
    }


def _figures(found: Figures) -> dict[str, object]:
    return {**asdict(found), "accuracy": found.accuracy.model_dump()}


def _put(kept: Kept) -> None:
    found = kept.found
    before, after = found.before, found.after
    put("\tbefore\tafter")
    put(f"file\t{before.bytes / 1e6:.2f} MB\t{after.bytes / 1e6:.2f} MB")
    put(f"in single precision\t{before.single_bytes / 1e6:.2f} MB\t")
    put(f"zipped\t{before.zipped_bytes / 1e6:.2f} MB\t{after.zipped_bytes / 1e6:.2f} MB")
    put(f"a reading's network\t{before.milliseconds:.0f} ms\t{after.milliseconds:.0f} ms")
    put(f"accuracy\t{_accuracy(before)}\t{_accuracy(after)}")
    put(f"macro F1\t{before.f1:.3f}\t{after.f1:.3f}")
    put(f"same answer\t\t{found.same:.1%} of {found.images} images")
    if found.heat is not None:
        put(f"same hottest tenth\t\t{found.heat:.0%} on average")
    for one in found.curve:
        put(f"accuracy with {one.share:.0%} at zero\t\t{one.accuracy:.3f}")
    for note in found.notes:
        put(str(note))
    if kept.simulated:
        put("These figures rest on simulated images.")
    put(f"{kept.bundle.ref.short} is installed and not in force; see models promote.")
    put(f"{RESEARCH_USE}.")


def _accuracy(found: Figures) -> str:
    one = found.accuracy
    return f"{one.value:.3f} ({one.low:.3f} to {one.high:.3f})"
