"""A lead's message on its way in."""

from collections.abc import Sequence

from api.chat import repository
from api.chat.acceptance import Acceptance, Accepted, Campaign, Sender
from api.chat.runner import TurnRunner
from api.chat.schemas import GUEST, ChatRequest
from core.database import Claims, Database
from core.errors import CampaignNotFound, InvalidToken, NotFound, Unavailable
from core.limits import Limit, limit
from core.security.tokens import LeadSession, LeadSessions
from core.settings import Settings


class Chat:
    """Everything a lead can do."""

    def __init__(
        self,
        database: Database,
        settings: Settings,
        sessions: LeadSessions,
        acceptance: Acceptance,
        runner: TurnRunner,
    ) -> None:
        self._database = database
        self._settings = settings
        self._sessions = sessions
        self._acceptance = acceptance
        self._runner = runner
        self._campaigns: dict[str, Campaign] = {}

    async def campaign(self, code: str) -> Campaign:
        """The campaign behind a code; raises `core.errors.CampaignNotFound`."""
        known = self._campaigns.get(code)
        if known is None:
            row = await repository.campaign_by_code(self._database, code)
            if row is None:
                raise CampaignNotFound(
                    f"Campaign code {code} does not exist", details={"campaign_code": code}
                )
            known = self._campaigns[code] = Campaign(row["campaign_id"], row["organization_id"], code)
        return known

    def session(self, token: str | None, campaign: Campaign) -> LeadSession | None:
        """The session of a token for this campaign; raises `core.errors.InvalidToken` for any other."""
        if not token:
            return None
        session = self._sessions.verify(token)
        if session.campaign_id != campaign.id:
            raise InvalidToken("This lead token belongs to another campaign.")
        return session

    def session_of_thread(self, tokens: Sequence[str], thread_id: str) -> LeadSession:
        """The one session among ``tokens`` that may read ``thread_id``.

        Raises `core.errors.InvalidToken` when none of them is good at all, `core.errors.NotFound` when
        they are for other threads.
        """
        for session in self.sessions(tokens):
            if session.thread_id == thread_id:
                return session
        raise NotFound("No such conversation.", details={"thread_id": thread_id})

    def sessions(self, tokens: Sequence[str]) -> list[LeadSession]:
        """The good ones among ``tokens``; raises `core.errors.InvalidToken` when there is none."""
        good: list[LeadSession] = []
        fault: InvalidToken | None = None
        for token in tokens:
            try:
                good.append(self._sessions.verify(token))
            except InvalidToken as found:
                fault = found
        if not good and fault is not None:
            raise fault
        return good

    async def accept(self, request: ChatRequest, token: str | None, sender: Sender) -> Accepted:
        """Check the limits and the session, and write the message down before anything answers it."""
        if self._runner.draining:
            raise Unavailable("This server is shutting down; try again.", headers={"Retry-After": "1"})
        campaign = await self.campaign(request.campaign_code)
        session = self.session(token, campaign)
        limits = self._limits(request, campaign, session, sender.address)
        if request.thread_id is not None and (session is None or session.thread_id != request.thread_id):
            raise NotFound("No such conversation.", details={"thread_id": request.thread_id})
        if session is not None and await self._goes_on(request, session, sender):
            try:
                return await self._acceptance.next(request, campaign, session.thread_id, limits)
            except NotFound:
                # Deleted meanwhile: who did not ask for this very conversation begins another one.
                if request.thread_id is not None:
                    raise
                limits = []
        return await self._acceptance.first(request, campaign, sender, limits)

    async def _goes_on(self, request: ChatRequest, session: LeadSession, sender: Sender) -> bool:
        """Whether the message belongs to the session's conversation, or begins another one."""
        if sender.chat_id is not None:
            return await self.knows(session, sender.chat_id)
        return request.thread_id is not None or session.handle == request.instagram_handle

    async def knows(self, session: LeadSession, chat_id: str) -> bool:
        """Whether the session's conversation has this id, or is known to its client by it."""
        if session.thread_id == chat_id:
            return True
        claims = Claims.for_lead(session.organization_id, session.thread_id)
        return await repository.chat_id_of(self._database, claims, session.thread_id) == chat_id

    def _limits(
        self, request: ChatRequest, campaign: Campaign, session: LeadSession | None, address: str
    ) -> list[Limit | None]:
        s, whom = self._settings, request.instagram_handle
        if whom == GUEST:
            # Guests share the handle, not the limit.
            whom = session.thread_id if session else address
        return [
            limit("chat", f"{campaign.id}:{whom}", s.rate_limit_chat),
            limit("chat-address", address, s.rate_limit_chat_address),
            limit("chat-campaign", campaign.id, s.rate_limit_chat_campaign),
        ]
