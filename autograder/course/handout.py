"""One zip file with what students need: the notebooks, `course_lib`, and how to install them.

It holds no solution, no hidden check and nothing of the autograder.
"""

from __future__ import annotations

import json
import os
import re
import zipfile
from importlib.metadata import metadata, requires
from pathlib import Path

import nbformat

from autograder.errors import CourseError
from autograder.grading.assignment import HOME, Assignment

KIT = "looking-inside-classifiers"
# The kit's requirements that no notebook and no module of course_lib imports.
FOR_INSTRUCTORS = {"nbgrader", "jupytext", "jinja2", "psutil", "pytest", "pyyaml"}

README = """\
# Looking inside image classifiers

The notebooks of the course, and `course_lib`, which they import. With Python {python}:

```sh
python3 -m venv .venv
. .venv/bin/activate        # on Windows: .venv\\Scripts\\activate
pip install .               # about 3 GB on Linux
jupyter lab
```

Open a notebook, write your answers into the cells that ask for them, and hand in the notebook under
the name that it has.
"""

PYPROJECT = """\
[build-system]
requires = ["setuptools>=77"]
build-backend = "setuptools.build_meta"

[project]
name = "course-lib"
version = "{version}"
requires-python = "{python}"
dependencies = {dependencies}

[tool.setuptools.packages.find]
include = ["course_lib*"]

[tool.setuptools.package-data]
course_lib = ["weights/*.safetensors", "weights/*.json", "quiz/*.json"]
"""


def write_handout(names: list[str], path: Path) -> Path:
    """Write the zip file with the notebooks of some assignments.

    Raises:
        CourseError: there is no such assignment or release, or the file can't be written.
    """
    files = {f"{name}/{name}.ipynb": nbformat.writes(Assignment(name).release) for name in names}
    for module in sorted((HOME / "course_lib").rglob("*")):
        if module.suffix in (".py", ".json", ".safetensors"):
            files[str(module.relative_to(HOME))] = module.read_bytes()
    kit = metadata(KIT)
    python, version = kit["Requires-Python"], kit["Version"]
    dependencies = json.dumps(requirements(), indent=4)
    files["README.md"] = README.format(python=python).encode()
    files["pyproject.toml"] = PYPROJECT.format(
        version=version, python=python, dependencies=dependencies
    ).encode()
    unfinished = path.with_suffix(".part")
    try:
        with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in files.items():
                archive.writestr(f"{KIT}/{name}", content)
        os.replace(unfinished, path)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise CourseError(f"{path} can't be written: {error.strerror}.") from error
    return path


def requirements() -> list[str]:
    """What `course_lib` and the notebooks import, with versions."""
    needed = [line for line in requires(KIT) or [] if "extra ==" not in line]
    return [line for line in needed if re.match(r"[\w-]+", line)[0] not in FOR_INSTRUCTORS]
