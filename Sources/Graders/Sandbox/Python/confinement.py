"""The sandbox's fork server: a warm interpreter that runs each job in a fork of a fork of itself.

    zygote      never reads a request, so no job can find another's data in the memory it inherits
    supervisor  reads one request, makes namespaces, holds the limits, writes the reply; the job cannot see it
    keeper      process 1 of the job's own process namespace: makes its folders, reaps, reports, takes all along
    job         gives up every capability, then runs the code

Spoken to over the socket at descriptor 3. A frame is a little-endian length, that many bytes of JSON, and then the
blobs that the JSON gives the sizes of. Modes: "namespaces" (inside bubblewrap) and "plain" (no sandbox: limits on
time, memory and output alone).
"""

import ast, base64, bisect, collections, contextlib, copy, csv, ctypes, dataclasses, datetime, decimal, difflib, enum
import errno, fractions, functools, gc, hashlib, heapq, importlib, inspect, io, itertools, json, linecache, math
import numbers, operator, os, random, re, resource, select, shutil, signal, statistics, stat, string, struct
import subprocess, sys, tempfile, textwrap, time, traceback, types, typing, unicodedata, unittest, warnings

CHANNEL = 3
TICK = 0.02
PAGE = os.sysconf("SC_PAGE_SIZE")
CLOCK = os.sysconf("SC_CLK_TCK")

libc = ctypes.CDLL(None, use_errno=True)

CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWIPC = 0x00020000, 0x04000000, 0x08000000
CLONE_NEWUSER, CLONE_NEWPID = 0x10000000, 0x20000000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC = 1, 2, 4, 8
MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 32, 4096, 16384, 1 << 18
MNT_DETACH = 2
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_CAPBSET_DROP = 1, 4, 22, 24
PR_SET_CHILD_SUBREAPER, PR_SET_NO_NEW_PRIVS, PR_CAP_AMBIENT = 36, 38, 47
NOBODY = 65534

# What a job may not ask of the kernel, by number: (x86-64, arm64), None where the architecture has no such call.
DENIED = {
    "acct": (163, 89),
    "add_key": (248, 217),
    "adjtimex": (159, 171),
    "bpf": (321, 280),
    "chroot": (161, 51),
    "clock_adjtime": (305, 266),
    "clock_settime": (227, 112),
    "create_module": (174, None),
    "delete_module": (176, 106),
    "fanotify_init": (300, 262),
    "finit_module": (313, 273),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fsopen": (430, 430),
    "fspick": (433, 433),
    "init_module": (175, 105),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "io_uring_setup": (425, 425),
    "ioperm": (173, None),
    "iopl": (172, None),
    "kcmp": (312, 272),
    "kexec_file_load": (320, 294),
    "kexec_load": (246, 104),
    "keyctl": (250, 219),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "migrate_pages": (256, 238),
    "modify_ldt": (154, None),
    "mount": (165, 40),
    "mount_setattr": (442, 442),
    "move_mount": (429, 429),
    "move_pages": (279, 239),
    "name_to_handle_at": (303, 264),
    "nfsservctl": (180, 42),
    "open_by_handle_at": (304, 265),
    "open_tree": (428, 428),
    "perf_event_open": (298, 241),
    "personality": (135, 92),
    "pidfd_getfd": (438, 438),
    "pivot_root": (155, 41),
    "process_madvise": (440, 440),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "ptrace": (101, 117),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    "reboot": (169, 142),
    "request_key": (249, 218),
    "setdomainname": (171, 162),
    "sethostname": (170, 161),
    "setns": (308, 268),
    "settimeofday": (164, 170),
    "shmget": (29, 194),
    "socket": (41, 198),
    "swapoff": (168, 225),
    "swapon": (167, 224),
    "syslog": (103, 116),
    "umount2": (166, 39),
    "unshare": (272, 97),
    "uselib": (134, None),
    "userfaultfd": (323, 282),
    "vhangup": (153, 58),
    "vmsplice": (278, 75),
}
# Calls that are judged by an argument.
CLONE, CLONE3, SOCKETPAIR, IOCTL = (56, 220), (435, 435), (53, 199), (16, 29)
AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
X32_BIT = 0x40000000
AF_UNIX, TIOCSTI, TIOCLINUX = 1, 0x5412, 0x541C
NEW_NAMESPACES = 0x7E020000


