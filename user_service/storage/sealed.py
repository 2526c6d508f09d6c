"""Which columns of the users database are sealed, and where they open."""

from typing import Any

from sqlalchemy import func

from common.resealing import SealedColumn
from common.sealing import Seal
from user_service.storage.models import AddressKeyRow, AddressRow


def of_address(row: AddressRow) -> str:
    return f"addresses.sealed/{row.user_id}/{row.id}"


def of_answer(row: AddressKeyRow) -> str:
    return f"address_keys.answer/{row.user_id}/{row.key_hash}"


def address_again(seal: Seal, row: AddressRow) -> None:
    place = of_address(row)
    row.sealed = seal.close(seal.open(row.sealed, place), place)


def answer_again(seal: Seal, row: AddressKeyRow) -> None:
    place = of_answer(row)
    row.answer = seal.close(seal.open(row.answer, place), place)


def key_id(sealed: Any) -> Any:
    return func.split_part(sealed, ".", 1)


SEALED = (
    SealedColumn(
        "addresses.sealed", AddressRow, key_id(AddressRow.sealed), address_again
    ),
    SealedColumn(
        "address_keys.answer",
        AddressKeyRow,
        key_id(AddressKeyRow.answer),
        answer_again,
    ),
)
