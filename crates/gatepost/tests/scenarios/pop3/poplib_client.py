"""Reads a maildrop of two messages with poplib: STLS, CAPA, USER/PASS, STAT, LIST, UIDL, RETR, TOP, DELE, RSET, QUIT.

Usage: poplib_client.py PORT CA USER PASSWORD MESSAGE1 MESSAGE2
"""

import poplib
import ssl
import sys

port, ca, user, password, *files = sys.argv[1:]
tls = ssl.create_default_context(cafile=ca)
messages = [open(name, "rb").read().splitlines() for name in files]


def login():
    server = poplib.POP3("localhost", int(port), timeout=60)
    assert "USER" not in server.capa(), "passwords are not asked for in clear"
    assert "STLS" in server.capa()
    server.stls(tls)
    assert "STLS" not in server.capa() and "USER" in server.capa()
    server.user(user)
    server.pass_(password)
    return server


def expect_error(call, *arguments):
    try:
        call(*arguments)
    except poplib.error_proto as error:
        return error.args[0].decode()
    raise AssertionError(f"{call} {arguments} was let pass")


server = poplib.POP3("localhost", int(port), timeout=60)
assert "TLS required" in expect_error(server.user, user)
server.stls(tls)
server.user(user)
assert expect_error(server.pass_, "wrong").startswith("-ERR [AUTH] Login failed [")
server.quit()

server = login()
sizes = [sum(len(line) + 2 for line in message) for message in messages]
assert server.stat() == (2, sum(sizes)), server.stat()
assert server.list()[1] == [b"%d %d" % (n + 1, size) for n, size in enumerate(sizes)]
unique_ids = server.uidl()[1]
assert len(set(unique_ids)) == 2 and server.uidl(2).endswith(unique_ids[1])
for number, message in enumerate(messages, 1):
    assert server.retr(number)[1] == message, server.retr(number)
header = messages[0][: messages[0].index(b"") + 1]
assert server.top(1, 0)[1] == header
assert server.top(1, 1)[1] == messages[0][: len(header) + 1]
server.dele(1)
assert "marked" in expect_error(server.retr, 1)
server.rset()
server.dele(1)
server.quit()

server = login()
assert server.stat() == (1, sizes[1]), "the first is gone for good"
assert server.uidl()[1] == [b"1 " + unique_ids[1].split()[1]], "the second has kept its unique id"
server.quit()
print("content")
