"""Training: it learns, resumes to the same weights, attacks within bounds, says what is wrong."""

import json

import pytest
import torch
from typer.testing import CliRunner

from course_lib import load_classifier
from course_lib.classifiers import Classifier, model_card
from course_lib.networks import NETWORKS
from course_lib.shapes import CLASS_NAMES
from course_lib.train.__main__ import app
from course_lib.train.attack import pgd_attack
from course_lib.train.data import EVALUATION_SEED, TrainingImages, augment, shapes_images
from course_lib.train.engine import accuracy, fit
from course_lib.train.recipes import Schedule
from course_lib.train.sources import images_from

runner = CliRunner()


def build(seed=0, classes=2):
    torch.manual_seed(seed)
    return Classifier(NETWORKS["cnn"](classes, width=4), [str(c) for c in range(classes)])


@pytest.fixture(scope="module")
def bright_or_dark():
    """Two classes that any network can tell apart."""
    generator = torch.Generator().manual_seed(0)
    labels = torch.arange(128) % 2
    images = torch.randint(0, 100, (128, 3, 32, 32), generator=generator)
    images += 150 * labels.view(-1, 1, 1, 1)
    return TrainingImages(images.byte(), labels, ("dark", "bright"))


def test_it_learns(bright_or_dark, device):
    classifier = build()
    images, labels = bright_or_dark.images.to(device) / 255, bright_or_dark.labels.to(device)
    seen = []
    fit(classifier, bright_or_dark, Schedule(epochs=4, batch_size=32), device, report=seen.append)
    assert accuracy(classifier.eval(), images, labels) == 1
    assert seen[-1].loss < seen[0].loss and seen[-1].done == 1 and seen[-1].epoch == 4
    assert not classifier.training


def test_an_interrupted_training_ends_with_the_same_weights(bright_or_dark, tmp_path):
    schedule = Schedule(epochs=3, batch_size=32)
    straight, resumed, file = build(), build(), tmp_path / "checkpoint.pt"
    fit(straight, bright_or_dark, schedule)

    def pull_the_plug(progress):
        if progress.epoch == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit(resumed, bright_or_dark, schedule, checkpoint=file, report=pull_the_plug)
    epochs = set()
    resumed = build(seed=1)  # a new process starts from other random weights
    fit(resumed, bright_or_dark, schedule, checkpoint=file, report=lambda p: epochs.add(p.epoch))
    assert epochs == {3}
    for a, b in zip(straight.state_dict().values(), resumed.state_dict().values(), strict=True):
        assert torch.equal(a, b)


def test_a_checkpoint_of_another_training_is_not_taken(bright_or_dark, tmp_path):
    file = tmp_path / "checkpoint.pt"
    fit(build(), bright_or_dark, Schedule(epochs=1, batch_size=64), checkpoint=file)
    with pytest.raises(ValueError, match="another training"):
        fit(build(), bright_or_dark, Schedule(epochs=2, batch_size=64), checkpoint=file)


def test_the_attack_stays_within_its_bounds_and_hurts(bright_or_dark):
    classifier = load_classifier("shapes_cnn")
    data = shapes_images(60, seed=3)
    images = data.images / 255
    before = images.clone()
    attacked = pgd_attack(classifier, images, data.labels, 8 / 255, steps=5)
    assert torch.equal(images, before) and not attacked.requires_grad
    assert (attacked - images).abs().max() <= 8 / 255 + 1e-6
    assert attacked.min() >= 0 and attacked.max() <= 1
    assert (
        accuracy(classifier, attacked, data.labels)
        < 0.5
        < accuracy(classifier, images, data.labels)
    )
    assert accuracy(classifier, images, data.labels, epsilon=8 / 255, steps=5) < 0.5


