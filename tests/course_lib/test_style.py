"""Do features come from the right layers, and does the loop do what it says?"""

import pytest
import torch
from torch import nn

from course_lib import load_classifier
from course_lib.style import (
    Losses,
    Recipe,
    extract_features,
    feature_layers,
    paint,
    show_losses,
    suggest_recipe,
    transfer_style,
)
from course_lib.style_images import STYLES, style_images


def gram(features, normalize=True):
    return torch.einsum("nchw,ndhw->ncd", features, features) / features[0].numel()


LOSSES = Losses(
    content_loss=lambda weight, current, original: weight * (current - original).pow(2).sum(),
    gram_matrix=gram,
    style_loss=lambda feats, layers, targets, weights: sum(
        w * (gram(feats[i]) - t).pow(2).sum()
        for i, t, w in zip(layers, targets, weights, strict=True)
    ).reshape(1),  # as some students return it
    tv_loss=lambda img, weight: weight * sum(img.diff(dim=d).pow(2).sum() for d in (2, 3)),
)


@pytest.fixture(scope="module")
def model():
    return load_classifier("shapes_cnn")


@pytest.fixture
def image():
    return torch.rand(1, 3, 32, 40, generator=torch.Generator().manual_seed(0))


def test_features_are_what_the_layers_put_out_before_an_in_place_relu(model, image):
    features = dict(zip(feature_layers(model), extract_features(image, model), strict=True))
    torch.testing.assert_close(features["pixels"], model.normalize(image))
    convolution, norm, _ = model.network.stem
    torch.testing.assert_close(features["stem.0"], convolution(features["pixels"]))
    torch.testing.assert_close(features["stem.1"], norm(features["stem.0"]))  # not cut off at 0
    torch.testing.assert_close(features["stem.2"], features["stem.1"].clamp(min=0))
    assert features["stem.1"].min() < 0


def test_features_up_to_a_layer_are_the_first_ones_of_all(model, image):
    names = list(feature_layers(model))
    some, whole = extract_features(image, model, names[3]), extract_features(image, model)
    assert len(whole) == len(names) and len(some) == 4
    for mine, other in zip(some, whole, strict=False):
        torch.testing.assert_close(mine, other)


def test_gradients_are_right_whatever_the_gram_matrix_is_computed_with(model, image):
    """Of a layer of batch norm: see the comment in `extract_features`."""

    def by_product(features):
        flat = features.flatten(2)
        return flat @ flat.mT / features[0].numel()

    gradients = []
    for compute in (gram, by_product):
        x = image.clone().requires_grad_()
        features = extract_features(x, model, "stem.1")[-1]
        gradients += torch.autograd.grad(compute(features).pow(2).sum(), x)
    torch.testing.assert_close(*gradients)


def test_no_hook_stays_on_the_model_also_after_an_error(model, image):
    extract_features(image, model)
    with pytest.raises(RuntimeError):
        extract_features(image[:, :2], model)
    assert not any(module._forward_hooks for module in model.modules())


def test_an_unknown_layer_is_named_with_those_that_exist(model, image):
    with pytest.raises(ValueError, match="'stage9'.*stem.0"):
        extract_features(image, model, "stage9")
    with pytest.raises(ValueError, match="'stage9'.*stem.0"):
        transfer_style(image, image, model, LOSSES, Recipe("stem.0", ["stage9"]))


@pytest.mark.parametrize("name", ["shapes_cnn", "shapes_vgg", "shapes_resnet"])
def test_every_bundled_kind_of_network_has_a_recipe_that_works(name, image):
    network = load_classifier(name)
    recipe = suggest_recipe(network)
    assert len(recipe.style_layers) >= 3
    assert {recipe.content_layer, *recipe.style_layers} <= set(feature_layers(network))
    painting = transfer_style(image, image.flip(1), network, LOSSES, recipe, steps=2)
    assert painting.image.shape == image.shape


def test_a_recipe_is_guessed_for_networks_of_another_form(image):
    class Other(nn.Module):
        normalize = nn.Identity()

        def layers(self):
            return {"only": nn.Conv2d(3, 4, 3), "other": nn.ReLU(), "last": nn.ReLU()}

    recipe = suggest_recipe(Other())
    assert {recipe.content_layer, *recipe.style_layers} <= {"pixels", "only", "other", "last"}


