"""Data sets by name: their images, their classes, and one sentence where there are none."""

import numpy as np
import pytest
import torch
from PIL import Image

from course_lib.datasets import Digits, class_names_of, labels_of, names_of_class, open_dataset
from course_lib.errors import DataNotFound


def test_the_digits_are_those_of_scikit_learn(tmp_path):
    from sklearn.datasets import load_digits

    theirs, ours = load_digits(), open_dataset("digits", tmp_path)
    assert len(ours) == 1797 and class_names_of(ours) == list("0123456789")
    assert labels_of(ours).tolist() == theirs.target.tolist()
    image, label = ours[100]
    assert image.size == (8, 8) and label == theirs.target[100]
    grey = torch.tensor(np.asarray(image)) / 255
    assert (grey - torch.tensor(theirs.images[100]) / 16).abs().max() < 1 / 255


class Named:
    targets = [1, 0]
    classes = [("tench", "Tinca tinca"), "goldfish"]

    def __len__(self):
        return 2

    def __getitem__(self, i):
        return Image.new("RGB", (4, 4)), self.targets[i]


class Unnamed:
    def __len__(self):
        return 3

    def __getitem__(self, i):
        return Image.new("RGB", (4, 4)), 2 * i


def test_classes_may_have_several_names_or_none():
    assert names_of_class(Named(), 0) == ("tench", "Tinca tinca")
    assert class_names_of(Named()) == ["tench", "goldfish"]
    assert labels_of(Unnamed()).tolist() == [0, 2, 4]
    assert class_names_of(Unnamed()) == ["0", "1", "2", "3", "4"]


def test_a_folder_without_folders_of_classes_is_named(tmp_path):
    with pytest.raises(DataNotFound, match=f"{tmp_path}.*one folder per class"):
        open_dataset(tmp_path, tmp_path)


@pytest.mark.parametrize("name", ["Nothing10", "vision"])
def test_an_unknown_data_set_is_named(tmp_path, name):
    with pytest.raises(DataNotFound, match=f"'{name}' is neither shapes nor digits"):
        open_dataset(name, tmp_path)


def test_an_index_beyond_the_digits_ends_a_loop():
    with pytest.raises(IndexError):
        Digits()[1797]
