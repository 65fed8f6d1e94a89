"""Do pictures from folders and data sets come in the right size, with the right labels?"""

import pytest
import torch
from PIL import Image
from torch import nn

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
    assert samples.names == ["king penguin", "king penguin", "fire engine"]
    assert samples.masks is None


def test_a_seed_draws_other_pictures_and_the_same_ones_again(folder):
    first = folder_images(folder, Reds(), n=2, size=8)
    drawn = [folder_images(folder, Reds(), n=2, size=8, seed=seed).images for seed in (0, 0)]
    assert len(first) == 2
    assert torch.equal(*drawn)


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
    assert samples.names == ["king penguin", "king penguin", "fire engine"]
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
    assert samples.names == ["meadow"] * 4
    torch.testing.assert_close(samples.images[3, :, 0, 0], torch.full((3,), 0.5))


def test_a_torchvision_data_set_with_the_model_s_class_names():
    from torchvision.datasets import FakeData

    data = FakeData(size=5, image_size=(3, 20, 24), num_classes=3)
    data.classes = ["Meadow", "king_penguin", "fire engine"]
    samples = dataset_images(data, Reds(), n=5, size=16, seed=None)
    assert samples.labels.tolist() == [int(data[i][1]) for i in range(5)]
