"""Whether a file still holds the very bytes that were added."""

from __future__ import annotations

import hashlib
from pathlib import Path

from stentviewer.core.errors import KnownError
from stentviewer.core.sentences import sentence
from stentviewer.library.records import ImageRecord


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file's bytes, as hexadecimal digits. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def must_be_unchanged(record: ImageRecord) -> None:
    """Raise KnownError where an image's file is gone or another.

    A label or reading belongs to the very bytes that were seen; nothing else may take them.
    """
    name = record.header.path.name
    try:
        sha256 = sha256_of(record.header.path)
    except OSError as error:
        raise KnownError(
            sentence(
                "The file “{name}” is no longer where it was; put it back or open it again.",
                name=name,
            )
        ) from error
    if sha256 != record.sha256:
        raise KnownError(
            sentence(
                "The file “{name}” has changed since it was added. Open it again to add it as"
                " an image of its own; what was said of the former one is kept.",
                name=name,
            )
        )
