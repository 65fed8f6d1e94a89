"""Names of types, files and displays that lead out of a folder, and links and archives that point there.

class: 20
honest: compute_saliency_maps=0 normalize_maps=0 compute_layer_saliency=0 compute_loss_saliency=0
never: /tmp/led-out-by-an-archive
"""

# %%
import os
import tarfile
import zipfile

from IPython.display import display

display("x", display_id="../../../gradebook.db")
os.symlink("/etc/passwd", "picture.png")
os.symlink("..", "feedback")
os.symlink("../../solutions", "solutions")
with zipfile.ZipFile("images.zip", "w") as archive:
    archive.writestr("../../../tmp/led-out-by-an-archive", "out")
with tarfile.open("images.tar", "w") as archive:
    archive.add("picture.png", arcname="../../../tmp/led-out-by-an-archive")

# %% grade_id="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    raise type('../../../etc/passwd', (Exception,), {})('%2e%2e/%2e%2e')

# %% grade_id="normalize_maps"
def normalize_maps(maps):
    return type('../' * 100, (), {})()
