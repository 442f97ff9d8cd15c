"""Real files that open, beside those that any of the decoders alone can decode.

Every file of `radiographs/`, `xa-cine/` and `ct-labelled/dicom-j2k/` among the test images, and of
pydicom's own test files. The peer is the best of pydicom with each of its plug-ins (python-gdcm,
pylibjpeg, pyjpegls, Pillow) and SimpleITK: a file counts if one of them gives pixels.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from stentviewer.core.errors import StentviewerError
from stentviewer.imaging.readers import read_radiograph
from tests.benchmarks.figure import Figure

LOSSLESS = {
    "XA1": ("UNC", "RLE", "JPLL", "JLSL", "J2KR"),
    "RG2": ("RLE", "JPLL", "JLSL", "J2KR"),
}


def figures() -> Iterator[Figure]:
    """Files opened of those decodable, by source, and pairs of equal lossless encodings."""
    from pydicom.data import get_testdata_file

    data = Path(os.environ.get("STENTVIEWER_DATA", "../shared/data"))
    known = get_testdata_file("CT_small.dcm")
    own = sorted(path for path in Path(str(known)).parent.rglob("*") if path.is_file())
    sources = {
        "radiographs": sorted((data / "radiographs").glob("*")),
        "xa-cine": sorted((data / "xa-cine").glob("*")),
        "ct-labelled, JPEG 2000": sorted((data / "ct-labelled" / "dicom-j2k").glob("*")),
        "pydicom's test files": own,
    }
    for name, paths in sources.items():
        if not paths:
            continue
        decodable = [path for path in paths if _peer_decodes(path)]
        opened = [path for path in decodable if _opens(path)]
        missed = [path.name for path in decodable if path not in opened]
        note = f"; not opened: {', '.join(missed)}" if missed else ""
        yield Figure(
            f"files opened, {name} (of {len(paths)}; peer: decodable by any decoder alone{note})",
            len(opened),
            len(decodable),
            len(opened) / len(decodable),
            "all",
            not missed,
        )
    if sources["radiographs"]:
        yield _lossless(data / "radiographs")


def _lossless(folder: Path) -> Figure:
    equal = total = 0
    for image, encodings in LOSSLESS.items():
        first, *others = [read_radiograph(folder / f"{image}_{e}").frames[0] for e in encodings]
        total += len(others)
        equal += sum(np.array_equal(first, other) for other in others)
    name = "lossless encodings equal to the first of their image, pixel by pixel (peer: in all)"
    return Figure(name, equal, total, equal / total, "all", equal == total)


def _opens(path: Path) -> bool:
    try:
        radiograph = read_radiograph(path)
        return all(radiograph.frames[i].size > 0 for i in range(len(radiograph.frames)))
    except StentviewerError:
        return False


def _peer_decodes(path: Path) -> bool:
    from pydicom import dcmread
    from pydicom.pixels import pixel_array

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for plugin in ("", "gdcm", "pylibjpeg", "pyjpegls", "pillow"):
            try:
                if pixel_array(dcmread(path), decoding_plugin=plugin).size:
                    return True
            except Exception:  # any failure is the peer's "no"
                continue
        import SimpleITK

        SimpleITK.ProcessObject.SetGlobalWarningDisplay(False)
        try:
            return SimpleITK.GetArrayFromImage(SimpleITK.ReadImage(str(path))).size > 0
        except RuntimeError:
            return False
