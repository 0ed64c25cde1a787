"""Putting the open question: as the playbook words it, and made easier when it was not understood."""

from agent.playbook.schema import Question
from agent.responders.scripted.joining import in_words, joined
from agent.responders.scripted.scene import Scene, puts
from agent.responders.scripted.words import begins, has, only_greets
from agent.responders.scripted.written import written_in

_SHORT = 4
"""Words of a message that only waves a question away."""
_PATIENCE = 3
"""Replies in a row that may end with the same question while the lead talks of something else."""


def put(scene: Scene, question: Question, bridge: str | None = None) -> str:
    """The question in the playbook's words, after a phrase of the kind ``bridge``."""
    phrase = scene.pick(bridge) if bridge else ""
    return joined(_language_note(scene), joined(phrase, question.question))


def put_after(scene: Scene, said: str, question: Question) -> str:
    """Back to the question after something else, unless the lead has just read it more than once.

    Offers are never left standing without it: what follows them would be taken for an answer to them.
    """
    if only_greets(scene.folded) and puts(scene.last, question):
        return joined(_language_note(scene), _nudge(scene, question))
    latest = scene.replies[-_PATIENCE:]
    well_known = len(latest) == _PATIENCE and all(puts(reply, question) for reply in latest)
    if well_known and not any(offer.name in said for offer in scene.brief.playbook.offers):
        return ""
    return put(scene, question, "back" if still_open(scene, question) else "from_me")


def still_open(scene: Scene, question: Question) -> bool:
    """Whether this is the question that was put last."""
    return bool(scene.brief.asked) and scene.brief.asked[-1] == question.field


def waves_away(scene: Scene) -> bool:
    """Whether the message is no more than "next" or "not sure"."""
    short = len(scene.folded.split()) <= _SHORT
    return short and (has(scene.folded, "unsure") or has(scene.folded, "skip"))


def put_again(scene: Scene, question: Question) -> str:
    """The same question, made easier; after that with a way out."""
    easier = "which" if question.kind == "choice" else f"easier_{question.kind}"
    if scene.just_said_any(easier, "yes_which", "no_which", "skip"):
        return put(scene, question, "need_not")
    if has(scene.folded, "skip"):
        return put(scene, question, "skip")
    if question.kind == "choice":
        return _which(scene, question)
    return joined(scene.pick(_why_again(scene)), put(scene, question, easier))


def _why_again(scene: Scene) -> str:
    """The kind of phrase that says why the question comes again."""
    return next((cue for cue in ("puzzled", "unsure") if has(scene.folded, cue)), "unclear")


def _which(scene: Scene, question: Question) -> str:
    choices = in_words(scene, "or", question.choices)
    if begins(scene.folded, "yes"):
        return scene.pick("yes_which", choices=choices)
    if begins(scene.folded, "no"):
        return scene.pick("no_which", choices=choices)
    return joined(scene.pick(_why_again(scene)), scene.pick("which", choices=choices))


def _nudge(scene: Scene, question: Question) -> str:
    """For who only said hello to the question: no second reading of it."""
    if question.kind != "choice":
        return scene.pick("nudge")
    return scene.pick("nudge_choice", choices=in_words(scene, "or", question.choices))


def _language_note(scene: Scene) -> str:
    """Said once where the owner's questions are in another language than the lead's."""
    written = written_in(scene.brief.playbook)
    return scene.pick_fresh(f"written_in_{written}") if written else ""
