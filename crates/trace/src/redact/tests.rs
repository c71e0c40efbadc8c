//! Lines with secrets in them, and lines without.

use super::Redactor;

/// What is seen of a client's lines, said one after the other without an answer.
fn seen(lines: &[&str]) -> Vec<String> {
    let mut redactor = Redactor::default();
    let seen = |line: &&str| match redactor.client(line.as_bytes()) {
        Some(from) => format!("{}…", String::from_utf8_lossy(&line.as_bytes()[..from])),
        None => (*line).to_owned(),
    };
    lines.iter().map(seen).collect()
}

fn alone(line: &str) -> String {
    seen(&[line]).remove(0)
}

#[test]
fn a_login_is_hidden_from_where_its_secret_begins() {
    for (line, shown) in [
        ("AUTH PLAIN AGFsaWNlAGdlaGVpbQ==", "AUTH PLAIN …"),
        ("auth\tplain\tAGFsaWNlAGdlaGVpbQ==", "auth\tplain\t…"),
        ("AUTH PLAIN =", "AUTH PLAIN ="),
        ("AUTH PLAIN", "AUTH PLAIN"),
        ("AUTH AGFsaWNlAGdlaGVpbQ==", "AUTH …"),
        ("AUTH=PLAIN AGFsaWNlAGdlaGVpbQ==", "AUTH=PLAIN …"),
        ("AUTH SCRAM-SHA-256 biwsbj11c2VyLHI9", "AUTH SCRAM-SHA-256 …"),
        ("AUTH geheim", "AUTH …"),
        ("AUTH X-NEW AGFsaWNlAGdlaGVpbQ==", "AUTH X-NEW …"),
        ("a1 AUTHENTICATE PLAIN AGFsaWNlAGdlaGVpbQ==", "a1 AUTHENTICATE PLAIN …"),
        ("PASS geheim", "PASS …"),
        ("pass  ge heim", "pass  …"),
        ("PASS", "PASS"),
        ("PASS:geheim", "PASS…"),
        ("PASS:geheimé", "PASS…"),
        ("PASSWORD geheim", "PASSWORD …"),
        ("\t\u{0}PASS geheim", "\t\u{0}PASS …"),
        ("\u{ff}xPASS geheim", "\u{ff}xPASS geheim"),
        ("x\u{ff}PASS geheim", "x\u{ff}PASS …"),
        ("APOP alice c4c9334bac560ecc979e58001b3e22fb", "APOP alice …"),
        ("a LOGIN alice geheim", "a LOGIN alice …"),
        (". login alice geheim", ". login alice …"),
        ("a LOGIN \"al\\\"ice\" \"ge heim\"", "a LOGIN \"al\\\"ice\" …"),
        ("a LOGIN \"alice geheim", "a LOGIN …"),
        ("a LOGIN \"alice geheim \"geheim", "a LOGIN …"),
        ("a LOGIN \"alice geheim\" geheim", "a LOGIN …"),
        ("a b LOGIN alice geheim", "a b LOGIN alice …"),
        ("a LOGIN  geheim", "a LOGIN  …"),
        ("APOP  geheim", "APOP  …"),
        ("a LOGIN alice {6}", "a LOGIN alice {6}"),
        ("a LOGIN alice geheim{6}", "a LOGIN alice …"),
        ("LOGIN alice geheim", "LOGIN alice …"),
        ("XAUTH PLAIN AGFsaWNlAGdlaGVpbQ==", "XAUTH PLAIN …"),
        ("AGFsaWNlAGdlaGVpbQ", "…"),
        (" \u{b}AGFsaWNlAGdlaGVpbQ== ", " \u{b}…"),
        // A password alone, as after AUTH LOGIN, also in Latin-1; and a digest of CRAM-MD5.
        ("Z2VoZWlt", "…"),
        ("Z2VoZWlt/A==", "…"),
        ("YWxpY2UgYzRjOTMzNGJhYzU2MGVjYzk3OWU1ODAwMWIzZTIyZmI=", "…"),
    ] {
        assert_eq!(alone(line), shown, "{line:?}");
    }
}

#[test]
fn what_is_no_login_is_seen() {
    let commands = "HELO EHLO MAIL RCPT DATA RSET NOOP QUIT VRFY EXPN HELP STARTTLS BDAT ETRN LHLO TURN SEND \
                    USER STAT LIST RETR DELE TOP UIDL CAPA STLS LAST \
                    CAPABILITY LOGOUT SELECT EXAMINE CREATE DELETE RENAME SUBSCRIBE UNSUBSCRIBE STATUS APPEND CHECK CLOSE \
                    EXPUNGE SEARCH FETCH STORE COPY MOVE UID IDLE DONE ID ENABLE NAMESPACE UNSELECT COMPRESS LSUB";
    for command in commands.split_whitespace() {
        for line in [command.to_owned(), command.to_lowercase(), format!("a1 {command}"), format!("{command} word")] {
            assert_eq!(alone(&line), line);
        }
    }
    for line in [
        "",
        "*",
        "EHLO login.example.test",
        "EHLO auth.example.test",
        "EHLO localhost",
        "StartTLS",
        "AUTH X-NEW",
        "MAIL FROM:<pass@example.test> AUTH=<>",
        "RCPT TO:<login@example.test>",
        "USER alice@example.test",
        "a2 SELECT \"Sent Messages\"",
        "a3 UID FETCH 1:* (FLAGS BODY.PEEK[HEADER.FIELDS (FROM)])",
        "a4 ID (\"name\" \"Thunderbird\" \"version\" \"140.1\")",
    ] {
        assert_eq!(alone(line), line);
    }
}

