"""Do the pictures show what they are given, with titles and scales, and say what doesn't fit?"""

import io

import numpy as np
import pytest
import torch
from matplotlib.text import Text
from PIL import Image

from course_lib.plots import (
    show_grid,
    show_images,
    show_maps,
    show_outlines,
    show_overlays,
    show_panels,
)

IMAGES = torch.rand(3, 3, 8, 10, generator=torch.Generator().manual_seed(0))
MAPS = torch.arange(240.0).view(3, 8, 10)
NAMES = ["king penguin", "golden retriever", "cup"]


def texts(fig):
    """All that is written in a figure, line breaks removed."""
    found = [text.get_text() for text in fig.findobj(Text)]
    return [text.replace("\n", " ") for text in found if text]


def shown(fig):
    """The arrays that a figure shows, colour bars left out."""
    return [np.asarray(image.get_array()) for ax in fig.axes for image in ax.get_images()]


def test_a_grid_shows_every_picture_with_class_names_and_row_names():
    fig = show_grid({"image": IMAGES, "saliency": MAPS}, NAMES, title="Two rows")
    assert len(shown(fig)) == 6
    assert {"king penguin", "golden retriever", "cup", "image", "saliency", "Two rows"} <= set(
        texts(fig)
    )


def test_pixels_arrive_where_they_belong():
    fig = show_grid({"image": IMAGES, "saliency": MAPS})
    pictures = shown(fig)
    np.testing.assert_allclose(pictures[1], IMAGES[1].permute(1, 2, 0).numpy(), rtol=1e-6)
    np.testing.assert_array_equal(pictures[5], MAPS[2].numpy())


def test_all_maps_of_a_row_share_the_scale_that_the_colour_bar_shows():
    fig = show_grid({"saliency": MAPS})
    scales = {image.get_clim() for ax in fig.axes[:3] for image in ax.get_images()}
    assert len(scales) == 1
    low, high = scales.pop()
    assert low == 0
    assert high == pytest.approx(239 * 0.995)  # 0, 1, ..., 239 have this 99.5th percentile


def test_negative_maps_are_not_cut_off_at_zero():
    fig = show_grid({"gradient": MAPS - 100})
    assert fig.axes[0].get_images()[0].get_clim()[0] == -100


@pytest.mark.parametrize("value", [0.0, 2.0])
def test_a_row_of_constant_maps_can_be_shown(value):
    fig = show_maps(IMAGES, torch.full((3, 8, 10), value))
    low, high = fig.axes[4].get_images()[0].get_clim()
    assert low < high


def test_maps_of_a_layer_may_be_smaller_than_the_images():
    assert len(shown(show_grid({"image": IMAGES, "layer": MAPS[:, ::2, ::2]}))) == 6


def test_rows_of_different_lengths_are_refused_by_name():
    with pytest.raises(ValueError, match="'image': 3, 'saliency': 2"):
        show_grid({"image": IMAGES, "saliency": MAPS[:2]})


@pytest.mark.parametrize("shape", [(8, 10), (3, 2, 8, 10), (1, 1, 3, 8, 10)])
def test_other_shapes_are_refused_with_the_shape_that_was_seen(shape):
    with pytest.raises(ValueError, match=str(shape).replace("(", r"\(").replace(")", r"\)")):
        show_images(torch.zeros(shape))


def test_images_are_broken_into_lines():
    fig = show_images(torch.rand(5, 3, 8, 8), [f"no. {i}" for i in range(5)], columns=2)
    assert len(shown(fig)) == 5
    assert "no. 4" in texts(fig)


def test_an_overlay_is_grey_where_the_map_is_zero_and_coloured_where_it_is_large():
    maps = torch.zeros(1, 8, 10)
    maps[0, 2, 3] = 1.0
    blend = shown(show_overlays(IMAGES[:1], maps))[1]
    assert np.ptp(blend[0, 0]) == pytest.approx(0, abs=1e-9)
    assert np.ptp(blend[2, 3]) > 0.2


def test_an_overlay_needs_a_map_of_the_image_s_size():
    with pytest.raises(ValueError, match="8 x 10 pixels.*4 x 5"):
        show_overlays(IMAGES, MAPS[:, ::2, ::2])


def test_outlines_name_their_colours_and_skip_empty_masks():
    masks = torch.zeros(3, 8, 10, dtype=torch.bool)
    masks[0, 2:5, 2:5] = True
    fig = show_outlines(IMAGES, {"found": masks, "true": masks}, NAMES)
    assert {"found", "true"} <= set(texts(fig))


def test_panels_have_a_scale_each():
    fig = show_panels({"image": IMAGES[0], "small": MAPS[0], "large": 100 * MAPS[0]})
    small, large = (fig.axes[i].get_images()[0].get_clim()[1] for i in (2, 4))
    assert large == pytest.approx(100 * small)


def test_numpy_arrays_and_tensors_with_a_graph_are_welcome():
    show_maps(IMAGES.numpy(), (MAPS.requires_grad_() * 2))
    MAPS.requires_grad_(False)


def test_a_notebook_gets_one_small_jpeg_and_pyplot_nothing(monkeypatch):
    import IPython.display
    import matplotlib.pyplot as plt

    displayed = []
    monkeypatch.setattr(IPython.display, "display", lambda data, raw: displayed.append(data))
    show_maps(torch.rand(10, 3, 64, 64), torch.rand(10, 64, 64), ["a"] * 10)._ipython_display_()
    assert [set(data) for data in displayed] == [{"image/jpeg", "text/plain"}]
    assert len(displayed[0]["image/jpeg"]) < 250_000  # base64 of pure noise, the worst case
    assert plt.get_fignums() == []


def test_the_picture_can_be_decoded():
    picture = Image.open(io.BytesIO(show_images(IMAGES, NAMES).to_jpeg()))
    assert picture.width > 200


def test_normalised_images_are_stretched_all_alike_and_slightly_exceeded_ranges_are_not():
    normalised = 4 * IMAGES - 2
    pictures = shown(show_images(normalised))
    lowest, highest = normalised.min(), normalised.max()
    expected = (normalised[1] - lowest) / (highest - lowest)
    np.testing.assert_allclose(pictures[1], expected.permute(1, 2, 0).numpy(), atol=1e-6)
    fooling = IMAGES + 0.3
    changed = shown(show_images(fooling))[2]
    np.testing.assert_allclose(changed, fooling[2].clamp(0, 1).permute(1, 2, 0).numpy(), atol=1e-6)
