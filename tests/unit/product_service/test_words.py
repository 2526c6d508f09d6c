"""What is looked for is found as people mean it, not as they spell it."""

import pytest

from product_service.domain.words import MOST_WORDS, asked_words, words_of


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("MUG", "mug"),
        ("mugs", "A mug"),
        ("crème brûlée", "Creme Brulee"),
        ("potteries", "Pottery"),
        ("STRASSE", "straße"),
        ("fm-salt-001", "FM-SALT-001"),
        ("\uff4d\uff55\uff47", "mug"),
        ("hand_made", "hand made"),
    ],
)
def test_it_is_the_same_word(asked, said):
    assert asked_words(asked) == words_of(said)


def test_words_that_say_nothing_are_left_out():
    assert asked_words("a mug for the tea") == ["mug", "tea"]
    assert asked_words("the") == asked_words("!?") == []


def test_each_word_counts_once_and_not_all_words_count():
    long = " ".join(f"word{number}x" for number in range(1000))

    assert words_of("tea tea", "Tea") == ["tea"]
    assert len(words_of("mug", long)) == MOST_WORDS
    assert words_of("mug", long)[0] == "mug"
