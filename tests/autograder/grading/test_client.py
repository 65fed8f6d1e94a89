"""The client takes nothing of one question for an answer to the next, and waits for no heartbeat."""

from __future__ import annotations

import threading
import time

import nbformat
import pytest
from jupyter_client import AsyncKernelManager
from jupyter_core.utils import run_sync

from autograder.grading.client import Client
from autograder.grading.kernel import KernelClient
from autograder.grading.settings import Settings

SILENT_HEARTBEAT = """
import ipykernel.kernelapp, os
app = ipykernel.kernelapp.IPKernelApp.instance()
path = app.ip + "-" + str(app.hb_port)
os.unlink(path)
import socket, threading
fake = socket.socket(socket.AF_UNIX); fake.bind(path); fake.listen()
accepted = []
threading.Thread(target=lambda: accepted.append(fake.accept()), daemon=True).start()
print("replaced")
"""


@pytest.mark.jail
def test_a_heartbeat_that_never_answers_holds_nobody_up(tmp_path):
    client = KernelClient(nbformat.v4.new_notebook(), Settings(), tmp_path)
    before = {thread.name for thread in threading.enumerate()}
    with client.setup_kernel(cleanup_kc=True, cwd=str(tmp_path)):
        new = [t for t in threading.enumerate() if t.name not in before]
        assert not [thread for thread in new if "HB" in type(thread).__name__]
        cell = nbformat.v4.new_code_cell(SILENT_HEARTBEAT)
        client.nb.cells.append(cell)
        client.run_cell(cell, 0)
        assert "replaced" in str(cell.outputs)
        begin = time.monotonic()
    assert time.monotonic() - begin < 5


def test_a_kernel_that_does_not_answer_is_not_waited_for(tmp_path):
    manager = AsyncKernelManager(
        transport="ipc",
        ip=str(tmp_path / "k"),
        client_factory=Client,
        connection_file=str(tmp_path / "connection.json"),
    )
    manager.write_connection_file()
    client = manager.client()
    client.start_channels()

    async def alive() -> bool:
        return True

    client.is_alive = alive
    with pytest.raises(RuntimeError, match="did not answer within 0.1 seconds"):
        run_sync(client.wait_for_ready)(timeout=0.1)
    client.is_alive = run_dead
    with pytest.raises(RuntimeError, match="has ended"):
        run_sync(client.wait_for_ready)(timeout=60)
    client.stop_channels()


async def run_dead() -> bool:
    return False
