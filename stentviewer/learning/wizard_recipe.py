"""The recipe of a draft, and whether its way of learning is possible here."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any, Final

from stentviewer.core.sentences import sentence
from stentviewer.learning.recipe import ClassSpec, Method, Optimise, Recipe, Start, preset
from stentviewer.learning.wizard_draft import Draft

OPTIONAL: Final = ("torch", "timm", "lightning_fabric")  # what Tuned and Full need
INSTALL: Final = 'pip install "stentviewer[learn]"'
_TRANSFORMERS: Final = ("deit", "vit", "swin", "beit")
_PAPERS_DROP_PATH: Final = 0.1  # for DeiT
_FOLDS: Final = 5  # the papers'


def network_of(draft: Draft) -> str:
    """timm's name of the network that will learn."""
    return draft.details.network or (draft.model.architecture if draft.model else "")


def is_transformer(network: str) -> bool:
    """Whether low-rank updates (LoRA) have a place in the network."""
    return network.startswith(_TRANSFORMERS)


def missing_packages() -> tuple[str, ...]:
    """The optional packages that Tuned and Full need and that are not installed here."""
    return tuple(name.replace("_", "-") for name in OPTIONAL if find_spec(name) is None)


def why_not_method(draft: Draft, method: Method) -> str:
    """Why a way of learning is not possible here; empty where it is."""
    if method == "quick" and not draft.details.network:
        return ""
    missing = missing_packages()
    if not missing:
        return ""
    if method == "quick":
        return sentence(
            "Another network needs packages that are not installed: {packages}. Install them with "
            "{command}, or keep the model's own network.",
            packages=missing,
            command=INSTALL,
        )
    return sentence(
        "This way needs packages that are not installed: {packages}. Install them with {command}, "
        "or learn with Quick.",
        packages=missing,
        command=INSTALL,
    )


def why_not_folds(folds: int, most: int) -> str:
    """`most` is the number of patients in the smallest class."""
    if folds <= most:
        return ""
    return sentence(
        "{folds} folds need {folds} patients in each class; the smallest has {most}. Choose "
        "{most} folds or fewer, or add patients.",
        folds=folds,
        most=most,
    )


def run_name(draft: Draft) -> str:
    """What the person called the run, or else what it adds and how."""
    if draft.name:
        return draft.name
    what = ", ".join(draft.plan.new) or (draft.model.name if draft.model else "")
    return f"{what} ({draft.method})"


def folds_of(draft: Draft, most: int) -> int:
    """As many as were asked for; else five, or as many as the smallest class has patients."""
    return draft.details.folds or max(2, min(_FOLDS, most))


def usual_side(draft: Draft) -> int:
    """The image size where the person asks for none: the model's own or the way of learning's.

    What is cut out around a stent shows no more on a larger square, so there the model's own stays
    for Full too.
    """
    model, network = draft.model, draft.details.network
    full = draft.method == "full"
    cut_out = model is not None and model.finds and not (full and draft.thorough)
    if model is not None and (cut_out or not (network or full)):
        return model.side
    return int(
        preset(draft.method, draft.thorough).get("side", Recipe.model_fields["side"].default)
    )


def recipe_of(draft: Draft, folds: int) -> Recipe:
    """The run as data. Raises ValueError (pydantic's too) for choices that do not fit."""
    model, details = draft.model, draft.details
    if model is None:
        raise ValueError("no model")
    fields: dict[str, Any] = preset(draft.method, draft.thorough)
    fields["side"] = usual_side(draft)
    if details.side is not None and (draft.method != "quick" or details.network):
        fields["side"] = details.side  # Quick keeps the model as it is, and so its size
    if details.epochs is not None and draft.method != "quick":
        fields["epochs"] = details.epochs
    fields["optimise"] = _optimise(draft, fields.get("optimise", Optimise()))
    start, classes = Start(model=model.id), draft.plan.classes
    if details.network:
        finder = model.id if model.finds else ""
        start = Start(network=details.network, weights=details.weights, finder=finder)
        classes = tuple(_from_nothing(spec) for spec in classes)
    return Recipe(
        name=run_name(draft),
        start=start,
        classes=classes,
        folds=folds,
        seed=details.seed,
        **fields,
    )


def _optimise(draft: Draft, usual: Optimise) -> Optimise:
    if draft.method == "quick":
        return usual
    network, details = network_of(draft), draft.details
    changes: dict[str, Any] = {
        "frozen": details.frozen,
        "layer_decay": details.layer_decay,
        "lora": details.lora if is_transformer(network) else None,
    }
    if draft.method == "full" and network.startswith("deit"):
        changes["drop_path"] = _PAPERS_DROP_PATH
    return usual.model_copy(update={k: v for k, v in changes.items() if v is not None})


def _from_nothing(spec: ClassSpec) -> ClassSpec:
    """Another network has no weights for any class."""
    return spec.model_copy(update={"before": ()})
