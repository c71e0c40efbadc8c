//! Test harness: the real binary, a DNS server, fake peers, dialogues
