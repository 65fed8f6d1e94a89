"""Wrong answers to the Grad-CAM assignment, by name.

Each function answers one question of the assignment wrongly, in a way that students do. Its
docstring is the hint that a student reads when the values agree. `caught_by` names the check that
is about this mistake. Where several explain equally many failed checks, the first in this file is
named: specific mistakes stand before general ones.
"""

import copy
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from autograder.checks import misconception

Quantity = Callable[[Tensor], Tensor]  # scores (N, C) -> the quantity to differentiate, any shape
Rule = Callable[[Tensor, Tensor], Tensor]  # ReLU's input, gradient from above -> gradient below


class _Rectify(torch.autograd.Function):
    """A ReLU with another backward rule."""

    @staticmethod
    def forward(ctx, x: Tensor, rule: Rule) -> Tensor:
        ctx.save_for_backward(x)
        ctx.rule = rule
        return x.clamp(min=0)

    @staticmethod
    def backward(ctx, gradient: Tensor) -> tuple[Tensor, None]:
        (x,) = ctx.saved_tensors
        return ctx.rule(x, gradient), None


def _both(x: Tensor, gradient: Tensor) -> Tensor:
    """The rule of guided backpropagation."""
    return (x > 0) * gradient.clamp(min=0)


def _relus(model: nn.Module) -> list[nn.ReLU]:
    return [module for module in model.modules() if isinstance(module, nn.ReLU)]


def _set_rule(relus: list[nn.ReLU], rule: Rule = _both) -> None:
    for relu in relus:
        relu.forward = lambda x: _Rectify.apply(x, rule)


def _score(y: Tensor) -> Quantity:
    """The unnormalised score of class y of each image, (N,): the quantity in all questions."""
    return lambda scores: scores.gather(1, y[:, None])[:, 0]


def _cross_entropy(y: Tensor) -> Quantity:
    return lambda scores: F.cross_entropy(scores, y, reduction="sum")


def _probability(y: Tensor) -> Quantity:
    return lambda scores: _score(y)(scores.softmax(dim=1))


def _predicted_score(scores: Tensor) -> Tensor:
    return scores.amax(dim=1)


def _gradient(X: Tensor, model: nn.Module, quantity: Quantity) -> Tensor:
    """d sum(quantity(scores)) / d X, (N, 3, H, W)."""
    pixels = X.detach().clone().requires_grad_()
    with torch.enable_grad():
        (gradient,) = torch.autograd.grad(quantity(model(pixels)).sum(), pixels)
    return gradient


def _guided(
    X: Tensor,
    model: nn.Module,
    quantity: Quantity,
    rule: Rule = _both,
    which: Callable[[list], list] = lambda relus: relus,
) -> Tensor:
    """The gradient through a copy of the model in which the chosen ReLUs follow a rule."""
    model = copy.deepcopy(model)
    _set_rule(which(_relus(model)), rule)
    return _gradient(X, model, quantity)


def _layer(
    X: Tensor, model: nn.Module, layer: nn.Module, quantity: Quantity
) -> tuple[Tensor, Tensor]:
    """d sum(quantity(scores)) / d (output of the layer), and that output: (N, K, h, w) each."""
    outputs = []

    def keep(module: nn.Module, inputs: tuple, output: Tensor) -> Tensor:
        outputs.append(output)
        return output.clone()  # what follows may work in place

    with torch.enable_grad(), layer.register_forward_hook(keep):
        total = quantity(model(X.detach().clone().requires_grad_())).sum()
        (gradient,) = torch.autograd.grad(total, outputs[-1])
    return gradient, outputs[-1].detach()


def _weighted(gradient: Tensor, activations: Tensor) -> Tensor:
    """Channels weighted by their mean gradient and summed, (N, h, w), before the ReLU."""
    return torch.einsum("nk,nkhw->nhw", gradient.mean(dim=(2, 3)), activations)


def _small_map(X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module) -> Tensor:
    """The weighted sum for class y, (N, h, w), before the ReLU."""
    return _weighted(*_layer(X, model, layer, _score(y)))


def _enlarge(maps: Tensor, X: Tensor, **how) -> Tensor:
    how = how or {"mode": "bilinear", "align_corners": False}
    return F.interpolate(maps[:, None], X.shape[2:], **how)[:, 0]


def _stretch(maps: Tensor) -> Tensor:
    """Each map (N, H, W) on its own to [0, 1]; constant ones become zeros."""
    lowest, highest = maps.amin(dim=(1, 2), keepdim=True), maps.amax(dim=(1, 2), keepdim=True)
    return (maps - lowest) / (highest - lowest).masked_fill(highest == lowest, 1)


def _cam(X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module) -> Tensor:
    """Grad-CAM as it should be, (N, H, W)."""
    return _finish(_small_map(X, y, model, layer), X)


def _finish(small: Tensor, X: Tensor) -> Tensor:
    """The last three steps: ReLU, enlarging, stretching."""
    return _stretch(_enlarge(small.relu(), X))


# ---------------------------------------------------------------------------------------------
# Question 1: guided_backprop(X, y, model)
# ---------------------------------------------------------------------------------------------


