"""Draw the README's pictures of the bundled classifiers: `python solutions/sheets.py`.

Run it again, and look at the result, whenever the classifiers change. The photographs of the petit
family may not be redistributed: pictures of them are drawn with --photos only, into another folder.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Annotated

import torch
import torch.nn.functional as F
import typer
from evaluate_classifiers import held_out_photographs, reference_of, visualisations
from matplotlib.figure import Figure
from PIL import Image

from course_lib import load_classifier, sample_images, show_grid
from course_lib.samples import Samples

DOCS = Path(__file__).resolve().parent.parent / "docs"
WIDTH = 1500  # pixels


def samples_with_masks() -> Figure:
    """One image of each class of `shapes`, above its true mask."""
    samples = sample_images("shapes", n=12, seed=5)
    return show_grid({"image": samples.images, "true mask": samples.masks}, samples.names)


def saliency_standard_and_robust(family: str, samples: Samples) -> Figure:
    """Saliency maps of the standard and the robust residual network of a family."""
    saliency = reference_of("saliency")
    rows = {"image": samples.images}
    for words, member in (("standard", "resnet"), ("adversarially\ntrained", "robust")):
        model = load_classifier(f"{family}_{member}")
        maps = saliency.compute_saliency_maps(samples.images, samples.labels, model)
        rows[words] = saliency.normalize_maps(maps)
    return show_grid(rows, samples.names)


def class_visualisations(family: str, members: dict[str, str], classes: list[int]) -> Figure:
    """Class visualisations, one row per member of the family."""
    rows = {
        words: visualisations(family, load_classifier(name), classes)
        for words, name in members.items()
    }
    names = load_classifier(f"{family}_robust").class_names
    return show_grid(rows, [names[k] for k in classes])


def photographs(photos: str, work: Path, n: int = 8) -> Samples:
    """Held-out photographs of the petit family."""
    held_out = held_out_photographs(photos, work)
    chosen = [int((held_out.labels == k).nonzero()[1]) for k in range(2 * n)[::2]]
    return Samples(
        held_out.images[chosen] / 255, held_out.labels[chosen], None, held_out.class_names
    )


def cat_and_coffee() -> Samples:
    """The photographs inside scikit-image that show classes of the petit family, 64 x 64."""
    names = load_classifier("petit_resnet").class_names
    photos = sample_images("photos", classes=["cat", "coffee"])
    labels = torch.tensor([names.index("egyptian cat"), names.index("espresso")])
    images = F.interpolate(photos.images, 64, mode="bilinear", antialias=True)
    return Samples(images, labels, None, names)


def save(figure: Figure, path: Path) -> None:
    """Write a figure as a JPEG file of at most `WIDTH` pixels."""
    buffer = io.BytesIO()
    figure.savefig(buffer, dpi=150, bbox_inches="tight", facecolor="white")
    picture = Image.open(buffer).convert("RGB")
    picture.thumbnail((WIDTH, WIDTH))
    picture.save(path, quality=80, optimize=True, progressive=True)
    print(f"{path}: {path.stat().st_size / 1000:.0f} kB")


def main(
    out: Annotated[Path, typer.Option(help="folder for the pictures")] = DOCS,
    photos: Annotated[
        str | None, typer.Option(help="folder or zip file of photographs, for pictures of them")
    ] = None,
    work: Annotated[Path, typer.Option(help="folder for unpacked photographs")] = Path(
        "classifiers/work"
    ),
) -> None:
    """Draw all pictures."""
    if photos and out.resolve() == DOCS:
        raise typer.BadParameter(
            "the photographs may not be redistributed: pass another folder with --out"
        )
    out.mkdir(parents=True, exist_ok=True)
    save(samples_with_masks(), out / "shapes.jpg")
    shapes = sample_images("shapes", n=10, seed=0)
    save(saliency_standard_and_robust("shapes", shapes), out / "saliency.jpg")
    residual = {"standard": "resnet", "adversarially\ntrained": "robust", "VGG-like": "vgg"}
    for family, classes in (("shapes", [*range(12)]), ("petit", [*range(0, 20, 2)])):
        members = {words: f"{family}_{member}" for words, member in residual.items()}
        sheet = class_visualisations(family, members, classes)
        save(sheet, out / f"class-visualisations-{family}.jpg")
    save(saliency_standard_and_robust("petit", cat_and_coffee()), out / "saliency-photos.jpg")
    if photos:
        sheet = saliency_standard_and_robust("petit", photographs(photos, work))
        save(sheet, out / "saliency-petit.jpg")


if __name__ == "__main__":
    typer.run(main)
