"""A place with no way out: Linux namespaces entered by plain system calls.

One process calls `enter`, and goes on as the first process (PID 1) of a world in which

- the only network is a loopback of its own: nobody inside, by whatever library, reaches another machine;
- the only files are the system's programs (read-only), what the plan names, and size-limited memory;
- the host's sockets, home folders and processes do not exist;
- the death of PID 1 kills everyone, however often they forked or called setsid.

System calls rather than util-linux's `unshare`: it is not everywhere, its options differ by version, and it cannot
build the view of the files. Entered as root (then the backend runs under a user id that nobody has) or, as an
ordinary user, in a user namespace that maps only that user.
"""

from __future__ import annotations

import ctypes
import fcntl
import functools
import os
import re
import signal
import socket
import struct
from collections.abc import Sequence
from pathlib import Path

NEWNS, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET = 0x20000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000
RDONLY, NOSUID, NODEV, NOEXEC, REMOUNT, BIND, REC, SLAVE = 1, 2, 4, 8, 32, 4096, 16384, 1 << 19
MNT_DETACH = 2
PR_SET_PDEATHSIG = 1
SYS_MOUNT_SETATTR, AT_FDCWD, AT_RECURSIVE = 442, -100, 0x8000
OLD = "/.outside"
SYSTEM = ("bin", "sbin", "lib", "lib32", "lib64", "libx32", "usr", "etc", "sys", "nix", "gnu")
DEVICES = ("null", "zero", "full", "random", "urandom", "tty")


@functools.cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def call(name: str, *arguments: object) -> int:
    """Call a function of the C library; raise OSError with the function's name where it answers -1."""
    plain = [ctypes.c_long(value) if isinstance(value, int) else value for value in arguments]
    result = int(getattr(_libc(), name)(*plain))
    if result == -1:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), name)
    return result


def mount(source: str, target: str, kind: str | None, flags: int, options: str = "") -> None:
    """The system call of this name, with paths as text."""
    data = options.encode() if options else None
    try:
        call("mount", source.encode(), target.encode(), kind.encode() if kind else None, ctypes.c_ulong(flags), data)
    except OSError as problem:
        raise OSError(problem.errno, problem.strerror, f"mount {target}") from None


def spare_uid() -> int | None:
    """A user id that nobody has and that this process may take; None where only a user namespace can help."""
    if os.geteuid() != 0:
        return None
    taken = _numbers("/etc/passwd", 2, ":")
    starts, sizes = _numbers("/proc/self/uid_map", 0), _numbers("/proc/self/uid_map", 2)
    mapped = [range(start, start + size - 1) for start, size in zip(starts, sizes, strict=True)]
    wanted = 61184 + os.getpid() * 2 % 4000
    candidates = (*range(wanted, 65500, 2), *range(1000, 60000, 2))
    free = (uid for uid in candidates if uid not in taken and uid + 1 not in taken)
    return next((uid for uid in free if any(uid in known for known in mapped)), None)


def _numbers(table: str, column: int, separator: str | None = None) -> list[int]:
    lines = (line.split(separator) for line in Path(table).read_text("utf-8", "replace").splitlines())
    found: list[int] = [int(words[column]) for words in lines if len(words) > column and words[column].isdigit()]
    return found


