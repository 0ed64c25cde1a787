from collections.abc import AsyncIterator

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey
from pydantic import SecretStr

from core.errors import InvalidToken, Unavailable
from core.security.jwks import SigningKeys
from core.security.keys import WeakKeyError
from core.security.supabase_auth import SupabaseTokens
from core.settings import Settings
from tests.standins.supabase_auth import (
    JWKS_PATH,
    SupabaseAuth,
    shared_secret_token,
    supabase_auth,
    user_claims,
)

SHARED = "the shared secret of a project in this suite"


@pytest.fixture
async def project() -> AsyncIterator[SupabaseAuth]:
    async with supabase_auth() as served:
        yield served


def tokens_of(project: SupabaseAuth, *, shared: bool = False, retry_after_s: float = 60) -> SupabaseTokens:
    keys = SigningKeys(project.url + JWKS_PATH, retry_after_s=retry_after_s)
    return SupabaseTokens(SHARED.encode() if shared else None, keys, project.issuer)


async def test_both_public_kinds_of_signature_are_accepted(project: SupabaseAuth) -> None:
    tokens = tokens_of(project)
    for token in (project.sign(project.elliptic, "ES256"), project.sign(project.rsa, "RS256")):
        who = await tokens.verify(token)
        assert (who.subject, who.email) == (user_claims("")["sub"], "mike@example.com")
    assert project.fetches == 1


async def test_the_shared_secret_is_accepted_where_it_is_set(project: SupabaseAuth) -> None:
    token = shared_secret_token(SHARED, project.issuer, app_metadata={"organization_id": "org_1"})
    assert (await tokens_of(project, shared=True).verify(token)).organization_id == "org_1"
    assert project.fetches == 0
    with pytest.raises(InvalidToken):
        await tokens_of(project).verify(token)


async def test_the_address_and_the_secret_come_from_the_settings(project: SupabaseAuth) -> None:
    assert SupabaseTokens.from_settings(Settings(supabase_url=None, supabase_jwt_secret=None)) is None
    tokens = SupabaseTokens.from_settings(Settings(supabase_url=project.url + "/"))
    assert tokens is not None
    assert (await tokens.verify(project.sign(project.elliptic, "ES256"))).email == "mike@example.com"
    with pytest.raises(WeakKeyError):
        SupabaseTokens.from_settings(Settings(supabase_jwt_secret=SecretStr("short")))


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": None},
        {"exp": 1},
        {"aud": None},
        {"aud": "anon"},
        {"sub": None},
        {"iss": "https://other.supabase.co/auth/v1"},
        {"role": "service_role"},
        {"role": "anon"},
        {"role": None},
        {"is_anonymous": True},
    ],
)
async def test_wrong_claims_are_refused(project: SupabaseAuth, changes: dict[str, object]) -> None:
    with pytest.raises(InvalidToken):
        await tokens_of(project).verify(project.sign(project.elliptic, "ES256", **changes))


async def test_a_public_key_is_no_shared_secret(project: SupabaseAuth) -> None:
    claims = user_claims(project.issuer)
    for public in (project.elliptic, project.rsa):
        for secret in (public.as_pem(private=False), public.as_der(private=False)):
            token = jwt.encode({"alg": "HS256", "kid": public.kid}, claims, _as_secret(secret))
            for tokens in (tokens_of(project), tokens_of(project, shared=True)):
                with pytest.raises(InvalidToken):
                    await tokens.verify(token)


def _as_secret(public: bytes) -> OctKey:
    """The library will not take a PEM as a secret; an attacker's would."""
    key = OctKey.generate_key(256)
    key._raw_value = public
    return key


async def test_a_key_serves_only_its_own_algorithm(project: SupabaseAuth) -> None:
    token = jwt.encode({"alg": "RS256", "kid": "elliptic"}, user_claims(project.issuer), project.rsa)
    with pytest.raises(InvalidToken):
        await tokens_of(project).verify(token)


async def test_another_projects_key_under_a_known_name_is_refused(project: SupabaseAuth) -> None:
    forged = ECKey.generate_key("P-256", {"kid": "elliptic"}, private=True)
    with pytest.raises(InvalidToken):
        await tokens_of(project).verify(project.sign(forged, "ES256"))


async def test_a_rotated_key_is_fetched_once_it_is_seen(project: SupabaseAuth) -> None:
    tokens = tokens_of(project, retry_after_s=0)
    await tokens.verify(project.sign(project.rsa, "RS256"))
    rotated = ECKey.generate_key("P-256", {"kid": "rotated"}, private=True)
    project.published = [rotated]
    assert (await tokens.verify(project.sign(rotated, "ES256"))).email == "mike@example.com"
    with pytest.raises(InvalidToken):
        await tokens.verify(project.sign(project.rsa, "RS256"))


async def test_made_up_key_names_do_not_make_us_fetch_each_time(project: SupabaseAuth) -> None:
    tokens = tokens_of(project)
    for number in range(20):
        made_up = ECKey.generate_key("P-256", {"kid": f"made-up-{number}"}, private=True)
        with pytest.raises(InvalidToken):
            await tokens.verify(project.sign(made_up, "ES256"))
    assert project.fetches == 1


async def test_keys_that_cannot_be_fetched_are_a_503(project: SupabaseAuth) -> None:
    project.status = 500
    tokens = tokens_of(project)
    for _ in range(3):
        with pytest.raises(Unavailable):
            await tokens.verify(project.sign(project.elliptic, "ES256"))
    assert project.fetches == 1


async def test_known_keys_go_on_serving_while_the_issuer_is_away(project: SupabaseAuth) -> None:
    keys = SigningKeys(project.url + JWKS_PATH, retry_after_s=0, fresh_for_s=0)
    tokens = SupabaseTokens(None, keys, project.issuer)
    await tokens.verify(project.sign(project.elliptic, "ES256"))
    project.status = 503
    assert (await tokens.verify(project.sign(project.elliptic, "ES256"))).email == "mike@example.com"
    assert project.fetches == 2
