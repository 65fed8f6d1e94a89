"""Refuses arguments of a call that could not be loaded beside the student's code.

There, only Python with its packages, the course's packages, `inside` and the assignment's
`probes.py` can be imported. An object of any other module would fail in the jail, where it looks
like the student's fault.
"""

from __future__ import annotations

import sys
import sysconfig
from collections.abc import Collection
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from autograder.grading.inside import wire
from autograder.grading.modules import PROBES, package_name

INSIDE = "autograder.grading.inside"


class CheckFault(Exception):
    """A check asks something that can't be asked: nobody's fault but the check's."""


def insist(data: bytes, packages: Collection[Path] | None = None) -> None:
    """Insist that arguments can be loaded beside the student's code.

    Args:
        data: of `wire.dump_arguments`.
        packages: the course's packages. When None, the call stays in this process: then only what
            no jail could load, whatever its course, is refused.

    Raises:
        CheckFault: they hold an object of a module that is not in the jail.
    """
    own = None if packages is None else frozenset(path.stem for path in packages)
    for module, name in sorted(wire.names_in(data)):
        if not _is_in_jail(module, own):
            raise CheckFault(
                f"an argument is made with {name} of {module}, which can't be imported beside the "
                f"student's code: move {name} to the assignment's {PROBES}."
            )


@cache  # the same few modules in each call
def _is_in_jail(module: str, packages: frozenset[str] | None) -> bool:
    top = module.partition(".")[0]
    if top == "autograder":
        return module == INSIDE or module.startswith(f"{INSIDE}.")
    if _is_assignment(top):
        return module == f"{top}.{Path(PROBES).stem}"
    if packages is None:
        return top != "__main__"
    return top in packages or _is_installed(top)


def _is_assignment(package: str) -> bool:
    """Whether `modules.load_module` made this package of an assignment's folder."""
    folders = getattr(sys.modules.get(package), "__path__", None) or []
    return [package] == [package_name(Path(folder)) for folder in folders]


@cache
def _is_installed(package: str) -> bool:
    """Whether a package belongs to Python or is installed with it."""
    if package in sys.stdlib_module_names:
        return True
    if package == "__main__" or (spec := find_spec(package)) is None:
        return False
    places = [spec.origin] if spec.origin else list(spec.submodule_search_locations or [])
    installed = {sysconfig.get_path(kind) for kind in ("purelib", "platlib")}
    return any(Path(place).is_relative_to(folder) for place in places for folder in installed)
