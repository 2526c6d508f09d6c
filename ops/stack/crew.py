"""Processes of one kind: started, watched, and started again when they die."""

from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import Any

from ops.errors import Problem
from ops.stack.child import Child, Command
from ops.stack.progress import tell

FIRST_DELAY = 0.5
LONGEST_DELAY = 10.0
STEADY_SECONDS = 60.0
MOST_DEATHS = 5


@dataclass
class Post:
    """One process's place, whoever holds it.  ``delay`` grows while nobody lasts."""

    command: Command
    child: Child
    taken_at: float
    delay: float = FIRST_DELAY
    vacant_until: float | None = None
    deaths: list[float] = field(default_factory=list)
    restarts: int = 0
    last_end: str = ""

    def saved(self) -> dict[str, Any]:
        history = {"restarts": self.restarts, "last_end": self.last_end}
        return self.child.saved() | history

    def tend(self, now: float) -> bool:
        """Whether the process has changed."""
        if self.vacant_until is None and not self.child.alive:
            self.mourn(now)
        elif self.vacant_until is not None and now >= self.vacant_until:
            self.child = Child.spawn(self.command)
            self.taken_at, self.vacant_until = now, None
            self.restarts += 1
            return True
        return False

    def mourn(self, now: float) -> None:
        if now - self.taken_at >= STEADY_SECONDS:
            self.delay = FIRST_DELAY
        self.last_end = f"at {datetime.now():%H:%M:%S} it {self.child.ending()}"
        tell(f"{self.child.obituary()}; starting it again in {self.delay:g} s")
        self.child.sweep()
        self.deaths = [t for t in self.deaths if now - t < STEADY_SECONDS] + [now]
        self.vacant_until = now + self.delay
        self.delay = min(2 * self.delay, LONGEST_DELAY)


class Crew:
    def __init__(self) -> None:
        self.posts: list[Post] = []

    def hire(self, command: Command) -> Child:
        post = Post(command, Child.spawn(command), monotonic())
        self.posts.append(post)
        return post.child

    def dismiss(self, child: Child) -> None:
        self.posts = [post for post in self.posts if post.child is not child]

    @property
    def children(self) -> list[Child]:
        return [post.child for post in self.posts]

    def saved(self) -> list[dict[str, Any]]:
        return [post.saved() for post in self.posts]

    def tend(self) -> bool:
        """Whether any process has changed."""
        now = monotonic()
        return any([post.tend(now) for post in self.posts])

    def demand_steady(self) -> None:
        """Raise when one dies again and again."""
        for post in self.posts:
            if len(post.deaths) >= MOST_DEATHS:
                raise Problem(
                    f"{post.command.name} died {MOST_DEATHS} times within a minute: "
                    f"{post.child.last_words()}"
                )

    def last_words(self, service: str) -> str:
        of_it = [post for post in self.posts if post.command.name.startswith(service)]
        return of_it[-1].child.last_words()
