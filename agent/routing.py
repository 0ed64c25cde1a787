"""Who speaks next, and at which stage a conversation stands: pure functions, no model call.

::

    START → perceive → qualifier_agent | objection_handler_agent | closer_agent → END
"""

from agent.playbook.schema import Playbook
from agent.scoring import Fields, disqualifier, next_question, qualified
from agent.state import AgentName, ConversationState, Ending, Intent, Stage

SPEAKERS: tuple[AgentName, ...] = ("qualifier_agent", "objection_handler_agent", "closer_agent")


def next_agent(intent: Intent, stage: Stage, home: Stage) -> AgentName:
    """Who answers: ``stage`` is where the newest message puts the lead, ``home`` where the lead was."""
    if stage == "disqualified":
        return "closer_agent" if home == "closing" else "qualifier_agent"
    if intent == "objection" and stage != "converted":
        return "objection_handler_agent"
    return "qualifier_agent" if stage == "qualification" else "closer_agent"


def asked_so_far(state: ConversationState, playbook: Playbook) -> list[str]:
    """The fields asked for; the opening asks for the first."""
    return state.get("asked") or [playbook.questions[0].field]


def home_stage(state: ConversationState) -> Stage:
    """Where the conversation stands, an objection or its end aside: that is where it goes back to."""
    stage = state.get("stage", "qualification")
    if stage in ("objection_handling", "disqualified"):
        return state.get("resume_stage", "qualification")
    return stage


def place(
    state: ConversationState, playbook: Playbook, fields: Fields, intent: Intent
) -> tuple[Stage, Ending | None]:
    """Where the newest message, with ``fields`` known after it, puts the lead.

    It gives the stage, an objection aside, and why the conversation ended if it did. When there is nothing
    left to ask, an offer is shown whether the lead qualified or not.
    """
    told_more = fields != state.get("fields", {})
    ending = still_ended(state.get("ending"), intent, told_more=told_more)
    stage, ending = standing(playbook, fields, home_stage(state), intent, ending)
    if stage == "qualification" and next_question(playbook, fields, asked_so_far(state, playbook)) is None:
        return "closing", None
    return stage, ending


def standing(
    playbook: Playbook, fields: Fields, home: Stage, intent: Intent, ending: Ending | None
) -> tuple[Stage, Ending | None]:
    """The stage, an objection aside, and why it ended if it did.

    A payment is final. Next come the playbook's own rules, then the lead's no, which holds until the
    lead takes it back (``ending`` is None then); a lead who wants to buy is not questioned any further.
    """
    if home == "converted":
        return "converted", None
    if disqualifier(playbook, fields):
        return "disqualified", "unfit"
    if intent == "refusal" or ending == "refused":
        return "disqualified", "refused"
    if home == "closing" or intent == "ready_to_buy" or qualified(playbook, fields):
        return "closing", None
    return "qualification", None


def still_ended(ending: Ending | None, intent: Intent, *, told_more: bool) -> Ending | None:
    """Whether a no still stands: who wants to buy after all, or goes on telling, has taken it back."""
    if ending == "refused" and intent != "refusal" and (intent == "ready_to_buy" or told_more):
        return None
    return ending
