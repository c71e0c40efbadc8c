use std::collections::HashMap;
use std::path::Path;

use queue::Future;

use super::*;

/// A DNS in memory: what is not in it does not exist.
#[derive(Default)]
struct Zone {
    mx: HashMap<String, Result<Vec<MailExchange>, DnsError>>,
    addresses: HashMap<String, Result<Vec<IpAddr>, DnsError>>,
}

impl Zone {
    /// `10 mx1.example` records, space and comma separated.
    fn mx(mut self, domain: &str, records: &str) -> Self {
        let record = |text: &str| {
            let (preference, exchange) = text.trim().split_once(' ').expect("preference and host");
            MailExchange {
                preference: preference.parse().expect("a number"),
                exchange: exchange.trim_matches('.').into(),
            }
        };
        let records = records.split(',').filter(|text| !text.is_empty()).map(record).collect();
        self.mx.insert(domain.into(), Ok(records));
        self
    }

    fn host(mut self, name: &str, addresses: &str) -> Self {
        let addresses = addresses.split_whitespace().map(|text| text.parse().expect("an address")).collect();
        self.addresses.insert(name.into(), Ok(addresses));
        self
    }

    fn broken(mut self, name: &str) -> Self {
        self.mx.insert(name.into(), Err(DnsError::Temporary("SERVFAIL".into())));
        self.addresses.insert(name.into(), Err(DnsError::Temporary("SERVFAIL".into())));
        self
    }

    /// The candidates, `host address` each.
    fn search(&self, domain: &str) -> Result<Vec<String>, MxError> {
        let search = Search { dns: self, own: &own(), port: 25, allow_private: false };
        block(search.domain(&Domain::parse(domain).expect(domain)))
    }

    fn smarthost(&self, host: &str) -> Result<Vec<String>, MxError> {
        block(Search { dns: self, own: &own(), port: 25, allow_private: false }.smarthost(host))
    }
}

fn own() -> Own {
    let text = "hostname = \"mail.us.example\"\ndata = \"/nowhere\"\ndomains = [\"us.example\"]\n[listen]\nsmtp = [\"198.51.100.1:25\"]\n";
    let loaded = config::parse(Path::new("gatepost.toml"), text).expect("a config");
    Own::of(&loaded.config)
}

fn block(search: impl std::future::Future<Output = Result<Vec<Candidate>, MxError>>) -> Result<Vec<String>, MxError> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let found = runtime.block_on(search)?;
    Ok(found.into_iter().map(|candidate| format!("{} {}", candidate.host, candidate.address.ip())).collect())
}

impl Dns for Zone {
    fn mx<'a>(&'a self, domain: &'a str) -> Future<'a, Result<Vec<MailExchange>, DnsError>> {
        let answer = self.mx.get(domain).cloned();
        let other = if self.addresses.contains_key(domain) { Ok(Vec::new()) } else { Err(DnsError::NoSuchName) };
        Box::pin(async move { answer.unwrap_or(other) })
    }

    fn addresses<'a>(&'a self, host: &'a str) -> Future<'a, Result<Vec<IpAddr>, DnsError>> {
        let answer = self.addresses.get(host).cloned();
        Box::pin(async move { answer.unwrap_or(Err(DnsError::NoSuchName)) })
    }
}

#[test]
fn by_preference_with_all_addresses() {
    let zone = Zone::default()
        .mx("x.example", "20 b.x.example,10 a.x.example")
        .host("a.x.example", "192.0.2.1 2001:db8::1")
        .host("b.x.example", "192.0.2.2");
    let wanted = ["a.x.example 192.0.2.1", "a.x.example 2001:db8::1", "b.x.example 192.0.2.2"];
    assert_eq!(zone.search("X.example").expect("hosts"), wanted);
}

#[test]
fn equals_are_tried_in_any_order() {
    let records =
        || vec!["a", "b", "c", "d"].into_iter().map(|name| MailExchange { preference: 5, exchange: name.into() });
    let orders: std::collections::HashSet<Vec<String>> = (0..200)
        .map(|_| ordered(records().collect(), "x", &RandomState::new()).expect("hosts"))
        .map(|hosts| hosts.into_iter().map(|host| host.exchange).collect())
        .collect();
    // Of 24 orders; that 200 draws show fewer than 5 would be a wonder.
    assert!(orders.len() >= 5, "{orders:?}");
}

