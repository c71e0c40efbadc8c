//! What a client hears first. The mechanisms are those that could succeed inside TLS; without TLS each exchange is held to
//! what is offered there.

use std::sync::atomic::{AtomicU32, Ordering};

use sasl::Mechanism;

use crate::dovecot::{Params, ServerSays};
use crate::{Auth, random};

/// Connections are numbered.
static CONNECTIONS: AtomicU32 = AtomicU32::new(1);

/// All lines up to `DONE`.
pub(super) fn greeting(auth: &Auth) -> Vec<u8> {
    let number = CONNECTIONS.fetch_add(1, Ordering::Relaxed);
    let cookie: String = random::octets::<16>().iter().map(|octet| format!("{octet:02x}")).collect();
    let mechanisms = auth.offers(true).into_iter().filter(|offer| offer.offered && can_be_carried(offer.mechanism));
    let mechanisms =
        mechanisms.map(|offer| ServerSays::Mech(offer.mechanism.name().to_owned(), flags(offer.mechanism)));
    let end =
        [ServerSays::Spid(std::process::id()), ServerSays::Cuid(number), ServerSays::Cookie(cookie), ServerSays::Done];
    let lines = std::iter::once(ServerSays::Version(1, 2)).chain(mechanisms).chain(end);
    lines.flat_map(|line| line.encode().to_vec()).collect()
}

/// Whether a mechanism can be used through this protocol: it knows nothing of the TLS channel that another process has, so
/// not those that are bound to it, nor a client's certificate.
pub(super) fn can_be_carried(mechanism: Mechanism) -> bool {
    mechanism.is_sasl() && !mechanism.is_plus() && mechanism != Mechanism::External
}

/// What each gives away to whom, in Dovecot's words: Postfix's `smtpd_sasl_security_options` goes by them.
fn flags(mechanism: Mechanism) -> Params {
    let flags = Params::default();
    match mechanism {
        Mechanism::Plain | Mechanism::Login => flags.flag("plaintext"),
        Mechanism::XOAuth2 | Mechanism::OAuthBearer => flags,
        Mechanism::CramMd5 => flags.flag("dictionary").flag("active"),
        _ => flags.flag("dictionary").flag("active").flag("mutual-auth"),
    }
}
