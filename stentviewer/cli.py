"""The command line: what the window does to data, without the window.

Results go to standard output, as a table or, with --json, as JSON lines; progress and sentences
about problems go to standard error. Exit status: 0 done, 2 the user's mistake, 3 some inputs
failed (each named, with the reason), 1 a bug.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from stentviewer import __version__
from stentviewer.core.errors import KnownError, StentviewerError, UserError
from stentviewer.core.jobs import JobContext, Progress
from stentviewer.core.types import Problem
from stentviewer.core.wording import RESEARCH_USE, say_findings

if TYPE_CHECKING:
    from stentviewer.app.read_files import FileReading
    from stentviewer.inference.bundle import Bundle
    from stentviewer.inference.catalog import Catalog

EXIT_BUG, EXIT_USER, EXIT_SOME_FAILED = 1, 2, 3

app = typer.Typer(
    help="Reviews radiographs for metal biliary stents. " + RESEARCH_USE + ".",
    no_args_is_help=False,
    add_completion=False,
    pretty_exceptions_enable=False,
)
simulate_app = typer.Typer(help="Make simulated images, the same for the same seed.")
models_app = typer.Typer(help="The models on this machine.")
library_app = typer.Typer(help="The library of images, readings and labels.")
app.add_typer(simulate_app, name="simulate", no_args_is_help=True)
app.add_typer(models_app, name="models", no_args_is_help=True)
app.add_typer(library_app, name="library", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="JSON lines instead of a table.")]


def main() -> NoReturn:
    """Entry point of the `stentviewer` command; files or nothing at all open the window."""
    words = sys.argv[1:]
    if "" in words:  # a shell's unset variable; as a path it would be the current folder
        _say("One of the words after stentviewer is empty. Name the file or folder that is meant.")
        sys.exit(EXIT_USER)
    if not words or (
        not words[0].startswith("-") and Path(words[0]).exists() and words[0] not in _COMMANDS
    ):
        sys.exit(_window([Path(word) for word in words]))
    for stream in (sys.stdout, sys.stderr):  # a Korean name on a terminal of another alphabet
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        app(standalone_mode=True)
    except StentviewerError as error:
        _say(str(error))
        sys.exit(EXIT_USER if isinstance(error, UserError) else EXIT_SOME_FAILED)
    sys.exit(0)


_COMMANDS = {"demo", "read", "simulate", "models", "library", "open"}


def _window(paths: Sequence[Path], **options: Any) -> int:
    try:
        from stentviewer.ui.app import run
    except ImportError as error:
        _say(
            f"The window cannot start because a library is missing: {error}. "
            "The commands still work: stentviewer --help. On Debian or Ubuntu: "
            "sudo apt-get install libegl1 libgl1 libxkbcommon-x11-0 libxcb-cursor0."
        )
        return EXIT_USER
    return run(list(paths), **options)


def _version(wanted: bool) -> None:
    if wanted:
        _out(f"stentviewer {__version__}")
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
    _say("No display here: reviewing the example patient without a window.")
    with _progress() as context:
        review = review_example(out, context)
    for line in review.lines:
        _out(line)
    _out(f"{len(review.files)} files in {out.resolve()}. {RESEARCH_USE}.")


@app.command()
def read(
    files: Annotated[list[Path], typer.Argument(help="DICOM, PNG, JPEG, TIFF, ZIP or folders.")],
    out: Annotated[Path | None, typer.Option(help="Folder for the heat maps as PNG.")] = None,
    as_json: AsJson = False,
    model: Annotated[str | None, typer.Option(help="Id of the model; see models list.")] = None,
    frame: Annotated[int, typer.Option(min=1, help="Frame of a multi-frame image.")] = 1,
) -> None:
    """Read the stents on radiographs: maker, probability, region and heat map per file."""
    from stentviewer.app.read_files import read_files
    from stentviewer.inference.runtimes.choose import open_runtime

    bundle = _bundle(_catalog(), model)
    runtime = open_runtime(bundle)
    failed = 0
    with _no_muttering(), _progress() as context:
        for result in read_files(files, frame - 1, bundle, runtime, out, context):
            failed += result.error is not None and not result.is_notice
            _print_reading(result, bundle, as_json)
    if not as_json:
        _out(f"{RESEARCH_USE}. Model {bundle.ref.short}.")
    if failed:
        raise typer.Exit(EXIT_SOME_FAILED)


def _print_reading(result: FileReading, bundle: Bundle, as_json: bool) -> None:
    if as_json and not result.is_notice:
        _out(json.dumps(_json_reading(result, bundle), ensure_ascii=False))
    elif result.reading is None:
        _say(f"{result.path.name}: {result.error}")
    else:
        _out(f"{_plain(result.path.name)}\t{say_findings(result.reading.findings)}")


def _json_reading(result: FileReading, bundle: Bundle) -> dict[str, Any]:
    """The object that `read --json` prints; boxes as fractions of width and height."""
    reading = result.reading
    return {
        "file": str(result.path),
        "frame": reading.frame + 1 if reading else None,
        "model": {"id": bundle.ref.id, "sha256": bundle.ref.sha256},
        "findings": [
            {
                "maker": finding.maker,
                "probability": round(finding.probability, 4),
                "set": list(finding.prediction_set),
                "unknown": finding.unknown,
                "box": finding.box.as_list() if finding.box else None,
            }
            for finding in (reading.findings if reading else ())
        ],
        "heatmap": str(result.picture) if result.picture else None,
        "seconds": {k: round(v, 4) for k, v in reading.seconds.items()} if reading else {},
        "device": reading.device if reading else None,
        "notes": list(reading.notes) if reading else [],
        "notice": RESEARCH_USE,
        "error": result.error,
    }


@simulate_app.command("stents")
def simulate_stents(
    count: Annotated[int, typer.Option(min=1, help="How many images.")] = 10,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same pixels.")] = 1,
    out: Annotated[Path, typer.Option(help="Folder for the DICOM files and truth.csv.")] = Path(
        "simulated"
    ),
) -> None:
    """Simulated radiographs with one stent each, as DICOM, with the truth beside them."""
    from stentviewer.simulate import simulate_to_folder

    written = 0
    with _progress() as context, _writing(out):
        for written, _ in enumerate(simulate_to_folder("stents", count, seed, out), start=1):
            context.step(written, count, "Simulating")
    _out(f"{written} simulated images and truth.csv in {out.resolve()}.")


@models_app.command("list")
def models_list(as_json: AsJson = False) -> None:
    """The models on this machine, damaged ones named."""
    problems = 0
    for found in _catalog().bundles():
        if isinstance(found, Problem):
            problems += 1
            row: dict[str, Any] = {"folder": str(found.path), "error": found.message}
            text = f"{found.path.name}\tcannot be used: {found.message}"
        else:
            manifest = found.manifest
            labels = [label.name for label in manifest.labels]
            row = {
                "id": manifest.id,
                "name": manifest.name,
                "version": manifest.version,
                "task": manifest.task,
                "labels": labels,
                "sha256": found.sha256,
                "data_source": manifest.data_source,
                "folder": str(found.folder),
                "error": None,
            }
            text = (
                f"{manifest.id}\t{manifest.version}\t{manifest.task}\t{found.sha256[:8]}\t"
                f"{', '.join(labels)}\t{manifest.data_source}"
            )
        _out(json.dumps(row, ensure_ascii=False) if as_json else text)
    if problems:
        raise typer.Exit(EXIT_SOME_FAILED)


@models_app.command("verify")
def models_verify(
    ids: Annotated[list[str] | None, typer.Argument(help="Ids; all models without any.")] = None,
    as_json: AsJson = False,
) -> None:
    """Compare every file of every model with its recorded SHA-256."""
    bad, seen = 0, set()
    for found in _catalog().bundles():
        name = found.path.name if isinstance(found, Problem) else found.manifest.id
        if ids and name not in ids:
            continue
        seen.add(name)
        error = found.message if isinstance(found, Problem) else None
        bad += error is not None
        row = {"id": name, "ok": error is None, "error": error}
        if as_json:
            _out(json.dumps(row, ensure_ascii=False))
        else:
            _out(f"{name}\t{'in order' if error is None else error}")
    missing = set(ids or ()) - seen
    if missing:
        raise UserError(f"No model called {', '.join(sorted(missing))} here; see models list.")
    if bad:
        raise typer.Exit(EXIT_SOME_FAILED)


@library_app.command("check")
def library_check(
    folder: Annotated[
        Path | None, typer.Option(help="The library's folder; yours without.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check the library: its structure, its audit trail's chain, and that its files are there."""
    from stentviewer.core.paths import data_dir
    from stentviewer.library.repository import Library

    where = folder or data_dir() / "library"
    with Library.open(where, reader="check", read_only=True) as library:
        faults = library.check()
        events = len(library.audit())
    if as_json:
        _out(
            json.dumps(
                {"library": str(where), "events": events, "faults": faults}, ensure_ascii=False
            )
        )
    else:
        for fault in faults:
            _out(fault)
        _out(
            f"{where}: {events} audit events, "
            + (f"{len(faults)} faults." if faults else "in order.")
        )
    if faults:
        raise typer.Exit(EXIT_SOME_FAILED)


