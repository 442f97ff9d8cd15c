"""`stentviewer library`: the library of images, readings and labels."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from stentviewer.cli.console import EXIT_SOME_FAILED, AsJson, no_muttering, progress, put, say

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


@library_app.command("read-again")
def library_read_again(
    folder: Annotated[
        Path | None, typer.Option(help="The library's folder; yours without.")
    ] = None,
    by: Annotated[str, typer.Option(help="Whose name stands on the readings.")] = "",
    as_json: AsJson = False,
) -> None:
    """Read the verified images that the model in force has not read: then they are look-alikes.

    What a model finds alike is kept with its reading and can be had in no other way.
    """
    from stentviewer.app.reading_again import read_again
    from stentviewer.app.session import Session
    from stentviewer.cli.models import installed
    from stentviewer.core.paths import data_dir
    from stentviewer.core.settings import load_settings
    from stentviewer.library.repository import Library

    reader = by.strip() or load_settings()[0].reader
    where = folder or data_dir() / "library"
    with Library.open(where, reader) as library, no_muttering(), progress() as context:
        found = read_again(Session(library, installed(), reader), context=context)
    if as_json:
        problems = [{"file": str(one.path), "error": one.message} for one in found.problems]
        put(json.dumps({"read": found.read, "problems": problems}, ensure_ascii=False))
    else:
        for problem in found.problems:
            say(f"{problem.path.name}: {problem.message}")
        put(f"{found.read} read, {len(found.problems)} could not be read.")
    if found.problems:
        raise typer.Exit(EXIT_SOME_FAILED)
