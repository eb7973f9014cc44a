"""The program: answers `/readyz`, dies on `/die`, writes down when it was asked to stop.

`mode` says what kind it is: good; dies (at once, with a word on why); stubborn (ignores SIGTERM); unready.
"""

from __future__ import annotations

import http.server
import json
import os
import signal
import sys
import time
from types import FrameType

from tests.deploy.tiny.settings import TinySettings

SETTINGS = TinySettings()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/die":
            print("last words of a dying program", flush=True)
            os._exit(7)
        ready = SETTINGS.mode != "unready"
        body = {"status": "ready" if ready else "not ready", "database": "ok" if ready else "it is locked"}
        content = json.dumps(dict(os.environ) if self.path == "/environment" else body).encode()
        self.send_response(200 if ready else 503)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def stop(_number: int, _frame: FrameType | None) -> None:
    SETTINGS.data_dir.mkdir(parents=True, exist_ok=True)
    (SETTINGS.data_dir / "stopped").write_text(str(time.monotonic_ns()))
    sys.exit(0)


if SETTINGS.mode == "dies":
    sys.exit("there is no bread in the house")
signal.signal(signal.SIGTERM, signal.SIG_IGN if SETTINGS.mode == "stubborn" else stop)
http.server.ThreadingHTTPServer((SETTINGS.host, SETTINGS.port), Handler).serve_forever()
