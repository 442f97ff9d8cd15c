"""The free map is Grad-CAM's map."""

from __future__ import annotations

import numpy as np
import pytest

from stentviewer.explain.cam import class_map
from tests.explain.peers import grad_cam_values, pretrained_lite0, scaled


def test_the_map_is_the_weighted_sum_cut_and_stretched():
    activation = np.array([[[1, 2], [3, 4]], [[4, 0], [0, 0]]], np.float32)
    values = class_map(activation, np.array([1, -1], np.float32))
    assert values == pytest.approx(np.array([[0, 0.5], [0.75, 1]]))
    assert values.dtype == np.float32


def test_what_only_speaks_against_the_class_gives_no_heat():
    values = class_map(np.ones((2, 3, 3), np.float32), np.array([-1, -1], np.float32))
    assert not values.any()


def test_the_same_everywhere_points_nowhere():
    assert not class_map(np.ones((2, 3, 3), np.float32), np.ones(2, np.float32)).any()


@pytest.mark.parametrize("shape", [(3,), (2, 1), ()])
def test_a_row_that_does_not_fit_is_refused(shape):
    with pytest.raises(ValueError, match="does not weigh"):
        class_map(np.ones((2, 3, 3), np.float32), np.ones(shape, np.float32))


@pytest.mark.parametrize("architecture", ["efficientnet_b0", "resnet50d", "tf_efficientnet_lite0"])
@pytest.mark.parametrize("wanted", [0, 3])
def test_it_agrees_with_grad_cam(architecture, wanted):
    """Untrained, but with a last layer as wide as a trained one's: see `networks.network`."""
    pytest.importorskip("pytorch_grad_cam")
    from tests.inference.networks import network, texture

    made = network(architecture)
    image = texture(128, 1)
    ours, theirs = grad_cam_values(made, image, wanted)
    assert np.abs(scaled(ours) - scaled(theirs)).max() <= 1e-3
    assert scaled(ours).std() > 0.05  # a map with a shape, not a flat one


def test_it_agrees_with_grad_cam_on_trained_weights():
    """The ImageNet weights the demo network starts from."""
    pytest.importorskip("pytorch_grad_cam")
    from tests.inference.networks import texture

    made = pretrained_lite0()
    image = texture(224, 2)
    wanted = int(_scores(made, image).argmax())
    ours, theirs = grad_cam_values(made, image, wanted)
    assert np.abs(scaled(ours) - scaled(theirs)).max() <= 1e-3
    assert scaled(ours).std() > 0.05


def _scores(made, image):
    import torch

    with torch.inference_mode():
        return made(torch.from_numpy(image))[0].numpy()
