"""The pages of the wizard, in the order of the steps."""

from __future__ import annotations

from stentviewer.ui.wizard.change import ChangePage
from stentviewer.ui.wizard.data import DataPage
from stentviewer.ui.wizard.how import HowPage
from stentviewer.ui.wizard.page import Page

PAGES: tuple[type[Page], ...] = (ChangePage, DataPage, HowPage)
