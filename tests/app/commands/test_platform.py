"""How the example platform comes by what it must know, and what it says where it cannot begin."""

import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from app.commands import platform
from app.config import Misconfigured


@pytest.fixture
def office():
    """Gives a root certificate, another one at every asking."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"root %d" % len(asked))

        def log_message(self, *_):
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    assert asked in ([], ["/authority/root.cer"])


def test_the_root_is_fetched_once_and_kept(tmp_path, office):
    assert platform._root(tmp_path / "home", office) == b"root 1"
    assert platform._root(tmp_path / "home", office) == b"root 1"


def test_a_port_that_is_taken_is_named(tmp_path, office, monkeypatch):
    monkeypatch.setattr(platform.signal, "signal", lambda *_: None)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        with pytest.raises(Misconfigured, match=f"--port {port}"):
            platform.main(["--port", port, "--office", office, "--home", str(tmp_path)])
