"""The free map is Grad-CAM's map."""

from __future__ import annotations

import numpy as np
import pytest

from stentviewer.explain.cam import class_map, class_map_plus_plus
from tests.explain.peers import grad_cam_values, need_grad_cam, pretrained_lite0, scaled


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


def test_grad_cam_plus_plus_by_hand():
    """Two channels that speak for the class, one against it, at 2 × 2 places."""
    activation = np.array([[[4, 0], [0, 0]], [[0, 0], [0, 8]], [[9, 9], [9, 9]]], np.float32)
    row = np.array([2.0, 4.0, -1.0], np.float32)
    weights = []
    for plane, weight in zip(activation, row, strict=True):
        g = weight / 4
        alpha = g**2 / (2 * g**2 + plane.sum() * g**3 + 1e-6)
        weights.append(4 * alpha * max(g, 0))
    expected = sum(w * plane for w, plane in zip(weights, activation, strict=True))
    assert class_map_plus_plus(activation, row) == pytest.approx(expected / expected.max())
    assert not class_map_plus_plus(activation, -np.abs(row)).any()
    assert not class_map_plus_plus(activation * 0, row).any()
    with pytest.raises(ValueError, match="does not weigh"):
        class_map_plus_plus(activation, row[:2])


def test_small_gradients_do_not_vanish():
    activation = np.random.default_rng(0).random((3, 32, 32), np.float32)
    values = class_map_plus_plus(activation, np.array([1e-9, 2e-9, 0], np.float32))
    assert values.max() == 1


@pytest.mark.parametrize("architecture", ["efficientnet_b0", "resnet50d", "tf_efficientnet_lite0"])
@pytest.mark.parametrize("wanted", [0, 3])
@pytest.mark.parametrize("plus_plus", [False, True])
def test_it_agrees_with_grad_cam(architecture, wanted, plus_plus):
    """Untrained, but with a last layer as wide as a trained one's: see `networks.network`."""
    need_grad_cam()
    from tests.inference.networks import network, texture

    made = network(architecture)
    image = texture(128, 1)
    ours, theirs = grad_cam_values(made, image, wanted, plus_plus=plus_plus)
    assert np.abs(scaled(ours) - scaled(theirs)).max() <= 1e-3
    assert scaled(ours).std() > 0.05  # a map with a shape, not a flat one


@pytest.mark.parametrize("plus_plus", [False, True])
def test_it_agrees_with_grad_cam_on_trained_weights(plus_plus):
    """The ImageNet weights the demo network starts from."""
    need_grad_cam()
    from tests.inference.networks import texture

    made = pretrained_lite0()
    image = texture(224, 2)
    wanted = int(_scores(made, image).argmax())
    ours, theirs = grad_cam_values(made, image, wanted, plus_plus=plus_plus)
    assert np.abs(scaled(ours) - scaled(theirs)).max() <= 1e-3
    assert scaled(ours).std() > 0.05


def _scores(made, image):
    import torch

    with torch.inference_mode():
        return made(torch.from_numpy(image))[0].numpy()
