"""HTML and script in error texts, names of exceptions, outputs, formulas, links and text cells, for whoever looks at the feedback.

class: 20
honest: compute_saliency_maps=0 normalize_maps=0 compute_layer_saliency=0 compute_loss_saliency=0
"""

# %%
from IPython.display import HTML, SVG, Javascript, Latex, Markdown, display

EVIL = "<script>document.title='owned'</script><img src=x onerror=\"alert(1)\"><a href='javascript:alert(1)'>x</a></td></table><iframe src='//localhost'></iframe>"
display(HTML(EVIL), Markdown(EVIL), Latex("$\\href{javascript:alert(1)}{x}$ " + EVIL), Javascript("alert(1)"))
display(SVG("<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'><script>alert(1)</script></svg>"))
display({"text/html": EVIL, "text/markdown": EVIL, "application/javascript": "alert(1)", "text/plain": EVIL}, raw=True)
display(Markdown("<ul>\n<a title=\"\n\n[x](onmouseover=alert(1)//)\">"), Markdown("[x](files/javascript:alert(1))"))
print(EVIL)
print("\x1b]8;;javascript:alert(1)\x07link\x1b]8;;\x07 \x1b[2J \u202e drowssap")

# %% [markdown]
# <script>document.title="owned"</script>
# <img src=x onerror="alert(1)">
# [click](javascript:alert(1)) [or](files/javascript:alert(1)) &#36;\h&#114;ef{javascript:alert(1)}{here}&#36; <style>body { display: none }</style>
# <form action="/formgrader/api/submission"><input name="score" value="100"></form>

# %% grade_id="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    raise ValueError(EVIL)

# %% grade_id="normalize_maps"
def normalize_maps(maps):
    raise type(EVIL, (Exception,), {})(EVIL)

# %% grade_id="compute_layer_saliency"
def compute_layer_saliency(X, y, model, layer):
    return type(EVIL, (), {})()

# %% grade_id="compute_loss_saliency"
def compute_loss_saliency(X, losses, model):
    return {EVIL: EVIL}
