"""An axis of tiny services run by the real runner, in a process of its own that a test may kill.

`python -m tests.deploy.tiny.axis DATA_DIR BASE_PORT`
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from deploy.local.layout import Layout
from deploy.local.runner import Options, running, until_stopped
from deploy.local.supervisor import Timing
from deploy.local.topology import Process

TINY = (Process(name="tiny", module="tests.deploy.tiny", offset=10, role="answers", publishes=("tiny",)),)


async def main(data_dir: Path, base_port: int) -> None:
    options = Options(Layout.at(data_dir), base_port, processes=TINY, timing=Timing(stop_deadline=3))
    async with running(options, lambda line: print(line, flush=True)):
        print("up", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    until_stopped(main(Path(sys.argv[1]), int(sys.argv[2])))
