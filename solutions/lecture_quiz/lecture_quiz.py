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
# * say what each method of the course differentiates, by what, and what its picture depends on;
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
# each image's own class, their derivatives by the pixels, and a plain climb of a class score.

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
    """The derivative of f(x), summed over the batch, by x: the shape of x."""
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
# **Question 1.** A saliency map of an image for the class *star* draws a derivative. Which one?
#
# * `hu` that of the star score, by each weight of the network
# * `fi` that of the star score, by each pixel of the image
# * `je` that of the cross-entropy loss for star, by each pixel of the image
# * `ve` that of each pixel's brightness, by the star score

# %%
quiz.ask("saliency_derivative")

# %% [markdown] quiz="flat_probability"
# **Question 2.** A network calls an image a star with probability 0.99999. You differentiate this *probability* by the pixels instead of the score. Beside the score's map, the new one is ...
#
# * `li` the same up to one constant factor, since the softmax only rescales all of the scores alike
# * `wo` dimmer by a factor of about 100,000, since the softmax is flat where one class has won
# * `va` exactly zero at every pixel, since a probability can't rise above 1
# * `ne` brighter all over, since a confident answer hangs on more of the pixels

# %%
quiz.ask("flat_probability")

# %% [markdown] quiz="same_map_for_all"
# **Question 3.** For which classifier is the saliency map of a class the same for *every* image?
#
# * `ko` one that gives every image the same class
# * `yo` one whose scores are sums of weighted pixels
# * `pa` one built of convolutions and ReLUs without any bias
# * `da` an untrained one, whatever it is built of

# %%
quiz.ask("same_map_for_all")

# %% [markdown] quiz="map_stays"
# **Question 4.** Which of these changes leaves the saliency map of an image for *star* exactly as it is?
#
# * `vo` training the same architecture on the same images again, from another seed
# * `za` adding 3 to the star score of every image
# * `xe` multiplying the star score of every image by 3
# * `po` darkening the image to a tenth of its brightness

# %%
quiz.ask("map_stays")

# %% [markdown] quiz="robust_map"
# **Question 5.** One image, and its saliency maps from four networks that all get it right. One of the networks was trained adversarially. Which?
#
# ![An image, and four maps with the numbers 1 to 4](pictures/four_maps.jpg)
#
# * `ni` number 2
# * `vi` number 1
# * `fe` number 4
# * `de` number 3

# %%
quiz.ask("robust_map")

# %% [markdown] quiz="graph_cut"
# **Question 6.** A saliency map marks a few pixels that surely belong to the object, and a few that surely don't. A minimum cut through the grid of pixels then finds the object's border. Where does it like to run?
#
# * `sa` along the line where the saliency map falls below a threshold
# * `ha` between neighbours of like colours, for they tell the cut least
# * `ga` between neighbours of unlike colours, for such links are cheap
# * `ki` along the shortest closed line around the maximum of the map

# %%
quiz.ask("graph_cut")

# %% [markdown]
# ## Pictures that a class likes

# %% [markdown] quiz="start_image"
# **Question 7.** Class visualisation climbs the score of one class, twice: from two different noise images, with all settings alike. What comes out?
#
# * `zo` two different pictures, both with a high score, for each climb ends on a hill near its start
# * `bi` the same picture twice, for the network's idea of the class does not depend on the start
# * `yu` noise in both cases, for climbing needs a photograph to begin with
# * `ru` two different pictures, of which at most one has a high score, for there is only one best image

# %%
quiz.ask("start_image")

# %% [markdown] quiz="l2_term"
# **Question 8.** Class visualisation climbs $s_y(I) - \lambda \lVert I \rVert_2^2$. What does the second term do in each step?
#
# * `zi` it makes neighbouring pixels more alike, as a blur does
# * `vu` it holds the picture close to the one that the climb began with
# * `ye` it limits the length of the step, so that the climb can't overshoot
# * `ho` it pulls each pixel towards zero, large values the most

# %%
quiz.ask("l2_term")

# %% [markdown] quiz="second_derivative"
# **Question 9.** Which of these can't be done without derivatives of derivatives?
#
# * `fu` two hundred steps of class visualisation with momentum
# * `ra` training a network so that its own saliency maps become small outside the object
# * `fa` moving an image so that its Gram matrices match those of a painting
# * `xi` adversarial training against an attack of ten steps

