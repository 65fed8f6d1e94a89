"""One submission's kernel: runs its cells, calls its functions, and survives what they do.

A kernel that died or no longer answers is replaced by a new one, in which the definitions of the
notebook run again, without the cell that was to blame. So a function that ends its process costs
its own points and no others.
"""

from __future__ import annotations

import ast
import os
import secrets
import stat
import sys
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty
from typing import Any

import nbformat
import zmq
from jupyter_client import AsyncKernelManager
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_core.utils import run_sync
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from autograder.errors import CourseError
from autograder.grading.assignment import grade_id
from autograder.grading.inside import wire
from autograder.grading.jail import Limits
from autograder.grading.messages import Outputs
from autograder.grading.student import KernelEnded, NotCalled, Student, StudentFault, TimedOut
from autograder.grading.text import parsed, readable

MAX_ANSWER = 64 * 2**20  # bytes of one answer
MAX_FORGOTTEN = 10_000  # messages after one call
MAX_MESSAGE = 16 * 2**20  # bytes; a kernel that sends more is disconnected for a moment
MAX_WAITING = 100  # messages of each channel that this process holds before it reads them
SIGN_OF_LIFE = 10.0  # seconds
ENDED = "It ended the kernel."
PATIENCE = 2  # calls of one function that may end badly before it is called no more


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


class KernelStudent(Student):
    """The functions of a notebook, called in its kernel.

    Use it as a context manager: the kernel lives from `with` to its end.

    Args:
        notebook: is changed in place: outputs of the cells appear in it.
        folder: where the submission's data files lie; they are copied, never written to.
    """

    def __init__(self, notebook: NotebookNode, folder: Path, options: KernelOptions) -> None:
        super().__init__()
        self.notebook = notebook
        self.folder = folder
        self.options = options
        self.notes: list[str] = []
        self._blamed: set[int] = set()  # cells that are not run again
        self._bad_ends: Counter[str] = Counter()  # by function
        self._starts = 0
        self._deadline = float("inf")
        self._stack = ExitStack()
        self._client: _Client | None = None

    def __enter__(self) -> KernelStudent:
        self._start()
        return self

    def __exit__(self, *_: Any) -> None:
        self._stack.close()

    def run_notebook(self, skip: set[int] = frozenset()) -> None:
        """Run all code cells in order, but those whose index is in `skip`."""
        self._deadline = time.monotonic() + self.options.patience.notebook
        for index, cell in enumerate(self.notebook.cells):
            if cell.cell_type != "code" or index in skip or not cell.source.strip():
                continue
            if time.monotonic() > self._deadline:
                self.notes.append(f"The notebook ran out of time before {_label(index, cell)}.")
                break
            if self._client is None:
                return
            self._run(index, cell)
        if self._client and not self._client.answers():  # it may have been asked to quit
            self._restart()

    def call(self, name: str, args: tuple, kwargs: dict[str, Any]) -> dict[str, Any]:
        if self._client is None:
            raise NotCalled(f"{name} was not called: the kernel could not be kept alive.")
        if self._bad_ends[name] >= PATIENCE:
            raise NotCalled(
                f"{name} was not called again, after {PATIENCE} calls that did not end."
            )
        try:
            return self._client.call(name, wire.dump_arguments((args, kwargs)))
        except StudentFault as fault:
            if isinstance(fault, (TimedOut, KernelEnded)):
                self._bad_ends[name] += 1
                self._restart()
            raise

    def why_missing(self, name: str) -> str:
        for cell in self.notebook.cells:
            if grade_id(cell) == name:
                errors = [output for output in cell.outputs if output.output_type == "error"]
                return "".join(
                    readable(f" Its cell ended with {error.ename}: {error.evalue}")
                    for error in errors[:1]
                )
        return ""

    def _run(self, index: int, cell: NotebookNode, retry: bool = True) -> None:
        """Run one cell; when it takes the kernel with it, go on in a new one without it."""
        begin = time.monotonic()
        reason = self._client.run_cell(cell, index)
        if not reason and time.monotonic() - begin >= self.options.patience.cell:
            self._blamed.add(index)
            self.notes.append(
                f"{_label(index, cell)} was stopped after {self.options.patience.cell:g} seconds."
            )
            if not self._client.answers():
                reason = "It could not be interrupted after its time was up."
        if not reason:
            return
        if reason == ENDED and retry:
            # Perhaps an earlier cell asked the kernel to quit: only a second time is its own fault.
            self._restart(up_to=index)
            if self._client:
                self._run(index, cell, retry=False)
            return
        self._blamed.add(index)
        cell.outputs = [*cell.get("outputs", []), _error_output("KernelEnded", reason)]
        self.notes.append(f"{_label(index, cell)} was left out. {reason}")
        self._restart(up_to=index)

    def _start(self) -> None:
        client = _Client(self.notebook, self.options, self.folder)
        try:
            self._stack.enter_context(client.setup_kernel(cleanup_kc=True, cwd=str(self.folder)))
        except RuntimeError as error:
            raise CourseError(f"The kernel could not be started: {error}") from error
        try:
            client.warm_up()
        except StudentFault as fault:
            raise CourseError(f"The kernel was started, but is not ready. {fault}") from fault
        self._client = client

    def _restart(self, up_to: int | None = None) -> None:
        """A new kernel with the definitions of the cells before `up_to` (default: all)."""
        self._stack.close()
        self._client = None
        self._starts += 1
        if self._starts > self.options.patience.restarts:
            self.notes.append("The kernel was started too often and was given up.")
            return
        try:
            self._start()
        except CourseError as error:
            self.notes.append(f"The kernel was given up. {error}")
            return
        for index, cell in enumerate(self.notebook.cells[:up_to]):
            if self._client is None or time.monotonic() > self._deadline:
                return
            if cell.cell_type == "code" and index not in self._blamed and _defines(cell.source):
                self._run(index, nbformat.from_dict(cell), retry=False)


class _Client(NotebookClient):
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
            self.execute_cell(cell, index)
            return ""
        except DeadKernelError:
            return self.why_ended() or ENDED
        except CellTimeoutError:
            return "It could not be interrupted after its time was up."
        except Exception as error:  # a kernel that breaks the protocol can raise anything here
            return f"The kernel's messages made no sense any more ({type(error).__name__})."

    def why_ended(self) -> str:
        watchdog = getattr(self.km.provisioner, "watchdog", None)
        return watchdog.reason if watchdog else ""

    def warm_up(self) -> None:
        """Import what calls need, torch above all, before the first cell's time runs."""
        run_sync(self._execute_silently)("", "import inside.harness", self._options.patience.start)

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
            "from inside import harness as _harness\n"
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
    manager.context.setsockopt(zmq.MAXMSGSIZE, MAX_MESSAGE)
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


def _defines(source: str) -> bool:
    """Whether a cell is needed to call functions: it defines or imports, or only assigns."""
    tree = parsed(source)
    if tree is None:  # perhaps an IPython magic: cheap to run, and %run may define
        return True
    definitions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)
    constants = (ast.Assign, ast.AnnAssign)
    return any(isinstance(node, definitions) for node in ast.walk(tree)) or all(
        isinstance(node, constants) for node in tree.body
    )


def _label(index: int, cell: NotebookNode) -> str:
    name = grade_id(cell)
    return f"Cell {index + 1} ({name})" if name else f"Cell {index + 1}"


def _error_output(name: str, text: str) -> NotebookNode:
    return nbformat.v4.new_output("error", ename=name, evalue=text, traceback=[f"{name}: {text}"])
