"""Series that make a volume."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stentviewer.library.records import SeriesRecord


def is_stack(series: SeriesRecord) -> bool:
    """Whether the series' images are slices of one volume."""
    return False
