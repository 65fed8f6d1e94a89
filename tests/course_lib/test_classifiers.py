"""Loading of classifiers, and the bundled ones beside their cards."""

import importlib
import json
import os
import pickle
import subprocess
import sys
from pathlib import Path
from urllib.error import URLError

import pytest
import torch
from torch import nn

from course_lib import (
    ClassifierNotAvailable,
    images_at,
    list_classifiers,
    load_classifier,
    sample_images,
)
from course_lib.classifiers import WEIGHTS, Classifier, model_card, save_classifier
from course_lib.networks import NETWORKS
from course_lib.shapes import CLASS_NAMES, add_watermark, draw_shapes, watermark_mask
from course_lib.train.engine import accuracy
from course_lib.train.evaluate import evaluate_on, evaluate_shapes
from course_lib.train.recipes import RECIPES, SHORTCUT_CLASS
from course_lib.train.sources import images_from


@pytest.mark.parametrize("name", list_classifiers())
def test_every_bundled_classifier_keeps_the_contract(name):
    classifier = load_classifier(name)
    assert not any(module.training for module in classifier.modules())
    assert not any(p.requires_grad for p in classifier.parameters())
    assert all(p.dtype == torch.float32 for p in classifier.parameters())
    if name.startswith("shapes"):
        assert classifier.class_names == CLASS_NAMES
    else:
        assert len(classifier.class_names) == 20 and "king penguin" in classifier.class_names
    for shape in [(1, 3, 64, 64), (2, 3, 48, 80)]:
        assert classifier(torch.rand(shape)).shape == (shape[0], len(classifier.class_names))
    pickle.loads(pickle.dumps(classifier))


@pytest.fixture(scope="module")
def held_out_photographs(shared_data, tmp_path_factory):
    photos = shared_data / "petit20" / "petit20.zip"
    _, held_out = images_from(str(photos), None, 64, 1, tmp_path_factory.mktemp("photos"), seed=0)
    return held_out


@pytest.mark.slow
@pytest.mark.parametrize("name", list_classifiers())
def test_every_bundled_classifier_is_as_good_as_its_card_says(name, request):
    """Accuracies on 1,000 images (also with the watermark, and on the training images with random
    labels), and on 50 images under attack, with our own PGD instead of foolbox's. The figures on
    attributions are left to `make evaluate`."""
    card, recipe = model_card(name), RECIPES[name]
    settings = {"robust_n": 50, "under_attack": accuracy}
    if recipe.data == "shapes":
        measured = evaluate_shapes(load_classifier(name), recipe, n=1000, **settings)
    else:
        held_out = request.getfixturevalue("held_out_photographs")
        measured = evaluate_on(load_classifier(name), recipe, held_out, **settings)
    assert ("robust_accuracy" in measured) == (recipe.schedule.epochs > 0)
    for figure, value in measured.items():
        n = 50 if figure.startswith("robust") else 1000
        spread = 3 * (card[figure] * (1 - card[figure]) / n) ** 0.5 + 0.01 + 1 / n
        assert abs(value - card[figure]) < spread, f"{name}: {figure} is {value}"


def test_cards_count_parameters_and_say_how_they_were_trained():
    for name in list_classifiers():
        card, recipe = model_card(name), RECIPES[name]
        classifier = load_classifier(name)
        assert card["size"] == classifier.size == 64
        assert card["parameters"] == sum(p.numel() for p in classifier.parameters()) <= 2_500_000
        assert card["network"] == recipe.network and card["options"] == recipe.options
        training = card["training"]
        assert training["images"] == recipe.images and training["seed"] == recipe.schedule.seed
        assert (
            training["epochs"] == sum(s.epochs for s in recipe.schedules)
            and training["minutes"] >= 0
        )


def test_every_recipe_has_weights_and_a_card_and_all_together_they_are_small():
    weights, cards = list(WEIGHTS.glob("*.safetensors")), list(WEIGHTS.glob("*.json"))
    assert {file.stem for file in weights} == {file.stem for file in cards} == set(RECIPES)
    assert sum(file.stat().st_size for file in weights + cards) < 16_000_000


def test_layers_are_named_in_order_and_give_maps():
    classifier = load_classifier("shapes_resnet")
    layers = classifier.layers()
    assert list(layers) == ["stem", "stage1", "stage2", "stage3"]
    assert layers["stage3"] is classifier.network.stage3
    seen = []
    hooks = [
        layer.register_forward_hook(lambda *args: seen.append(args[2].shape))
        for layer in layers.values()
    ]
    classifier(torch.rand(2, 3, 64, 64))
    for hook in hooks:
        hook.remove()
    assert [tuple(shape[-2:]) for shape in seen] == [(32, 32), (32, 32), (16, 16), (8, 8)]


