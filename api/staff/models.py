"""Tables of the people behind the desk. Private to this package."""

from datetime import datetime

from sqlalchemy import (
    JSON,
    ForeignKey,
    Integer,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from api.db import Base, now


class OrganisationRow(Base):
    """A partner whose people work at the desk."""

    __tablename__ = "organisation"
    __table_args__ = (UniqueConstraint("name"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime] = mapped_column(default=now)


class AccountRow(Base):
    """One person who may log in. `email` is the log-in name, in small letters."""

    __tablename__ = "account"
    __table_args__ = (UniqueConstraint("email"), UniqueConstraint("oidc_subject"))

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    email: Mapped[str] = mapped_column(String(254))
    name: Mapped[str] = mapped_column(String(80))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    roles: Mapped[list[str]] = mapped_column(JSON, default=list)
    language: Mapped[str] = mapped_column(String(8), default="en")
    password_hash: Mapped[str | None] = mapped_column(Text)  # argon2id; None: OIDC only
    sealed_totp: Mapped[str | None] = mapped_column(Text)  # under encryption
    totp_confirmed_at: Mapped[datetime | None]
    totp_step: Mapped[int] = mapped_column(default=0)  # the last one used: no code works twice
    oidc_subject: Mapped[str | None] = mapped_column(String(255))  # issuer and subject
    active: Mapped[bool] = mapped_column(default=True)
    must_change_password: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(default=now)
    organisation: Mapped[OrganisationRow] = relationship(lazy="joined")


class RecoveryCodeRow(Base):
    """A code that stands in for a lost second factor, once. Only its digest is kept."""

    __tablename__ = "recovery_code"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    account_id: Mapped[int] = mapped_column(
        ForeignKey("account.id", ondelete="CASCADE"), index=True
    )
    digest: Mapped[str] = mapped_column(String(64))
    used_at: Mapped[datetime | None]


class SessionRow(Base):
    """A browser that has logged in. Only the digest of its cookie is kept."""

    __tablename__ = "staff_session"
    __table_args__ = (UniqueConstraint("digest"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))
    account_id: Mapped[int] = mapped_column(
        ForeignKey("account.id", ondelete="CASCADE"), index=True
    )
    form_token: Mapped[str] = mapped_column(String(64))  # stands in every form of the session
    second_factor: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(default=now)
    seen_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime]


class DutyHoursRow(Base):
    """When counsellors of an organisation are there: minutes of a weekday (0 is Monday)."""

    __tablename__ = "duty_hours"
    __table_args__ = (
        UniqueConstraint("organisation_id", "weekday", "begins", name="uq_duty_hours_begin"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="CASCADE"))
    weekday: Mapped[int] = mapped_column(SmallInteger)
    begins: Mapped[int] = mapped_column(SmallInteger)
    ends: Mapped[int] = mapped_column(SmallInteger)
