"""From a data set to maps and fooling images: are labels and pixels right all the way?

Each data set goes through the course's own command for training, its loading by name, its image
sources and the reference solutions.
"""

import gzip
import struct

import numpy as np
import pytest
import torch
from PIL import Image
from scipy.io import savemat
from sklearn.datasets import load_digits
from torch import nn
from torchvision import transforms
from typer.testing import CliRunner

from course_lib import Classifier, load_classifier
from course_lib.image_sources import dataset_images, folder_images
from course_lib.train.__main__ import app
from tests.corpus import assignment

DIGITS = load_digits()
WORDNET = ["n01443537", "n01629819", "n02056570", "n02123394", "n02504458"]


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """The folder in which everything of this module lies: commands and notebooks run in it."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(autouse=True)
def at_home(home, monkeypatch):
    monkeypatch.chdir(home)


def train(name, *options, size=24):
    """Train a small network, and return it as a notebook loads it."""
    small = ["--network", "cnn", "--width", "8", "--size", str(size), "--batch-size", "32"]
    arguments = [name, *options, *small, "--device", "cpu", "--work", "data"]
    result = CliRunner().invoke(app, [*map(str, arguments)])
    assert result.exit_code == 0, result.output
    return load_classifier(name)


def accuracy(model, samples):
    with torch.no_grad():
        return (model(samples.images).argmax(dim=1) == samples.labels).float().mean().item()


def write_house_numbers(folder):
    """Digits in colour, in the file of torchvision's SVHN, which calls its zeros 10."""
    pixels = np.kron(DIGITS.images * 13 + 20, np.ones((1, 4, 4))).astype("uint8")  # (N, 32, 32)
    colours = np.stack([pixels, 255 - pixels, pixels], axis=-1)  # (N, 32, 32, 3)
    labels = np.where(DIGITS.target == 0, 10, DIGITS.target)
    folder.mkdir(exist_ok=True)
    savemat(folder / "train_32x32.mat", {"X": colours.transpose(1, 2, 3, 0), "y": labels[:, None]})


def write_wordnet(folder):
    """Five kinds of digits in folders of WordNet IDs."""
    for k, name in enumerate(WORDNET):
        (folder / name).mkdir(parents=True, exist_ok=True)
        for i in np.flatnonzero(DIGITS.target == k)[:60]:
            pixels = (DIGITS.images[i] * 15).astype("uint8")
            Image.fromarray(pixels).save(folder / name / f"{name}_{i}.png")


def write_mnist(folder):
    pixels = (DIGITS.images * 15).astype("uint8").repeat(3, 1).repeat(3, 2)  # (N, 24, 24)
    folder.mkdir(parents=True, exist_ok=True)
    images = struct.pack(">IIII", 2051, *pixels.shape) + pixels.tobytes()
    labels = struct.pack(">II", 2049, len(pixels)) + DIGITS.target.astype("uint8").tobytes()
    for part in ("train", "t10k"):
        for kind, content in (("images-idx3", images), ("labels-idx1", labels)):
            (folder / f"{part}-{kind}-ubyte").write_bytes(content)
            with gzip.open(folder / f"{part}-{kind}-ubyte.gz", "wb") as packed:
                packed.write(content)


@pytest.fixture(scope="module")
def digits_model(home):
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(home)
        return train("my_digits", "--data", "digits", "--channels", 1, "--epochs", 8)


def test_digits_from_training_to_maps_and_fooling_images(digits_model):
    model = digits_model
    assert model.class_names == tuple("0123456789") and model.size == 24
    samples = dataset_images("digits", model, n=60)
    order = torch.randperm(1797, generator=torch.Generator().manual_seed(0))[:60]
    assert samples.labels.tolist() == DIGITS.target[order].tolist()
    assert samples.images.shape == (60, 3, 24, 24)
    small = nn.functional.interpolate(samples.images, (8, 8), mode="area")
    assert np.corrcoef(small[:, 0].flatten(), DIGITS.images[order].ravel())[0, 1] > 0.97
    assert accuracy(model, samples) > 0.9

    saliency, fooling = (assignment(name).reference for name in ("saliency", "fooling_images"))
    maps = saliency.compute_saliency_maps(samples.images, samples.labels, model)
    assert maps.shape == (60, 24, 24) and (maps.amax(dim=(1, 2)) > 0).all()
    x, score = samples.images[:1].clone(), model(samples.images[:1])[0, samples.labels[0]]
    row, column = divmod(int(maps[0].argmax()), 24)
    x[0, 0, row, column] += 1e-2
    measured = (model(x)[0, samples.labels[0]] - score).abs() / 1e-2
    assert measured == pytest.approx(maps[0, row, column].item(), rel=0.1)

    attacked = fooling.fgsm_attack(samples.images, samples.labels, model, 0.2)
    assert accuracy(model, samples[:60]) - 0.3 > (
        (model(attacked).argmax(dim=1) == samples.labels).float().mean()
    )
    right = samples[model(samples.images).argmax(dim=1) == samples.labels]
    target = int((right.labels[0] + 1) % 10)
    fooled = fooling.make_fooling_image(right.images[:1], target, model)
    report = fooling.fooling_report(right.images[:1], fooled, model)
    assert report["class_before"] == right.labels[0] and report["class_after"] == target


