"""A service that calls a neighbour in every way that there is."""

from functools import partial
from typing import ClassVar

from nameko.extensions import DependencyProvider

from common.wire import ServiceRpc, rpc
from tests.unit.ops.broker import elsewhere
from tests.unit.ops.broker.elsewhere import Helper, unused


class Told:
    type: ClassVar[str] = "thing.told"


class Store(DependencyProvider):
    things = ServiceRpc("thing_service")

    def look(self):
        return self.things.get_by_store()


class Service:
    name = "subject"

    store = Store()
    things = ServiceRpc("thing_service")

    @rpc
    def work(self):
        self.things.get_directly()
        partial(self.things.get_later, 1)
        Helper(self.things).help()
        elsewhere.look(self.things)
        self.store.things.get_from_the_store()
        return Told()


class Wrong:
    things = ServiceRpc("thing_service")

    def work(self):
        self.things.get_mispelt()


class Bystander:
    """In the same module, and no part of the service."""

    def idle(self, things):
        things.get_by_bystander()
        return unused
