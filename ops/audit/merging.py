"""Brings together what several stores say of the same thing, a thing at a time."""

from collections.abc import Iterable, Iterator, Mapping
from heapq import merge
from itertools import groupby
from operator import itemgetter
from typing import Any

Said = dict[str, list[Any]]


def merged(
    streams: Mapping[str, Iterable[tuple[str, Any]]],
) -> Iterator[tuple[str, Said]]:
    """Each key, with what each of the streams has of it; in the order of the keys.

    The streams are in that order, too, which is the one of their bytes.
    """
    tagged = [tag(name, stream) for name, stream in streams.items()]
    in_order = merge(*tagged, key=itemgetter(0))
    for key, found in groupby(in_order, key=itemgetter(0)):
        said: Said = {name: [] for name in streams}
        for _, name, value in found:
            said[name].append(value)
        yield key, said


def tag(name: str, stream: Iterable[tuple[str, Any]]) -> Iterator[tuple[str, str, Any]]:
    for key, value in stream:
        yield key, name, value
