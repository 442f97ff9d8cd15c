"""The window's language: English in the source, Korean beside it (Qt Linguist)."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from stentviewer.core.paths import resources_dir


def QT_TRANSLATE_NOOP(_context: str, text: str) -> str:
    """Mark a text for translation where it stands; lupdate knows it by this name."""
    return text


def language_in_use(setting: str) -> str:
    """ "en" or "ko" for the setting "system", "en" or "ko"."""
    if setting != "system":
        return setting
    korean = QLocale.system().language() == QLocale.Language.Korean
    return "ko" if korean else "en"


def install(app: QCoreApplication, setting: str) -> list[QTranslator]:
    """Load the language's translations, ours and Qt's own; English needs none.

    The translators belong to `app`; they are returned so that a test can remove them.
    """
    language = language_in_use(setting)
    if language == "en":
        return []
    QLocale.setDefault(QLocale(language))
    qt = Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath))
    ours = resources_dir() / "i18n" / f"stentviewer_{language}.qm"
    installed = []
    for file in (qt / f"qtbase_{language}.qm", ours):
        translator = QTranslator(app)
        if translator.load(str(file)) and app.installTranslator(translator):
            installed.append(translator)
    return installed
