"""How a person would like to be served."""

from dataclasses import dataclass

# BCP 47, the ones we could write to people in.
LANGUAGES = ("de", "en", "es", "fr", "it", "nl", "pl", "pt")


@dataclass(frozen=True)
class Preferences:
    """Nobody has consented who has not said so."""

    language: str = "en"
    currency: str = "GBP"
    marketing_consent: bool = False
