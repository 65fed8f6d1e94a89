"""The filter of system calls, run by hand: it is a list of instructions with jumps."""

from __future__ import annotations

import errno
import struct

import pytest

from autograder.grading import seccomp

X86_64, AARCH64, I386 = 0xC000003E, 0xC00000B7, 0x40000003
ALLOWED, REFUSED = 0x7FFF0000, 0x00050000 | errno.EPERM


def verdict(program, number, architecture):
    """What the filter says to a call; after Linux's filter.h and seccomp.h."""
    words = list(struct.iter_unpack("=HBBI", program))
    data = struct.pack("=iIQ6Q", number, architecture, 0, *[0] * 6)
    place, loaded = 0, None
    while True:
        code, if_true, if_false, k = words[place]
        place += 1
        if code == 0x06:  # BPF_RET | BPF_K
            return k
        if code == 0x20:  # BPF_LD | BPF_W | BPF_ABS
            (loaded,) = struct.unpack_from("=I", data, k)
        else:  # BPF_JMP | BPF_JEQ or BPF_JGE | BPF_K
            holds = {0x15: loaded == k, 0x35: loaded >= k}[code]
            place += if_true if holds else if_false


@pytest.mark.parametrize(
    ("machine", "architecture", "refused"),
    [
        ("x86_64", X86_64, {29, 64, 68, 319, 248, 249, 250, 425, 426, 427}),
        ("aarch64", AARCH64, {194, 190, 186, 279, 217, 218, 219, 425, 426, 427}),
    ],
)
def test_only_memory_and_keys_that_no_process_has_are_refused(machine, architecture, refused):
    program = seccomp.program(machine)
    said = {number: verdict(program, number, architecture) for number in range(600)}
    assert {number for number, word in said.items() if word == REFUSED} == refused
    assert {word for number, word in said.items() if number not in refused} == {ALLOWED}


def test_the_second_numbers_of_calls_and_other_machines_calls_are_refused():
    program = seccomp.program("x86_64")
    for number in (0x40000000, 0x40000000 + 29, 0x40000000 + 39, -1):
        assert verdict(program, number, X86_64) == REFUSED
    for architecture in (I386, AARCH64):
        assert verdict(program, 39, architecture) == REFUSED


def test_where_the_numbers_are_not_known_there_is_no_filter():
    assert seccomp.program("riscv64") == b""
