"""A stand-in for Supabase Auth: its key set over HTTP, and tokens as it signs them."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from joserfc import jwt
from joserfc.jwk import ECKey, Key, OctKey, RSAKey

JWKS_PATH = "/auth/v1/.well-known/jwks.json"


def user_claims(issuer: str, **changes: Any) -> dict[str, Any]:
    """The claims of a signed-in user, as Supabase writes them; a change to None takes one out."""
    now = int(time.time())
    claims = {
        "iss": issuer,
        "sub": "8f5a5c5e-2c0e-4d0b-9b1e-0c6f7a3b1d22",
        "aud": "authenticated",
        "exp": now + 3600,
        "iat": now,
        "email": "mike@example.com",
        "phone": "",
        "app_metadata": {"provider": "email", "providers": ["email"]},
        "user_metadata": {"email_verified": True},
        "role": "authenticated",
        "aal": "aal1",
        "amr": [{"method": "password", "timestamp": now}],
        "session_id": "b9f0c2f4-9a55-4a7e-8a8e-6b8a3a6d2f10",
        "is_anonymous": False,
    } | changes
    return {name: value for name, value in claims.items() if value is not None}


class SupabaseAuth:
    """One project: its signing keys, what it was asked, and whether it is in the mood to answer."""

    def __init__(self) -> None:
        self.url = ""
        self.elliptic = ECKey.generate_key("P-256", {"kid": "elliptic"}, private=True)
        self.rsa = RSAKey.generate_key(2048, {"kid": "rsa"}, private=True)
        self.published: list[Key] = [self.elliptic, self.rsa]
        self.fetches = 0
        self.status = 200

    @property
    def issuer(self) -> str:
        """The ``iss`` of its tokens."""
        return f"{self.url}/auth/v1"

    def sign(self, key: Key, algorithm: str, **changes: Any) -> str:
        """A user's token under ``key``."""
        header = {"alg": algorithm, "kid": key.kid, "typ": "JWT"}
        return jwt.encode(header, user_claims(self.issuer, **changes), key, algorithms=[algorithm])

    async def answer(self, _: web.Request) -> web.Response:
        """The public halves of the published keys."""
        self.fetches += 1
        if self.status != 200:
            return web.Response(status=self.status)
        return web.json_response({"keys": [key.as_dict(private=False) for key in self.published]})


def shared_secret_token(secret: str, issuer: str, **changes: Any) -> str:
    """A user's token of a project that still signs with its shared secret."""
    return jwt.encode({"alg": "HS256"}, user_claims(issuer, **changes), OctKey.import_key(secret))


@asynccontextmanager
async def supabase_auth() -> AsyncIterator[SupabaseAuth]:
    """Serve a project on a free port of this machine."""
    project = SupabaseAuth()
    app = web.Application()
    app.router.add_get(JWKS_PATH, project.answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    project.url = f"http://{host}:{port}"
    try:
        yield project
    finally:
        await runner.cleanup()
