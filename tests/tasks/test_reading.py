"""A reading from end to end, on a network that knows the answer."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from stentviewer.app.analyse import read_stents
from stentviewer.core.errors import Cancelled, KnownError, UserError
from stentviewer.core.jobs import JobContext, Progress
from stentviewer.core.types import Box
from stentviewer.explain.checks import share_inside
from stentviewer.inference.bundle import HEAD, ONNX, Bundle, write_bundle
from stentviewer.inference.runtimes.base import Output
from tests.inference.networks import manifest
from tests.tasks.test_stent_maker import radiograph


class Brightness:
    """Its feature map is the image in 8 by 8 cells, and NITI-S is what is bright."""

    device = "a sheet of paper"

    def run(self, tensor: np.ndarray) -> Output:
        cells = tensor[0, 0].reshape(8, 8, 8, 8).mean(axis=(1, 3))
        activation = np.maximum(cells, 0)[None].astype(np.float32)
        return Output(np.array([0, 0, 0, 0, 4 * activation.max()], np.float32), activation)


def bundle(folder: Path, weight: list[float], **changes: object) -> Bundle:
    from safetensors.numpy import save_file

    head = {"weight": np.array(weight, np.float32)[:, None], "bias": np.zeros(5, np.float32)}
    save_file(head, folder / "head")
    return write_bundle(folder / "model", manifest(**changes), {HEAD: folder / "head"})


@pytest.fixture
def spot():
    """Noise with a bright spot right of the middle, below."""
    values = np.random.default_rng(0).integers(0, 100, (400, 400)).astype(np.uint16)
    values[250:300, 300:350] = 4000
    return radiograph(values)


def test_a_reading_says_who_where_why_and_how_long(tmp_path, spot):
    model = bundle(tmp_path, [0, 0, 0, 0, 1])
    steps: list[Progress] = []
    reading = read_stents(spot, 0, model, Brightness(), JobContext(steps.append))
    (found,) = reading.findings
    assert found.maker == "NITI-S"
    assert found.box is not None
    assert found.box.x0 <= 300 / 400 < 350 / 400 <= found.box.x1
    assert found.box.y0 <= 250 / 400 < 300 / 400 <= found.box.y1
    assert reading.heat is not None
    assert reading.heat.method == "Grad-CAM"
    assert share_inside(reading.heat, Box(0.6, 0.5, 0.95, 0.85)) > 0.9
    assert set(reading.seconds) == {"prepare", "network", "explain", "total"}
    stages = sum(v for k, v in reading.seconds.items() if k != "total")
    assert reading.seconds["total"] == pytest.approx(stages, abs=1e-3)
    assert (reading.model.id, reading.model.sha256) == ("stent-test", model.sha256)
    assert reading.device == "a sheet of paper"
    assert reading.created.utcoffset() is not None
    assert reading.notes == ()
    assert [step.done for step in steps] == [0, 1, 2, 3]


def test_no_heat_is_said(tmp_path, spot):
    reading = read_stents(spot, 0, bundle(tmp_path, [0, 0, 0, 0, -1]), Brightness())
    assert reading.findings[0].box is None
    assert "heat map is empty" in reading.notes[0]


def test_a_model_without_its_last_layer_reads_without_a_map(tmp_path, spot):
    (tmp_path / "w").write_bytes(b"w")
    model = write_bundle(tmp_path / "m", manifest(), {ONNX: tmp_path / "w"})
    reading = read_stents(spot, 0, model, Brightness())
    assert reading.heat is None
    assert reading.findings[0].maker == "NITI-S"
    assert "cannot show where it looked" in reading.notes[0]


def test_a_last_layer_of_another_network_is_refused(tmp_path, spot):
    class Wider(Brightness):
        def run(self, tensor: np.ndarray) -> Output:
            output = super().run(tensor)
            return Output(output.scores, np.repeat(output.activation, 2, axis=0))

    with pytest.raises(KnownError, match=r"head\.safetensors does not fit its network"):
        read_stents(spot, 0, bundle(tmp_path, [0, 0, 0, 0, 1]), Wider())


@pytest.mark.parametrize("frame", [-1, 1])
def test_a_frame_that_is_not_there_is_named(tmp_path, spot, frame):
    with pytest.raises(UserError, match=f"one frame; there is no frame {frame + 1}"):
        read_stents(spot, frame, bundle(tmp_path, [1, 0, 0, 0, 0]), Brightness())


def test_a_model_for_something_else_does_not_read_stents(tmp_path, spot):
    with pytest.raises(UserError, match="is for bones, not for stent-maker"):
        read_stents(spot, 0, bundle(tmp_path, [1, 0, 0, 0, 0], task="bones"), Brightness())


def test_a_cancelled_reading_stops(tmp_path, spot):
    context = JobContext()
    context.cancelled.set()
    with pytest.raises(Cancelled):
        read_stents(spot, 0, bundle(tmp_path, [0, 0, 0, 0, 1]), Brightness(), context)
