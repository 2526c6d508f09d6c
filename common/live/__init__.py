"""What an operator changes while we run: Consul's KV under ``shopnow/``."""

from common.live.follower import Live
from common.live.keys import FOLDER, KEYS, Key, check, found_in, key_of, value_in
from common.live.settings import LiveSettings
from common.live.watcher import Watcher

__all__ = [
    "FOLDER",
    "KEYS",
    "Key",
    "Live",
    "LiveSettings",
    "Watcher",
    "check",
    "found_in",
    "key_of",
    "value_in",
]
