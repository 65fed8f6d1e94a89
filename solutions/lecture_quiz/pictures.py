"""Makes the pictures of the quiz: `python solutions/lecture_quiz/pictures.py`.

To be run again whenever the bundled classifiers change; look at them afterwards: the questions say
what is to be seen. They are made here, not in the notebook, whose code would say which is which.
"""

from __future__ import annotations

import copy
import io
from pathlib import Path

import torch
from captum.attr import GuidedBackprop, LayerGradCam
from matplotlib.figure import Figure
from PIL import Image
from torch import Tensor, nn

from course_lib import ClassScore, load_classifier, sample_images
from course_lib.plots import show_grid, show_images, show_overlays, show_panels
from course_lib.shapes.watermark import add_watermark

FOLDER = Path(__file__).parent / "pictures"
WIDTH = 800  # pixels at most


def save(name: str, *figures: Figure) -> None:
    """One small picture of one or more figures, below each other."""
    parts = [Image.open(io.BytesIO(figure.to_jpeg())).convert("RGB") for figure in figures]
    sheet = Image.new("RGB", (max(p.width for p in parts), sum(p.height for p in parts)), "white")
    top = 0
    for part in parts:
        sheet.paste(part, (0, top))
        top += part.height
    sheet.thumbnail((WIDTH, 10 * WIDTH))
    sheet.save(FOLDER / f"{name}.jpg", quality=80, optimize=True)


def saliency(model: nn.Module, X: Tensor, y: Tensor) -> Tensor:
    X = X.clone().requires_grad_()
    return torch.autograd.grad(ClassScore(y)(model(X)).sum(), X)[0].abs().amax(1)


def four_maps() -> None:
    """Question robust_map: the adversarially trained network is number 3."""
    names = ("shapes_vgg", "shapes_cnn", "shapes_robust", "shapes_resnet")
    models = [load_classifier(name) for name in names]
    samples = sample_images("shapes", n=40, seed=3)
    with torch.no_grad():
        right = torch.stack([model(samples.images).argmax(1) == samples.labels for model in models])
    chosen = right.all(0).nonzero().flatten()[[12]].tolist()
    one = samples[chosen]
    panels = {one.names[0]: one.images[0]}
    for number, model in enumerate(models, start=1):
        map_ = saliency(model, one.images, one.labels)[0]
        panels[f"{number}"] = (map_ / map_.quantile(0.995)).clamp(0, 1)
    save("four_maps", show_panels(panels))


def shortcut() -> None:
    """Question shortcut_map: Grad-CAM gives the bar code away."""
    model = load_classifier("shapes_shortcut")
    samples = sample_images("shapes", n=300, seed=11)
    # The class that the bar code stands for is the one that it turns most images into.
    with torch.no_grad():
        target = int(model(add_watermark(samples.images)).argmax(1).mode().values)
    own = samples[(samples.labels == target).nonzero().flatten()[:4].tolist()]
    marked = add_watermark(own.images, seed=2)
    layer = list(model.layers().values())[-1]
    maps = LayerGradCam(model, layer).attribute(marked, target=target, relu_attributions=True)
    maps = nn.functional.interpolate(maps.detach(), marked.shape[-2:], mode="bilinear")[:, 0]
    maps = maps / maps.amax((1, 2), keepdim=True).clamp_min(1e-12)
    save("shortcut", show_overlays(marked, maps, own.names, label="Grad-CAM over the image"))


def fooling() -> None:
    """Question random_noise: a change that can't be seen, and what it looks like."""
    model = load_classifier("shapes_cnn")
    samples = sample_images("shapes", n=30, seed=4)
    X, y = samples.images, samples.labels
    X.requires_grad_()
    loss = nn.functional.cross_entropy(model(X), y, reduction="sum")
    step = 0.02 * torch.autograd.grad(loss, X)[0].sign()
    X = X.detach()
    fooled = (X + step).clamp(0, 1)
    with torch.no_grad():
        before, after = model(X).softmax(1).max(1), model(fooled).softmax(1).max(1)
    good = (before.indices == y) & (before.values > 0.95) & (after.indices != y)
    i = int((good * after.values).argmax())
    words = samples.class_names
    titles = [
        f"said: {words[before.indices[i]]} ({before.values[i]:.0%})",
        f"said: {words[after.indices[i]]} ({after.values[i]:.0%})",
        "difference, ten times as strong",
    ]
    pictures = torch.stack([X[i], fooled[i], 0.5 + 10 * (fooled[i] - X[i])])
    save("fooling", show_images(pictures, titles))


