"""What the thumbnails stand for: an image or run each, or the whole of a series that is a stack."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)

from stentviewer.core.types import RADIOGRAPHS
from stentviewer.library.records import ImageRecord, SeriesRecord, StudyRecord
from stentviewer.ui.plain import as_it_stands
from stentviewer.ui.worklist.marks import Mark, mark_of

MIME = "application/x-stentviewer-series"  # JSON: {"series": id or null, "image": id}

Index = QModelIndex | QPersistentModelIndex


class Role(IntEnum):
    """What a view may ask beyond Qt's own roles."""

    TILE = Qt.ItemDataRole.UserRole + 1
    DETAIL = Qt.ItemDataRole.UserRole + 2  # second line


@dataclass(frozen=True, slots=True)
class Tile:
    """An image, or a series that is opened as a whole."""

    study: StudyRecord
    series: SeriesRecord
    images: tuple[ImageRecord, ...]  # one, or all of a stack
    number: int  # among the series' images, from 1

    @property
    def is_stack(self) -> bool:
        return len(self.images) > 1

    @property
    def image(self) -> ImageRecord:
        """The one that is pictured: of a stack the middle one."""
        return self.images[len(self.images) // 2]

    @property
    def mark(self) -> Mark | None:
        """What is decided; None where there is nothing to be read."""
        marks = {mark_of(image) for image in self.images}
        for mark in (Mark.CORRECTED, Mark.ACCEPTED, Mark.READ):
            if mark in marks:
                return mark
        return Mark.UNREAD if self.series.modality in RADIOGRAPHS else None


def tiles_of(
    studies: Sequence[StudyRecord], is_stack: Callable[[SeriesRecord], bool]
) -> Iterator[Tile]:
    """The newest study's first; within a study in the order of its series and images."""
    for study in sorted(studies, key=lambda one: (one.date, one.time, one.id), reverse=True):
        for series in study.series:
            if len(series.images) > 1 and is_stack(series):
                yield Tile(study, series, series.images, 1)
                continue
            for number, image in enumerate(series.images, start=1):
                yield Tile(study, series, (image,), number)


class TileModel(QAbstractListModel):
    """The tiles of the studies that are looked at."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.tiles: list[Tile] = []
        self._places: dict[int, int] = {}
        self._studies = 0
        self._hides_identity = False

    def set_tiles(self, tiles: Sequence[Tile]) -> None:
        """Show these; where they are of the same images, nothing moves."""
        if [one.images[0].id for one in tiles] == [one.images[0].id for one in self.tiles]:
            self.tiles = list(tiles)
            self._find_places()
            if tiles:
                self.dataChanged.emit(self.index(0), self.index(len(tiles) - 1))
            return
        self.beginResetModel()
        self.tiles = list(tiles)
        self._studies = len({tile.study.id for tile in tiles})
        self._find_places()
        self.endResetModel()

    def _find_places(self) -> None:
        self._places = {
            image.id: place for place, tile in enumerate(self.tiles) for image in tile.images
        }

    def set_identity_hidden(self, hidden: bool) -> None:
        """Show no file names: people name files after patients."""
        self._hides_identity = hidden
        if self.tiles:
            self.dataChanged.emit(self.index(0), self.index(len(self.tiles) - 1))

    def place_of(self, image_id: int) -> int | None:
        """Which tile holds an image."""
        return self._places.get(image_id)

    # what Qt asks

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.tiles)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        tile = self.tiles[index.row()]
        if role == Role.TILE:
            return tile
        if role == Qt.ItemDataRole.DisplayRole:
            return self.title(tile)
        if role == Role.DETAIL:
            return self.detail(tile)
        if role == Qt.ItemDataRole.ToolTipRole:
            return as_it_stands("\n".join(self._words(tile)))
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join(self._words(tile))
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        usual = Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEnabled
        return usual | Qt.ItemFlag.ItemIsDragEnabled | Qt.ItemFlag.ItemNeverHasChildren

    def supportedDragActions(self) -> Qt.DropAction:
        return Qt.DropAction.CopyAction

    def mimeTypes(self) -> list[str]:
        return [MIME]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        data = QMimeData()
        if indexes:
            tile = self.tiles[indexes[0].row()]
            what = {"series": tile.series.id if tile.is_stack else None, "image": tile.image.id}
            data.setData(MIME, json.dumps(what).encode())
        return data

    def title(self, tile: Tile) -> str:
        """The first line: which one it is."""
        header, series = tile.image.header, tile.series
        of_many = len(series.images) > 1 and not tile.is_stack
        number = f"{tile.number}/{len(series.images)}" if of_many else ""
        if header.format != "DICOM" and not self._hides_identity:
            return str(header.path.name)
        count = "" if series.number is None else str(series.number)
        known = series.description or " ".join(filter(None, (series.modality, count)))
        return "  ".join(filter(None, (number, known))) or self.tr("Image {n}").format(
            n=tile.number
        )

    def detail(self, tile: Tile) -> str:
        """The second line: when, what with and how much."""
        when = tile.study.date if self._studies > 1 else ""
        if tile.is_stack:
            much = self.tr("{n} images").format(n=len(tile.images))
        elif tile.image.header.frames > 1:
            much = self.tr("{n} frames").format(n=tile.image.header.frames)
        else:
            much = ""
        what = tile.series.modality or ("" if much else tile.image.header.format)
        return " · ".join(filter(None, (when, what, much)))

    def mark_words(self, tile: Tile) -> str:
        """What is decided, in words: "EGIS, corrected"."""
        label = tile.image.label
        words = {
            Mark.UNREAD: self.tr("not yet read"),
            Mark.READ: self.tr("read, no answer yet"),
            Mark.ACCEPTED: self.tr("accepted"),
            Mark.CORRECTED: self.tr("corrected"),
        }
        said = words.get(tile.mark, "") if tile.mark else ""
        return f"{label.maker}, {said}" if label is not None and label.maker and said else said

    def _words(self, tile: Tile) -> list[str]:
        header = tile.image.header
        size = f"{header.columns} × {header.rows}"
        study = "  ".join(filter(None, (tile.study.date, tile.study.description)))
        words = [self.title(tile), self.detail(tile), size, study, self.mark_words(tile)]
        return [word for word in words if word]
