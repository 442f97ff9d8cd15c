"""A grid's runs on a Ray cluster: each an ordinary run in a process of some machine of it.

Only the folders of the runs are named to the cluster: images and labels are read by its machines
themselves, so they, and the person's data folder (STENTVIEWER_HOME), have to be on a folder that
all of them have under the same path, with the same stentviewer installed. A cluster is used when
its address is given, never because one was found; Ray's usage reports are switched off.
"""

from __future__ import annotations

import os
import re
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from stentviewer.app.grid_runs import GridRuns, Pending, keep_reason
from stentviewer.core.errors import Cancelled, KnownError, StentviewerError, UserError
from stentviewer.core.paths import data_dir
from stentviewer.core.sentences import sentence
from stentviewer.learning.recipe import Recipe
from stentviewer.learning.run_folder import RunFolder
from stentviewer.learning.run_lock import is_busy

AUTO: Final = "auto"  # the cluster that runs on this machine
_ADDRESS: Final = re.compile(r"(ray://)?(\[[0-9a-fA-F:]+\]|[\w.-]+):([0-9]{1,5})")
_NAMED: Final = "RAY_ADDRESS"
_ENVIRONMENT: Final = {  # nothing but what is asked for leaves this process
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ENABLE_UV_RUN_RUNTIME_ENV": "0",  # would send the current folder along
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
}
_ANSWERS_WITHIN_S = 5.0
_LOOKS_S = 0.5
_RETRIES: Final = 2  # where a machine goes away: the run goes on where it was
_GRACE_S = 20.0

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Told:
    """What the cluster says of a run: "done", "stopped" or "failed", why, and which machine."""

    status: str
    why: str
    machine: str


def check_address(address: str) -> str:
    """An address of a cluster: "auto", "host:port" or "ray://host:port".

    Raises UserError for anything else, and for "auto" where RAY_ADDRESS would be taken instead.
    """
    named = os.environ.get(_NAMED, "")
    if address == AUTO:
        if named:
            raise UserError(
                sentence(
                    "The environment variable {variable} names the cluster {address}. A cluster "
                    "is used only when it is named in the command: --ray {address}. Or unset the "
                    "variable.",
                    variable=_NAMED,
                    address=named,
                )
            )
        return address
    if not _ADDRESS.fullmatch(address) or not 0 < int(address.rpartition(":")[2]) < 65536:
        raise UserError(
            sentence(
                "“{address}” is no address of a Ray cluster. Give auto for the one on this "
                "machine, host:port, or ray://host:port.",
                address=address,
            )
        )
    return address


def carry_on_cluster(
    runs: GridRuns,
    address: str,
    say: Say,
    ended: Callable[[Pending, Told], None],
) -> None:
    """Carry the runs that have not ended on, as many beside each other as the cluster has room for.

    `ended` is called after each; the tables are written then. Ctrl+C (KeyboardInterrupt) stops
    all of them after a step and raises Cancelled. Raises UserError where the address or Ray is
    missing, KnownError where no cluster answers.
    """
    with _connected(check_address(address)) as ray:
        runs.write_tables()
        carry = ray.remote(carry_on_here)
        home, under_way = str(data_dir()), {}
        for one in runs.pending():
            asked = resources(one.folder.recipe(), ray.nodes())
            task = carry.options(max_retries=_RETRIES, scheduling_strategy="SPREAD", **asked)
            under_way[task.remote(str(one.folder.path), home)] = one
        said: set[int] = set()
        try:
            while under_way:
                ready, _ = ray.wait(list(under_way), num_returns=1, timeout=_LOOKS_S)
                for reference in ready:
                    one = under_way.pop(reference)
                    told = _told(ray, reference)
                    if told.status == "failed":
                        keep_reason(one.folder, told.why, lambda _: None)
                    runs.write_tables()
                    ended(one, told)
                _say_begun(under_way.values(), said, say)
        except KeyboardInterrupt:
            say(sentence("Stopping the runs on the cluster; what was done is kept."))
            for reference in under_way:
                ray.cancel(reference, force=False)
            until = time.monotonic() + _GRACE_S  # Ray takes a cancelled task for done at once
            while any(is_busy(one.folder) for one in under_way.values()):
                if time.monotonic() > until:
                    break
                time.sleep(_LOOKS_S)
            raise Cancelled from None
        finally:
            runs.write_tables()


def _say_begun(under_way: Any, said: set[int], say: Say) -> None:
    for one in under_way:
        if one.number in said:
            continue
        try:
            begun = one.folder.state().status == "running"
        except StentviewerError:
            continue
        if begun:
            said.add(one.number)
            say(sentence("{name} has begun.", name=one.cell.title))