# %%
quiz.ask("second_derivative")

# %% [markdown]
# ## Guided backpropagation and Grad-CAM

# %% [markdown] quiz="guided_gating"
# **Question 10.** Guided backpropagation changes what happens at each ReLU on the way back. Where does it let a gradient through?
#
# * `xa` everywhere, with negative gradients replaced by their absolute values
# * `lu` where the ReLU's input was positive and the arriving gradient is positive as well
# * `ku` where the ReLU's input was positive, whatever the sign of the arriving gradient
# * `la` where the arriving gradient is positive, whatever the ReLU's input was

# %%
quiz.ask("guided_gating")

# %% [markdown] quiz="gradcam_weights"
# **Question 11.** Grad-CAM adds up the channels of a layer's activations, each with its own weight, and keeps what is positive. What is the weight of a channel?
#
# * `ta` the derivative of this channel by the pixels, averaged over all pixels
# * `wu` the derivative of the class score by this channel, averaged over all places
# * `bo` the weight that connects this channel to the class in the last linear layer, in every network
# * `lo` the mean of this channel's activation over all places

# %%
quiz.ask("gradcam_weights")

# %% [markdown] quiz="shortcut_map"
# **Question 12.** Four images of one class, with Grad-CAM for this class. All of its training images carried the bar code in a corner. Which test decides whether the network relies on the bar code?
#
# ![Four images with a bar code in a corner, and their Grad-CAM maps, bright at the bar code](pictures/shortcut.jpg)
#
# * `le` measure the accuracy on fresh images of the class, with the bar code in a corner as in training
# * `bu` compute Grad-CAM at all other layers, and see whether the maximum stays at the bar code
# * `ze` draw guided backpropagation as well, and see whether it is bright at the bar code, too
# * `ke` paint the bar code over, put it on images of other classes, and look at the answers

# %%
quiz.ask("shortcut_map")

# %% [markdown]
# ## Images that fool

# %% [markdown] quiz="fgsm_maximises"
# **Question 13.** What is as large as can be at $X + \varepsilon \,\mathrm{sign}\,\nabla_X L$, where $L$ is the loss?
#
# * `gi` the linear approximation of the loss, among all changes of one and the same Euclidean length
# * `ge` the linear approximation of the loss at X, among all changes of at most ε in each pixel
# * `tu` the loss itself, among all changes of at most ε in each pixel
# * `ya` the score of the class that the attacker has in mind

# %%
quiz.ask("fgsm_maximises")

# %% [markdown] quiz="random_noise"
# **Question 14.** A network answers the image on the left rightly and the one in the middle wrongly; their difference, ten times as strong, is on the right. It looks like noise. What happens if, instead, every pixel is changed by the same amount with a *random* sign?
#
# ![An image, a fooling image that looks the same, and their magnified difference](pictures/fooling.jpg)
#
# * `ma` the answer nearly always stays, for random signs hardly ever point along the gradient
# * `ro` the answer changes to the same wrong class, for the network takes noise for that class
# * `si` all classes become equally likely, for the network never saw such noise in training
# * `ba` the answer changes about as often, for what counts is the size of the change

# %%
quiz.ask("random_noise")

# %% [markdown] quiz="adversarial_training"
# **Question 15.** What does a step of adversarial training do that a step of ordinary training does not?
#
# * `jo` it sets weights to zero by which single pixels could move a score by more than ε
# * `ju` it draws from a training set to which images were added that fooled an earlier network
# * `wi` it adds random noise of size ε to every image of the batch
# * `pe` it attacks the batch with the weights of the moment, and learns from the result

# %%
quiz.ask("adversarial_training")

# %% [markdown]
# ## Style

# %% [markdown] quiz="gram_shuffled"
# **Question 16.** A layer's feature map is shuffled: all places change places, in every channel in the same way. What becomes of its Gram matrix?
#
# * `ka` it stays as it is
# * `ri` its diagonal stays, and all other entries change
# * `te` all entries away from the diagonal become zero
# * `mi` its rows and columns are shuffled in the same way

# %%
quiz.ask("gram_shuffled")

