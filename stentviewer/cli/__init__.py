"""The command line: what the window does to data, without the window.

Results go to standard output, as a table or, with --json, as JSON lines; progress and sentences
about problems go to standard error. Exit status: 0 done, 2 the user's mistake, 3 some inputs
failed (each named, with the reason), 1 a bug, 130 stopped by Ctrl+C.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from stentviewer import __version__
from stentviewer.cli.ablate import ablate
from stentviewer.cli.compressing import compress
from stentviewer.cli.console import EXIT_BUG, EXIT_SOME_FAILED, EXIT_USER, progress, put, say
from stentviewer.cli.learning import add_class, evaluate, runs_app, train
from stentviewer.cli.library import library_app
from stentviewer.cli.models import models_app
from stentviewer.cli.read import read
from stentviewer.cli.simulate import simulate_app
from stentviewer.core.errors import StentviewerError, UserError
from stentviewer.core.wording import RESEARCH_USE

__all__ = ["EXIT_BUG", "EXIT_SOME_FAILED", "EXIT_USER", "app", "main"]

app = typer.Typer(
    help="Reviews radiographs for metal biliary stents. " + RESEARCH_USE + ".",
    no_args_is_help=False,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(simulate_app, name="simulate", no_args_is_help=True)
models_app.command("compress")(compress)
app.add_typer(models_app, name="models", no_args_is_help=True)
app.add_typer(library_app, name="library", no_args_is_help=True)
app.add_typer(runs_app, name="runs", no_args_is_help=True)


def main() -> NoReturn:
    """Entry point of the `stentviewer` command; files or nothing at all open the window."""
    words = sys.argv[1:]
    if "" in words:  # a shell's unset variable; as a path it would be the current folder
        say("One of the words after stentviewer is empty. Name the file or folder that is meant.")
        sys.exit(EXIT_USER)
    if not words or (
        not words[0].startswith("-") and Path(words[0]).exists() and words[0] not in _commands()
    ):
        sys.exit(_window([Path(word) for word in words]))
    for stream in (sys.stdout, sys.stderr):  # a Korean name on a terminal of another alphabet
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        app(standalone_mode=True)
    except StentviewerError as error:
        say(str(error))
        sys.exit(EXIT_USER if isinstance(error, UserError) else EXIT_SOME_FAILED)
    sys.exit(0)


def _commands() -> set[str]:
    groups = {str(group.name) for group in app.registered_groups}
    return groups | {
        command.name or getattr(command.callback, "__name__", "")
        for command in app.registered_commands
    }


def _window(paths: Sequence[Path], **options: Any) -> int:
    try:
        from stentviewer.ui.app import run
    except ImportError as error:
        say(
            f"The window cannot start because a library is missing: {error}. "
            "The commands still work: stentviewer --help. On Debian or Ubuntu: "
            "sudo apt-get install libegl1 libgl1 libxkbcommon-x11-0 libxcb-cursor0."
        )
        return EXIT_USER
    return run(list(paths), **options)


def _version(wanted: bool) -> None:
    if wanted:
        put(f"stentviewer {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """stentviewer [FILE…] opens the window; the commands below work without it."""


@app.command("open")
def open_(paths: Annotated[list[Path], typer.Argument(help="Files, folders or ZIPs.")]) -> None:
    """Open files or folders in the window."""
    raise typer.Exit(_window(paths))


@app.command()
def demo(
    out: Annotated[
        Path, typer.Option(help="Where pictures and report go without a display.")
    ] = Path("review"),
) -> None:
    """Review the bundled example patient: a window where there is a display, else files in OUT."""
    from stentviewer.app.demo import example_dir, review_example

    if _has_display():
        raise typer.Exit(_window([], library_dir=example_dir() / "library", example=True))
    say("No display here: reviewing the example patient without a window.")
    with progress() as context:
        review = review_example(out, context)
    for line in review.lines:
        put(line)
    put(f"{len(review.files)} files in {out.resolve()}. {RESEARCH_USE}.")


app.command()(read)
app.command()(train)
app.command("add-class")(add_class)
app.command()(evaluate)
app.command()(ablate)


def _has_display() -> bool:
    """Whether a window can be shown: any display, or a platform that was asked for by name."""
    if sys.platform in {"win32", "darwin"}:
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))
