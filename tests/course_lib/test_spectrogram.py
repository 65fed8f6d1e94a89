"""Is the picture of a sound right, and is the event where the mask says?"""

import math

import numpy as np
import pytest
import torch

from course_lib.spectrogram import (
    CLASS_NAMES,
    RATE,
    make_sounds,
    spectrogram,
    train_sound_classifier,
)


def tone(frequency):
    return 0.4 * torch.sin(2 * math.pi * frequency * torch.arange(RATE) / RATE).unsqueeze(0)


@pytest.mark.parametrize("bin_number", [4, 20, 50])
def test_a_tone_is_a_line_at_its_frequency_counted_from_the_bottom(bin_number):
    picture = spectrogram(tone(62.5 * bin_number))[0, 0]
    loudest = picture[:, 10:-10].mean(dim=1).argmax().item()
    assert loudest == 63 - bin_number


def test_pixels_are_in_zero_to_one_and_the_channels_equal():
    pictures = spectrogram(torch.cat([tone(1000), torch.zeros(1, RATE)]))
    assert pictures.shape == (2, 3, 64, 64)
    assert pictures.min() >= 0 and pictures.max() <= 1
    assert torch.equal(pictures[:, 0], pictures[:, 2])
    assert not pictures[1].any()  # silence is black


def test_loudness_agrees_with_scipy():
    from scipy.signal import ShortTimeFFT

    wave = tone(1000)[0] + 0.1 * torch.randn(RATE, generator=torch.Generator().manual_seed(0))
    window = torch.hann_window(128).numpy().astype(float)
    theirs = ShortTimeFFT(window, hop=125, fs=RATE).spectrogram(wave.numpy().astype(float))
    mine = spectrogram(wave.unsqueeze(0))[0, 0].flip(0) * 60 - 25
    # SciPy starts earlier, in the padding: its frame 1 is centred where our frame 0 is or later.
    offset = int(-ShortTimeFFT(window, hop=125, fs=RATE).p_min)
    decibels = 10 * np.log10(theirs[:64, offset + 2 : offset + 60] + 1e-6)
    inside = (mine[:, 2:60] > -24).numpy()
    difference = np.abs(mine[:, 2:60].numpy() - decibels)[inside]
    assert difference.max() < 0.1


def test_classes_take_turns_and_a_seed_gives_the_same_sounds():
    sounds, waves = make_sounds(7, seed=3)
    assert sounds.labels.tolist() == [0, 1, 2, 3, 4, 0, 1]
    assert sounds.class_names == CLASS_NAMES
    assert waves.shape == (7, RATE) and waves.abs().max() <= 1
    again, _ = make_sounds(7, seed=3)
    other, _ = make_sounds(7, seed=4)
    assert torch.equal(sounds.images, again.images)
    assert not torch.equal(sounds.images, other.images)


def test_the_sound_is_louder_inside_its_mask_than_outside():
    sounds, _ = make_sounds(20, seed=1)
    for picture, mask in zip(sounds.images[:, 0], sounds.masks, strict=True):
        assert picture[mask].mean() > picture[~mask].mean() + 0.2


def test_a_rising_chirp_rises_and_a_falling_one_falls():
    sounds, _ = make_sounds(10, seed=2)
    for label, sign in ((0, 1), (1, -1)):
        for mask in sounds.masks[sounds.labels == label]:
            rows, columns = mask.nonzero().T.numpy()
            assert sign * np.polyfit(columns, 63 - rows, 1)[0] > 0.2


def test_a_small_network_learns_the_sounds_and_leaves_the_random_numbers_alone():
    before = torch.random.get_rng_state()
    model = train_sound_classifier(make_sounds(300, seed=1)[0])
    assert torch.equal(torch.random.get_rng_state(), before)
    fresh, _ = make_sounds(100, seed=9)
    accuracy = (model(fresh.images).argmax(dim=1) == fresh.labels).float().mean().item()
    assert accuracy > 0.9
    assert not model.training
    assert not any(p.requires_grad for p in model.parameters())
