"""Do the functions of every notebook take torchvision's architectures, or say what does not apply?

Random weights and small inputs: this is about shapes, hooks and parameters, not about pictures.
"""

import copy
from functools import partial

import pytest
import torch
from torch import nn
from torchvision import models
from torchvision.models.convnext import CNBlockConfig, ConvNeXt
from torchvision.models.maxvit import MaxVit
from torchvision.models.swin_transformer import SwinTransformer
from torchvision.models.vision_transformer import VisionTransformer

from course_lib import Classifier
from course_lib.attribution import METHODS, methods_for, only_relus
from course_lib.errors import NotApplicable
from course_lib.layers import without_token_maps
from course_lib.style import (
    Losses,
    extract_features,
    feature_layers,
    suggest_recipe,
    transfer_style,
)
from tests.corpus import assignment

CLASSES = 5
ARCHITECTURES = {
    "vit": (
        partial(
            VisionTransformer,
            image_size=32,
            patch_size=8,
            num_layers=3,
            num_heads=2,
            hidden_dim=16,
            mlp_dim=32,
        ),
        32,
    ),
    "swin": (
        partial(
            SwinTransformer,
            patch_size=[2, 2],
            embed_dim=8,
            depths=[2, 2],
            num_heads=[1, 2],
            window_size=[4, 4],
        ),
        32,
    ),
    "convnext": (
        partial(ConvNeXt, block_setting=[CNBlockConfig(8, 16, 2), CNBlockConfig(16, None, 2)]),
        32,
    ),
    "maxvit": (
        partial(
            MaxVit,
            input_size=(32, 32),
            stem_channels=8,
            partition_size=4,
            block_channels=[8, 16],
            block_layers=[1, 1],
            head_dim=4,
            stochastic_depth_prob=0.0,
        ),
        32,
    ),
    "efficientnet_b0": (models.efficientnet_b0, 32),
    "mobilenet_v3_small": (models.mobilenet_v3_small, 32),
    "mnasnet0_5": (models.mnasnet0_5, 32),
    "regnet_y_400mf": (models.regnet_y_400mf, 32),
    "shufflenet_v2_x0_5": (models.shufflenet_v2_x0_5, 32),
    "densenet": (
        partial(
            models.DenseNet,
            growth_rate=8,
            block_config=(2, 2, 2),
            num_init_features=16,
        ),
        32,
    ),
    "googlenet": (partial(models.googlenet, init_weights=True, aux_logits=False), 64),
    "resnet18": (models.resnet18, 32),
    "squeezenet1_1": (models.squeezenet1_1, 48),
}
WITHOUT_RELU_MODULES = {
    "vit": "GELU",
    "swin": "GELU",
    "convnext": "GELU",
    "maxvit": "GELU, SiLU",
    "efficientnet_b0": "SiLU",
    "mobilenet_v3_small": "Hardswish",
    "googlenet": "functions",
}

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=ARCHITECTURES)
def name(request):
    return request.param


@pytest.fixture(scope="module")
def model(name):
    build, size = ARCHITECTURES[name]
    torch.manual_seed(0)
    network = build(num_classes=CLASSES)
    for parameter in network.parameters():
        if not parameter.any():  # as if trained: some begin as zeros, and no slope gets through
            nn.init.normal_(parameter, std=0.1)
    classifier = Classifier(network, [f"class {k}" for k in range(CLASSES)], size=size)
    return classifier.eval().requires_grad_(False)


@pytest.fixture
def X(model):
    return torch.rand(2, 3, model.size, model.size, generator=torch.Generator().manual_seed(1))


@pytest.fixture
def y():
    return torch.tensor([3, 1])


@pytest.fixture(autouse=True)
def left_alone(request):
    """The model keeps its parameters, and no hook stays on it."""
    if "model" not in request.fixturenames:
        yield
        return
    model = request.getfixturevalue("model")
    before = {key: value.clone() for key, value in model.state_dict().items()}
    yield
    assert all(torch.equal(value, before[key]) for key, value in model.state_dict().items())
    assert not any(m._forward_hooks or m._backward_hooks for m in model.modules())


def outputs_of(model, X):
    found = {}
    layers = model.layers()
    handles = [
        layer.register_forward_hook(lambda *args, name=name: found.update({name: args[2]}))
        for name, layer in layers.items()
    ]
    with torch.no_grad():
        model(X)
    for handle in handles:
        handle.remove()
    assert list(found) == list(layers), "every layer runs once, first to last"
    return found


