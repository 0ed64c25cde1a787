"""What the tests of the scripted agent know of the default playbook."""

from agent.playbook.default import default_playbook
from agent.playbook.schema import FieldValue
from tests.agent.scripted.talking import Says, tells

PLAYBOOK = default_playbook()
AREA, _, REVENUE, SOURCE = (question.question for question in PLAYBOOK.questions[:4])
FITNESS_TYPE = "What type of fitness coaching do you offer right now?"
PROGRAM = PLAYBOOK.offers[1]
REQUIRED: dict[str, FieldValue] = {
    "coaching_area": "fitness",
    "business_type": "online training",
    "monthly_revenue": 4000.0,
    "client_source": "referrals",
}
ALL_OF_IT = tells("fitness, online training, 4k a month, by referrals", **REQUIRED)
BUYS = Says("I'll take it", "ready_to_buy")
