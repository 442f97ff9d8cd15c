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
_KEPT = 2  # sessions: the model in force and the one it is compared with
_sessions: OrderedDict[str, Any] = OrderedDict()
_lock = threading.Lock()


class OnnxRuntime:
    """A bundle's `weights.onnx`: input "image", outputs "scores" and "activation"."""

    device = "onnxruntime · CPU"

    def __init__(self, bundle: Bundle) -> None:
        """Raises KnownError where onnxruntime is missing or refuses the network."""
        self._bundle = bundle
        self._session = _session(bundle)

    def run(self, tensor: FloatArray) -> Output:
        feed = {INPUT: np.ascontiguousarray(tensor, np.float32)}
        try:
            scores, activation = self._session.run([SCORES, ACTIVATION], feed)
        except Exception as error:  # onnxruntime's errors have no base of their own
            raise KnownError(
                sentence(
                    "onnxruntime could not run the model {model} on this image. Free some memory "
                    "and try again; if it happens again, install the model again.",
                    model=self._bundle.manifest.id,
                )
            ) from error
        return checked(self._bundle, scores, activation)


def _session(bundle: Bundle) -> Any:
    """The session of this bundle; the last few are kept, since making one costs a tenth of a
    second or more. Keyed by the hash: the same name with other weights is another model."""
    with _lock:
        if bundle.sha256 not in _sessions:
            _sessions[bundle.sha256] = _load(bundle)
            if len(_sessions) > _KEPT:
                _sessions.popitem(last=False)
        _sessions.move_to_end(bundle.sha256)
        return _sessions[bundle.sha256]


def _load(bundle: Bundle) -> Any:
    name, network = bundle.manifest.id, bundle.read(ONNX)
    if b"location" in network and _ELSEWHERE.search(network):  # the first look is quick
        raise KnownError(
            sentence(
                "The model {name} is not used: its {file} takes weights from another file, "
                "which its hash does not cover. Export it again with all weights inside "
                "{file}.",
                name=name,
                file=ONNX,
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
    options.intra_op_num_threads = cores()
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
                file=ONNX,
            )
        ) from error
    names = {item.name for item in (*session.get_inputs(), *session.get_outputs())}
    lacking = sorted({INPUT, SCORES, ACTIVATION} - names)
    if lacking:
        raise KnownError(
            sentence(
                "The model {name} is not used: {file} has no {lacking}. Install it again.",
                name=name,
                file=ONNX,
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
