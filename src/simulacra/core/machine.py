"""What the numbers depend on: the machine, its processes, the versions of packages."""

from __future__ import annotations

import os
import platform
import time
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any


def alive(process: int) -> bool:
    """Whether a process of this machine still runs; a number that no process can have is of none."""
    if not 0 < process < 2**31:
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def boot() -> str:
    """This boot of this machine's kernel, which all its containers share; "" where the system does not say."""
    with suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="utf-8").strip()
    return ""


def versions() -> dict[str, str]:
    """Versions of what the numbers depend on, without importing it."""
    found = {"python": platform.python_version()}
    for package in ("simulacra", "numpy", "scipy", "scikit-learn", "torch", "lightning-fabric", "numba"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def machine() -> dict[str, Any]:
    """What the run ran on."""
    return {
        "host": platform.node(),
        "system": f"{platform.system()} {platform.machine()}",
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "time zone": time.strftime("%z"),
    }


def memory() -> int:
    """Bytes of main memory; 2^63 where the system does not say."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return 2**63
