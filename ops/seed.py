"""``shopnow seed``: the demo shop and its accounts; a second run changes nothing."""

import os

from ops.demo.accounts import DemoAccount, People, demo_accounts
from ops.demo.shop import CATALOGUE, Shop
from ops.environment import run_dir
from product_service.storage.provider import connect


def run() -> list[DemoAccount]:
    """Seed the databases of the environment's URIs; the accounts it has."""
    sellers = CATALOGUE["sellers"]
    accounts = demo_accounts(run_dir() / "demo-accounts.json", len(sellers))
    people = People(os.environ["AUTH_DB_URI"], os.environ["USER_DB_URI"])
    ids = {account.email: people.ensure(account) for account in accounts}
    with connect(os.environ["PRODUCT_MONGO_URI"]) as mongo:
        shop = Shop(mongo.get_default_database())
        shop.ensure_categories()
        traders = (account for account in accounts if "seller" in account.roles)
        for account, seller in zip(traders, sellers, strict=True):
            seller_id = shop.ensure_seller(ids[account.email], seller)
            people.make_seller(ids[account.email], seller_id)
            shop.ensure_products(seller_id, seller["name"])
    people.close()
    return accounts
