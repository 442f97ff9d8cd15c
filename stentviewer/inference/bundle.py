"""A model on disk: a manifest, weights and labels, never code; nothing is ever unpickled.

The manifest carries the keys of MONAI's bundle metadata and the SHA-256 of every file, and is
itself covered by `sha256`, so that a model that is damaged or was changed is refused before any
of it is used.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from stentviewer.core.answers import AND
from stentviewer.core.errors import KnownError, UserError
from stentviewer.core.sentences import sentence
from stentviewer.core.types import FloatArray, ModelRef
from stentviewer.inference.preprocess import Preprocessing

FORMAT_VERSION = 2  # 2: with a finder, and what is known of the designs
MANIFEST = "manifest.json"
ONNX = "weights.onnx"
SAFETENSORS = "weights.safetensors"
HEAD = "head.safetensors"
FINDER = "finder.onnx"
KNOWN = "known.safetensors"
CODE_SCHEME = "99STENTVIEWER"

_MANIFEST_LIMIT = 2**20
_FILE_LIMIT = 2**31
_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_LISTED = {ONNX, SAFETENSORS, HEAD, FINDER, KNOWN}

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Text = Annotated[str, Field(min_length=1)]


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class LabelSpec(_Record):
    """One class: its name on screen, its manufacturer, and its code in other systems.

    A maker has no standard code, so the scheme is the private one (DICOM PS3.16, section 8.2).
    """

    name: Text
    manufacturer: Text
    code_scheme: Text = CODE_SCHEME
    code_value: Annotated[str, Field(min_length=1, max_length=16)]  # VR SH
    code_meaning: Annotated[str, Field(min_length=1, max_length=64)]  # VR LO


class Thresholds(_Record):
    """When makers are excluded and when none stands out, both on calibrated probabilities.

    set_score: a maker is not excluded from this probability on, chosen on held-out images so that
    the true one is among them in set_coverage of all (Sadinle et al., 2019); None: the smallest
    set whose probabilities sum to set_coverage. unknown_distance: a stent farther than this from
    every known design (`inference.known`) is of none of them; None where distances are not known.
    """

    set_coverage: float = Field(default=0.9, gt=0, le=1)
    set_score: float | None = Field(default=None, ge=0, le=1)
    unknown_below: float = Field(default=0.5, ge=0, le=1)
    unknown_distance: float | None = Field(default=None, gt=0)


class FinderSpec(_Record):
    """The network that finds stents before they are named (`tasks.stent_finder`).

    presence: the least probability of a stent that is told. margin: side of the square that is
    cut out around a stent over its length. field_distance: an image farther than this from what
    the finder has learned from is refused; None where that is not known.
    """

    preprocessing: Preprocessing
    presence: float = Field(default=0.5, gt=0, lt=1)
    margin: float = Field(default=1.25, ge=1, le=4)
    field_distance: float | None = Field(default=None, gt=0)


class Manifest(_Record):
    """What a model is, how it was made and how it is to be used."""

    format_version: int = Field(default=FORMAT_VERSION, ge=1)
    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]
    name: Text
    version: Text
    task: Text
    description: Text
    authors: Text
    copyright: Text
    network_data_format: dict[str, Any]
    intended_use: Text
    data_source: Text
    eval_metrics: dict[str, Any]
    changelog: dict[str, str]
    architecture: Text  # timm's name
    labels: Annotated[tuple[LabelSpec, ...], Field(min_length=1)]
    preprocessing: Preprocessing
    temperature: float = Field(default=1.0, ge=1e-3, le=1e3)
    thresholds: Thresholds = Thresholds()
    finder: FinderSpec | None = None  # None: the network reads the whole field, one stent
    training: dict[str, Any]
    files: dict[str, Sha256] = Field(default_factory=dict)

    @field_validator("labels")
    @classmethod
    def _distinct(cls, labels: tuple[LabelSpec, ...]) -> tuple[LabelSpec, ...]:
        if len({label.name for label in labels}) < len(labels):
            raise ValueError("two labels have the same name")
        if any(AND in label.name for label in labels):
            raise ValueError(f"a label's name contains {AND!r}")
        return labels

    @field_validator("files")
    @classmethod
    def _plain_names(cls, files: dict[str, str]) -> dict[str, str]:
        for name in files:
            if not _FILE_NAME.fullmatch(name) or name == MANIFEST:
                raise ValueError(f"{name!r} is not a plain file name")
        return files


@dataclass(frozen=True, slots=True)
class Bundle:
    """A model that was found in order: its folder, its manifest and the hash over both."""

    folder: Path
    manifest: Manifest
    sha256: str

    @property
    def ref(self) -> ModelRef:
        """What a reading records of its model."""
        manifest = self.manifest
        return ModelRef(manifest.id, self.sha256, manifest.name, manifest.version)

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(label.name for label in self.manifest.labels)

    def has(self, name: str) -> bool:
        """Whether the bundle carries this file (`ONNX`, `SAFETENSORS`, `HEAD`)."""
        return name in self.manifest.files

    def path(self, name: str) -> Path:
        """The path of one of the bundle's files; raises KnownError if it carries no such file."""
        if not self.has(name):
            raise KnownError(
                sentence(
                    "The model {model} has no file {name}. Install it again.",
                    model=self.manifest.id,
                    name=name,
                )
            )
        return self.folder / name

    def read(self, name: str) -> bytes:
        """The content of one of the bundle's files, compared with its hash once more.

        What is executed is what was hashed, even where the file has been replaced since the
        bundle was loaded. Raises KnownError where it is missing or differs.
        """
        try:
            content = self.path(name).read_bytes()
        except OSError as error:
            reason = error.strerror or sentence("the disk refused")
            raise _damaged(
                self.manifest.id,
                sentence("{name} cannot be read ({reason})", name=name, reason=reason),
            ) from error
        if hashlib.sha256(content).hexdigest() != self.manifest.files[name]:
            raise _damaged(
                self.manifest.id, sentence("{name} is damaged or was changed", name=name)
            )
        return content

    def head(self) -> tuple[FloatArray, FloatArray]:
        """The last linear layer: weight (classes, C) and bias (classes,), float32.

        Raises KnownError where the file cannot be read or does not fit the labels.
        """
        from safetensors import SafetensorError
        from safetensors.numpy import load

        content = self.read(HEAD)
        try:
            tensors = load(content)
            weight = np.asarray(tensors["weight"], np.float32)
            bias = np.asarray(tensors["bias"], np.float32)
        except (SafetensorError, KeyError) as error:
            raise _damaged(
                self.manifest.id, sentence("{file} cannot be read", file=HEAD)
            ) from error
        classes = len(self.manifest.labels)
        if weight.ndim != 2 or weight.shape[0] != classes or bias.shape != (classes,):
            raise _damaged(
                self.manifest.id,
                sentence("{file} does not fit its {classes} labels", file=HEAD, classes=classes),
            )
        return weight, bias


