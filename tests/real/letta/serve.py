"""serve.py FOLDER COMMAND…: a Letta with its PostgreSQL and a model that is none, all on loopback,
for as long as the command runs. FOLDER is what fetch-letta.sh made."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from model import Model

PASSWORD = "a-password-for-tests"
# It is up after half a minute on an idle machine.
START_LIMIT_S = 300
STOP_LIMIT_S = 20
# PostgreSQL does not run as root; then it runs as nobody.
NOBODY = 65534


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Servers:
    """What was started, in order. Left in the other order, whatever happened."""

    def __init__(self, temp):
        self.temp = temp
        self.running = []

    def start(self, name, command, how_it_stops, setpriv=(), **options):
        log = open(self.temp / f"{name}.log", "wb")
        # Killed with SIGKILL, this script could stop nothing: the kernel does.
        if shutil.which("setpriv"):
            command = ["setpriv", "--pdeathsig", how_it_stops.name[3:], *setpriv, *command]
        server = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, **options
        )
        self.running.append((name, server, how_it_stops))
        return server

    def wait_until(self, name, is_up):
        server = next(server for known, server, _ in self.running if known == name)
        limit = time.monotonic() + START_LIMIT_S
        while not is_up():
            if server.poll() is not None:
                self.fail(f"{name} ended at once, with {server.returncode}")
            if time.monotonic() > limit:
                self.fail(f"{name} is not up after {START_LIMIT_S} s")
            time.sleep(0.1)

    def fail(self, message):
        for name, *_ in self.running:
            lines = (self.temp / f"{name}.log").read_text(errors="replace").splitlines()
            print(f"log of {name}:", *lines[-40:], sep="\n  ", file=sys.stderr)
        sys.exit(f"with-letta: {message}")

    def stop(self):
        for _, server, how in reversed(self.running):
            if server.poll() is None:
                server.send_signal(how)
            try:
                server.wait(STOP_LIMIT_S)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def start_postgres(servers, folder, port):
    package, data = folder / "postgres", servers.temp / "data"
    setpriv = []
    data.mkdir(mode=0o700)
    if os.geteuid() == 0:
        # Nobody cannot look into root's folders.
        package = shutil.copytree(package, servers.temp / "postgres", symlinks=True)
        os.chown(data, NOBODY, NOBODY)
        servers.temp.chmod(0o755)
        setpriv = [f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    programs = package / "pgserver/pginstall/bin"
    as_nobody = ["setpriv", *setpriv] if setpriv else []
    env = {"PATH": os.environ["PATH"], "LC_ALL": "C"}
    initdb = [*as_nobody, programs / "initdb", "-D", data, "-U", "letta", "--auth=trust", "-E", "UTF8"]
    subprocess.run(initdb, check=True, stdout=subprocess.DEVNULL, env=env, cwd="/")
    postgres = [programs / "postgres", "-D", data, "-h", "127.0.0.1", "-p", str(port)]
    # No socket file, and nothing that is to outlive a crash.
    postgres += ["-k", "", "-c", "fsync=off", "-c", "full_page_writes=off"]
    # SIGINT: at once, whoever is connected.
    servers.start("postgres", postgres, signal.SIGINT, setpriv=setpriv, env=env, cwd="/")
    createdb = [programs / "createdb", "-h", "127.0.0.1", "-p", str(port), "-U", "letta", "letta"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "env": env, "cwd": "/"}
    is_ready = [programs / "pg_isready", "-h", "127.0.0.1", "-p", str(port), "-U", "letta"]
    servers.wait_until("postgres", lambda: subprocess.run(is_ready, **quiet).returncode == 0)
    subprocess.run([*as_nobody, *createdb], check=True, env=env, cwd="/")


def letta_environment(temp, database, model):
    home = temp / "home"
    home.mkdir()
    dead = f"http://127.0.0.1:{free_port()}"
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "LETTA_PG_URI": f"postgresql://letta:letta@127.0.0.1:{database}/letta?sslmode=disable",
        # Else requests can hang for a minute.
        "LETTA_DISABLE_SQLALCHEMY_POOLING": "false",
        "LETTA_SERVER_SECURE": "true",
        "LETTA_SERVER_PASSWORD": PASSWORD,
        "OPENAI_API_KEY": "sk-none",
        "OPENAI_BASE_URL": f"{model}/v1",
        # It is to ask nobody else.
        "HTTP_PROXY": dead,
        "HTTPS_PROXY": dead,
        "NO_PROXY": "127.0.0.1,localhost",
        "OTEL_SDK_DISABLED": "true",
        "LETTA_DISABLE_TRACING": "true",
    }


def start_letta(servers, folder, env):
    port = free_port()
    programs, here = folder / "venv/bin", Path(__file__).parent
    made = subprocess.run(
        [programs / "python", here / "schema.py"], env=env, cwd=servers.temp, capture_output=True
    )
    if made.returncode != 0:
        print(made.stderr.decode(errors="replace"), file=sys.stderr)
        servers.fail("Letta's tables could not be made")
    letta = [programs / "python", programs / "letta", "server", "--host", "127.0.0.1", "--port", str(port)]
    servers.start("letta", letta, signal.SIGTERM, env=env, cwd=servers.temp)
    url = f"http://127.0.0.1:{port}"
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def is_up():
        try:
            with direct.open(f"{url}/v1/health/", timeout=5) as answer:
                return answer.status == 200
        except (OSError, urllib.error.URLError):
            return False

    servers.wait_until("letta", is_up)
    return url


def main():
    folder, command = Path(sys.argv[1]), sys.argv[2:]
    # A signal ends the command and then unwinds through what must be stopped.
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda caught, _: sys.exit(128 + caught))
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="with-letta.", ignore_cleanup_errors=True) as temp:
        servers = Servers(Path(temp))
        try:
            with Model() as model:
                database = free_port()
                start_postgres(servers, folder, database)
                url = start_letta(servers, folder, letta_environment(servers.temp, database, model.url))
                print(f"with-letta: {url} is up after {time.monotonic() - began:.0f} s", file=sys.stderr)
                told = {"REAL_LETTA_URL": url, "REAL_LETTA_PASSWORD": PASSWORD}
                with subprocess.Popen(command, env=os.environ | told) as run:
                    try:
                        code = run.wait()
                    finally:
                        if run.poll() is None:
                            run.terminate()
                if code and os.environ.get("REAL_LETTA_LOG") == "1":
                    print((servers.temp / "letta.log").read_text(errors="replace"), file=sys.stderr)
        finally:
            servers.stop()
    # Killed by a signal: as a shell says it.
    sys.exit(128 - code if code < 0 else code)


main()
