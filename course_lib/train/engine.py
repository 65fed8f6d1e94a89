"""The training loop: standard or adversarial, seeded, resumable."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from course_lib.train.attack import pgd_attack
from course_lib.train.data import TrainingImages, augment
from course_lib.train.recipes import Schedule

__all__ = ["Progress", "accuracy", "fit"]

BATCH = 50  # images per forward pass of `accuracy`: larger batches leave the CPU's cache


@dataclass
class Progress:
    """The state of a training after a batch, for a progress bar."""

    epoch: int
    done: float  # fraction of the whole training
    loss: float  # mean over the epoch so far
    correct: float  # accuracy over the epoch so far
    seconds: float  # training time, over all interrupted runs


def fit(
    classifier: nn.Module,
    data: TrainingImages,
    schedule: Schedule,
    device: str | torch.device = "cpu",
    checkpoint: Path | None = None,
    report: Callable[[Progress], None] = lambda progress: None,
) -> float:
    """Train a classifier in place.

    Args:
        classifier: the classifier; afterwards in eval mode and frozen.
        data: the training images.
        schedule: the hyperparameters.
        device: where to train.
        checkpoint: file that is written after each epoch; training resumes from it if it exists.
        report: called after each batch.

    Returns:
        The training time in seconds.

    Raises:
        ValueError: the checkpoint was made with another schedule.
    """
    # bfloat16 halves the time and costs no measurable accuracy.
    reduced = torch.autocast(torch.device(device).type, torch.bfloat16)
    classifier.to(device).to(memory_format=torch.channels_last).train().requires_grad_(True)
    batches = len(data) // schedule.batch_size or 1
    optimizer = torch.optim.AdamW(
        _parameter_groups(classifier, schedule.weight_decay), lr=schedule.learning_rate
    )
    rates = torch.optim.lr_scheduler.OneCycleLR(
        optimizer,
        schedule.learning_rate,
        total_steps=max(8, batches * schedule.epochs),  # fewer divide by zero
        pct_start=0.25,
    )
    mix = _mixtures(len(data.class_names)) if schedule.mixing else None
    epoch, seconds = _resume(checkpoint, schedule, classifier, optimizer, rates)
    while epoch < schedule.epochs:
        started, total_loss, total_correct, seen = time.monotonic(), 0.0, 0, 0
        generator = torch.Generator().manual_seed(1000 * schedule.seed + epoch)
        torch.manual_seed(1000 * schedule.seed + epoch)  # the mixtures use the global generator
        for i, (images, labels) in enumerate(_batches(data, schedule, generator)):
            x, y = images.to(device, memory_format=torch.channels_last), labels.to(device)
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
    """Accuracy on images (N, 3, H, W) in [0, 1]; with `epsilon`, after PGD."""
    correct = 0.0
    generator = torch.Generator().manual_seed(0)
    for x, y in zip(images.split(BATCH), labels.split(BATCH), strict=True):
        attacked = x
        if epsilon:
            attacked = pgd_attack(classifier, x, y, epsilon, steps, generator=generator)
        with torch.no_grad():
            correct += (classifier(attacked).argmax(1) == y).sum().item()
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


def _mixtures(classes: int) -> Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]:
    """MixUp, CutMix or nothing, at random."""
    from torchvision.transforms import v2

    cutmix, mixup = v2.CutMix(num_classes=classes), v2.MixUp(alpha=0.3, num_classes=classes)
    mixtures: Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]
    mixtures = v2.RandomChoice([cutmix, mixup, v2.Identity()])
    return mixtures


def _attacked(
    classifier: nn.Module,
    x: Tensor,
    y: Tensor,
    schedule: Schedule,
    epoch: float,
    generator: torch.Generator,
) -> Tensor:
    # With a full-strength attack from the first step, a small network learns nothing.
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


def _parameter_groups(model: nn.Module, weight_decay: float) -> list[dict[str, Any]]:
    """Weight decay for weights; none for biases and batch norm."""
    decayed = [p for p in model.parameters() if p.ndim > 1]
    others = [p for p in model.parameters() if p.ndim <= 1]
    return [
        {"params": decayed, "weight_decay": weight_decay},
        {"params": others, "weight_decay": 0.0},
    ]


def _save(
    path: Path | None,
    schedule: Schedule,
    classifier: nn.Module,
    optimizer: Optimizer,
    rates: LRScheduler,
    epoch: int,
    seconds: float,
) -> None:
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
    part.replace(path)  # an interruption leaves no half-written checkpoint


def _resume(
    path: Path | None,
    schedule: Schedule,
    classifier: nn.Module,
    optimizer: Optimizer,
    rates: LRScheduler,
) -> tuple[int, float]:
    """Load a checkpoint: the number of finished epochs and the training time."""
    if path is None or not path.exists():
        return 0, 0.0
    saved = torch.load(path, map_location="cpu", weights_only=True)
    if saved["schedule"] != asdict(schedule):
        raise ValueError(f"{path} belongs to another training: remove it, or use another folder")
    classifier.load_state_dict(saved["classifier"])
    optimizer.load_state_dict(saved["optimizer"])
    rates.load_state_dict(saved["rates"])
    return saved["epoch"], saved["seconds"]
