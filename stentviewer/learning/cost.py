"""What a run costs: seconds by stage, memory, and energy where a device says it.

Energy is that of whole devices, other programs' share included: processor packages by RAPL (Linux's
powercap) and NVIDIA's GPUs by NVML. A device that does not say, or not to this user, is left out.
"""

from __future__ import annotations

import ctypes
import re
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from stentviewer.learning.events import Event, RunContext
from stentviewer.learning.result_parts import Cost

POWERCAP: Final = Path("/sys/class/powercap")
_EVERY: Final = 10.0  # seconds; a package's counter starts anew after half an hour at the soonest


@dataclass(frozen=True, slots=True)
class Counter:
    """A device that counts the joules it used; from `wraps` on it starts at 0 again."""

    device: str
    read: Callable[[], float]
    wraps: float | None = None


def counters() -> list[Counter]:
    """The devices of this machine that say what they use."""
    return [*package_counters(POWERCAP), *_gpu_counters()]


def package_counters(powercap: Path) -> list[Counter]:
    """Processor packages; their parts (core, uncore, memory) would count twice."""
    found = []
    for zone in sorted(powercap.glob("intel-rapl:*")):  # AMD's stand there too
        if not re.fullmatch(r"intel-rapl:\d+", zone.name):
            continue
        try:
            _microjoules(zone / "energy_uj")
            wraps = _microjoules(zone / "max_energy_range_uj")
            name = (zone / "name").read_text(encoding="ascii").strip()
        except (OSError, ValueError):  # since 2020 for root alone (CVE-2020-8694)
            continue
        read = partial(_microjoules, zone / "energy_uj")
        found.append(Counter(f"CPU {name}", read, wraps))
    return found


def _microjoules(file: Path) -> float:
    return int(file.read_text(encoding="ascii")) / 1e6


def _gpu_counters() -> list[Counter]:
    """NVIDIA's GPUs of the Volta generation and later, by the driver's own library."""
    try:
        nvml = ctypes.CDLL("nvml.dll" if sys.platform == "win32" else "libnvidia-ml.so.1")
    except OSError:
        return []
    number = ctypes.c_uint()
    if nvml.nvmlInit_v2() or nvml.nvmlDeviceGetCount_v2(ctypes.byref(number)):
        return []
    found = []
    for index in range(number.value):
        handle = ctypes.c_void_p()
        if nvml.nvmlDeviceGetHandleByIndex_v2(index, ctypes.byref(handle)):
            continue
        name = ctypes.create_string_buffer(96)
        nvml.nvmlDeviceGetName(handle, name, 96)

        def read(handle: ctypes.c_void_p = handle) -> float:
            used = ctypes.c_ulonglong()
            if nvml.nvmlDeviceGetTotalEnergyConsumption(handle, ctypes.byref(used)):
                raise OSError("the driver does not say")
            return used.value / 1000

        try:
            read()
        except OSError:
            continue
        found.append(Counter(f"GPU {name.value.decode(errors='replace')}", read))
    return found


class Meter:
    """Measures a run over all its parts: what stands in `path` from before is added to.

    Used by one thread. What is measured is kept every ten seconds, so that a run that is killed
    loses no more.
    """

    def __init__(self, path: Path | None = None, devices: Sequence[Counter] | None = None) -> None:
        self._path = path
        self._devices = list(counters() if devices is None else devices)
        self._before = _read(path)
        self._seconds = dict(self._before.seconds)
        self._stage = ""
        self._since = self._looked = time.monotonic()
        self._last = {counter.device: _value(counter) for counter in self._devices}
        self._joules = 0.0

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Count the time inside as this stage's; a stage of the same name is added to."""
        self._close()
        outer, self._stage = self._stage, name
        try:
            yield
        finally:
            self._close()
            self._stage = outer
            self._keep()

    def watching(self, context: RunContext) -> RunContext:
        """The same context, which looks at the counters now and then as events go by."""

        def emit(event: Event) -> None:
            if time.monotonic() - self._looked > _EVERY:
                self._close()
                self._keep()
            context.emit(event)

        return replace(context, emit=emit)

    def cost(self, images: int = 0, device: str = "", threads: int = 0) -> Cost:
        """What the run has cost so far."""
        self._close()
        spoke = bool(self._last) or self._before.energy is not None
        names = dict.fromkeys([*self._before.energy_of, *self._last])
        return Cost(
            seconds=self._seconds,
            energy=(self._before.energy or 0.0) + self._joules if spoke else None,
            energy_of=tuple(names),
            memory=max(peak_memory(), self._before.memory or 0),
            images=images or self._before.images,
            device=device or self._before.device,
            threads=threads or self._before.threads,
        )

    def _close(self) -> None:
        now = time.monotonic()
        if self._stage:
            before = self._seconds.get(self._stage, 0.0)
            self._seconds[self._stage] = before + now - self._since
        self._since = self._looked = now
        for counter in self._devices:
            value, last = _value(counter), self._last[counter.device]
            if value is None or last is None:
                continue
            used = value - last
            if used < 0:
                used = used + counter.wraps if counter.wraps else 0.0
            self._joules += used
            self._last[counter.device] = value

    def _keep(self) -> None:
        if self._path is None:
            return
        unfinished = self._path.with_suffix(".partial")
        try:
            unfinished.write_text(self.cost().model_dump_json(), encoding="utf-8")
            unfinished.replace(self._path)
        except OSError:
            unfinished.unlink(missing_ok=True)  # a full disk stops a run elsewhere, with a sentence


def _value(counter: Counter) -> float | None:
    try:
        return counter.read()
    except (OSError, ValueError):
        return None


def _read(path: Path | None) -> Cost:
    try:
        return Cost.model_validate_json(path.read_bytes()) if path is not None else Cost()
    except (OSError, ValidationError):
        return Cost()


def peak_memory() -> int:
    """The most memory, in bytes, that this process has had so far."""
    if sys.platform == "win32":
        import psutil

        return int(psutil.Process().memory_info().peak_wset)
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
