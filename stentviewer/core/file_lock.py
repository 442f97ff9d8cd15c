"""A lock on a file that the operating system drops however the program dies."""

from __future__ import annotations

import sys
from typing import BinaryIO

_LOCKED_BYTE = 1 << 30  # behind the text: Windows keeps others from reading what is locked


def try_lock(file: BinaryIO) -> bool:
    """Lock an open file until it is closed; False where another has it. Raises OSError."""
    if sys.platform == "win32":
        import msvcrt

        file.seek(_LOCKED_BYTE)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        file.seek(0)
        return True
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
