"""Somebody whose mail program does not work: prints what the program says, and nothing else.

usage: caller.py CASE CA SUBMISSION SUBMISSIONS IMAPS POP3S
"""

import imaplib
import poplib
import smtplib
import ssl
import sys

case, ca, *ports = sys.argv[1:]
submission, submissions, imaps, pop3s = map(int, ports)
tls = ssl.create_default_context(cafile=ca)
ALICE, PASSWORD, WRONG = "alice@example.test", "sesame of alice", "WRONGPASSWORD"


def imap(user, password):
    imaplib.IMAP4_SSL("localhost", imaps, ssl_context=tls).login(user, password)


def pop(user, password):
    session = poplib.POP3_SSL("localhost", pop3s, context=tls)
    session.user(user)
    session.pass_(password)


def smtp():
    session = smtplib.SMTP_SSL("localhost", submissions, context=tls)
    session.ehlo("phone.example")
    return session


def login(user, password):
    smtp().login(user, password)


def in_clear():
    session = smtplib.SMTP("localhost", submission)
    session.ehlo("phone.example")
    session.user, session.password = ALICE, PASSWORD
    session.auth("PLAIN", session.auth_plain)


def by_cram_md5():
    session = smtp()
    session.user, session.password = ALICE, PASSWORD
    session.auth("CRAM-MD5", session.auth_cram_md5)


def as_somebody_else():
    smtp().auth("PLAIN", lambda challenge=None: f"bob@example.test\0{ALICE}\0{PASSWORD}")


def by_hand(*lines):
    """As somebody does who follows a page about telnet; the answer to the last line is what he reads out."""
    session = smtp()
    for line in lines:
        code, text = session.docmd(line)
    print(code, text.decode())


def without_login():
    smtp().sendmail(ALICE, ["bob@other.test"], "Subject: hello\r\n\r\nhello\r\n")


def send():
    session = smtp()
    session.login(ALICE, PASSWORD)
    session.sendmail(ALICE, ["bob@example.test"], "Subject: hello\r\n\r\nhello\r\n")


CASES = {
    "unknown-user": lambda: imap("alise@example.test", WRONG),
    "wrong-password": lambda: login(ALICE, WRONG),
    "disabled": lambda: pop("carol@example.test", PASSWORD),
    "no-domain-in-name": lambda: login("alice", PASSWORD),
    "foreign-domain": lambda: imap("alice@exmaple.test", PASSWORD),
    "other-identity": as_somebody_else,
    "mechanism-not-offered": by_cram_md5,
    "password-in-clear": in_clear,
    "login-cancelled": lambda: by_hand("AUTH LOGIN", "*"),
    "malformed-login": lambda: by_hand("AUTH PLAIN", "!this is no base64!"),
    "broken-login": lambda: by_hand("AUTH PLAIN", "YWxpY2U="),
    "login-wanted": without_login,
    "mailbox-unusable": lambda: pop("dave@example.test", PASSWORD),
    "too-many-sessions": smtp,
    "disk-full": send,
    "throttled": lambda: login(ALICE, PASSWORD),
    "store-missing": lambda: imap(ALICE, PASSWORD),
    "store-not-readable": lambda: imap(ALICE, PASSWORD),
}

try:
    CASES[case]()
except (smtplib.SMTPException, imaplib.IMAP4.error, poplib.error_proto) as error:
    print(error)
