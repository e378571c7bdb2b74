"""How a Chinese name sounds: the readings of each character, for searching by pinyin."""

from typing import Any

from perfmgr.rules.library import sound_text


def sounds_of(name: str) -> str:
    """Return what typed pinyin is looked for in (see ``rules.library.sound_text``).

    The reading that fits the word comes first, then the other readings of each character.
    """
    # The dictionary takes tens of megabytes; only a process that saves an entry needs it.
    from pypinyin import Style, pinyin

    def single(text: str) -> Any:
        return list(text)

    likely = pinyin(name, style=Style.NORMAL, errors=single)
    others = pinyin(name, style=Style.NORMAL, heteronym=True, errors=single)
    if len(likely) != len(others):  # runs of other characters may be cut differently; then the likely one must do
        others = likely
    return sound_text([[*first, *more] for first, more in zip(likely, others, strict=True)])
