"""Putting the open question: as the playbook words it, and made easier when it was not understood."""

from agent.playbook.schema import Question
from agent.responders.scripted.joining import in_words
from agent.responders.scripted.phrases import LANGUAGES
from agent.responders.scripted.scene import Scene
from agent.responders.scripted.words import begins, has
from agent.responders.scripted.written import written_in


def put(scene: Scene, question: Question, bridge: str | None = None) -> str:
    """The question in the playbook's words, after a phrase of the kind ``bridge``."""
    return " ".join(
        filter(None, [_language_note(scene), scene.pick(bridge) if bridge else "", question.question])
    )


def unclear(scene: Scene) -> bool:
    """Whether the lead answered the open question with something that answers nothing."""
    return scene.again and not scene.told and scene.brief.perception["intent"] in ("answer", "small_talk")


def put_again(scene: Scene, question: Question) -> str:
    """The same question, made easier; the last time with a way out."""
    if has(scene.folded, "skip"):
        return put(scene, question, "skip")
    if scene.brief.asked.count(question.field) > 1:
        return put(scene, question, "need_not")
    if question.kind == "choice":
        return _which(scene, question)
    sorry = scene.pick("unsure" if has(scene.folded, "unsure") else "unclear")
    return f"{sorry} {put(scene, question, f'easier_{question.kind}')}"


def _which(scene: Scene, question: Question) -> str:
    choices = in_words(scene, "or", question.choices)
    if begins(scene.folded, "yes"):
        return scene.pick("yes_which", choices=choices)
    if begins(scene.folded, "no"):
        return scene.pick("no_which", choices=choices)
    return f"{scene.pick('unclear')} {scene.pick('which', choices=choices)}"


def _language_note(scene: Scene) -> str:
    """Said once where the owner's questions are in another language than the lead's."""
    written = written_in(scene.brief.playbook)
    if written is None or written == scene.language or written not in LANGUAGES:
        return ""
    return scene.pick_fresh(f"written_in_{written}")
