"""Weakly supervised localisation: from a saliency map to the outline of an object, by graph cut.

The method of Simonyan, Vedaldi and Zisserman, "Deep Inside Convolutional Networks" (2013), section
3.2: the most salient pixels give the colours of the object, the least salient ones those of the
background, and a minimum cut through the grid of pixels (Boykov and Jolly, 2001) finds the border.
As in "GrabCut" (Rother et al., 2004), the colours are then estimated again from the two parts, and
the cut is repeated, a few times.
"""

from __future__ import annotations

import numpy as np
import torch
from scipy.ndimage import binary_fill_holes, gaussian_filter, label
from scipy.sparse import coo_array
from scipy.sparse.csgraph import breadth_first_order, maximum_flow
from sklearn.mixture import GaussianMixture
from threadpoolctl import threadpool_limits
from torch import Tensor, nn

__all__ = ["graph_cut", "iou", "share_inside"]

LONGEST = 96  # pixels
COLOURS = 3  # components of each colour model
UNITS = 100  # maximum_flow takes integers only: weights in hundredths


def graph_cut(
    images: Tensor,
    maps: Tensor,
    *,
    object_share: float = 0.1,
    background_share: float = 0.3,
    blur: float = 0.08,
    smoothness: float = 14.0,
    rounds: int = 4,
) -> Tensor:
    """Segment the objects at which saliency maps point: masks (N, H, W) bool.

    Args:
        images: (N, 3, H, W) in [0, 1].
        maps: saliency maps (N, H, W).
        object_share: fraction of the pixels, the most salient ones, assumed to be object.
        background_share: fraction of the pixels, the least salient ones, assumed to be background.
        blur: standard deviation of the Gaussian that blurs the maps, in image heights.
        smoothness: cost of a border between two neighbours of equal colour, in nats.
        rounds: how often colours are estimated and the cut is made.

    Raises:
        ValueError: the shapes of images and maps don't fit.
    """
    if maps.shape != (len(images), *images.shape[-2:]):
        raise ValueError(
            f"images of shape {tuple(images.shape)} need maps of shape "
            f"{(len(images), *images.shape[-2:])}, but these have {tuple(maps.shape)}"
        )
    with threadpool_limits(1):  # with problems this small, threads would mostly wait
        return _graph_cut(images, maps, object_share, background_share, blur, smoothness, rounds)


def _graph_cut(
    images: Tensor,
    maps: Tensor,
    object_share: float,
    background_share: float,
    blur: float,
    smoothness: float,
    rounds: int,
) -> Tensor:
    small_images, small_maps = _shrunk(images), _shrunk(maps.unsqueeze(1)).squeeze(1)
    masks = []
    for image, map_ in zip(small_images, small_maps, strict=True):
        pixels = image.permute(1, 2, 0).numpy()  # (h, w, 3)
        salience = gaussian_filter(map_.numpy(), blur * len(pixels))
        inside = salience >= np.quantile(salience, 1 - object_share)
        outside = salience <= np.quantile(salience, background_share)
        prior = _prior(salience, 3 * object_share)
        for _ in range(rounds):
            evidence = prior + _colour_evidence(pixels, inside, outside)
            mask = _minimum_cut(pixels, evidence, smoothness)
            mask = _largest_part(binary_fill_holes(mask), salience)
            if min(mask.sum(), (~mask).sum()) < COLOURS:
                break
            inside, outside = mask, ~mask
        masks.append(mask)
    found = torch.from_numpy(np.stack(masks)).double().unsqueeze(1)
    found = nn.functional.interpolate(found, images.shape[-2:], mode="bilinear")
    return found.squeeze(1).gt(0.5).to(images.device)


def _shrunk(batch: Tensor) -> Tensor:
    """(N, C, H, W) -> (N, C, h, w), no side longer than LONGEST: larger cuts are slow."""
    batch = batch.detach().cpu().double()
    scale = LONGEST / max(batch.shape[-2:])
    if scale >= 1:
        return batch
    size = [max(1, round(side * scale)) for side in batch.shape[-2:]]
    return nn.functional.interpolate(batch, size, mode="area")


