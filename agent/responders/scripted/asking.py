"""Putting the open question: as the playbook words it, and gently otherwise when it was not understood."""

from agent.playbook.schema import Question
from agent.responders.scripted.answers import in_words
from agent.responders.scripted.scene import Scene
from agent.responders.scripted.topics import NO, SKIP, YES


def unclear(scene: Scene) -> bool:
    """Whether the lead answered the open question with something that answers nothing."""
    return scene.again and not scene.asks and scene.brief.perception["intent"] in ("answer", "small_talk")


def ask_again(scene: Scene, question: Question) -> str:
    """The same question, made easier; the last time with a way out."""
    if SKIP.search(scene.folded):
        return f"{scene.pick('skip')} {question.question}"
    if scene.brief.asked.count(question.field) > 1:
        return f"{scene.pick('need_not')} {question.question}"
    if question.kind == "choice":
        return _which(scene, question)
    return f"{scene.pick('unclear')} {scene.pick(f'easier_{question.kind}')} {question.question}"


def ask_after(scene: Scene, question: Question, bridge: str) -> str:
    """The question, after something else was dealt with first."""
    return f"{scene.pick(bridge)} {question.question}"


def _which(scene: Scene, question: Question) -> str:
    choices = in_words(scene, "or", list(question.choices))
    if YES.search(scene.folded):
        return scene.pick("yes_which", choices=choices)
    if NO.search(scene.folded):
        return scene.pick("no_which", choices=choices)
    return f"{scene.pick('unclear')} {scene.pick('which', choices=choices)}"
