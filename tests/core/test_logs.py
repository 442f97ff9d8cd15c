"""No name, number of a patient or path can reach the log, whoever logs it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stentviewer.core.logs import log, log_crash, start_log, stop_log


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    assert start_log(tmp_path / "logs") == ""
    yield tmp_path / "logs"
    stop_log()


def lines(folder: Path) -> list[dict[str, Any]]:
    text = (folder / "stentviewer.log").read_text("utf-8")
    return [json.loads(line) for line in text.splitlines()]


def test_a_line_is_an_event_and_its_fields(folder: Path) -> None:
    log("reading.done", seconds=0.21, model="ab12cd34", findings=2, frame=None)
    (line,) = lines(folder)
    assert line.pop("time").endswith("+00:00")
    assert line == {
        "event": "reading.done",
        "seconds": 0.21,
        "model": "ab12cd34",
        "findings": 2,
    }


@pytest.mark.parametrize(
    "fields",
    [
        {"path": "/images/KIM.dcm"},
        {"patient": "KIM"},
        {"action": "KIM^MINSU"},
        {"kind": "KIM^MINSU"},
        {"at": "/home/kim/a.py:1"},
        {"model": "kim"},
        {"rows": "00123"},
        {"platform": "1951-02-03"},
    ],
)
def test_what_is_not_on_the_list_is_refused(folder: Path, fields: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="may not be logged") as raised:
        log("image.opened", **fields)
    assert "KIM" not in str(raised.value)
    assert lines(folder) == []


def test_an_event_that_is_not_on_the_list_is_refused(folder: Path) -> None:
    with pytest.raises(ValueError, match="not an event"):
        log("KIM^MINSU opened")  # type: ignore[arg-type]
    assert lines(folder) == []


def test_a_crash_is_logged_without_its_message(folder: Path) -> None:
    from stentviewer.core.errors import Cancelled
    from stentviewer.core.jobs import JobContext

    job = JobContext()
    job.cancelled.set()
    with pytest.raises(Cancelled) as raised:
        job.step(0, 1)
    log_crash(raised.value)
    log_crash(RuntimeError("KIM^MINSU in /images/KIM.dcm"))
    log_crash(type("KIM^MINSU", (Exception,), {})())
    first, second, third = lines(folder)
    assert first["kind"] == "Cancelled"
    assert first["at"].startswith("stentviewer.core.jobs:step:")
    assert second["kind"] == "RuntimeError"
    assert "at" not in second
    assert third["kind"] == "Exception"
    assert "KIM" not in (folder / "stentviewer.log").read_text()


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.from_regex(r"[A-Z]{2,8}\^[A-Z]{2,8}", fullmatch=True), key=st.text(max_size=8))
def test_no_name_gets_in_by_any_field(folder: Path, name: str, key: str) -> None:
    for field in (key, "kind", "at", "model", "platform", "action"):
        with pytest.raises((ValueError, TypeError)):
            log("label.changed", **{field: name})
    assert name not in (folder / "stentviewer.log").read_text("utf-8")


def test_the_log_does_not_grow_for_ever(folder: Path) -> None:
    for n in range(12_000):
        log("image.opened", seconds=n / 7, rows=3072, columns=3072, image=n)
    files = list(folder.iterdir())
    assert len(files) > 1
    assert all(file.stat().st_size <= 1_000_000 for file in files)


def test_a_log_that_cannot_be_written_is_told_and_nothing_fails(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "works without it" in start_log(tmp_path / "file" / "logs")
    log("program.started")
