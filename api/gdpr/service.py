"""Exports, deletions and consents, for people and for leads."""

from collections.abc import Sequence
from typing import Final, Literal

from psycopg.rows import DictRow

from api.chat.schemas import GUEST
from api.gdpr import repository
from api.gdpr.schemas import Consent, ConsentChange, ConsentGiven, Kind, PrivacyRequest, Subject
from core.audit import record
from core.clock import utc_now
from core.database import Claims, Database
from core.database.pool import Connection
from core.errors import Conflict, InvalidInput, NotFound
from core.jobs import defer
from core.security.jwt import invalid_token
from core.security.keys import SecretKey
from core.security.principal import Principal
from core.security.tokens import ArchiveLinks, LeadSession

FOR_OTHERS: Final = "admin:privacy"
SHOWN: Final = 50
Who = Literal["user", "lead"]


class Privacy:
    """What people may ask of us about their own data."""

    def __init__(self, database: Database, key: SecretKey, base_url: str) -> None:
        self._database = database
        self._links = ArchiveLinks(key)
        self._base_url = base_url

    async def ask(self, principal: Principal, kind: Kind, subject: Subject) -> PrivacyRequest:
        """For oneself, or for somebody of the organization or a lead by an admin.

        Raises `core.errors.Forbidden`, `NotFound`, `InvalidInput` for a handle that is everybody's, and
        `Conflict` when an organization would be left without an admin.
        """
        async with self._database.transaction(principal.claims) as connection:
            who, ids = await _found(connection, principal, subject)
            if kind == "delete" and who == "user":
                await _refuse_if_needed(connection, principal, ids[0])
            row = await _queue(connection, principal.claims, kind, who, ids)
        return self._shown(row, principal.organization_id)

    async def ask_as_lead(
        self, session: LeadSession, kind: Kind, visitor: str | None = None
    ) -> PrivacyRequest:
        """For the conversation of the session; raises `core.errors.NotFound` when it is gone.

        ``visitor`` is the browser's own id, whose visits become nobody's.
        """
        claims = Claims.for_lead(session.organization_id, session.thread_id)
        async with self._database.transaction(claims) as connection:
            await _refuse_if_gone(connection, session)
            if visitor is not None:
                await repository.forget_visitor(connection, session.thread_id, visitor)
            row = await _queue(connection, claims, kind, "lead", [session.thread_id])
        return self._shown(row, session.organization_id)

    async def read(self, principal: Principal, request_id: str) -> PrivacyRequest:
        """One's own request, or any of the organization's for an admin; raises `core.errors.NotFound`."""
        async with self._database.transaction(principal.claims) as connection:
            row = await repository.request(connection, request_id)
        if row is None or not (row["requested_by"] == principal.user_id or principal.may(FOR_OTHERS)):
            raise NotFound("There is no such request")
        return self._shown(row, principal.organization_id)

    async def requests_of_lead(self, session: LeadSession) -> list[PrivacyRequest]:
        """What was asked for the session's conversation, the newest first."""
        claims = Claims.for_lead(session.organization_id, session.thread_id)
        async with self._database.transaction(claims) as connection:
            rows = await repository.requests(connection, SHOWN)
        return [self._shown(row, session.organization_id) for row in rows]

    async def archive(self, link: str) -> bytes:
        """What an export made; raises `core.errors.InvalidToken` for a link that is wrong or over."""
        request_id, organization_id = self._links.verify(link)
        async with self._database.transaction(Claims.for_organization(organization_id)) as connection:
            content = await repository.archive(connection, request_id)
            if content is not None:
                await record(connection, "data_export", "privacy_request", request_id)
        if content is None:
            raise invalid_token()
        return content

    async def consent(self, principal: Principal, given: ConsentChange | None) -> Consent:
        """Write down what the principal agrees to, if anything is given, and show it with its history."""
        async with self._database.transaction(principal.claims) as connection:
            return await _consent(connection, principal.claims, "user", principal.user_id, given)

    async def consent_of_lead(self, session: LeadSession, given: ConsentChange | None) -> Consent:
        """The same for the session's conversation; raises `core.errors.NotFound` when it is gone."""
        claims = Claims.for_lead(session.organization_id, session.thread_id)
        async with self._database.transaction(claims) as connection:
            await _refuse_if_gone(connection, session)
            return await _consent(connection, claims, "lead", session.thread_id, given)

    def _shown(self, row: DictRow, organization_id: str) -> PrivacyRequest:
        kept = row["kind"] == "export" and row["status"] == "done" and row["expires_at"] > utc_now()
        link = self._links.issue(row["id"], organization_id) if kept else None
        return PrivacyRequest(
            **{name: row[name] for name in PrivacyRequest.model_fields if name in row},
            download_url=link and f"{self._base_url}/api/v1/gdpr/archives/{link}",
        )


async def _consent(
    connection: Connection, claims: Claims, who: Who, subject_id: str, given: ConsentChange | None
) -> Consent:
    if given is not None:
        await repository.insert_consent(connection, claims.organization_id, who, subject_id, given)
    rows = await repository.consents(connection, who, subject_id)
    history = [ConsentGiven(**row) for row in rows]
    newest = history[0] if history else None
    return Consent(
        marketing=newest is not None and newest.marketing,
        analytics=newest is not None and newest.analytics,
        updated_at=newest and newest.created_at,
        history=history,
    )


async def _refuse_if_gone(connection: Connection, session: LeadSession) -> None:
    """Nothing is written down of who was deleted."""
    if not await repository.conversation_exists(connection, session.thread_id):
        raise NotFound("No such conversation.", details={"thread_id": session.thread_id})


async def _refuse_if_needed(connection: Connection, principal: Principal, user_id: str) -> None:
    if user_id != principal.user_id:
        if await repository.belongs_elsewhere(connection, user_id):
            raise Conflict("This person belongs to other organizations, too; only they can ask for this.")
        return
    alone_in = await repository.only_admin_of(connection)
    if alone_in:
        raise Conflict(
            "An organization would be left without an admin; make somebody else one first.",
            details={"organizations": alone_in},
        )


async def _found(connection: Connection, principal: Principal, subject: Subject) -> tuple[Who, list[str]]:
    if subject.user_id in (None, principal.user_id) and not (subject.conversation_id or subject.handle):
        return "user", [principal.user_id]
    principal.require(FOR_OTHERS)
    if subject.user_id is not None:
        if not await repository.is_member(connection, subject.user_id):
            raise NotFound("There is no such user")
        return "user", [subject.user_id]
    if subject.handle == GUEST:
        raise InvalidInput("Everybody without a name is a guest; name a conversation instead")
    if subject.handle is not None:
        ids = await repository.conversations_of(connection, subject.handle)
    else:
        wanted = subject.conversation_id or ""
        ids = [wanted] if await repository.conversation_exists(connection, wanted) else []
    if not ids:
        raise NotFound("There is no such conversation")
    return "lead", ids


async def _queue(connection: Connection, claims: Claims, kind: Kind, who: Who, ids: Sequence[str]) -> DictRow:
    organization_id = claims.organization_id or ""
    request_id, fresh = await repository.ask(connection, organization_id, kind, who, ids, claims.user_id)
    if fresh:
        await defer(connection, f"privacy.{kind}", request_id=request_id, organization_id=organization_id)
    row = await repository.request(connection, request_id)
    assert row is not None  # noqa: S101 - just written
    return row
