# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # The lecture in twenty questions
#
# Each question has four options, and one of them is right. The other three are what people really
# believe, so they sound right, too. Don't guess: nearly everything here can be *tried* in a line or
# two, and for each option that you choose you get an idea how.
#
# **How to answer.** Click the label of an option below its question. At the end of the notebook
# there is one cell with your answers: **run it, and your clicks are written into it**. What stands
# in that cell counts, and nothing else; you may as well edit it by hand. A click that is not in
# the cell yet says so.
#
# After this notebook you can
#
# * say what each method of the course differentiates, with respect to what, and what its picture
#   depends on;
# * tell a claim about networks from a test of it.
#
# Each question gives 5 points. There is one try, the notebook as you hand it in. Afterwards the feedback
# explains every answer that you gave, the right ones as well as the others.

# %% nbgrader={"grade": false, "grade_id": "imports", "locked": true, "schema_version": 3, "solution": false, "task": false}
import torch

# %%
from course_lib import ClassScore, CrossEntropy, load_classifier, sample_images
from course_lib.localize import graph_cut
from course_lib.plots import show_grid, show_images, show_maps, show_outlines
from course_lib.quiz import open_quiz
from course_lib.visible_checks.lecture_quiz import check_quiz_answers

quiz = open_quiz("lecture_quiz")

# %% [markdown]
# ## A bench to try things on
#
# A model, four images, and what the questions talk about: the score, the loss and the probability of
# each image's own class, their derivatives with respect to the pixels, and a plain climb of a class
# score.

# %%
model = load_classifier("shapes_cnn")  # or "shapes_vgg", "shapes_robust", "squeezenet1_1", ...
samples = sample_images("shapes", n=4)
X, y = samples.images, samples.labels


def score(x):
    return ClassScore(y)(model(x))  # (N,)


def loss(x):
    return CrossEntropy(y)(model(x))


def probability(x):
    return score(x).sub(model(x).logsumexp(dim=1)).exp()


def gradient(f, x):
    """The derivative of f(x), summed over the batch, with respect to x: the shape of x."""
    x = x.detach().clone().requires_grad_()
    return torch.autograd.grad(f(x).sum(), x)[0]


def climb(image, target, steps=40):
    """Gradient ascent on the score of a class, from any image."""
    for _ in range(steps):
        step = gradient(lambda x: model(x)[:, target], image)
        image = (image + step / step.norm()).clamp(0, 1)
    return image


show_images(X, samples.names, title="The images on the bench, and their classes")

# %% [markdown]
# ## Maps: a number for each pixel

# %% [markdown] quiz="saliency_derivative"

# %%
quiz.ask("saliency_derivative")

# %% [markdown] quiz="flat_probability"

# %%
quiz.ask("flat_probability")

# %% [markdown] quiz="same_map_for_all"

# %%
quiz.ask("same_map_for_all")

# %% [markdown] quiz="map_stays"

# %%
quiz.ask("map_stays")

# %% [markdown] quiz="robust_map"

# %%
quiz.ask("robust_map")

# %% [markdown] quiz="graph_cut"

# %%
quiz.ask("graph_cut")

# %% [markdown]
# ## Pictures that a class likes

# %% [markdown] quiz="start_image"

# %%
quiz.ask("start_image")

# %% [markdown] quiz="l2_term"

# %%
quiz.ask("l2_term")

# %% [markdown] quiz="second_derivative"

# %%
quiz.ask("second_derivative")

# %% [markdown]
# ## Guided backpropagation and Grad-CAM

# %% [markdown] quiz="guided_gating"

# %%
quiz.ask("guided_gating")

# %% [markdown] quiz="gradcam_weights"

# %%
quiz.ask("gradcam_weights")

# %% [markdown] quiz="shortcut_map"

# %%
quiz.ask("shortcut_map")

# %% [markdown]
# ## Images that fool

# %% [markdown] quiz="fgsm_maximises"

# %%
quiz.ask("fgsm_maximises")

# %% [markdown] quiz="random_noise"

# %%
quiz.ask("random_noise")

# %% [markdown] quiz="adversarial_training"

# %%
quiz.ask("adversarial_training")

# %% [markdown]
# ## Style

# %% [markdown] quiz="gram_shuffled"

# %%
quiz.ask("gram_shuffled")

# %% [markdown] quiz="gram_pictures"

# %%
quiz.ask("gram_pictures")

# %% [markdown] quiz="tv_ramp"

# %%
quiz.ask("tv_ramp")

# %% [markdown]
# ## Is the map about the network?

# %% [markdown] quiz="random_weights"

# %%
quiz.ask("random_weights")

# %% [markdown] quiz="random_labels"

# %%
quiz.ask("random_labels")

# %% [markdown]
# ## Your answers
#
# **Run this cell when you have clicked: it takes your clicks over into its text.** Or write the labels
# between the quotation marks yourself. Then save the notebook; what stands here is what you hand
# in. You can come back, click again and run it again.

# %% nbgrader={"grade": false, "grade_id": "quiz_answers", "locked": false, "schema_version": 3, "solution": true, "task": false}

# %% nbgrader={"grade": true, "grade_id": "test_quiz_answers", "locked": true, "schema_version": 3, "solution": false, "task": false}
check_quiz_answers(quiz_answers)

# %% [markdown]
# <details><summary>The cell does not take my clicks</summary>
#
# * Were the cells above run, in this session? Buttons of a kernel that is gone do nothing: choose
#   *Restart Kernel and Run All Cells*, and click again. Answers that stand in the cell stay there.
# * Some editors don't let a cell change itself. Below the cell there is then a line *They are
#   not there? Then copy this*.
#
# </details>