def load_bundle(folder: Path, verify: bool = True) -> Bundle:
    """Read a model's manifest and, with `verify`, check every file against its SHA-256.

    Raises UserError where the folder holds no model or one made for a newer program, KnownError
    naming the file that is damaged, changed, missing or not listed.
    """
    raw = _read_manifest(folder)
    manifest = _validated(folder.name, {k: v for k, v in raw.items() if k != "sha256"})
    digest = _digest(raw)
    if raw.get("sha256") != digest:
        raise _damaged(
            folder.name, sentence("{file} was changed after the model was made", file=MANIFEST)
        )
    bundle = Bundle(folder, manifest, digest)
    if verify:
        _verify_files(bundle)
    return bundle


def claims(folder: Path) -> dict[str, Any]:
    """What a model's manifest says, unchecked, to tell whose damage it is; empty if unreadable."""
    try:
        return _read_manifest(folder)
    except (KnownError, UserError):
        return {}


def write_bundle(folder: Path, manifest: Manifest, files: Mapping[str, Path]) -> Bundle:
    """Copy the files (name in the bundle → source) into the folder and seal the manifest.

    Hashes already in the manifest are replaced. Returns the bundle as it was read back; raises
    UserError for a file name that is not one, KnownError where the folder cannot be written.
    """
    for name in files:
        if not _FILE_NAME.fullmatch(name) or name == MANIFEST:
            raise UserError(
                sentence("“{name}” cannot be the name of a file in a model.", name=name)
            )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, source in files.items():
            if source.resolve() != (folder / name).resolve():
                shutil.copyfile(source, folder / name)
        hashes = {name: _file_sha256(folder / name) for name in sorted(files)}
        raw = manifest.model_copy(update={"files": hashes}).model_dump(mode="json")
        raw["sha256"] = _digest(raw)
        text = json.dumps(raw, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
        (folder / MANIFEST).write_text(text, encoding="utf-8")
    except OSError as error:
        reason = error.strerror or sentence("the disk refused")
        raise KnownError(
            sentence(
                "The model {model} could not be written: {reason}.",
                model=manifest.id,
                reason=reason,
            )
        ) from error
    return load_bundle(folder)


def _read_manifest(folder: Path) -> dict[str, Any]:
    path = folder / MANIFEST
    try:
        if path.stat().st_size > _MANIFEST_LIMIT:
            raise _damaged(
                folder.name, sentence("{file} is larger than any manifest", file=MANIFEST)
            )
        raw = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError) as error:
        raise UserError(
            sentence(
                "{name} is not a model: it has no {file}. Choose a model's folder.",
                name=folder.name,
                file=MANIFEST,
            )
        ) from error
    except OSError as error:
        reason = error.strerror or sentence("the disk refused")
        raise _damaged(
            folder.name, sentence("{file} cannot be read ({reason})", file=MANIFEST, reason=reason)
        ) from error
    except (ValueError, RecursionError) as error:  # not UTF-8 or not JSON
        raise _damaged(
            folder.name, sentence("{file} is not readable text", file=MANIFEST)
        ) from error
    if not isinstance(raw, dict):
        raise _damaged(folder.name, sentence("{file} is not a manifest", file=MANIFEST))
    return raw


