"""ZIPs unpacked without trusting them (names that climb out, bombs, passwords, links)."""

from __future__ import annotations

import errno
import hashlib
import shutil
import stat
import zipfile
from pathlib import Path, PurePosixPath

from stentviewer.core.errors import KnownError, UserError
from stentviewer.core.jobs import JobContext
from stentviewer.core.sentences import sentence

MOST_BYTES = 4 * 2**30
_MOST_FILES = 100_000
_MOST_RATIO = 200  # DICOM seldom packs better than 10:1; blank frames reach 100
_RATIO_FROM = 2**26  # below this size no ratio does harm
_KEEP_FREE = 2**29
_MOST_PARTS = 64
_LONGEST_PART = 240  # bytes; file systems take 255
_CHUNK = 2**20
_DONE = ".complete"


def is_zip(start: bytes) -> bool:
    """Whether a file that starts with these bytes is a ZIP, an empty one included."""
    return start[:4] in (b"PK\x03\x04", b"PK\x05\x06")


def unpack(path: Path, unpack_dir: Path, context: JobContext) -> Path:
    """Unpack into `unpack_dir`/<SHA-256 of the ZIP> and return that folder; once per content.

    Raises KnownError or UserError, before anything is written, for a ZIP with a name that leads
    out of its folder, with a password, damaged, or that unpacks to more than 4 GB, than 200 times
    its size, or than the disk has room for. What a lying ZIP managed to write is removed.
    """
    folder = unpack_dir / _sha256(path)
    if (folder / _DONE).exists():
        return folder
    try:
        with zipfile.ZipFile(path) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            _check(path, entries, unpack_dir)
            shutil.rmtree(folder, ignore_errors=True)
            try:
                _extract(path, archive, entries, folder, context)
            except OSError as error:
                shutil.rmtree(folder, ignore_errors=True)
                raise _not_unpacked(path.name, error) from error
            except BaseException:
                shutil.rmtree(folder, ignore_errors=True)
                raise
    except (zipfile.BadZipFile, EOFError, NotImplementedError, ValueError) as error:
        raise KnownError(
            sentence(
                "The ZIP “{name}” is damaged or packed in an unusual way. Pack it again.",
                name=path.name,
            )
        ) from error
    except Exception as error:
        if type(error).__module__ not in ("zlib", "lzma", "_lzma"):
            raise
        raise KnownError(
            sentence("The ZIP “{name}” is damaged. Pack it again.", name=path.name)
        ) from error
    return folder


def _not_unpacked(name: str, error: OSError) -> KnownError:
    if error.errno is None:  # how bz2 says that its data are damaged
        return KnownError(sentence("The ZIP “{name}” is damaged. Pack it again.", name=name))
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return KnownError(
            sentence(
                "The disk has no room for what is in the ZIP “{name}”. Free some space, then "
                "open it again.",
                name=name,
            )
        )
    return KnownError(
        sentence(
            "The ZIP “{name}” could not be unpacked here ({reason}). Unpack it with "
            "another program and open the folder.",
            name=name,
            reason=error.strerror,
        )
    )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _check(path: Path, entries: list[zipfile.ZipInfo], unpack_dir: Path) -> None:
    name = path.name
    for entry in entries:
        if _leads_out(entry.filename):
            raise UserError(
                sentence(
                    "The ZIP “{name}” holds a file that would be written outside its folder. It "
                    "was not opened; do not trust where it comes from.",
                    name=name,
                )
            )
        if _too_long(entry.filename):
            raise UserError(
                sentence(
                    "The ZIP “{name}” holds a file whose name or place is longer than a disk "
                    "takes. Pack it again with shorter names.",
                    name=name,
                )
            )
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise UserError(
                sentence(
                    "The ZIP “{name}” holds a link and was not opened. Pack files only.", name=name
                )
            )
        if entry.flag_bits & 1:
            raise UserError(
                sentence(
                    "The ZIP “{name}” has a password. Unpack it with another program and open the"
                    " folder.",
                    name=name,
                )
            )
    total = sum(entry.file_size for entry in entries)
    packed = max(1, path.stat().st_size)
    if total > MOST_BYTES or (total > _RATIO_FROM and total > _MOST_RATIO * packed):
        raise UserError(
            sentence(
                "The ZIP “{name}” unpacks to {size:,.0f} MB, more than is opened at once "
                "here. Unpack it with another program if you trust it, and open its folders "
                "one by one.",
                name=name,
                size=total / 2**20,
            )
        )
    if len(entries) > _MOST_FILES:
        raise UserError(
            sentence(
                "The ZIP “{name}” holds {n:,} files. Pack fewer into one.",
                name=name,
                n=len(entries),
            )
        )
    unpack_dir.mkdir(parents=True, exist_ok=True)
    if total + _KEEP_FREE > shutil.disk_usage(unpack_dir).free:
        raise KnownError(
            sentence(
                "The disk has no room for what is in the ZIP “{name}” ({size:,.0f} MB). Free "
                "some space, then open it again.",
                name=name,
                size=total / 2**20,
            )
        )


def _leads_out(name: str) -> bool:
    plain = name.replace("\\", "/")
    parts = PurePosixPath(plain).parts
    return plain.startswith("/") or ".." in parts or ":" in plain or "\0" in plain


def _too_long(name: str) -> bool:
    parts = [part.encode("utf-8", "replace") for part in name.replace("\\", "/").split("/")]
    return len(parts) > _MOST_PARTS or any(len(part) > _LONGEST_PART for part in parts)


def _free(target: Path) -> Path:
    """The path, with a number where the ZIP has had a file of this name already."""
    free, number = target, 2
    while free.exists():
        free, number = target.with_name(f"{number}-{target.name}"), number + 1
    return free


def _extract(
    path: Path,
    archive: zipfile.ZipFile,
    entries: list[zipfile.ZipInfo],
    folder: Path,
    context: JobContext,
) -> None:
    """Write the entries; their stated sizes bound what is written, whatever the data hold."""
    folder.mkdir(parents=True)
    for number, entry in enumerate(entries):
        context.step(number, len(entries), path.name)
        target = folder / PurePosixPath(entry.filename.replace("\\", "/"))
        target.parent.mkdir(parents=True, exist_ok=True)
        target = _free(target)
        left = entry.file_size
        with archive.open(entry) as packed, target.open("xb") as unpacked:
            while chunk := packed.read(_CHUNK):
                left -= len(chunk)
                if left < 0:
                    raise KnownError(
                        sentence(
                            "The ZIP “{name}” holds more than it says and was not opened.",
                            name=path.name,
                        )
                    )
                unpacked.write(chunk)
    (folder / _DONE).touch()
