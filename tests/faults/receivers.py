"""What stands at the other end in fault tests: a mail server and a program that gets webhooks."""

import json
import socketserver
import threading
import time
from collections import Counter
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SLOWNESS = 0.02  # seconds for each message, so that a kill finds somebody in the middle of it


class _SMTP(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self._say("220 here")
        while line := self.rfile.readline():
            command = line[:4].upper()
            if command == b"DATA":
                self._say("354 go on")
                text = b""
                while (line := self.rfile.readline()) not in (b".\r\n", b""):
                    text += line
                if not line:
                    return  # The sender died before its message was whole.
                time.sleep(SLOWNESS)
                self.server.messages[message_from_bytes(text)["Message-ID"]] += 1
                self._say("250 taken")
            elif command == b"QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 fine")

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


class MailServer(socketserver.ThreadingTCPServer):
    """Counts messages by their Message-ID. Can be left and come back on its port."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, port: int) -> None:
        self.messages: Counter[str] = Counter()
        super().__init__(("127.0.0.1", port), _SMTP)
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def handle_error(self, request, client_address) -> None:
        """A sender that was killed is no error of ours."""

    def close(self) -> None:
        self.shutdown()
        self.server_close()


class _Webhook(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        time.sleep(SLOWNESS)
        self.server.calls.append((self.headers["webhook-id"], body))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *args) -> None:
        """Nothing to say."""


class WebhookReceiver(ThreadingHTTPServer):
    """Keeps every call: (webhook-id, body)."""

    daemon_threads = True

    def __init__(self, port: int) -> None:
        self.calls: list[tuple[str, dict]] = []
        super().__init__(("127.0.0.1", port), _Webhook)
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def handle_error(self, request, client_address) -> None:
        """A caller that was killed is no error of ours."""

    def close(self) -> None:
        self.shutdown()
        self.server_close()
