"""What the commands share at the terminal: lines of results, sentences, a bar, exit statuses."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from stentviewer.core.errors import KnownError
from stentviewer.core.jobs import JobContext, Progress

EXIT_BUG, EXIT_USER, EXIT_SOME_FAILED = 1, 2, 3

AsJson = Annotated[bool, typer.Option("--json", help="JSON lines instead of a table.")]


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Turns a folder that cannot be written into a sentence."""
    try:
        yield
    except OSError as error:
        raise KnownError(
            f"{folder} cannot be written: {error.strerror}. Choose another --out or free space."
        ) from error


@contextmanager
def no_muttering() -> Iterator[None]:
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
def progress() -> Iterator[JobContext]:
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
                description=escape(plain(progress.what)[-40:]),
                completed=progress.done,
                total=progress.total or None,
            )

        yield JobContext(report=show)


def put(text: str) -> None:
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


def say(sentence: str) -> None:
    print(plain(sentence), file=sys.stderr)


def plain(text: str) -> str:
    """One line without what commands a terminal: a file's name may hold anything but a slash."""
    return "".join(c if c.isprintable() or "\udc80" <= c <= "\udcff" else "�" for c in text)


def plain_row(text: str) -> str:
    """A row of a table: its columns stand between tabs, and nothing in it commands a terminal."""
    return "\t".join(plain(column) for column in text.split("\t"))
