"""The door's cache, for those who hear that something has changed."""

from nameko.containers import WorkerContext
from nameko.extensions import DependencyProvider

from gateway.cache import Cache
from gateway.server import Gate


class Memory(DependencyProvider):
    # The same gate that the routes have: Nameko shares it within a process.
    server = Gate()

    def get_dependency(self, worker_ctx: WorkerContext) -> Cache:
        return self.server.door.cache
