"""Reads every path of its standard input and answers each with a line; run by test_hostile."""

from __future__ import annotations

import json
import sys
import time
import warnings
from pathlib import Path

from stentviewer.core.errors import StentviewerError
from stentviewer.imaging.overlay import thumbnail_png
from stentviewer.imaging.readers import read_header, read_radiograph


def _read(path: Path) -> str:
    try:
        read_header(path)
        radiograph = read_radiograph(path)
        for index in range(len(radiograph.frames)):
            radiograph.modality_values(index)
        radiograph.default_window(0)
        thumbnail_png(radiograph)
    except StentviewerError as error:
        return str(error)
    return "opened"


def _peak_mb() -> float:
    """This program's own peak; ru_maxrss would count what the parent held before exec as well."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("the kernel does not say how much memory was used")


warnings.simplefilter("error")
for line in sys.stdin:
    start = time.process_time()
    said = _read(Path(line.rstrip("\n")))
    answer = {"said": said, "seconds": time.process_time() - start, "peak_mb": _peak_mb()}
    print(json.dumps(answer), flush=True)
