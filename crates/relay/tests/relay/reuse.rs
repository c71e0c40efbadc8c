//! Several messages over one connection.

use harness::{Peer, Script};

use crate::fixture::{BODY, Fixture, deferred, delivered, failed, job};

// The wait for QUIT blocks a thread.
#[tokio::test(flavor = "multi_thread")]
async fn a_batch_and_the_next_one_share_a_connection() {
    let peer = Peer::start(Script::default());
    let fixture = Fixture::with_mx(&peer);
    let jobs = (0..3).map(|_| job(&["b@x.example"], BODY)).collect();
    for outcomes in fixture.send_jobs(jobs).await {
        delivered(&outcomes[0]);
    }
    delivered(&fixture.send_one("c@x.example").await);
    assert_eq!((peer.sessions().len(), peer.mails().len()), (1, 4));
    // It is not kept for ever.
    peer.wait_for_line("QUIT");
}

#[tokio::test]
async fn a_transaction_that_ends_early_is_reset() {
    let peer = Peer::start(Script::default().answer("RCPT TO:<no@", &["550 5.1.1 nobody"]));
    let fixture = Fixture::with_mx(&peer);
    failed(&fixture.send_one("no@x.example").await);
    delivered(&fixture.send_one("b@x.example").await);
    let session = peer.sessions().remove(0);
    assert_eq!(session.lines[2..5], ["RCPT TO:<no@x.example>", "RSET", "MAIL FROM:<a@us.example>"]);
}

#[tokio::test]
async fn a_kept_connection_that_the_server_closed_is_replaced() {
    // The second MAIL of a session is answered by closing it.
    let peer = Peer::start(Script::default().answer("MAIL", &["250 ok", "DROP", "250 ok"]));
    let fixture = Fixture::with_mx(&peer);
    delivered(&fixture.send_one("b@x.example").await);
    delivered(&fixture.send_one("c@x.example").await);
    assert_eq!((peer.sessions().len(), peer.mails().len()), (2, 2));
}

#[tokio::test]
async fn other_routes_and_another_config_get_connections_of_their_own() {
    let peer = Peer::start(Script::default());
    let route = |to: &str| format!("[[route]]\nto = \"{to}\"\nvia = \"127.0.0.1:{}\"\n", peer.port());
    let fixture = Fixture::new("", 25, &format!("{}{}", route("x.example"), route("y.example")));
    delivered(&fixture.send_one("b@x.example").await);
    delivered(&fixture.send_one("b@y.example").await);
    assert_eq!(peer.sessions().len(), 2);
    fixture.reload("");
    delivered(&fixture.send_one("b@x.example").await);
    assert_eq!(peer.sessions().len(), 3);
}

#[tokio::test]
async fn a_host_that_is_down_is_asked_once_for_a_batch() {
    let peer = Peer::start(Script::default().answer("GREETING", &["421 busy"]));
    let jobs = (0..5).map(|_| job(&["b@x.example"], BODY)).collect();
    let outcomes = Fixture::with_mx(&peer).send_jobs(jobs).await;
    assert_eq!(peer.sessions().len(), 1);
    for outcomes in outcomes {
        deferred(&outcomes[0]);
    }
}
