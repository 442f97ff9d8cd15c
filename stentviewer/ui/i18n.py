"""The window's language: English in the source, Korean beside it.

What the window says itself is translated by Qt Linguist's file. What the layers below say is a
`Sentence` (core/sentences.py); `say` finds its template in resources/i18n/sentences_ko.json.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from stentviewer.core.paths import resources_dir
from stentviewer.core.sentences import Sentence, fill, places

_NAME = "language"  # of our translators among the application's children
_said: dict[str, str] = {}  # template → the same in the language in use; empty for English


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
    """Change to the language: translations, ours and Qt's own, and how numbers are written.

    The former language goes. What is made from now on speaks the new one; a window made before is
    made again by whoever owns it. Returns the translators in use, none for English.
    """
    uninstall(app)
    language = language_in_use(setting)
    QLocale.setDefault(QLocale(language))
    if language == "en":
        return []
    ours = resources_dir() / "i18n"
    _said.update(sentences_of(language))
    qt = Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath))
    installed = []
    for file in (qt / f"qtbase_{language}.qm", ours / f"stentviewer_{language}.qm"):
        translator = QTranslator(app)
        translator.setObjectName(_NAME)
        if translator.load(str(file)) and app.installTranslator(translator):
            installed.append(translator)
        else:
            translator.deleteLater()
    return installed


def uninstall(app: QCoreApplication) -> None:
    """Back to English and to the computer's way of writing numbers."""
    for translator in app.findChildren(QTranslator, _NAME):
        app.removeTranslator(translator)
        translator.setParent(None)
        translator.deleteLater()
    _said.clear()
    QLocale.setDefault(QLocale.system())


def sentences_of(language: str) -> dict[str, str]:
    """Template → the same in this language. Raises OSError and ValueError for a broken package."""
    file = resources_dir() / "i18n" / f"sentences_{language}.json"
    known: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
    return known


def say(text: str) -> str:
    """A sentence of the layers below, in the window's language.

    A plain text is recognised where it is a known sentence that came back from a file or the
    library; anything else is returned as it is.
    """
    if not _said:
        return str(text)
    if isinstance(text, Sentence):
        known = _said.get(text.template)
        return str(text) if known is None else fill(known, text.values, _say_value)
    return _recognise(text)


def say_kept(text: str) -> str:
    """A text of the audit trail, where a single word is one of ours too."""
    return _said.get(text) or say(text)


def _say_value(value: str) -> str:
    """A name is never translated, even where it reads like one of our words."""
    return say(value) if isinstance(value, Sentence) or _is_whole(value) else value


def _is_whole(text: str) -> bool:
    return " " in text and text.endswith(".")


def _recognise(text: str) -> str:
    for template in sorted(_said, key=_weight, reverse=True):
        start = template.partition("{")[0]
        enough = 1 if "{" in template else 2  # a single word may be anybody's name
        if _weight(template) >= enough and text.startswith(start):
            found = re.fullmatch(_pattern(template), text, re.DOTALL)
            if found:
                return fill(_said[template], found.groupdict(), _say_value)
    return text


def _weight(template: str) -> int:
    """How many words of its own a template has: the most telling is tried first."""
    return len(re.findall(r"[A-Za-z]{2,}", re.sub(r"\{.*?\}", " ", template)))


def _pattern(template: str) -> str:
    """The template with a group for every place; braces are never literal in ours."""
    names = places(template)
    literals = re.split(r"\{.*?\}", template)
    parts = [re.escape(literals[0])]
    for place, (name, literal) in enumerate(zip(names, literals[1:], strict=True)):
        parts.append(f"(?P={name})" if name in names[:place] else f"(?P<{name}>.+)")
        parts.append(re.escape(literal))
    return "".join(parts)