def filter_program(machine):
    """The seccomp filter as classic BPF. Refused calls fail with EPERM, so that code can say what it missed; a call of
    another architecture, where the numbers mean something else, ends the process."""
    column = list(AUDIT_ARCH).index(machine)
    load, equal, at_least, any_bit, answer = 0x20, 0x15, 0x35, 0x45, 0x06
    allow, kill = 0x7FFF0000, 0x80000000

    def refuse(error):
        return 0x00050000 | error

    number, architecture, first_argument, second_argument = 0, 4, 16, 24
    lines = [
        (load, 0, 0, architecture),
        (equal, 1, 0, AUDIT_ARCH[machine]),
        (answer, 0, 0, kill),
        (load, 0, 0, number),
    ]
    if machine == "x86_64":
        lines += [(at_least, 0, 1, X32_BIT), (answer, 0, 0, kill)]
    for numbers_ in DENIED.values():
        if numbers_[column] is not None:
            lines += [(equal, 0, 1, numbers_[column]), (answer, 0, 0, refuse(errno.EPERM))]
    # Its flags lie in memory, out of a filter's sight. Told that there is no such call, libc takes clone.
    lines += [(equal, 0, 1, CLONE3[column]), (answer, 0, 0, refuse(errno.ENOSYS))]
    lines += [
        (equal, 0, 4, CLONE[column]),
        (load, 0, 0, first_argument),
        (any_bit, 0, 1, NEW_NAMESPACES),
        (answer, 0, 0, refuse(errno.EPERM)),
        (answer, 0, 0, allow),
        (equal, 0, 4, SOCKETPAIR[column]),
        (load, 0, 0, first_argument),
        (equal, 1, 0, AF_UNIX),
        (answer, 0, 0, refuse(errno.EPERM)),
        (answer, 0, 0, allow),
        (equal, 0, 4, IOCTL[column]),
        (load, 0, 0, second_argument),
        (equal, 1, 0, TIOCSTI),
        (equal, 0, 1, TIOCLINUX),
        (answer, 0, 0, refuse(errno.EPERM)),
        (answer, 0, 0, allow),
    ]
    return b"".join(struct.pack("HBBI", *line) for line in lines), len(lines)


class FilterProgram(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("lines", ctypes.c_void_p)]


class CapabilityHeader(ctypes.Structure):
    _fields_ = [("version", ctypes.c_uint32), ("process", ctypes.c_int)]


class CapabilitySets(ctypes.Structure):
    _fields_ = [("words", ctypes.c_uint32 * 6)]


def checked(result, what):
    if result != 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{what}: {os.strerror(error)}")


def mount(source, target, kind, flags, options=None):
    encoded = [None if x is None else x.encode() for x in (source, target, kind, options)]
    checked(libc.mount(encoded[0], encoded[1], encoded[2], ctypes.c_ulong(flags), encoded[3]), f"mount {target}")


def prctl(option, *arguments):
    padded = list(arguments) + [0] * (4 - len(arguments))
    return libc.prctl(option, *[x if isinstance(x, ctypes._SimpleCData) else ctypes.c_ulong(x) for x in padded])


def drop_capabilities():
    capability = 0
    while prctl(PR_CAPBSET_DROP, capability) == 0:
        capability += 1
    prctl(PR_CAP_AMBIENT, 4)
    header = CapabilityHeader(0x20080522, 0)
    checked(libc.capset(ctypes.byref(header), ctypes.byref(CapabilitySets())), "capset")
