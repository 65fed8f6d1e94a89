"""The training loop: standard or adversarial, seeded, and resumed where it was interrupted."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_lib.train.attack import pgd_attack
from course_lib.train.data import TrainingImages, augment

__all__ = ["Progress", "Schedule", "accuracy", "fit"]


@dataclass(frozen=True)
class Schedule:
    """How to train.

    epsilon: the largest change of a pixel in adversarial training; 0 for standard training
    attack_steps: steps of the attack in training
    augmentation: one of `course_lib.train.data.AUGMENTATIONS`
    noise: standard deviation of the Gaussian noise on training images, drawn per image up to this
    mixing: replace two of three batches by mixtures of two images each, with mixed labels (Zhang et
        al., "mixup", 2018; Yun et al., "CutMix", 2019)
    label_smoothing: the share of the target that all classes get alike
    """

    epochs: int = 9
    batch_size: int = 128
    learning_rate: float = 0.01
    weight_decay: float = 0.01
    augmentation: str = "turn"
    noise: float = 0.0
    mixing: bool = False
    label_smoothing: float = 0.0
    epsilon: float = 0.0
    attack_steps: int = 2
    seed: int = 0


@dataclass
class Progress:
    """Where the training stands, for a progress bar: one for each batch."""

    epoch: int
    done: float  # of the whole training, 0 to 1
    loss: float  # mean over the epoch so far
    correct: float  # share of the epoch's training images so far
    seconds: float  # spent training, over all interrupted runs


def fit(
    classifier: nn.Module,
    data: TrainingImages,
    schedule: Schedule,
    device: str | torch.device = "cpu",
    checkpoint: Path | None = None,
    report: Callable[[Progress], None] = lambda progress: None,
) -> float:
    """Train `classifier` in place; the seconds it took.

    checkpoint: written after each epoch; when it is there already, training goes on from it

    Raises ValueError when the checkpoint was made with another schedule.
    """
    # The reduced precision of bfloat16 halves the time, and costs no accuracy worth naming.
    reduced = torch.autocast(torch.device(device).type, torch.bfloat16)
    classifier.to(device, memory_format=torch.channels_last).train().requires_grad_(True)
    batches = len(data) // schedule.batch_size or 1
    optimizer = torch.optim.AdamW(
        _parameter_groups(classifier, schedule.weight_decay), lr=schedule.learning_rate
    )
    rates = torch.optim.lr_scheduler.OneCycleLR(
        optimizer,
        schedule.learning_rate,
        total_steps=max(8, batches * schedule.epochs),
        pct_start=0.25,  # fewer: division by zero
    )
    mix = _mixtures(len(data.class_names)) if schedule.mixing else None
    epoch, seconds = _resume(checkpoint, schedule, classifier, optimizer, rates)
    while epoch < schedule.epochs:
        started, total_loss, total_correct, seen = time.monotonic(), 0.0, 0, 0
        generator = torch.Generator().manual_seed(1000 * schedule.seed + epoch)
        torch.manual_seed(1000 * schedule.seed + epoch)  # mixtures are drawn with it
        for i, (x, y) in enumerate(_batches(data, schedule, generator)):
            x, y = x.to(device, memory_format=torch.channels_last), y.to(device)
            x, target = mix(x, y) if mix else (x, y)
            with reduced:
                if schedule.epsilon:
                    x = _attacked(classifier, x, y, schedule, epoch + i / batches, generator)
                scores = classifier(x).float()
                loss = F.cross_entropy(scores, target, label_smoothing=schedule.label_smoothing)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            rates.step()
            seen += len(y)
            total_loss += loss.item() * len(y)
            total_correct += (scores.argmax(1) == y).sum().item()
            report(
                Progress(
                    epoch + 1,
                    (epoch + (i + 1) / batches) / schedule.epochs,
                    total_loss / seen,
                    total_correct / seen,
                    seconds + time.monotonic() - started,
                )
            )
        epoch, seconds = epoch + 1, seconds + time.monotonic() - started
        _save(checkpoint, schedule, classifier, optimizer, rates, epoch, seconds)
    classifier.to(memory_format=torch.contiguous_format).eval().requires_grad_(False)
    return seconds


def accuracy(
    classifier: nn.Module, images: Tensor, labels: Tensor, epsilon: float = 0.0, steps: int = 20
) -> float:
    """The share of images (N, 3, H, W) in [0, 1] classified right; with epsilon, after PGD."""
    correct = 0
    generator = torch.Generator().manual_seed(0)
    for x, y in zip(images.split(250), labels.split(250)):
        if epsilon:
            x = pgd_attack(classifier, x, y, epsilon, steps, generator=generator)
        with torch.no_grad():
            correct += (classifier(x).argmax(1) == y).sum().item()
    return correct / len(labels)


def _batches(
    data: TrainingImages, schedule: Schedule, generator: torch.Generator
) -> Iterator[tuple[Tensor, Tensor]]:
    order = torch.randperm(len(data), generator=generator)
    for i in range(len(data) // schedule.batch_size or 1):
        chosen = order[i * schedule.batch_size : (i + 1) * schedule.batch_size]
        x = data.images[chosen].float() / 255
        x = augment(x, schedule.augmentation, generator)
        if schedule.noise:
            strength = schedule.noise * torch.rand(len(x), 1, 1, 1, generator=generator)
            x = (x + strength * torch.randn(x.shape, generator=generator)).clamp(0, 1)
        yield x, data.labels[chosen]


def _mixtures(classes: int) -> nn.Module:
    from torchvision.transforms import v2

    one_half_of_each = v2.CutMix(num_classes=classes)
    both_shining_through = v2.MixUp(alpha=0.3, num_classes=classes)
    return v2.RandomChoice([one_half_of_each, both_shining_through, v2.Identity()])


def _attacked(
    classifier: nn.Module,
    x: Tensor,
    y: Tensor,
    schedule: Schedule,
    epoch: float,
    generator: torch.Generator,
) -> Tensor:
    # A full-strength attack from the first step on keeps a small network from learning anything.
    epsilon = schedule.epsilon * min(1.0, (epoch + 0.5) / (0.3 * schedule.epochs))
    classifier.eval()  # the attack must not disturb batch norm's running statistics
    attacked = pgd_attack(
        classifier,
        x,
        y,
        epsilon,
        schedule.attack_steps,
        step_size=1.25 * epsilon / schedule.attack_steps**0.5,
        generator=generator,
    )
    classifier.train()
    return attacked


def _parameter_groups(model: nn.Module, weight_decay: float) -> list[dict]:
    """Weight decay for weights; none for biases and batch norm."""
    decayed = [p for p in model.parameters() if p.ndim > 1]
    others = [p for p in model.parameters() if p.ndim <= 1]
    return [
        {"params": decayed, "weight_decay": weight_decay},
        {"params": others, "weight_decay": 0.0},
    ]


def _save(path, schedule, classifier, optimizer, rates, epoch, seconds) -> None:
    if path is None:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    torch.save(
        {
            "schedule": asdict(schedule),
            "epoch": epoch,
            "seconds": seconds,
            "classifier": classifier.state_dict(),
            "optimizer": optimizer.state_dict(),
            "rates": rates.state_dict(),
        },
        part,
    )
    part.replace(path)  # never a half-written checkpoint, whenever the power fails


def _resume(path, schedule, classifier, optimizer, rates) -> tuple[int, float]:
    if path is None or not path.exists():
        return 0, 0.0
    saved = torch.load(path, map_location="cpu", weights_only=True)
    if saved["schedule"] != asdict(schedule):
        raise ValueError(f"{path} belongs to another training: remove it, or use another folder")
    classifier.load_state_dict(saved["classifier"])
    optimizer.load_state_dict(saved["optimizer"])
    rates.load_state_dict(saved["rates"])
    return saved["epoch"], saved["seconds"]
