"""`stentviewer read`: the stents on radiographs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stentviewer.cli.console import (
    EXIT_SOME_FAILED,
    AsJson,
    no_muttering,
    plain,
    progress,
    put,
    say,
)
from stentviewer.cli.models import chosen, installed
from stentviewer.core.wording import RESEARCH_USE, say_reading

if TYPE_CHECKING:
    from stentviewer.app.read_files import FileReading
    from stentviewer.core.types import Finding
    from stentviewer.inference.bundle import Bundle


def read(
    files: Annotated[list[Path], typer.Argument(help="DICOM, PNG, JPEG, TIFF, ZIP or folders.")],
    out: Annotated[Path | None, typer.Option(help="Folder for the heat maps as PNG.")] = None,
    as_json: AsJson = False,
    model: Annotated[str | None, typer.Option(help="Id of the model; see models list.")] = None,
    frame: Annotated[int, typer.Option(min=1, help="Frame of a multi-frame image.")] = 1,
) -> None:
    """Read the stents on radiographs: maker, probability, region and heat map per file.

    An image that is no radiograph of the kind the model reads is "refused", with the reason: that
    is an answer, not a failure, so the exit status stays 0. It is not "no stent" either.
    """
    from stentviewer.app.read_files import read_files
    from stentviewer.inference.runtimes.choose import open_runtime

    bundle = chosen(installed(), model)
    runtime = open_runtime(bundle)
    failed = 0
    with no_muttering(), progress() as context:
        for result in read_files(files, frame - 1, bundle, runtime, out, context):
            failed += result.error is not None and not result.is_notice
            _print_reading(result, bundle, as_json)
    if not as_json:
        put(f"{RESEARCH_USE}. Model {bundle.ref.short}.")
    if failed:
        raise typer.Exit(EXIT_SOME_FAILED)


def _print_reading(result: FileReading, bundle: Bundle, as_json: bool) -> None:
    if as_json and not result.is_notice:
        put(json.dumps(_json_reading(result, bundle), ensure_ascii=False))
    elif result.reading is None:
        say(f"{result.path.name}: {result.error}")
    else:
        put(f"{plain(result.path.name)}\t{say_reading(result.reading)}")


def _json_finding(finding: Finding) -> dict[str, Any]:
    """One stent; `presence` is the probability that it is there, `distance` that to the nearest
    known design, 1 at the model's limit, null where the model cannot say."""
    distance = finding.distance
    return {
        "maker": finding.maker,
        "probability": round(finding.probability, 4),
        "set": list(finding.prediction_set),
        "unknown": finding.unknown,
        "box": finding.box.as_list() if finding.box else None,
        "outline": [[round(x, 4), round(y, 4)] for x, y in finding.outline],
        "presence": round(finding.presence, 4),
        "distance": None if distance is None else round(distance, 3),
    }


def _json_reading(result: FileReading, bundle: Bundle) -> dict[str, Any]:
    """The object that `read --json` prints; boxes as fractions of width and height."""
    reading = result.reading
    return {
        "file": str(result.path),
        "frame": reading.frame + 1 if reading else None,
        "model": {"id": bundle.ref.id, "sha256": bundle.ref.sha256},
        "findings": [_json_finding(one) for one in (reading.findings if reading else ())],
        "refused": (reading.refusal or None) if reading else None,
        "heatmap": str(result.picture) if result.picture else None,
        "seconds": {k: round(v, 4) for k, v in reading.seconds.items()} if reading else {},
        "device": reading.device if reading else None,
        "notes": list(reading.notes) if reading else [],
        "notice": RESEARCH_USE,
        "error": result.error,
    }