#[test]
fn an_exchange_is_hidden_until_the_server_ends_it() {
    let mut redactor = Redactor::default();
    assert_eq!(redactor.client(b"AUTH LOGIN"), None);
    assert_eq!(redactor.server(b"334 VXNlcm5hbWU6"), None, "what the server asks may be seen");
    assert_eq!(redactor.client(b"YWxpY2U="), Some(0));
    assert_eq!(redactor.server(b"334 UGFzc3dvcmQ6"), None);
    assert_eq!(redactor.client(b"geheim, not base64"), Some(0));
    assert_eq!(redactor.server(b"535 5.7.8 no"), None);
    assert_eq!(redactor.client(b"QUIT now"), None);
    // SCRAM: what the server proves, too.
    assert_eq!(redactor.client(b"a AUTHENTICATE SCRAM-SHA-256"), None);
    assert_eq!(redactor.server(b"+ "), None);
    assert_eq!(redactor.client(b"biwsbj1hbGljZSxyPXg="), Some(0));
    assert_eq!(redactor.server(b"* OK still here"), None);
    assert_eq!(redactor.server(b"+ cj14eSxzPVcyMiBTYWx0LGk9NDA5Ng=="), Some(2));
    assert_eq!(redactor.client(b"*"), None, "the client cancels");
    assert_eq!(redactor.server(b"a BAD cancelled"), None);
    assert_eq!(redactor.client(b"b NOOP x"), None);
}

#[test]
fn literals_of_login_are_hidden_however_they_are_handed_over() {
    let at_once = ["a LOGIN {5}", "alice {6}", "geheim"];
    assert_eq!(seen(&at_once), ["a LOGIN {5}", "alice {6}", "…"]);
    assert_eq!(seen(&["a LOGIN {5+}", "alice geheim"]), ["a LOGIN {5+}", "alice …"]);
    assert_eq!(seen(&["a LOGIN {5+}", "alice", " {6+}", "geheim"]), ["a LOGIN {5+}", "alice", " {6+}", "…"]);
    assert_eq!(seen(&["a LOGIN alice {6+}", "g", "e", "heim"]), ["a LOGIN alice {6+}", "…", "…", "…"]);
    // A name in pieces: rather less of it is seen.
    assert_eq!(seen(&["a LOGIN {8}", "al", "ice1", "23 geheim"]), ["a LOGIN {8}", "al", "ice1", "…"]);
    assert_eq!(seen(&["a LOGIN {99999999999999999999999}", "x geheim"])[0], "a LOGIN {99999999999999999999999}");
    // A driver that keeps literals to itself, or tells their number alone.
    assert_eq!(seen(&["a LOGIN {5+}", " geheim"]), ["a LOGIN {5+}", " …"]);
    assert_eq!(seen(&["a LOGIN {5+}", " {6+}", "geheim"]), ["a LOGIN {5+}", " {6+}", "…"]);
    let mut redactor = Redactor::default();
    assert_eq!(redactor.client(b"a LOGIN {5+}"), None);
    redactor.counted();
    assert_eq!(redactor.client(b"geheim"), Some(0));
    let mut redactor = Redactor::default();
    let client = |redactor: &mut Redactor, line: &str| redactor.client(line.as_bytes());
    assert_eq!(client(&mut redactor, "a LOGIN {5}"), None);
    assert_eq!(redactor.server(b"+ go on"), None);
    assert_eq!(client(&mut redactor, "alice {6}"), None);
    assert_eq!(redactor.server(b"+ OK"), None);
    assert_eq!(client(&mut redactor, "geheim"), Some(0));
    assert_eq!(redactor.server(b"a NO [AUTHENTICATIONFAILED] no"), None);
    assert_eq!(client(&mut redactor, "b SELECT INBOX"), None);
}

#[test]
fn a_token_of_any_length_is_hidden() {
    let token = "QUJD".repeat(5000);
    assert_eq!(alone(&token), "…");
    assert_eq!(alone(&format!("x {token}")), "x …");
}

/// What a client says that goes on with its login, though the server has said no.
#[test]
fn who_goes_on_after_a_refusal_is_hidden_until_the_next_command() {
    for (refusal, lines, shown) in [
        ("530 5.7.0 first TLS", &["alice", "ge heim", "again", "QUIT"][..], &["…", "…", "again", "QUIT"][..]),
        ("-ERR no", &["QUIT", "ge heim"], &["QUIT", "ge heim"]),
        ("a NO no", &["b NOOP", "geheim"], &["b NOOP", "geheim"]),
        ("a BAD no", &["geheim", "b LOGIN alice geheim"], &["…", "b LOGIN alice …"]),
        ("235 2.7.0 welcome", &["geheim"], &["geheim"]),
    ] {
        let mut redactor = Redactor::default();
        redactor.client(b"AUTH LOGIN");
        redactor.server(refusal.as_bytes());
        let mut seen = Vec::new();
        for line in lines {
            let from = redactor.client(line.as_bytes());
            seen.push(from.map_or((*line).to_owned(), |from| format!("{}…", &line[..from])));
            redactor.server(b"500 what?");
        }
        assert_eq!(seen, shown, "{refusal}");
    }
}
