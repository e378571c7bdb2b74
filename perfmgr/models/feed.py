"""Calendar subscriptions: one secret address a person, of which only a hash is stored."""

from sqlalchemy import ForeignKey, String

from perfmgr.models.base import Base, Id, Mapped, Moment, Word, mapped_column


class CalendarFeed(Base):
    """The subscription of one person, in the language it was made in."""

    __tablename__ = "calendar_feed"

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), unique=True)
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    language: Mapped[Word]
    created_at: Mapped[Moment]
