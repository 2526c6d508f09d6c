"""Nothing that a person says of themselves, and no secret, gets into a log."""

import gzip
import json
from secrets import token_hex

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DataError

from common.database import with_driver
from common.ids import new_id
from tests.builders import ADDRESS
from tests.client import Client, eventually
from tests.e2e.test_identity import reset_codes

TOKENS = "/v1/auth/tokens"
USERS = "/v1/users"
ADDRESSES = "/v1/users/me/addresses"
ORDERS = "/v1/orders"


OTHERS = ("new_password", "wrong", "shop", "key", "cursor")


def a_mark():
    """Letters that are nowhere else."""
    return f"mark{token_hex(12)}"


@pytest.fixture
def marks():
    names = ("password", "name", "line1", "line2", "city", "region", "phone", "parcel")
    marks = {name: a_mark() for name in (*names, *OTHERS)}
    return marks | {"email": f"{a_mark()}@example.com", "postal_code": token_hex(10)}


def address_of(marks):
    names = ("line1", "line2", "city", "region", "phone", "postal_code")
    private = {name: marks[name] for name in names}
    return ADDRESS | private | {"full_name": marks["name"]}


def granted(stranger, marks, **grant):
    got = stranger.post(TOKENS, grant)
    if got.status == 200:
        for name in ("access_token", "refresh_token"):
            marks[f"{name} {len(marks)}"] = got.body[name]
    return got


def by_password(stranger, marks, password):
    return granted(
        stranger,
        marks,
        grant_type="password",
        email=marks["email"],
        password=marks[password],
    )


def sign_up(stranger, marks):
    """With all that can go wrong."""
    user = {
        "email": marks["email"],
        "password": marks["password"],
        "full_name": marks["name"],
    }
    broken = f'{{"email": "{marks["email"]}", "password": '.encode()
    sent = {"Content_Type": "application/json"}
    assert stranger.post(USERS, broken, **sent).code == "malformed_json"
    assert stranger.post(USERS, user | {marks["phone"]: marks["line1"]}).status == 422
    assert stranger.post(USERS, user | {"email": marks["line1"]}).status == 422
    assert stranger.post(USERS, user | {"password": marks["email"]}).status == 422
    text = str(user).encode()
    assert stranger.post(USERS, text, Content_Type="text/plain").status == 415
    assert stranger.post(USERS, user, Idempotency_Key=new_id()).status == 201
    assert stranger.post(USERS, user).code == "email_taken"


def sign_in(stranger, marks):
    assert by_password(stranger, marks, "wrong").code == "invalid_credentials"
    pair = by_password(stranger, marks, "password").body
    grant = {"grant_type": "refresh_token"}
    assert granted(stranger, marks, **grant, refresh_token=marks["line1"]).status == 401
    again = granted(stranger, marks, **grant, refresh_token=pair["refresh_token"])
    person = Client(stranger.url, again.body["access_token"], stranger.pool)
    assert stranger.get("/v1/users/me", Authorization=marks["line1"]).status == 401
    return person


def live(person, marks, product_id):
    """Addresses, orders and a shop, well and badly."""
    address = address_of(marks)
    assert person.patch("/v1/users/me", {"email": marks["email"]}).status == 422
    assert person.patch("/v1/users/me", {"full_name": marks["name"]}).status == 200
    assert person.post(ADDRESSES, address | {"country": marks["city"]}).status == 422
    kept = person.post(ADDRESSES, address, Idempotency_Key=new_id()).body
    path = f"{ADDRESSES}/{kept['id']}"
    assert person.patch(path, {"line1": marks["parcel"]}).status == 200
    order = {
        "items": [{"product_id": product_id, "quantity": 1}],
        "shipping_address_id": kept["id"],
        "payment": {"method": "card", "token": "tok_visa"},
    }
    assert person.post(ORDERS, order, Idempotency_Key=new_id()).status == 201
    other = order | {"shipping_address": address}
    assert person.post(ORDERS, other, Idempotency_Key=new_id()).status == 422
    del other["shipping_address_id"]
    assert person.post(ORDERS, other, Idempotency_Key=new_id()).status == 201
    kept = {"Idempotency_Key": marks["key"]}
    assert person.post("/v1/sellers", {"name": marks["shop"]}, **kept).status == 201
    assert person.get(f"{ORDERS}?cursor={marks['cursor']}").status == 422
    assert person.get(f"{ADDRESSES}?{marks['key']}={marks['cursor']}").status == 422
    assert person.get("/v1/users/me/export").status == 200


