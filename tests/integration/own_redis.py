"""A Redis of the test's own, which may be stopped, frozen and started again."""

import signal
import subprocess
import time
from contextlib import contextmanager

import redis

from ops.stack import programs
from tests.private_stack import free_ports


class OwnRedis:
    def __init__(self, place):
        self.place, self.port = place, next(free_ports())
        self.uri = f"redis://127.0.0.1:{self.port}/0"

    def start(self):
        words = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", ""]
        self.process = subprocess.Popen(
            [programs.demand("redis-server"), *words, "--dir", self.place],
            stdout=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 10
        while not self.answers():
            assert time.monotonic() < deadline, "redis-server does not start"
            time.sleep(0.02)

    def answers(self):
        try:
            with redis.Redis.from_url(self.uri, socket_timeout=1) as client:
                return client.ping()
        except redis.RedisError:
            return False

    def stop(self):
        self.process.kill()
        self.process.wait()

    @contextmanager
    def away(self):
        self.stop()
        yield
        self.start()

    @contextmanager
    def frozen(self):
        """It takes connections, and says nothing."""
        self.process.send_signal(signal.SIGSTOP)
        yield
        self.process.send_signal(signal.SIGCONT)
