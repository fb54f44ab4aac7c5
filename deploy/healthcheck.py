"""Exit status 0 when the web server of this container answers; for HEALTHCHECK."""

import http.client
import os
import sys
from urllib.parse import urlsplit

port = int(os.environ.get("BIND", "127.0.0.1:8000").rpartition(":")[2])
connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
# As the proxy would ask: by the site's own name, over its own scheme.
site = urlsplit(os.environ.get("SITE_URL", "http://127.0.0.1"))
headers = {"Host": site.hostname or "127.0.0.1", "X-Forwarded-Proto": site.scheme}
try:
    connection.request("GET", "/healthz", headers=headers)
    sys.exit(connection.getresponse().status != 200)
except OSError:
    sys.exit(1)
