"""Bilinear interpolation as a product of matrices, independent of torch's own.

Checks compare upsampled attribution maps with it.
"""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["resize_bilinear"]


def resize_bilinear(maps: Tensor, height: int, width: int) -> Tensor:
    """Maps of another size, by bilinear interpolation with `align_corners=False`.

    Args:
        maps: (..., h, w), floating point.
        height, width: of the result.

    Returns:
        (..., height, width), of the same dtype and on the same device.
    """
    rows = _weights(height, maps.shape[-2]).to(maps)
    columns = _weights(width, maps.shape[-1]).to(maps)
    return rows @ maps @ columns.T


def _weights(size: int, old: int) -> Tensor:
    """The matrix (size, old) that resizes one axis, in float64; each row sums to 1.

    Values lie at the centres of cells: `old` and `size` cells divide the same length. Beyond the
    outermost old centre its value is repeated.
    """
    centres = (torch.arange(size, dtype=torch.float64) + 0.5) * old / size - 0.5  # in old cells
    distances = (centres.clamp(0, old - 1)[:, None] - torch.arange(old)).abs()
    return (1 - distances).clamp(min=0)
