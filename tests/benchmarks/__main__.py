"""Prints a line per figure: name, ours, peer, ratio, bar, ok or short (tab-separated).

    python -m tests.benchmarks [reading|viewer]

Each `bench_<word>*.py` yields its figures; ours and the peer alternate in one run.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path


def main(word: str) -> int:
    """Print the figures of the benchmarks whose name begins with the word; all without one."""
    found = sorted(Path(__file__).parent.glob(f"bench_{word}*.py"))
    if not found:
        print(f"No benchmark is called {word}.", file=sys.stderr)
        return 2
    print("name\tours\tpeer\tratio\tbar\tok|short")
    for file in found:
        for figure in importlib.import_module(f"{__package__}.{file.stem}").figures():
            print(figure.line(), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else ""))
