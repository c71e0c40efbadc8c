"""Everything that Python's imaplib can do with a mailbox of three messages: PORT CA USER PASSWORD."""
import imaplib
import ssl
import sys
import threading

port, ca, user, password = int(sys.argv[1]), *sys.argv[2:]


def ok(answer, *expected):
    status, data = answer
    assert status == "OK", answer
    if expected:
        assert data == list(expected), (data, expected)
    return data


def session():
    imap = imaplib.IMAP4("localhost", port)
    assert "STARTTLS" in imap.capabilities and "LOGINDISABLED" in imap.capabilities, imap.capabilities
    ok(imap.starttls(ssl.create_default_context(cafile=ca)))
    assert "LOGINDISABLED" not in imap.capabilities, imap.capabilities
    ok(imap.login(user, password))
    return imap


def idle(imap, until):
    """Raw: this imaplib may be older than its idle()."""
    imap.send(b"i IDLE\r\n")
    assert imap.readline().startswith(b"+ ")
    seen = []
    while not any(until in line for line in seen):
        seen.append(imap.readline())
    imap.send(b"DONE\r\n")
    assert imap.readline() == b"i OK IDLE terminated\r\n"
    return seen


imap = session()
assert "UIDPLUS" in ok(imap.capability())[0].decode()
ok(imap.namespace(), b'(("" "/")) NIL NIL')
ok(imap.select("INBOX"), b"3")
assert imap.untagged_responses["UIDNEXT"] == [b"4"], imap.untagged_responses

data = ok(imap.fetch("1", "(FLAGS BODY.PEEK[])"))
assert data[0][1].endswith(b"\r\n\r\none line\r\nand another\r\n"), data
data = ok(imap.uid("FETCH", "1:*", "(RFC822.SIZE BODY[HEADER.FIELDS (SUBJECT)])"))
assert data[4][1] == b"Subject: third\r\n\r\n", data

ok(imap.store("2", "+FLAGS", r"(\Flagged $Work)"))
ok(imap.search(None, "FLAGGED", "KEYWORD", "$work"), b"2")
imap.literal = "grüße".encode()
ok(imap.search("UTF-8", "BODY"), b"2")
ok(imap.uid("SEARCH", "UNDELETED", "SUBJECT", "third"), b"3")

ok(imap.create("Archive/2005"))
code = ok(imap.append("Archive/2005", r"(\Seen)", imaplib.Time2Internaldate(1126552364), b"Subject: x\r\n\r\nappended\r\n"))
assert b"APPENDUID" in code[0], code
ok(imap.copy("1:2", "Archive/2005"))
ok(imap.uid("MOVE", "3", "Archive/2005"))
ok(imap.status("Archive/2005", "(MESSAGES UNSEEN)"), b'"Archive/2005" (MESSAGES 4 UNSEEN 0)')
assert any(b"Archive/2005" in line for line in ok(imap.list()))
ok(imap.subscribe("Archive/2005"))
ok(imap.lsub('""', "%/%"), b'() "/" "Archive/2005"')

ok(imap.store("1", "+FLAGS.SILENT", r"\Deleted"))
ok(imap.expunge(), b"3", b"1")  # the 3 is of the MOVE: imaplib kept it
ok(imap.search(None, "ALL"), b"1")

# Another session appends while this one sleeps.
other = session()
appended = threading.Thread(target=lambda: ok(other.append("INBOX", None, None, b"Subject: new\r\n\r\nnew\r\n")))
appended.start()
assert b"* 2 EXISTS\r\n" in idle(imap, b" RECENT")
appended.join()
other.logout()

# The largest message that fits through in one piece here.
large = b"Subject: large\r\n\r\n" + b"0123456789abcdef" * 16 * 1024 * 8 + b"\r\n"
ok(imap.append("INBOX", None, None, large))
data = ok(imap.fetch("3", "(BODY.PEEK[])"))
assert data[0][1] == large, len(data[0][1])

ok(imap.close())
ok(imap.select("Archive/2005", readonly=True), b"4")
assert imap.logout()[0] == "BYE"
print("content")