#[test]
fn without_mx_the_domain_is_the_host() {
    let zone = Zone::default().host("x.example", "192.0.2.1");
    assert_eq!(zone.search("x.example").expect("hosts"), ["x.example 192.0.2.1"]);
}

#[test]
fn null_mx_alone_and_beside_others() {
    let zone =
        Zone::default().mx("no.example", "0 .").mx("odd.example", "0 .,10 a.example").host("a.example", "192.0.2.1");
    assert_eq!(zone.search("no.example"), Err(MxError::NullMx));
    assert_eq!(zone.search("odd.example").expect("hosts"), ["a.example 192.0.2.1"]);
}

#[test]
fn what_is_not_there_and_what_could_not_be_told() {
    let zone = Zone::default()
        .broken("broken.example")
        .mx("half.example", "10 broken.example,20 a.example")
        .mx("unlucky.example", "10 broken.example")
        .mx("lost.example", "10 nowhere.example")
        .host("a.example", "192.0.2.1")
        .host("empty.example", "");
    assert_eq!(zone.search("nowhere.example"), Err(MxError::NoSuchDomain));
    assert_eq!(zone.search("empty.example"), Err(MxError::NoHost));
    assert_eq!(zone.search("lost.example"), Err(MxError::NoHost));
    assert!(matches!(zone.search("broken.example"), Err(MxError::Temporary(_))));
    assert!(matches!(zone.search("unlucky.example"), Err(MxError::Temporary(_))));
    assert_eq!(zone.search("half.example").expect("hosts"), ["a.example 192.0.2.1"]);
}

#[test]
fn we_cut_the_list_by_name_and_by_address() {
    let zone = Zone::default()
        .mx("backup.example", "10 a.example,20 mail.us.example,20 b.example,30 c.example")
        .mx("address.example", "10 a.example,20 alias.example")
        .mx("best.example", "10 mail.us.example,20 a.example")
        .host("a.example", "192.0.2.1")
        .host("b.example", "192.0.2.2")
        .host("c.example", "192.0.2.3")
        .host("alias.example", "198.51.100.1")
        .host("mail.us.example", "198.51.100.1");
    assert_eq!(zone.search("backup.example").expect("hosts"), ["a.example 192.0.2.1"]);
    assert_eq!(zone.search("address.example").expect("hosts"), ["a.example 192.0.2.1"]);
    assert_eq!(zone.search("best.example"), Err(MxError::Loop));
    assert_eq!(zone.search("[198.51.100.1]"), Err(MxError::Loop));
}

#[test]
fn private_addresses_are_left_out() {
    let zone = Zone::default().host("x.example", "127.0.0.1 192.0.2.1").host("y.example", "10.0.0.1 ::1");
    assert_eq!(zone.search("x.example").expect("hosts"), ["x.example 192.0.2.1"]);
    assert_eq!(zone.search("y.example"), Err(MxError::Private));
    assert_eq!(zone.search("[127.0.0.1]"), Err(MxError::Private));
}

#[test]
fn smarthosts_are_names_or_addresses_and_may_be_private() {
    let zone = Zone::default().host("smart.example", "10.0.0.1 192.0.2.1").host("us.example", "198.51.100.1");
    assert_eq!(zone.smarthost("smart.example").expect("hosts"), ["smart.example 10.0.0.1", "smart.example 192.0.2.1"]);
    assert_eq!(zone.smarthost("[127.0.0.1]").expect("hosts"), ["127.0.0.1 127.0.0.1"]);
    assert_eq!(zone.smarthost("[IPv6:::1]").expect("hosts"), ["::1 ::1"]);
    assert_eq!(zone.smarthost("us.example"), Err(MxError::Loop));
    assert_eq!(zone.smarthost("nowhere.example"), Err(MxError::NoHost));
}