# %% [markdown] quiz="gram_pictures"
# **Question 17.** Two images, and the Gram matrices of four simple features: how red, how blue, how strong the horizontal and the vertical edges are at each place. Which matrix is that of image A?
#
# ![Two images A and B, and two matrices with the numbers 1 and 2](pictures/gram.jpg)
#
# * `ji` matrix 2, because red and horizontal edges occur at the same places in A
# * `du` both, because A and B hold the same amounts of red, blue and edges
# * `pi` matrix 1, because A has as much red in it as it has vertical edges
# * `di` this can't be told, because a Gram matrix does not know where anything is

# %%
quiz.ask("gram_pictures")

# %% [markdown] quiz="tv_ramp"
# **Question 18.** Total variation is the sum of squared differences of neighbours. Two rows of 11 pixels go from 0 to 1: one in a single jump, the other in ten equal steps. The gentle row costs ...
#
# * `fo` as much as the jump costs
# * `mu` ten times what the jump costs
# * `yi` a tenth of what the jump costs
# * `ja` a hundredth of what the jump costs

# %%
quiz.ask("tv_ramp")

# %% [markdown]
# ## Is the map about the network?

# %% [markdown] quiz="random_weights"
# **Question 19.** Four images in guided backpropagation: first by a trained network, then by the same network with the weights of its last layer drawn anew at random. What follows?
#
# ![Four images, and guided backpropagation before and after randomising the last layer](pictures/randomised.jpg)
#
# * `xu` the network was badly trained; for a better one the two pictures would differ clearly
# * `pu` the network still knows its classes, for the earlier layers were left alone
# * `ti` the method can be trusted, for it finds the object even under bad conditions
# * `nu` such a picture shows little of what the network's answer hangs on

# %%
quiz.ask("random_weights")

# %% [markdown] quiz="random_labels"
# **Question 20.** One network learnt the true labels; another learnt by heart labels that were drawn at random. A method draws nearly the same maps for both. What does this show?
#
# * `se` the second network was not trained for long enough to draw maps of its own
# * `na` its maps don't depend on what the network learnt
# * `gu` the second network found out the true classes in spite of its labels
# * `xo` both networks use the object, and more than this a map can't show

# %%
quiz.ask("random_labels")

# %% [markdown]
# ## Your answers
#
# **Run this cell when you have clicked: it takes your clicks over into its text.** Or write the labels
# between the quotation marks yourself. Then save the notebook; what stands here is what you hand
# in. You can come back, click again and run it again.

# %% nbgrader={"grade": false, "grade_id": "quiz_answers", "locked": false, "schema_version": 3, "solution": true, "task": false}
def quiz_answers():
    """Your answers: for each question the label of the option that you take."""
    answers = {
        "saliency_derivative": "",
        "flat_probability": "",
        "same_map_for_all": "",
        "map_stays": "",
        "robust_map": "",
        "graph_cut": "",
        "start_image": "",
        "l2_term": "",
        "second_derivative": "",
        "guided_gating": "",
        "gradcam_weights": "",
        "shortcut_map": "",
        "fgsm_maximises": "",
        "random_noise": "",
        "adversarial_training": "",
        "gram_shuffled": "",
        "gram_pictures": "",
        "tv_ramp": "",
        "random_weights": "",
        "random_labels": "",
    }
    if not any(answers.values()):
        ### BEGIN SOLUTION
        # questions.yaml says why these are right.
        answers = {
            "saliency_derivative": "fi",
            "flat_probability": "wo",
            "same_map_for_all": "yo",
            "map_stays": "za",
            "robust_map": "de",
            "graph_cut": "ga",
            "start_image": "zo",
            "l2_term": "ho",
            "second_derivative": "ra",
            "guided_gating": "lu",
            "gradcam_weights": "wu",
            "shortcut_map": "ke",
            "fgsm_maximises": "ge",
            "random_noise": "ma",
            "adversarial_training": "pe",
            "gram_shuffled": "ka",
            "gram_pictures": "ji",
            "tv_ramp": "yi",
            "random_weights": "nu",
            "random_labels": "na",
        }
        ### END SOLUTION
    return answers

# %% nbgrader={"grade": true, "grade_id": "test_quiz_answers", "locked": true, "points": 100, "schema_version": 3, "solution": false, "task": false}
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
