"""Do pictures from folders and data sets come in the right size, with the right labels?"""

from collections import Counter

import pytest
import torch
from PIL import Image
from torch import nn
from torchvision import transforms

from course_lib.classifiers import Classifier
from course_lib.errors import DataNotFound, NotApplicable
from course_lib.image_sources import dataset_images, folder_images, images_at


class Reds(nn.Module):
    """Says class 2 to whatever is red, else class 0."""

    class_names = ("meadow", "king penguin", "fire engine")

    def forward(self, x):
        red = x[:, 0].mean(dim=(1, 2)) > x[:, 1].mean(dim=(1, 2))
        return nn.functional.one_hot(2 * red, 3).double()


def picture(colour, size=(40, 30)):
    return Image.new("RGB", size, colour)


@pytest.fixture
def folder(tmp_path):
    picture("red").save(tmp_path / "145_king_penguin.jpg")
    picture("red").save(tmp_path / "no idea.png")
    (tmp_path / "King-Penguin").mkdir()
    picture("green").save(tmp_path / "King-Penguin" / "7.png")
    (tmp_path / "notes.txt").write_text("not a picture")
    return tmp_path


def test_names_of_files_and_folders_tell_the_class_and_else_the_model_does(folder):
    samples = folder_images(folder, Reds(), size=16)
    assert samples.images.shape == (3, 3, 16, 16)
    assert samples.images.min() >= 0 and samples.images.max() <= 1
    assert samples.names == ["king penguin", "king penguin", "fire engine (guess)"]
    assert samples.guessed.tolist() == [False, False, True]
    assert samples.masks is None


def test_a_seed_draws_other_pictures_and_the_same_ones_again(folder):
    first = folder_images(folder, Reds(), n=2, size=8)
    drawn = [folder_images(folder, Reds(), n=2, size=8, seed=seed).images for seed in (0, 0)]
    assert len(first) == 2
    assert torch.equal(*drawn)


def test_a_folder_s_subjects_take_turns(tmp_path):
    """Forty ants, then four bees, then two cats by the names of their files: all are in the sample."""
    for name, count in (("ant", 40), ("bee", 4)):
        (tmp_path / name).mkdir()
        for i in range(count):
            picture((i, i, i)).save(tmp_path / name / f"{i}.png")
    for i in range(2):
        picture("white").save(tmp_path / f"{i}_cat_{i}.png")
    model = Classifier(nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()), ["ant", "bee", "cat"])
    for seed in (None, 0, 1):
        drawn = folder_images(tmp_path, model, n=8, size=8, seed=seed)
        assert Counter(drawn.names) == {"ant": 3, "bee": 3, "cat": 2}, seed
    first = folder_images(tmp_path, model, n=3, size=8, seed=None)
    assert first.names == ["cat", "ant", "bee"], "in the order of the files"
    assert first.images.amax(dim=(1, 2, 3)).tolist() == [1, 0, 0]


def test_a_sample_of_guesses_refuses_a_study_of_right_and_wrong(tmp_path):
    for name in ("first.png", "7.png"):
        picture("red").save(tmp_path / name)
    samples = folder_images(tmp_path, Reds(), size=8)
    with pytest.raises(NotApplicable, match="none of these 2 images .* 'meadow'") as caught:
        samples.with_true_labels()
    assert caught.value._render_traceback_() == [f"✗ {caught.value}"]


@pytest.mark.parametrize(
    ("model", "side"),
    [
        (Classifier(nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()), "abc", size=48), 48),
        (Reds(), 224),
    ],
)
def test_the_default_size_is_the_model_s_own(folder, model, side):
    assert folder_images(folder, model, n=1).images.shape[-2:] == (side, side)
    assert images_at(folder / "no idea.png", model).images.shape[-2:] == (side, side)
    assert dataset_images(Digits(), model, n=1).images.shape[-2:] == (side, side)


def test_a_normalising_transform_is_not_clamped(folder):
    mean, std = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
    steps = [transforms.Resize((20, 24)), transforms.ToTensor(), transforms.Normalize(mean, std)]
    samples = folder_images(folder / "King-Penguin", Reds(), transform=transforms.Compose(steps))
    green = [(value - m) / s for value, m, s in zip((0, 128 / 255, 0), mean, std, strict=True)]
    assert samples.images.shape == (1, 3, 20, 24)
    torch.testing.assert_close(samples.images[0, :, 5, 5], torch.tensor(green))
    assert samples.images.min() < -1.8
    for other in (
        images_at(folder / "King-Penguin" / "7.png", Reds(), transform=transforms.Compose(steps)),
        dataset_images([(picture("green"), 0)], Reds(), transform=transforms.Compose(steps)),
    ):
        assert torch.equal(other.images, samples.images)


def test_a_transform_that_makes_no_tensor_is_named(folder):
    with pytest.raises(TypeError, match=r"tensor \(C, H, W\).*made Image.*ToTensor"):
        folder_images(folder, Reds(), transform=transforms.Resize(8))


class GreyNetwork(nn.Sequential):
    """Its two scores are the mean of the only channel, and minus it."""

    class_names = ("bright", "dark")

    def __init__(self):
        super().__init__(nn.Conv2d(1, 2, 1, bias=False), nn.AdaptiveAvgPool2d(1), nn.Flatten())
        self[0].weight.data = torch.tensor([1.0, -1.0]).view(2, 1, 1, 1)


def test_a_network_for_grey_images_gets_one_channel(tmp_path):
    picture((30, 60, 90)).save(tmp_path / "a.png")
    grey = folder_images(tmp_path, GreyNetwork(), size=8)
    assert grey.images.shape == (1, 1, 8, 8)
    torch.testing.assert_close(grey.images, torch.full((1, 1, 8, 8), 60 / 255))


