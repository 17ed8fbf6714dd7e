"""A seccomp filter for the backend: no socket families that a network namespace does not hold.

AF_VSOCK reaches the hypervisor from within any network namespace, and io_uring opens sockets without the `socket` call;
nothing that serves HTTP needs either. Unix, IPv4, IPv6 and netlink sockets stay.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct

from seatrial.proof.namespaces import call

ALLOWED = (1, 2, 10, 16)  # AF_UNIX, AF_INET, AF_INET6, AF_NETLINK
SOCKET = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198), "riscv64": (0xC00000F3, 198)}
IO_URING_SETUP = 425
X32 = 0x40000000
LOAD, EQUAL, AT_LEAST, RETURN = 0x20, 0x15, 0x35, 0x06
ALLOW, REFUSE, ABSENT = 0x7FFF0000, 0x00050000 | errno.EACCES, 0x00050000 | errno.ENOSYS


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("code", ctypes.c_char_p))


def filter_code(machine: str) -> bytes:
    """The filter for one machine, as classic BPF: (operation, jump if true, jump if false, value) each."""
    architecture, number = SOCKET[machine]
    steps = [
        (LOAD, 0, 0, 4),  # the architecture; another one (32-bit) gets nothing that could open a socket
        (EQUAL, 1, 0, architecture),
        (RETURN, 0, 0, REFUSE),
        (LOAD, 0, 0, 0),  # the system call
        (AT_LEAST, 0, 1, X32),
        (RETURN, 0, 0, REFUSE),
        (EQUAL, 0, 1, IO_URING_SETUP),
        (RETURN, 0, 0, ABSENT),
        (EQUAL, 1, 0, number),
        (RETURN, 0, 0, ALLOW),
        (LOAD, 0, 0, 16),  # its first argument
        *[(EQUAL, len(ALLOWED) - index, 0, family) for index, family in enumerate(ALLOWED)],
        (RETURN, 0, 0, REFUSE),
        (RETURN, 0, 0, ALLOW),
    ]
    return b"".join(struct.pack("HBBI", *step) for step in steps)


def restrict() -> None:
    """Apply the filter to this process and all it will start, after PR_SET_NO_NEW_PRIVS. Other machines go without."""
    machine = os.uname().machine
    if machine not in SOCKET:
        return
    code = filter_code(machine)
    program = _Program(len(code) // 8, code)
    call("prctl", 22, 2, ctypes.byref(program), 0, 0)  # PR_SET_SECCOMP, SECCOMP_MODE_FILTER