def _catalog() -> Catalog:
    from stentviewer.core.paths import data_dir, models_dir
    from stentviewer.inference.catalog import Catalog

    return Catalog([models_dir(), data_dir() / "models"])


def _bundle(catalog: Catalog, model: str | None) -> Bundle:
    from stentviewer.tasks.stent_maker import TASK

    return catalog.get(model) if model else catalog.default(TASK)


def _has_display() -> bool:
    """Whether a window can be shown: any display, or a platform that was asked for by name."""
    if sys.platform in {"win32", "darwin"}:
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    """Turns a folder that cannot be written into a sentence."""
    try:
        yield
    except OSError as error:
        raise KnownError(
            f"{folder} cannot be written: {error.strerror}. Choose another --out or free space."
        ) from error


@contextmanager
def _no_muttering() -> Iterator[None]:
    """Keeps off the screen what decoders written in C print about damaged files.

    They write to file descriptor 2 itself; what matters of it is in the sentences, which go on to
    where standard error was.
    """
    try:
        if sys.stderr.fileno() != 2:
            raise OSError
        sys.stderr.flush()
        kept, silent = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    except (AttributeError, OSError, ValueError):  # closed, or not a file: nothing to keep apart
        yield
        return
    before = sys.stderr
    sys.stderr = os.fdopen(kept, "w", encoding=before.encoding, errors=before.errors, buffering=1)
    os.dup2(silent, 2)
    os.close(silent)
    try:
        yield
    finally:
        sys.stderr.flush()
        os.dup2(kept, 2)
        sys.stderr.close()
        sys.stderr = before


