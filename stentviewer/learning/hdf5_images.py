"""Images in an HDF5 file: `images` (n, rows, columns), one class and one patient a row.

A file may come from anywhere: what leads out of it (external links, external or virtual storage)
is refused, and no size that it claims is believed before it is checked.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np

from stentviewer.core.errors import KnownError, UserError
from stentviewer.core.sentences import sentence
from stentviewer.core.types import Identity, ImageHeader
from stentviewer.imaging.image import DecodedFrames, Radiograph
from stentviewer.imaging.memory import check_fits
from stentviewer.imaging.readers import read_radiograph, unreadable

IMAGES: Final = "images"
_SIGNATURE: Final = b"\x89HDF\r\n\x1a\n"


def is_hdf5(path: Path) -> bool:
    """Whether a file begins as HDF5 does. Raises OSError."""
    with path.open("rb") as file:
        return file.read(len(_SIGNATURE)) == _SIGNATURE


def read_image(path: Path) -> Radiograph:
    """A file of a selection as a radiograph: what `readers` reads, or the rows of an HDF5 file.

    Raises UserError and KnownError as `readers.read_radiograph` does.
    """
    try:
        of_rows = path.is_file() and is_hdf5(path)
    except OSError as error:
        raise unreadable(path, error) from error
    return _rows_of(path) if of_rows else read_radiograph(path)


def _rows_of(path: Path) -> Radiograph:
    """Rows as frames, opened anew for each so that no file stays open; floats stay floats."""
    with open_hdf5(path) as file:
        count, rows, columns = images_in(file, path).shape
        kind = file[IMAGES].dtype

    def row(index: int) -> Any:
        with open_hdf5(path) as file:
            return np.asarray(images_in(file, path)[index], kind.newbyteorder("="))

    header = ImageHeader(path, Identity(), rows, columns, count, "HDF5", has_dicom_truth=False)
    return Radiograph(header, DecodedFrames(count, row), bits=8 if kind == np.uint8 else 16)


@contextmanager
def open_hdf5(path: Path) -> Iterator[Any]:
    """The file (h5py.File), to read. Raises KnownError where it is damaged, then and later."""
    import h5py

    try:
        with h5py.File(path, "r") as file:
            yield file
    except FileNotFoundError as error:
        raise unreadable(path, error) from error
    except (OSError, RuntimeError, KeyError, ValueError, TypeError) as error:
        raise KnownError(
            sentence("“{name}” is damaged or no HDF5 file. Export it again.", name=path.name)
        ) from error


def images_in(file: Any, path: Path) -> Any:
    """The dataset `images`; raises UserError where it is not what is asked for."""
    found = dataset(file, IMAGES, path)
    if found is None or len(found.shape) != 3 or found.size == 0 or found.dtype.kind not in "uf":
        raise _wrong(path)
    if found.dtype.kind == "u" and found.dtype.itemsize > 2:
        raise _wrong(path)
    check_fits(path.name, found.shape[1], found.shape[2], 1, found.dtype.itemsize)
    return found


def _wrong(path: Path) -> UserError:
    return UserError(
        sentence(
            "“{name}” has no images as they are read here: a dataset “images” of shape "
            "(n, rows, columns), of 8 or 16 bits without sign or of floating point.",
            name=path.name,
        )
    )


def dataset(file: Any, name: str, path: Path) -> Any:
    """A dataset of the file's root, None where there is none; UserError for one kept elsewhere."""
    import h5py

    link = file.get(name, getlink=True)
    if link is None:
        return None
    found = file[name] if isinstance(link, h5py.HardLink) else None
    if isinstance(found, h5py.Dataset) and not found.is_virtual and found.external is None:
        return found
    raise UserError(
        sentence(
            "“{name}”: “{part}” is no dataset of the file itself. Export it so that everything "
            "is in one file.",
            name=path.name,
            part=name,
        )
    )
