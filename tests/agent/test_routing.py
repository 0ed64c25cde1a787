"""Who speaks next and at which stage, walked as a table."""

import pytest

from agent.graph import build_graph
from agent.playbook.default import default_playbook
from agent.routing import SPEAKERS, home_stage, next_agent, place
from agent.scoring import Fields
from agent.state import AgentName, ConversationState, Ending, Intent, Stage

QUALIFIER, HANDLER, CLOSER = SPEAKERS
UNFIT: Fields = {"coaching_area": "none of these"}
SOME: Fields = {"coaching_area": "fitness"}
ENOUGH: Fields = {
    "coaching_area": "fitness",
    "business_type": "online strength coaching",
    "monthly_revenue": 5000.0,
    "client_source": "referrals",
}

Q, H, C, V, D = "qualification", "objection_handling", "closing", "converted", "disqualified"


@pytest.mark.parametrize(
    ("stage", "home", "intent", "speaker"),
    [
        (Q, Q, "answer", QUALIFIER),
        (Q, Q, "question", QUALIFIER),
        (Q, Q, "small_talk", QUALIFIER),
        (Q, Q, "asks_if_ai", QUALIFIER),
        (Q, Q, "objection", HANDLER),
        (C, Q, "answer", CLOSER),
        (C, Q, "ready_to_buy", CLOSER),
        (C, Q, "objection", HANDLER),
        (C, C, "question", CLOSER),
        (C, C, "asks_if_ai", CLOSER),
        (C, C, "objection", HANDLER),
        (D, Q, "refusal", QUALIFIER),
        (D, C, "refusal", CLOSER),
        (D, Q, "answer", QUALIFIER),
        (D, Q, "objection", QUALIFIER),
        (D, C, "objection", CLOSER),
        (V, V, "question", CLOSER),
        (V, V, "objection", CLOSER),
        (V, V, "refusal", CLOSER),
    ],
)
def test_who_speaks(stage: Stage, home: Stage, intent: Intent, speaker: AgentName) -> None:
    assert next_agent(intent, stage, home) == speaker


@pytest.mark.parametrize(
    ("before", "known", "fields", "intent", "expected"),
    [
        # A qualification goes on until enough is known, and ends where a rule says so.
        ({}, {}, {}, "small_talk", (Q, None)),
        ({}, {}, SOME, "answer", (Q, None)),
        ({}, SOME, ENOUGH, "answer", (C, None)),
        ({}, SOME, ENOUGH, "objection", (C, None)),
        ({}, {}, UNFIT, "answer", (D, "unfit")),
        ({}, {}, UNFIT, "ready_to_buy", (D, "unfit")),
        # Who wants to buy is not questioned any further.
        ({}, {}, {}, "ready_to_buy", (C, None)),
        ({"stage": C}, SOME, SOME, "question", (C, None)),
        # An objection leads back to where it came from.
        ({"stage": H, "resume_stage": Q}, SOME, SOME, "answer", (Q, None)),
        ({"stage": H, "resume_stage": C}, SOME, SOME, "small_talk", (C, None)),
        # A no is a no, until the lead takes it back.
        ({"stage": Q}, SOME, SOME, "refusal", (D, "refused")),
        ({"stage": C}, ENOUGH, ENOUGH, "refusal", (D, "refused")),
        ({"stage": H, "resume_stage": C}, ENOUGH, ENOUGH, "refusal", (D, "refused")),
        ({"stage": D, "ending": "refused", "resume_stage": Q}, SOME, SOME, "question", (D, "refused")),
        ({"stage": D, "ending": "refused", "resume_stage": Q}, SOME, SOME, "answer", (D, "refused")),
        ({"stage": D, "ending": "refused", "resume_stage": Q}, {}, SOME, "answer", (Q, None)),
        ({"stage": D, "ending": "refused", "resume_stage": Q}, {}, SOME, "refusal", (D, "refused")),
        ({"stage": D, "ending": "refused", "resume_stage": C}, SOME, SOME, "ready_to_buy", (C, None)),
        # Who corrects a wrong answer is let in again.
        ({"stage": D, "ending": "unfit", "resume_stage": Q}, UNFIT, UNFIT, "answer", (D, "unfit")),
        ({"stage": D, "ending": "unfit", "resume_stage": Q}, UNFIT, SOME, "answer", (Q, None)),
        # A payment is final.
        ({"stage": V}, ENOUGH, ENOUGH, "refusal", (V, None)),
        ({"stage": V}, ENOUGH, {**ENOUGH, **UNFIT}, "question", (V, None)),
    ],
)
def test_where_it_stands(
    before: ConversationState,
    known: Fields,
    fields: Fields,
    intent: Intent,
    expected: tuple[Stage, Ending | None],
) -> None:
    state: ConversationState = {**before, "fields": dict(known)}
    assert place(state, default_playbook(), fields, intent) == expected


def test_the_wiring_is_the_one_that_is_drawn() -> None:
    drawn = build_graph().get_graph()
    edges = {(edge.source, edge.target, edge.conditional) for edge in drawn.edges}
    assert edges == {
        ("__start__", "perceive", False),
        *(("perceive", node, True) for node in SPEAKERS),
        *((node, "__end__", False) for node in SPEAKERS),
    }


def test_a_new_conversation_begins_with_qualification() -> None:
    assert home_stage({}) == "qualification"
