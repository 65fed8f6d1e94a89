"""One jailed kernel: starts it, runs cells in it and calls functions there.

Whatever comes from the kernel is read as coming from somebody who wants to be believed: messages
have a form and a size, an answer is a file of data, and nothing is waited for without end.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import stat
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty
from typing import Any

import zmq
from jupyter_client import AsyncKernelManager
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_core.utils import run_sync
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from autograder.grading.inside import wire
from autograder.grading.jail import Limits
from autograder.grading.messages import Outputs
from autograder.grading.student import KernelEnded, StudentFault, TimedOut

MAX_ANSWER = 64 * 2**20  # bytes of one answer
MAX_FORGOTTEN = 10_000  # messages after one call
MAX_PART = 16 * 2**20  # bytes of a part of a message; who sends more is disconnected for a moment
MAX_WAITING = 10  # messages of each channel that this process holds before it reads them
SIGN_OF_LIFE = 10.0  # seconds
ENDED = "It ended the kernel."


@dataclass(frozen=True)
class Patience:
    """How long the grader waits, in seconds; and how often it starts again."""

    start: float = 120.0
    cell: float = 120.0
    call: float = 20.0
    notebook: float = 900.0
    restarts: int = 8


@dataclass
class KernelOptions:
    """What kind of kernel a submission gets."""

    jail: str = "bubblewrap"
    device: str = "cpu"
    limits: Limits = field(default_factory=Limits)
    patience: Patience = field(default_factory=Patience)
    readable: tuple[str, ...] = ()


class KernelClient(NotebookClient):
    """nbclient, with a lid on output and with calls of functions."""

    def __init__(self, notebook: NotebookNode, options: KernelOptions, folder: Path) -> None:
        super().__init__(
            notebook,
            km=_kernel_manager(options),
            timeout=int(options.patience.cell),
            startup_timeout=int(options.patience.start),
            interrupt_on_timeout=True,
            error_on_timeout={
                "ename": "CellTimeoutError",
                "evalue": f"the cell took longer than {options.patience.cell:g} seconds",
                "traceback": [f"The cell took longer than {options.patience.cell:g} seconds."],
            },
            allow_errors=True,
            store_widget_state=False,
            shutdown_kernel="immediate",
            resources={"metadata": {"path": str(folder)}},
        )
        self._options = options
        self._outputs = Outputs()

    def process_message(self, msg, cell, cell_index):
        """Believe of a message what has the right form, and keep no more than a notebook can bear."""
        let_through = self._outputs.let_through(msg["msg_type"], msg["content"], cell_index)
        if let_through is None:
            return None
        msg["msg_type"], msg["content"] = let_through
        msg["header"]["msg_type"] = msg["msg_type"]
        return super().process_message(msg, cell, cell_index)

    def run_cell(self, cell: NotebookNode, index: int) -> str:
        """Run a cell. Returns why the kernel can't go on; empty when it can."""
        try:
            run_sync(self._execute_leaving_no_task)(cell, index)
            return ""
        except DeadKernelError:
            return self.why_ended() or ENDED
        except CellTimeoutError:
            return "It could not be interrupted after its time was up."
        except Exception as error:  # a kernel that breaks the protocol can raise anything here
            return f"The kernel's messages made no sense any more ({type(error).__name__})."

    async def _execute_leaving_no_task(self, cell: NotebookNode, index: int) -> None:
        """Run a cell. When it ends with an exception, nbclient leaves its tasks running: they would
        read the next call's messages and fail at some later time, when nobody looks after them.
        """
        running_before = asyncio.all_tasks()
        try:
            await self.async_execute_cell(cell, index)
        finally:
            left_over = asyncio.all_tasks() - running_before
            for task in left_over:
                task.cancel()
            await asyncio.gather(*left_over, return_exceptions=True)

    def why_ended(self) -> str:
        watchdog = getattr(self.km.provisioner, "watchdog", None)
        return watchdog.reason if watchdog else ""

    def warm_up(self) -> None:
        """Import what calls need, torch above all, before the first cell's time runs."""
        run_sync(self._execute_silently)(
            "", "import autograder.grading.inside.harness", self._options.patience.start
        )

    def answers(self) -> bool:
        """Whether the kernel is there and does what it is asked."""
        try:
            run_sync(self._execute_silently)("", "pass", SIGN_OF_LIFE)
        except StudentFault:
            return False
        return True

    def call(self, name: str, arguments: bytes) -> dict[str, Any]:
        """Call a function in the kernel; its answer comes back as a file of data."""
        scratch = self.km.provisioner.folders.scratch
        token = secrets.token_hex(16)  # so that no answer can lie there before the question
        question, answer = scratch / f"arguments-{token}", f"answer-{token}"
        question.write_bytes(arguments)
        try:
            self._ask(name, question, scratch / answer)
            return wire.load_answer(_read_untrusted(scratch, answer))
        except FileNotFoundError as error:
            raise StudentFault(f"{name} gave no answer.") from error
        except (OSError, wire.NotData) as error:
            raise StudentFault(
                f"{name} gave no answer that could be read: {error.args[-1]}."
            ) from error
        finally:
            for leftover in (question, scratch / answer):
                _remove(leftover)

    def _ask(self, name: str, question: Path, answer: Path) -> None:
        """Whole paths: a notebook may have changed its working folder."""
        code = (
            "from autograder.grading.inside import harness as _harness\n"
            f"_harness.call(get_ipython().user_ns.get({name!r}), "
            f"{str(question)!r}, {str(answer)!r}, {self._options.device!r})"
        )
        run_sync(self._execute_silently)(name, code, self._options.patience.call)

    async def _execute_silently(self, name: str, code: str, seconds: float) -> None:
        """Run `code`, and wait for its end. Raises TimedOut or KernelEnded."""
        deadline = time.monotonic() + seconds
        sent = self.kc.execute(code, silent=True, store_history=False, stop_on_error=False)
        while True:
            try:
                reply = await self.kc.shell_channel.get_msg(timeout=0.5)
                if reply["parent_header"].get("msg_id") == sent:
                    break
            except Empty:
                if not await self.km.is_alive():
                    reason = self.why_ended() or "It ended the process that it ran in."
                    raise KernelEnded(f"{name} did not come back. {reason}") from None
            except Exception:  # a forged message can make its readers raise anything
                pass
            if time.monotonic() > deadline:
                raise TimedOut(f"{name} did not finish within {seconds:g} seconds.")
        await self._forget_outputs()

    async def _forget_outputs(self) -> None:
        """What a call printed is of no interest: it is thrown away unread."""
        socket = self.kc.iopub_channel.socket
        for _ in range(MAX_FORGOTTEN):
            if not await socket.poll(0):
                return
            await socket.recv_multipart(copy=False)


