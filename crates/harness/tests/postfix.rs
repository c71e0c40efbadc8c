//! The harness's Postfix does what tests need of it.

use harness::Postfix;

#[test]
fn it_starts_and_carries_a_message_to_itself() {
    let postfix = Postfix::start(|_| "virtual_mailbox_domains = example.test\nvirtual_transport = discard".into());
    postfix.send("a@example.test", "b@example.test", "Subject: x\n\nx\n");
    postfix.wait_for_log_with(&["to=<b@example.test>", "status=sent"]);
    std::net::TcpStream::connect(("127.0.0.1", postfix.port())).expect("it listens");
}
