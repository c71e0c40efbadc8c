//! What the DNS says of the domains, right and wrong.

use harness::Dns;

use crate::{ALICE, Deep, ZONE, scenario};

/// A check with this zone, for these domains beside `example.test`.
fn check(zone: &str, domains: &[&str]) -> Deep {
    let dns = Dns::start(zone);
    let scenario = domains.iter().fold(scenario(&dns), |made, domain| made.domain(domain));
    Deep::of(&scenario.prepare())
}

/// Our host is right; one domain after the other is wrong in its own way.
#[test]
fn mx_records_lead_here_or_it_is_said_where() {
    let zone = format!(
        "{ZONE}
        null.test MX 0 .
        beside.test MX 0 .
        beside.test MX 10 mail.example.test
        else.test MX 10 mx.elsewhere.test
        mx.elsewhere.test A 192.0.2.99
        alias.test MX 10 other-name.test
        other-name.test A 192.0.2.7
        empty.test EMPTY
        ours.test A 192.0.2.7
        dead.test MX 5 gone.dead.test
        dead.test MX 10 mail.example.test
        broken.test SERVFAIL"
    );
    let domains = [
        "null.test",
        "beside.test",
        "else.test",
        "alias.test",
        "empty.test",
        "ours.test",
        "dead.test",
        "broken.test",
        "none.test",
    ];
    let deep = check(&zone, &domains);
    assert_eq!(deep.code, 1);
    deep.has(("error", "mx-null"), "null.test", &["RFC 7505", "null.test. IN MX 10 mail.example.test."]);
    deep.has(("warning", "mx-null-beside"), "beside.test", &["means nothing there"]);
    deep.has(("ok", "mx"), "MX of beside.test", &["10 mail.example.test"]);
    deep.has(
        ("error", "mx-elsewhere"),
        "else.test",
        &["10 mx.elsewhere.test: mail goes there, and not to mail.example.test"],
    );
    deep.has(("note", "mx-other-name"), "alias.test", &["10 other-name.test"]);
    deep.has(("error", "mx-missing"), "empty.test", &["mail does not come here"]);
    deep.has(("warning", "mx-missing"), "ours.test", &["mail comes here all the same"]);
    deep.has(("error", "mx-without-address"), "dead.test", &["gone.dead.test has no address"]);
    deep.has(("error", "no-such-domain"), "none.test", &["NXDOMAIN"]);
    deep.has(("warning", "dns-unknown"), "MX of broken.test", &["could not be asked"]);
}

#[test]
fn spf_is_read_as_receivers_read_it() {
    let domain = |name: &str, spf: &[&str]| {
        let texts: String = spf.iter().map(|spf| format!("{name} TXT {spf}\n")).collect();
        format!("{name} MX 10 mail.example.test\n{texts}")
    };
    let includes: String = (0..12).map(|n| format!("i{n}.test TXT v=spf1 include:i{}.test -all\n", n + 1)).collect();
    let zone = [
        ZONE.to_owned(),
        domain("missing.test", &["something else"]),
        domain("two.test", &["v=spf1 mx -all", "v=spf1 -all"]),
        domain("fail.test", &["v=spf1 ip4:198.51.100.0/24 -all"]),
        domain("soft.test", &["v=spf1 ip4:198.51.100.0/24 ~all"]),
        domain("neutral.test", &["v=spf1 ip4:198.51.100.0/24 ?all"]),
        domain("typo.test", &["v=spf1 ipv4:192.0.2.7 -all"]),
        domain("all.test", &["v=spf1 +all"]),
        domain("deep.test", &["v=spf1 include:i0.test -all"]),
        domain("inside.test", &["v=spf1 include:provider.test -all"]),
        "provider.test TXT v=spf1 ip4:192.0.2.0/24 -all\n".to_owned(),
        domain("macro.test", &["v=spf1 exists:%{i}.x.test -all"]),
        includes,
    ]
    .concat();
    let domains = [
        "missing.test",
        "two.test",
        "fail.test",
        "soft.test",
        "neutral.test",
        "typo.test",
        "all.test",
        "deep.test",
        "inside.test",
        "macro.test",
    ];
    let deep = check(&zone, &domains);
    deep.has(
        ("warning", "spf-missing"),
        "missing.test",
        &["missing.test. IN TXT", "v=spf1 mx a:mail.example.test -all"],
    );
    deep.has(("error", "spf-several"), "two.test", &["there are 2", "v=spf1 -all"]);
    deep.has(("error", "spf-fail"), "fail.test for 192.0.2.7", &["add ip4:192.0.2.7 to the record"]);
    deep.has(("warning", "spf-softfail"), "soft.test", &["~all"]);
    deep.has(("warning", "spf-neutral"), "neutral.test", &[]);
    deep.has(("error", "spf-broken"), "typo.test", &["ipv4:192.0.2.7", "no mechanism of SPF"]);
    deep.has(("error", "spf-everybody"), "all.test", &["+all lets everybody"]);
    deep.has(("error", "spf-broken"), "deep.test", &["more than 10 lookups"]);
    deep.has(("ok", "spf"), "inside.test", &["allowed, with 1 of 10 lookups"]);
    deep.has(("note", "spf-unknown"), "macro.test", &["exists"]);
}

