"""Links and addresses in a text."""

import re
from collections.abc import Iterator

_ENDINGS = (
    "com|net|org|io|co|ai|app|dev|de|at|ch|es|fr|it|nl|be|pt|br|uk|us|eu|ca|au|in|info|biz|shop|store|online|site|xyz|me|ly|gg|"
    "link|page|pay|club|top|live|pro|tv|to|so|cc|ru|cn|jp|pl|se|no|dk|fi|ie|mx|ar|cl|club|email|click|work|tech|space|website|"
    "world|life|today|academy|coach|coaching|fitness|health|bio|gl|sh|vip|win|bid|fun|agency|digital|media|network|social|id"
)
_LINK = re.compile(
    r"(?:[a-z][a-z0-9+.-]{1,20}:/{2,3}|www\d?\.|mailto:|tel:|javascript:|data:)[^\s<>\"'`)\]}|]+"
    r"|[a-z0-9._%+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+"
    rf"|(?<![\w@/.-])(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+(?:{_ENDINGS})(?![\w-])(?!\.[a-z])(?::\d+)?(?:[/?#][^\s<>\"'`)\]}}|]*)?"
    r"|(?<![\d.,])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])(?::\d+)?(?:/\S*)?"
    r"|[a-z0-9-]+\.[a-z]{2,}/[^\s<>\"'`)\]}|]+",
    re.IGNORECASE,
)
_DISGUISED = re.compile(
    rf"(?<![a-z])[a-z0-9-]+ ?[\[({{]? ?(?:dot|punkt|punto|ponto|\.) ?[\])}}]? ?(?:{_ENDINGS})(?![a-z])",
    re.IGNORECASE,
)
_REAL_DISGUISE = re.compile(r"\b(?:dot|punkt|punto|ponto)\b|[\[({] ?\.|\. ?[\])}]", re.IGNORECASE)
_POINTED = re.compile(r"[.:](?=\S)")
"""What every link has, and few sentences: to look for this first costs a tenth."""
_MISSING_SPACE = re.compile(r"[a-z]\.[A-Z][a-z]*\Z")


def links(text: str) -> Iterator[str]:
    """Every link, address or bare domain, as written; "word.Next" without a space is none."""
    if _POINTED.search(text):
        for match in _LINK.finditer(text):
            if not _MISSING_SPACE.search(match[0]):
                yield match[0]
    if _REAL_DISGUISE.search(text):
        for match in _DISGUISED.finditer(text):
            if _REAL_DISGUISE.search(match[0]):
                yield match[0]


def same(link: str) -> str:
    """A link without what does not tell it from another: scheme, ``www.``, closing signs, the host's case."""
    link = re.sub(r"(?i)\A(?:https?://)?(?:www\.)?", "", link.rstrip(".,;:!?*_~'\")]}>"))
    host, slash, rest = link.partition("/")
    return (host.lower() + slash + rest).rstrip("/")
