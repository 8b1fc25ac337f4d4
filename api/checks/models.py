"""The table of recruiters. Private to this package."""

from datetime import date

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from api.db import Base


class PromoterLicenceRow(Base):
    """One licensed recruiter (overseas employment promoter), as an editor saw it on a day."""

    __tablename__ = "promoter_licence"

    # Letters and digits only, so that LHR/1234 and "lhr 1234" are one.
    number: Mapped[str] = mapped_column(String(40), primary_key=True)
    written: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(16))
    checked_on: Mapped[date]
    source: Mapped[str] = mapped_column(String(500))
