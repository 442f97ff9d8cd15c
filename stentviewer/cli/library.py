"""`stentviewer library`: the library of images, readings and labels."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from stentviewer.cli.console import EXIT_SOME_FAILED, AsJson, put

library_app = typer.Typer(help="The library of images, readings and labels.")


@library_app.command("check")
def library_check(
    folder: Annotated[
        Path | None, typer.Option(help="The library's folder; yours without.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check the library: its structure, its audit trail's chain, and that its files are there."""
    from stentviewer.core.paths import data_dir
    from stentviewer.library.repository import Library

    where = folder or data_dir() / "library"
    with Library.open(where, reader="check", read_only=True) as library:
        faults = library.check()
        events = len(library.audit())
    if as_json:
        put(
            json.dumps(
                {"library": str(where), "events": events, "faults": faults}, ensure_ascii=False
            )
        )
    else:
        for fault in faults:
            put(fault)
        put(
            f"{where}: {events} audit events, "
            + (f"{len(faults)} faults." if faults else "in order.")
        )
    if faults:
        raise typer.Exit(EXIT_SOME_FAILED)
