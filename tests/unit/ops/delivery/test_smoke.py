"""A visit ends at the first thing that is not as it should be, and leaves nobody."""

import pytest

from ops.delivery import smoke
from ops.delivery.smoke import visit, wait_for
from ops.errors import Problem


class FakeShop:
    """Answers as the shop does; ``broken`` are paths that do not."""

    def __init__(self, *broken, for_sale=("p1",)):
        self.broken, self.for_sale, self.token = broken, for_sale, ""
        self.people, self.looks = [], 0

    def ask(self, method, path, *expected, body=None, **headers):
        if any(path.startswith(each) for each in self.broken):
            raise Problem(f"{method} {path} answered 500")
        match method, path.partition("?")[0].split("/")[1:]:
            case "GET", ["v1", "products"]:
                return {"items": [{"id": each} for each in self.for_sale]}
            case "GET", ["v1", "products", name]:
                return {"id": name}
            case "POST", ["v1", "users"]:
                self.people.append(body["email"])
            case "POST", ["v1", "auth", "tokens"]:
                return {"access_token": "t"}
            case "POST", ["v1", "orders"]:
                return {"id": "o1"}
            case "GET", ["v1", "orders", "o1"]:
                self.looks += 1
                return {"status": "pending" if self.looks == 1 else "confirmed"}
            case "DELETE", ["v1", "users", "me"]:
                self.people.pop()
        return None


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    """Waiting takes no time, and not for ever."""

    def quickly(look):
        now = iter(range(0, 1000, 20))
        wait_for(look, pause=lambda _: None, clock=lambda: next(now))

    monkeypatch.setattr(smoke, "wait_for", quickly)


def test_a_shop_that_is_open_is_seen():
    assert visit(FakeShop()) == 6


def test_a_shop_that_sells_is_seen_and_its_customer_is_forgotten():
    shop = FakeShop()

    assert visit(shop, buys=True) == 12
    assert shop.people == []


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/v1/products"])
def test_what_is_broken_ends_the_visit(path):
    with pytest.raises(Problem, match=path):
        visit(FakeShop(path))


def test_an_empty_shop_is_no_shop():
    with pytest.raises(Problem, match="nothing for sale"):
        visit(FakeShop(for_sale=()))


def test_an_order_that_is_not_confirmed_ends_the_visit():
    with pytest.raises(Problem, match="/v1/orders/o1"):
        visit(FakeShop("/v1/orders/o1"), buys=True)
