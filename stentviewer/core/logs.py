"""The program's own log: what happened and how long it took, never whose image it was.

A line is one JSON object: an event's name and fields, both from the lists here. Free text cannot
be logged at all, so no name, ID, birth date or path can reach the file.
"""

from __future__ import annotations

import json
import logging
import re
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from traceback import walk_tb
from types import TracebackType
from typing import Literal, get_args

from stentviewer.core.paths import data_dir
from stentviewer.core.sentences import sentence

Event = Literal[
    "program.started",
    "program.ended",
    "files.added",
    "image.opened",
    "reading.done",
    "reading.explained",
    "label.changed",
    "model.promoted",
    "model.removed",
    "model.rolled_back",
    "crash",
]
_EVENTS = frozenset(get_args(Event))
_NUMBERS = frozenset(
    {
        *("seconds", "rows", "columns", "frame", "images", "new", "problems"),
        *("findings", "image", "reading"),
    }
)
_WORDS = {
    "action": re.compile(r"accepted|corrected|cleared|committed"),
    "platform": re.compile(r"linux|darwin|win32"),
    "kind": re.compile(r"[A-Za-z_]{1,64}"),  # an exception's class
    "model": re.compile(r"[0-9a-f]{8}"),  # the first digits of its hash
    "at": re.compile(r"[a-z0-9_.]{1,64}:[A-Za-z0-9_<>]{1,64}:[0-9]{1,6}"),  # module:function:line
}
_OURS = "stentviewer"
_log = logging.getLogger(_OURS)


def start_log(folder: Path | None = None) -> str:
    """Write to `folder`/stentviewer.log from now on: five files of 1 MB at most.

    Returns a sentence where that cannot be done, else an empty string: a program that cannot log
    still works.
    """
    stop_log()
    where = folder or data_dir() / "logs"
    try:
        where.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(
            where / "stentviewer.log", maxBytes=1_000_000, backupCount=4, encoding="utf-8"
        )
    except OSError:
        return sentence(
            "The log cannot be written in “{folder}”; the program works without it.", folder=where
        )
    handler.setFormatter(logging.Formatter("%(message)s"))
    _log.addHandler(handler)
    _log.setLevel(logging.INFO)
    _log.propagate = False
    return ""


def stop_log() -> None:
    """Close the log file."""
    for handler in list(_log.handlers):
        _log.removeHandler(handler)
        handler.close()


def log(event: Event, **fields: float | str | None) -> None:
    """Log an event. Raises ValueError for a name, field or value that is not on the lists.

    None is left out.
    """
    if event not in _EVENTS:
        raise ValueError(f"{event!r} is not an event that is logged")
    kept = {name: value for name, value in fields.items() if value is not None}
    for name, value in kept.items():
        if not _may_be_logged(name, value):
            raise ValueError(f"{name} with this value may not be logged")
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    _log.info("%s", json.dumps({"time": now, "event": event} | kept))


def log_crash(error: BaseException) -> None:
    """Log a bug: its class and where it was raised, without its message, which may name someone."""
    kind = type(error).__name__
    at = _innermost(error.__traceback__)
    log(
        "crash",
        kind=kind if _may_be_logged("kind", kind) else "Exception",
        at=at if at and _may_be_logged("at", at) else None,
    )


def _may_be_logged(name: str, value: float | str) -> bool:
    if name in _NUMBERS:
        return isinstance(value, int | float)
    pattern = _WORDS.get(name)
    return pattern is not None and isinstance(value, str) and bool(pattern.fullmatch(value))


def _innermost(trace: TracebackType | None) -> str:
    """The deepest place of ours: "stentviewer.imaging.readers:read_header:42"."""
    at = ""
    for frame, line in walk_tb(trace):
        module = str(frame.f_globals.get("__name__", ""))
        if module.split(".")[0] == _OURS:
            at = f"{module}:{frame.f_code.co_name}:{line}"
    return at