@misconception(of="guided_backprop", caught_by="test_relus_inside_of_blocks")
def only_relus_at_the_top(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """Only ReLUs that are direct children of the model follow the rule; those inside blocks do not.
    Search nested blocks as well.
    """
    model = copy.deepcopy(model)
    _set_rule([child for child in model.children() if isinstance(child, nn.ReLU)])
    return _gradient(X, model, _score(y))


@misconception(of="guided_backprop", caught_by="test_relus_inside_of_blocks")
def only_relus_in_sequences(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """Only ReLUs in `nn.Sequential` containers follow the rule; other blocks have ReLUs too, as
    attributes of their own.
    """
    model = copy.deepcopy(model)
    sequences = [module for module in model.modules() if isinstance(module, nn.Sequential)]
    _set_rule([child for s in sequences for child in s.children() if isinstance(child, nn.ReLU)])
    return _gradient(X, model, _score(y))


@misconception(of="guided_backprop", caught_by="test_relus_inside_of_blocks")
def relus_in_blocks_of_blocks_left_out(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """ReLUs in the model's blocks follow the rule, but those in blocks inside blocks do not. Blocks
    can be nested to any depth.
    """
    model = copy.deepcopy(model)
    parts = [part for child in model.children() for part in (child, *child.children())]
    _set_rule([part for part in parts if isinstance(part, nn.ReLU)])
    return _gradient(X, model, _score(y))


@misconception(of="guided_backprop", caught_by="test_in_place_relus")
def backward_hooks_on_in_place_relus(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """torch does not allow a full backward hook on a module that works in place, as many ReLUs do.
    Another kind of hook, or a copy of the model without in-place ReLUs, works for all of them.
    """
    for relu in _relus(model):
        relu.register_full_backward_hook(lambda module, below, above: (below[0].clamp(min=0),))
    return _gradient(X, model, _score(y))


@misconception(of="guided_backprop", caught_by="test_in_place_relus")
def in_place_relus_left_out(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """In-place ReLUs pass the plain gradient back; the rule holds for them too."""
    return _guided(X, model, _score(y), which=lambda relus: [r for r in relus if not r.inplace])


@misconception(of="guided_backprop", caught_by="test_a_relu_module_that_is_used_several_times")
def shared_relu_replaced_in_one_place(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """A ReLU module that is used in several places follows the rule only in the first:
    `named_children` and `named_modules` list a module once, however often it occurs.
    """

    def replace(parent: nn.Module) -> None:
        for name, child in list(parent.named_children()):
            if isinstance(child, nn.ReLU):
                new = nn.ReLU()
                _set_rule([new])
                setattr(parent, name, new)
            else:
                replace(child)

    model = copy.deepcopy(model)
    replace(model)
    return _gradient(X, model, _score(y))


@misconception(of="guided_backprop", caught_by="test_a_relu_module_that_is_used_several_times")
def mask_of_the_last_use(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """Where a ReLU module is used twice, both uses were masked by the input of the second: a value
    kept for a module is overwritten when the module is called again.
    """
    model, inputs = copy.deepcopy(model), {}

    def forward_of(relu: nn.ReLU) -> Callable[[Tensor], Tensor]:
        def forward(x: Tensor) -> Tensor:
            inputs[relu] = x.detach().clone()
            return _Rectify.apply(x, lambda _, gradient: _both(inputs[relu], gradient))

        return forward

    for relu in _relus(model):
        relu.forward = forward_of(relu)
    return _gradient(X, model, _score(y))


@misconception(of="guided_backprop", caught_by="test_guided_backprop_of_one_image")
def last_relu_left_out(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """The last ReLU before the scores passes the plain gradient back; the rule holds for all ReLUs,
    including the last one.
    """
    return _guided(X, model, _score(y), which=lambda relus: relus[:-1])


@misconception(of="guided_backprop", caught_by="test_guided_backprop_of_one_image")
def first_relu_left_out(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """The first ReLU, the one nearest to the pixels, passes the plain gradient back; the rule holds
    for all ReLUs.
    """
    return _guided(X, model, _score(y), which=lambda relus: relus[1:])


@misconception(of="guided_backprop", caught_by="test_guided_backprop_of_one_image")
def plain_gradient(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """This is the plain gradient: no ReLU changed it. Check that your hooks are on the model when
    it runs, and that they return something.
    """
    return _gradient(X, model, _score(y))


@misconception(of="guided_backprop", caught_by="test_guided_backprop_of_one_image")
def deconvolution(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """Here only the gradient decides what a ReLU passes back, as in a "deconvnet"; its input has to
    be positive too.
    """
    return _guided(X, model, _score(y), lambda x, gradient: gradient.clamp(min=0))


@misconception(of="guided_backprop", caught_by="test_guided_backprop_of_one_image")
def everything_passes_back(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """Here the ReLUs pass everything back, as if they were not there; both the input and the
    gradient have to be positive.
    """
    return _guided(X, model, _score(y), lambda x, gradient: gradient)


@misconception(of="guided_backprop", caught_by="test_guided_backprop_of_one_image")
def negative_gradients_kept(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """Here the ReLUs pass back only negative gradients; keep the positive ones."""
    return _guided(X, model, _score(y), lambda x, gradient: (x > 0) * gradient.clamp(max=0))


@misconception(of="guided_backprop", caught_by="test_guided_backprop_of_one_image")
def absolute_gradients_passed_back(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """Here the ReLUs pass back absolute values of the gradient; negative gradients become zero."""
    return _guided(X, model, _score(y), lambda x, gradient: (x > 0) * gradient.abs())


@misconception(of="guided_backprop", caught_by="test_guided_backprop_of_one_image")
def mask_without_gradient(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """Here the ReLUs pass back ones and zeros; where the gradient is positive, pass back the
    gradient itself.
    """

    def ones(x: Tensor, gradient: Tensor) -> Tensor:
        return ((x > 0) & (gradient > 0)).to(gradient)

    return _guided(X, model, _score(y), ones)


@misconception(of="guided_backprop", caught_by="test_guided_backprop_of_one_image")
def multiplied_by_activation(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """Here each ReLU multiplied the gradient by its output; whether the output is positive matters,
    not how large it is.
    """

    def product(x: Tensor, gradient: Tensor) -> Tensor:
        return x.clamp(min=0) * gradient.clamp(min=0)

    return _guided(X, model, _score(y), product)


@misconception(of="guided_backprop", caught_by="test_guided_backprop_of_one_image")
def rule_at_the_pixels_only(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """This is the positive part of the plain gradient; apply the rule at every ReLU of the backward
    pass, not once at the end.
    """
    return _gradient(X, model, _score(y)).clamp(min=0)


@misconception(of="guided_backprop", caught_by="test_guided_backprop_of_one_image")
def negative_pixels_removed(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """The negative values of the result were cut off; there is no ReLU at the pixels, and the
    values there have both signs.
    """
    return _guided(X, model, _score(y)).clamp(min=0)


@misconception(of="guided_backprop", caught_by="test_without_relus_it_is_the_gradient")
def rule_at_every_layer(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """Negative gradients were removed at every module, including convolutions; only ReLUs follow
    the rule.
    """
    model = copy.deepcopy(model)
    for module in model.modules():
        if not list(module.children()):
            module.register_forward_hook(_positive_gradient)
    return _gradient(X, model, _score(y))


def _positive_gradient(module: nn.Module, inputs: tuple, output: Tensor) -> Tensor:
    """The same values, with only positive gradients passed back."""
    output = output.clone()
    output.register_hook(lambda gradient: gradient.clamp(min=0))
    return output


@misconception(of="guided_backprop", caught_by="test_guided_backprop_of_one_image")
def guided_absolute_values(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """These are the absolute values; guided backpropagation keeps the sign at the pixels."""
    return _guided(X, model, _score(y)).abs()


@misconception(of="guided_backprop", caught_by="test_guided_backprop_of_one_image")
def guided_maximum_over_channels(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """The three channels were merged into one, as in a saliency map; the question asks for (N, 3,
    H, W).
    """
    return _guided(X, model, _score(y)).abs().amax(dim=1)


@misconception(of="guided_backprop", caught_by="test_guided_backprop_of_one_image")
def guided_stretched(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """The result was stretched to [0, 1], as for a picture; the question asks for the values as
    they are.
    """
    guided = _guided(X, model, _score(y)).flatten(1)
    lowest, highest = guided.amin(dim=1, keepdim=True), guided.amax(dim=1, keepdim=True)
    return ((guided - lowest) / (highest - lowest)).view_as(X)


@misconception(of="guided_backprop", caught_by="test_guided_backprop_of_one_image")
def guided_times_input(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """The result was multiplied by the image; the question asks for what is passed back to the
    pixels.
    """
    return _guided(X, model, _score(y)) * X


@misconception(of="guided_backprop", caught_by="test_guided_backprop_of_one_image")
def guided_of_negative_score(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """This starts from minus the score, as for a loss, so it shows evidence against the class.
    Start from the score.
    """
    return _guided(X, model, lambda scores: -_score(y)(scores))


@misconception(of="guided_backprop", caught_by="test_guided_backprop_of_one_image")
def guided_cross_entropy(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """This starts from the cross-entropy; start from the unnormalised score of class y."""
    return _guided(X, model, _cross_entropy(y))


@misconception(of="guided_backprop", caught_by="test_guided_backprop_of_one_image")
def guided_probability(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """This starts from the probability of class y, after the softmax; the question asks for the
    score before it.
    """
    return _guided(X, model, _probability(y))


@misconception(
    of="guided_backprop", caught_by="test_guided_backprop_of_classes_that_are_not_predicted"
)
def guided_predicted_class(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """This starts from the largest score, so y was never used; the question asks for the score of
    class y, whether or not the model predicts it.
    """
    return _guided(X, model, _predicted_score)


@misconception(of="guided_backprop", caught_by="test_guided_backprop_of_one_image")
def guided_all_scores(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """This starts from the sum of all scores, so y was never used; the question asks for the score
    of class y only.
    """
    return _guided(X, model, torch.sum)


@misconception(of="guided_backprop", caught_by="test_guided_backprop_of_a_batch")
def guided_label_of_first_image(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """The label of the first image was used for all images; each image has a label of its own."""
    return _guided(X, model, _score(y[:1].expand_as(y)))


@misconception(of="guided_backprop", caught_by="test_guided_backprop_of_a_batch")
def guided_labels_of_all_images(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """For each image, the scores of the labels of the whole batch were added up: pair each image
    with its own label.
    """
    return _guided(X, model, lambda scores: scores[:, y])


@misconception(of="guided_backprop", caught_by="test_guided_backprop_of_a_batch")
def guided_first_image_only(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """Only the score of the first image was differentiated; the results of all others are zero."""
    return _guided(X, model, lambda scores: scores[0, y[0]])


@misconception(of="guided_backprop", caught_by="test_guided_backprop_of_a_batch")
def guided_mean_over_batch(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """These are the right values divided by the number of images, as if the scores had been
    averaged; each image has a score of its own.
    """
    return _guided(X, model, _score(y)) / len(X)


@misconception(of="guided_backprop", caught_by="test_guided_backprop_of_one_image")
def guided_single_image_squeezed(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """A batch of one image lost its first axis; the question asks for (N, 3, H, W) for every N,
    including 1.
    """
    return _guided(X, model, _score(y)).squeeze(0)


@misconception(of="guided_backprop", caught_by="test_guided_backprop_of_one_image")
def guided_zeros(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """The result is zero everywhere, as if no gradient had reached the pixels; check what your
    hooks return, and which tensor you read the gradient from.
    """
    return torch.zeros_like(X)


@misconception(of="guided_backprop", caught_by="test_the_model_is_afterwards_as_it_was")
def hooks_left_on_the_model(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """Your hooks stay on the model: everything computed with it later is guided too. Keep the
    handles, and remove the hooks.
    """
    for relu in _relus(model):
        relu.register_forward_hook(_keep_positive)
    return _gradient(X, model, _score(y))


def _keep_positive(module: nn.Module, inputs: tuple, output: Tensor) -> None:
    output.register_hook(lambda gradient: gradient.clamp(min=0))


@misconception(of="guided_backprop", caught_by="test_the_model_is_afterwards_as_it_was")
def in_place_flags_left_off(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """In-place ReLUs are no longer in place after the call: restore the flags, or work on a copy of
    the model.
    """
    for relu in _relus(model):
        relu.inplace = False
    return _guided(X, model, _score(y))


class _GuidedReLU(nn.Module):
    """A module that replaces a ReLU."""

    def forward(self, x: Tensor) -> Tensor:
        return _Rectify.apply(x, _both)


@misconception(of="guided_backprop", caught_by="test_the_model_is_afterwards_as_it_was")
def relus_left_replaced(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """After the call, modules of your own still stand in the model where its ReLUs were: put the
    ReLUs back, or work on a copy of the model.
    """
    for parent in list(model.modules()):
        for name, child in list(parent._modules.items()):
            if isinstance(child, nn.ReLU):
                setattr(parent, name, _GuidedReLU().eval())
    return _gradient(X, model, _score(y))


@misconception(of="guided_backprop", caught_by="test_the_model_is_afterwards_as_it_was")
def relus_left_with_another_forward(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """The model's own ReLUs were given another `forward` and keep it, so everything computed with
    the model later is guided too: restore the original one.
    """
    _set_rule(_relus(model))
    return _gradient(X, model, _score(y))


@misconception(of="guided_backprop", caught_by="test_the_model_is_afterwards_as_it_was")
def model_left_in_train_mode(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """After the call, the model is in training mode, in which dropout and batch norm work
    differently; leave it in the mode it was in.
    """
    guided = _guided(X, model, _score(y))
    model.train()
    return guided


# ---------------------------------------------------------------------------------------------
# Question 2: grad_cam(X, y, model, layer)
# ---------------------------------------------------------------------------------------------


@misconception(of="grad_cam", caught_by="test_grad_cam_at_a_layer_followed_by_an_in_place_relu")
def activations_and_gradient_behind_in_place_relu(
    X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module
) -> Tensor:
    """This is Grad-CAM after the ReLU that follows the layer: the ReLU works in place, and
    overwrote the tensor that your hook had kept. The question asks for the layer's own output.
    """
    outputs = []
    with torch.enable_grad():
        with layer.register_forward_hook(lambda module, inputs, output: outputs.append(output)):
            score = _score(y)(model(X.detach().clone().requires_grad_())).sum()
        (gradient,) = torch.autograd.grad(score, outputs[-1])
    return _finish(_weighted(gradient, outputs[-1].detach()), X)


@misconception(of="grad_cam", caught_by="test_grad_cam_at_a_layer_followed_by_an_in_place_relu")
def activations_overwritten_by_in_place_relu(
    X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module
) -> Tensor:
    """The gradient is right, but an in-place ReLU overwrote the activations that your hook had
    kept; keep a copy of them.
    """
    outputs, gradients = [], []

    def keep(module: nn.Module, inputs: tuple, output: Tensor) -> None:
        outputs.append(output.detach())  # shares its memory with the output
        output.register_hook(gradients.append)

    pixels = X.detach().clone().requires_grad_()
    with torch.enable_grad(), layer.register_forward_hook(keep):
        torch.autograd.grad(_score(y)(model(pixels)).sum(), pixels)
    return _finish(_weighted(gradients[-1], outputs[-1]), X)


@misconception(of="grad_cam", caught_by="test_grad_cam_at_a_layer_followed_by_an_in_place_relu")
def backward_hook_before_an_in_place_relu(
    X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module
) -> Tensor:
    """torch does not allow a full backward hook on a layer whose output is then changed in place.
    There are other ways to get the gradient with respect to that output.
    """
    model, layer = copy.deepcopy((model, layer))  # a full backward hook leaves its mark
    outputs, gradients = [], []
    layer.register_forward_hook(lambda module, inputs, output: outputs.append(output.detach()))
    layer.register_full_backward_hook(lambda module, below, above: gradients.append(above[0]))
    _gradient(X, model, _score(y))
    return _finish(_weighted(gradients[-1], outputs[-1]), X)


@misconception(of="grad_cam", caught_by="test_grad_cam_of_one_image")
def no_graph_in_a_frozen_model(X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module) -> Tensor:
    """The model's parameters are frozen here, like those of the bundled classifiers. So torch
    records no graph and computes no gradient, unless something else in the computation needs one.
    """
    outputs = []

    def keep(module: nn.Module, inputs: tuple, output: Tensor) -> Tensor:
        outputs.append(output)
        return output.clone()

    with torch.enable_grad(), layer.register_forward_hook(keep):
        score = _score(y)(model(X)).sum()
        (gradient,) = torch.autograd.grad(score, outputs[-1])
    return _finish(_weighted(gradient, outputs[-1].detach()), X)


@misconception(of="grad_cam", caught_by="test_grad_cam_at_early_and_late_layers_and_blocks")
def input_of_the_layer(X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module) -> Tensor:
    """This is Grad-CAM of the layer's input; the question asks for its output."""
    kept = []

    def keep(module: nn.Module, inputs: tuple) -> tuple:
        kept.append(inputs[0])
        return (inputs[0].clone(), *inputs[1:])  # the layer itself may work in place

    with torch.enable_grad(), layer.register_forward_pre_hook(keep):
        score = _score(y)(model(X.detach().clone().requires_grad_())).sum()
        (gradient,) = torch.autograd.grad(score, kept[-1])
    return _finish(_weighted(gradient, kept[-1].detach()), X)


@misconception(of="grad_cam", caught_by="test_grad_cam_at_early_and_late_layers_and_blocks")
def last_convolution_whatever_the_layer(
    X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module
) -> Tensor:
    """This is Grad-CAM of the model's last convolution; the question asks for the given layer."""
    last = [module for module in model.modules() if isinstance(module, nn.Conv2d)][-1]
    return _cam(X, y, model, last)


@misconception(of="grad_cam", caught_by="test_grad_cam_of_one_image")
def without_relu(X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module) -> Tensor:
    """The ReLU after the weighted sum is missing: places with evidence against the class are shown
    too.
    """
    return _stretch(_enlarge(_small_map(X, y, model, layer), X))


@misconception(of="grad_cam", caught_by="test_grad_cam_of_one_image")
def relu_after_enlarging(X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module) -> Tensor:
    """The ReLU came after the enlarging; apply it before, so that negative places do not lower the
    values of their neighbours.
    """
    return _stretch(_enlarge(_small_map(X, y, model, layer), X).relu())


@misconception(of="grad_cam", caught_by="test_grad_cam_of_one_image")
def relu_after_stretching(X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module) -> Tensor:
    """The map was divided by its largest value first, and the ReLU came last; follow the steps in
    the given order.
    """
    maps = _enlarge(_small_map(X, y, model, layer), X)
    return (maps / maps.amax(dim=(1, 2), keepdim=True)).relu()


@misconception(of="grad_cam", caught_by="test_grad_cam_of_one_image")
def absolute_value_instead_of_relu(
    X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module
) -> Tensor:
    """The absolute value was taken instead of the ReLU: evidence against the class becomes zero,
    not positive.
    """
    return _finish(_small_map(X, y, model, layer).abs(), X)


@misconception(of="grad_cam", caught_by="test_grad_cam_of_one_image")
def evidence_against_the_class(X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module) -> Tensor:
    """The map shows evidence against the class: a sign is wrong somewhere, perhaps because a loss
    was differentiated and not a score.
    """
    return _finish(-_small_map(X, y, model, layer), X)


@misconception(of="grad_cam", caught_by="test_grad_cam_of_one_image")
def relu_of_each_channel(X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module) -> Tensor:
    """The ReLU was applied to each channel, before the sum; first add up the evidence for and
    against the class.
    """
    gradient, activations = _layer(X, model, layer, _score(y))
    products = gradient.mean(dim=(2, 3), keepdim=True) * activations
    return _finish(products.relu().sum(dim=1), X)


@misconception(of="grad_cam", caught_by="test_grad_cam_of_one_image")
def positive_weights_only(X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module) -> Tensor:
    """Channels with negative weights were left out; they count too, and the ReLU comes after the
    sum.
    """
    gradient, activations = _layer(X, model, layer, _score(y))
    weights = gradient.mean(dim=(2, 3), keepdim=True).relu()
    return _finish((weights * activations).sum(dim=1), X)


@misconception(of="grad_cam", caught_by="test_grad_cam_of_one_image")
def absolute_weights(X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module) -> Tensor:
    """The weights lost their sign; a negative weight means evidence against the class."""
    gradient, activations = _layer(X, model, layer, _score(y))
    weights = gradient.mean(dim=(2, 3), keepdim=True).abs()
    return _finish((weights * activations).sum(dim=1), X)


@misconception(of="grad_cam", caught_by="test_grad_cam_of_one_image")
def positive_gradients_averaged(X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module) -> Tensor:
    """Only the positive gradients entered the weights; a weight is the mean of all gradients of its
    channel, with their signs.
    """
    gradient, activations = _layer(X, model, layer, _score(y))
    return _finish(_weighted(gradient.relu(), activations), X)


@misconception(of="grad_cam", caught_by="test_grad_cam_at_early_and_late_layers_and_blocks")
def guided_gradients_averaged(X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module) -> Tensor:
    """The weights are means of guided gradients; Grad-CAM uses the plain ones. Are hooks of another
    function still on the model?
    """
    model, layer = copy.deepcopy((model, layer))
    _set_rule(_relus(model))
    return _cam(X, y, model, layer)


@misconception(of="grad_cam", caught_by="test_grad_cam_of_one_image")
def largest_gradient_as_weight(X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module) -> Tensor:
    """Each channel was weighted by its largest gradient; the weight is the mean over all places."""
    gradient, activations = _layer(X, model, layer, _score(y))
    return _finish((gradient.amax(dim=(2, 3), keepdim=True) * activations).sum(dim=1), X)


@misconception(of="grad_cam", caught_by="test_grad_cam_of_one_image")
def softmax_of_weights(X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module) -> Tensor:
    """The weights went through a softmax; use them as they are, including negative ones."""
    gradient, activations = _layer(X, model, layer, _score(y))
    weights = gradient.mean(dim=(2, 3), keepdim=True).softmax(dim=1)
    return _finish((weights * activations).sum(dim=1), X)


@misconception(of="grad_cam", caught_by="test_grad_cam_of_one_image")
def gradient_times_activation(X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module) -> Tensor:
    """Gradient and activation were multiplied place by place; a channel has *one* weight, the mean
    of its gradient.
    """
    gradient, activations = _layer(X, model, layer, _score(y))
    return _finish((gradient * activations).sum(dim=1), X)


@misconception(of="grad_cam", caught_by="test_grad_cam_of_one_image")
def gradients_weighted_by_activations(
    X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module
) -> Tensor:
    """Gradient and activation are swapped: the gradients were weighted by the mean activation. The
    weights are mean gradients, and the map is a sum of activations.
    """
    gradient, activations = _layer(X, model, layer, _score(y))
    return _finish(_weighted(activations, gradient), X)


@misconception(of="grad_cam", caught_by="test_grad_cam_of_one_image")
def activations_unweighted(X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module) -> Tensor:
    """The channels were added without weights, so the class plays no part; weight each by its mean
    gradient.
    """
    _, activations = _layer(X, model, layer, _score(y))
    return _finish(activations.sum(dim=1), X)


@misconception(of="grad_cam", caught_by="test_grad_cam_of_one_image")
def gradients_without_activations(
    X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module
) -> Tensor:
    """The gradients were added up without the activations; the question asks for a weighted sum of
    activations.
    """
    gradient, _ = _layer(X, model, layer, _score(y))
    return _finish(gradient.sum(dim=1), X)


@misconception(of="grad_cam", caught_by="test_grad_cam_of_one_image")
def largest_channel(X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module) -> Tensor:
    """At each place the largest weighted channel was taken; the question asks for their sum."""
    gradient, activations = _layer(X, model, layer, _score(y))
    return _finish((gradient.mean(dim=(2, 3), keepdim=True) * activations).amax(dim=1), X)


@misconception(of="grad_cam", caught_by="test_grad_cam_of_a_batch")
def weights_averaged_over_the_batch(
    X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module
) -> Tensor:
    """The gradients were averaged over the images too; each image has weights of its own."""
    gradient, activations = _layer(X, model, layer, _score(y))
    weights = gradient.mean(dim=(0, 2, 3), keepdim=True)
    return _finish((weights * activations).sum(dim=1), X)


@misconception(of="grad_cam", caught_by="test_grad_cam_of_a_batch")
def weights_of_the_first_image(X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module) -> Tensor:
    """All images got the weights of the first one; each image has weights of its own."""
    gradient, activations = _layer(X, model, layer, _score(y))
    return _finish(_weighted(gradient[:1].expand_as(gradient), activations), X)


@misconception(of="grad_cam", caught_by="test_grad_cam_of_a_batch")
def map_of_the_first_image_for_all(
    X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module
) -> Tensor:
    """All images got the map of the first one; each image has a map of its own."""
    return _cam(X, y, model, layer)[:1].repeat(len(X), 1, 1)


@misconception(of="grad_cam", caught_by="test_grad_cam_of_a_batch")
def stretched_over_the_whole_batch(
    X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module
) -> Tensor:
    """The maps were stretched by the smallest and largest value of the whole batch, so the map of
    an image depends on its neighbours; stretch each map on its own.
    """
    maps = _enlarge(_small_map(X, y, model, layer).relu(), X)
    return (maps - maps.min()) / (maps.max() - maps.min())


@misconception(of="grad_cam", caught_by="test_grad_cam_of_one_image")
def not_stretched(X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module) -> Tensor:
    """The last step is missing: stretch each map to [0, 1] by its smallest and largest value."""
    return _enlarge(_small_map(X, y, model, layer).relu(), X)


@misconception(of="grad_cam", caught_by="test_grad_cam_of_a_batch")
def stretched_before_enlarging(X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module) -> Tensor:
    """The small map was stretched and then enlarged, which lowers its peaks; enlarge first, so that
    the result reaches 1.
    """
    return _enlarge(_stretch(_small_map(X, y, model, layer).relu()), X)


@misconception(of="grad_cam", caught_by="test_a_grad_cam_that_is_positive_everywhere")
def divided_by_largest_value(X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module) -> Tensor:
    """The map was divided by its largest value, but the smallest was not subtracted: it should
    become 0, even if the map is positive everywhere.
    """
    maps = _enlarge(_small_map(X, y, model, layer).relu(), X)
    highest = maps.amax(dim=(1, 2), keepdim=True)
    return maps / highest.masked_fill(highest == 0, 1)


@misconception(of="grad_cam", caught_by="test_a_grad_cam_that_is_positive_everywhere")
def divided_by_largest_value_before_the_shift(
    X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module
) -> Tensor:
    """The smallest value was subtracted, but then the map was divided by its largest value from
    before: the result should reach 1.
    """
    maps = _enlarge(_small_map(X, y, model, layer).relu(), X)
    lowest, highest = maps.amin(dim=(1, 2), keepdim=True), maps.amax(dim=(1, 2), keepdim=True)
    return (maps - lowest) / highest.masked_fill(highest == 0, 1)


@misconception(of="grad_cam", caught_by="test_a_grad_cam_without_contrast_is_zero")
def constant_map_above_zero_becomes_nan(
    X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module
) -> Tensor:
    """A map that is zero everywhere stays zero, but a map with the same positive value everywhere
    was divided by zero; it should become zeros too.
    """
    maps = _enlarge(_small_map(X, y, model, layer).relu(), X)
    lowest, highest = maps.amin(dim=(1, 2), keepdim=True), maps.amax(dim=(1, 2), keepdim=True)
    return torch.where(highest == 0, 0.0, (maps - lowest) / (highest - lowest))


@misconception(of="grad_cam", caught_by="test_a_grad_cam_without_contrast_is_zero")
def constant_map_becomes_nan(X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module) -> Tensor:
    """A map without contrast was divided by zero; it should become zeros, not NaN."""
    maps = _enlarge(_small_map(X, y, model, layer).relu(), X)
    lowest, highest = maps.amin(dim=(1, 2), keepdim=True), maps.amax(dim=(1, 2), keepdim=True)
    return (maps - lowest) / (highest - lowest)


@misconception(of="grad_cam", caught_by="test_a_grad_cam_without_contrast_is_zero")
def constant_map_becomes_ones(X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module) -> Tensor:
    """A map without contrast became ones; without any evidence for the class the map is zero."""
    maps = _cam(X, y, model, layer)
    return torch.where(maps.amax(dim=(1, 2), keepdim=True) > 0, maps, 1.0)


@misconception(of="grad_cam", caught_by="test_grad_cam_of_one_image")
def upside_down_in_value(X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module) -> Tensor:
    """The map is 1 where it should be 0, and 0 where it should be 1: more evidence means a larger
    value.
    """
    return 1 - _cam(X, y, model, layer)


@misconception(of="grad_cam", caught_by="test_grad_cam_of_one_image")
def stretched_to_255(X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module) -> Tensor:
    """The maps range from 0 to 255, as in an image file; the question asks for [0, 1]."""
    return 255 * _cam(X, y, model, layer)


@misconception(of="grad_cam", caught_by="test_grad_cam_of_one_image")
def not_enlarged(X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module) -> Tensor:
    """The map has the size of the layer's output; enlarge it to the size of the image."""
    return _stretch(_small_map(X, y, model, layer).relu())


@misconception(of="grad_cam", caught_by="test_grad_cam_of_one_image")
def enlarged_to_nearest(X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module) -> Tensor:
    """The map was enlarged by repeating its values, which is the default of `interpolate`; the
    question asks for bilinear interpolation.
    """
    return _stretch(_enlarge(_small_map(X, y, model, layer).relu(), X, mode="nearest"))


@misconception(of="grad_cam", caught_by="test_grad_cam_of_one_image")
def enlarged_with_aligned_corners(
    X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module
) -> Tensor:
    """The map was enlarged with `align_corners=True`; the question asks for False."""
    how = {"mode": "bilinear", "align_corners": True}
    return _stretch(_enlarge(_small_map(X, y, model, layer).relu(), X, **how))


@misconception(of="grad_cam", caught_by="test_grad_cam_of_one_image")
def enlarged_bicubically(X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module) -> Tensor:
    """The map was enlarged by bicubic interpolation; the question asks for bilinear."""
    how = {"mode": "bicubic", "align_corners": False}
    return _stretch(_enlarge(_small_map(X, y, model, layer).relu(), X, **how))


@misconception(of="grad_cam", caught_by="test_grad_cam_of_non_square_images")
def height_and_width_swapped(X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module) -> Tensor:
    """Height and width of the map are swapped; `interpolate` takes (height, width), the order of
    the image's axes.
    """
    small = _small_map(X, y, model, layer).relu()
    return _stretch(_enlarge(small, X.transpose(2, 3)))


@misconception(of="grad_cam", caught_by="test_grad_cam_of_one_image")
def channel_axis_kept(X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module) -> Tensor:
    """The maps still have a channel axis, (N, 1, H, W); the question asks for (N, H, W)."""
    return _cam(X, y, model, layer)[:, None]


@misconception(of="grad_cam", caught_by="test_grad_cam_of_one_image")
def cam_single_image_squeezed(X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module) -> Tensor:
    """A batch of one image lost its first axis; the question asks for (N, H, W) for every N,
    including 1.
    """
    return _cam(X, y, model, layer).squeeze(0)


@misconception(of="grad_cam", caught_by="test_grad_cam_of_a_batch")
def cam_of_cross_entropy(X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module) -> Tensor:
    """The weights are gradients of the cross-entropy; the question asks for the unnormalised score
    of class y.
    """
    return _finish(_weighted(*_layer(X, model, layer, _cross_entropy(y))), X)


@misconception(of="grad_cam", caught_by="test_grad_cam_of_one_image")
def cam_of_probability(X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module) -> Tensor:
    """The weights are gradients of the probability of class y, after the softmax; the question asks
    for the score before it.
    """
    return _finish(_weighted(*_layer(X, model, layer, _probability(y))), X)


@misconception(of="grad_cam", caught_by="test_grad_cam_of_classes_that_are_not_predicted")
def cam_of_predicted_class(X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module) -> Tensor:
    """This is the map of the largest score, so y was never used; the question asks for class y,
    whether or not the model predicts it.
    """
    return _finish(_weighted(*_layer(X, model, layer, _predicted_score)), X)


@misconception(of="grad_cam", caught_by="test_grad_cam_of_one_image")
def cam_of_all_scores(X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module) -> Tensor:
    """This is the map of the sum of all scores, so y was never used; use the score of class y."""
    return _finish(_weighted(*_layer(X, model, layer, torch.sum)), X)


@misconception(of="grad_cam", caught_by="test_grad_cam_of_a_batch")
def cam_label_of_first_image(X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module) -> Tensor:
    """The label of the first image was used for all images; each image has a label of its own."""
    return _cam(X, y[:1].expand_as(y), model, layer)


@misconception(of="grad_cam", caught_by="test_grad_cam_of_a_batch")
def cam_labels_of_all_images(X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module) -> Tensor:
    """For each image, the scores of the labels of the whole batch were added up: pair each image
    with its own label.
    """
    return _finish(_weighted(*_layer(X, model, layer, lambda scores: scores[:, y])), X)


@misconception(of="grad_cam", caught_by="test_grad_cam_of_a_batch")
def cam_of_first_image_only(X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module) -> Tensor:
    """Only the score of the first image was differentiated; all others have no gradient, and a map
    of zeros.
    """
    return _finish(_weighted(*_layer(X, model, layer, lambda scores: scores[0, y[0]])), X)


@misconception(of="grad_cam", caught_by="test_grad_cam_of_one_image")
def saliency_instead_of_cam(X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module) -> Tensor:
    """This is a saliency map of the pixels, stretched; the layer was never used."""
    return _stretch(_gradient(X, model, _score(y)).abs().amax(dim=1))


@misconception(of="grad_cam", caught_by="test_grad_cam_of_one_image")
def cam_zeros(X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module) -> Tensor:
    """The maps are zero everywhere; check what your hook kept, and the sign of each quantity."""
    return torch.zeros_like(X[:, 0])


# ---------------------------------------------------------------------------------------------
# Question 3: guided_grad_cam(X, y, model, layer)
# ---------------------------------------------------------------------------------------------


@misconception(of="guided_grad_cam", caught_by="test_guided_grad_cam_of_a_batch")
def maps_multiplied_along_the_channels(
    X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module
) -> Tensor:
    """(N, 3, H, W) times (N, H, W): torch aligned the images of the maps with the channels of
    guided backpropagation. Give the maps a channel axis first.
    """
    return _guided(X, model, _score(y)) * _cam(X, y, model, layer)


@misconception(of="guided_grad_cam", caught_by="test_guided_grad_cam_of_one_image")
def sum_instead_of_product(X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module) -> Tensor:
    """The two were added; the question asks for their product."""
    return _guided(X, model, _score(y)) + _cam(X, y, model, layer)[:, None]


@misconception(of="guided_grad_cam", caught_by="test_guided_grad_cam_of_one_image")
def plain_gradient_times_cam(X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module) -> Tensor:
    """This is the plain gradient times Grad-CAM; the question asks for guided backpropagation."""
    return _gradient(X, model, _score(y)) * _cam(X, y, model, layer)[:, None]


@misconception(of="guided_grad_cam", caught_by="test_guided_grad_cam_of_one_image")
def image_times_cam(X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module) -> Tensor:
    """This is the image times Grad-CAM; the question asks for guided backpropagation."""
    return X.detach() * _cam(X, y, model, layer)[:, None]


@misconception(of="guided_grad_cam", caught_by="test_guided_grad_cam_of_one_image")
def product_with_unstretched_cam(
    X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module
) -> Tensor:
    """The Grad-CAM map was not stretched to [0, 1] before the product."""
    maps = _enlarge(_small_map(X, y, model, layer).relu(), X)
    return _guided(X, model, _score(y)) * maps[:, None]


@misconception(of="guided_grad_cam", caught_by="test_guided_grad_cam_of_one_image")
def product_with_cam_without_relu(
    X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module
) -> Tensor:
    """The Grad-CAM map in the product lacks its ReLU."""
    maps = _stretch(_enlarge(_small_map(X, y, model, layer), X))
    return _guided(X, model, _score(y)) * maps[:, None]


@misconception(of="guided_grad_cam", caught_by="test_guided_grad_cam_at_several_layers")
def product_with_cam_of_guided_gradients(
    X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module
) -> Tensor:
    """The Grad-CAM map was computed while the ReLUs were guided; its weights are means of the plain
    gradient. Are the hooks removed in time?
    """
    copied, its_layer = copy.deepcopy((model, layer))
    _set_rule(_relus(copied))
    return _guided(X, model, _score(y)) * _cam(X, y, copied, its_layer)[:, None]


@misconception(of="guided_grad_cam", caught_by="test_guided_grad_cam_at_several_layers")
def product_with_cam_of_the_last_convolution(
    X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module
) -> Tensor:
    """The Grad-CAM map in the product is that of the model's last convolution; the question asks
    for the given layer.
    """
    last = [module for module in model.modules() if isinstance(module, nn.Conv2d)][-1]
    return _guided(X, model, _score(y)) * _cam(X, y, model, last)[:, None]


@misconception(of="guided_grad_cam", caught_by="test_guided_grad_cam_of_one_image")
def product_with_stretched_guided_backprop(
    X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module
) -> Tensor:
    """Guided backpropagation was stretched to [0, 1], as for a picture, before the product; use its
    values as they are.
    """
    guided = _guided(X, model, _score(y))
    lowest, highest = guided.amin((1, 2, 3), keepdim=True), guided.amax((1, 2, 3), keepdim=True)
    return (guided - lowest) / (highest - lowest) * _cam(X, y, model, layer)[:, None]


@misconception(of="guided_grad_cam", caught_by="test_guided_grad_cam_of_one_image")
def mask_instead_of_map(X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module) -> Tensor:
    """Grad-CAM was turned into a mask of zeros and ones; multiply by its values."""
    return _guided(X, model, _score(y)) * (_cam(X, y, model, layer)[:, None] > 0.5)


@misconception(of="guided_grad_cam", caught_by="test_guided_grad_cam_of_one_image")
def map_multiplied_twice(X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module) -> Tensor:
    """The Grad-CAM map entered the product twice; multiply by it once."""
    return _guided(X, model, _score(y)) * _cam(X, y, model, layer)[:, None] ** 2


@misconception(of="guided_grad_cam", caught_by="test_guided_grad_cam_of_a_batch")
def product_with_map_of_the_first_image(
    X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module
) -> Tensor:
    """All images were multiplied by the map of the first one; each has a map of its own."""
    return _guided(X, model, _score(y)) * _cam(X, y, model, layer)[:1, None]


@misconception(of="guided_grad_cam", caught_by="test_guided_grad_cam_of_one_image")
def guided_backprop_alone(X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module) -> Tensor:
    """This is guided backpropagation alone; multiply it by the Grad-CAM map."""
    return _guided(X, model, _score(y))


@misconception(of="guided_grad_cam", caught_by="test_guided_grad_cam_of_one_image")
def cam_alone(X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module) -> Tensor:
    """This is Grad-CAM alone, once for each channel; multiply guided backpropagation by it."""
    return _cam(X, y, model, layer)[:, None].repeat(1, 3, 1, 1)


@misconception(of="guided_grad_cam", caught_by="test_guided_grad_cam_of_one_image")
def product_absolute_values(X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module) -> Tensor:
    """These are absolute values; the product keeps the sign of guided backpropagation."""
    return (_guided(X, model, _score(y)) * _cam(X, y, model, layer)[:, None]).abs()


@misconception(of="guided_grad_cam", caught_by="test_guided_grad_cam_of_one_image")
def negative_products_removed(X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module) -> Tensor:
    """The negative values of the product were cut off; the product keeps both signs."""
    return (_guided(X, model, _score(y)) * _cam(X, y, model, layer)[:, None]).relu()


@misconception(of="guided_grad_cam", caught_by="test_guided_grad_cam_of_one_image")
def product_of_one_channel(X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module) -> Tensor:
    """The three channels were merged into one before the product; the question asks for (N, 3, H,
    W).
    """
    return _guided(X, model, _score(y)).abs().amax(dim=1) * _cam(X, y, model, layer)


@misconception(of="guided_grad_cam", caught_by="test_guided_grad_cam_of_one_image")
def product_stretched(X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module) -> Tensor:
    """The product was stretched to [0, 1], as for a picture; the question asks for its values as
    they are.
    """
    product = (_guided(X, model, _score(y)) * _cam(X, y, model, layer)[:, None]).flatten(1)
    lowest, highest = product.amin(dim=1, keepdim=True), product.amax(dim=1, keepdim=True)
    return ((product - lowest) / (highest - lowest)).view_as(X)


@misconception(of="guided_grad_cam", caught_by="test_guided_grad_cam_of_a_batch")
def product_for_predicted_class(X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module) -> Tensor:
    """This is the product for the predicted class; the question asks for class y."""
    with torch.no_grad():
        y = model(X).argmax(dim=1)
    return _guided(X, model, _score(y)) * _cam(X, y, model, layer)[:, None]


@misconception(of="guided_grad_cam", caught_by="test_guided_grad_cam_of_one_image")
def product_single_image_squeezed(
    X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module
) -> Tensor:
    """A batch of one image lost its first axis; the question asks for (N, 3, H, W) for every N,
    including 1.
    """
    return (_guided(X, model, _score(y)) * _cam(X, y, model, layer)[:, None]).squeeze(0)
