"""A run that is followed at the terminal, from its start to its end."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import typer

from stentviewer.cli.console import EXIT_BUG, EXIT_SOME_FAILED, plain, put, say
from stentviewer.core.wording import RESEARCH_USE
from stentviewer.learning.events import (
    Done,
    Epoch,
    Event,
    Failed,
    FoldDone,
    Stage,
    Step,
    Stopped,
    Told,
)

if TYPE_CHECKING:
    from stentviewer.app.training import Training
    from stentviewer.learning.run_folder import RunFolder

EXIT_STOPPED = 130  # as a shell has it for Ctrl+C
_LOOKS_S = 0.5


def follow(folder: RunFolder, as_json: bool) -> None:
    """Carry a run on and show it; Ctrl+C stops it after its step, a second one at once.

    Raises typer.Exit with the run's exit status where it did not end well.
    """
    ended, status, muttered = carried_on(folder, as_json)
    if isinstance(ended, Failed):
        say(ended.text)
        if ended.is_bug:
            sys.stderr.write(muttered)
        raise typer.Exit(status or (EXIT_BUG if ended.is_bug else EXIT_SOME_FAILED))
    if isinstance(ended, Stopped):
        say(f"Stopped. What was done is kept: stentviewer runs resume {folder.name}")
        raise typer.Exit(EXIT_STOPPED)
    put_result(folder, as_json)


def carried_on(folder: RunFolder, as_json: bool) -> tuple[Done | Stopped | Failed, int, str]:
    """Carry a run on and show it, as `follow` does: how it ended, its process's exit status, and
    what that muttered. Raises UserError and KnownError where it cannot be started."""
    from stentviewer.app.training import Training

    last: list[Done | Stopped | Failed] = []
    training = Training()
    with _shown(as_json) as show:

        def heard(_: RunFolder, event: Event) -> None:
            if isinstance(event, Done | Stopped | Failed):
                last.append(event)
            show(event)

        training.listen(heard)
        training.start(folder)
        _wait(training)
        training.close()
    return last[-1] if last else Stopped(), training.exit_status, training.muttered


def _wait(training: Training) -> None:
    asked = False
    while training.running is not None:
        try:
            training.wait(_LOOKS_S)
        except KeyboardInterrupt:
            if asked:
                training.kill()
            else:
                say("Stopping after this step; Ctrl+C again ends it at once.")
                training.stop()
            asked = True


@contextmanager
def _shown(as_json: bool) -> Iterator[Any]:
    """What is called with each event: JSON lines, a bar for a person, or lines for a log."""
    if as_json:
        yield _put_event
    elif sys.stderr is None or not sys.stderr.isatty():
        yield _say_event
    else:
        from rich.console import Console
        from rich.markup import escape
        from rich.progress import Progress as Bar

        with Bar(console=Console(stderr=True), transient=True, redirect_stdout=False) as bar:
            task = bar.add_task("", total=None)

            def show(event: Event) -> None:
                if isinstance(event, Stage):
                    total = event.total or None
                    bar.update(
                        task, description=escape(plain(event.what)), completed=event.done,
                        total=total,
                    )  # fmt: skip
                elif isinstance(event, Step):
                    bar.update(task, description=step_line(event), completed=event.step,
                               total=event.steps)  # fmt: skip
                elif line := _line(event):
                    bar.console.print(line, markup=False, highlight=False)

            yield show


def _put_event(event: Event) -> None:
    fields = {
        key: None if isinstance(value, float) and value != value else value
        for key, value in asdict(event).items()
    }
    put(json.dumps({"event": type(event).__name__, **fields}, ensure_ascii=False))


def _say_event(event: Event) -> None:
    if line := _line(event):
        say(line)


def _line(event: Event) -> str:
    """What of an event is worth a line that stays."""
    if isinstance(event, Told):
        return plain(event.text)
    if isinstance(event, FoldDone):
        return f"Fold {event.fold}: accuracy {event.accuracy:.3f}, macro F1 {event.f1:.3f}"
    if isinstance(event, Epoch):
        which = f"Fold {event.fold}" if event.fold else "Final model"
        checked = f", macro F1 {event.f1:.3f}" if event.f1 is not None else ""
        loss = "no number" if event.loss is None else f"{event.loss:.4f}"
        return f"{which}, epoch {event.epoch}: loss {loss}{checked}"
    return ""


def step_line(event: Step) -> str:
    """One step in one line."""
    which = f"Fold {event.fold}" if event.fold else "Final model"
    loss = "–" if event.loss is None else f"{event.loss:.3f}"
    return (
        f"{which}, epoch {event.epoch} of {event.epochs}, loss {loss}, "
        f"{event.images_per_second:.1f} images/s, {duration(event.seconds_left)} left"
    )


def duration(seconds: float | None) -> str:
    """Seconds as a person says them."""
    if seconds is None:
        return "?"
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60:02d} min"


def put_result(folder: RunFolder, as_json: bool) -> None:
    """What a finished run found out; raises KnownError where its result is damaged."""
    from stentviewer.learning.result import read_result

    result = read_result(folder.result)
    across = result.out_of_fold
    report = folder.report.with_suffix(".html")
    if as_json:
        row = {
            "run": str(folder.path),
            "mean": result.mean.model_dump(),
            "deviation": result.deviation.model_dump() if result.deviation else None,
            "accuracy": across.accuracy.model_dump(),
            "macro_f1": across.f1.model_dump(),
            "classes": {one.name: one.recall.model_dump() for one in across.classes},
            "temperature": across.calibration.temperature,
            "ece": across.calibration.ece,
            "simulated": result.is_simulated,
            "cost": result.cost.model_dump(),
            "report": str(report) if report.is_file() else None,
            "model": str(folder.bundle) if folder.bundle.is_dir() else None,
            "notice": RESEARCH_USE,
        }
        put(json.dumps(row, ensure_ascii=False))
        return
    spread = f" ± {result.deviation.f1:.3f}" if result.deviation else ""
    put(f"macro F1\t{result.mean.f1:.3f}{spread} over {len(result.folds)} folds")
    put(f"accuracy\t{result.mean.accuracy:.3f}")
    for one in across.classes:
        recall = one.recall
        if recall.value is None:
            put(f"{one.name}\tno images")
        else:
            put(
                f"{one.name}\trecall {recall.value:.3f} ({recall.low:.3f} to {recall.high:.3f}), "
                f"{one.images} images of {one.patients} patients"
            )
    if result.is_simulated:
        put("These figures rest on simulated images.")
    put(f"{folder.name}\t{report}")
    put(f"{RESEARCH_USE}.")
