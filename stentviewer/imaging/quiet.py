"""What decoders mutter about odd files is kept off the console and out of the logs.

What matters of it reaches the person as a sentence; the rest could hold a patient's name.
"""

from __future__ import annotations

import logging
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

_lock = threading.Lock()
_inside = 0
_saved: warnings.catch_warnings[None] | None = None


@contextmanager
def quiet() -> Iterator[None]:
    """No Python warning and no log line of pydicom's inside; threads may overlap in it."""
    global _inside, _saved
    with _lock:
        if _inside == 0:
            _saved = warnings.catch_warnings()
            _saved.__enter__()
            warnings.simplefilter("ignore")
            logging.getLogger("pydicom").setLevel(logging.CRITICAL + 1)
        _inside += 1
    try:
        yield
    finally:
        with _lock:
            _inside -= 1
            if _inside == 0 and _saved is not None:
                _saved.__exit__(None, None, None)
                _saved = None
