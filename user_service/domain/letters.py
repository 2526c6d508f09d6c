"""What the shop writes to people.

Nothing in a letter was written by whoever gave the address: it may be somebody
else's, and would make us the sender of what a stranger has to say.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from common.money import Money
from user_service.domain.password_reset import LIFE

WELCOME = """\
Hello,

thank you for signing up at ShopNow. You can sign in with this e-mail address and
the password that you chose.

If it was not you who signed up, you need not do anything: without the password
nobody can use the account.

ShopNow
"""

CONFIRMED = """\
Hello,

thank you for your order {number}. It is paid, and its sellers are preparing it:

{lines}

Total: {total}

You find the order, and where it is, in your account.

ShopNow
"""

FORGOTTEN = """\
Hello,

somebody, most likely you, has asked for a new password of your ShopNow account.
This is the code by which it can be chosen, once, within {minutes} minutes:

{token}

If it was not you, you need not do anything: your password stays as it is.

ShopNow
"""

SIGNS = {"GBP": "£"}


@dataclass(frozen=True)
class Letter:
    subject: str
    text: str


def welcome() -> Letter:
    return Letter("Welcome to ShopNow", WELCOME)


def order_confirmed(number: str, items: Iterable[Mapping], total: Money) -> Letter:
    lines = "\n".join(map(line, items))
    text = CONFIRMED.format(number=number, lines=lines, total=written(total))
    return Letter(f"Your order {number} is confirmed", text)


def new_password(token: str) -> Letter:
    minutes = LIFE // timedelta(minutes=1)
    text = FORGOTTEN.format(token=token, minutes=minutes)
    return Letter("Your new ShopNow password", text)


def line(item: Mapping) -> str:
    """A seller's title stays on its line: what stands on others is ours."""
    title = " ".join(item["title"].split())
    return f"{item['quantity']} x {title}, {written(item['unit_price'])} each"


def written(money: Money) -> str:
    sign = SIGNS.get(money.currency, f"{money.currency} ")
    return f"{sign}{money.amount // 100:,}.{money.amount % 100:02}"
