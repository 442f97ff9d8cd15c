"""What a run starts from, opened as its way of learning needs it: Quick does without torch."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from stentviewer.core.errors import UserError
from stentviewer.core.sentences import sentence
from stentviewer.core.types import ModelRef
from stentviewer.inference.bundle import Bundle, LabelSpec, load_bundle
from stentviewer.inference.preprocess import Preprocessing
from stentviewer.learning.feed import finder_of
from stentviewer.learning.recipe import Recipe, not_used

if TYPE_CHECKING:
    from stentviewer.inference.catalog import Catalog
    from stentviewer.learning.networks import StartModel


@dataclass(frozen=True, eq=False)
class Start:
    """spec is how images are prepared; labels and ref are of the start model where there is one.

    finder is the model whose finder finds the stents, None where whole fields are learned from.
    """

    spec: Preprocessing
    labels: tuple[LabelSpec, ...] = ()
    ref: ModelRef | None = None
    notes: tuple[str, ...] = ()
    bundle: Bundle | None = None
    network: StartModel | None = None
    finder: Bundle | None = None

    def need_bundle(self) -> Bundle:
        """What Quick learns on."""
        assert self.bundle is not None
        return self.bundle

    def need_network(self) -> StartModel:
        """What Tuned and Full learn on."""
        assert self.network is not None
        return self.network

    def architecture(self) -> str:
        """timm's name of the network."""
        if self.network is not None:
            return self.network.architecture
        return self.need_bundle().manifest.architecture


def open_run_start(recipe: Recipe, catalog: Catalog, work: Path) -> Start:
    """Open what the recipe starts from; work is a folder for what has to be made of it.

    Raises UserError where the recipe asks for what does not go together, KnownError where a model
    or file is damaged.
    """
    if recipe.method == "quick" and recipe.start.model:
        return _of_bundle(open_bundle(recipe.start.model, catalog), recipe)
    from stentviewer.learning.networks import open_start

    network = open_start(recipe, catalog)
    ref = ModelRef(network.id, network.sha256) if network.sha256 else None
    bundle = network.bundle
    if recipe.method == "quick":
        from stentviewer.learning.export import start_bundle

        bundle = start_bundle(network, recipe, work)
    finder = finder_of(network.bundle)
    if recipe.start.finder:
        finder = _with_finder(open_bundle(recipe.start.finder, catalog))
    return Start(network.preprocessing, network.labels, ref, network.notes, bundle, network, finder)


def _with_finder(bundle: Bundle) -> Bundle:
    if bundle.manifest.finder is None:
        raise UserError(
            sentence(
                "The model {model} has no finder: it reads the whole image. Choose another model "
                "to find the stents, or none.",
                model=bundle.manifest.id,
            )
        )
    return bundle


def open_bundle(named: str, catalog: Catalog) -> Bundle:
    """A model by its id, or by its folder where the name has a slash in it."""
    if "/" in named or "\\" in named:
        return load_bundle(Path(named))
    return catalog.get(named)


def _of_bundle(bundle: Bundle, recipe: Recipe) -> Start:
    manifest = bundle.manifest
    if manifest.task != recipe.task:
        raise UserError(
            sentence(
                "The model {model} is for {task}, not for {wanted}. Choose another model.",
                model=manifest.id,
                task=manifest.task,
                wanted=recipe.task,
            )
        )
    if manifest.preprocessing.side != recipe.side:
        raise UserError(
            sentence(
                "Quick keeps the network as it is, so it reads at {its} px as {model} does, not at "
                "{side} px. Choose {its} px, or Tuned or Full.",
                its=manifest.preprocessing.side,
                model=manifest.id,
                side=recipe.side,
            )
        )
    notes = not_used(recipe, manifest.preprocessing, manifest.id)
    return Start(
        manifest.preprocessing,
        manifest.labels,
        bundle.ref,
        notes,
        bundle,
        finder=finder_of(bundle),
    )
