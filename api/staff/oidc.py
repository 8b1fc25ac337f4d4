"""Log-in through the identity provider of a partner organisation (OpenID Connect, optional).

Authorization code flow with PKCE, state and nonce; an `id_token` counts only if the issuer
signed it for us, just now, for this very log-in. It opens only accounts that an administrator
made: the first time by the e-mail address that the issuer has verified, from then on by the
issuer's own id of the person, whatever becomes of the address.
"""

import hashlib
import threading
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_plus, urlencode, urlsplit

import httpx
from authlib.common.security import generate_token  # type: ignore[import-untyped]
from authlib.oauth2.rfc7636 import create_s256_code_challenge  # type: ignore[import-untyped]
from authlib.oidc.core import CodeIDToken  # type: ignore[import-untyped]
from joserfc import jwk, jwt
from joserfc.errors import JoseError
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.errors import ForeignLogIn
from api.settings import Settings
from api.staff import sessions
from api.staff.accounts import Account, account_of, find_id, row_of
from api.staff.models import AccountRow

ALGORITHMS = ("RS256", "PS256", "ES256")  # never "none", never a key that both sides know
MULTI_FACTOR = frozenset(
    {
        "mfa",
        "phr",
        "phrh",
        "http://schemas.openid.net/pape/policies/2007/06/multi-factor",
        "http://schemas.microsoft.com/claims/multipleauthn",
        "https://refeds.org/profile/mfa",
    }
)
"""Words of `amr` (RFC 8176) and `acr` that say: two factors were asked for."""

_LARGEST = 256 * 1024  # bytes of an answer
_KEEP = 600.0  # seconds for which the addresses of the issuer are remembered
_LEEWAY = 60  # seconds by which clocks may differ


@dataclass(frozen=True)
class Started:
    """A log-in that was sent to the issuer; to be kept, sealed, in the browser meanwhile."""

    address: str  # where the browser goes
    state: str
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)


@dataclass(frozen=True)
class Identity:
    """Who the issuer says it is."""

    subject: str  # of issuer and person: 64 hex digits
    verified_email: str | None
    multi_factor: bool


