"""The guard on the words of a model, as they come."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agent.guard.corrections import correction
from agent.guard.leaks import LENGTH, runs_of, secrets_of
from agent.guard.links import links, same
from agent.guard.policy import Kind, policy_for
from agent.guard.spoken import texts
from agent.guard.text import WIDE_STOP, fold, plain, visible
from agent.guard.triggers import before_openers
from agent.playbook.cache import per_playbook
from agent.playbook.schema import FieldValue, Playbook

LONGEST_HOLD = 400
"""Characters that are held back at most before they are judged without the end of their sentence."""
_KEPT_BACK = 80
"""Characters that stay held when a sentence is judged before its end: an amount may continue."""
_LOOK_BACK = 400

_END = re.compile(rf"[.!?]+[\"')\]*_~`]*(?=[\s(])|\n|{WIDE_STOP}(?=[^a-z0-9])")
_CLOSERS = " \n\"')]*_~`.!?,:;("
_MONEY_WORD = re.compile(r"\W*(?:[$₹₩]|us|usd|eur|euros?|gbp|chf|dollars?|bucks?|pounds?)\W*")
_BIG_WORD = re.compile(
    r".*(?:hundred|thousand|hundert|tausend|honderd|duizend|cient[oa]s|centos|cento|ty)|mil|cien|cents?|mille|cem|.*zig"
)
_WORD = re.compile(r"[a-z0-9]+(?=[^a-z0-9])")
_BEGUN = re.compile(r"[a-z0-9]+\Z")
_UNMARKED = {**dict.fromkeys(map(ord, "*~`\\")), ord("。"): ".", ord("．"): "."}
_UNBRACKETED = {ord("<"): " ", ord(">"): " "}


def _dangles(folded: str) -> bool:
    """Whether a number still waits for its currency, or a currency for its number."""
    *_, before, last = ["", "", *folded[-60:].rstrip(_CLOSERS).split()]
    if _MONEY_WORD.fullmatch(last):
        return not any(map(str.isdigit, before))
    if any(map(str.isdigit, last)) and "$" not in last and "%" not in last:
        return not _MONEY_WORD.fullmatch(before)
    return bool(_BIG_WORD.fullmatch(last))


@dataclass(frozen=True, slots=True)
class Violation:
    """What was cut, for the owner's log: not for the lead."""

    kind: Kind
    text: str


@per_playbook
def _own_links(playbook: Playbook) -> frozenset[str]:
    own = [*playbook.links, *(link for text in texts(playbook) for link in links(text))]
    return frozenset(map(same, own))


@per_playbook
def _own_runs(playbook: Playbook) -> frozenset[str]:
    return runs_of(list(texts(playbook)))


def _unlinked(text: str) -> str:
    """A text without its links: the port of one is no price."""
    for link in links(text):
        text = text.replace(link, " ")
    return text


