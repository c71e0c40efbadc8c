use std::collections::HashMap;
use std::net::IpAddr;

use proptest::prelude::*;
use queue::Future;

use super::{Spf, SpfError, Verdict};
use crate::dns::{Dns, DnsError, MailExchange};
use crate::published::Texts;

/// A zone in memory.
#[derive(Default)]
struct Zone {
    texts: HashMap<&'static str, Vec<&'static str>>,
    addresses: HashMap<&'static str, Vec<&'static str>>,
    mx: HashMap<&'static str, Vec<&'static str>>,
}

impl Zone {
    fn text(mut self, name: &'static str, text: &'static str) -> Self {
        self.texts.entry(name).or_default().push(text);
        self
    }

    fn host(mut self, name: &'static str, ip: &'static str) -> Self {
        self.addresses.entry(name).or_default().push(ip);
        self
    }

    fn mx(mut self, name: &'static str, host: &'static str) -> Self {
        self.mx.entry(name).or_default().push(host);
        self
    }
}

fn ready<'a, T: Send + 'a>(value: Option<T>) -> Future<'a, Result<T, DnsError>> {
    Box::pin(std::future::ready(value.ok_or(DnsError::NoSuchName)))
}

impl Dns for Zone {
    fn mx<'a>(&'a self, domain: &'a str) -> Future<'a, Result<Vec<MailExchange>, DnsError>> {
        let exchange = |host: &&str| MailExchange { preference: 10, exchange: (*host).to_owned() };
        ready(self.mx.get(domain).map(|hosts| hosts.iter().map(exchange).collect()))
    }

    fn addresses<'a>(&'a self, host: &'a str) -> Future<'a, Result<Vec<IpAddr>, DnsError>> {
        ready(self.addresses.get(host).map(|all| all.iter().map(|ip| ip.parse().expect("an address")).collect()))
    }
}

impl Texts for Zone {
    fn texts<'a>(&'a self, name: &'a str) -> Future<'a, Result<Vec<String>, DnsError>> {
        if name == "down.test" {
            return Box::pin(std::future::ready(Err(DnsError::Temporary("SERVFAIL".into()))));
        }
        ready(self.texts.get(name).map(|all| all.iter().map(|text| (*text).to_owned()).collect()))
    }
}

async fn verdict(zone: &Zone, record: &str, ip: &str) -> Verdict {
    let spf = Spf::parse(record).expect("a record");
    spf.check(zone, "example.test", ip.parse().expect("an address")).await.verdict
}

#[tokio::test]
async fn networks_hosts_and_the_last_word() {
    let zone = Zone::default()
        .host("example.test", "192.0.2.1")
        .host("mail.example.test", "2001:db8::7")
        .host("mx.example.test", "192.0.2.9")
        .mx("example.test", "mx.example.test");
    for (record, ip, expected) in [
        ("v=spf1 ip4:192.0.2.0/24 -all", "192.0.2.200", Verdict::Pass),
        ("v=spf1 ip4:192.0.2.0/24 -all", "192.0.3.1", Verdict::Fail),
        ("v=spf1 ip6:2001:db8::/32 ~all", "2001:db8:1::1", Verdict::Pass),
        ("v=spf1 ip6:2001:db8::/32 ~all", "192.0.2.1", Verdict::SoftFail),
        ("v=spf1 A -all", "192.0.2.1", Verdict::Pass),
        ("v=spf1 a/24 -all", "192.0.2.77", Verdict::Pass),
        ("v=spf1 a:mail.example.test//64 -all", "2001:db8::8", Verdict::Pass),
        ("v=spf1 mx ?all", "192.0.2.9", Verdict::Pass),
        ("v=spf1 mx ?all", "192.0.2.10", Verdict::Neutral),
        ("v=spf1", "192.0.2.10", Verdict::Neutral),
        ("v=spf1 ip4:0.0.0.0/0 -all", "198.51.100.1", Verdict::Pass),
    ] {
        assert_eq!(verdict(&zone, record, ip).await, expected, "{record} {ip}");
    }
}

#[tokio::test]
async fn other_records_are_followed_but_not_for_ever() {
    let zone = Zone::default()
        .text("inner.test", "v=spf1 ip4:198.51.100.0/24 -all")
        .text("two.test", "v=spf1 -all")
        .text("two.test", "v=spf1 +all")
        .text("round.test", "v=spf1 include:round.test -all");
    let of = |record: &'static str, ip| verdict(&zone, record, ip);
    assert_eq!(of("v=spf1 include:inner.test -all", "198.51.100.7").await, Verdict::Pass);
    // A "fail" inside an include is no match, and the next term is looked at.
    assert_eq!(of("v=spf1 include:inner.test ?all", "192.0.2.1").await, Verdict::Neutral);
    assert_eq!(of("v=spf1 redirect=inner.test", "192.0.2.1").await, Verdict::Fail);
    let broken = |verdict: Verdict| match verdict {
        Verdict::Broken(why) => why,
        other => panic!("{other:?}"),
    };
    assert!(broken(of("v=spf1 include:two.test -all", "192.0.2.1").await).contains("two SPF records"));
    assert!(broken(of("v=spf1 include:none.test -all", "192.0.2.1").await).contains("no SPF record"));
    assert!(broken(of("v=spf1 include:round.test -all", "192.0.2.1").await).contains("more than 10 lookups"));
    assert!(broken(of("v=spf1 a:x.test a:y.test a:z.test", "192.0.2.1").await).contains("no addresses"));
    assert!(matches!(of("v=spf1 include:down.test -all", "192.0.2.1").await, Verdict::Temporary(_)));
    assert!(matches!(of("v=spf1 exists:%{i}.x.test -all", "192.0.2.1").await, Verdict::Unknown(_)));
    assert!(matches!(of("v=spf1 a:%{d} -all", "192.0.2.1").await, Verdict::Unknown(_)));
}

#[test]
fn what_is_no_record_says_why() {
    assert!(Spf::is_meant("v=spf1") && Spf::is_meant("V=SPF1 -all") && !Spf::is_meant("v=spf10 -all"));
    for (record, part) in [
        ("v=spf1 ipv4:192.0.2.1", "no mechanism"),
        ("v=spf1 ip4:192.0.2.1/33", "no IPv4 network"),
        ("v=spf1 ip4:2001:db8::1", "no IPv4 network"),
        ("v=spf1 include", "which domain?"),
        ("v=spf1 a/x", "/0 to /32"),
        ("v=spf1 all:x", "nothing can stand behind"),
    ] {
        let error = Spf::parse(record).expect_err(record).to_string();
        assert!(error.contains(part), "{record}: {error}");
    }
    assert_eq!(Spf::parse(&format!("v=spf1 {}", "a ".repeat(300))), Err(SpfError::TooLong));
    assert!(Spf::parse("v=spf1 exp=e.test x-y=z +all").expect("modifiers are passed over").allows_everybody());
}

proptest! {
    /// Whatever stands in a stranger's DNS is a record or an error.
    #[test]
    fn any_text_is_read(text in "v=spf1( [-+~?]?[a-z0-9=:/.%{}ü]{0,20}){0,8}", junk in any::<String>()) {
        for text in [text, format!("v=spf1 {junk}")] {
            if let Ok(spf) = Spf::parse(&text) {
                prop_assert!(spf.allows_everybody() || !text.ends_with(" +all"));
            }
        }
    }
}
