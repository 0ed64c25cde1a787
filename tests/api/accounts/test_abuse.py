"""What attackers try, as they would: over HTTP, against the whole application.

More of it stands where it belongs: reused refresh tokens in `test_sessions`, replayed codes in `test_mfa`,
swapped ciphertexts in `test_vault`, huge bodies in `test_edge`, formulas in `test_csv_text`, stale
connections in `test_pool`, names in `test_storage` and `test_documents`, ids of others in `test_access`.
"""

import base64
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import aiohttp
import psycopg
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey
from pwdlib.hashers.argon2 import Argon2Hasher

from api.app import describe
from core.clock import utc_now
from core.security.keys import SecretKey
from tests.api.accounts.conftest import Connect, DoJobs, NewPerson
from tests.api.accounts.people import PASSWORD, Client, Mailbox, Person
from tests.api.accounts.test_registration import STRONG, address
from tests.api.conftest import Api, ServeApi
from tests.standins.supabase_auth import supabase_auth, user_claims


def decoded(token: str) -> dict[str, Any]:
    """The claims of a token."""
    body = token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return claims


def unsigned(claims: dict[str, Any]) -> str:
    """A token that says that it needs no signature."""
    parts = [json.dumps(part).encode() for part in ({"alg": "none", "typ": "JWT"}, claims)]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts) + "."


class TestForgedTokens:
    async def test_every_kind_is_refused_in_the_same_words(
        self, api: Api, ask: Client, person: Person
    ) -> None:
        claims, key = decoded(person.token), OctKey.import_key(api.parts.secret_key.derive("owner-tokens"))
        other = OctKey.import_key(SecretKey(b"another installation's key 0123456789").derive("owner-tokens"))
        header = {"alg": "HS256"}
        forged = {
            "alg none": unsigned(claims),
            "without exp": jwt.encode(header, {k: v for k, v in claims.items() if k != "exp"}, key),
            "expired": jwt.encode(header, {**claims, "exp": 1}, key),
            "another aud": jwt.encode(header, {**claims, "aud": "mfa"}, key),
            "another issuer": jwt.encode(header, {**claims, "iss": "somebody"}, key),
            "another key": jwt.encode(header, claims, other),
            "another algorithm": jwt.encode({"alg": "HS512"}, claims, key, algorithms=["HS512"]),
            "of another kind": person.refresh_token,
            "cut": person.token[:-3],
        }
        good = await ask("GET", "/auth/me", None, person.bearer)
        answers = {
            name: await ask("GET", "/auth/me", None, {"Authorization": f"Bearer {token}"})
            for name, token in forged.items()
        }
        assert good.status == 200
        told = {(name, a.status, a.code, a.body["error"]["message"]) for name, a in answers.items()}
        message = "The token is invalid or has expired"
        assert told == {(name, 401, "INVALID_TOKEN", message) for name in forged}

    async def test_a_better_role_or_organization_in_ones_own_claims_needs_our_key(
        self, ask: Client, person: Person, new_person: NewPerson
    ) -> None:
        other = await new_person()
        for better in ({"role": "superadmin"}, {"organization_id": other.organization_id}):
            claims = decoded(person.token)
            claims["app_metadata"] |= better
            head, _, signature = person.token.split(".")
            body = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
            answer = await ask("GET", "/users", None, {"Authorization": f"Bearer {head}.{body}.{signature}"})
            assert answer.status == 401

    async def test_a_public_key_is_no_shared_secret(
        self, api: Api, serve_api: ServeApi, connect: Connect, person: Person
    ) -> None:
        async with supabase_auth() as project:
            settings = api.parts.settings.model_copy(update={"supabase_url": project.url})
            claims = user_claims(project.issuer, email=person.email)
            async with serve_api(settings) as served, connect(served.url) as ask:
                for public in (project.elliptic, project.rsa):
                    secret = OctKey.generate_key(256)
                    secret._raw_value = public.as_pem(private=False)
                    token = jwt.encode({"alg": "HS256", "kid": public.kid}, claims, secret)
                    answer = await ask("GET", "/auth/me", None, {"Authorization": f"Bearer {token}"})
                    assert (answer.status, answer.code) == (401, "INVALID_TOKEN")
                fine = project.sign(project.elliptic, "ES256", email=person.email)
                assert (await ask("GET", "/auth/me", None, {"Authorization": f"Bearer {fine}"})).status == 200


