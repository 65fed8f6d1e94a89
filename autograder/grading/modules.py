"""Loads the Python files of an assignment's folder: its checks, misconceptions and probes.

The folder is loaded as a package, so that `checks.py` says `from .probes import ...`. Its name ends
in a number for the place where it lies: the same assignment of two terms stays apart. Inside the
jail a package of that name holds `probes.py` alone, so that objects of its classes can travel.
"""

from __future__ import annotations

import importlib
import importlib.machinery
import importlib.util
import sys
import zlib
from pathlib import Path
from types import ModuleType

from autograder.errors import CourseError
from autograder.grading.text import readable

PROBES = "probes.py"  # the one file of the folder that is in the jail


def package_name(folder: Path) -> str:
    """The name of the package that an assignment's folder is loaded as."""
    return f"{folder.name}_{zlib.crc32(str(folder.resolve()).encode()):08x}"


def load_module(folder: Path, name: str) -> ModuleType:
    """The module `name` of an assignment's folder, loaded once.

    Raises:
        CourseError: the file raised an exception when it was imported.
    """
    package = package_name(folder)
    if package not in sys.modules:
        spec = importlib.machinery.ModuleSpec(package, None, is_package=True)
        spec.submodule_search_locations = [str(folder)]
        sys.modules[package] = importlib.util.module_from_spec(spec)
    importlib.invalidate_caches()
    try:
        return importlib.import_module(f"{package}.{name}")
    except Exception as error:  # whatever the author's code raises
        place = folder / f"{name}.py"
        raise CourseError(
            f"{place} can't be imported: {type(error).__name__}: {readable(error)}."
        ) from error
