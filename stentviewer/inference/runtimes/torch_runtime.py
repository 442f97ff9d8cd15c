"""torch with timm: the runtime of a machine with a CUDA or Apple accelerator."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import numpy as np

from stentviewer.core.errors import KnownError
from stentviewer.core.sentences import sentence
from stentviewer.core.types import FloatArray
from stentviewer.inference.bundle import SAFETENSORS, Bundle
from stentviewer.inference.runtimes.base import Output, checked


def missing() -> str:
    """What has to be installed before this runtime can be used; empty when nothing has."""
    lacking = [name for name in ("torch", "torchvision", "timm") if find_spec(name) is None]
    return sentence("the packages {names}", names=tuple(lacking)) if lacking else ""


def accelerator() -> str | None:
    """The accelerator torch can use, "cuda" or "mps", else None. Imports torch."""
    import torch

    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else None


class TorchRuntime:
    """timm's network of the manifest's architecture with the bundle's `weights.safetensors`."""

    def __init__(self, bundle: Bundle, device: str | None = None) -> None:
        """On `device` ("cuda", "mps", "cpu"), else on the accelerator, else on the CPU.

        Raises KnownError where torch is missing or the weights do not fit the architecture.
        """
        lacking = missing()
        if lacking:
            raise KnownError(sentence("torch cannot be used: install {lacking}.", lacking=lacking))
        self._bundle = bundle
        self._place = device or accelerator() or "cpu"
        self._network = build_network(bundle).to(self._place)
        self.device = f"torch · {_device_name(self._place)}"

    def run(self, tensor: FloatArray) -> Output:
        import torch

        from stentviewer.inference.runtimes.architectures import feature_map

        try:
            # TF32 would cost the last digits that make both runtimes agree.
            with torch.inference_mode(), torch.backends.cudnn.flags(allow_tf32=False):
                image = torch.from_numpy(np.ascontiguousarray(tensor, np.float32))
                features = self._network.forward_features(image.to(self._place))
                scores = self._network.forward_head(features)
                mapped = feature_map(self._network, features)
                return checked(self._bundle, scores.cpu().numpy(), mapped.cpu().numpy())
        except torch.OutOfMemoryError as error:
            raise KnownError(
                sentence(
                    "The graphics card has not enough free memory for this image. Close other "
                    "programs that use it, or read with onnxruntime."
                )
            ) from error


def build_network(bundle: Bundle) -> Any:
    """The bundle's timm network on the CPU, weights loaded, in evaluation mode.

    Weights kept in half precision are widened. Raises KnownError where timm does not know the
    architecture or the weights do not fit it.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load

    from stentviewer.inference.runtimes.architectures import create, known

    manifest, content = bundle.manifest, bundle.read(SAFETENSORS)
    if not known(manifest.architecture):
        raise KnownError(
            sentence(
                "The model {model} is a {architecture}, which the installed timm does not "
                "know. Install a newer timm, or read with onnxruntime.",
                model=manifest.id,
                architecture=manifest.architecture,
            )
        )
    network = create(manifest.architecture, len(manifest.labels), manifest.preprocessing.side)
    try:
        weights = {name: _widened(value) for name, value in load(content).items()}
        network.load_state_dict(weights)
    except (SafetensorError, RuntimeError) as error:
        raise KnownError(
            sentence(
                "The model {model} is not used: {file} does not fit a {architecture}. Install"
                " the model again.",
                model=manifest.id,
                file=SAFETENSORS,
                architecture=manifest.architecture,
            )
        ) from error
    return network.eval()


def _widened(value: Any) -> Any:
    return value.float() if value.is_floating_point() else value


def _device_name(place: str) -> str:
    import torch

    if place.startswith("cuda"):
        return f"CUDA {torch.cuda.get_device_name(place)}"
    return {"mps": "Apple GPU", "cpu": "CPU"}.get(place, place)