class Issuer:
    """The one identity provider of the settings."""

    def __init__(self, settings: Settings) -> None:
        self._issuer = settings.oidc_issuer
        self._client = (settings.oidc_client_id, settings.oidc_client_secret.get_secret_value())
        self._back = f"{settings.public_base_url}/desk/oidc/back"
        self._http = httpx.Client(timeout=10, follow_redirects=False)
        self._lock = threading.Lock()
        self._known: tuple[float, dict[str, str]] | None = None
        self.name = settings.oidc_name

    def close(self) -> None:
        """Give back the connections."""
        self._http.close()

    def start(self) -> Started:
        """Prepare a log-in.

        Raises:
            ForeignLogIn: the issuer cannot be reached, or its own description is unusable.
        """
        endpoints = self._endpoints()
        state, nonce, verifier = generate_token(43), generate_token(43), generate_token(64)
        query = urlencode(
            {
                "response_type": "code",
                "client_id": self._client[0],
                "redirect_uri": self._back,
                "scope": "openid email",
                "state": state,
                "nonce": nonce,
                "code_challenge": create_s256_code_challenge(verifier),
                "code_challenge_method": "S256",
            }
        )
        joint = "&" if "?" in endpoints["authorization_endpoint"] else "?"
        address = endpoints["authorization_endpoint"] + joint + query
        return Started(address, state, nonce, verifier)

    def finish(self, code: str, *, nonce: str, verifier: str) -> Identity:
        """Turn the code that the browser brought back into who it is.

        Raises:
            ForeignLogIn: the issuer cannot be reached or refuses, or what it says is not
                signed by it, for us, now, for this log-in.
        """
        endpoints = self._endpoints()
        answer = self._json(
            "POST",
            endpoints["token_endpoint"],
            data={
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": self._back,
                "code_verifier": verifier,
            },
            auth=httpx.BasicAuth(*map(quote_plus, self._client)),  # RFC 6749, 2.3.1
        )
        keys = self._json("GET", endpoints["jwks_uri"])
        claims = self._claims(answer, keys, nonce)
        email = claims.get("email") if claims.get("email_verified") is True else None
        said = claims.get("amr") or []
        return Identity(
            subject=hashlib.sha256(f"{self._issuer}\0{claims['sub']}".encode()).hexdigest(),
            verified_email=email if isinstance(email, str) else None,
            multi_factor=bool(MULTI_FACTOR & {*map(str, said), str(claims.get("acr"))}),
        )

    def _claims(self, answer: dict[str, Any], keys: dict[str, Any], nonce: str) -> CodeIDToken:
        try:
            token = jwt.decode(
                str(answer.get("id_token", "")),
                _signing_keys(keys),
                algorithms=list(ALGORITHMS),
            )
            claims = CodeIDToken(
                token.claims,
                token.header,
                options={
                    "iss": {"essential": True, "value": self._issuer},
                    "aud": {"essential": True, "value": self._client[0]},
                    "nonce": {"essential": True, "value": nonce},
                    "sub": {"essential": True},
                },
                params={
                    "client_id": self._client[0],
                    "nonce": nonce,
                    "access_token": answer.get("access_token"),
                },
            )
            claims.validate(now=int(time.time()), leeway=_LEEWAY)
        except (JoseError, ValueError, TypeError, KeyError):
            raise ForeignLogIn("forged") from None
        return claims

    def _endpoints(self) -> dict[str, str]:
        with self._lock:
            if self._known is not None and self._known[0] > time.monotonic():
                return self._known[1]
        said = self._json("GET", f"{self._issuer}/.well-known/openid-configuration")
        endpoints = {
            name: str(said.get(name, ""))
            for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")
        }
        if said.get("issuer") != self._issuer or not all(map(_trusted, endpoints.values())):
            raise ForeignLogIn("forged")
        with self._lock:
            self._known = (time.monotonic() + _KEEP, endpoints)
        return endpoints

    def _json(self, method: str, address: str, **more: Any) -> dict[str, Any]:
        try:
            with self._http.stream(method, address, **more) as response:
                if response.status_code != httpx.codes.OK:
                    raise ForeignLogIn("refused" if response.is_client_error else "unreachable")
                body = bytearray()
                for part in response.iter_bytes():
                    body += part
                    if len(body) > _LARGEST:
                        raise ForeignLogIn("forged")
            said = httpx.Response(200, content=bytes(body)).json()
        except (httpx.HTTPError, httpx.InvalidURL):
            raise ForeignLogIn("unreachable") from None
        except ValueError:
            raise ForeignLogIn("forged") from None
        if not isinstance(said, dict):
            raise ForeignLogIn("forged")
        return said


def log_in(session: Session, identity: Identity, old_cookie: str) -> tuple[Account, str]:
    """Begin a session for whom the issuer named; the second factor is asked for if it did not.

    Returns:
        The account and the cookie of its session.

    Raises:
        ForeignLogIn: no active account is meant for this person ("unknown"), or the issuer has
            not verified the e-mail address ("unverified-email").
    """
    row = session.scalar(select(AccountRow).where(AccountRow.oidc_subject == identity.subject))
    if row is None:
        row = _first_time(session, identity)
    if not row.active:
        raise ForeignLogIn("unknown")
    sessions.end(session, old_cookie)
    if row.totp_confirmed_at is None:
        row.sealed_totp = None
    return account_of(row), sessions.begin(session, row.id, second_factor=identity.multi_factor)


def _first_time(session: Session, identity: Identity) -> AccountRow:
    if identity.verified_email is None:
        raise ForeignLogIn("unverified-email")
    account_id = find_id(session, identity.verified_email)
    if account_id is None:
        raise ForeignLogIn("unknown")
    row = row_of(session, account_id)
    if not row.active or row.oidc_subject is not None:
        raise ForeignLogIn("unknown")
    row.oidc_subject = identity.subject
    session.flush()
    return row


def _signing_keys(said: dict[str, Any]) -> jwk.KeySet:
    """The issuer's keys of the kinds that we use; it may have others for other purposes."""
    found = said.get("keys")
    keys = [
        jwk.import_key(key)
        for key in (found if isinstance(found, list) else [])
        if isinstance(key, dict)
        and key.get("kty") in ("RSA", "EC")
        and key.get("use", "sig") == "sig"
    ]
    return jwk.KeySet(keys)


def _trusted(address: str) -> bool:
    parts = urlsplit(address)
    loopback = parts.hostname in ("127.0.0.1", "localhost", "::1")
    return parts.scheme == "https" or (parts.scheme == "http" and loopback)