@contextmanager
def _progress() -> Iterator[JobContext]:
    """A bar on standard error where a person looks at it, else nothing."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield JobContext()
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import Progress as Bar

    to_screen = sys.stdout is not None and sys.stdout.isatty()  # else rich would take the results
    console = Console(stderr=True)
    with Bar(console=console, transient=True, redirect_stdout=to_screen) as bar:
        task = bar.add_task("", total=None)

        def show(progress: Progress) -> None:
            bar.update(
                task,
                description=escape(_plain(progress.what)[-40:]),
                completed=progress.done,
                total=progress.total or None,
            )

        yield JobContext(report=show)


def _out(text: str) -> None:
    """A line of results on standard output; a reader that has had enough ends the program."""
    try:
        print(text, flush=True)
    except BrokenPipeError:  # `stentviewer read … | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        raise typer.Exit from None
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what is left of the line is not tried again
        raise KnownError(
            f"The results could not be written to standard output: {error.strerror}. Free some "
            "space or write them elsewhere."
        ) from error


def _say(sentence: str) -> None:
    print(_plain(sentence), file=sys.stderr)


def _plain(text: str) -> str:
    """One line without what commands a terminal: a file's name may hold anything but a slash."""
    return "".join(c if c.isprintable() or "\udc80" <= c <= "\udcff" else "�" for c in text)


if __name__ == "__main__":
    main()
