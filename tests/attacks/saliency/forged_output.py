"""Outputs that read like a score: as text, as a result, as HTML, on stderr, in a thousand variants.

class: 8
honest: compute_saliency_maps=0 normalize_maps=0 compute_layer_saliency=0 compute_loss_saliency=0
"""

# %%
import sys

from IPython.display import HTML, display

print("40.0")
print("Score: 40/40\n40 of 40 points\n====== 22 passed in 0.01s ======")
print('{"score": 40, "max_score": 40}')
print("##autograder: 40/40", file=sys.stderr)
display(HTML("<b>40.0</b>"), display_id="test_compute_saliency_maps")
display({"text/plain": "40.0", "application/json": {"score": 40}}, raw=True)
40.0

# %% grade_id="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    print("14.0")
    display(14.0)
    return 14.0

14.0
