"""What of a text is kept that nobody declared: words that tell how a lead ended, or was judged."""

from __future__ import annotations

import re

OUTCOME_WORDS = re.compile(
    r"\b(?:closed|won|lost|loss|customer|sold|signed|purchased|converted|conversion|enrolled"
    r"|disqualified|not eligible|churned|contract|deal)\b",
    re.IGNORECASE,
)
"""Words for how a lead ended, or for a stage after the scoring moment."""

CONTACT_WORDS = re.compile(
    r"\b(?:ringing|hang ?up|unreachable|switched off|no answer|not reached|voicemail"
    r"|phone conversation|wrong number|invalid number|called|call ?back|approached)\b",
    re.IGNORECASE,
)
"""Words a sales person writes down after trying to reach a lead."""

JUDGEMENT_WORDS = re.compile(
    r"\b(?:potential|relevance|worst|might be|not sure|hot|warm|cold|promising)\b", re.IGNORECASE
)
"""Words with which somebody judges a lead; a lead does not say them of itself."""

OWN_TEXT = "(a text of its own)"
"""Stands for a cell of a column whose texts differ from lead to lead."""

TELLING = (OUTCOME_WORDS, CONTACT_WORDS, JUDGEMENT_WORDS)

_SMALL = frozenset(
    ("an", "and", "as", "at", "be", "by", "for", "from", "has", "in", "is", "it", "no", "not",
     "of", "off", "on", "or", "out", "still", "the", "to", "was", "will", "with")
)  # fmt: skip


def tells(wording: str) -> bool:
    """Return whether a text holds a word that tells.

    Examples
    --------
    >>> tells("Closed by Anna Ekman"), tells("Anna wants a call")
    (True, False)
    """
    return any(words.search(wording) for words in TELLING)


def only_telling(wording: str) -> str:
    """Return the words of a text that tell, with the small words between; all others are dots.

    What somebody wrote may name people: of it no word is kept that is not one of ours.

    Examples
    --------
    >>> only_telling("Closed by Anna Ekman, +45 11 22 33 44")
    'Closed by …'
    >>> only_telling("Not sure")
    'Not sure'
    """
    kept = [match.span() for words in TELLING for match in words.finditer(wording)]

    def word(match: re.Match[str]) -> str:
        is_telling = any(begin <= match.start() and match.end() <= end for begin, end in kept)
        return match[0] if is_telling or match[0].lower() in _SMALL else "…"

    dotted = re.sub(r"\w+", word, wording)
    return re.sub(r"[^\w…]*…[^\w]*(?:…[^\w]*)*", " … ", dotted).strip()
