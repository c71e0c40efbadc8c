//! `[listen]`

use std::net::SocketAddr;

use crate::kinds::{endpoints, everywhere, list, network};
use crate::model::{Listener, Service};
use crate::network::Network;
use crate::section::section;

section! {
    /// Where each service listens: a list of addresses with ports. A port alone means all addresses, an address
    /// alone the standard port; `[]` switches the service off.
    pub(crate) struct Listen = "listen" "[listen]" {
        /// Mail from other servers, with STARTTLS.
        smtp: Vec<SocketAddr> = everywhere(25) => endpoints(25);
        /// Mail from users, after a login, with STARTTLS (RFC 6409).
        submission: Vec<SocketAddr> = everywhere(587) => endpoints(587);
        /// The same with TLS from the first octet (RFC 8314).
        submissions: Vec<SocketAddr> = everywhere(465) => endpoints(465);
        /// POP3 with STLS.
        pop3: Vec<SocketAddr> = everywhere(110) => endpoints(110);
        /// POP3 with TLS from the first octet.
        pop3s: Vec<SocketAddr> = everywhere(995) => endpoints(995);
        /// IMAP with STARTTLS.
        imap: Vec<SocketAddr> = everywhere(143) => endpoints(143);
        /// IMAP with TLS from the first octet.
        imaps: Vec<SocketAddr> = everywhere(993) => endpoints(993);
        /// Load balancers and proxies: their addresses and networks. Every connection from there, of every service, must begin
        /// with a header of the PROXY protocol (version 1 or 2: HAProxy's `send-proxy`, nginx' `proxy_protocol on`), and the
        /// client's address in it counts as the client's, in limits, logs and `Received:`. From nobody else is it believed.
        proxies: Vec<Network> = Vec::new() => list(network());
    }
}

impl Listen {
    /// The addresses of one service.
    fn of(&self, service: Service) -> &[SocketAddr] {
        match service {
            Service::Smtp => &self.smtp,
            Service::Submission => &self.submission,
            Service::Submissions => &self.submissions,
            Service::Pop3 => &self.pop3,
            Service::Pop3s => &self.pop3s,
            Service::Imap => &self.imap,
            Service::Imaps => &self.imaps,
        }
    }

    /// Every listener, service by service.
    pub(crate) fn listeners(&self) -> Vec<Listener> {
        let of = |service| self.of(service).iter().map(move |address| Listener { service, address: *address });
        Service::ALL.into_iter().flat_map(of).collect()
    }
}
