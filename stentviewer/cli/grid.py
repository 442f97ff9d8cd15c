"""`stentviewer train GRID.toml`: many runs, and their results in one table."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from stentviewer.cli.console import EXIT_SOME_FAILED, plain, plain_row, progress, put, say
from stentviewer.cli.following import EXIT_STOPPED, carried_on
from stentviewer.cli.models import installed
from stentviewer.core.errors import Cancelled
from stentviewer.core.wording import RESEARCH_USE
from stentviewer.learning.events import Failed, Stopped

if TYPE_CHECKING:
    from stentviewer.app.cluster import Told
    from stentviewer.app.grid_runs import GridRuns, Pending


def train_grid(path: Path, ray: str, as_json: bool) -> None:
    """Carry a grid's runs on, those that have ended left out, and put their table.

    Raises typer.Exit: 3 where a run failed, 130 where the person stopped it.
    """
    from stentviewer.app.cluster import carry_on_cluster, check_address
    from stentviewer.app.grid_runs import carry_on, open_grid

    if ray:
        check_address(ray)  # said before the images are looked through
    with progress() as context:
        runs = open_grid(path, installed(), say, context)
    total, left = len(runs.folders), len(runs.pending())
    say(f"{total} runs, {total - left} of them done. They are in {runs.place}")
    try:
        if ray:
            say(
                "The cluster's machines read the images themselves: images, runs and "
                "STENTVIEWER_HOME must be on a folder that all of them have under the same path."
            )
            carry_on_cluster(runs, ray, say, lambda one, told: _ended(one, total, told))
        else:
            carry_on(runs, lambda one: _carry(one, total, as_json), say)
    except Cancelled:
        _put_table(runs, as_json)
        say("Stopped. What was done is kept; the same command goes on.")
        raise typer.Exit(EXIT_STOPPED) from None
    _put_table(runs, as_json)
    if any(row.status != "done" for row in runs.rows()):
        raise typer.Exit(EXIT_SOME_FAILED)


def _carry(one: Pending, total: int, as_json: bool) -> None:
    say(f"Run {one.number} of {total}: {one.cell.title}")
    ended, _, muttered = carried_on(one.folder, as_json)
    if isinstance(ended, Stopped):
        raise Cancelled
    if isinstance(ended, Failed):
        say(ended.text)
        if ended.is_bug:
            for line in muttered.splitlines():
                say(line)


def _ended(one: Pending, total: int, told: Told) -> None:
    where = f" on {told.machine}" if told.machine else ""
    why = f": {told.why}" if told.why else ""
    say(f"Run {one.number} of {total}, {one.cell.title}: {told.status}{where}{why}")


def _put_table(runs: GridRuns, as_json: bool) -> None:
    from stentviewer.learning.grid_table import SCORES, as_record

    paths = runs.write_tables()
    rows = runs.rows()
    records = [as_record(runs.grid, row) for row in rows]
    if as_json:
        for record in records:
            put(json.dumps({"grid": runs.grid.name, **record}, ensure_ascii=False))
        files = {ending: str(path) for ending, path in paths.items()}
        put(json.dumps({"tables": files, "notice": RESEARCH_USE}, ensure_ascii=False))
        return
    put("\t".join((*runs.grid.axes, *SCORES)))
    for row, record in zip(rows, records, strict=True):
        told = [_score(record, name) for name in SCORES]
        put(
            plain_row(
                "\t".join((*row.cell.settings, *(told if row.result else [row.status, row.why])))
            )
        )
    if any(record["simulated"] for record in records):
        put("These figures rest on simulated images.")
    put(plain(str(paths["html"])))
    put(f"{RESEARCH_USE}.")


def _score(record: dict[str, Any], name: str) -> str:
    mean, spread = record[name], record[f"{name}_sd"]
    if mean is None:
        return ""
    return f"{100 * mean:.2f}" + ("" if spread is None else f" ± {100 * spread:.2f}")
