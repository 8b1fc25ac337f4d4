"""What every document of content is made of: languages, ids, lines, values that never change."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints, field_validator

LANGUAGES = ("en", "ur", "ur-Latn")
Language = Literal["en", "ur", "ur-Latn"]
Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64)]
# Long enough for a ramble of a hundred words: people do write like that.
Line = Annotated[str, StringConstraints(min_length=1, max_length=600, pattern=r"^[^\n]+$")]


class Document(BaseModel):
    """Base: unknown keys are errors, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    def plain(self) -> dict[str, Any]:
        """Keys in file order, values as JSON knows them; what is unset is left out."""
        return self.model_dump(mode="json", exclude_defaults=True)

    def for_file(self) -> dict[str, Any]:
        """As `plain`, with days as days, for the YAML layout."""
        return self.model_dump(mode="python", exclude_defaults=True)

    @field_validator("*", mode="after")
    @classmethod
    def _languages_in_order(cls, value: Any) -> Any:
        if isinstance(value, dict) and set(value) <= set(LANGUAGES):
            return {code: value[code] for code in LANGUAGES if code in value}
        return value
