"""One jailed kernel: starts it, runs cells in it and calls functions there.

Everything that comes from the kernel is untrusted: messages have a form and a maximum size, an answer
is a file of data, and every wait has a timeout.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import stat
import sys
from pathlib import Path
from queue import Empty
from typing import Any, cast

import zmq
from jupyter_client import AsyncKernelManager
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_core.utils import run_sync
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import new_output

from autograder.grading.client import Client
from autograder.grading.inside import wire
from autograder.grading.messages import Outputs
from autograder.grading.provisioner import JailProvisioner
from autograder.grading.settings import Settings
from autograder.grading.stopwatch import BACKSTOP, Starved, Stopwatch
from autograder.grading.student import KernelEnded, StudentFault, TimedOut

MAX_ANSWER = 64 * 2**20  # bytes of one answer
MAX_FORGOTTEN = 10_000  # messages after one call
MAX_PART = 16 * 2**20  # bytes of a part of a message; a sender of more is disconnected
MAX_WAITING = 10  # messages of each channel that this process holds before it reads them
SIGN_OF_LIFE = 10.0  # timeout in seconds
ENDED = "It ended the kernel."


class KernelClient(NotebookClient):
    """nbclient, with limits on output and with calls of functions."""

    def __init__(
        self, notebook: NotebookNode, settings: Settings, folder: Path, probes: Path | None = None
    ) -> None:
        self._manager = _kernel_manager(settings, probes)
        super().__init__(
            notebook,
            km=self._manager,
            timeout=None,  # see `_execute_in_time`
            startup_timeout=int(BACKSTOP * settings.timeouts.start),
            allow_errors=True,
            store_widget_state=False,
            shutdown_kernel="immediate",
            resources={"metadata": {"path": str(folder)}},
        )
        self._settings = settings
        self._outputs = Outputs()
        self.timed_out = False  # the last cell that ran
        self.seconds = 0.0  # that cells have had

    @property
    def _provisioner(self) -> JailProvisioner:
        return cast(JailProvisioner, self._manager.provisioner)

    def process_message(
        self, msg: dict[str, Any], cell: NotebookNode, cell_index: int
    ) -> NotebookNode | None:
        """Let through messages of the right form, up to the limits on a notebook's output."""
        let_through = self._outputs.let_through(msg["msg_type"], msg["content"], cell_index)
        if let_through is None:
            return None
        msg["msg_type"], msg["content"] = let_through
        msg["header"]["msg_type"] = msg["msg_type"]
        return super().process_message(msg, cell, cell_index)

    def run_cell(self, cell: NotebookNode, index: int) -> str:
        """Run a cell. Returns the reason why the kernel can't go on; empty when it can."""
        try:
            run_sync(self._execute_leaving_no_task)(cell, index)
            return ""
        except DeadKernelError:
            return self.why_ended() or ENDED
        except Starved:
            raise
        except Exception as error:  # a kernel that breaks the protocol can raise anything here
            return f"The kernel's messages made no sense any more ({type(error).__name__})."

    async def _execute_leaving_no_task(self, cell: NotebookNode, index: int) -> None:
        """Run a cell, and cancel the tasks that nbclient leaves when it ends with an exception.

        They would read the next call's messages, and fail later with nobody to catch it.
        """
        running_before = asyncio.all_tasks()
        try:
            await self._execute_in_time(cell, index)
        finally:
            left_over = asyncio.all_tasks() - running_before
            for task in left_over:
                task.cancel()
            await asyncio.gather(*left_over, return_exceptions=True)

    async def _execute_in_time(self, cell: NotebookNode, index: int) -> None:
        """Run a cell, and interrupt it when its time is over."""
        limit, self.timed_out = self._settings.timeouts.cell, False
        stopwatch = Stopwatch(self._provisioner.pid)
        running = asyncio.ensure_future(self.async_execute_cell(cell, index))
        while not (await asyncio.wait({running}, timeout=0.5))[0]:
            if stopwatch.is_over(limit):
                self.timed_out = True
                running.cancel()
                await self._manager.interrupt_kernel()
                text = f"The cell took longer than {limit:g} seconds."
                cell.outputs.append(
                    new_output("error", ename="Timeout", evalue=text, traceback=[text])
                )
                break
        self.seconds += stopwatch.seconds
        if not self.timed_out:
            await running

    def why_ended(self) -> str:
        """The watchdog's reason for ending the kernel; empty when it did not."""
        watchdog = getattr(self._provisioner, "watchdog", None)
        return watchdog.reason if watchdog else ""

    def warm_up(self) -> None:
        """Import what calls need, torch above all, before the first cell's timeout starts."""
        run_sync(self._execute_silently)(
            "", "import autograder.grading.inside.harness", self._settings.timeouts.start
        )

    def answers(self) -> bool:
        """Whether the kernel executes code."""
        try:
            run_sync(self._execute_silently)("", "pass", SIGN_OF_LIFE)
        except StudentFault:
            return False
        return True

    def call(self, name: str, arguments: bytes) -> dict[str, Any]:
        """Call a function in the kernel; its answer comes back as a file of data."""
        scratch = self._provisioner.folders.scratch
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
        """Call the function in the kernel. Absolute paths, as notebooks may change the folder."""
        code = (
            "from autograder.grading.inside import harness as _harness\n"
            f"_harness.call(get_ipython().user_ns.get({name!r}, _harness.MISSING), "
            f"{str(question)!r}, {str(answer)!r}, {self._settings.device!r})"
        )
        run_sync(self._execute_silently)(name, code, self._settings.timeouts.call)

    async def _execute_silently(self, name: str, code: str, seconds: float) -> None:
        """Run `code` and wait for its end.

        Raises:
            TimedOut: it took longer.
            KernelEnded: it ended the kernel's process.
        """
        stopwatch = Stopwatch(self._provisioner.pid)
        client: Any = self.kc
        sent = client.execute(code, silent=True, store_history=False, stop_on_error=False)
        while True:
            try:
                reply = await client.shell_channel.get_msg(timeout=0.5)
                if reply["parent_header"].get("msg_id") == sent:
                    break
            except Empty:
                if not await self._manager.is_alive():
                    reason = self.why_ended() or "It ended the process that it ran in."
                    raise KernelEnded(f"{name} did not come back. {reason}") from None
            except Exception:  # a forged message can make its readers raise anything
                pass
            if stopwatch.is_over(seconds):
                raise TimedOut(f"{name} did not finish within {seconds:g} seconds.")
        await self._forget_outputs()

    async def _forget_outputs(self) -> None:
        """Discard the output of a call unread."""
        client: Any = self.kc
        socket = client.iopub_channel.socket
        for _ in range(MAX_FORGOTTEN):
            if not await socket.poll(0):
                return
            await socket.recv_multipart(copy=False)


