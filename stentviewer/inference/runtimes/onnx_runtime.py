"""onnxruntime on the CPU: the runtime of a machine without an accelerator. Never imports torch."""

from __future__ import annotations

import os
import re
import threading
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np

from stentviewer.core.errors import KnownError
from stentviewer.core.sentences import sentence
from stentviewer.core.types import FloatArray
from stentviewer.inference.bundle import ONNX, Bundle
from stentviewer.inference.runtimes.base import Output, checked

INPUT = "image"
SCORES = "scores"
ACTIVATION = "activation"

# The key of ONNX's external data (StringStringEntryProto), after its length in any varint form.
_ELSEWHERE = re.compile(rb"(?:\x08|\x88\x80*\x00)location")
_KEPT = 4  # sessions: the model in force and the one it is compared with, each with its finder
_sessions: OrderedDict[tuple[str, str], Any] = OrderedDict()
_lock = threading.Lock()


class OnnxRuntime:
    """A bundle's `weights.onnx`: input "image", outputs "scores" and "activation"."""

    device = "onnxruntime · CPU"

    def __init__(self, bundle: Bundle) -> None:
        """Raises KnownError where onnxruntime is missing or refuses the network."""
        self._bundle = bundle
        self._session = session_of(bundle, ONNX, (SCORES, ACTIVATION))

    def run(self, tensor: FloatArray) -> Output:
        feed = {INPUT: np.ascontiguousarray(tensor, np.float32)}
        outputs = (SCORES, ACTIVATION)
        scores, activation = run_session(self._bundle, self._session, outputs, feed)
        return checked(self._bundle, scores, activation)


def run_session(
    bundle: Bundle, session: Any, outputs: tuple[str, ...], feed: dict[str, FloatArray]
) -> list[Any]:
    """The named outputs of one pass; raises KnownError where the machine fails."""
    try:
        return list(session.run(list(outputs), feed))
    except Exception as error:  # onnxruntime's errors have no base of their own
        raise KnownError(
            sentence(
                "onnxruntime could not run the model {model} on this image. Free some memory "
                "and try again; if it happens again, install the model again.",
                model=bundle.manifest.id,
            )
        ) from error


def session_of(
    bundle: Bundle, file: str, outputs: tuple[str, ...], threads: int | None = None
) -> Any:
    """The session of one of the bundle's networks; the last few are kept, since making one costs
    a tenth of a second or more. Keyed by the bundle's hash: the same name with other weights is
    another model. threads: None for all cores. Raises KnownError where it cannot be opened or
    lacks an output."""
    key = bundle.sha256, file if threads is None else f"{file} on {threads}"
    with _lock:
        if key not in _sessions:
            _sessions[key] = _load(bundle, file, outputs, threads or cores())
            if len(_sessions) > _KEPT:
                _sessions.popitem(last=False)
        _sessions.move_to_end(key)
        return _sessions[key]


def _load(bundle: Bundle, file: str, outputs: tuple[str, ...], threads: int) -> Any:
    name, network = bundle.manifest.id, bundle.read(file)
    if b"location" in network and _ELSEWHERE.search(network):  # the first look is quick
        raise KnownError(
            sentence(
                "The model {name} is not used: its {file} takes weights from another file, "
                "which its hash does not cover. Export it again with all weights inside "
                "{file}.",
                name=name,
                file=file,
            )
        )
    try:
        import onnxruntime
    except ImportError as error:  # not installed, or its libraries do not load here
        raise KnownError(
            sentence(
                "onnxruntime cannot be loaded, so nothing can be read: {reason}. Install the "
                "package onnxruntime again.",
                reason=_first_line(error),
            )
        ) from error
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    try:
        session = onnxruntime.InferenceSession(network, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's errors have no base of their own
        raise KnownError(
            sentence(
                "onnxruntime cannot open the model {name}: its {file} is no network, or one "
                "for another version of onnxruntime. Install the model again.",
                name=name,
                file=file,
            )
        ) from error
    names = {item.name for item in (*session.get_inputs(), *session.get_outputs())}
    lacking = sorted({INPUT, *outputs} - names)
    if lacking:
        raise KnownError(
            sentence(
                "The model {name} is not used: {file} has no {lacking}. Install it again.",
                name=name,
                file=file,
                lacking=tuple(lacking),
            )
        )
    return session


def cores() -> int:
    """Physical cores this process may use: a second thread on one core only costs."""
    if not hasattr(os, "sched_getaffinity"):
        return max(1, (os.cpu_count() or 2) // 2)
    allowed = os.sched_getaffinity(0)
    siblings = set()
    for cpu in allowed:
        topology = Path(f"/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list")
        try:
            siblings.add(topology.read_text(encoding="ascii").strip())
        except OSError:
            return len(allowed)
    return max(1, len(siblings))


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
