"""The agent that needs no model and no network: the embedded default, and the fallback behind a model."""

import re
from collections.abc import AsyncGenerator

from agent.offers import named_offer
from agent.responders.base import Brief, FieldHeard, ObjectionHeard, Reading
from agent.responders.scripted.reply import reply
from agent.transcript import newest_words

_PIECE = re.compile(r"\s*\S+")
_LONGEST_QUOTE = 300


class ScriptedResponder:
    """Follows the brief with the playbook's texts and a few phrases of its own, in the lead's language."""

    name = "scripted"
    scripted = True

    async def stream(self, brief: Brief) -> AsyncGenerator[str, None]:
        """The reply, word by word, as fast as it is taken."""
        for piece in _PIECE.findall(reply(brief)):
            yield piece

    async def read(self, brief: Brief) -> Reading:
        """What was already understood without a model, in the form of a reading."""
        perception = brief.perception
        words = newest_words(brief.messages)
        buys = perception["intent"] == "ready_to_buy"
        named = named_offer(brief.playbook, words) if buys else None
        doubt = perception["objection"]
        return Reading(
            intent=perception["intent"],
            fields=[FieldHeard(field=field, value=value) for field, value in brief.fields.items()],
            objection=ObjectionHeard(type=doubt, words=words[:_LONGEST_QUOTE]) if doubt else None,
            objection_settled=buys and bool(brief.objections),
            chosen_offer=named.id if named else None,
            language=perception["language"],
        )
