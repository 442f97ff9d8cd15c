"""What the tests of the wizard share: images on disk, the wizard opened, and waiting for it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import cv2
import numpy as np
from pytestqt.qtbot import QtBot

from stentviewer.core.errors import UserError
from stentviewer.ui.wizard.change import ChangePage
from stentviewer.ui.wizard.data import DataPage
from stentviewer.ui.wizard.dialog import WizardDialog
from stentviewer.ui.wizard.how import HowPage
from tests.ui.conftest import MAKERS, Desk


def write_images(
    folder: Path, *labels: str, patients: int = 3, views: int = 2, text: str = ""
) -> Path:
    """A folder for each label, in it one for each patient; no two pictures are alike."""
    for label in labels:
        for patient in range(patients):
            for view in range(views):
                write_image(folder / label / f"{label} {patient}" / f"{view}.png", text)
    return folder


def write_image(path: Path, text: str = "") -> Path:
    """A picture of its own, with a word burned in where one is given."""
    rng = np.random.default_rng(hash_of(path))
    coarse = rng.integers(40, 180, (9, 12)).astype(np.uint8)
    pixels = cv2.resize(coarse, (256, 192), interpolation=cv2.INTER_CUBIC)
    pixels = np.clip(pixels + rng.normal(0, 4, pixels.shape), 20, 200).astype(np.uint8)
    if text:
        cv2.putText(pixels, text, (24, 40), cv2.FONT_HERSHEY_SIMPLEX, 0.6, 255, 1, cv2.LINE_8)
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), pixels)
    return path


def hash_of(path: Path) -> int:
    """The same for the same place in every run of the tests."""
    place = "/".join(path.parts[-3:]).encode()
    return int.from_bytes(hashlib.sha256(place).digest()[:8], "little")


class NoRuns:
    """In place of `Training`: what is about the choices alone starts no process."""

    is_stopping = False

    def listen(self, listener: object) -> None:
        return None

    def start(self, run: object) -> None:
        raise UserError("Here no run is started.")

    def close(self) -> None:
        return None


class WizardDesk:
    """The wizard over a window, and the person before it."""

    def __init__(self, desk: Desk, qtbot: QtBot) -> None:
        self.desk, self._qtbot = desk, qtbot
        desk.window.wizard.running.runner._make = NoRuns
        self.dialog = self.open()

    def open(self) -> WizardDialog:
        self.desk.window.actions_by_id["learn"].trigger()
        wizard = self.desk.window.wizard
        self._qtbot.waitUntil(lambda: wizard.dialog is not None, timeout=60_000)
        assert wizard.dialog is not None
        self.dialog = wizard.dialog
        self.settle()
        return self.dialog

    def settle(self, timeout: int = 120_000) -> None:
        """Wait until nothing is under way for the wizard."""
        bridge = self.desk.window.wizard.bridge
        self._qtbot.waitUntil(lambda: not bridge.jobs, timeout=timeout)

    @property
    def flow(self):
        return self.dialog.flow

    @property
    def change(self) -> ChangePage:
        page = self.dialog.page
        assert isinstance(page, ChangePage)
        return page

    @property
    def data(self) -> DataPage:
        page = self.dialog.page
        assert isinstance(page, DataPage)
        return page

    @property
    def how(self) -> HowPage:
        page = self.dialog.page
        assert isinstance(page, HowPage)
        return page

    @property
    def said(self) -> str:
        """What is said above the page."""
        messages = self.dialog.messages
        return messages.text.text() if messages.isVisible() else ""

    def gather(self, folder: Path) -> None:
        self.change.gather("folders", folder)
        self.settle()

    def go_on(self) -> None:
        assert self.dialog.next.isEnabled(), self.dialog.why.text()
        self.dialog.next.click()
        self.settle()

    def with_coil(self, folder: Path, patients: int = 3, views: int = 2) -> None:
        """A new design, and images of it and of every class; fewer than start more processes."""
        self.gather(write_images(folder, *MAKERS, "Coil", patients=patients, views=views))
        self.change.labels.newWanted.emit("Coil")
