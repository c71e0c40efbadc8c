"""Plays a person at a terminal: argv is JSON with the command and steps [wait for this, type that].
A step `!command` runs a command instead."""
import json
import os
import pty
import select
import subprocess
import sys
import termios
import time

PATIENCE = 40  # less than the test's own
task = json.loads(sys.argv[1])
child, terminal = pty.fork()
if child == 0:
    os.environ["TERM"] = task["terminal"]
    os.execv(task["command"][0], task["command"])

seen, at = b"", 0


def more(deadline):
    """Whether something came in time; the end of the terminal is an empty read, or an error on Linux."""
    global seen
    ready, _, _ = select.select([terminal], [], [], max(0, deadline - time.monotonic()))
    if not ready:
        return False
    try:
        octets = os.read(terminal, 4096)
    except OSError:
        return False
    seen += octets
    return bool(octets)


for wanted, typed in task["steps"]:
    deadline = time.monotonic() + PATIENCE
    while wanted.encode() not in seen[at:]:
        if not more(deadline):
            sys.exit(f"{wanted!r} did not come:\n{seen.decode(errors='replace')}")
    at = seen.index(wanted.encode(), at) + len(wanted)
    if typed.startswith("!"):
        subprocess.run(typed[1:], shell=True, check=True)
    else:
        os.write(terminal, typed.encode())
deadline = time.monotonic() + PATIENCE
while more(deadline):
    pass
status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
# As it was: what is typed is seen, and comes in lines.
modes = termios.tcgetattr(terminal)[3]
tidy = bool(modes & termios.ECHO and modes & termios.ICANON)
print(json.dumps({"seen": seen.decode(errors="replace"), "code": status, "tidy": tidy}))
