"""Everything a request may need, opened once per process."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from datetime import timedelta
from importlib.metadata import version
from time import monotonic

import anyio
import structlog

from api.analytics.service import Analytics
from api.auth.authenticator import Authenticator
from api.auth.identity import Identities, open_identities
from api.chat.acceptance import Acceptance
from api.chat.conduct import Conductor
from api.chat.relay import Relay
from api.chat.replies import Replies
from api.chat.runner import TurnRunner
from api.chat.service import Chat
from api.documents.service import Documents
from api.operations.figures import keep_looking
from api.payments.returning import Returning
from api.payments.selling import Selling
from api.playbooks.service import Playbooks
from api.subscription.service import Subscriptions
from api.traffic import Traffic
from core.database import Database
from core.embeddings.choice import open_embedders
from core.knowledge.search import KnowledgeSearch
from core.limits import Limits
from core.limits.choice import open_limits
from core.models.choice import open_chat_models
from core.payments.checkouts import CheckoutLinks, Checkouts
from core.payments.provider import PaymentProvider, open_provider
from core.security.keys import SecretKey, load_secret_key
from core.security.passwords import Passwords
from core.security.supabase_auth import SupabaseTokens
from core.security.tokens import LeadSessions, OwnerTokens
from core.security.weak_secrets import refuse_weak_secrets
from core.settings import Settings
from core.storage.choice import open_storage
from core.vault import Vault

DRAIN_S = 2.0

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of one process that serves."""

    settings: Settings
    database: Database
    limits: Limits
    secret_key: SecretKey
    sessions: LeadSessions
    authenticator: Authenticator
    identities: Identities
    vault: Vault
    playbooks: Playbooks
    runner: TurnRunner
    chat: Chat
    replies: Replies
    checkouts: Checkouts
    subscriptions: Subscriptions
    analytics: Analytics
    documents: Documents
    knowledge: KnowledgeSearch
    visitor_key: bytes
    traffic: Traffic = field(default_factory=Traffic)
    drain_s: float = DRAIN_S
    """How long running turns are waited for when this process ends."""
    version: str = field(default_factory=lambda: version("limitless"))
    started_at: float = field(default_factory=monotonic)


@asynccontextmanager
async def open_parts(settings: Settings, conninfo: str) -> AsyncIterator[Parts]:
    """Open everything, and close it in the opposite order; running turns are let finish for a moment."""
    refuse_weak_secrets(settings)
    key = load_secret_key(settings)
    tokens = OwnerTokens(key, timedelta(minutes=settings.access_token_minutes))
    database = Database(
        conninfo,
        size=settings.database_pool_size,
        prepared_statements=settings.database_prepared_statements,
    )
    async with (
        open_chat_models(settings) as models,
        _opened(database),
        _passwords() as passwords,
        _provider(settings, key) as provider,
        open_storage(settings) as storage,
        open_embedders(settings) as embedders,
        open_limits(settings, database) as limits,
    ):
        playbooks = Playbooks(database)
        links = CheckoutLinks.of(key, settings.base_url)
        checkouts = Checkouts(database, provider, links)
        selling = Selling(links, ahead=not provider.test)
        knowledge = KnowledgeSearch(database, embedders)
        runner = TurnRunner(database, Conductor(database, playbooks, models, selling, knowledge))
        relay = Relay(database, runner.id, runner.stream)
        sessions = LeadSessions(key)
        vault = Vault(database, settings)
        await vault.open()
        identities = open_identities(settings, database, limits, key, tokens, passwords)
        parts = Parts(
            settings=settings,
            database=database,
            limits=limits,
            secret_key=key,
            sessions=sessions,
            authenticator=Authenticator(
                database, tokens, SupabaseTokens.from_settings(settings), identities.invitations
            ),
            identities=identities,
            vault=vault,
            playbooks=playbooks,
            runner=runner,
            chat=Chat(
                database,
                settings,
                sessions,
                Acceptance(database, limits, sessions, playbooks, runner),
                runner,
            ),
            replies=Replies(database, runner, relay, Returning(database, links)),
            checkouts=checkouts,
            subscriptions=Subscriptions(database, links, checkouts),
            analytics=Analytics(database, playbooks),
            documents=Documents(database, storage),
            knowledge=knowledge,
            visitor_key=key.derive("visitors"),
        )
        await runner.introduce()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(runner.look_after)
            tasks.start_soon(relay.listen)
            if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
                tasks.start_soon(keep_looking, runner, database)
            try:
                yield parts
            finally:
                with anyio.CancelScope(shield=True):
                    await runner.drain(DRAIN_S)
                    await runner.say_goodbye()
                tasks.cancel_scope.cancel()


@asynccontextmanager
async def _passwords() -> AsyncIterator[Passwords]:
    with closing(Passwords()) as passwords:
        yield passwords


@asynccontextmanager
async def _provider(settings: Settings, key: SecretKey) -> AsyncIterator[PaymentProvider]:
    provider = open_provider(settings, key)
    try:
        yield provider
    finally:
        await provider.close()


@asynccontextmanager
async def _opened(database: Database) -> AsyncIterator[None]:
    await database.open()
    try:
        yield
    finally:
        await database.close()
