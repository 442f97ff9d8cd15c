"""The bundled example patient: simulated from its seed where it is first asked for."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from stentviewer.core.errors import KnownError
from stentviewer.core.jobs import JobContext
from stentviewer.core.paths import data_dir
from stentviewer.core.sentences import sentence
from stentviewer.core.wording import say_reading


def example_dir() -> Path:
    """The example's own folder: its images and its library, apart from the patients'."""
    return data_dir() / "example"


def example_patient_files(context: JobContext) -> list[Path]:
    """The example's DICOM files, simulated on the first call (a few seconds), then only listed.

    They are simulated and say so in their description. A folder that was left half made (the
    program was killed) is not used: it gets its name only once it is whole.
    Raises KnownError when the folder cannot be written, Cancelled when the person cancelled.
    """
    images = example_dir() / "images"
    if images.is_dir():
        return sorted(images.rglob("*.dcm"))
    from stentviewer.simulate import write_example_patient

    context.step(0, 1, "Simulating the example patient")
    making = example_dir() / f"images-{os.getpid()}"
    try:
        making.mkdir(parents=True, exist_ok=True)
        write_example_patient(making)
        context.step(1, 1, "Simulating the example patient")
        making.rename(images)
    except OSError as error:
        if images.is_dir():  # another copy of the program was quicker
            return sorted(images.rglob("*.dcm"))
        raise KnownError(
            sentence(
                "The example patient could not be written to {folder}: {reason}. Free some "
                "space or set STENTVIEWER_HOME to a folder that can be written.",
                folder=example_dir(),
                reason=error.strerror,
            )
        ) from error
    finally:
        shutil.rmtree(making, ignore_errors=True)
    return sorted(images.rglob("*.dcm"))


@dataclass(frozen=True, slots=True)
class ExampleReview:
    """What the review without a window left behind, and a line of text per image."""

    files: tuple[Path, ...]
    lines: tuple[str, ...]


def review_example(out: Path, context: JobContext) -> ExampleReview:
    """Do what the window does with the example: open, read each image, save pictures and report.

    The review goes through the same library and session as in the window, in the example's own
    folder; nobody is there to accept a label, so none is set.
    """
    from stentviewer.app.exporting import export_review
    from stentviewer.app.session import Session
    from stentviewer.core.paths import models_dir
    from stentviewer.core.settings import account_name
    from stentviewer.inference.catalog import Catalog
    from stentviewer.library.repository import Library

    files = example_patient_files(context)
    reader = account_name()
    written: list[Path] = []
    lines: list[str] = []
    with Library.open(example_dir() / "library", reader=reader) as library:
        session = Session(library, Catalog([models_dir(), data_dir() / "models"]), reader)
        added = session.add(files, context)
        for number, image in enumerate(added.images):
            context.step(number, len(added.images), "Reading")
            record = session.read(image.id, 0, context)
            assert record is not None  # nothing is sealed here
            written += export_review(session, image.id, 0, out)
            lines.append(f"{image.header.path.name}: {say_reading(record.reading)}")
    return ExampleReview(tuple(written), tuple(lines))