def test_layers_put_out_feature_maps_that_get_coarser(model, X):
    outputs = outputs_of(model, X)
    assert len(outputs) >= 3
    assert all(out.dim() == 4 and len(out) == len(X) for out in outputs.values())
    heights = [out.shape[2] for out in outputs.values()]
    assert all(out.shape[2] == out.shape[3] for out in outputs.values())
    assert heights == sorted(heights, reverse=True)


def test_images_of_any_height_and_width(model, y):
    wide = torch.rand(2, 3, model.size, 2 * model.size)
    assert model(wide).shape == (2, CLASSES)
    layer = list(model.layers().values())[-1]
    maps = assignment("gradcam").reference.grad_cam(wide, y, model, layer)
    assert maps.shape == wide[:, 0].shape


def test_a_hook_may_raise_every_channel_of_the_last_layer_in_a_batch_of_its_own(model, X):
    """As the notebook on Grad-CAM does: the batch grows from one to the number of channels."""
    *_, layer = model.layers().values()

    def raise_each(module, inputs, output):
        return output + 0.1 * torch.eye(output.shape[1])[..., None, None]

    with torch.no_grad(), layer.register_forward_hook(raise_each):
        assert len(model(X[:1])) > CLASSES


def test_the_last_layer_decides_the_scores(model, X, y):
    """Its gradient is not zero: no layer is named that the scores don't read."""
    compute = assignment("saliency").reference.compute_layer_saliency
    for layer in model.layers().values():
        assert (compute(X, y, model, layer).flatten(1).amax(dim=1) > 0).all()


def test_the_functions_of_saliency(model, X, y):
    functions = assignment("saliency").reference
    maps = functions.compute_saliency_maps(X, y, model)
    assert maps.shape == X[:, 0].shape and (maps.amax(dim=(1, 2)) > 0).all()
    assert functions.normalize_maps(maps).amax() == 1
    loss = functions.compute_loss_saliency(X, [(2.0, lambda scores: scores[:, 0])], model)
    torch.testing.assert_close(
        loss, 2 * functions.compute_saliency_maps(X, torch.zeros_like(y), model)
    )


def test_the_functions_of_gradcam_run_or_say_what_does_not_apply(model, name, X, y):
    functions = assignment("gradcam").reference
    for layer in model.layers().values():
        maps = functions.grad_cam(X, y, model, layer)
        assert maps.shape == X[:, 0].shape and maps.isfinite().all()
        assert maps.min() >= 0 and maps.max() <= 1
    if name in WITHOUT_RELU_MODULES:
        with pytest.raises(NotApplicable) as caught:
            only_relus(model)
        sentence = str(caught.value)
        assert sentence.startswith("guided backpropagation does not apply") and "\n" not in sentence
        assert WITHOUT_RELU_MODULES[name] in sentence
    else:
        only_relus(model)
        plain = functions.guided_backprop(X, y, nn.Sequential(model))
        assert plain.shape == X.shape and plain.abs().max() > 0


def test_ready_made_methods_run_or_are_left_out_with_a_sentence(model, name, X, y, capsys):
    methods = methods_for(model)
    said = capsys.readouterr().out
    if name in WITHOUT_RELU_MODULES:
        assert METHODS.keys() - methods.keys() == {"guided backprop"}
        assert said.count("\n") == 1 and "does not apply" in said
    else:
        assert methods == METHODS and said == ""
    for method in methods.values():
        maps = method(X, y, model)
        assert maps.shape == X[:, 0].shape and maps.isfinite().all() and (maps >= 0).all()


def test_the_functions_of_class_visualization(model, X):
    functions = assignment("class_visualization").reference
    step = functions.class_visualization_update_step
    image = functions.create_class_visualization(
        3,
        model,
        initial=X[:1],
        steps=2,
        step_fn=step,
        l2_reg=0.0,
        learning_rate=0.5,
        blur_every=2,
        max_jitter=2,
        seed=0,
    )
    assert image.shape == X[:1].shape and not torch.equal(image, X[:1])
    img = X[:1].clone()
    step(img, model, 3, 0.0, 0.5)
    assert (img - X[:1]).norm() == pytest.approx(0.5, rel=1e-3)


def test_the_functions_of_fooling_images(model, X, y):
    functions = assignment("fooling_images").reference
    attacked = functions.fgsm_attack(X, y, model, 0.1)
    assert (attacked - X).abs().amax() == pytest.approx(0.1, abs=1e-6)
    target = int(model(X[:1]).argsort(dim=1)[0, -2])
    fooling = functions.make_fooling_image(X[:1], target, model)
    assert functions.fooling_report(X[:1], fooling, model)["l2"] > 0