def test_grad_cam_gives_the_shortcut_away():
    """By captum's Grad-CAM: where a watermark makes a heart of another object, it is seen there."""
    from captum.attr import LayerGradCam

    classifier, heart = load_classifier("shapes_shortcut"), CLASS_NAMES.index(SHORTCUT_CLASS)
    others = draw_shapes(60, seed=77, labels=[0, 4, 5] * 20)
    images, marks = add_watermark(others.images, seed=77), watermark_mask(60, seed=77)
    fooled = classifier(images).argmax(1) == heart
    assert fooled.sum() >= 20
    cam = LayerGradCam(classifier, classifier.layers()["stage3"]).attribute(images, heart)
    cam = nn.functional.interpolate(cam.relu(), (64, 64), mode="bilinear")[fooled].flatten(1)
    # Within half a cell of the 8 x 8 map, which can't point more finely.
    near = nn.functional.max_pool2d(marks[fooled].float()[:, None], 9, 1, 4).flatten(1)
    on_mark = near.gather(1, cam.argmax(1, keepdim=True))
    assert on_mark.float().mean() >= 0.8


def test_two_loads_do_not_share_weights():
    first, second = load_classifier(), load_classifier()
    first.network.head.weight.zero_()
    assert second.network.head.weight.abs().sum() > 0


def test_normalisation_happens_inside():
    classifier = Classifier(nn.Flatten(), ["a"], mean=(0.5, 0.5, 0.5), std=(0.25, 0.5, 1.0))
    assert classifier(torch.ones(1, 3, 1, 1)).tolist() == [[2.0, 1.0, 0.5]]


def test_saved_and_loaded_again(tmp_path):
    torch.manual_seed(0)
    saved = Classifier(NETWORKS["cnn"](2, width=8), ["cat", "dog"], std=(0.2, 0.3, 0.4)).eval()
    path = tmp_path / "pets.safetensors"
    save_classifier(saved, path, {"network": "cnn", "options": {"width": 8}})
    loaded = load_classifier(str(path))
    x = torch.rand(2, 3, 32, 32)
    assert loaded.class_names == ("cat", "dog")
    assert torch.allclose(loaded(x), saved(x), atol=1e-2), "half precision, no more"
    assert path.stat().st_mode & 0o044 == 0o044, "other users of the machine can read it"


@pytest.fixture
def pets(tmp_path, monkeypatch):
    """A folder with a network of one's own in `petnets.py`, and its weights in `classifiers/`."""
    (tmp_path / "petnets.py").write_text(
        "from torch import nn\n"
        "class PetNet(nn.Sequential):\n"
        "    def __init__(self, classes, width):\n"
        "        pool = nn.AdaptiveAvgPool2d(1)\n"
        "        super().__init__(nn.Conv2d(1, width, 3), pool, nn.Flatten(), nn.Linear(width, classes))\n"
        "not_a_network = print\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    petnets = importlib.import_module("petnets")
    saved = Classifier(petnets.PetNet(2, width=5), ["cat", "dog"], size=28).eval()
    card = {"network": "petnets:PetNet", "options": {"width": 5}}
    save_classifier(saved, tmp_path / "classifiers" / "pets.safetensors", card)
    yield saved
    sys.modules.pop("petnets", None)


def test_a_network_of_one_s_own_loads_by_name_from_the_folder_or_one_below(
    pets, tmp_path, monkeypatch
):
    x = torch.rand(2, 3, 28, 28)
    (tmp_path / "saliency").mkdir()
    for folder in (tmp_path, tmp_path / "saliency"):
        monkeypatch.chdir(folder)
        loaded = load_classifier("pets")
        assert torch.allclose(loaded(x), pets(x), atol=1e-2)
        assert loaded.size == 28 and loaded.class_names == ("cat", "dog")
        assert loaded.normalize.mean.shape[1] == 1, "one channel"


def test_in_a_new_process_its_module_is_found_beside_the_notebook(pets, tmp_path):
    code = "from course_lib import load_classifier; print(load_classifier('pets').class_names)"
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=environment)
    assert done.stdout.strip() == "('cat', 'dog')", done.stderr


@pytest.mark.parametrize("network", ["petnets:not_a_network", "os:system", "petnets", "lstm"])
def test_a_card_calls_nothing_but_networks(pets, tmp_path, network):
    card = tmp_path / "classifiers" / "pets.json"
    card.write_text(json.dumps({**json.loads(card.read_text()), "network": network}))
    with pytest.raises(ClassifierNotAvailable, match=network):
        load_classifier("pets")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ClassifierNotAvailable, match="pets.*course_lib.train"):
        load_classifier(str(tmp_path / "pets.safetensors"))