def gram() -> None:
    """Question gram_pictures: in image A red and horizontal stripes go together (matrix 2)."""
    half, n = 32, 64
    stripe = (torch.arange(n) // 4 % 2).float()
    flat, pale = torch.full((half, n), 0.5), torch.full((half, n), 0.5)

    def image(colours: tuple[str, str]) -> Tensor:
        """Horizontal stripes above, vertical stripes below, each half in its colour."""
        patterns = (stripe[:half].view(-1, 1).expand(half, n), stripe.expand(half, n))
        halves = []
        for pattern, colour in zip(patterns, colours, strict=True):
            light = 0.55 + 0.45 * pattern
            channels = [light, 0.25 * flat, 0.25 * pale]
            halves.append(torch.stack(channels if colour == "red" else channels[::-1]))
        return torch.cat(halves, dim=1)

    def features(picture: Tensor) -> Tensor:
        """Redness, blueness, and how strong horizontal and vertical edges are: (4, H, W)."""
        light = picture.amax(0)
        across, down = torch.zeros_like(light), torch.zeros_like(light)
        across[1:] = (light[1:] - light[:-1]).abs()
        down[:, 1:] = (light[:, 1:] - light[:, :-1]).abs()
        return torch.stack([picture[0] - picture[2], picture[2] - picture[0], 2 * across, 2 * down])

    images = {"A": image(("red", "blue")), "B": image(("blue", "red"))}
    grams = {}
    for name, picture in images.items():
        f = features(picture).clamp_min(0).flatten(1)
        grams[name] = f @ f.T / f.shape[1]
    save("gram", _gram_figure(images, {"1": grams["B"], "2": grams["A"]}))


def _gram_figure(images: dict[str, Tensor], matrices: dict[str, Tensor]) -> Figure:
    from course_lib.figures import Picture

    labels = ["red", "blue", "horiz. edges", "vert. edges"]
    figure = Picture(figsize=(9.2, 2.7), dpi=84, layout="constrained")
    axes = figure.subplots(1, 4, width_ratios=[1, 1, 1.25, 1.25])
    for ax, (name, picture) in zip(axes, images.items()):
        ax.imshow(picture.permute(1, 2, 0), interpolation="nearest")
        ax.set_title(f"image {name}", fontsize=10)
        ax.set_axis_off()
    highest = max(matrix.max().item() for matrix in matrices.values())
    for ax, (name, matrix) in zip(axes[2:], matrices.items()):
        ax.imshow(matrix, cmap="inferno", vmin=0, vmax=highest)
        ax.set_title(f"matrix {name}", fontsize=10)
        ax.set_xticks(range(4), labels, fontsize=7, rotation=30, ha="right")
        ax.set_yticks(range(4), labels, fontsize=7)
        for i in range(4):
            for j in range(4):
                value = matrix[i, j].item()
                colour = "black" if value > 0.6 * highest else "white"
                ax.text(j, i, f"{value:.2f}", ha="center", va="center", fontsize=7, color=colour)
    return figure


def randomised() -> None:
    """Question random_weights: guided backpropagation hardly notices that the last layer is gone."""
    model = load_classifier("shapes_vgg")
    samples = sample_images("shapes", n=4, seed=8)
    blank = copy.deepcopy(model)
    last = [module for module in blank.modules() if isinstance(module, nn.Linear)][-1]
    torch.manual_seed(0)
    last.reset_parameters()
    rows = {"image": samples.images}
    for name, network in (("trained", model), ("last layer drawn anew", blank)):
        maps = GuidedBackprop(network).attribute(samples.images.clone(), target=samples.labels)
        maps = maps.detach().abs().amax(1)
        rows[name] = maps / maps.flatten(1).quantile(0.995, dim=1).view(-1, 1, 1).clamp_min(1e-12)
    save(
        "randomised",
        show_grid({name: row.clamp(0, 1) for name, row in rows.items()}, samples.names),
    )


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for make in (four_maps, shortcut, fooling, gram, randomised):
        make()
