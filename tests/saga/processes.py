"""order_service processes of a test's own, started again when they die."""

import subprocess
import sys
import threading
from pathlib import Path

from ops.stack.services import SERVICES
from ops.stack.settings import ROOT

NAMEKO = Path(sys.executable).parent / "nameko"


class Processes:
    """So many processes that run ``target`` as the stack would run order_service."""

    def __init__(self, stack, target, count, **environment):
        service = next(one for one in SERVICES if one.name == "order_service")
        self.argv = [NAMEKO, "run", "--config", service.config, target]
        self.environment = stack.environment("order_service") | environment
        self.environment |= {"PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}
        self.log = (stack.run_dir / "log/saga.log").open("ab")
        self.stopping = threading.Event()
        self.running = {}
        self.keepers = [
            threading.Thread(target=self.keep, args=(number,))
            for number in range(count)
        ]

    def __enter__(self):
        for keeper in self.keepers:
            keeper.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        for process in list(self.running.values()):
            process.kill()
        for keeper in self.keepers:
            keeper.join()
        self.log.close()

    def keep(self, number):
        while not self.stopping.is_set():
            process = subprocess.Popen(
                self.argv,
                cwd=ROOT,
                env=self.environment,
                stdout=self.log,
                stderr=self.log,
            )
            self.running[number] = process
            if self.stopping.is_set():
                process.kill()
            process.wait()
