"""What every document of content is made of: languages, ids, lines, values that never change."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints, field_validator

LANGUAGES = ("en", "ur", "ur-Latn")
"""The full languages: everything is written in each of them. More may be declared in
`languages.yaml`; what they lack is said in the full one that they fall back to."""

Language = Literal["en", "ur", "ur-Latn"]
Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64)]
# Long enough for a ramble of a hundred words: people do write like that.
Line = Annotated[str, StringConstraints(min_length=1, max_length=600, pattern=r"^[^\n]+$")]
LanguageCode = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Z][a-z]{3})?$")]


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
        if isinstance(value, dict) and set(LANGUAGES) & set(value):
            others = [code for code in value if code not in LANGUAGES]
            return {code: value[code] for code in (*LANGUAGES, *others) if code in value}
        return value