def enter() -> tuple[int, int]:
    """Go on as PID 1 of new namespaces; the caller's process stays outside and ends as PID 1 ends.

    Returns the user ids for the backend and for the services. Raises OSError naming the system call that is refused.
    """
    uid, gid, spare = os.getuid(), os.getgid(), spare_uid()
    flags = NEWNS | NEWNET | NEWPID | NEWIPC | NEWUTS
    if spare:
        try:
            call("unshare", flags)
        except PermissionError:  # root of a container, who may not; a user namespace may still be had
            spare = None
    if not spare:
        call("unshare", flags | NEWUSER)
        inside = uid or 1000  # PostgreSQL refuses user id 0, even one that only a user namespace knows
        Path("/proc/self/setgroups").write_text("deny", "utf-8")
        Path("/proc/self/uid_map").write_text(f"{inside} {uid} 1", "utf-8")
        Path("/proc/self/gid_map").write_text(f"{gid or 1000} {gid} 1", "utf-8")
    child = os.fork()
    if child:
        _, status = os.waitpid(child, 0)
        os._exit(os.waitstatus_to_exitcode(status) & 0xFF)
    call("prctl", PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    return (spare, spare + 1) if spare else (os.getuid(), os.getuid())


def loopback_up(addresses: Sequence[str] = ()) -> None:
    """Bring the loopback up, and give it further IPv4 addresses, so that documented literals lead here."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, 0x8914, struct.pack("16sh22x", b"lo", 0x1 | 0x40))  # SIOCSIFFLAGS: up, running
        for index, address in enumerate(addresses):
            name = f"lo:{index + 1}".encode()
            packed = struct.pack("16sHH4s8x8x", name, socket.AF_INET, 0, socket.inet_aton(address))
            fcntl.ioctl(control, 0x8916, packed)  # SIOCSIFADDR
    low_ports = Path("/proc/sys/net/ipv4/ip_unprivileged_port_start")
    try:
        low_ports.write_text("0", "utf-8")  # as in a container: port 80 needs no privilege
    except OSError:
        return


def read_only(target: str) -> None:
    """Make a bind mount and every mount below it read-only, without set-user-id programs."""
    attributes = struct.pack("QQQQ", 1 | 2, 0, 0, 0)  # MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID
    try:
        call("syscall", SYS_MOUNT_SETATTR, AT_FDCWD, target.encode(), AT_RECURSIVE, attributes, len(attributes))
    except OSError:  # before Linux 5.12, or a seccomp profile that does not know the call
        _remount_read_only(target)


def _remount_read_only(target: str) -> None:
    names = {
        "nosuid": NOSUID,
        "nodev": NODEV,
        "noexec": NOEXEC,
        "noatime": 1024,
        "nodiratime": 2048,
        "relatime": 1 << 21,
    }
    for line in Path("/proc/self/mountinfo").read_text("utf-8", "surrogateescape").splitlines():
        point, options = line.split()[4:6]
        point = re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), point)
        if point == target or point.startswith(target.rstrip("/") + "/"):
            kept = functools.reduce(lambda a, b: a | names.get(b, 0), options.split(","), 0)
            mount("none", point, None, REMOUNT | BIND | RDONLY | NOSUID | kept)


def new_root(disk: int, own: Sequence[Sequence[str]]) -> None:
    """Make an empty, size-limited memory file system the root; the old one stays visible at `OLD` for now.

    `own` is where this very interpreter lives (real path, path it goes by): it imports some of itself only when needed.
    """
    mount("none", "/", None, SLAVE | REC)
    mount("tmpfs", "/tmp", "tmpfs", NOSUID | NODEV, f"size={disk},mode=0755,nr_inodes=200000")
    os.mkdir("/tmp" + OLD)
    call("syscall", _pivot_root(), b"/tmp", b"/tmp" + OLD.encode())
    os.chdir("/")
    _processes()
    for name in SYSTEM:
        _show_system(name)
    for source, at in own:
        show(source, at)
    _devices()
    for folder, mode in (("tmp", 0o1777), ("run", 0o755), ("var/tmp", 0o1777), ("home", 0o755)):
        os.makedirs(f"/{folder}", exist_ok=True)
        os.chmod(f"/{folder}", mode)
    os.symlink("/run", "/var/run")


def _processes() -> None:
    os.mkdir("/proc", 0o555)
    try:
        mount("proc", "/proc", "proc", NOSUID | NODEV | NOEXEC)
    except OSError:  # inside a container that hides parts of /proc, a user namespace gets no new one
        mount(f"{OLD}/proc", "/proc", None, BIND | REC)


def _pivot_root() -> int:
    return {"x86_64": 155, "aarch64": 41, "riscv64": 41, "ppc64le": 203, "s390x": 217, "armv7l": 218}[
        os.uname().machine
    ]


def _show_system(name: str) -> None:
    outside = f"{OLD}/{name}"
    if os.path.islink(outside):
        os.symlink(os.readlink(outside), f"/{name}")
    elif os.path.isdir(outside):
        os.mkdir(f"/{name}")
        mount(outside, f"/{name}", None, BIND | REC)
        read_only(f"/{name}")


def _devices() -> None:
    os.mkdir("/dev")
    for name in DEVICES:
        if os.path.exists(f"{OLD}/dev/{name}"):
            os.close(os.open(f"/dev/{name}", os.O_CREAT | os.O_WRONLY))
            mount(f"{OLD}/dev/{name}", f"/dev/{name}", None, BIND)
    for name, target in (("fd", ""), ("stdin", "/0"), ("stdout", "/1"), ("stderr", "/2")):
        os.symlink(f"/proc/self/fd{target}", f"/dev/{name}")
    os.mkdir("/dev/shm")
    mount("tmpfs", "/dev/shm", "tmpfs", NOSUID | NODEV, "size=128m,mode=1777")


def show(source: str, at: str) -> None:
    """Let one file or folder of the outside (its real path) be seen inside at the path `at`, read-only."""
    if os.path.isdir(OLD + source):
        os.makedirs(at, exist_ok=True)
    elif not os.path.exists(at):
        os.makedirs(os.path.dirname(at), exist_ok=True)
        os.close(os.open(at, os.O_CREAT | os.O_WRONLY, 0o644))
    mount(OLD + source, at, None, BIND | REC)
    read_only(at)


def cover(path: str, content: bytes) -> None:
    """Put other content in the place of a system file, such as /etc/hosts."""
    os.makedirs("/.made", exist_ok=True)
    made = f"/.made/{len(os.listdir('/.made'))}"
    Path(made).write_bytes(content)
    os.chmod(made, 0o644)
    if os.path.isfile(path):
        mount(made, path, None, BIND)


def trust(certificate: bytes, name: str, bundles: Sequence[str]) -> None:
    """Let OpenSSL and certifi find one more trusted certificate; `name` is its hash in a folder of such."""
    for bundle in bundles:
        if os.path.isfile(bundle):
            cover(bundle, Path(bundle).read_bytes() + b"\n" + certificate)
    folder = os.path.realpath("/etc/ssl/certs")
    if not os.path.isdir(folder):
        return
    entries = os.listdir(folder)
    os.makedirs("/.made/certificates")
    mount(folder, "/.made/certificates", None, BIND | REC)
    mount("tmpfs", folder, "tmpfs", NOSUID | NODEV, "size=4m,mode=0755")
    for entry in entries:
        os.symlink(f"/.made/certificates/{entry}", f"{folder}/{entry}")
    Path(folder, name).write_bytes(certificate)


def close_outside() -> None:
    """Let go of the old root: from here on nothing of the outside can be named."""
    call("umount2", OLD.encode(), MNT_DETACH)
    os.rmdir(OLD)
