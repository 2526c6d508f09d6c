"""Entrypoints of user_service: people, as they tell the shop about themselves."""

from typing import Any

from nameko.timer import timer

from common.clock import Clock
from common.discovery import Registration
from common.errors import Conflict, Invalid, Refusal, Unavailable
from common.events import event_handler
from common.idempotency import LIFE, PRUNE_SECONDS
from common.identity import Identity
from common.ids import new_id
from common.inbox import LIFE as KNOWN_FOR
from common.inbox import Heard
from common.internal import InternalPort
from common.live import LiveSettings
from common.logs.tracer import Tracer
from common.mail import Mail
from common.outages import answering_outages
from common.pages import PageDraft, page
from common.schemas import parse, show
from common.wire import ServiceRpc, rpc
from user_service.addresses import AddressEntrypoints
from user_service.domain import letters
from user_service.domain.address import MOST_ADDRESSES
from user_service.domain.letters import Letter
from user_service.domain.preferences import Preferences
from user_service.domain.profile import Profile
from user_service.domain.sign_up import claimed
from user_service.export import cart_of, orders_of, shop_of
from user_service.schemas import (
    OrderConfirmed,
    PreferencesDraft,
    PreferencesView,
    SavedAddress,
    UserDraft,
    UserPatch,
    UserRegistered,
    UserView,
)
from user_service.storage.provider import ProfileStore
from user_service.unopened import Unopened


class UserService(AddressEntrypoints, Unopened):
    name = "user_service"

    store = ProfileStore()
    mail = Mail()
    auth = ServiceRpc("auth_service")
    orders = ServiceRpc("order_service")
    products = ServiceRpc("product_service")
    identity = Identity()
    clock = Clock()
    live = LiveSettings()
    internal = InternalPort()
    tracer = Tracer()
    registration = Registration()

    @rpc
    def register_user(
        self, draft: dict, key: str | None = None, fingerprint: str | None = None
    ) -> dict[str, Any]:
        """``{"user": ..., "replayed": bool}``; once per ``key``, if there is one."""
        fields = parse(UserDraft, draft)
        password, now = fields.pop("password"), self.clock.now()
        profile = Profile(new_id(), created_at=now, **fields)
        # The profile first: a crash in between leaves a profile nobody can sign
        # in to, never an account without a person.  Its key has no answer before
        # there is an account, so that whoever repeats the request makes it.
        claim = claimed(key, fingerprint and self.store.seal.mark(fingerprint))
        with self.store.transaction() as profiles:
            profile, answer = profiles.begin(profile, claim, now)
        if answer:
            return {"user": answer, "replayed": True}
        self.open_account(profile, password)
        return {"user": self.welcome(profile), "replayed": False}

    def open_account(self, profile: Profile, password: str) -> None:
        try:
            self.auth.create_account(
                user_id=profile.id, email=profile.email, password=password
            )
        except (Conflict, Invalid):
            with self.store.transaction() as profiles:
                profiles.remove(profile.id)
            raise
        except Unavailable:
            with self.store.transaction() as profiles:
                profiles.interrupt(profile.id, self.clock.now())
            raise

    def welcome(self, profile: Profile) -> dict[str, Any]:
        answer = show(UserView, profile)
        with self.store.transaction() as profiles:
            profiles.welcome(profile.id, answer, self.clock.now())
        return answer

    @timer(interval=PRUNE_SECONDS, expected_exceptions=Refusal)
    @answering_outages
    def prune_keys(self) -> None:
        now = self.clock.now()
        old = now - LIFE
        with self.store.transaction() as profiles:
            profiles.forget_keys(old)
            profiles.inbox.forget(now - KNOWN_FOR)
        with self.store.addresses() as addresses:
            addresses.forget_keys(old)

    @rpc
    def get_user(self) -> dict[str, Any]:
        return self.person(self.identity.caller.id)

    @rpc
    def change_user(self, draft: dict) -> dict[str, Any]:
        user_id, fields = self.identity.caller.id, parse(UserPatch, draft)
        with self.store.transaction() as profiles:
            profile = profiles.get(user_id)
            profile.change(**fields)
            profiles.save(profile)
        return show(UserView, profile)

    @rpc
    def erase_user(self) -> None:
        user_id = self.identity.caller.id
        with self.store.transaction() as profiles:
            profiles.erase(user_id, self.clock.now())

    @rpc
    def list_users(self, query: dict) -> dict[str, Any]:
        self.identity.only("admin")
        wanted = parse(PageDraft, query)
        with self.store.transaction() as profiles:
            found = profiles.newest(**wanted)
        return page(
            found,
            wanted["limit"],
            dump=lambda profile: show(UserView, profile),
            position=lambda profile: [profile.id],
        )

    @rpc
    def get_any_user(self, user_id: str) -> dict[str, Any]:
        self.identity.only("admin")
        with self.store.transaction() as profiles:
            person = show(UserView, profiles.find_opened(user_id))
        account = self.auth.get_account(user_id=user_id)
        return person | {name: account[name] for name in ("roles", "seller_id")}

    @rpc
    def get_preferences(self) -> dict[str, Any]:
        user_id = self.identity.caller.id
        with self.store.transaction() as profiles:
            return show(PreferencesView, profiles.preferences(user_id))

    @rpc
    def put_preferences(self, draft: dict) -> dict[str, Any]:
        user_id = self.identity.caller.id
        preferences = Preferences(**parse(PreferencesDraft, draft))
        with self.store.transaction() as profiles:
            profiles.prefer(user_id, preferences)
        return show(PreferencesView, preferences)

    @rpc
    def export_user(self) -> dict[str, Any]:
        """All that the shop keeps of the caller, whoever keeps it."""
        caller = self.identity.caller
        with self.store.addresses() as addresses:
            own = addresses.of_user(caller.id, MOST_ADDRESSES, None)
        return {
            "user": self.person(caller.id),
            "account": self.auth.get_account(user_id=caller.id),
            "preferences": self.get_preferences(),
            "addresses": show(SavedAddress, own, many=True),
            "orders": orders_of(caller, self.orders),
            "cart": cart_of(caller, self.orders),
            "shop": shop_of(self.products),
        }

    @event_handler("user_service", "user.registered")
    def on_user_registered(self, event: dict) -> None:
        user_id = parse(UserRegistered, event["data"])["user_id"]
        heard = Heard("on_user_registered", event["id"], self.clock.now())
        self.write(user_id, letters.welcome(), heard)

    @event_handler("order_service", "order.confirmed")
    def on_order_confirmed(self, event: dict) -> None:
        order = parse(OrderConfirmed, event["data"])
        user_id = order.pop("customer_id")
        heard = Heard("on_order_confirmed", event["id"], self.clock.now())
        self.write(user_id, letters.order_confirmed(**order), heard)

    def write(self, user_id: str, letter: Letter, cause: Heard) -> None:
        """As ``at_least_once``, in a statement less."""
        with self.store.statements() as profiles:
            address = profiles.untold(user_id, cause)
        # Who is gone by now has nothing to be told.
        if address is None:
            return
        self.mail.send(address, letter.subject, letter.text, cause.event_id)
        with self.store.statements() as profiles:
            profiles.inbox.note(cause)

    def person(self, user_id: str) -> dict[str, Any]:
        with self.store.transaction() as profiles:
            return show(UserView, profiles.find(user_id))