class TestMassAssignment:
    def test_no_body_takes_what_it_does_not_know(self) -> None:
        document = describe().openapi()
        open_bodies = [
            f"{method} {path}"
            for path, item in document["paths"].items()
            for method, operation in item.items()
            for schema in bodies(document, operation)
            if schema.get("additionalProperties") is not False
        ]
        # The AI SDK sends what it likes; what is not the message is not read.
        assert open_bodies == ["post /api/chat/ai-sdk"]

    async def test_nobody_becomes_more_by_a_field(
        self, ask: Client, person: Person, new_person: NewPerson
    ) -> None:
        other = await new_person()
        sent = {
            "role": "superadmin",
            "org_id": other.organization_id,
            "organization_id": other.organization_id,
        }
        for name, value in sent.items():
            for method, path, body in (
                ("POST", "/auth/register", {"email": address(), "password": STRONG, "full_name": "J"}),
                ("POST", "/invitations", {"email": address(), "role": "viewer"}),
                ("PATCH", f"/users/{person.user_id}", {"full_name": "J"}),
                ("POST", "/api-keys", {"name": "k", "scopes": ["read:*"]}),
                ("POST", "/gdpr/consent", {"marketing": True}),
            ):
                answer = await ask(method, path, {**body, name: value}, person.bearer)
                assert answer.status == 422, (path, name)
        me = (await ask("GET", "/auth/me", None, person.bearer)).body
        assert (me["role"], me["org_id"]) == ("admin", person.organization_id)