def resources(recipe: Recipe, nodes: Sequence[dict[str, Any]]) -> dict[str, float]:
    """What Ray is asked for a run: its GPUs where the cluster has some, else whole processors.

    A run that names no number of threads computes with all of a machine, so it gets one for
    itself; with GPUs, the share of the processors that goes with them.
    """
    alive = [node["Resources"] for node in nodes if node.get("Alive")]
    computing = [have for have in alive if have.get("CPU", 0) >= 1]
    with_gpu = [have for have in computing if have.get("GPU", 0) >= recipe.compute.devices]
    wants_gpu = recipe.method != "quick" and recipe.compute.device in ("auto", "cuda")
    if wants_gpu and with_gpu:
        share = min(have["CPU"] / have["GPU"] for have in with_gpu) * recipe.compute.devices
        cpus = float(recipe.compute.threads or max(1, int(share)))
        return {"num_gpus": float(recipe.compute.devices), "num_cpus": cpus}
    if recipe.compute.device == "cuda":
        raise KnownError(
            sentence(
                "No machine of the cluster has {n} GPUs, which the run asks for. Choose another "
                "device in the grid.",
                n=recipe.compute.devices,
            )
        )
    whole = min((have["CPU"] for have in computing), default=1.0)
    return {"num_cpus": float(recipe.compute.threads or whole)}


def carry_on_here(path: str, home: str) -> tuple[str, str, str]:
    """On a machine of the cluster: carry one run on; status, why and the machine's name.

    Never raises for what goes wrong with the run; a cancellation stops it after a step.
    """
    os.environ["STENTVIEWER_HOME"] = home
    os.environ.update(_ENVIRONMENT)
    from stentviewer.app.training import Training
    from stentviewer.learning.events import Done, Event, Failed

    machine, folder = socket.gethostname(), RunFolder(Path(path))
    last: list[Event] = []

    def heard(_: RunFolder, event: Event) -> None:
        last[:] = [event]

    training = Training()
    try:
        _must_be_seen(folder, machine)
        if folder.state().status == "done":  # a retry of what ended as its machine went away
            return "done", "", machine
        training.listen(heard)
        training.start(folder)
        while not training.wait(_LOOKS_S):
            pass
    except KeyboardInterrupt:  # how Ray says that a task is cancelled
        training.stop()
        training.wait()
    except StentviewerError as error:
        return "failed", str(error), machine
    finally:
        training.close()
    event = last[0] if last else None
    if isinstance(event, Failed):
        return "failed", event.text, machine
    return ("done" if isinstance(event, Done) else "stopped"), "", machine


def _must_be_seen(folder: RunFolder, machine: str) -> None:
    """Raises KnownError where this machine does not have the run's folder or any of its images."""
    missing = None
    if not (folder.path / "run.json").is_file():
        missing = folder.path
    elif not any(item.path.exists() for item in folder.items()):
        missing = folder.items()[0].path.parent
    if missing is not None:
        raise KnownError(
            sentence(
                "The machine {machine} of the cluster does not see {folder}. Images, runs and "
                "STENTVIEWER_HOME must be on a folder that all machines have under the same path.",
                machine=machine,
                folder=str(missing),
            )
        )


def _told(ray: Any, reference: Any) -> Told:
    try:
        return Told(*ray.get(reference))
    except ray.exceptions.TaskCancelledError:
        return Told("stopped", "", "")
    except ray.exceptions.RayError as error:
        cause = getattr(error, "cause", None) or error
        why = sentence(
            "The cluster gave the run up: {reason}. Each of its machines needs the same "
            "stentviewer; see that it has memory enough.",
            reason=_first_line(cause),
        )
        return Told("failed", why, "")


def _first_line(error: BaseException) -> str:
    text = next(iter(str(error).strip().splitlines()), "") or type(error).__name__
    return text.rstrip(".")[:200]


@contextmanager
def _connected(address: str) -> Iterator[Any]:
    """Ray, connected to a cluster that someone has started; never starts one, nor reports on it."""
    if find_spec("ray") is None:
        raise UserError(
            sentence(
                "Ray is not installed here. Install it with: pip install 'stentviewer[cluster]'. "
                "Without --ray the runs go on one after another on this machine."
            )
        )
    if address != AUTO:
        _must_answer(address)
    before = {name: os.environ.pop(name, None) for name in (_NAMED, *_ENVIRONMENT)}
    os.environ.update(_ENVIRONMENT)
    try:
        import ray

        try:
            ray.init(
                address=address,
                namespace="stentviewer",
                log_to_driver=False,
                configure_logging=False,
            )
        except (ConnectionError, RuntimeError, ValueError, OSError, TimeoutError) as error:
            raise _no_answer(address, _first_line(error)) from error
        try:
            yield ray
        finally:
            ray.shutdown()
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


def _must_answer(address: str) -> None:
    """Ray itself waits for a minute, and then ends the process."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), _ANSWERS_WITHIN_S).close()
    except OSError as error:
        why = error.strerror or sentence("it takes too long")
        raise _no_answer(address, why) from error


def _no_answer(address: str, why: str) -> KnownError:
    return KnownError(
        sentence(
            "No Ray cluster can be used at {address}: {reason}. Start one with: ray start --head "
            "--disable-usage-stats",
            address=address,
            reason=why,
        )
    )