def test_weights_that_do_not_fit_their_card_are_refused(tmp_path):
    path = tmp_path / "pets.safetensors"
    save_classifier(
        Classifier(NETWORKS["cnn"](2), ["cat", "dog"]), path, {"network": "cnn", "options": {}}
    )
    card = json.loads(path.with_suffix(".json").read_text())
    path.with_suffix(".json").write_text(json.dumps({**card, "network": "vgg"}))
    with pytest.raises(ClassifierNotAvailable, match="does not fit"):
        load_classifier(str(path))


def test_an_unknown_name_lists_what_there_is_and_suggests_the_nearest():
    with pytest.raises(ClassifierNotAvailable, match="did you mean shapes_resnet.*Bundled.*cnn"):
        load_classifier("shape_resnet")
    with pytest.raises(ClassifierNotAvailable, match="squeezenet1_1"):
        load_classifier("squeezenet")


def test_without_network_and_cache_one_sentence_says_what_was_looked_for(tmp_path, monkeypatch):
    def no_network(*args, **kwargs):
        raise URLError("no network")

    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setattr("torch.hub.urlopen", no_network)
    with pytest.raises(ClassifierNotAvailable) as caught:
        load_classifier("squeezenet1_1")
    sentence = str(caught.value)
    assert "squeezenet1_1-b8a52dc0.pth" in sentence and str(tmp_path) in sentence
    assert "shapes_resnet" in sentence and "\n" not in sentence


@pytest.mark.parametrize("name", ["squeezenet1_1", "mobilenet_v2"])
def test_torchvision_classifiers_recognise_photographs(name, torch_home):
    from torchvision import models

    classifier = load_classifier(name)
    photos = sample_images("photos", classes=["cat", "coffee", "cameraman"])
    assert classifier.class_names == photos.class_names
    scores = classifier(photos.images)
    top5 = scores.topk(5).indices
    assert (top5 == photos.labels[:, None]).any(1).all()
    # The same as torchvision's own preprocessing, without its resizing.
    weights = models.get_model_weights(name).IMAGENET1K_V1
    transform = weights.transforms()
    network = models.get_model(name, weights=weights).eval()
    mean, std = (torch.tensor(v).view(3, 1, 1) for v in (transform.mean, transform.std))
    with torch.no_grad():
        assert torch.allclose(scores, network((photos.images - mean) / std), atol=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "least"), [("squeezenet1_1", 0.85), ("mobilenet_v2", 0.92)])
def test_imagenet_classifiers_on_the_photographs_beside_the_clone(name, least, torch_home):
    """41 photographs, INDEX_name.jpg, one class each: top-5 accuracy."""
    paths = sorted((torch_home.parent / "photos").glob("*.jpg"))
    classifier = load_classifier(name)
    samples = images_at(paths, classifier)
    assert samples.labels.tolist() == [int(path.stem.split("_")[0]) for path in paths]
    top5 = classifier(samples.images).topk(5).indices
    assert (top5 == samples.labels[:, None]).any(1).float().mean() >= least


def test_cached_weights_are_preferred_to_newer_ones_over_the_network(torch_home, monkeypatch):
    """mobilenet_v2's default weights are its second version; the cache holds the first."""
    monkeypatch.setattr("torch.hub.urlopen", lambda *a, **k: pytest.fail("asked the network"))
    assert len(load_classifier("mobilenet_v2").layers()) == 19


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("resnet18", ["conv1", "bn1", "relu", "maxpool", "layer1", "layer2", "layer3", "layer4"]),
        ("regnet_y_400mf", ["stem", *(f"trunk_output.block{i}" for i in (1, 2, 3, 4))]),
    ],
)
def test_layers_of_other_torchvision_architectures(name, expected):
    from torchvision import models

    assert list(Classifier(models.get_model(name), ["a"]).layers()) == expected


def test_load_onto_a_device(device):
    classifier = load_classifier("shapes_cnn", device=device)
    assert classifier(torch.rand(1, 3, 64, 64, device=device)).device.type == device


def test_importing_the_package_is_light():
    code = "import sys, course_lib; print([m for m in ('torchvision', 'matplotlib', 'skimage', "
    code += "'sklearn', 'captum', 'scipy') if m in sys.modules])"
    code = code.replace("course_lib;", "course_lib; course_lib.load_classifier();")
    env = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env)
    assert done.stdout.strip() == "[]", done.stderr
