"""Settings of a partner's log-in that would not be safe, or would not work, stop the start."""

import pytest
from pydantic import ValidationError

from api.settings import Settings


@pytest.mark.parametrize(
    ("issuer", "client", "secret"),
    [
        ("http://login.example.org", "sahi", "secret"),
        ("login.example.org", "sahi", "secret"),
        ("https://login.example.org", "", "secret"),
        ("https://login.example.org", "sahi", ""),
    ],
)
def test_half_of_an_issuer_is_refused(issuer: str, client: str, secret: str) -> None:
    with pytest.raises(ValidationError):
        Settings(oidc_issuer=issuer, oidc_client_id=client, oidc_client_secret=secret)


@pytest.mark.parametrize("issuer", ["https://login.example.org/tenant", "http://127.0.0.1:9"])
def test_an_issuer_over_https_or_on_this_machine_is_taken(issuer: str) -> None:
    Settings(oidc_issuer=issuer, oidc_client_id="sahi", oidc_client_secret="secret")