def iou(a: Tensor, b: Tensor) -> Tensor:
    """Intersection over union of masks (N, H, W) bool: (N,), 1 for two empty masks.

    Raises:
        ValueError: the shapes differ.
    """
    if a.shape != b.shape:
        raise ValueError(f"masks of shape {tuple(a.shape)} and {tuple(b.shape)} can't be compared")
    both = (a & b).flatten(1).sum(1).double()
    either = (a | b).flatten(1).sum(1).double()
    return torch.where(either > 0, both / either, 1.0)


def share_inside(maps: Tensor, masks: Tensor) -> Tensor:
    """Fraction of the sum of each map that lies on its mask, (N,).

    Args:
        maps: (N, H, W), non-negative.
        masks: (N, H, W) bool.
    """
    return (maps * masks).flatten(1).sum(1) / maps.flatten(1).sum(1).clamp_min(1e-30)


def _prior(salience: np.ndarray, share: float) -> np.ndarray:
    """Evidence of the map alone, (H, W) in nats: 0 at the quantile `1 - share`."""
    middle = np.quantile(salience, 1 - share)
    return 2 * np.clip(np.log((salience + 1e-12) / (middle + 1e-12)), -2, 2)


def _colour_evidence(pixels: np.ndarray, inside: np.ndarray, outside: np.ndarray) -> np.ndarray:
    """Evidence of the colours, (H, W) in nats: log-likelihood inside minus outside."""
    flat = pixels.reshape(-1, 3)
    fits = []
    for seeds in (inside, outside):
        mixture = GaussianMixture(COLOURS, reg_covar=1e-3, random_state=0).fit(pixels[seeds])
        fits.append(mixture.score_samples(flat).reshape(inside.shape))
    return np.clip(fits[0] - fits[1], -4, 4)


def _minimum_cut(pixels: np.ndarray, evidence: np.ndarray, smoothness: float) -> np.ndarray:
    """The mask (H, W) with the largest sum of evidence minus the cost of its border."""
    height, width = evidence.shape
    node = np.arange(height * width).reshape(height, width)
    source, sink = height * width, height * width + 1
    starts, ends, costs = [], [], []
    for a, b, first, second in (
        (node[:, :-1], node[:, 1:], pixels[:, :-1], pixels[:, 1:]),
        (node[:-1], node[1:], pixels[:-1], pixels[1:]),
    ):
        contrast = ((first - second) ** 2).sum(-1)
        cost = smoothness * np.exp(-contrast / (2 * contrast.mean() + 1e-12)) + 0.05
        starts += [a.ravel(), b.ravel()]
        ends += [b.ravel(), a.ravel()]
        costs += [cost.ravel(), cost.ravel()]
    for_object, for_background = np.maximum(evidence, 0), np.maximum(-evidence, 0)
    starts += [np.full(node.size, source), node.ravel()]
    ends += [node.ravel(), np.full(node.size, sink)]
    costs += [for_object.ravel(), for_background.ravel()]
    capacity = coo_array(
        (
            np.rint(UNITS * np.concatenate(costs)).astype(np.int32),
            (np.concatenate(starts).astype(np.int32), np.concatenate(ends).astype(np.int32)),
        ),
        shape=(node.size + 2, node.size + 2),
    ).tocsr()
    residual = capacity - maximum_flow(capacity, source, sink).flow
    residual.data = np.maximum(residual.data, 0)
    residual.eliminate_zeros()
    # The nodes that the source still reaches at maximum flow are on the object's side of the cut.
    reached = breadth_first_order(residual, source, return_predecessors=False)
    mask = np.zeros(node.size + 2, dtype=bool)
    mask[reached] = True
    return mask[: node.size].reshape(height, width)


def _largest_part(mask: np.ndarray, salience: np.ndarray) -> np.ndarray:
    """The connected component of the mask with the most saliency."""
    parts, count = label(mask)
    if count < 2:
        return mask
    weights = np.bincount(parts.ravel(), weights=salience.ravel())
    weights[0] = -1  # component 0 is the background
    return parts == weights.argmax()
