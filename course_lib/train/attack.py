"""Projected gradient descent (PGD), the attack of adversarial training.

Madry et al., "Towards Deep Learning Models Resistant to Adversarial Attacks", 2018.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["pgd_attack"]


def pgd_attack(
    classifier: nn.Module,
    images: Tensor,
    labels: Tensor,
    epsilon: float,
    steps: int = 20,
    step_size: float | None = None,
    generator: torch.Generator | None = None,
) -> Tensor:
    """Maximise the loss over images at most `epsilon` from `images` in every pixel.

    Args:
        classifier: the model to attack.
        images: (N, 3, H, W) in [0, 1]; the result as well, detached.
        labels: true classes (N,).
        epsilon: largest change of a pixel.
        steps: number of steps.
        step_size: 2.5 * epsilon / steps by default.
        generator: source of the random start.
    """
    step_size = 2.5 * epsilon / steps if step_size is None else step_size
    noise = torch.rand(images.shape, generator=generator).to(images) * 2 - 1
    attacked = (images + epsilon * noise).clamp(0, 1)
    for _ in range(steps):
        attacked.requires_grad_()
        loss = F.cross_entropy(classifier(attacked).float(), labels)
        (gradient,) = torch.autograd.grad(loss, attacked)
        attacked = attacked.detach() + step_size * gradient.sign()
        attacked = images + (attacked - images).clamp(-epsilon, epsilon)
        attacked = attacked.clamp(0, 1)
    return attacked.detach()
