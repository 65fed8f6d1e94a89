"""The client of an untrusted kernel: it has no heartbeat, and is ready as soon as the kernel is.

jupyter_client's own reads a heartbeat in a thread, in which a kernel can hold it without end, and
gives each kernel two tenths of a second to say more than it was asked for.
"""

from __future__ import annotations

import time
from queue import Empty

from jupyter_client.asynchronous import AsyncKernelClient


class Client(AsyncKernelClient):
    """jupyter_client's, for kernels whose process somebody watches."""

    def start_channels(
        self,
        shell: bool = True,
        iopub: bool = True,
        stdin: bool = True,
        hb: bool = False,
        control: bool = True,
    ) -> None:
        super().start_channels(shell, iopub, stdin, hb, control)

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Wait until the kernel answers.

        Args:
            timeout: in seconds.

        Raises:
            RuntimeError: it has ended, or did not answer in time.
        """
        begin = time.monotonic()
        while not await self._answers():
            if not await self.is_alive():
                raise RuntimeError("the kernel's process has ended")
            if timeout is not None and time.monotonic() - begin > timeout:
                raise RuntimeError(f"it did not answer within {timeout:g} seconds")

    async def _answers(self) -> bool:
        """Whether all that follows one question has arrived, so that nothing is left to be read."""
        asked = self.kernel_info()
        try:
            while True:
                reply = await self.shell_channel.get_msg(timeout=1)
                if reply["parent_header"].get("msg_id") == asked:
                    break
            while True:
                said = await self.iopub_channel.get_msg(timeout=0.2)
                is_about_it = said["parent_header"].get("msg_id") == asked
                if is_about_it and said["content"].get("execution_state") == "idle":
                    return True
        except Empty:  # or its messages were sent before this client had subscribed to them
            return False