def test_a_classifier_of_a_network_for_grey_images_takes_colour(tmp_path):
    picture((30, 60, 90)).save(tmp_path / "a.png")
    classifier = Classifier(GreyNetwork(), ["bright", "dark"], mean=[0.2], std=[0.1])
    samples = folder_images(tmp_path, classifier, size=8)
    assert samples.images.shape == (1, 3, 8, 8)
    score = (60 / 255 - 0.2) / 0.1
    torch.testing.assert_close(classifier(samples.images), torch.tensor([[score, -score]]))
    default = Classifier(GreyNetwork(), ["bright", "dark"])
    score = (60 / 255 - 0.5) / 0.25
    torch.testing.assert_close(default(samples.images), torch.tensor([[score, -score]]))


def test_the_middle_is_cut_out_of_a_wide_picture(tmp_path):
    wide = picture("blue", (90, 30))
    wide.paste("red", (30, 0, 60, 30))
    wide.save(tmp_path / "wide.png")
    image = folder_images(tmp_path, Reds(), size=30).images[0]
    assert (image[0] > 0.9).all() and (image[2] < 0.1).all()


@pytest.mark.parametrize("name", ["empty", "missing"])
def test_a_folder_without_pictures_is_named(tmp_path, name):
    (tmp_path / "empty").mkdir()
    with pytest.raises(FileNotFoundError, match=name):
        folder_images(tmp_path / name, Reds())


def test_paths_and_addresses(folder):
    path = folder / "King-Penguin" / "king penguin.png"
    picture("green").save(path)
    samples = images_at([path, path.as_uri(), folder / "no idea.png"], Reds(), size=12)
    assert samples.names == ["king penguin", "king penguin", "fire engine (guess)"]
    assert torch.equal(samples.images[0], samples.images[1])
    assert images_at(str(path), Reds(), size=12).images.shape == (1, 3, 12, 12)


def test_a_picture_from_a_web_server(folder):
    import threading
    from functools import partial
    from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        assert images_at(f"{address}/145_king_penguin.jpg", Reds()).names == ["king penguin"]
        with pytest.raises(OSError, match="nothing.png can't be opened .*[Nn]ot found"):
            images_at(f"{address}/nothing.png", Reds())
        server.shutdown()


@pytest.mark.parametrize(
    ("place", "words"), [("missing.png", "No such file"), ("notes.txt", "not an image")]
)
def test_what_is_no_picture_is_named(folder, place, words):
    with pytest.raises(OSError, match=f"{place}.*{words}"):
        images_at(folder / place, Reds())


class Digits(torch.utils.data.Dataset):
    """Grey tensors, as some data sets have them, with class names of their own."""

    classes = ("0 - zero", "1 - one")

    def __len__(self):
        return 6

    def __getitem__(self, i):
        return torch.full((1, 28, 28), i / 6), i % 2


def test_grey_data_sets_become_colour_images_labelled_by_the_model():
    samples = dataset_images(Digits(), Reds(), n=4, size=14, seed=None)
    assert samples.images.shape == (4, 3, 14, 14)
    assert samples.names == ["meadow (guess)"] * 4
    torch.testing.assert_close(samples.images[3, :, 0, 0], torch.full((3,), 0.5))


def test_a_torchvision_data_set_with_the_model_s_class_names():
    from torchvision.datasets import FakeData

    data = FakeData(size=5, image_size=(3, 20, 24), num_classes=3)
    data.classes = ["Meadow", "king_penguin", "fire engine"]
    samples = dataset_images(data, Reds(), n=5, size=16, seed=None)
    assert samples.labels.tolist() == [int(data[i][1]) for i in range(5)]
    assert samples.guessed is None and samples.with_true_labels() is samples


class HouseNumbers:
    """As torchvision's SVHN: labels, but no names of classes."""

    labels = [7, 3, 9, 0, 7]

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, i):
        return picture("red"), self.labels[i]


def says_class_2(class_names):
    """A classifier that always guesses its class 2."""
    network = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, len(class_names)))
    network[2].weight.data.zero_()
    network[2].bias.data = torch.arange(len(class_names)).eq(2).float()
    return Classifier(network, class_names, size=8)


def test_classes_without_names_are_numbers():
    digits = says_class_2([str(k) for k in range(10)])
    samples = dataset_images(HouseNumbers(), digits, seed=None)
    assert samples.labels.tolist() == [7, 3, 9, 0, 7] and samples.guessed is None
    words = says_class_2(["zero", "one", "two"])
    assert dataset_images(HouseNumbers(), words, seed=None).names == ["two (guess)"] * 5


def test_folders_of_wordnet_ids_are_the_classes_of_a_model_trained_on_them(tmp_path):
    ids = ["n01443537", "n01629819", "n02056570", "n02123394"]
    for name in ids:
        (tmp_path / name).mkdir()
        picture("red").save(tmp_path / name / f"{name}_12.JPEG".lower())
    samples = folder_images(tmp_path, says_class_2(ids))
    assert samples.labels.tolist() == [0, 1, 2, 3] and samples.guessed is None


def test_a_data_set_by_name_and_a_sentence_where_there_is_no_network(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    digits = dataset_images("digits", says_class_2([str(k) for k in range(10)]), n=30)
    assert digits.images.shape == (30, 3, 8, 8) and digits.guessed is None

    def no_network(*args, **kwargs):
        raise OSError("no route to host")

    monkeypatch.setattr("torchvision.datasets.mnist.download_and_extract_archive", no_network)
    with pytest.raises(DataNotFound, match="MNIST is not in data and can't be downloaded") as no:
        dataset_images("MNIST", Reds())
    (sentence,) = no.value._render_traceback_()
    assert "\n" not in sentence and "digits need no network" in sentence
