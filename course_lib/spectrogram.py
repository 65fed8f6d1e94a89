"""Synthetic sounds as spectrograms: saliency is not limited to photographs.

Each sound is one second of noise with one event in it. The true place of the event in time and
frequency is known, so that attributions can be compared with it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from course_lib.networks import SmallCNN
from course_lib.samples import Samples

__all__ = ["CLASS_NAMES", "RATE", "make_sounds", "spectrogram", "train_sound_classifier"]

CLASS_NAMES = ("rising chirp", "falling chirp", "steady tone", "trill", "pulses")
RATE = 8000  # samples a second
BINS = 64  # frequencies 0 ... 3937 Hz, 62.5 Hz apart
FRAMES = 64  # in one second
BATCH = 25


def spectrogram(waves: Tensor) -> Tensor:
    """Loudness over frequency and time: (N, 8000) -> (N, 3, 64, 64) in [0, 1], which spans 60 dB.

    The squared magnitude of a short-time Fourier transform (Hann window, 128 samples), in decibels,
    with low frequencies at the bottom and three equal channels.
    """
    transform = torch.stft(
        waves,
        n_fft=2 * BINS,
        hop_length=RATE // FRAMES,
        window=torch.hann_window(2 * BINS),
        return_complex=True,
    )
    decibels = 10 * torch.log10(transform[:, :BINS, :FRAMES].abs() ** 2 + 1e-6)
    loudness = ((decibels + 25) / 60).clamp(0, 1).flip(1)
    return loudness.unsqueeze(1).repeat(1, 3, 1, 1)


def make_sounds(n: int, seed: int = 0) -> tuple[Samples, Tensor]:
    """Make `n` sounds: spectrograms with masks, and waves (n, 8000) in [-1, 1], one second each.

    The classes take turns; pitch, time, length and loudness of the event are random.
    """
    generator = torch.Generator().manual_seed(seed)
    labels = torch.arange(n) % len(CLASS_NAMES)
    events = [_event(label, generator) for label in labels.tolist()]
    clean = torch.stack([wave for wave, _ in events])
    noise = torch.randn(n, RATE, generator=generator) * 0.03
    waves = (clean + noise).clamp(-1, 1)
    masks = torch.stack([_mask(track) for _, track in events])
    return Samples(spectrogram(waves), labels, masks, CLASS_NAMES), waves


def train_sound_classifier(sounds: Samples, epochs: int = 8, seed: int = 0) -> nn.Module:
    """Train a small convolutional network on spectrograms, which takes seconds.

    It maps pixels to unnormalised scores (N, 5) and is in eval mode. The state of the global random
    generator is kept.
    """
    with torch.random.fork_rng(devices=[]), _one_thread():
        torch.manual_seed(seed)
        model = SmallCNN(num_classes=len(CLASS_NAMES), width=8)
        optimiser = torch.optim.AdamW(model.parameters(), lr=5e-3)
        steps = epochs * math.ceil(len(sounds) / BATCH)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, max_lr=5e-3, total_steps=steps)
        for _ in range(epochs):
            for batch in torch.randperm(len(sounds)).split(BATCH):
                scores = model(sounds.images[batch])
                loss = nn.functional.cross_entropy(scores, sounds.labels[batch])
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()
                schedule.step()
    return model.eval().requires_grad_(False)


@contextmanager
def _one_thread() -> Iterator[None]:
    """Use one thread: with convolutions this small, several would mostly wait."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _event(label: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """A wave (8000,) and its frequency in Hz at each sample, NaN where it is silent."""

    def draw(low: float, high: float) -> float:
        return low + (high - low) * torch.rand((), generator=generator).item()

    seconds = torch.arange(RATE) / RATE
    start = draw(0.05, 0.35)
    length = draw(0.35, 0.6)
    inside = ((seconds - start) / length).clamp(0, 1)  # 0 ... 1 from the event's start to its end
    sounding = (inside > 0) & (inside < 1)
    low, rise = draw(400, 1800), draw(900, 1800)
    name = CLASS_NAMES[label]
    if name == "rising chirp":
        frequency = low + rise * inside
    elif name == "falling chirp":
        frequency = low + rise * (1 - inside)
    elif name == "trill":
        frequency = low + 500 + 400 * torch.sin(2 * math.pi * draw(6, 10) * seconds)
    else:
        frequency = torch.full((RATE,), draw(500, 3300))
    if name == "pulses":
        sounding &= (seconds * draw(8, 12)) % 1 < 0.45
    phase = 2 * math.pi * frequency.cumsum(0) / RATE
    wave = draw(0.15, 0.5) * torch.sin(phase) * sounding
    return wave, torch.where(sounding, frequency, torch.nan)


def _mask(track: Tensor) -> Tensor:
    """Mask of the event in the spectrogram: (8000,) Hz -> (64, 64) bool, three bins thick."""
    track = track.view(FRAMES, -1)  # (frames, samples of one frame)
    rows = torch.arange(BINS).view(BINS, 1, 1)
    bins = track / (RATE / 2 / BINS)
    near = (rows - bins).abs() <= 1.5  # NaN is near nothing
    return near.any(dim=2).flip(0)
