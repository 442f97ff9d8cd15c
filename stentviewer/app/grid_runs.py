"""A grid's runs, one after another on this machine or beside each other on a cluster's.

What has ended is not run again, one that fails does not stop the others, and the tables of results
are written anew after each.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from stentviewer.app.new_run import images_of
from stentviewer.app.training import training_dir
from stentviewer.core.errors import Cancelled, StentviewerError
from stentviewer.core.jobs import JobContext
from stentviewer.learning.grid import Cell, Grid, read_grid, run_folder
from stentviewer.learning.grid_table import Row, row_of, write_tables
from stentviewer.learning.run_folder import RunFolder

if TYPE_CHECKING:
    from stentviewer.inference.catalog import Catalog

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Pending:
    """A run that has not ended; number counts from 1 over all cells."""

    number: int
    cell: Cell
    folder: RunFolder


@dataclass(frozen=True, slots=True)
class GridRuns:
    """A grid, the folder its runs and tables are in, and the run of each cell."""

    grid: Grid
    place: Path
    folders: tuple[RunFolder, ...]

    def rows(self) -> list[Row]:
        """Every cell as it stands on the disk now."""
        pairs = zip(self.grid.cells, self.folders, strict=True)
        return [row_of(cell, folder) for cell, folder in pairs]

    def pending(self) -> list[Pending]:
        """What there is to do, in the grid's order."""
        pairs = enumerate(zip(self.rows(), self.folders, strict=True), start=1)
        return [Pending(n, row.cell, f) for n, (row, f) in pairs if row.status != "done"]

    def write_tables(self) -> dict[str, Path]:
        return dict(write_tables(self.grid, self.rows(), self.place))


def open_grid(path: Path, catalog: Catalog, say: Say, context: JobContext) -> GridRuns:
    """Read a grid's file and its images, and find or make a folder for each run.

    Raises UserError where the grid or its images cannot be used, KnownError on a full disk.
    """
    grid = read_grid(path)
    items = images_of(grid.cells[0].recipe, catalog, say, context)
    slug = re.sub(r"[^0-9a-z]+", "-", grid.name.casefold()).strip("-")[:60].strip("-")
    place = training_dir() / "grids" / (slug or "grid")
    folders = tuple(run_folder(cell, items, place) for cell in grid.cells)
    return GridRuns(grid, place, folders)


def carry_on(runs: GridRuns, carry: Callable[[Pending], None], say: Say) -> None:
    """Carry each run that has not ended on, one after another.

    `carry` takes one to its end and keeps there why it failed; it raises Cancelled where the
    person wants no more. What else it raises is said, kept as the run's reason, and passed over.
    """
    runs.write_tables()
    for one in runs.pending():
        try:
            carry(one)
        except Cancelled:
            raise
        except StentviewerError as error:
            keep_reason(one.folder, str(error), say)
        finally:
            runs.write_tables()


def keep_reason(folder: RunFolder, reason: str, say: Say) -> None:
    """Note why a run could not go on, unless some process works on it."""
    from stentviewer.learning.run_lock import RunLock

    say(reason)
    try:
        with RunLock(folder):
            state = folder.state()
            folder.set_state(state.model_copy(update={"status": "failed", "reason": reason}))
    except StentviewerError:  # it goes on elsewhere, or its files are damaged: the table says so
        return
