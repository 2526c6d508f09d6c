"""Where carts live: one Redis hash a customer or guest, a field a product."""

from dataclasses import asdict
from itertools import chain

from redis import StrictRedis
from redis.client import Pipeline

from common import json
from common.money import Money
from order_service.domain import errors
from order_service.domain.cart import MOST_PIECES, Wish

MOST_PRODUCTS = 1000
LIFE_SECONDS = 30 * 24 * 3600

TAKE_OUT = f"""
for i = 1, #ARGV, 2 do
    local wish = redis.call('HGET', KEYS[1], ARGV[i])
    if wish and cjson.decode(wish).quantity == tonumber(ARGV[i + 1]) then
        redis.call('HDEL', KEYS[1], ARGV[i])
    end
end
redis.call('INCR', KEYS[2])
redis.call('EXPIRE', KEYS[2], {LIFE_SECONDS})
"""

# One script, so that nobody sees the pieces in both carts, or in none.
MERGE = f"""
local brought = redis.call('HGETALL', KEYS[1])
redis.call('DEL', KEYS[1], KEYS[2])
if #brought == 0 then return end
for i = 1, #brought, 2 do
    local wish = cjson.decode(brought[i + 1])
    local own = redis.call('HGET', KEYS[3], brought[i])
    if own then
        local sum = wish.quantity + cjson.decode(own).quantity
        wish.quantity = math.min(sum, {MOST_PIECES})
    end
    if own or redis.call('HLEN', KEYS[3]) < {MOST_PRODUCTS} then
        redis.call('HSET', KEYS[3], brought[i], cjson.encode(wish))
    end
end
redis.call('INCR', KEYS[4])
redis.call('EXPIRE', KEYS[3], {LIFE_SECONDS})
redis.call('EXPIRE', KEYS[4], {LIFE_SECONDS})
"""


class CartRepository:
    def __init__(self, redis: StrictRedis) -> None:
        self.redis = redis

    def find(self, customer_id: str) -> tuple[list[Wish], int]:
        """What is in the cart, and its version."""
        with self.redis.pipeline() as pipe:
            pipe.hgetall(items_key(customer_id))
            pipe.get(version_key(customer_id))
            wishes, version = pipe.execute()
        return [to_wish(*item) for item in sorted(wishes.items())], int(version or 0)

    def put(self, customer_id: str, wish: Wish) -> None:
        key = items_key(customer_id)
        is_new = not self.redis.hexists(key, wish.product_id)
        if is_new and self.redis.hlen(key) >= MOST_PRODUCTS:
            raise errors.cart_full(MOST_PRODUCTS)
        with self.changing(customer_id) as pipe:
            pipe.hset(key, wish.product_id, json.dumps(to_fields(wish)))
            pipe.expire(key, LIFE_SECONDS)
            pipe.execute()

    def remove(self, customer_id: str, product_id: str) -> None:
        with self.changing(customer_id) as pipe:
            pipe.hdel(items_key(customer_id), product_id)
            pipe.execute()

    def take_out(self, customer_id: str, bought: list[dict]) -> None:
        """Remove what was bought, but nothing that was changed meanwhile."""
        keys = [items_key(customer_id), version_key(customer_id)]
        pairs = [(item["product_id"], item["quantity"]) for item in bought]
        self.redis.eval(TAKE_OUT, len(keys), *keys, *chain.from_iterable(pairs))

    def merge(self, guest: str, customer_id: str) -> None:
        """Have all that is in the guest's cart in the customer's, as far as it goes.

        The pieces add up, at the price that the guest has seen; the guest's is gone.
        """
        keys = [
            key(owner)
            for owner in (guest, customer_id)
            for key in (items_key, version_key)
        ]
        self.redis.eval(MERGE, len(keys), *keys)

    def clear(self, customer_id: str) -> None:
        with self.changing(customer_id) as pipe:
            pipe.delete(items_key(customer_id))
            pipe.execute()

    def forget(self, customer_id: str) -> None:
        self.redis.delete(items_key(customer_id), version_key(customer_id))

    def changing(self, customer_id: str) -> Pipeline:
        pipe = self.redis.pipeline()
        pipe.incr(version_key(customer_id))
        pipe.expire(version_key(customer_id), LIFE_SECONDS)
        return pipe


def items_key(customer_id: str) -> str:
    return f"cart:{customer_id}"


def version_key(customer_id: str) -> str:
    return f"cart:{customer_id}:version"


def to_fields(wish: Wish) -> dict:
    fields = asdict(wish)
    del fields["product_id"]
    return fields


def to_wish(product_id: str, text: str) -> Wish:
    fields = json.loads(text)
    price = Money(**fields.pop("seen_price"))
    return Wish(product_id=product_id, seen_price=price, **fields)
