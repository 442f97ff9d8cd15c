"""Files made to break readers: opened or answered with a sentence, quickly, in little memory.

They are read in a process of its own, so that a crash of a decoder is seen as what it is. Seconds
are the processor's, which do not depend on what else the machine does; a hang ends in a timeout.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PER_FILE_S = 10
MOST_MB = 1024

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="peak memory is asked of Linux"
)


def _read_all(paths: list[Path]) -> dict[Path, dict[str, object]]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.imaging.reader_under_limits"],
        input="".join(f"{path}\n" for path in paths),
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=PER_FILE_S * len(paths),
        check=False,
    )
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    at = paths[len(answers)].name if len(answers) < len(paths) else "the end"
    assert done.returncode == 0, f"died at {at}: {done.stderr[-2000:]}"
    return dict(zip(paths, answers, strict=True))


def _check(answers: dict[Path, dict[str, object]]) -> None:
    for path, answer in answers.items():
        said, seconds, peak = str(answer["said"]), answer["seconds"], answer["peak_mb"]
        assert isinstance(seconds, float)
        assert isinstance(peak, float)
        assert said == "opened" or (path.name in said and said.endswith(".")), said
        assert seconds < PER_FILE_S, path.name
        assert peak < MOST_MB, path.name


def test_the_odd_files(data_dir: Path) -> None:
    paths = sorted((data_dir / "hostile-dicom").glob("*.dcm"))
    assert len(paths) == 5
    answers = _read_all(paths)
    _check(answers)
    said = {path.name: str(answer["said"]) for path, answer in answers.items()}
    assert said["MultiframeWindowing.dcm"] == "opened"
    assert "nests its sequences" in said["2026-05-06-Deeply-Nested-Sequence.dcm"]
    assert "65535 × 65535" in said["2026-05-26-oob-monochrome-65535.dcm"]
    assert "46341 × 46341" in said["2026-05-26-oob-monochrome-46341.dcm"]
    assert "without pixels" in said["2017-06-27-XSSInjection.dcm"]


def _fuzzed(data_dir: Path) -> list[Path]:
    paths = sorted((data_dir / "hostile-dicom" / "fuzz").rglob("*.dcm"))
    assert len(paths) == 341
    return paths


def test_every_fourth_fuzzed_file(data_dir: Path) -> None:
    _check(_read_all(_fuzzed(data_dir)[::4]))


@pytest.mark.long
def test_every_fuzzed_file(data_dir: Path) -> None:
    answers = _read_all(_fuzzed(data_dir))
    _check(answers)
    opened = sum(answer["said"] == "opened" for answer in answers.values())
    assert opened >= 200  # what is odd but readable is not refused


def _flipped(whole: bytes, seed: int) -> bytes:
    import random

    made = random.Random(seed)
    data = bytearray(whole)
    start = data.rindex(b"\xe0\x7f\x10\x00")
    for _ in range(made.choice((1, 3, 20))):
        data[made.randrange(start, len(data))] = made.randrange(256)
    return bytes(data[: made.randrange(start, len(data))] if seed % 4 == 0 else data)


def _damage(data_dir: Path, folder: Path, seeds: range) -> list[Path]:
    """Compressed frames of every decoder with bytes of their codestream changed or cut."""
    names = ("JPLL", "JPLY", "JLSL", "JLSN", "J2KR", "J2KI", "RLE")
    made = []
    for name in names:
        whole = (data_dir / "radiographs" / f"XA1_{name}").read_bytes()
        for seed in seeds:
            path = folder / f"{name}_{seed}.dcm"
            path.write_bytes(_flipped(whole, seed))
            made.append(path)
    return made


def test_damaged_codestreams(data_dir: Path, tmp_path: Path) -> None:
    _check(_read_all(_damage(data_dir, tmp_path, range(3))))


@pytest.mark.long
def test_many_damaged_codestreams(data_dir: Path, tmp_path: Path) -> None:
    _check(_read_all(_damage(data_dir, tmp_path, range(100, 160))))
