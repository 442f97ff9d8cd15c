"""A run's result as one HTML page that needs nothing else, and as a PDF."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from stentviewer.core.errors import KnownError
from stentviewer.core.sentences import sentence
from stentviewer.core.wording import RESEARCH_USE
from stentviewer.learning.gallery import Shown
from stentviewer.learning.report_blocks import Say
from stentviewer.learning.report_content import content
from stentviewer.learning.result import Result


def write_report(
    result: Result, gallery: Sequence[Shown], out_stem: Path, say: Say = str
) -> tuple[Path, Path]:
    """Write `out_stem`.html and .pdf, in place of earlier ones, and return their paths.

    say turns a sentence into another language (the window's). Neither file names a patient,
    loads anything from elsewhere or runs anything. Raises KnownError where one cannot be written.
    """
    from stentviewer.learning.report_html import as_html
    from stentviewer.learning.report_pdf import as_pdf

    blocks = content(result, gallery, say)
    title = say(sentence("Result of learning: {name}", name=result.made.name))
    footer = f"{say(RESEARCH_USE)} · {result.made.program}"
    page = as_html(blocks, title, footer).encode()
    return (
        _write(out_stem.with_name(f"{out_stem.name}.html"), page),
        _write(out_stem.with_name(f"{out_stem.name}.pdf"), as_pdf(blocks, title, footer)),
    )


def _write(path: Path, data: bytes) -> Path:
    partial = path.with_name(f"{path.name}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(data)
        partial.replace(path)
    except OSError as error:
        raise KnownError(
            sentence(
                "The report could not be written to {folder}: {reason}. Choose another folder"
                " or free some space, then save again.",
                folder=path.parent,
                reason=error.strerror or sentence("the disk refused"),
            )
        ) from error
    return path
