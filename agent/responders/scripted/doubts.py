"""The owner's answer to a doubt, given once."""

from agent.playbook.schema import Objection
from agent.responders.scripted.scene import Scene
from agent.responders.scripted.sentences import stems
from agent.responders.scripted.words import touches


def answer_doubt(scene: Scene) -> str:
    """The playbook's answer to the objection at hand; not the same one twice."""
    fitting = _fitting(scene)
    if not fitting:
        return scene.pick("doubt_unknown")
    fresh = next((objection for objection in fitting if not scene.said(objection.answer)), None)
    return " ".join([*_refusals(scene), fresh.answer if fresh else scene.pick("doubt_again")])


def _refusals(scene: Scene) -> list[str]:
    """What was asked for and cannot be had, said first."""
    if scene.brief.perception["objection"] != "price":
        return []
    return [scene.pick(f"no_{kind}") for kind in ("discount", "instalments") if touches(scene.folded, kind)]


def _fitting(scene: Scene) -> list[Objection]:
    """The answers to this type of doubt, the one with the nearest examples first."""
    kind = scene.brief.perception["objection"] or "other"
    of_kind = [objection for objection in scene.brief.playbook.objections if objection.type == kind]
    if len(of_kind) < 2:
        return of_kind
    words = stems(scene.folded)
    return sorted(of_kind, key=lambda o: -max(len(words & stems(example)) for example in o.examples))
