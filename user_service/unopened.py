"""What becomes of sign-ups that nobody ended: a person, or nothing."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from nameko.timer import timer

from common.clock import Clock
from common.errors import Refusal
from common.outages import answering_outages
from user_service.domain.profile import Profile
from user_service.domain.sign_up import GIVEN_UP

SETTLE_SECONDS = 10
# Far less than a timer's interval of work; the others wait for the next.
MOST_SETTLED = 100


class Unopened:
    """A part of ``UserService``.

    All its processes may do this at once: each step is done once, or does nothing.
    """

    store: Any
    auth: Any
    clock: Clock

    if TYPE_CHECKING:

        def welcome(self, profile: Profile) -> dict[str, Any]: ...

    @timer(interval=SETTLE_SECONDS, expected_exceptions=Refusal)
    @answering_outages
    def settle_sign_ups(self) -> int:
        """How many were left.  As long as auth_service is away, nothing is decided."""
        before = self.clock.now() - GIVEN_UP
        with self.store.transaction() as profiles:
            left = profiles.unopened(before, MOST_SETTLED)
        for profile in left:
            self.settle(profile, before)
        return len(left)

    def settle(self, profile: Profile, before: datetime) -> None:
        if self.auth.has_account(user_id=profile.id):
            self.welcome(profile)
            return
        # It is told as well: should an account come to be against all odds, it is
        # closed, and its e-mail is free again.
        with self.store.transaction() as profiles:
            profiles.give_up(profile.id, before, self.clock.now())
