"""Sign-ins: server-side sessions that end when they are ended here."""

from sqlalchemy import ForeignKey, String

from perfmgr.models.base import Base, Id, Mapped, Moment, mapped_column


class SignIn(Base):
    """One session of one person. Only a hash of the token is stored, so a copy of the table opens nothing."""

    __tablename__ = "sign_in"

    id: Mapped[Id]
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[Moment]
    seen_at: Mapped[Moment]
    ended_at: Mapped[Moment | None]
