"""A filter of system calls for the jail, in the form that `bwrap --seccomp` reads.

System V shared memory, semaphores and message queues lie in the kernel: when no process has them
mapped, no process is charged for them, and they stay. The watchdog would not see them, so they can't
be made. Nothing that a notebook needs uses them: Python's and PyTorch's shared memory is POSIX's,
files in /dev/shm, whose size is limited. The same holds for memfd_create, whose memory can travel
between processes in messages, for rings of io_uring, and for keyrings, which outlive a kernel and
are shared by all that one grader starts. All other calls are allowed.
https://www.kernel.org/doc/html/latest/userspace-api/seccomp_filter.html
"""

from __future__ import annotations

import errno
import platform
import struct

# Of each machine: its name for the kernel, and its numbers of shmget, semget, msgget, memfd_create,
# add_key, request_key and keyctl, and of the three calls of io_uring.
MACHINES = {
    "x86_64": (0xC000003E, (29, 64, 68, 319, 248, 249, 250, 425, 426, 427)),
    "aarch64": (0xC00000B7, (194, 190, 186, 279, 217, 218, 219, 425, 426, 427)),
}
X32 = 0x40000000  # on x86_64, from here on the same calls have a second number

NUMBER, ARCHITECTURE = 0, 4  # where these lie in what the filter is asked about
LOAD, IS_EQUAL, IS_AT_LEAST, RETURN = 0x20, 0x15, 0x35, 0x06
ALLOW, REFUSE = 0x7FFF0000, 0x00050000 | errno.EPERM


def program(machine: str = platform.machine()) -> bytes:
    """The filter for this kind of machine; empty when its numbers are not known here."""
    if machine not in MACHINES:
        return b""
    architecture, refused = MACHINES[machine]
    tests = [(IS_EQUAL, number) for number in refused]
    if machine == "x86_64":
        tests.append((IS_AT_LEAST, X32))
    # A jump skips so many instructions when its test holds, and so many when it does not.
    words = [
        (LOAD, 0, 0, ARCHITECTURE),
        (IS_EQUAL, 0, len(tests) + 2, architecture),  # another one has other numbers
        (LOAD, 0, 0, NUMBER),
        *((test, len(tests) - place, 0, k) for place, (test, k) in enumerate(tests)),
        (RETURN, 0, 0, ALLOW),
        (RETURN, 0, 0, REFUSE),
    ]
    return b"".join(struct.pack("=HBBI", *word) for word in words)
