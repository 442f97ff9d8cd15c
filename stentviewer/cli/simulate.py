"""`stentviewer simulate`: images that no patient stands behind."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from stentviewer.cli.console import progress, put, writing

simulate_app = typer.Typer(help="Make simulated images, the same for the same seed.")


@simulate_app.command("stents")
def simulate_stents(
    count: Annotated[int, typer.Option(min=1, help="How many images.")] = 10,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same pixels.")] = 1,
    out: Annotated[Path, typer.Option(help="Folder for the DICOM files and truth.csv.")] = Path(
        "simulated"
    ),
    maker: Annotated[str, typer.Option(help="All of one design, also Coil, which is new.")] = "",
    patients: Annotated[
        bool, typer.Option(help="Up to 4 images a patient, with selection.csv for learning.")
    ] = False,
    side: Annotated[
        int, typer.Option(min=0, help="With --patients: pixels of the longer side, 64 or more.")
    ] = 0,
    none: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="Share of images without a stent.")
    ] = 0.0,
    several: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="Share of images with several stents.")
    ] = 0.0,
    backgrounds: Annotated[
        Path | None,
        typer.Option(help="Folder of radiographs without stents, or of folders of CT slices."),
    ] = None,
) -> None:
    """Simulated radiographs, one stent each unless told, as DICOM with the truth beside them."""
    from stentviewer.simulate import (
        find_backgrounds,
        share_out,
        simulate_study_set,
        simulate_to_folder,
    )

    if none + several > 1:
        raise typer.BadParameter("--none and --several are shares of one whole.")
    if patients and (none or several or backgrounds):
        raise typer.BadParameter("--patients has one stent an image, on simulated anatomy.")
    if patients:
        counts = {maker: count} if maker else share_out(count)
        with progress() as context, writing(out):
            table = simulate_study_set(
                out,
                seed,
                counts,
                side=side or None,
                progress=lambda done, total: context.step(done, total, "Simulating"),
            )
        put(f"{count} simulated images and {table.name} in {out.resolve()}.")
        return
    written = 0
    mix = (none, 1 - none - several, several)
    files = find_backgrounds(backgrounds) if backgrounds else ()
    with progress() as context, writing(out):
        made = simulate_to_folder(
            "stents", count, seed, out, maker=maker or None, mix=mix, backgrounds=files
        )
        for written, _ in enumerate(made, start=1):
            context.step(written, count, "Simulating")
    put(f"{written} simulated images and truth.csv in {out.resolve()}.")
