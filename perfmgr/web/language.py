"""The language of a request, and its sentences: Chinese in the source, English from the catalogue."""

import gettext as catalogues
from contextvars import ContextVar
from functools import lru_cache
from typing import Any

from markupsafe import Markup

import config
from perfmgr.rules.texts import Named

CHINESE, ENGLISH = "zh", "en"
LANGUAGES = (CHINESE, ENGLISH)
FOLDER = config.ROOT / "perfmgr" / "translations"

# A context variable costs a tenth of a look-up through the request, and a page asks a hundred times.
_current: ContextVar[str] = ContextVar("language", default=CHINESE)


def use(language: str | None) -> None:
    """Make this the language of the present request; anything unknown is Chinese."""
    _current.set(language if language in LANGUAGES else CHINESE)


def current() -> str:
    """Return the language of the present request: ``zh`` or ``en``."""
    return _current.get()


def english() -> bool:
    """Tell whether the page is in English."""
    return _current.get() == ENGLISH


@lru_cache(maxsize=2)
def _catalogue(language: str) -> catalogues.NullTranslations:
    return catalogues.translation("messages", FOLDER, [language], fallback=True)


def gettext(message: str, **variables: Any) -> str:
    """Return the sentence in the language of the request, with its ``%(name)s`` places filled."""
    if _current.get() == ENGLISH and message:
        message = message.english if isinstance(message, Named) else _catalogue(ENGLISH).gettext(message)
    return message % variables if variables else message


def page_text(message: str, **variables: Any) -> Markup:
    """Return the sentence for a template: safe text, what is filled in is escaped, ``%%`` is a percent sign."""
    if _current.get() == ENGLISH and message:
        message = _catalogue(ENGLISH).gettext(message)
    if variables:
        return Markup(message) % variables  # noqa: S704 - our own sentence; variables are escaped
    return Markup(message.replace("%%", "%"))  # noqa: S704 - our own sentence


class LazyText:
    """A sentence of a class body: translated when it is shown, not when the module is loaded."""

    __slots__ = ("message",)

    def __init__(self, message: str) -> None:
        self.message = message

    def __str__(self) -> str:
        return gettext(self.message).replace("%%", "%")


def lazy_gettext(message: str) -> Any:
    """Mark a sentence of a class body for translation when it is shown."""
    return LazyText(message)
