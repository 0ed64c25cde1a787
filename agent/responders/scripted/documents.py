"""What the owner's documents say to a question, quoted; nothing in them commits the owner to more than
the playbook does."""

from functools import lru_cache

from agent.guard.links import links
from agent.guard.policy import Policy, policy_for
from agent.guard.text import plain, visible
from agent.responders.scripted.scene import Scene
from agent.responders.scripted.sentences import ranked, stems

_CANDIDATES = 3


def from_documents(scene: Scene) -> str:
    """The one or two sentences that share most with the question; empty where none shares anything."""
    text = _nearest(scene, least=1)
    return scene.pick("quote", text=text) if text else ""


def near_in_documents(scene: Scene) -> str:
    """What comes nearest where no word is the same: said with that doubt."""
    text = _nearest(scene, least=0)
    return scene.pick("quote_near", text=text) if text else ""


def _nearest(scene: Scene, least: int) -> str:
    policy = policy_for(scene.brief.playbook)
    found = ranked(stems(scene.folded), [passage.text for passage in scene.brief.passages])
    candidates = (text for shared, text in found[:_CANDIDATES] if shared >= least)
    return next((text for text in candidates if _may_be_said(text, policy)), "")


@lru_cache(maxsize=1024)
def _may_be_said(text: str, policy: Policy) -> bool:
    return not any(links(visible(text))) and policy.fault(plain(text), "", ()) is None
