"""What all tests share. The tests run side by side, so each process keeps to one thread."""

from __future__ import annotations

import gc
import os
import time
from pathlib import Path

import pytest

# Read when torch and matplotlib are first imported, here and in kernels.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("MPLBACKEND", "Agg")

import torch  # noqa: E402 (after the environment that it reads)

from autograder.grading.pytest_plugin import MARKERS  # noqa: E402

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
DEVICES = ["cpu", "cuda"] if torch.cuda.is_available() else ["cpu"]


# Of the whole run: processes that run tests side by side inherit it.
BEGAN = float(os.environ.setdefault("TESTS_BEGAN", str(time.time())))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--budget",
        type=float,
        metavar="SECONDS",
        help="skip what has not begun by then, and say so",
    )


def pytest_runtest_setup(item: pytest.Item) -> None:
    """On a machine that is far too slow, end with a list of what was not tried, not with nothing."""
    budget = item.config.getoption("--budget")
    if budget is not None and time.time() - BEGAN > budget:
        pytest.skip(f"not tried: the budget of {budget:g} seconds was used up")


def pytest_report_header() -> str:
    """Say once which devices the tests are about: without a GPU none is collected for it."""
    return f"devices: {', '.join(DEVICES)}" + ("" if len(DEVICES) > 1 else " (there is no GPU)")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "jail: starts a jailed kernel; `make check` leaves it out")
    config.addinivalue_line("markers", "slow: takes long; `make check` leaves it out")
    for line in MARKERS.values():  # of checks, which tests import
        config.addinivalue_line("markers", line)


@pytest.hookimpl(tryfirst=True)  # xdist reads the groups in this hook
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep tests that share a fixture of their module in one process, or each would make its own.

    What takes long begins first, so that nothing of it runs alone at the end.
    """
    for item in items:
        if group := _group(item):
            item.add_marker(pytest.mark.xdist_group(group))
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


def _group(item: pytest.Item) -> str:
    """The module, with the parameters of its fixtures; nothing where the item shares none."""
    fixtures = getattr(item, "_fixtureinfo", None)
    definitions = fixtures.name2fixturedefs if fixtures else {}
    shared = [name for name, found in definitions.items() if found and found[-1].scope == "module"]
    parameters = getattr(getattr(item, "callspec", None), "params", {})
    values = [str(parameters[name]) for name in sorted(shared) if name in parameters]
    return " ".join([item.nodeid.partition("::")[0], *values]) if shared else ""


def pytest_collection_finish() -> None:
    """Keep what was imported out of garbage collection: torch and its friends are a million objects,
    and copying models sets off many collections."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """As many as there are cores; more for jailed submissions, which spend half of their time waiting."""
    jailed = "not jail" not in config.option.markexpr
    return len(os.sched_getaffinity(0)) + (2 if jailed else 0)


@pytest.fixture(params=DEVICES)
def device(request: pytest.FixtureRequest) -> str:
    """The CPU and, where there is one, the GPU."""
    return request.param


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of photographs and ImageNet weights that lies beside some clones."""
    if not SHARED_DATA.is_dir():
        pytest.skip("needs photographs and ImageNet weights that are no part of the kit")
    return SHARED_DATA


@pytest.fixture
def torch_home(shared_data: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """TORCH_HOME with ImageNet weights, so that torchvision asks no network for them."""
    home = shared_data / "torch_home"
    if not home.is_dir():
        pytest.skip("needs ImageNet weights that are no part of the kit")
    monkeypatch.setenv("TORCH_HOME", str(home))
    return home