def test_every_function_of_the_notebooks_takes_a_one_channel_model(digits_model):
    samples = dataset_images("digits", digits_model, n=3)
    X, y = samples.images, samples.labels
    layer = list(digits_model.layers().values())[-1]
    gradcam = assignment("gradcam").reference
    assert gradcam.guided_grad_cam(X, y, digits_model, layer).shape == X.shape
    drawing = assignment("class_visualization").reference
    img = X[:1].clone()
    drawing.class_visualization_update_step(img, digits_model, 3, 0.0, 0.5)
    assert (img - X[:1]).norm() == pytest.approx(0.5, rel=1e-4)
    cascade = assignment("sanity_checks").reference.cascade_similarity
    saliency = assignment("saliency").reference.compute_saliency_maps
    assert torch.allclose(cascade(saliency, X, y, digits_model)[0], torch.ones(3))


def test_house_numbers_without_names_of_classes(home):
    """As SVHN: the zeros come first, and classes have no names."""
    write_house_numbers(home / "data")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("torchvision.datasets.svhn.download_url", lambda *args, **kwargs: None)
        patch.setattr("torchvision.datasets.SVHN._check_integrity", lambda self: True)
        model = train("house_numbers", "--data", "SVHN", "--epochs", 6)
        samples = dataset_images("SVHN", model, n=40, seed=None)
    assert model.class_names == tuple("0123456789")
    assert samples.labels.tolist() == DIGITS.target[:40].tolist() and samples.guessed is None
    assert accuracy(model, samples) > 0.85


def test_mnist_and_digits_by_each_other_s_names(home, digits_model):
    write_mnist(home / "data" / "MNIST" / "raw")
    samples = dataset_images("MNIST", digits_model, n=40, seed=None)
    assert samples.labels.tolist() == DIGITS.target[:40].tolist() and samples.guessed is None
    assert accuracy(digits_model, samples) > 0.85
    two = train("eight_or_one", "--data", "MNIST", "--classes", "8,1", "--epochs", 12)
    assert two.class_names == ("8 - eight", "1 - one")
    labels = dataset_images("digits", two, n=200)
    known = labels.with_true_labels()
    assert set(known.labels.tolist()) == {0, 1} and 0 < len(known) < 80
    assert accuracy(two, known) > 0.9


def test_folders_of_wordnet_ids(home):
    write_wordnet(home / "wordnet")
    model = train("five_ids", "--data", "wordnet", "--epochs", 12, "--augmentation", "none")
    assert model.class_names == tuple(WORDNET)
    samples = folder_images("wordnet", model, n=30)
    assert samples.guessed is None
    assert samples.labels.bincount().tolist() == [6] * 5, "the classes take turns"
    assert accuracy(model, samples) > 0.85


def test_a_normalising_transform_and_a_network_without_normalisation_of_its_own(digits_model, home):
    """The same network behind a transform and inside a Classifier: equal scores, equal maps."""
    write_wordnet(home / "wordnet")
    network = digits_model.network
    network.class_names = digits_model.class_names
    steps = [
        transforms.Resize(24),
        transforms.Grayscale(),
        transforms.ToTensor(),
        transforms.Normalize([0.5], [0.25]),
    ]
    inside = folder_images("wordnet", digits_model, n=5)
    outside = folder_images("wordnet", network, n=5, transform=transforms.Compose(steps))
    assert outside.images.shape == (5, 1, 24, 24) and outside.images.min() < -1.9
    # PIL resizes in whole 255ths.
    assert (outside.images - digits_model.normalize(inside.images)).abs().max() < 4 * 1.01 / 255
    compute = assignment("saliency").reference.compute_saliency_maps
    y = torch.tensor([0, 1, 2, 3, 4])
    pixels = (outside.images * 0.25 + 0.5).expand(-1, 3, -1, -1)
    expected = compute(pixels, y, digits_model) * 0.25 * 3  # of one channel instead of three
    torch.testing.assert_close(compute(outside.images, y, network), expected)


def test_a_classifier_may_be_made_of_any_network_with_its_own_mean(digits_model):
    again = Classifier(digits_model.network, digits_model.class_names, [0.5], [0.25], size=24)
    x = torch.rand(2, 3, 24, 24)
    assert torch.equal(again(x), digits_model(x))
