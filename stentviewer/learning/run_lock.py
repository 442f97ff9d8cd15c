"""A run is worked on by one process at a time, whichever window or command started it."""

from __future__ import annotations

from typing import Final

from stentviewer.core.errors import KnownError, UserError
from stentviewer.core.file_lock import try_lock
from stentviewer.core.files import not_written
from stentviewer.core.sentences import sentence
from stentviewer.learning.run_folder import RunFolder

LOCK: Final = "run.lock"


class RunLock:
    """Holds a run until closed; dropped by the operating system however the process ends.

    Raises UserError where another has it, KnownError where the folder cannot be written.
    """

    def __init__(self, folder: RunFolder) -> None:
        try:
            self._file = (folder.path / LOCK).open("a+b")
            if try_lock(self._file):
                return
        except OSError as error:
            raise not_written(folder.path, error) from error
        self._file.close()
        raise UserError(
            sentence(
                "The run “{name}” goes on in another window or command already. Follow it there, "
                "or stop it there first.",
                name=folder.name,
            )
        )

    def close(self) -> None:
        """Let the next one in. The file stays: deleting it would race with that one."""
        self._file.close()

    def __enter__(self) -> RunLock:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def is_busy(folder: RunFolder) -> bool:
    """Whether some process works on the run now."""
    if not (folder.path / LOCK).exists():
        return False
    try:
        RunLock(folder).close()
    except UserError:
        return True
    except KnownError:
        return False
    return False
