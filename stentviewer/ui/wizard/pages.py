"""The pages of the wizard, in the order of the steps."""

from __future__ import annotations

from stentviewer.ui.wizard.change import ChangePage
from stentviewer.ui.wizard.data import DataPage
from stentviewer.ui.wizard.how import HowPage
from stentviewer.ui.wizard.page import Page
from stentviewer.ui.wizard.promote import PromotePage
from stentviewer.ui.wizard.result import ResultPage
from stentviewer.ui.wizard.run import RunPage

PAGES: tuple[type[Page], ...] = (
    ChangePage,
    DataPage,
    HowPage,
    RunPage,
    ResultPage,
    PromotePage,
)
