"""Checks for what pip cannot install, before anything fails; needs nothing but Python itself.

On Linux the window needs a few system libraries. Each missing one is named with the command that
installs it; run as root on Debian or Ubuntu it is installed right away. Windows and macOS need
none of them.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import shutil
import subprocess
import sys

# What Qt loads (soname) and what Debian and Fedora call its package. Names of Debian 12 on.
REQUIRED = [
    ("libEGL.so.1", "libegl1", "mesa-libEGL"),
    ("libGL.so.1", "libgl1", "mesa-libGL"),
    ("libglib-2.0.so.0", "libglib2.0-0", "glib2"),
    ("libfontconfig.so.1", "libfontconfig1", "fontconfig"),
    ("libdbus-1.so.3", "libdbus-1-3", "dbus-libs"),
    ("libxkbcommon.so.0", "libxkbcommon0", "libxkbcommon"),
    ("libxkbcommon-x11.so.0", "libxkbcommon-x11-0", "libxkbcommon-x11"),
    ("libX11-xcb.so.1", "libx11-xcb1", "libX11-xcb"),
    ("libxcb-cursor.so.0", "libxcb-cursor0", "xcb-util-cursor"),
    ("libxcb-icccm.so.4", "libxcb-icccm4", "xcb-util-wm"),
    ("libxcb-image.so.0", "libxcb-image0", "xcb-util-image"),
    ("libxcb-keysyms.so.1", "libxcb-keysyms1", "xcb-util-keysyms"),
    ("libxcb-render-util.so.0", "libxcb-render-util0", "xcb-util-renderutil"),
    ("libxcb-xinerama.so.0", "libxcb-xinerama0", "libxcb"),
    ("libxcb-xkb.so.1", "libxcb-xkb1", "libxcb"),
]


def missing_libraries() -> list[tuple[str, str, str]]:
    """The entries of REQUIRED that the loader cannot find."""
    absent = []
    for entry in REQUIRED:
        try:
            ctypes.CDLL(entry[0])
        except OSError:
            absent.append(entry)
    return absent


def _install_with_apt(packages: list[str]) -> bool:
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    print("Installing system packages: " + " ".join(packages), flush=True)
    subprocess.run(["apt-get", "update", "-qq"], env=env, check=False)
    command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
    return subprocess.run(command, env=env, check=False, stdout=subprocess.DEVNULL).returncode == 0


def provide(packages: dict[str, list[str]], what: str) -> bool:
    """Install Debian packages as root, or name the command for this machine; True if installed."""
    apt = shutil.which("apt-get")
    if apt and os.geteuid() == 0 and _install_with_apt(packages["apt"]):
        return True
    print(f"{what} Install it first:", file=sys.stderr)
    if apt or not shutil.which("dnf"):
        print("  sudo apt-get install " + " ".join(packages["apt"]), file=sys.stderr)
    else:
        print("  sudo dnf install " + " ".join(packages["dnf"]), file=sys.stderr)
    return False


def main() -> int:
    """Exit status 0 when everything is there (or was installed), 1 with the command named."""
    version = sys.version_info
    if version < (3, 11):
        print(
            f"stentviewer needs Python 3.11 or newer; this is {version.major}.{version.minor}. "
            "Install a newer one and call make PYTHON=python3.12 (its name) again.",
            file=sys.stderr,
        )
        return 1
    if not sys.platform.startswith("linux"):
        return 0
    if importlib.util.find_spec("ensurepip") is None:
        own = f"python{version.major}.{version.minor}-venv"
        wanted = {"apt": [own], "dnf": ["python3-pip"]}
        if not provide(wanted, "Python's venv module is missing."):
            return 1
    absent = missing_libraries()
    if absent:
        wanted = {
            "apt": sorted({entry[1] for entry in absent}),
            "dnf": sorted({entry[2] for entry in absent}),
        }
        names = ", ".join(entry[0] for entry in absent)
        if not provide(wanted, f"System libraries are missing: {names}."):
            return 1
        still = missing_libraries()
        if still:
            print("Still missing: " + ", ".join(entry[0] for entry in still), file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