def test_paint_minimises_the_sum_inside_zero_and_one_and_leaves_the_start_alone(image):
    wanted, start = torch.full_like(image, 0.25), image.clone()
    seen = []
    painting = paint(
        start,
        lambda x: {
            "near": (x - wanted).pow(2).sum().reshape(1),
            "brighter": 1e3 * (x[..., :1] - 2).pow(2).sum(),
        },
        steps=120,
        callback=lambda step, x: seen.append((step, float(x.max()))),
    )
    assert torch.equal(start, image) and not painting.image.requires_grad
    assert (painting.image[..., 1:] - 0.25).abs().max() < 0.02
    assert (painting.image[..., :1] == 1).all()  # 2 is wanted, and 1 is the brightest there is
    assert [step for step, _ in seen] == list(range(120)) and seen[-1][1] <= 1
    assert set(painting.history) == {"near", "brighter"}
    assert len(painting.history["near"]) == 120
    by_hand = (image - 0.25).pow(2).sum().item()
    assert painting.history["near"][0] == pytest.approx(by_hand, rel=1e-5)


def test_weights_count_in_units_of_photograph_and_style(model, image):
    """At the start the photograph has no content loss, and 1 unit of style and of smoothness."""
    style = style_images(["mosaic"], 36)
    recipe = Recipe("stem.2", ["stage1.0", "stem.0"], content=0.5, style=3, smooth=0.2)
    begun = transfer_style(image, style, model, LOSSES, recipe, steps=1)
    assert {name: values[0] for name, values in begun.history.items()} == {
        "content": 0,
        "style": pytest.approx(3, rel=1e-4),
        "smoothness": pytest.approx(0.2, rel=1e-4),
    }
    square = image[..., :32]
    from_style = transfer_style(
        square, style_images(["mosaic"], 32), model, LOSSES, recipe, steps=1,
        start=style_images(["mosaic"], 32),
    )  # fmt: skip
    assert from_style.history["content"][0] == pytest.approx(0.5, rel=1e-4)
    assert from_style.history["style"][0] < 1e-6


def test_the_style_comes_nearer_and_the_content_stays_near(model):
    tissue, mosaic = style_images(["tissue", "mosaic"], 48).split(1)
    recipe = suggest_recipe(model)
    history = transfer_style(tissue, mosaic, model, LOSSES, recipe, steps=40).history
    assert history["style"][-1] < 0.5 * history["style"][0]
    assert history["content"][-1] < recipe.content  # what the style image itself would have


def test_a_flat_photograph_and_two_equal_pictures_give_no_nan(model, image):
    flat = torch.full_like(image, 0.5)
    recipe = suggest_recipe(model)
    for content, style in ((flat, image), (image, image)):
        painting = transfer_style(content, style, model, LOSSES, recipe, steps=2)
        assert painting.image.isfinite().all()


@pytest.mark.parametrize("name", STYLES)
def test_every_style_is_an_image_with_contrast(name):
    (image,) = style_images([name], 64)
    assert image.shape == (3, 64, 64) and image.dtype == torch.float32
    assert image.min() >= 0 and image.max() <= 1
    assert image.std() > 0.05


def test_drawn_styles_are_the_same_for_the_same_seed_and_others_for_another():
    for name in ("swirls", "mosaic", "contours"):
        first, again = style_images([name, name], 48)
        assert torch.equal(first, again)
        assert not torch.equal(first, style_images([name], 48, seed=1)[0])


def test_an_unknown_style_is_named_with_those_that_exist():
    with pytest.raises(ValueError, match="'cubism'.*mosaic"):
        style_images(["cubism"])


def test_losses_are_drawn_one_panel_a_painting():
    history = {"content": [0.0, 0.1, 0.2], "style": [1.0, 0.5, 0.3]}
    fig = show_losses({"a": history, "b": history})
    assert [ax.get_title() for ax in fig.axes] == ["a", "b"]
    assert [len(ax.lines) for ax in fig.axes] == [2, 2]
