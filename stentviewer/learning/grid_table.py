"""What the runs of a grid found out, side by side: as CSV, as Markdown and as a page.

Everything is read from the runs' folders, so the table can be made at any time; a run that has no
result has its reason in the place of it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import stentviewer
from stentviewer.core.errors import StentviewerError
from stentviewer.core.files import not_written
from stentviewer.core.sentences import sentence, template
from stentviewer.core.wording import RESEARCH_USE
from stentviewer.learning import figures
from stentviewer.learning.figures import Look, Spread
from stentviewer.learning.grid import NONE, Cell, Grid
from stentviewer.learning.report_blocks import FINE, Block, Heading, Paragraph, Pictures, Table
from stentviewer.learning.report_numbers import seconds
from stentviewer.learning.result import Result, read_result
from stentviewer.learning.run_folder import RunFolder
from stentviewer.learning.run_lock import is_busy

Status = Literal["done", "running", "ready", "stopped", "failed"]
SCORES: Final = ("accuracy", "precision", "recall", "f1")
TABLE: Final = "results"  # .csv, .md and .html in the grid's folder
_NAMES: Final = {
    "start": template("Start"),
    "side": template("Side in px"),
    "epochs": template("Epochs"),
    "method": template("Way of learning"),
    "folds": template("Folds"),
}
_ALONG: Final = ("side", "epochs", "folds", "method", "start")  # what the bars stand along
_HEADS: Final = (
    template("Accuracy"),
    template("Precision"),
    template("Recall"),
    template("F1"),
    template("Time"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """A cell with what its run found out, or with why it did not."""

    cell: Cell
    folder: RunFolder
    status: Status
    why: str = ""
    result: Result | None = None


def row_of(cell: Cell, folder: RunFolder) -> Row:
    """How far a cell's run is; never raises for what the run's files say."""
    try:
        state = folder.state()
        if state.status == "done":
            return Row(cell, folder, "done", "", read_result(folder.result))
        if is_busy(folder):
            return Row(cell, folder, "running", sentence("It goes on now."))
    except StentviewerError as error:
        return Row(cell, folder, "failed", str(error))
    if state.status == "failed":
        return Row(cell, folder, "failed", state.reason or sentence("It failed."))
    if state.status == "ready":
        return Row(cell, folder, "ready", sentence("It has not begun."))
    return Row(cell, folder, "stopped", sentence("It was stopped; run the grid again to go on."))


def as_record(grid: Grid, row: Row) -> dict[str, Any]:
    """A row as plain values: the settings, status and why, scores as shares (mean and sd)."""
    result = row.result
    record: dict[str, Any] = {"folds": len(result.folds) if result else None}
    record |= zip(grid.axes, map(_value, row.cell.settings), strict=True)
    record = {**{axis: record[axis] for axis in grid.axes}, **record}  # the settings first
    record |= {"status": row.status, "why": row.why}
    for name in SCORES:
        spread = result.deviation if result else None
        record[name] = getattr(result.mean, name) if result else None
        record[f"{name}_sd"] = getattr(spread, name) if spread else None
    record |= {
        "images": result.data.images if result else None,
        "patients": result.data.patients if result else None,
        "simulated": result.data.simulated if result else None,
        "seconds": round(result.cost.total, 1) if result else None,
        "device": result.cost.device if result else None,
        "run": row.folder.name,
    }
    return record


def _value(text: str) -> str | int | float | None:
    """A setting as a number where it is one; None where the method does not have it."""
    if text == NONE:
        return None
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def as_csv(grid: Grid, rows: Sequence[Row]) -> str:
    """One line a cell, shares with four digits, in UTF-8 with a mark that spreadsheets look for."""
    records = [as_record(grid, row) for row in rows]
    made = io.StringIO()
    table = csv.DictWriter(made, list(records[0]), lineterminator="\r\n")
    table.writeheader()
    table.writerows({key: _plain(value) for key, value in one.items()} for one in records)
    return "\ufeff" + made.getvalue()


def _plain(value: object) -> object:
    if isinstance(value, float):
        return f"{value:.4f}".rstrip("0").rstrip(".")
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return f"'{value}"  # a spreadsheet would take it for a formula
    return value


def as_markdown(grid: Grid, rows: Sequence[Row]) -> str:
    """The same as the page, for a README."""
    parts = []
    for block in blocks(grid, rows):
        if isinstance(block, Heading):
            parts.append(f"{'#' * block.level} {_marked(block.text)}")
        elif isinstance(block, Paragraph):
            parts.append(_marked(block.text))
        elif isinstance(block, Table):
            ruler = ["---" if k < block.words else "---:" for k in range(len(block.header))]
            lines = (map(_marked, block.header), ruler, *(map(_marked, x) for x in block.rows))
            parts.append("\n".join(f"| {' | '.join(line)} |" for line in lines))
    return "\n\n".join(parts) + "\n"


def _marked(text: str) -> str:
    for letter in "\\`*_|<[":
        text = text.replace(letter, f"\\{letter}")
    return " ".join(text.split())


def blocks(grid: Grid, rows: Sequence[Row], picture: bool = False) -> list[Block]:
    """The table as in the papers, in percent, and below it what was not run and why.

    picture adds the accuracies as bars, as in the papers' Figure 4.
    """
    done = [row for row in rows if row.result is not None]
    made: list[Block] = [Heading(grid.name, 1)]
    axes = [_name(axis) for axis in grid.axes]
    if done:
        header = (*axes, *(str(sentence(head)) for head in _HEADS))
        body = tuple((*row.cell.settings, *_scores(row.result)) for row in done if row.result)
        made += [Table(header, body, words=len(axes)), *_explained([x.result for x in done])]
    if picture and len(done) > 1:
        made.append(_picture(grid, done))
    rest = [row for row in rows if row.result is None]
    if rest:
        said = sentence("{n} of {total} runs have no result.", n=len(rest), total=len(rows))
        made += [Heading(sentence("Without a result"), 2), Paragraph(said)]
        body = tuple((*row.cell.settings, row.status, row.why) for row in rest)
        header = (*axes, sentence("Status"), sentence("Why"))
        made.append(Table(header, body, words=len(header)))
    made.append(Paragraph(f"{RESEARCH_USE}. stentviewer {stentviewer.__version__}", "quiet"))
    return made


def _picture(grid: Grid, done: Sequence[Row]) -> Pictures:
    """Bars along the side or the epochs, a colour for each of what else differs."""
    at = next((grid.axes.index(one) for one in _ALONG if one in grid.axes), 0)
    series: dict[str, dict[str, Spread]] = {}
    for row in done:
        assert row.result is not None
        others = [text for k, text in enumerate(row.cell.settings) if k != at and text != NONE]
        spread = row.result.deviation
        found = (row.result.mean.accuracy, spread.accuracy if spread else None)
        series.setdefault(", ".join(others), {})[row.cell.settings[at]] = found
    along = list(dict.fromkeys(row.cell.settings[at] for row in done))
    if all(one.isdecimal() for one in along):
        along.sort(key=int)
    caption = sentence("Accuracy: mean over the folds; the lines are standard deviations.")
    png = figures.bars(along, _name(grid.axes[at]), series, Look(720, 400, scale=FINE))
    return Pictures(((png, caption),), 1)


def _name(axis: str) -> str:
    return sentence(_NAMES[axis]) if axis in _NAMES else axis


def _scores(result: Result) -> list[str]:
    """In percent, "93.80 ± 3.32", and the seconds of the run."""
    cells = []
    for name in SCORES:
        text = f"{100 * getattr(result.mean, name):.2f}"
        spread = f" ± {100 * getattr(result.deviation, name):.2f}" if result.deviation else ""
        cells.append(text + spread)
    return [*cells, seconds(result.cost.total)]


def _explained(results: Sequence[Result | None]) -> list[Block]:
    known = [result for result in results if result is not None]
    said = sentence(
        "Mean ± standard deviation over the folds, in percent; precision, recall and F1 are means "
        "over the classes. Folds are of whole patients."
    )
    counts = sentence(
        "{images} images of {patients} patients.",
        images=max(result.data.images for result in known),
        patients=max(result.data.patients for result in known),
    )
    made: list[Block] = [Paragraph(said, "quiet"), Paragraph(counts)]
    if any(result.is_simulated for result in known):
        made.append(Paragraph(sentence("These figures rest on simulated images."), "notice"))
    return made


def write_tables(grid: Grid, rows: Sequence[Row], folder: Path) -> Mapping[str, Path]:
    """Write results.csv, .md and .html in place of earlier ones; named by their ending.

    Raises KnownError where the folder cannot be written.
    """
    from stentviewer.learning.report_html import as_html

    footer = f"{RESEARCH_USE} · stentviewer {stentviewer.__version__}"
    texts = {
        "csv": as_csv(grid, rows),
        "md": as_markdown(grid, rows),
        "html": as_html(blocks(grid, rows, picture=True), grid.name, footer),
    }
    paths = {ending: folder / f"{TABLE}.{ending}" for ending in texts}
    try:
        for ending, path in paths.items():
            partial = path.with_suffix(".partial")
            partial.write_bytes(texts[ending].encode("utf-8", "backslashreplace"))
            partial.replace(path)
    except OSError as error:
        raise not_written(folder, error) from error
    return paths
