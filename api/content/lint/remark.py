"""One thing that lint found, and where."""

from dataclasses import dataclass

from api.content.rules import Path


@dataclass(frozen=True)
class Remark:
    """`place` is the path inside the file; `also` another file and path that belongs to it."""

    rule: str
    file: str
    place: Path
    message: str
    is_fault: bool = False
    also: tuple[str, Path] | None = None
