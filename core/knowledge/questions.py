"""Questions as they are looked up."""

SHORT = 5
"""Words up to which a question is taken to go on from the one before it. Chosen on the labelled follow-ups:
so 96 % of them find their answer among the first five, alone 63 %. Where the question before was about
something else, 91 % of all questions still do instead of 93 %."""


def in_context(question: str, before: str) -> str:
    """``question``, after what was asked ``before`` where it is too short to be understood alone."""
    goes_on = before and before.casefold() != question.casefold() and len(question.split()) <= SHORT
    return f"{before} {question}" if goes_on else question