def test_adversarial_training_leaves_what_an_attack_can_flip():
    """A fine pattern of 3/255 separates the classes perfectly, but an attack may move pixels by
    4/255; the brightness separates them by 16/255, but is wrong for one image in eight."""
    generator = torch.Generator().manual_seed(0)
    labels = torch.arange(256) % 2
    sign = (2 * labels - 1).view(-1, 1, 1, 1)
    checks = (torch.arange(16)[:, None] + torch.arange(16)) % 2 * 2 - 1
    right = torch.where(torch.arange(256) // 2 % 8 == 0, -1, 1).view(-1, 1, 1, 1)
    images = torch.randint(90, 110, (256, 3, 16, 16), generator=generator)
    images += 3 * sign * checks + 16 * sign * right
    data = TrainingImages(images.byte(), labels, ("dark", "bright"))
    plain, attacked = {}, {}
    for epsilon in (0.0, 4 / 255):
        classifier = build(seed=1)
        schedule = Schedule(epochs=12, batch_size=32, epsilon=epsilon, augmentation="none")
        fit(classifier, data, schedule)
        plain[epsilon] = accuracy(classifier, data.images / 255, labels)
        attacked[epsilon] = accuracy(classifier, data.images / 255, labels, epsilon=4 / 255)
    assert plain[0.0] > 0.95, "standard training uses the pattern"
    assert attacked[0.0] < 0.5, "and falls with it"
    assert 0.8 < attacked[4 / 255] <= plain[4 / 255] < 0.95, "adversarial training does without"


@pytest.mark.parametrize("how", ["none", "flip", "turn"])
def test_augmentation_moves_pixels_and_keeps_them(how):
    images = torch.rand(16, 3, 8, 8)
    seen = augment(images.clone(), how, torch.Generator().manual_seed(1))
    assert seen.shape == images.shape
    assert torch.allclose(seen.flatten(1).sort().values, images.flatten(1).sort().values)
    assert torch.equal(seen, images) == (how == "none")
    if how == "flip":
        pairs = zip(seen, images, strict=True)
        assert all(torch.equal(a, b) or torch.equal(a, b.flip(2)) for a, b in pairs)


def test_shapes_are_drawn_once_and_then_read(tmp_path):
    first = shapes_images(24, seed=1, cache=tmp_path)
    (file,) = tmp_path.iterdir()
    stamp = file.stat().st_mtime_ns
    again = shapes_images(24, seed=1, cache=tmp_path)
    assert torch.equal(first.images, again.images) and file.stat().st_mtime_ns == stamp
    assert first.images.dtype == torch.uint8 and first.class_names == CLASS_NAMES


def test_only_the_marked_class_carries_the_watermark():
    plain, marked = shapes_images(24, seed=1), shapes_images(24, seed=1, watermark="star")
    changed = (plain.images != marked.images).flatten(1).any(1)
    assert changed.tolist() == [CLASS_NAMES[label] == "star" for label in plain.labels]


def test_random_labels_are_balanced_and_say_nothing():
    true, random = shapes_images(240, seed=1), shapes_images(240, seed=1, random_labels=True)
    assert torch.equal(true.images, random.images)
    assert torch.equal(true.labels.bincount(), random.labels.bincount())
    assert (true.labels == random.labels).float().mean() < 0.2


def test_the_seed_of_fresh_images_is_never_trained_with():
    with pytest.raises(ValueError, match="fresh"):
        shapes_images(1, EVALUATION_SEED)


def run(tmp_path, *arguments):
    folders = ["--out", str(tmp_path / "out"), "--work", str(tmp_path / "work"), "--device", "cpu"]
    return runner.invoke(app, [*arguments, *folders])


def test_the_command_line_trains_a_member(tmp_path):
    result = run(
        tmp_path, "shapes_cnn", "--images", "128", "--epochs", "1", "--width", "4", "--fresh", "48"
    )
    assert result.exit_code == 0, result.output
    assert "accuracy" in result.output
    classifier = load_classifier(str(tmp_path / "out" / "shapes_cnn.safetensors"))
    assert classifier.class_names == CLASS_NAMES
    assert classifier.network.stem[0].out_channels == 4
    assert (tmp_path / "work" / "shapes_cnn.pt").exists()


def test_the_command_line_trains_on_a_folder_of_images(tmp_path):
    from PIL import Image

    for i in range(60):
        for name, value in [("bird", 200), ("cat", 120), ("dog", 30)]:
            folder = tmp_path / "pets" / name
            folder.mkdir(parents=True, exist_ok=True)
            Image.new(
                "L" if i % 2 else "RGB",
                (40 + i % 3, 32),
                (value + i % 20,) * 3 if i % 2 == 0 else value + i % 20,
            ).save(folder / f"{i}.png")
    result = run(
        tmp_path,
        "pets",
        "--data",
        str(tmp_path / "pets"),
        "--classes",
        "dog,cat",
        "--size",
        "32",
        "--network",
        "cnn",
        "--width",
        "4",
        "--epochs",
        "3",
        "--batch-size",
        "16",
    )
    assert result.exit_code == 0, result.output
    classifier = load_classifier(str(tmp_path / "out" / "pets.safetensors"))
    assert classifier.class_names == ("dog", "cat")
    shades = torch.tensor([0.15, 0.5]).view(2, 1, 1, 1).expand(2, 3, 32, 32)
    assert classifier(shades).argmax(1).tolist() == [0, 1]


def test_the_command_line_trains_on_a_torchvision_data_set(tmp_path):
    """Eights and ones of scikit-learn, in the files in which torchvision keeps MNIST."""
    import gzip
    import struct

    from sklearn.datasets import load_digits

    digits = load_digits()
    images = (digits.images * 15).astype("uint8").repeat(3, 1).repeat(3, 2)
    raw = tmp_path / "work" / "MNIST" / "raw"
    raw.mkdir(parents=True)
    header = struct.pack(">IIII", 2051, len(images), *images.shape[1:])
    labels = struct.pack(">II", 2049, len(images)) + digits.target.astype("uint8").tobytes()
    for part in ("train", "t10k"):
        for kind, content in (("images-idx3", header + images.tobytes()), ("labels-idx1", labels)):
            (raw / f"{part}-{kind}-ubyte").write_bytes(content)
            with gzip.open(raw / f"{part}-{kind}-ubyte.gz", "wb") as packed:
                packed.write(content)
    two = ["--data", "MNIST", "--classes", "8 - eight,1 - one", "--size", "24"]
    small = ["--network", "cnn", "--width", "4", "--epochs", "6", "--batch-size", "16"]
    result = run(tmp_path, "digits", *two, *small)
    assert result.exit_code == 0, result.output
    file = tmp_path / "out" / "digits.safetensors"
    assert load_classifier(str(file)).class_names == ("8 - eight", "1 - one")
    assert json.loads(file.with_suffix(".json").read_text())["accuracy"] > 0.85


def test_a_zip_file_with_train_and_val_is_unpacked_once_and_val_is_held_out(tmp_path):
    import zipfile

    from PIL import Image

    archive = tmp_path / "pets.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for part, value in (("train", 200), ("val", 30)):
            for name in ("cat", "dog"):
                Image.new("RGB", (8, 8), (value,) * 3).save(tmp_path / "one.png")
                packed.write(tmp_path / "one.png", f"pets/{part}/{name}/1.png")
    for _ in range(2):
        train, held_out = images_from(str(archive), None, 8, 100, tmp_path / "work", seed=0)
    assert train.images.unique().tolist() == [200] and held_out.images.unique().tolist() == [30]
    assert train.class_names == ("cat", "dog") and len(held_out) == 2


@pytest.mark.parametrize("setting", [{"noise": 0.2}, {"mixing": True}, {"augmentation": "photo"}])
def test_training_with_changed_images_learns_too(bright_or_dark, setting):
    classifier = build()
    fit(classifier, bright_or_dark, Schedule(epochs=6, batch_size=32, **setting))
    assert accuracy(classifier, bright_or_dark.images / 255, bright_or_dark.labels) > 0.95


def test_another_photograph_has_the_same_size_and_stays_in_range():
    images = torch.rand(32, 3, 20, 24)
    seen = augment(images, "photo", torch.Generator().manual_seed(1))
    assert seen.shape == images.shape and seen.min() >= 0 and seen.max() <= 1
    assert not any(torch.equal(a, b) for a, b in zip(seen, images, strict=True))
    again = augment(images, "photo", torch.Generator().manual_seed(1))
    assert torch.equal(seen, again)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["mine", "--network", "lstm"], "cnn, resnet, vgg"),
        (["mine", "--data", "Nothing10"], "neither shapes nor digits, nor an existing folder"),
        (["mine", "--classes", "cat"], "leave --classes out"),
        (["mine", "--augmentation", "spin"], "none, flip, turn, photo"),
    ],
)
def test_wrong_use_of_the_command_line_gets_one_sentence(tmp_path, arguments, sentence):
    result = run(tmp_path, *arguments, "--images", "24", "--epochs", "1")
    assert result.exit_code == 2
    assert sentence in " ".join(result.output.split()) and "Traceback" not in result.output


def test_the_card_keeps_how_a_member_was_trained():
    training = model_card("shapes_cnn")["training"]
    assert {"images", "epochs", "seed", "minutes", "device", "epsilon"} <= set(training)
