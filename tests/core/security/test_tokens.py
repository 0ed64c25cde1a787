import base64
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import OctKey

from core.clock import utc_now
from core.errors import InvalidToken
from core.security.keys import SecretKey
from core.security.tokens import LeadSessions, OwnerTokens

SECRET = SecretKey(b"a key of this test suite and of nothing else 0123456789")
OWNERS = OwnerTokens(SECRET, timedelta(minutes=30))
LEADS = LeadSessions(SECRET)
OWNER_KEY = OctKey.import_key(SECRET.derive("owner-tokens"))
LEAD_KEY = OctKey.import_key(SECRET.derive("lead-sessions"))


def owner_token(**changes: Any) -> str:
    given = {"user_id": "user_1", "organization_id": "org_1", "role": "manager", "email": "mike@example.com"}
    return OWNERS.issue(**{**given, "session_id": "sess_1", **changes}).value


def lead_token() -> str:
    return LEADS.issue(
        thread_id="lead-mike-1a2b3c4d", campaign_id="camp_1", organization_id="org_1", handle="mike"
    )


def claims_of(token: str) -> dict[str, Any]:
    body = token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return claims


def signed(key: OctKey, claims: dict[str, Any]) -> str:
    return jwt.encode({"alg": "HS256"}, {k: v for k, v in claims.items() if v is not None}, key)


def unsigned(claims: dict[str, Any], algorithm: str) -> str:
    parts = [json.dumps(part).encode() for part in ({"alg": algorithm, "typ": "JWT"}, claims)]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts) + "."


def test_an_access_token_says_who_where_and_as_what() -> None:
    who = OWNERS.verify(owner_token())
    assert (who.user_id, who.organization_id, who.role) == ("user_1", "org_1", "manager")
    assert (who.email, who.session_id, who.scopes) == ("mike@example.com", "sess_1", None)
    assert timedelta(minutes=29) < who.expires_at - utc_now() <= timedelta(minutes=30)


def test_an_access_token_has_supabases_claims() -> None:
    claims = claims_of(owner_token())
    assert claims["role"] == claims["aud"] == "authenticated"
    assert claims["sub"] == "user_1"
    assert claims["app_metadata"] == {"organization_id": "org_1", "role": "manager"}
    assert claims["exp"] - claims["iat"] == 1800


def test_an_access_token_ends_with_its_session() -> None:
    ends = utc_now() + timedelta(minutes=5)
    token = OWNERS.issue(
        user_id="user_1",
        organization_id="org_1",
        role="viewer",
        email="mike@example.com",
        session_id="sess_1",
        not_after=ends,
    )
    assert OWNERS.verify(token.value).expires_at == ends.replace(microsecond=0)
    assert 290 <= token.expires_in <= 300


def test_a_lead_session_says_which_conversation() -> None:
    session = LEADS.verify(lead_token())
    assert (session.thread_id, session.handle) == ("lead-mike-1a2b3c4d", "mike")
    assert (session.campaign_id, session.organization_id) == ("camp_1", "org_1")
    assert timedelta(days=89) < session.expires_at - utc_now() <= timedelta(days=90)


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": None},
        {"sub": None},
        {"aud": None},
        {"iss": None},
        {"exp": 1},
        {"exp": "never"},
        {"exp": True},
        {"exp": 10**400},
        {"aud": "lead"},
        {"aud": ["service", "lead"]},
        {"iss": "someone else"},
        {"sub": 7},
        {"nbf": 4102444800},
        {"iat": 4102444800},
        {"email": None},
        {"session_id": None},
        {"app_metadata": None},
        {"app_metadata": "admin"},
        {"app_metadata": {"organization_id": "org_1"}},
        {"app_metadata": {"organization_id": "org_1", "role": "owner"}},
        {"app_metadata": {"organization_id": "org_1", "role": ["admin"]}},
        {"app_metadata": {"organization_id": None, "role": "admin"}},
    ],
)
def test_an_owner_token_with_wrong_claims_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidToken):
        OWNERS.verify(signed(OWNER_KEY, {**claims_of(owner_token()), **changes}))


@pytest.mark.parametrize("changes", [{"exp": None}, {"exp": 1}, {"aud": "authenticated"}, {"handle": None}])
def test_a_lead_token_with_wrong_claims_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidToken):
        LEADS.verify(signed(LEAD_KEY, {**claims_of(lead_token()), **changes}))


@pytest.mark.parametrize("verify", [OWNERS.verify, LEADS.verify])
@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "HS256", "HS384", "ES256"])
def test_an_unsigned_token_is_refused(verify: Callable[[str], object], algorithm: str) -> None:
    for token in (owner_token(), lead_token()):
        with pytest.raises(InvalidToken):
            verify(unsigned(claims_of(token), algorithm))


def test_tokens_of_one_kind_are_none_of_the_other() -> None:
    with pytest.raises(InvalidToken):
        LEADS.verify(owner_token())
    with pytest.raises(InvalidToken):
        OWNERS.verify(lead_token())


def test_another_algorithm_with_the_right_key_is_refused() -> None:
    claims = claims_of(owner_token())
    token = jwt.encode({"alg": "HS512"}, claims, OWNER_KEY, algorithms=["HS512"])
    with pytest.raises(InvalidToken):
        OWNERS.verify(token)


def test_a_token_of_another_installation_is_refused() -> None:
    other = OwnerTokens(
        SecretKey(b"another installation's key, of this suite too 0123"), timedelta(minutes=30)
    )
    with pytest.raises(InvalidToken):
        other.verify(owner_token())


@pytest.mark.parametrize("place", range(3))
def test_a_changed_token_is_refused(place: int) -> None:
    parts = owner_token().split(".")
    parts[place] = (
        parts[place][:-5] + ("AAAA" if parts[place][-5:-1] != "AAAA" else "BBBB") + parts[place][-1]
    )
    with pytest.raises(InvalidToken):
        OWNERS.verify(".".join(parts))


@pytest.mark.parametrize(
    "odd",
    [
        "",
        ".",
        "..",
        "a.b.c",
        "e30.e30.",
        "\udcff.x.y",
        "é.é.é",
        "A" * 100_000,
        base64.urlsafe_b64encode(b"[" * 4000).decode() + ".e30.x",
        base64.urlsafe_b64encode(b'{"alg":["HS256"]}').decode() + ".e30.x",
        base64.urlsafe_b64encode(b'{"alg":"HS256","crit":["b64"],"b64":false}').decode() + ".e30.x",
    ],
)
def test_what_is_no_token_is_refused(odd: str) -> None:
    for verify in (OWNERS.verify, LEADS.verify):
        with pytest.raises(InvalidToken):
            verify(odd)


@given(st.text(max_size=200) | st.binary(max_size=200).map(lambda b: b.decode("latin-1")))
def test_no_text_is_a_token_by_chance(text: str) -> None:
    with pytest.raises(InvalidToken):
        OWNERS.verify(text)
