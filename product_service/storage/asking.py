"""All that a round is about, read with one command."""

from collections.abc import Iterable, Mapping
from typing import Any

from pymongo.client_session import ClientSession
from pymongo.database import Database

from product_service.domain.seller import Status
from product_service.domain.stock import Shelf
from product_service.storage.inbox import Heard
from product_service.storage.reservation_documents import to_reservation
from product_service.storage.rounds import Request, Round

Found = dict[str, list[dict[str, Any]]]


def opened(
    database: Database,
    requests: list[Request],
    session: ClientSession,
    doubtful: Iterable[Heard],
) -> Round:
    """What is known of all that the requests are about."""
    found = together(database, asked(requests, doubtful), session)
    return Round(
        {each["_id"]: to_reservation(each) for each in found["stock_reservations"]},
        Shelf({each["_id"]: each["available"] for each in found.get("products", [])}),
        {Heard(**each["_id"]) for each in found.get("inbox", [])},
        {each["user_id"] for each in found.get("sellers", [])},
    )


def asked(
    requests: list[Request], doubtful: Iterable[Heard]
) -> dict[str, list[dict[str, Any]]]:
    """By collection, what is to be found in it and what of that is read."""
    orders = [*{each.order_id for each in requests}]
    products = [*{wanted for each in requests for wanted in each.wanted}]
    notes = [heard.id for heard in doubtful]
    buyers = [*{each.buyer for each in requests if each.buyer}]
    every: dict[str, list[dict[str, Any]]] = {
        "stock_reservations": [{"$match": {"_id": {"$in": orders}}}]
    }
    if products:
        sold = {"_id": {"$in": products}, "for_sale": True}
        every["products"] = [{"$match": sold}, {"$project": {"available": 1}}]
    if notes:
        every["inbox"] = [{"$match": {"_id": {"$in": notes}}}]
    if buyers:
        # Who is gone has left a closed shop.
        gone = {"user_id": {"$in": buyers}, "status": Status.CLOSED.value}
        every["sellers"] = [{"$match": gone}, {"$project": {"user_id": 1}}]
    return every


def together(
    database: Database,
    every: Mapping[str, list[dict[str, Any]]],
    session: ClientSession,
) -> Found:
    """One document; what is too much for one is asked for in smaller rounds."""
    looks: list[dict[str, Any]] = [
        {"$lookup": {"from": name, "pipeline": pipeline, "as": name}}
        for name, pipeline in every.items()
    ]
    found: Found
    [found] = database.aggregate([{"$documents": [{}]}, *looks], session=session)
    return found
