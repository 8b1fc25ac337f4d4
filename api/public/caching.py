"""What may be kept by browsers and proxies, and for how long.

A page depends on the content version, on the day (an answer can pass its review date
overnight) and on our own templates and code; its tag is made of these three.
"""

import datetime
import hashlib
from pathlib import Path

from fastapi import Request, Response

KEPT_SECONDS = 60
"""A correction or withdrawal reaches everybody within this time."""

_HERE = Path(__file__).parent


def _build() -> str:
    digest = hashlib.sha256()
    for folder, pattern in ((_HERE, "*.py"), (_HERE.parent / "templates" / "answers", "*.html")):
        for path in sorted(folder.glob(pattern)):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:8]


BUILD = _build()


def tag(version: int, day: datetime.date) -> str:
    """The entity tag of everything public at one content version on one day."""
    return f'"{version}-{day:%Y%m%d}-{BUILD}"'


def is_known(request: Request, entity_tag: str) -> bool:
    """Whether the asker has this state already (RFC 9110, 13.1.2: weak comparison)."""
    known = request.headers.get("if-none-match", "")
    return known.strip() == "*" or entity_tag in [
        item.strip().removeprefix("W/") for item in known.split(",")
    ]


def keep(response: Response, entity_tag: str) -> Response:
    """Mark a response as cacheable."""
    response.headers["Cache-Control"] = f"public, max-age={KEPT_SECONDS}"
    response.headers["ETag"] = entity_tag
    return response
