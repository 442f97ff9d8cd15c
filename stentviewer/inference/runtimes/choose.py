"""Which runtime reads: torch where there is an accelerator, else onnxruntime."""

from __future__ import annotations

import platform
import shutil
import sys
from pathlib import Path

from stentviewer.core.errors import UserError
from stentviewer.core.sentences import sentence
from stentviewer.inference.bundle import SAFETENSORS, Bundle
from stentviewer.inference.runtimes import onnx_runtime, torch_runtime
from stentviewer.inference.runtimes.base import Runtime

ONNXRUNTIME = "onnxruntime"
TORCH = "torch"


def open_runtime(bundle: Bundle, prefer: str | None = None) -> Runtime:
    """The runtime for this bundle on this machine; `prefer` names one to be used regardless.

    torch is imported only where an accelerator may exist, because importing it takes longer than
    a reading. Raises UserError for a name that is no runtime, KnownError where it cannot start.
    """
    if prefer not in (None, ONNXRUNTIME, TORCH):
        raise UserError(
            sentence(
                "{prefer} is no runtime. Choose {first} or {second}.",
                prefer=prefer,
                first=ONNXRUNTIME,
                second=TORCH,
            )
        )
    if prefer == TORCH:
        return torch_runtime.TorchRuntime(bundle)
    if prefer is None and bundle.has(SAFETENSORS) and accelerator_possible():
        place = torch_runtime.accelerator()
        if place is not None:
            return torch_runtime.TorchRuntime(bundle, place)
    return onnx_runtime.OnnxRuntime(bundle)


def accelerator_possible() -> bool:
    """Whether torch is installed and the machine shows signs of an accelerator it can use."""
    if torch_runtime.missing():
        return False
    if sys.platform == "darwin":
        return platform.machine() == "arm64"
    drivers = (Path("/proc/driver/nvidia"), Path("/dev/kfd"))  # NVIDIA, AMD
    return any(path.exists() for path in drivers) or shutil.which("nvidia-smi") is not None
