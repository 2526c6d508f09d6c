"""What is asked for: every product, full pages of every list, words that are found."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from urllib3.exceptions import HTTPError

from ops.http import call, pool

PAGE = 20
SORTS = ("newest", "price", "-price")
MOST_WORDS = 40
SHORTEST_WORD = 4


@dataclass(frozen=True)
class Catalogue:
    products: list[str]
    lists: list[str]
    searches: list[str]


def read_catalogue(url: str) -> Catalogue:
    """Walk the catalogue of the gateway at ``url``, as any client could."""
    slugs = [each["slug"] for each in call("GET", f"{url}/v1/categories")["items"]]
    views: list[dict[str, str]] = [{}, *({"category": slug} for slug in slugs)]
    pages = [page for view in views for sort in SORTS for page in walk(url, sort, view)]
    full = [path for path, items in pages if len(items) == PAGE]
    items = {item["id"]: item for _, found in pages for item in found}
    words = found_words(item["title"] for item in items.values())
    return Catalogue(
        products=[f"/v1/products/{id_}" for id_ in items],
        lists=full,
        searches=[list_path(q=word) for word in words],
    )


def walk(url: str, sort: str, view: dict[str, str]) -> Iterator[tuple[str, list[Any]]]:
    """Each page's path and items, to the end of the list."""
    cursor: dict[str, str] | None = {}
    while cursor is not None:
        path = list_path(sort=sort, **view, **cursor)
        page = call("GET", url + path)
        yield path, page["items"]
        cursor = {"cursor": page["next"]} if page["next"] else None


def list_path(**query: str) -> str:
    return f"/v1/products?{urlencode({'limit': PAGE} | query)}"


def found_words(titles: Iterator[str]) -> list[str]:
    words = {word.lower() for title in titles for word in title.split()}
    plain = [word for word in words if word.isalpha() and len(word) >= SHORTEST_WORD]
    return sorted(plain)[:MOST_WORDS]


def with_etags(url: str, paths: list[str]) -> list[str]:
    """Lines that ask for what the client already has; none where there is no ETag."""
    tagged = [(path, pool.request("GET", url + path).headers) for path in paths]
    return [f"{p}\t{headers['ETag']}" for p, headers in tagged if "ETag" in headers]


def status_of(url: str, line: str) -> int:
    """How the server at ``url`` answers a line of `paths.lua`; 0 if it does not."""
    path, _, etag = line.partition("\t")
    headers = {"If-None-Match": etag} if etag else {}
    try:
        return pool.request("GET", url + path, headers=headers).status
    except HTTPError:
        return 0


def write(lines: list[str], file: Path) -> Path:
    file.write_text("".join(f"{line}\n" for line in lines))
    return file
