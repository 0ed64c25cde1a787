"""Putting the open question: as the playbook words it, and made easier when it was not understood."""

from agent.playbook.schema import Question
from agent.responders.scripted.joining import in_words, joined
from agent.responders.scripted.phrases import LANGUAGES
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


def put_after_an_aside(scene: Scene, question: Question) -> str:
    """Back to the question, unless the lead has just read it more than once."""
    if only_greets(scene.folded):
        return put(scene, question)
    latest = scene.replies[-_PATIENCE:]
    if len(latest) == _PATIENCE and all(puts(reply, question) for reply in latest):
        return ""
    return put(scene, question, "back" if still_open(scene, question) else "from_me")


def still_open(scene: Scene, question: Question) -> bool:
    """Whether this is the question that was put last."""
    return bool(scene.brief.asked) and scene.brief.asked[-1] == question.field


def passes_over(scene: Scene) -> bool:
    """Whether "not sure" or "next" is meant for the open question, however much it sounds like a doubt."""
    question, words = scene.brief.next_question, scene.folded
    short = len(words.split()) <= _SHORT and (has(words, "unsure") or has(words, "skip"))
    return short and question is not None


def put_again(scene: Scene, question: Question) -> str:
    """The same question, made easier."""
    if has(scene.folded, "skip"):
        return put(scene, question, "skip")
    if question.kind == "choice":
        return _which(scene, question)
    sorry = scene.pick("unsure" if has(scene.folded, "unsure") else "unclear")
    return joined(sorry, put(scene, question, f"easier_{question.kind}"))


def _which(scene: Scene, question: Question) -> str:
    choices = in_words(scene, "or", question.choices)
    if begins(scene.folded, "yes"):
        return scene.pick("yes_which", choices=choices)
    if begins(scene.folded, "no"):
        return scene.pick("no_which", choices=choices)
    return joined(scene.pick("unclear"), scene.pick("which", choices=choices))


def _language_note(scene: Scene) -> str:
    """Said once where the owner's questions are in another language than the lead's."""
    written = written_in(scene.brief.playbook)
    if written is None or written == scene.language or written not in LANGUAGES:
        return ""
    return scene.pick_fresh(f"written_in_{written}")
