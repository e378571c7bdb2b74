"""Forms: a reviewer's remarks at sections and indicators."""

from collections.abc import Mapping

from perfmgr.models.declaration import Declaration
from perfmgr.rules.declarations import SECTIONS
from perfmgr.rules.refusals import Refused
from perfmgr.rules.texts import N_, clean

LONGEST = 1000


def read_remarks(form: Mapping[str, str], declaration: Declaration) -> list[dict[str, str]]:
    """Return the remarks typed, as (field, name, text): one per section, one per indicator.

    The name of the indicator is kept with it: rows may move before the preparer reads it.
    """
    places = [(section.name, "") for section in SECTIONS]
    places += [(f"indicators.{n}", row.name) for n, row in enumerate(declaration.indicators, 1)]
    found = []
    for field, name in places:
        text = clean(form.get(f"remark-{field}", ""))
        if len(text) > LONGEST:
            raise Refused(N_("批注最多 %(most)s 字，请缩短后再退回。"), field=field, most=LONGEST)
        if text:
            found.append({"field": field, "name": name, "text": text})
    return found
