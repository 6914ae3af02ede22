"""As much of OpenAI's API as Letta needs to take in a file: one model, and embeddings that say nothing."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

EMBEDDING = {"id": "text-embedding-3-small", "object": "model", "created": 0, "owned_by": "nobody"}
DIMENSIONS = 1536


class Answers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.answer({"object": "list", "data": [EMBEDDING]})

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers.get("content-length", 0))) or b"{}")
        texts = asked.get("input", [])
        count = 1 if isinstance(texts, str) else len(texts)
        vector = [1.0] + [0.0] * (asked.get("dimensions") or DIMENSIONS)
        vectors = [
            {"object": "embedding", "index": index, "embedding": vector[:-1]} for index in range(count)
        ]
        usage = {"prompt_tokens": 1, "total_tokens": 1}
        self.answer({"object": "list", "data": vectors, "model": EMBEDDING["id"], "usage": usage})

    def answer(self, body):
        body = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Model:
    """Answers on a free loopback port until it is left."""

    def __enter__(self):
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
