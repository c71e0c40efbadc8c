//! The directory judges the password: we bind as the user who was found. No hash is ever seen.

use sasl::{Evidence, Secret};

use super::trouble::Trouble;
use super::{NAME, Users, tempfail};
use crate::inventory::{Inventory, Take};
use crate::module::{Abilities, Ability, Answer, Found, Module, Request, Who};
use crate::trail::Trail;
use crate::{Rejection, Service, TempFail, Verdict, random};

/// The module.
#[derive(Debug)]
pub(super) struct Bind {
    users: Users,
}

impl Bind {
    pub(super) fn new(users: Users) -> Self {
        Self { users }
    }

    async fn judge(&self, request: &Request) -> Result<Verdict, Trouble> {
        let password = match &request.evidence {
            Evidence::Password(evidence) => Some(&evidence.password),
            // TLS has verified it; whose it is, the directory says.
            Evidence::Certificate(_) => None,
            _ => return Ok(Verdict::Reject(Rejection::MechanismNotPossible)),
        };
        let found = self.users.find(&request.who, &self.users.attributes()).await?;
        let Some(found) = found else {
            if password.is_some() {
                self.pretend().await?;
            }
            return Ok(Verdict::Reject(Rejection::UnknownUser));
        };
        let reason = match password {
            Some(password) => self.bind(&found.dn, password, &request.who.trail).await?,
            None => None,
        };
        Ok(match reason {
            None => Verdict::accept(self.users.account(&request.who, &found)?),
            Some(reason) => Verdict::Reject(reason),
        })
    }

    /// Why the password is not right; `None` if it is.
    async fn bind(&self, dn: &str, password: &Secret, trail: &Trail) -> Result<Option<Rejection>, Trouble> {
        if password.expose().is_empty() {
            trail.say("an empty password is not sent: the bind would succeed, as anonymous (RFC 4513 §5.1.2)");
            return Ok(Some(Rejection::WrongPassword));
        }
        let (url, result) = self.users.server.bind(dn, password).await?;
        let reason = match result.rc {
            0 => {
                trail.say(format_args!("{url} took the bind as {dn}"));
                return Ok(None);
            }
            49 => said_of_account(&result.text),
            // constraintViolation and unwillingToPerform, where the text says that it is about this account.
            19 | 53 if account_is_shut(&result.text) => Rejection::Disabled,
            // The entry has nothing that a bind could be held against.
            48 => Rejection::MechanismNotPossible,
            _ => return Err(Trouble::refused(&url, &format!("the bind as {dn}"), &result)),
        };
        trail.say(format_args!("{url} refused the bind as {dn}: code {}", result.rc));
        Ok(Some(reason))
    }

    /// Binds as somebody who does not exist, so that the time does not tell who does.
    async fn pretend(&self) -> Result<(), Trouble> {
        let nobody: [u8; 16] = random::octets();
        let nobody: String = nobody.iter().map(|octet| format!("{octet:02x}")).collect();
        let dn = format!("cn={nobody},{}", self.users.base());
        self.users.server.bind(dn.trim_end_matches(','), &Secret::new(nobody)).await.map(drop)
    }
}

/// What Active Directory adds to invalidCredentials in its text, as `…, data 532, …`: hexadecimal numbers of Windows' logon
/// errors. Those of an account's state are only told to who has the right password.
fn said_of_account(text: &str) -> Rejection {
    let data = text.split(", ").find_map(|part| part.strip_prefix("data "));
    match data {
        Some("533" | "530" | "531" | "775") => Rejection::Disabled,
        Some("532" | "701" | "773") => Rejection::Expired,
        _ => Rejection::WrongPassword,
    }
}

/// What 389 Directory Server says of an account that is locked ("Exceed password retry limit. Please try later.") or was
/// switched off ("Account inactivated. Contact system administrator."). Other texts are of the server, which cannot tell.
fn account_is_shut(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    ["account inactivated", "account is locked", "account locked", "retry limit"].iter().any(|said| text.contains(said))
}

impl Module for Bind {
    fn name(&self) -> &'static str {
        NAME
    }

    fn check<'a>(&'a self, request: &'a Request) -> Answer<'a, Verdict> {
        Box::pin(
            async move { self.judge(request).await.unwrap_or_else(|trouble| Verdict::TempFail(tempfail(trouble))) },
        )
    }

    fn lookup<'a>(&'a self, recipient: &'a message::Address, trail: &'a Trail) -> Answer<'a, Found> {
        Box::pin(async move {
            let (identity, address) = (recipient.to_string(), Some(recipient.clone()));
            let who = Who { identity, address, service: Service::Smtp, trail: trail.clone() };
            let found = self.users.find(&who, &self.users.attributes()).await;
            let account = found.and_then(|found| found.map(|found| self.users.account(&who, &found)).transpose());
            match account {
                Ok(Some(account)) => Found::Account(Box::new(account)),
                Ok(None) => Found::Unknown,
                Err(trouble) => Found::TempFail(tempfail(trouble)),
            }
        })
    }

    fn abilities(&self) -> Abilities {
        let password = "LDAP binds as the user with the password".to_owned();
        let others = "LDAP binds as the user, so no hash is available (LDAP_AUTHBIND)";
        let certificate = Ability::Yes("LDAP tells whose the certificate's address is".to_owned());
        Abilities { certificate, ..Abilities::password_only(password, others) }
    }

    /// Whether the servers answer, `bind_dn` is let in, and the base is there.
    fn survey<'a>(&'a self, trail: &'a Trail) -> Answer<'a, Result<(), crate::TempFail>> {
        Box::pin(async move {
            trail.say(format_args!("searching below {:?} at {}", self.users.base(), self.users.server.urls()));
            let nobody = super::filter::filled(&self.users.settings.filter, "");
            let found = self.users.server.find(self.users.base(), &nobody, &["1.1"]).await;
            match found {
                // A filter of the operator's own may find somebody for the empty name, or several.
                Ok(_) | Err(Trouble::Several { .. }) => Ok(()),
                Err(trouble) => Err(tempfail(trouble)),
            }
        })
    }

    fn inventory(&self) -> Option<&dyn Inventory> {
        Some(self)
    }
}

impl Inventory for Bind {
    fn list<'a>(&'a self, take: &'a mut Take<'_>) -> Option<Answer<'a, Result<(), TempFail>>> {
        Some(Box::pin(self.users.list(take)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn active_directory_tells_what_is_with_the_account() {
        let text = |data| {
            format!("80090308: LdapErr: DSID-0C090439, comment: AcceptSecurityContext error, data {data}, v4563")
        };
        assert_eq!(said_of_account(&text("52e")), Rejection::WrongPassword);
        assert_eq!(said_of_account(&text("533")), Rejection::Disabled);
        assert_eq!(said_of_account(&text("773")), Rejection::Expired);
        assert_eq!(said_of_account(""), Rejection::WrongPassword);
    }

    #[test]
    fn a_refusal_that_is_about_the_account_is_told_from_one_that_is_about_the_server() {
        assert!(account_is_shut("Account inactivated. Contact system administrator."));
        assert!(account_is_shut("Exceed password retry limit. Please try later."));
        assert!(!account_is_shut("backend is offline") && !account_is_shut(""));
    }
}
