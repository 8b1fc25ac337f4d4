"""Table of recorded answers. Private to this package."""

from datetime import datetime

from sqlalchemy import BigInteger, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from api.db import Base, now

BigId = BigInteger().with_variant(Integer, "sqlite")


class RecordingRow(Base):
    """The recording of one answer in one language. A new one is a new row."""

    __tablename__ = "recording"
    __table_args__ = (
        UniqueConstraint("topic", "language"),
        # Else SQLite gives the number of a deleted row to the next: a message would get another.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    topic: Mapped[str] = mapped_column(String(64))
    language: Mapped[str] = mapped_column(String(16))
    text_hash: Mapped[str] = mapped_column(String(64))  # of the words that were read out
    content_type: Mapped[str] = mapped_column(String(32))
    size: Mapped[int]
    seconds: Mapped[float | None]
    sha256: Mapped[str] = mapped_column(String(64))
    key: Mapped[str] = mapped_column(String(80))
    uploaded_by: Mapped[int | None]
    uploaded_at: Mapped[datetime] = mapped_column(default=now)
    released_by: Mapped[int | None]
    released_at: Mapped[datetime | None]
