"""What a text says to a search: words without case, accents and endings."""

import re
import unicodedata
from collections.abc import Iterable
from itertools import islice

from Stemmer import Stemmer

# Beyond these a text is only longer, and an index only larger.
MOST_WORDS = 200
MOST_ASKED = 10
LONGEST_WORD = 40
WORD = re.compile(r"[^\W_]+")
STOP_WORDS = frozenset(
    """
    a an and are as at be but by for from has have if in into is it its my no not of
    on or our so such that the their then there these they this to was we were will
    with you your
    """.split()  # noqa: SIM905 - as it is read
)
stemmer = Stemmer("english")


def words_of(*texts: str, most: int = MOST_WORDS) -> list[str]:
    """The different words of ``texts``, in their order, up to ``most``."""
    found = dict.fromkeys(word for text in texts for word in spoken(text))
    return list(islice(found, most))


def asked_words(q: str) -> list[str]:
    """The words of a question; none where it has only those that say nothing."""
    return words_of(q, most=MOST_ASKED)


def spoken(text: str) -> Iterable[str]:
    plain = [word for word in WORD.findall(folded(text)) if word not in STOP_WORDS]
    return stemmer.stemWords([word[:LONGEST_WORD] for word in plain])


def folded(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))
