"""Lets torchvision (and so timm) be imported beside a CPU build of torch.

PyPI's torchvision carries operators compiled against a CUDA build of torch. Beside a CPU build
they cannot be loaded, and ``import torchvision`` then fails with "operator torchvision::nms does
not exist", because it registers shape functions for operators nobody defined. Only the schemas
have to exist for the import to succeed; none of those operators is used here.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

_SCHEMAS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)
_libraries: list[Any] = []  # a torch Library undefines its schemas when it is collected


def mend_torchvision() -> None:
    """Define torchvision's missing operator schemas; call before importing torchvision or timm.

    Does nothing where the compiled operators load, where torchvision is not installed, or on a
    second call.
    """
    import torch

    if _libraries or hasattr(torch.ops.torchvision, "nms"):
        return
    spec = importlib.util.find_spec("torchvision")
    if spec is None or not spec.submodule_search_locations or _compiled_loads(spec):
        return
    library = torch.library.Library("torchvision", "DEF")
    for schema in _SCHEMAS:
        library.define(schema)
    _libraries.append(library)


def _compiled_loads(spec: Any) -> bool:
    """Whether torchvision's own compiled operators can be loaded by this torch."""
    import torch

    for folder in spec.submodule_search_locations:
        for path in sorted(Path(folder).glob("_C*.*")):
            try:
                torch.ops.load_library(str(path))
            except OSError:
                continue
            return hasattr(torch.ops.torchvision, "nms")
    return False
