"""Whether an image of a declared size may be opened: asked before a single pixel is decoded."""

from __future__ import annotations

import os

from stentviewer.core.errors import KnownError
from stentviewer.core.sentences import sentence

MOST_PIXELS = 2**26  # in one frame: 8,192 squared, five times a detector's
_BYTES_PER_PIXEL = 12  # stored, decoder's own copy and modality values, at the peak


def check_fits(name: str, rows: int, columns: int, frames: int, bytes_per_pixel: int) -> None:
    """Raise KnownError where one frame of this size would not fit into this machine's memory.

    Frames are decoded one at a time, so that a long run is no reason to refuse.
    """
    free = _free_bytes()
    room = MOST_PIXELS if free is None else min(MOST_PIXELS, free // (2 * _BYTES_PER_PIXEL))
    if rows * columns > room:
        size = rows * columns * frames * bytes_per_pixel / 2**20
        raise KnownError(
            sentence(
                "“{name}” says that it is {rows} × {columns} pixels × {frames} frame(s), "
                "{size:,.0f} MB, more than can be opened here at once. Export it at a smaller"
                " size.",
                name=name,
                rows=rows,
                columns=columns,
                frames=frames,
                size=size,
            )
        )


def check_room(bytes_needed: int) -> None:
    """Raise KnownError where a stack of slices of this size would not fit into free memory."""
    free = _free_bytes()
    if free is not None and bytes_needed > free * 0.9:
        raise KnownError(
            sentence(
                "This stack of slices needs {needed:,.0f} MB of memory, and {free:,.0f} MB are "
                "free. Close other programs, or open fewer slices.",
                needed=bytes_needed / 2**20,
                free=free / 2**20,
            )
        )


def _free_bytes() -> int | None:
    """Memory that is free now, None where the system does not say."""
    try:
        with open("/proc/meminfo", encoding="ascii") as lines:  # noqa: PTH123 - no real file
            for line in lines:
                if line.startswith("MemAvailable:"):
                    return int(line.split()[1]) * 1024
    except (OSError, ValueError):
        pass
    try:
        return int(os.sysconf("SC_AVPHYS_PAGES")) * int(os.sysconf("SC_PAGE_SIZE"))
    except (AttributeError, OSError, ValueError):
        return None
