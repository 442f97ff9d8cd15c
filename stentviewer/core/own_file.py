"""What is wrong with a JSON file that a person wrote."""

from __future__ import annotations

from pydantic import ValidationError

from stentviewer.core.sentences import sentence

UNUSABLE = (OSError, ValueError, RecursionError)  # what reading and checking such a file raises


def why_unusable(error: BaseException) -> str:
    """The first thing that is wrong and where it stands, for the middle of a sentence."""
    if not isinstance(error, ValidationError):
        return sentence("it cannot be read as JSON")
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    return f"{where}: {first['msg']}".strip(": ")