def stray(stranger, marks):
    """Where what is private stands where no one expects it."""
    for path in (
        f"/v1/users/{marks['email']}",
        f"/v1/users?email={marks['email']}",
        f"/v1/products?q={marks['name']}",
        f"/v1/{marks['line1']}",
        f"/v1/auth/password-resets/{marks['line2']}",
        f"/v1/orders/{marks['parcel']}",
    ):
        stranger.get(path)
    assert stranger.call(marks["city"], "/v1/users").code == "unknown_method"
    order = f"/v1/orders/{new_id()}"
    assert stranger.post(f"{order}?{marks['phone']}").status == 405


def forget(stack, stranger, marks):
    """A new password, by a letter."""
    resets = "/v1/auth/password-resets"
    assert stranger.post(resets, {"email": marks["email"]}).status == 202
    eventually(lambda: len(reset_codes(stack, marks["email"])), 1)
    [code] = reset_codes(stack, marks["email"])
    marks["reset code"] = code
    path = f"{resets}/{code}"
    assert stranger.put(path, {"password": marks["email"]}).status == 422
    new = {"password": marks["new_password"]}
    assert stranger.put(path, new).status == 204
    assert stranger.put(path, new).status == 404
    assert by_password(stranger, marks, "password").status == 401


def found(stack, marks):
    """Which marks are in which log, services and servers alike."""
    texts = {file.name: read(file) for file in (stack.run_dir / "log").iterdir()}
    assert any(texts.values())
    return sorted(
        (name, mark)
        for name, text in texts.items()
        for mark, value in marks.items()
        if value in text
    )


def read(file):
    raw = file.read_bytes()
    return (gzip.decompress(raw) if file.suffix == ".gz" else raw).decode()


def test_no_log_holds_what_is_private(stack, stranger, marks, product):
    request = f"mine-{new_id()}"
    sign_up(stranger, marks)
    person = sign_in(stranger, marks)
    live(person, marks, product(stock=5))
    stray(stranger, marks)
    forget(stack, stranger, marks)
    person = Client(
        stranger.url, by_password(stranger, marks, "new_password").body["access_token"]
    )
    assert person.get("/v1/cart", X_Request_Id=request).status == 200
    assert person.delete("/v1/users/me").status == 204
    eventually(lambda: by_password(stranger, marks, "new_password").status, 401)

    # The last line of the journey is there, so all before it are.
    eventually(lambda: bool(found(stack, {"request": request})), True)
    assert found(stack, marks) == []


def test_one_request_is_found_wherever_it_went(stack, customer, product):
    order = {
        "items": [{"product_id": product(stock=5), "quantity": 1}],
        "shipping_address": ADDRESS,
        "payment": {"method": "card", "token": "tok_visa"},
    }
    request = f"mine-{new_id()}"
    sent = {"Idempotency_Key": new_id(), "X_Request_Id": request}
    customer_id = customer.get("/v1/users/me").body["id"]
    assert customer.post(ORDERS, order, **sent).status == 201

    def told():
        said = stack.shopnow("logs", "--json", "--request", request).stdout
        return [json.loads(line) for line in said.splitlines() if line[0] == "{"]

    def calls():
        return {
            (each["service"], each["entrypoint"], each["outcome"]) for each in told()
        }

    wanted = {
        ("gateway", "POST /v1/orders", "ok"),
        ("order_service", "place_order", "ok"),
        ("product_service", "reserve_stock", "ok"),
        ("product_service", "on_order_confirmed", "ok"),
        ("user_service", "on_order_confirmed", "ok"),
    }
    eventually(lambda: wanted <= calls(), True)
    known = {each.get("user_id") for each in told() if each["kind"] in ("http", "rpc")}
    assert customer_id in known
    assert known <= {customer_id, None}
    assert len({each["trace_id"] for each in told()}) == 1


def test_no_log_holds_what_a_database_refuses(stack, marks):
    values = {"id": marks["name"] * 2, "email": marks["email"]}
    engine = create_engine(with_driver(stack.operator["USER_DB_URI"]))

    with engine.connect() as database, pytest.raises(DataError, match="too long"):
        database.execute(
            text("INSERT INTO profiles VALUES (:id, :email, '', now())"), values
        )
    engine.dispose()

    assert "value too long" in read(stack.run_dir / "log/postgres.log")
    assert found(stack, marks) == []


def test_no_log_holds_a_secret_of_the_shop(stack):
    secrets = {
        name: value
        for name, value in stack.plan.secrets.items()
        if name != "rabbitmq.cookie"
    }
    accounts = {each["email"]: each["password"] for each in stack.demo_accounts}

    assert found(stack, secrets) == []
    assert found(stack, accounts) == []
