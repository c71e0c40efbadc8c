//! Proxies that are not set up as the server is: from the id in the reply.

use std::net::Ipv4Addr;

use harness::Scenario;
use harness::dialogue::{Tcp, Wire};

use crate::naming::assert_named;
use crate::{BINARY, id};

#[test]
fn headers_that_are_missing_and_headers_that_are_not_believed() {
    let mut server = Scenario::new(BINARY).prepare();
    server.edit_config(|config| config.replace("[listen]\n", "[listen]\nproxies = [\"127.0.0.2\"]\n"));
    server.start();
    let from = |last| Tcp::connect_from(Ipv4Addr::new(127, 0, 0, last), server.port(25), server.ca());

    let mut proxy = from(2);
    proxy.send(b"EHLO mx.example.org\r\n");
    let refusal = proxy.line();
    assert!(refusal.starts_with("421 4.7.0 mail.example.test from your address"), "{refusal}");
    assert_named(&server, &id(&refusal), "proxy-header-missing", "127.0.0.2 did not say for whom it speaks");

    let mut stranger = from(3);
    stranger.line();
    stranger.send(b"PROXY TCP4 192.0.2.7 198.51.100.1 49152 25\r\n");
    let refusal = stranger.line();
    drop(stranger);
    let fix = "proxies = [\"127.0.0.3\"]";
    let story = assert_named(&server, &id(&refusal), "proxy-not-trusted", fix);
    assert!(story.contains("127.0.0.3 sent a header of the PROXY protocol"), "{story}");
}