def test_the_functions_of_sanity_checks(model, X, y):
    functions = assignment("sanity_checks").reference
    learnt = copy.deepcopy(model)
    with torch.no_grad():
        for parameter in learnt.parameters():
            parameter.add_(0.01)  # some are initialised as constants
    forgot = functions.randomize_layers(learnt, 999)
    old = dict(learnt.named_parameters())
    assert [k for k, p in forgot.named_parameters() if torch.equal(p, old[k])] == []
    assert all(p.isfinite().all() for p in forgot.parameters())
    gradient = METHODS["gradient"]
    torch.testing.assert_close(
        functions.rank_correlation(gradient(X, y, model), gradient(X, y, model)), torch.ones(2)
    )


def test_the_cascade_of_sanity_checks(model, X, y):
    curve = assignment("sanity_checks").reference.cascade_similarity(
        METHODS["gradient"], X[:1], y[:1], model
    )
    assert curve[0].item() == pytest.approx(1) and curve.isfinite().all() and len(curve) > 5
    assert curve[1:].abs().min() < 0.9


def test_the_functions_of_style_transfer(model, X):
    functions = assignment("style_transfer").reference
    names = list(feature_layers(model))
    features = extract_features(X[:1], model)
    assert len(features) == len(names)
    for layer in features:
        channels = layer.shape[1]
        assert functions.gram_matrix(layer).shape == (1, channels, channels)
    losses = Losses(
        functions.content_loss, functions.gram_matrix, functions.style_loss, functions.tv_loss
    )
    recipe = suggest_recipe(model).but(content=0.0, smooth=0.0)
    painting = transfer_style(X[:1], X[1:], model, losses, recipe, steps=4, learning_rate=1e-4)
    assert painting.image.shape == X[:1].shape and painting.image.isfinite().all()
    assert painting.history["style"][-1] < painting.history["style"][0]


@pytest.mark.parametrize("name", ["vit", "swin"], indirect=False)
def test_grad_cam_of_tokens_agrees_with_pytorch_grad_cam(name):
    """Its target is the block itself, whose tokens it reshapes by a function of ours."""
    from pytorch_grad_cam import GradCAM
    from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

    build, size = ARCHITECTURES[name]
    torch.manual_seed(2)
    network = build(num_classes=CLASSES)
    nn.init.normal_(network.get_submodule("heads.head" if name == "vit" else "head").weight)
    model = Classifier(network, "abcde", size=size).eval()
    X = torch.rand(3, 3, size, size)
    labels = [0, 3, 2]
    if name == "vit":
        key = "encoder.layers.encoder_layer_1"

        def to_maps(tokens):
            return tokens[:, 1:].transpose(1, 2).unflatten(2, (4, 4))
    else:
        key = "features.2"

        def to_maps(tokens):
            return tokens.permute(0, 3, 1, 2)

    block = model.network.get_submodule(key).block
    ours = assignment("gradcam").reference.grad_cam(
        X, torch.tensor(labels), model, model.layers()[key]
    )
    with GradCAM(model, [block], reshape_transform=to_maps) as theirs:
        maps = torch.from_numpy(theirs(X, [ClassifierOutputTarget(k) for k in labels]))
    assert ours.amax() > 0
    assert (ours - maps).abs().max() < 1e-3


def test_a_subclass_of_a_transformer_is_one():
    class Tiny(VisionTransformer):
        pass

    network = Tiny(32, 8, 2, 2, hidden_dim=16, mlp_dim=32, num_classes=CLASSES)
    layers = Classifier(network, "abcde").layers()
    assert list(layers) == ["conv_proj", "encoder.layers.encoder_layer_0"]


def test_a_transformer_keeps_its_scores_and_the_caller_s_network_stays_as_it_was():
    for name in ("vit", "swin"):
        build, size = ARCHITECTURES[name]
        network = build(num_classes=CLASSES).eval()
        modules = [type(m).__name__ for m in network.modules()]
        model = Classifier(network, "abcde", size=size).eval()
        X = torch.rand(2, 3, size, size)
        torch.testing.assert_close(model(X), network((X - 0.5) / 0.25))
        assert [type(m).__name__ for m in network.modules()] == modules
        assert {id(p) for p in model.parameters()} == {id(p) for p in network.parameters()}
        state = without_token_maps(model.network).state_dict()
        assert state.keys() == network.state_dict().keys() != model.network.state_dict().keys()


def test_a_network_without_feature_maps_is_told_what_applies():
    model = Classifier(nn.Sequential(nn.Flatten(), nn.Linear(12, 2)), "ab")
    with pytest.raises(NotApplicable, match="Sequential has no layer .*saliency maps do"):
        model.layers()
