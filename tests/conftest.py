"""What all tests share. The tests run side by side, so each process keeps to one thread."""

import os
from pathlib import Path

import pytest

os.environ.setdefault(
    "OMP_NUM_THREADS", "1"
)  # read when torch is first imported, here and in kernels
os.environ.setdefault("MPLBACKEND", "Agg")

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: a jailed submission spends half of its time waiting."""
    return len(os.sched_getaffinity(0)) + 1


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
