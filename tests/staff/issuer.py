"""A small OpenID Connect issuer on loopback: real HTTP, real signatures."""

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwk, jwt

CLIENT = ("sahi", "client secret")


@cache
def new_key(kid: str) -> jwk.RSAKey:
    """A signing key of that name; to make one takes long."""
    return jwk.RSAKey.generate_key(2048, {"kid": kid, "use": "sig"})


class FakeIssuer:
    """Says who logs in. The test sets what it says, and how it misbehaves."""

    def __init__(self) -> None:
        self.key = new_key("one")
        self.published = [self.key.as_dict(private=False)]
        self.person: dict[str, Any] = {
            "sub": "person-1",
            "email": "amna@example.org",
            "email_verified": True,
        }
        self.more: dict[str, Any] = {}  # claims that replace what is right
        self.header: dict[str, Any] = {"alg": "RS256", "kid": "one"}
        self.signed_with: Any = self.key
        self.described: dict[str, Any] = {}
        self.codes: dict[str, dict[str, str]] = {}
        self.url = ""

    def agree(self, address: str) -> str:
        """What the issuer's log-in page does: gives the query with which the browser goes back."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT[0]
        assert asked["code_challenge_method"] == "S256"
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?code={code}&state={asked['state']}"

    def token(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        """The answer of the token endpoint."""
        asked = self.codes.pop(form.get("code", ""), None)
        client = base64.b64encode(":".join(map(_quoted, CLIENT)).encode()).decode()
        if asked is None or authorization != f"Basic {client}":
            return 400, {"error": "invalid_grant"}
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if challenge != asked["code_challenge"] or form["redirect_uri"] != asked["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        moment = int(time.time())
        claims = {
            "iss": self.url,
            "aud": CLIENT[0],
            "iat": moment,
            "exp": moment + 300,
            "nonce": asked["nonce"],
            **self.person,
            **self.more,
        }
        kept = {name: value for name, value in claims.items() if value is not None}
        signed = jwt.encode(self.header, kept, self.signed_with, [self.header["alg"]])
        return 200, {"access_token": "a", "token_type": "Bearer", "id_token": signed}

    def description(self) -> dict[str, Any]:
        """The document that says where everything is."""
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            **self.described,
        }


@contextmanager
def fake_issuer() -> Iterator[FakeIssuer]:
    """One that listens until the end of the test."""
    issuer = FakeIssuer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/.well-known/openid-configuration":
                self.reply(200, issuer.description())
            elif self.path == "/keys":
                self.reply(200, {"keys": issuer.published})
            else:
                self.reply(404, {})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            self.reply(*issuer.token(form, self.headers.get("Authorization", "")))

        def reply(self, status: int, said: dict[str, Any]) -> None:
            body = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    issuer.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield issuer
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()


def _quoted(text: str) -> str:
    """RFC 6749, 2.3.1: id and secret are form-encoded before they are joined."""
    return text.replace(" ", "+")
