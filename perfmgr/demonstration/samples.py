"""The sample of the demonstration: finance draws among the sheets that are confirmed by now."""

from decimal import Decimal

from perfmgr.actions import samples
from perfmgr.extensions import db
from perfmgr.models.unit import Unit
from perfmgr.queries.people import Viewer
from perfmgr.rules.samples import Draw


def build(finance: Viewer, year: int) -> None:
    """Draw with the usual share and a seed that gives everybody the same sample, and share it out. ``finance`` has one post."""
    area = db.session.get_one(Unit, finance.posts[0].unit_id)
    sample = samples.create(area, year, Draw("20260601", Decimal("0.15"), Decimal(2)), finance)
    samples.share_out(sample, finance)
