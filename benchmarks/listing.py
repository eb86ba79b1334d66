"""Time of `simulacra list`, beside an interpreter that does nothing."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time


def seconds(*words: str, times: int = 7) -> float:
    """Median wall time of a fresh process."""
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        subprocess.run([sys.executable, *words], check=True, capture_output=True)
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


def main() -> None:
    """One run, medians of seven."""
    bare = seconds("-c", "pass")
    rows = {"list": ("list",), "list statistics": ("list", "statistics"), "show": ("show", "ising_by_gan")}
    print(f"an interpreter that does nothing  {bare * 1000:4.0f} ms")
    for name, words in rows.items():
        taken = seconds("-m", "simulacra", *words)
        print(f"simulacra {name:<22}  {taken * 1000:4.0f} ms   {taken / bare:.1f} ×   (limit 500 ms)")


if __name__ == "__main__":
    main()
