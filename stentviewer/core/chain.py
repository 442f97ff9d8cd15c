"""A list that only grows, as JSON lines: each line's hash covers it and the hash before it.

hash(n) = SHA-256(hash(n − 1) + canonical JSON of line n without its hash), hash(0) empty. A line
that was changed, put in or taken out of the middle breaks the chain there. Lines taken off the end
do not: whoever must notice that keeps the last hash elsewhere (the library's audit trail does).
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_LIMIT = 64 * 2**20  # bytes; more than a thousand years of such lists


class BrokenChainError(Exception):
    """A line does not follow from the one before; `line` counts from 1."""

    def __init__(self, line: int) -> None:
        super().__init__(f"line {line}")
        self.line = line


def read_chain(path: Path) -> list[dict[str, Any]]:
    """Every line, oldest first; empty where there is no file.

    Raises BrokenChainError at the first line that does not follow, OSError where the file cannot
    be read.
    """
    try:
        if path.stat().st_size > _LIMIT:
            raise BrokenChainError(1)
        content = path.read_bytes()
    except FileNotFoundError:
        return []
    rows, previous = [], ""
    lines = content.split(b"\n")
    if lines.pop() != b"" or not lines:  # the last line too ends with a line feed
        raise BrokenChainError(len(lines) + 1)
    for number, line in enumerate(lines, start=1):
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise BrokenChainError(number) from error
        if not isinstance(row, dict) or row.get("n") != number:
            raise BrokenChainError(number)
        if not row.get("hash") or row["hash"] != _hash(previous, row):
            raise BrokenChainError(number)
        rows.append(row)
        previous = row["hash"]
    return rows


def extend_chain(path: Path, row: Mapping[str, Any]) -> dict[str, Any]:
    """Add a line, whole or not at all, also where the power fails; returns it with n and hash.

    The file is put in place as a whole, so a reader beside sees the former list or the new one.
    One writer at a time is the caller's business. Raises like `read_chain`.
    """
    return _put(path, read_chain(path), row)


def begin_chain(path: Path, row: Mapping[str, Any]) -> dict[str, Any]:
    """The same as the first line of a new list, in the place of any that was there."""
    return _put(path, [], row)


def _put(path: Path, rows: list[dict[str, Any]], row: Mapping[str, Any]) -> dict[str, Any]:
    made = {"n": len(rows) + 1, **row}
    made["hash"] = _hash(rows[-1]["hash"] if rows else "", made)
    text = "".join(_canonical(one) + "\n" for one in [*rows, made])
    write_whole(path, text.encode())
    return made


def write_whole(path: Path, content: bytes) -> None:
    """Put a file in place, whole or not at all, and on the disk itself. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.part")
    with unfinished.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Have the names in a folder on the disk itself, where the system can (Windows cannot)."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _canonical(row: Mapping[str, Any]) -> str:
    return json.dumps(
        row, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False
    )


def _hash(previous: str, row: Mapping[str, Any]) -> str:
    content = {key: value for key, value in row.items() if key != "hash"}
    try:
        text = _canonical(content)
    except ValueError:  # NaN, which JSON has not but its reader takes
        return ""
    return hashlib.sha256((previous + text).encode()).hexdigest()