class _OneKernelSpec(KernelSpecManager):
    """Knows one kernel: this Python, started by the jail's provisioner."""

    def __init__(self, options: KernelOptions) -> None:
        super().__init__()
        limits = options.limits
        self._spec = KernelSpec(
            argv=[
                sys.executable,
                "-m",
                "ipykernel_launcher",
                "-f",
                "{connection_file}",
                "--HistoryManager.enabled=False",
            ],
            display_name="Python 3",
            language="python",
            interrupt_mode="message",
            metadata={
                "kernel_provisioner": {
                    "provisioner_name": "autograder-jail",
                    "config": {
                        "jail": options.jail,
                        "gpu": options.device == "cuda",
                        "readable": list(options.readable),
                        "memory": limits.memory,
                        "processes": limits.processes,
                        "threads": limits.threads,
                        "disk": limits.disk,
                        "seconds": limits.seconds,
                    },
                }
            },
        )

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        return self._spec


def _kernel_manager(options: KernelOptions) -> AsyncKernelManager:
    manager = AsyncKernelManager(kernel_name="jailed", kernel_spec_manager=_OneKernelSpec(options))
    manager.context.setsockopt(zmq.MAXMSGSIZE, MAX_PART)
    manager.context.setsockopt(zmq.RCVHWM, MAX_WAITING)
    return manager


def _read_untrusted(folder: Path, name: str) -> bytes:
    """The bytes of a regular file that untrusted code wrote; no link, no pipe, no other file."""
    descriptor = os.open(folder / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with open(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_size > MAX_ANSWER:
            raise OSError("it is no ordinary file, or too large")
        return file.read(MAX_ANSWER)


def _remove(path: Path) -> None:
    try:
        path.unlink()
    except OSError:
        pass  # it was never made, or is something that can't be unlinked: the folder goes anyway
