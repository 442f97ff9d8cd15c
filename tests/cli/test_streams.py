"""What a terminal, a pipe and a full disk do to the commands."""

from __future__ import annotations

import errno
import io
import os
import sys

import pytest
import typer

from stentviewer.cli import console
from stentviewer.core.errors import KnownError
from stentviewer.core.jobs import JobContext


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_results_go_to_standard_output_beside_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    out, screen = io.StringIO(), Terminal()
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", screen)
    with console.progress():
        console.put('{"file": "a"}')
    assert out.getvalue() == '{"file": "a"}\n'
    assert "file" not in screen.getvalue()


def test_a_bar_shows_any_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", Terminal())
    with console.progress() as context:
        for name in ("[/foo].dcm", "[red]", "a\nb\x1b[31m", "x" * 500):
            context.step(0, 1, name)


def test_without_a_standard_error_there_is_no_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    with console.no_muttering(), console.progress() as context:
        assert isinstance(context, JobContext)


def test_a_name_cannot_command_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    console.say("a\nb\x1b[31m 홍길동")
    assert capsys.readouterr().err == "a�b�[31m 홍길동\n"


def test_a_full_disk_behind_standard_output_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Full(io.StringIO):
        def write(self, text: str) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "dup2", lambda *_: 0)
    monkeypatch.setattr(sys, "stdout", Full())
    with pytest.raises(KnownError, match="could not be written to standard output: No space"):
        console.put("x")


def test_a_reader_that_has_had_enough_ends_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    class Closed(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    monkeypatch.setattr(os, "dup2", lambda *_: 0)
    monkeypatch.setattr(sys, "stdout", Closed())
    with pytest.raises(typer.Exit) as ended:
        console.put("x")
    assert ended.value.exit_code == 0


def test_what_decoders_print_stays_off_the_screen(capfd: pytest.CaptureFixture[str]) -> None:
    with os.fdopen(os.dup(2), "w") as kept:
        before, sys.stderr = sys.stderr, os.fdopen(2, "w", closefd=False)
        try:
            with console.no_muttering():
                os.write(2, b"libpng error: bad adaptive filter value\n")
                console.say("a sentence")
            os.write(2, b"afterwards\n")
        finally:
            sys.stderr.flush()
            sys.stderr = before
        kept.flush()
    assert capfd.readouterr().err == "a sentence\nafterwards\n"