#[test]
fn dkim_and_dmarc() {
    let zone = format!(
        "{ZONE}
        signed.test MX 10 mail.example.test
        _domainkey.signed.test EMPTY
        _dmarc.signed.test TXT v=DMARC1; p=none
        two.test MX 10 mail.example.test
        _dmarc.two.test TXT v=DMARC1; p=none
        _dmarc.two.test TXT v=DMARC1; p=reject
        bad.test MX 10 mail.example.test
        _dmarc.bad.test TXT v=DMARC1; p=refuse
        missing.test MX 10 mail.example.test
        sub.example.test MX 10 mail.example.test"
    );
    let deep = check(&zone, &["signed.test", "two.test", "bad.test", "missing.test", "sub.example.test"]);
    deep.has(("note", "dkim-elsewhere"), "signed.test", &["_domainkey.signed.test is NOERROR", "does not sign yet"]);
    deep.has(("note", "dmarc-none"), "signed.test", &["reported, and delivered"]);
    deep.has(("error", "dmarc-several"), "two.test", &["there are 2"]);
    deep.has(("error", "dmarc-broken"), "bad.test", &["p=refuse is none of"]);
    deep.has(("warning", "dmarc-missing"), "missing.test", &["_dmarc.missing.test. IN TXT", "p=quarantine"]);
    deep.has(("ok", "dmarc"), "sub.example.test", &["p=reject at _dmarc.example.test"]);
}

#[test]
fn the_host_has_an_address_with_its_name() {
    let other = ZONE.replace("PTR  mail.example.test", "PTR  dyn-7.provider.test");
    let deep = check(&other, &[]);
    deep.has(
        ("warning", "ptr-other"),
        "192.0.2.7",
        &["is dyn-7.provider.test, and not mail.example.test", "set its PTR to"],
    );
    let missing: String = ZONE.lines().filter(|line| !line.contains("PTR")).map(|line| format!("{line}\n")).collect();
    check(&missing, &[]).has(("warning", "ptr-missing"), "192.0.2.7", &["many servers refuse"]);
    let private = ZONE.replace("A    192.0.2.7", "A    10.1.2.3");
    let deep = check(&private, &[]);
    deep.has(("note", "host-private"), "mail.example.test", &["10.1.2.3", "nobody outside"]);
    deep.has(("note", "spf-no-address"), "example.test", &[]);
    let nameless: String = ZONE.lines().filter(|line| !line.contains(" A ")).map(|line| format!("{line}\n")).collect();
    let deep = check(&nameless, &[]);
    deep.has(("error", "host-without-address"), "mail.example.test", &["has no address"]);
    deep.has(("error", "mx-without-address"), "MX of example.test", &["mail.example.test has no address"]);
}

/// A resolver that never answers holds nobody up: each wait is bounded.
#[test]
fn a_resolver_that_is_silent_is_told_in_time() {
    let silent = std::net::UdpSocket::bind("127.0.0.1:0").expect("a port");
    let relay = format!("[relay]\nresolvers = [\"{}\"]", silent.local_addr().expect("bound"));
    let server = harness::Scenario::new(crate::BINARY).user(ALICE, crate::PASSWORD).config(&relay).prepare();
    let begun = std::time::Instant::now();
    let output = server.command(&["check", "--deep", "--timeout", "1", "--json"]).output().expect("the binary");
    assert!(begun.elapsed() < harness::PATIENCE);
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("dns-unknown") && text.contains("no answer within 1s"), "{text}");
}