class StreamGuard:
    """Lets a reply through word by word, and cuts it before it names a price, discount, guarantee or
    link that the playbook does not know, or gives away the prompt.

    ``prompt`` is what the model was told (without the owner's documents, which may be quoted),
    ``known_values`` what the lead told about himself. However the text is cut into pieces, the same
    text comes out. Once `tripped` is set, nothing of the model's words is let through any more.
    """

    def __init__(
        self,
        playbook: Playbook,
        *,
        allowed_links: Sequence[str] = (),
        canary: str,
        prompt: str,
        known_values: Mapping[str, FieldValue],
        language: str,
    ) -> None:
        self.tripped: Violation | None = None
        self._playbook, self._language = playbook, language
        self._policy = policy_for(playbook)
        self._links = _own_links(playbook).union(map(same, allowed_links))
        self._secrets = secrets_of(prompt, canary, _own_runs(playbook))
        self._known = [
            float(value)
            for name, value in known_values.items()
            if isinstance(value, int | float) and (q := playbook.question_for(name)) and q.kind == "money"
        ]
        self._text = self._folded = ""
        self._released = 0
        """Up to where the text has been let through; a hold begins there."""
        self._scanned = 0
        """Up to where no trigger can begin any more."""
        self._holding = False
        self._run: list[str] = []
        self._worded = 0
        self._unread = 0
        """How many words may pass before the next look for a leak."""
        self._leak: int | None = None
        """Where the word stands that would make a leak of the prompt."""

    def feed(self, piece: str) -> str:
        """What may be shown now that ``piece`` has come."""
        if self.tripped:
            return ""
        self._text += piece
        if self._unread and self._released == len(self._folded) and self._policy.is_quiet(piece):
            self._unread -= 1
            self._folded += piece.lower()
            self._released = self._scanned = len(self._folded)
            return piece
        self._folded += fold(piece)
        return self._advance()

    def finish(self) -> str:
        """What may still be shown, as nothing more will come."""
        if self.tripped:
            return ""
        self._folded += "\n"
        shown = self._advance()
        if not self.tripped and self._released < len(self._text):
            shown += self._judge(len(self._text), len(self._text))
        return shown

    def _advance(self) -> str:
        self._follow_words()
        shown, going = "", True
        while going and not self.tripped:
            more, going = self._hold() if self._holding else self._flow()
            shown += more
        return shown

    def _release(self, end: int) -> str:
        start, self._released = self._released, max(self._released, min(end, len(self._text)))
        return self._text[start : self._released]

    # letting through

    def _flow(self) -> tuple[str, bool]:
        """Let words through up to what may begin a hold; whether there is more to do."""
        limit = self._word_limit()
        start = self._hold_start(limit)
        if self._leak is not None and (start is None or self._leak <= start):
            return self._release(self._leak) + self._trip("prompt", self._leak + 1), False
        if start is not None:
            self._holding = True
            return self._release(start), True
        if limit < len(self._folded):
            return self._release(limit), False
        self._scanned = self._policy.tail_start(self._folded, self._scanned)
        return self._release(self._scanned), False

    def _hold_start(self, limit: int) -> int | None:
        found = self._policy.trigger.search(self._folded, self._scanned, limit)
        start = found.start() if found else None
        if self._secrets.canary_start:
            begun = len(self._secrets.canary_start) - 1
            at = self._folded.find(self._secrets.canary_start, max(0, self._scanned - begun), limit)
            if at >= 0 and (start is None or at + begun < start):
                return at + begun
        return start if start is None else max(self._released, before_openers(self._folded, start))

    def _follow_words(self) -> None:
        """Keep the words since the last one that the prompt does not have, and find the first leak."""
        if self._leak is not None:
            return
        of_prompt, run = self._secrets.words, self._run
        for match in _WORD.finditer(self._folded, self._worded):
            self._worded = match.end()
            if match[0] not in of_prompt:
                run.clear()
                continue
            run.append(match[0])
            if len(run) >= LENGTH and self._secrets.is_leak(run[-LENGTH:]):
                self._leak = match.start()
                break
        hidden = self._leak is None and not self._secrets.canary_start.isalpha()
        self._unread = max(0, LENGTH - 2 - len(run)) * hidden

    def _word_limit(self) -> int:
        """How far one may look while the next word could be the one too many."""
        if len(self._run) < LENGTH - 1 or not self._secrets.may_leak(self._run[1 - LENGTH :]):
            return len(self._folded)
        begun = _BEGUN.search(self._folded, self._worded)
        return begun.start() if begun else len(self._folded)

    # holding back

    def _hold(self) -> tuple[str, bool]:
        """Judge what is held once its sentence has ended, or has become too long."""
        limit = self._released + LONGEST_HOLD
        for match in _END.finditer(self._folded, self._released, min(limit, len(self._folded))):
            if match.end() > self._released and not _dangles(self._folded[: match.end()]):
                self._holding, self._scanned = False, match.end()
                return self._judge(match.end(), match.end()), True
        if len(self._folded) < limit:
            return "", False
        end = self._last_space(limit)
        while _dangles(self._folded[:end]) and end > limit - _KEPT_BACK // 2:
            end = self._last_space(end - 1)
        return self._judge(end, self._last_space(end - _KEPT_BACK)), True

    def _last_space(self, end: int) -> int:
        at = max(
            self._folded.rfind(" ", self._released + 1, end),
            self._folded.rfind("\n", self._released + 1, end),
        )
        return at if at > 0 else end

    def _judge(self, end: int, release: int) -> str:
        """Let through up to ``release`` if nothing up to ``end`` is wrong."""
        kind = self._fault(end)
        return self._trip(kind, end) if kind else self._release(release)

    def _fault(self, end: int) -> Kind | None:
        since = max(0, self._released - _LOOK_BACK)
        starts = [since, *(m.end() for m in _END.finditer(self._folded, since, self._released))]
        text = self._text[starts[-1] : end]
        shown = visible(text).translate(_UNMARKED)
        if any(same(link) not in self._links for link in (*links(shown), *links(text))):
            return "link"
        text = _unlinked(text)
        secret = self._secrets.kept_from(plain(self._text[since:end]))
        if secret or (self._leak is not None and self._leak < end):
            return secret or "prompt"
        previous = plain(self._text[starts[-2] : starts[-1]]) if len(starts) > 1 else ""
        fault = self._policy.fault(plain(text), previous, self._known)
        if fault is None and "<" in text:
            return self._policy.fault(plain(text.translate(_UNBRACKETED)), previous, self._known)
        return fault

    def _trip(self, kind: Kind, end: int) -> str:
        since = max(0, self._released - _LOOK_BACK)
        self.tripped = Violation(kind, self._text[since:end])
        return correction(kind, self._playbook, self._language, self._text[: self._released])
