"""The networks do what their docstrings say."""

import pytest
import torch
from torch import nn

from course_lib import Normalize, ResidualBlock
from course_lib.networks import NETWORKS


def test_normalize_by_hand():
    images = torch.tensor([0.5, 1.0, 0.0]).view(1, 3, 1, 1).expand(2, 3, 4, 5)
    out = Normalize((0.5, 0.5, 0.25), (0.1, 0.25, 0.5))(images)
    assert out.shape == images.shape
    assert torch.allclose(out[1, :, 3, 4], torch.tensor([0.0, 2.0, -0.5]))


def test_normalize_follows_its_model_to_another_dtype():
    assert Normalize((0.5,) * 3, (0.5,) * 3).double()(torch.ones(1, 3, 2, 2).double()).dtype == (
        torch.float64
    )


@pytest.mark.parametrize("name", NETWORKS)
def test_any_batch_and_any_size_gives_scores(name):
    network = NETWORKS[name](5).eval()
    for shape in [(1, 3, 64, 64), (2, 3, 33, 48), (3, 3, 16, 16)]:
        assert network(torch.rand(shape)).shape == (shape[0], 5)


@pytest.mark.parametrize("name", NETWORKS)
def test_last_stage_works_at_an_eighth_and_networks_are_small(name):
    network = NETWORKS[name](12).eval()
    x = torch.rand(1, 3, 64, 64)
    for stage in (network.stem, network.stage1, network.stage2, network.stage3):
        x = stage(x)
    assert x.shape[-2:] == (8, 8)
    assert sum(p.numel() for p in network.parameters()) < 400_000


def test_residual_block_adds_what_came_in():
    block = ResidualBlock(4, 4).eval()
    nn.init.zeros_(block.bn2.weight)  # nothing comes through the convolutions
    x = torch.randn(2, 4, 5, 6)
    assert torch.equal(block(x.clone()), x.relu())


def test_residual_block_halves_and_widens():
    assert ResidualBlock(4, 8, stride=2)(torch.rand(2, 4, 8, 6)).shape == (2, 8, 4, 3)