def _validated(name: str, raw: dict[str, Any]) -> Manifest:
    version = raw.get("format_version")
    if isinstance(version, int) and version > FORMAT_VERSION:
        raise UserError(
            sentence(
                "The model {name} has format {version}, this program reads up to {known}. "
                "Open it with a program that reads format {version}.",
                name=name,
                version=version,
                known=FORMAT_VERSION,
            )
        )
    try:
        return Manifest.model_validate_json(json.dumps(raw))
    except ValidationError as error:
        places = (".".join(str(part) for part in item["loc"]) for item in error.errors())
        fields = tuple(filter(None, dict.fromkeys(places))) or sentence("its text")
        raise _damaged(
            name,
            sentence("{file} is wrong or incomplete in: {fields}", file=MANIFEST, fields=fields),
        ) from error


def _verify_files(bundle: Bundle) -> None:
    name, listed = bundle.manifest.id, bundle.manifest.files
    if not listed:
        raise _damaged(name, sentence("it lists no weights"))
    for extra in sorted(_LISTED - set(listed)):
        if (bundle.folder / extra).exists():
            raise _damaged(
                name,
                sentence("{name} is there but not listed in {file}", name=extra, file=MANIFEST),
            )
    for file, expected in listed.items():
        path = bundle.folder / file
        if path.is_symlink() or not path.is_file():
            raise _damaged(name, sentence("{file} is missing", file=file))
        try:
            if path.stat().st_size > _FILE_LIMIT:
                raise _damaged(name, sentence("{file} is larger than 2 GB", file=file))
            found = _file_sha256(path)
        except OSError as error:
            reason = error.strerror or sentence("the disk refused")
            raise _damaged(
                name, sentence("{file} cannot be read ({reason})", file=file, reason=reason)
            ) from error
        if found != expected:
            raise _damaged(name, sentence("{file} is damaged or was changed", file=file))


def _damaged(name: str, what: str) -> KnownError:
    return KnownError(
        sentence(
            "The model {name} is not used: {what}. Install the model again.", name=name, what=what
        )
    )


def _file_sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _digest(raw: Mapping[str, Any]) -> str:
    """SHA-256 over the manifest as it stands in the file (its file hashes included).

    Over the text's content and not over the parsed record, so that a field that a later program
    adds with a default changes no hash that an old report holds.
    """
    content = {key: value for key, value in raw.items() if key != "sha256"}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()
