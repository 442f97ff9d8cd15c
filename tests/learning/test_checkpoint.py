"""A checkpoint is whole or it is not there, whatever happened while it was written."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from stentviewer.core.errors import KnownError  # noqa: E402
from stentviewer.learning import checkpoint  # noqa: E402
from stentviewer.learning.checkpoint import BEFORE, LATEST, Checkpoint  # noqa: E402


def made(number: int) -> Checkpoint:
    tensors = {
        "a": torch.full((3, 2), float(number)),
        "b": torch.tensor(number),
        "half": torch.linspace(0, 1, 7).half(),
        "map": torch.rand(2, 3, 4, 4).to(memory_format=torch.channels_last),
        "none": torch.zeros(0),
    }
    return Checkpoint(tensors, {"done": number, "loss": 0.1 + 0.2})


def test_what_is_saved_is_loaded_to_the_last_bit(tmp_path) -> None:
    kept = made(3)
    checkpoint.save(tmp_path, kept)
    found = checkpoint.load(tmp_path)
    assert found.facts == {"done": 3, "loss": 0.1 + 0.2}
    assert set(found.tensors) == set(kept.tensors)
    for name, value in kept.tensors.items():
        assert found.tensors[name].dtype == value.dtype
        assert torch.equal(found.tensors[name], value)
    assert sorted(p.name for p in tmp_path.iterdir()) == [LATEST]


def test_nothing_there_is_nothing(tmp_path) -> None:
    assert checkpoint.load(tmp_path) is None


@pytest.mark.parametrize("harm", ["cut", "flip", "facts", "empty", "other"])
def test_a_damaged_file_is_found_and_the_one_before_it_counts(harm, tmp_path) -> None:
    checkpoint.save(tmp_path, made(1))
    checkpoint.save(tmp_path, made(2))
    assert checkpoint.load(tmp_path).facts["done"] == 2
    file = tmp_path / LATEST
    raw = bytearray(file.read_bytes())
    if harm == "cut":
        raw = raw[: len(raw) // 2]
    elif harm == "flip":
        raw[-3] ^= 1
    elif harm == "facts":
        place = raw.index(b'done\\": 2') + len(b'done\\": ')
        raw[place] = ord("7")
    elif harm == "empty":
        raw = bytearray()
    else:
        raw = bytearray(b"PK\x03\x04 a zipped pickle")
    file.write_bytes(raw)
    assert checkpoint.load(tmp_path).facts["done"] == 1


def test_a_loss_of_power_between_any_two_steps_leaves_one_that_is_whole(
    tmp_path, monkeypatch
) -> None:
    """Every call that changes the folder is where it ends once."""
    changes = [(Path, "replace"), (os, "fsync"), (Path, "open")]
    for stop_at in range(12):
        folder = tmp_path / str(stop_at)
        folder.mkdir()
        checkpoint.save(folder, made(1))
        calls = 0

        class PowerLost(BaseException):
            pass

        with monkeypatch.context() as patch:
            for place, name in changes:
                real = getattr(place, name)

                def ending(*args, _real=real, _last=stop_at, **kwargs):
                    nonlocal calls
                    calls += 1
                    if calls > _last:
                        raise PowerLost
                    return _real(*args, **kwargs)

                patch.setattr(place, name, ending)
            try:
                checkpoint.save(folder, made(2))
                ended = True
            except PowerLost:
                ended = False
        assert checkpoint.load(folder).facts["done"] in ((2,) if ended else (1, 2))
        if ended:
            assert stop_at >= 4
            break
    else:
        pytest.fail("it never ended")


def test_a_full_disk_is_a_sentence_and_what_was_kept_stays(tmp_path, monkeypatch) -> None:
    checkpoint.save(tmp_path, made(1))

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(KnownError, match="is full"):
            checkpoint.save(tmp_path, made(2))
        with pytest.raises(KnownError, match="is full"):
            checkpoint.write(tmp_path / "model.safetensors", made(2))
    assert checkpoint.load(tmp_path).facts["done"] == 1
    assert sorted(p.name for p in tmp_path.iterdir()) == [LATEST]


def test_what_is_no_longer_needed_goes(tmp_path) -> None:
    checkpoint.save(tmp_path, made(1))
    checkpoint.save(tmp_path, made(2))
    assert (tmp_path / BEFORE).exists()
    checkpoint.clear(tmp_path)
    assert list(tmp_path.iterdir()) == []
