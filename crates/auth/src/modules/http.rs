//! `http`: a web service of the operator's own, which is asked in JSON by POST (MISSION 004-20). See [`crate::judge`] for
//! what is asked and answered.

use std::path::PathBuf;

use config::Config;
use sasl::Secret;
use zeroize::Zeroizing;

use crate::directory::Shared;
use crate::http_client::{Ask, Authorization, HttpClient};
use crate::judge::{Carry, Judge};
use crate::module::{Answer, Module};
use crate::named_file;
use crate::told::Naming;
use crate::trail::Trail;

const NAME: &str = "http";

/// The module.
pub(crate) fn module(config: &Config, shared: &Shared) -> Box<dyn Module> {
    let settings = &config.modules.http;
    let client = HttpClient::new(settings.url.as_deref().unwrap_or_default(), settings.ca_file.clone());
    let service = Service { client, token_file: settings.token_file.clone() };
    Box::new(Judge::new(service, &settings.mechanisms, Naming::new(config), shared))
}

/// The service.
#[derive(Debug)]
struct Service {
    client: HttpClient,
    token_file: Option<PathBuf>,
}

impl Carry for Service {
    fn name(&self) -> &'static str {
        NAME
    }

    fn judge(&self) -> &str {
        self.client.shown()
    }

    fn carry<'a>(
        &'a self,
        question: Zeroizing<Vec<u8>>,
        _: Option<&'a Secret>,
        _: &'a Trail,
    ) -> Answer<'a, Result<Zeroizing<Vec<u8>>, String>> {
        Box::pin(async move {
            // Read each time, so that a token may be changed while we run.
            let token = self.token_file.as_deref().map(named_file::secret).transpose();
            let token = token.map_err(|what| format!("auth.http.token_file: {what}"))?;
            let who = token.map_or(Authorization::None, Authorization::Bearer);
            self.client.ask(Ask::Json(question), &who).await.map_err(|error| error.to_string())
        })
    }
}
