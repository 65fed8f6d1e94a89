"""Are the pictures of tagged cells found, stacked and kept small?"""

import importlib.util
from pathlib import Path

from PIL import Image

SCRIPT = Path(__file__).parents[2] / "solutions" / "expected_pictures.py"
NOTEBOOK = """
# %% [markdown]
# A picture follows.

# %%
from IPython.display import Image, display
from PIL import Image as Pillow
import io


def show(colour, size):
    file = io.BytesIO()
    Pillow.new("RGB", size, colour).save(file, "png")
    display(Image(file.getvalue()))


show("blue", (10, 10))

# %% tags=["expected-two-fields"]
show("red", (1200, 200))
show("green", (600, 200))
"""


def test_what_a_tagged_cell_shows_is_stacked_into_one_small_picture(tmp_path):
    spec = importlib.util.spec_from_file_location("expected_pictures", SCRIPT)
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    source = tmp_path / "lesson.py"
    source.write_text(NOTEBOOK)

    written = script.make_expected_pictures(source)

    assert written == [tmp_path / "expected" / "two-fields.jpg"]
    picture = Image.open(written[0])
    assert picture.width == 800 and picture.height == round(400 * 800 / 1200)
    red, green, white = (picture.getpixel(point) for point in ((400, 60), (200, 200), (700, 200)))
    assert red[0] > 200 > red[1] and green[1] > 100 > green[0] and min(white) > 240
