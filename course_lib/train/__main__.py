"""Train a classifier, one of the bundled ones or your own: `python -m course_lib.train NAME`."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Any, NoReturn

import torch
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from course_lib.classifiers import Classifier, load_classifier, save_classifier
from course_lib.datasets import CHARACTERS
from course_lib.networks import NETWORKS
from course_lib.train.data import AUGMENTATIONS, DataNotFound, TrainingImages
from course_lib.train.engine import Progress as Step
from course_lib.train.engine import fit
from course_lib.train.evaluate import evaluate_on, evaluate_shapes
from course_lib.train.recipes import RECIPES, Recipe, Schedule
from course_lib.train.sources import training_images

console = Console()
app = typer.Typer(add_completion=False)


@app.command()
def main(
    name: Annotated[str, typer.Argument(help=f"{', '.join(RECIPES)}, or a name of your own")],
    network: Annotated[str | None, typer.Option(help=" | ".join(NETWORKS))] = None,
    width: Annotated[int | None, typer.Option(help="channels of the first layer")] = None,
    channels: Annotated[int | None, typer.Option(help="3: colour, 1: grey", min=1, max=3)] = None,
    data: Annotated[
        str | None,
        typer.Option(
            help="shapes, digits, a torchvision data set (CIFAR10, ...), a folder or a zip file"
        ),
    ] = None,
    classes: Annotated[str | None, typer.Option(help="only these: cat,dog")] = None,
    images: Annotated[int | None, typer.Option(help="largest number of training images")] = None,
    size: Annotated[int, typer.Option(help="pixels a side (not for shapes)")] = 64,
    epochs: Annotated[int | None, typer.Option(min=0)] = None,
    batch_size: Annotated[int | None, typer.Option(min=2)] = None,
    learning_rate: Annotated[float | None, typer.Option()] = None,
    epsilon: Annotated[
        float | None, typer.Option(help="adversarial training: largest change, in 255ths", min=0)
    ] = None,
    attack_steps: Annotated[int | None, typer.Option(min=1)] = None,
    augmentation: Annotated[str | None, typer.Option(help=" | ".join(AUGMENTATIONS))] = None,
    seed: Annotated[int | None, typer.Option()] = None,
    device: Annotated[str, typer.Option(help="cpu | cuda | auto")] = "auto",
    threads: Annotated[int | None, typer.Option(help="CPU threads", min=1)] = None,
    fresh: Annotated[int, typer.Option(help="measure on this many drawn images", min=1)] = 2000,
    out: Annotated[Path, typer.Option(help="folder for the weights")] = Path("classifiers"),
    work: Annotated[
        Path, typer.Option(help="folder for checkpoints, drawn images and downloads")
    ] = Path("classifiers/work"),
) -> None:
    """Train a small classifier and write its weights (safetensors) and its card (json).

    Started again, an interrupted training resumes after its last epoch.
    """
    if threads:
        torch.set_num_threads(threads)
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    own = Recipe(network or "resnet", "Trained with course_lib.train.", data=data or "shapes")
    recipe = RECIPES.get(name, own)
    if network and network != recipe.network:
        recipe = replace(recipe, network=network, options={}, start=None)
    options = _given(width=width, channels=channels)
    if options:
        recipe = replace(recipe, options={**recipe.options, **options}, start=None)
    changes = _given(
        epochs=epochs,
        batch_size=batch_size,
        learning_rate=learning_rate,
        epsilon=None if epsilon is None else epsilon / 255,
        attack_steps=attack_steps,
        augmentation=augmentation,
        seed=seed,
    )
    recipe = replace(
        recipe,
        data=data or recipe.data,
        images=images or recipe.images,
        schedule=replace(recipe.schedule, **changes),
        then=() if changes else recipe.then,
    )
    if name not in RECIPES and recipe.data != "shapes" and augmentation is None:
        mirrored = "none" if recipe.data in CHARACTERS else "flip"
        recipe = replace(recipe, schedule=replace(recipe.schedule, augmentation=mirrored))
    if recipe.network not in NETWORKS:
        _stop(f"there is no network {recipe.network!r}; there are: {', '.join(NETWORKS)}")
    if recipe.schedule.augmentation not in AUGMENTATIONS:
        _stop(f"--augmentation is one of: {', '.join(AUGMENTATIONS)}")

    try:
        with console.status(f"collecting the images of {recipe.data}"):
            train, held_out = training_images(
                recipe, classes.split(",") if classes else None, size, work
            )
    except DataNotFound as error:
        _stop(str(error))
    torch.manual_seed(recipe.schedule.seed)
    if recipe.start:
        beside = out / f"{recipe.start}.safetensors"
        classifier = load_classifier(str(beside) if beside.exists() else recipe.start)
    else:
        built = NETWORKS[recipe.network](len(train.class_names), **recipe.options)
        classifier = Classifier(built, train.class_names, size=train.images.shape[-1])
    seconds = 0.0
    for i, schedule in enumerate(recipe.schedules):
        file = work / (f"{name}-{i + 1}.pt" if i else f"{name}.pt")
        seconds += _fit_with_bar(name, classifier, train, schedule, device, file)

    with console.status("measuring"):
        classifier.cpu()
        if held_out is None:
            measured = evaluate_shapes(classifier, recipe, fresh)
        else:
            measured = evaluate_on(classifier, recipe, held_out)
    card = {
        "network": recipe.network,
        "options": recipe.options,
        "about": recipe.about,
        **{key: round(value, 4) for key, value in measured.items()},
        "training": {
            "data": Path(recipe.data).stem,
            "start": recipe.start,
            "images": len(train),
            **asdict(recipe.schedule),
            "epochs": sum(schedule.epochs for schedule in recipe.schedules),
            "minutes": round(seconds / 60, 1),
            "device": device,
        },
    }
    file = out / f"{name}.safetensors"
    save_classifier(classifier, file, card)
    figures = ", ".join(f"{k.replace('_', ' ')} {v:.1%}" for k, v in measured.items())
    console.print(f"{name}: {figures}, {seconds / 60:.1f} minutes; {file}", soft_wrap=True)


def _fit_with_bar(
    name: str,
    classifier: Classifier,
    train: TrainingImages,
    schedule: Schedule,
    device: str,
    checkpoint: Path,
) -> float:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as bar:
        task = bar.add_task(name, total=1.0)

        def report(step: Step) -> None:
            words = f"{name} epoch {step.epoch}/{schedule.epochs}"
            words += f" loss {step.loss:.3f} correct {step.correct:.1%}"
            bar.update(task, completed=step.done, description=words)

        try:
            return fit(classifier, train, schedule, device, checkpoint, report)
        except ValueError as error:
            _stop(str(error))


def _given(**options: Any) -> dict[str, Any]:
    """The options that are not None."""
    return {key: value for key, value in options.items() if value is not None}


def _stop(sentence: str) -> NoReturn:
    typer.secho(sentence, err=True, fg="red")
    raise typer.Exit(2)


if __name__ == "__main__":
    app()
