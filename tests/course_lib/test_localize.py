"""Does the cut find an object from a rough hint? Are overlap and share what they are by hand?"""

import pytest
import torch

from course_lib.localize import graph_cut, iou, share_inside


def box(top, bottom, left, right, size=32):
    mask = torch.zeros(1, size, size, dtype=torch.bool)
    mask[:, top:bottom, left:right] = True
    return mask


def test_iou_by_hand():
    a = torch.tensor([[[1, 1, 0, 0]], [[1, 0, 0, 0]], [[0, 0, 0, 0]]]).bool()
    b = torch.tensor([[[0, 1, 1, 0]], [[0, 0, 1, 0]], [[0, 0, 0, 0]]]).bool()
    torch.testing.assert_close(iou(a, b), torch.tensor([1 / 3, 0, 1], dtype=torch.float64))


def test_iou_agrees_with_scikit_learn():
    from sklearn.metrics import jaccard_score

    a, b = torch.rand(2, 4, 9, 9, generator=torch.Generator().manual_seed(0)) > 0.6
    expected = [jaccard_score(x.flatten(), y.flatten()) for x, y in zip(a, b, strict=True)]
    torch.testing.assert_close(iou(a, b), torch.tensor(expected, dtype=torch.float64))


def test_iou_refuses_masks_of_different_sizes():
    with pytest.raises(ValueError, match=r"\(1, 32, 32\) and \(1, 16, 16\)"):
        iou(box(0, 1, 0, 1), box(0, 1, 0, 1, size=16))


def test_share_inside_by_hand():
    maps = torch.tensor([[[1.0, 3.0]], [[0.0, 0.0]]])
    masks = torch.tensor([[[False, True]], [[True, True]]])
    torch.testing.assert_close(share_inside(maps, masks), torch.tensor([0.75, 0.0]))


def scene(truth, seed=0):
    """A textured orange box on a textured blue ground."""
    generator = torch.Generator().manual_seed(seed)
    noise = 0.08 * torch.randn(1, 3, *truth.shape[-2:], generator=generator)
    orange, blue = torch.tensor([0.9, 0.5, 0.2]), torch.tensor([0.2, 0.3, 0.6])
    image = torch.where(truth[:, None], orange.view(1, 3, 1, 1), blue.view(1, 3, 1, 1))
    return (image + noise).clamp(0, 1)


def test_a_rough_map_is_enough_to_find_the_whole_object():
    truth = box(8, 24, 10, 26)
    hint = box(12, 18, 14, 20).float() + 0.05 * torch.rand(1, 32, 32)
    assert iou(graph_cut(scene(truth), hint), truth).item() > 0.9
    assert iou(hint > 0.5, truth).item() < 0.2  # the map alone would not do


def test_the_cut_follows_the_map_where_two_objects_look_alike():
    left, right = box(10, 20, 3, 12), box(10, 20, 20, 29)
    hint = box(12, 18, 22, 27).float()
    found = graph_cut(scene(left | right), hint)
    assert iou(found, right).item() > 0.7
    assert not (found & left).any()


def test_large_images_are_cut_at_lower_resolution_and_come_back_in_full():
    truth = box(60, 180, 70, 200, size=256)
    found = graph_cut(scene(truth), box(90, 140, 100, 160, size=256).float())
    assert found.shape == (1, 256, 256)
    assert found.dtype == torch.bool
    assert iou(found, truth).item() > 0.85


def test_images_that_are_not_square():
    truth = torch.zeros(1, 24, 40, dtype=torch.bool)
    truth[:, 6:18, 8:22] = True
    hint = torch.zeros(1, 24, 40)
    hint[:, 9:14, 11:18] = 1
    assert iou(graph_cut(scene(truth), hint), truth).item() > 0.9


@pytest.mark.filterwarnings("error")
def test_a_map_without_any_contrast_gives_a_mask_and_no_warning():
    found = graph_cut(scene(box(8, 24, 10, 26)), torch.zeros(1, 32, 32))
    assert found.shape == (1, 32, 32)


def test_the_same_input_gives_the_same_mask():
    truth = box(8, 24, 10, 26)
    hint = box(12, 18, 14, 20).float()
    assert torch.equal(graph_cut(scene(truth), hint), graph_cut(scene(truth), hint))


def test_a_map_of_another_size_is_refused_with_both_shapes():
    with pytest.raises(ValueError, match=r"\(1, 3, 32, 32\).*\(1, 16, 16\)"):
        graph_cut(torch.zeros(1, 3, 32, 32), torch.zeros(1, 16, 16))
