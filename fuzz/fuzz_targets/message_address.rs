//! Text to address to text: what is printed is read again as the same.
#![no_main]

use message::Address;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(address) = Address::parse(text) else { return };
    let printed = address.to_string();
    let again = Address::parse(&printed).expect("what is printed is an address");
    assert_eq!(again, address);
    assert_eq!(again.to_string(), printed);
    assert!(!printed.contains(['\r', '\n', '\0']));
    if let Some(ascii) = address.to_ascii() {
        assert!(ascii.is_ascii());
        assert_eq!(Address::parse(&ascii).as_ref(), Ok(&address));
    }
});
