"""What every step of the wizard is: a page over the flow, and the room that the pages share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, TypeVar

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from stentviewer.core.errors import Cancelled, StentviewerError
from stentviewer.core.jobs import JobContext
from stentviewer.core.settings import Settings
from stentviewer.learning.wizard_flow import Step, WizardFlow
from stentviewer.ui import theme
from stentviewer.ui.bridge import Bridge
from stentviewer.ui.i18n import say

if TYPE_CHECKING:
    from stentviewer.app.session import Session
    from stentviewer.ui.desk import Desk
    from stentviewer.ui.wizard.runner import Runner

T = TypeVar("T")


class Room(QObject):
    """What the pages share. Work of theirs goes through a bridge of the wizard's own."""

    said = Signal(object)  # sentences for the person, shown above the page

    def __init__(
        self,
        bridge: Bridge,
        desk: Desk,
        runner: Runner,
        place: Path,
        settings: Callable[[], Settings],
        parent: QObject | None = None,
    ) -> None:
        """`place` holds the runs; `settings` are the window's as they are now."""
        super().__init__(parent)
        self.bridge = bridge
        self.desk = desk
        self.runner = runner
        self.place = place
        self.settings = settings

    @property
    def session(self) -> Session:
        """The open library and the models."""
        return self.desk.session

    def say(self, sentences: Sequence[str]) -> None:
        """Show these above the page until they are closed."""
        self.said.emit(list(sentences))

    def tell(self, error: BaseException) -> bool:
        """Say an error that has a sentence; False for a bug, which is then shown as one."""
        if isinstance(error, StentviewerError):
            self.say([str(error)])
        return isinstance(error, StentviewerError | Cancelled)

    def run(
        self,
        work: Callable[[JobContext], T],
        done: Callable[[T], None],
        *,
        key: str,
        title: str,
        failed: Callable[[BaseException], object] | None = None,
        ordered: bool = False,
    ) -> None:
        """Work beside the window; an error is said above the page. See `Bridge.run`."""

        def told(error: BaseException) -> bool:
            if failed is not None:
                failed(error)
            return self.tell(error)

        self.bridge.run(work, done, told, key=key, title=title, ordered=ordered)


class Page(QWidget):
    """One step. It shows the flow and changes nothing but the flow.

    A page is made once and entered again and again. Once a run is made of the choices
    (`flow.is_locked`) the first three show them and take no changes.
    """

    changed = Signal()  # the flow has changed: what can be done next is asked anew
    stepWanted = Signal(int)  # a Step to go to

    step: ClassVar[Step]

    def __init__(self, room: Room, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.room = room
        self._flow: WizardFlow | None = None

    @property
    def flow(self) -> WizardFlow:
        """The flow that was entered with. Raises RuntimeError before the first `enter`."""
        if self._flow is None:
            raise RuntimeError("the page was not entered")
        return self._flow

    @property
    def title(self) -> str:
        """The step in two or three words."""
        raise NotImplementedError

    @property
    def subtitle(self) -> str:
        """What the step is for, in one sentence."""
        return ""

    @property
    def next_title(self) -> str:
        """What the button says that leads on; empty where nothing follows."""
        return self.tr("Continue")

    def enter(self, flow: WizardFlow) -> None:
        """The step is shown; call this first, then show what the flow holds."""
        self._flow = flow

    def commit(self) -> bool:
        """Take what is still being written: the person is about to go elsewhere.

        False where it was refused, with a sentence said: then one stays.
        """
        return True

    def leave(self) -> None:
        """Another step is shown, or the wizard closes: stop work that only this page awaits."""

    def proceed(self) -> None:
        """The button that leads on was pressed. Raises UserError where one cannot go on."""
        self.flow.go_on()
        self.changed.emit()

    def apply(self, change: Callable[[], object]) -> bool:
        """Change the flow; what it refuses is said above the page. True where it was changed."""
        try:
            change()
        except StentviewerError as error:
            self.room.tell(error)
            return False
        self.changed.emit()
        return True


def heading(text: str, parent: QWidget) -> QLabel:
    """The title of a part of a page."""
    label = QLabel(text, parent)
    label.setObjectName("heading")
    return label


def words(text: str, parent: QWidget, look: str = "") -> QLabel:
    """A paragraph; look is "quiet", "research" (a caution) or the usual one.

    Never rich text: names in it come from files and people.
    """
    label = QLabel(say(text), parent)
    label.setObjectName(look)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def column(parent: QWidget, spacing: int = theme.GRID) -> QVBoxLayout:
    """A column without margins."""
    made = QVBoxLayout(parent)
    made.setContentsMargins(0, 0, 0, 0)
    made.setSpacing(spacing)
    return made


def row(*widgets: QWidget, stretch: bool = True) -> QHBoxLayout:
    """Widgets side by side from the left."""
    made = QHBoxLayout()
    made.setContentsMargins(0, 0, 0, 0)
    made.setSpacing(theme.GRID)
    for widget in widgets:
        made.addWidget(widget)
    if stretch:
        made.addStretch(1)
    return made


def card(parent: QWidget) -> QFrame:
    """A raised block with a column in it."""
    frame = QFrame(parent)
    frame.setObjectName("card")
    inside = column(frame)
    inside.setContentsMargins(12, 12, 12, 12)
    return frame
