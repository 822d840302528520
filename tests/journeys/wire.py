"""The wire between a station and its office, which a test can cut at any word."""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Cut = Callable[[], None]


class Wire:
    """The station's way to the office, request by request. At a chosen request a test may kill either side.

    `seen` and `heard` keep what both sides said, for whoever looks for what should not have been said.
    """

    def __init__(self, office_port: int) -> None:
        wire = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                wire._carry(self)

            def log_message(self, *_: Any) -> None:
                pass

        self.office_port = office_port
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._cuts: list[_CutAt] = []
        self._lock = threading.Lock()
        self.seen: list[tuple[str, bytes]] = []
        self.heard: list[tuple[str, bytes]] = []
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def cut_at(self, moment: str, when: str, act: Cut) -> threading.Event:
        """`moment`: "poll" (one that gives work), "certify", "envelope", "stop", or "report:STATE". The next such request calls
        `act` before it reaches the office, or after the office has answered and before the station hears of it.

        The event is set when `act` has returned.
        """
        cut = _CutAt(moment, when, act, threading.Event())
        with self._lock:
            self._cuts.append(cut)
        return cut.done

    def mend(self) -> None:
        """Forget the cuts that were never reached."""
        with self._lock:
            self._cuts.clear()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _cut(self, moment: str, when: str) -> bool:
        """Make the cut that is due here, if one is. Whether one was."""
        with self._lock:
            due = next((cut for cut in self._cuts if (cut.moment, cut.when) == (moment, when)), None)
            if due is None:
                return False
            self._cuts.remove(due)
        due.act()
        due.done.set()
        return True

    def _carry(self, request: BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers.get("Content-Length", 0)))
        self.seen.append((request.path, body))
        moment = moment_of(request.path, body)
        if self._cut(moment, "before"):
            request.close_connection = True
            return
        try:
            answer, content = self._ask_office(request, body)
        except (OSError, HTTPException):
            request.close_connection = True  # the office is down: the station hears nothing
            return
        self.heard.append((moment, content))
        gives_nothing = moment == "poll" and b'"run"' not in content
        if not gives_nothing and self._cut(moment, "after"):
            request.close_connection = True
            return
        try:
            request.send_response(answer.status)
            request.send_header("Content-Type", answer.headers.get("Content-Type", "application/json"))
            request.send_header("Content-Length", str(len(content)))
            request.end_headers()
            request.wfile.write(content)
        except OSError:
            request.close_connection = True

    def _ask_office(self, request: BaseHTTPRequestHandler, body: bytes) -> tuple[HTTPResponse, bytes]:
        line = HTTPConnection("127.0.0.1", self.office_port, timeout=30)
        try:
            kept = {k: v for k, v in request.headers.items() if k.lower() not in {"connection", "content-length"}}
            line.request("POST", request.path, body, kept)
            answer = line.getresponse()
            return answer, answer.read()
        finally:
            line.close()


@dataclass(frozen=True, eq=False)
class _CutAt:
    moment: str
    when: str
    act: Cut
    done: threading.Event


def moment_of(path: str, body: bytes) -> str:
    """What a station's request is about, as `cut_at` calls it."""
    word = path.rpartition("/")[2]
    return f"report:{json.loads(body)['state']}" if word == "report" else word
