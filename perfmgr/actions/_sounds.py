"""How a Chinese name sounds: the readings of each character, for searching by pinyin."""

from typing import Any

from perfmgr.rules.library import sound_text

OTHERS = 2  # other readings kept of one character; what comes after them is rare


def sounds_of(name: str) -> str:
    """Return what typed pinyin is looked for in (see ``rules.library.sound_text``).

    The reading that fits the word comes first, then the other readings of each character.
    """
    # The dictionary takes tens of megabytes; only a process that saves an entry needs it.
    from pypinyin import Style, pinyin

    def single(text: str) -> Any:
        return list(text)

    likely = pinyin(name, style=Style.NORMAL, errors=single)
    # Asked for each character alone: within a word only the reading of the word is known.
    others = [pinyin(one, style=Style.NORMAL, heteronym=True, errors=single)[0] for one in name]
    if len(likely) != len(others):
        return sound_text(likely)
    return sound_text(
        [
            [*first, *[one for one in more if one not in first][:OTHERS]]
            for first, more in zip(likely, others, strict=True)
        ]
    )