def bodies(document: dict[str, Any], operation: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The schemas of a route's JSON bodies."""
    content = operation.get("requestBody", {}).get("content", {})
    schema = content.get("application/json", {}).get("schema")
    for one in (schema or {}).get("anyOf", [schema] if schema else []):
        found = one
        while "$ref" in found:
            found = document["components"]["schemas"][found["$ref"].rpartition("/")[2]]
        if found.get("type") == "object":
            yield found


class TestNames:
    NAMES = ("../../etc/passwd", "..%2f..%2fetc%2fpasswd", "%2e%2e/%2e%2e/secret_key", "....//secret_key")

    async def test_no_path_leads_out_of_a_folder(
        self, stranger: aiohttp.ClientSession, person: Person
    ) -> None:
        prefixes = (
            "/static/",
            "/api/documents/",
            "/api/v1/vault/keys/meta_business/",
            "/api/v1/gdpr/archives/",
        )
        for prefix in prefixes:
            for name in self.NAMES:
                async with stranger.get(f"{prefix}{name}", headers=person.bearer) as answer:
                    assert answer.status in (400, 401, 404, 405, 422), (prefix, name, answer.status)
                    assert b"root:" not in await answer.read()


class TestGuessing:
    """What is tried on an account keeps nobody out who owns it."""

    async def test_a_mailed_link_lets_the_owner_in_beside_an_attack(
        self,
        api: Api,
        serve_api: ServeApi,
        connect: Connect,
        person: Person,
        do_jobs: DoJobs,
        mailbox: Mailbox,
    ) -> None:
        tight = api.parts.settings.model_copy(update={"rate_limit_authentication_account": "2/hour"})
        wrong, new = {"email": person.email, "password": "guess"}, {"email": person.email, "password": STRONG}
        async with serve_api(tight) as served, connect(served.url) as attacker:
            statuses = [(await attacker("POST", "/auth/login", wrong)).status for _ in range(3)]
            assert statuses == [401, 401, 429]
            async with connect(served.url, cookies=True) as browser:
                assert (await browser("POST", "/auth/login", new)).status == 429
                await browser("POST", "/auth/password/forgot", {"email": person.email})
                await do_jobs()
                reset = {"token": mailbox.token(person.email), "password": STRONG}
                assert (await browser("POST", "/auth/password/reset", reset)).status == 200
                assert (await browser("POST", "/auth/login", new)).status == 200
            assert (await attacker("POST", "/auth/login", wrong)).status == 429

    async def test_nobody_is_flooded_with_mail_and_none_of_it_is_taken_back(
        self,
        api: Api,
        serve_api: ServeApi,
        connect: Connect,
        person: Person,
        do_jobs: DoJobs,
        mailbox: Mailbox,
    ) -> None:
        settings = api.parts.settings.model_copy(update={"rate_limit_authentication_mails": "2/hour"})
        async with serve_api(settings) as served, connect(served.url) as ask:
            asked = [await ask("POST", "/auth/password/forgot", {"email": person.email}) for _ in range(4)]
            body = {"email": person.email, "password": STRONG, "full_name": "Jane"}
            asked.append(await ask("POST", "/auth/register", body))
        assert {answer.status for answer in asked} == {202}
        await do_jobs()
        assert len(mailbox.to(person.email)) == 2
        reset = {"token": mailbox.token(person.email), "password": STRONG}
        async with connect(api.url) as ask:
            assert (await ask("POST", "/auth/password/reset", reset)).status == 200

    async def test_an_attack_on_an_account_is_written_down_once(
        self, api: Api, serve_api: ServeApi, connect: Connect, person: Person
    ) -> None:
        settings = api.parts.settings.model_copy(update={"rate_limit_authentication_account": "2/hour"})
        async with serve_api(settings) as served, connect(served.url) as ask:
            for _ in range(6):
                await ask("POST", "/auth/login", {"email": person.email, "password": "guess"})
            found = await ask("GET", "/audit?event_type=rate_limit_exceeded", None, person.bearer)
        assert [one["after"] for one in found.body["items"]] == [{"what": "sign-in"}]


class Work:
    """Counts what Argon2 does, and with which parameters."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.done: list[str] = []
        verify, make = Argon2Hasher.verify, Argon2Hasher.hash

        def verifying(hasher: Argon2Hasher, password: Any, stored: Any) -> bool:
            self.done.append(f"verify {str(stored).split('$')[3]}")
            return verify(hasher, password, stored)

        def hashing(hasher: Argon2Hasher, password: Any, **options: Any) -> str:
            self.done.append("hash")
            return make(hasher, password, **options)

        patch.setattr(Argon2Hasher, "verify", verifying)
        patch.setattr(Argon2Hasher, "hash", hashing)

    def of_last(self) -> list[str]:
        """What was done since somebody asked."""
        done, self.done = self.done, []
        return done


class TestTiming:
    """A known address costs the work that an unknown one costs: that is what a clock could tell."""

    async def test_signing_in(
        self,
        ask: Client,
        person: Person,
        new_person: NewPerson,
        postgres_of: psycopg.Connection,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        inactive, theirs = await new_person(), await new_person()
        postgres_of.execute("update users set is_active = false where id = %s", (inactive.user_id,))
        postgres_of.execute("update users set password_hash = null where id = %s", (theirs.user_id,))
        work, done = Work(monkeypatch), []
        for email, password in (
            (person.email, "wrong"),
            (address(), "wrong"),
            ("no address", "wrong"),
            (inactive.email, PASSWORD),
            (theirs.email, PASSWORD),
        ):
            answer = await ask("POST", "/auth/login", {"email": email, "password": password})
            assert (answer.status, answer.code) == (401, "AUTHENTICATION_ERROR")
            done.append(work.of_last())
        assert len(done[0]) == 1
        assert done == [done[0]] * 5

    @pytest.mark.parametrize(
        ("path", "body"),
        [
            ("/auth/register", {"password": STRONG, "full_name": "Jane"}),
            ("/auth/password/forgot", {}),
        ],
    )
    async def test_registering_and_forgetting(
        self, ask: Client, person: Person, monkeypatch: pytest.MonkeyPatch, path: str, body: dict[str, str]
    ) -> None:
        work, done = Work(monkeypatch), []
        for email in (person.email, address()):
            assert (await ask("POST", path, {**body, "email": email})).status == 202
            done.append(work.of_last())
        assert done[0] == done[1]

    async def test_resetting_with_a_link_that_is_none(
        self, ask: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        work = Work(monkeypatch)
        await ask("POST", "/auth/password/reset", {"token": "x" * 43, "password": STRONG})
        assert work.of_last() == ["hash"]


async def test_sessions_end_at_their_hour_however_often_they_are_refreshed(
    ask: Client, person: Person, postgres_of: psycopg.Connection
) -> None:
    row = postgres_of.execute(
        "select expires_at from sessions where user_id = %s", (person.user_id,)
    ).fetchone()
    assert row is not None
    token = person.refresh_token
    for _ in range(3):
        answer = await ask("POST", "/auth/refresh", {"refresh_token": token})
        token = answer.body["refresh_token"]
        assert decoded(token)["exp"] == int(row[0].timestamp())
        assert decoded(answer.body["access_token"])["exp"] <= row[0].timestamp()
    assert row[0] - utc_now() <= timedelta(hours=24)
