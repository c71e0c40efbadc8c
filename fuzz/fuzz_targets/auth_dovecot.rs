//! A line of Dovecot's auth protocol is one, or is not; what was read is written the same.

#![no_main]

use auth::dovecot::{Asks, ClientSays, ServerSays, Tells};

libfuzzer_sys::fuzz_target!(|line: &[u8]| {
    fn again(line: &[u8]) -> &[u8] {
        line.strip_suffix(b"\n").unwrap_or(line)
    }
    // A longer one may be beyond the bound once it is written in full.
    if line.len() > 4096 {
        return;
    }
    if let Ok(says) = ClientSays::decode(line)
        && says != ClientSays::Other
    {
        assert_eq!(ClientSays::decode(again(&says.encode())), Ok(says));
    }
    if let Ok(says) = ServerSays::decode(line)
        && says != ServerSays::Other
    {
        assert_eq!(ServerSays::decode(again(&says.encode())), Ok(says));
    }
    if let Ok(asks) = Asks::decode(line)
        && asks != Asks::Other
    {
        assert_eq!(Asks::decode(again(&asks.encode())), Ok(asks));
    }
    if let Ok(tells) = Tells::decode(line)
        && tells != Tells::Other
    {
        assert_eq!(Tells::decode(again(&tells.encode())), Ok(tells));
    }
});