class _OneKernelSpec(KernelSpecManager):
    """A manager of one kernel spec: this Python, started by the jail's provisioner."""

    def __init__(self, settings: Settings, probes: Path | None) -> None:
        super().__init__()
        limits = settings.limits
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
                        "jail": settings.jail,
                        "gpu": settings.device == "cuda",
                        "readable": [str(path) for path in settings.readable],
                        "packages": [str(path) for path in settings.packages],
                        "secrets": [str(path) for path in settings.secrets],
                        "probes": str(probes or ""),
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


def _kernel_manager(settings: Settings, probes: Path | None) -> AsyncKernelManager:
    specs = _OneKernelSpec(settings, probes)
    manager = AsyncKernelManager(
        kernel_name="jailed", kernel_spec_manager=specs, client_factory=Client
    )
    manager.context.setsockopt(zmq.MAXMSGSIZE, MAX_PART)
    manager.context.setsockopt(zmq.RCVHWM, MAX_WAITING)
    return manager


def _read_untrusted(folder: Path, name: str) -> bytes:
    """The bytes of a regular file that untrusted code wrote; links and pipes are refused."""
    descriptor = os.open(folder / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with open(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_size > MAX_ANSWER:
            raise OSError("it is no ordinary file, or too large")
        return file.read(status.st_size)


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):  # never made, or not to be unlinked: the folder goes anyway
        path.unlink()
