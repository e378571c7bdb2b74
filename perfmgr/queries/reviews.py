"""Re-checks: what may be seen of the tiers of a sheet."""

from collections.abc import Sequence

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload, selectinload

from perfmgr.extensions import db
from perfmgr.models.review import Review


def _of(evaluation_id: int) -> Select[Review]:
    return (
        select(Review)
        .where(Review.evaluation_id == evaluation_id)
        .order_by(Review.tier)
        .options(joinedload(Review.by), selectinload(Review.lines))
    )


def submitted(evaluation_id: int) -> Sequence[Review]:
    """Return the tiers that have spoken, in their order. Drafts are sealed and never among them."""
    return db.session.scalars(_of(evaluation_id).where(Review.state == "submitted")).all()


def of_tier(evaluation_id: int, tier: int) -> Review | None:
    """Return one tier's re-check, draft or not; only for those who work on this tier."""
    return db.session.scalars(_of(evaluation_id).where(Review.tier == tier)).one_or_none()
