"""Blur, momentum and film: what the loop of class visualisation needs besides the gradient."""

from __future__ import annotations

import math

import pytest
import torch
from scipy.ndimage import gaussian_filter

from course_lib.ascent import Frames, WithMomentum, gaussian_blur


def images(*shape, seed=0):
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@pytest.mark.parametrize("sigma", [0.5, 1.0, 2.3])
@pytest.mark.parametrize("shape", [(1, 3, 9, 12), (2, 3, 20, 8), (1, 1, 3, 3)])
def test_blur_is_the_gaussian_filter_of_scipy(sigma, shape):
    X, radius = images(*shape), math.ceil(3 * sigma)
    expected = gaussian_filter(X.numpy(), sigma, mode="nearest", axes=(2, 3), radius=radius)
    torch.testing.assert_close(gaussian_blur(X, sigma), torch.from_numpy(expected))


def test_blur_makes_a_copy_keeps_the_range_and_leaves_flat_images_as_they_are():
    X = images(1, 3, 8, 8).round()
    before = X.clone()
    blurred = gaussian_blur(X)
    assert torch.equal(X, before)
    assert blurred.min() >= 0 and blurred.max() <= 1
    assert (blurred - X).abs().max() > 0.05
    torch.testing.assert_close(gaussian_blur(torch.full_like(X, 0.3)), torch.full_like(X, 0.3))


def test_blur_keeps_the_dtype():
    assert gaussian_blur(images(1, 3, 8, 8).float()).dtype == torch.float32


def test_momentum_keeps_its_velocity_from_step_to_step():
    def update(img, velocity, model, target_y, l2_reg, learning_rate, momentum):
        velocity.mul_(momentum).add_(1)
        img += learning_rate * velocity

    img, step = torch.zeros(1, 3, 2, 2), WithMomentum(update, 0.5)
    for _ in range(3):
        step(img, None, 0, 0.0, 0.1)
    # By hand: velocities 1, 1.5, 1.75.
    torch.testing.assert_close(img, torch.full_like(img, 0.425))


def test_frames_keep_the_images_of_some_steps_as_they_were_then():
    film, img = Frames(at=(1, 3)), torch.zeros(1, 3, 2, 2)
    for step in range(1, 5):
        img += 1
        film(step, img)
    assert film.steps == [1, 3]
    assert film.images.shape == (2, 3, 2, 2)
    assert film.images[:, 0, 0, 0].tolist() == [1, 3]
