"""What the benchmarks share: a journaled disk image, the two servers, and the CPU time of a family of processes."""
import asyncio
import contextlib
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
TICK = os.sysconf("SC_CLK_TCK")


def run(*command, **options):
    return subprocess.run([str(c) for c in command], check=True, **options)


def gatepost_binary():
    run("cargo", "build", "--release", "--quiet", "--package", "gatepost", cwd=ROOT)
    target = os.environ.get("CARGO_TARGET_DIR", ROOT / "target")
    return pathlib.Path(target) / "release" / "gatepost"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for(what, condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            sys.exit(f"gave up after {seconds} s waiting for {what}")
        time.sleep(0.005)


def greets(port):
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as s:
            return s.recv(1) != b""
    except OSError:
        return False


async def login(port, source, user, password):
    """One connection and one login; whether it succeeded, `None` where the server did not say."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(source, 0))
    try:
        if not await reader.readline():
            return None
        writer.write(f"a LOGIN {user} {password}\r\n".encode())
        while line := await reader.readline():
            if line.startswith(b"a "):
                return line.startswith(b"a OK")
        return None
    finally:
        writer.close()


@contextlib.contextmanager
def journaled_disk(folder, size="6G"):
    """ext4 with a journal in a file: / may be ext4 without one, where creating after deleting is pathologically slow."""
    if os.geteuid() != 0:
        sys.exit("mounting a disk image takes root; run this benchmark as root")
    image, mount = folder / "disk.img", folder / "disk"
    mount.mkdir()
    run("truncate", "-s", size, image)
    run("mkfs.ext4", "-q", "-F", image)
    loop = subprocess.check_output(["losetup", "--find", "--show", "--direct-io=on", str(image)], text=True).strip()
    try:
        run("mount", loop, mount)
        mount.chmod(0o755)
        yield mount
    finally:
        subprocess.run(["umount", str(mount)])
        run("losetup", "-d", loop)


def family(pid):
    """The process and all its descendants."""
    parents = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            with contextlib.suppress(OSError, IndexError):
                stat = pathlib.Path(f"/proc/{entry}/stat").read_text().rpartition(")")[2].split()
                parents.setdefault(int(stat[1]), []).append(int(entry))
    found, todo = [], [pid]
    while todo:
        found.append(todo.pop())
        todo += parents.get(found[-1], [])
    return found


def cpu_seconds(pid):
    """User and system time of the family, with that of its children that have ended."""
    ticks = 0
    for member in family(pid):
        with contextlib.suppress(OSError):
            stat = pathlib.Path(f"/proc/{member}/stat").read_text().rpartition(")")[2].split()
            ticks += sum(int(field) for field in stat[11:15])
    return ticks / TICK


def memory_kib(pid, field="Pss"):
    """Proportional (or, with another field, any other) memory of the family."""
    total = 0
    for member in family(pid):
        with contextlib.suppress(OSError):
            for line in pathlib.Path(f"/proc/{member}/smaps_rollup").read_text().splitlines():
                if line.startswith(field + ":"):
                    total += int(line.split()[1])
    return total


class Gatepost:
    """The release binary on a folder of its own."""

    name = "gatepost"

    def __init__(self, folder, binary, settings="", accounts=("user@bench.test",), prepare=lambda: None):
        self.binary, self.data = binary, folder / "gatepost"
        self.port_offset = self.free_offset()
        run(binary, "init", self.data, "--hostname", "mail.bench.test", "--domain", "bench.test",
            "--port-offset", self.port_offset, stdout=subprocess.DEVNULL)
        self.config = self.data / "gatepost.toml"
        self.config.write_text(self.config.read_text() + settings)
        self.password = "bench-" + os.urandom(6).hex()
        for account in accounts:
            run(binary, "user", "add", account, "--password-stdin", "-c", self.config,
                input=self.password + "\n", text=True, stdout=subprocess.DEVNULL)
        prepare()
        self.log = open(folder / "gatepost.log", "w")
        self.process = subprocess.Popen([binary, "serve", "-c", self.config], stderr=self.log, stdout=self.log)
        self.smtp = self.port(25)
        wait_for("gatepost", lambda: greets(self.smtp))

    @staticmethod
    def free_offset():
        for offset in range(20000, 60000, 1000):
            with contextlib.ExitStack() as held:
                try:
                    for port in (25, 110, 143, 465, 587, 993, 995):
                        held.enter_context(socket.create_server(("127.0.0.1", offset + port)))
                except OSError:
                    continue
                return offset
        sys.exit("no free ports")

    def port(self, standard):
        return self.port_offset + standard

    @property
    def pid(self):
        return self.process.pid

    @property
    def maildir(self):
        return self.data / "mail" / "bench.test" / "user"

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)
        self.log.close()


class Postfix:
    """Debian's Postfix with its own configuration and queue; no syslog daemon runs, so it does not pay for its log."""

    name = "postfix"

    def __init__(self, folder):
        self.base = folder / "postfix"
        self.conf = self.base / "conf"
        self.maildir = self.base / "mail" / "user" / "Maildir"
        for sub in ("conf", "queue", "data", "mail"):
            (self.base / sub).mkdir(parents=True)
        run("chown", "postfix", self.base / "data")
        run("chown", "mail", self.base / "mail")
        self.smtp = free_port()
        uid = subprocess.check_output(["id", "-u", "mail"], text=True).strip()
        settings = {
            "compatibility_level": "3.6", "queue_directory": self.base / "queue", "data_directory": self.base / "data",
            "myhostname": "mail.bench.test", "mydestination": "", "inet_interfaces": "127.0.0.1",
            "inet_protocols": "ipv4", "mynetworks": "127.0.0.0/8", "alias_maps": "", "smtpd_peername_lookup": "no",
            "virtual_mailbox_domains": "bench.test", "virtual_mailbox_base": self.base / "mail",
            "virtual_mailbox_maps": "static:user/Maildir/", "virtual_uid_maps": f"static:{uid}",
            "virtual_gid_maps": f"static:{uid}", "virtual_minimum_uid": "1", "default_process_limit": "100",
            "smtpd_client_connection_count_limit": "0", "message_size_limit": "52428800", "mailbox_size_limit": "0",
            "virtual_mailbox_limit": "0",
        }
        (self.conf / "main.cf").write_text("".join(f"{k} = {v}\n" for k, v in settings.items()))
        stock = pathlib.Path("/usr/share/postfix/master.cf.dist").read_text().splitlines()
        rows = [" ".join(line.split()) for line in stock if line.strip() and not line.startswith(("#", " ", "\t"))]
        keep = [row for row in rows if row.split()[0] != "smtp" or row.split()[1] != "inet"]
        keep = [row for row in keep if row.split()[7] not in ("pipe",)]
        (self.conf / "master.cf").write_text(
            "\n".join([f"127.0.0.1:{self.smtp} inet n - n - - smtpd"] + [no_chroot(row) for row in keep]) + "\n")
        run("/usr/sbin/postfix", "-c", self.conf, "start", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.pid = int((self.base / "queue/pid/master.pid").read_text())
        wait_for("postfix", lambda: greets(self.smtp))

    def stop(self):
        run("/usr/sbin/postfix", "-c", self.conf, "stop", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def no_chroot(row):
    fields = row.split()
    fields[4] = "n"
    return " ".join(fields)
