//! The modules of the chain, each asked now: away, unreadable, slow, or left out.

use std::time::Duration;

use auth::Auth;
use auth::inventory::Examined;
use server::control::{self, Request, Response};

use super::Scene;
use super::report::{Area, Finding, Severity};

/// Longer than this for one question, and people wait at each login.
const SLOW: Duration = Duration::from_secs(2);

/// Asks them.
pub(super) async fn check(scene: &Scene<'_>, auth: &Auth) -> Vec<Finding> {
    let mut findings: Vec<_> = auth.examine().await.iter().map(one).collect();
    for left in auth.left_out() {
        let fix = format!("take \"{}\" out of auth.chain, or install what it needs", left.module);
        findings.push(finding(Severity::Warning, "left-out", &left.module, format!("left out: {}", left.why)).fix(fix));
    }
    findings.extend(running(scene));
    findings
}

fn finding(severity: Severity, id: &'static str, what: &str, found: impl ToString) -> Finding {
    Finding::new((Area::Modules, severity, id), what, found.to_string())
}

fn one(module: &Examined) -> Finding {
    let took = format!("{:.2} s", module.took.as_secs_f64());
    match &module.trouble {
        Some(trouble) => {
            let found = format!("cannot tell ({took}): {trouble}");
            let fix =
                format!("mend what it says; then: gatepost auth modules, and [auth.{}] in the config", module.module);
            finding(Severity::Error, "module-away", module.module, found).seen(module.says.clone()).fix(fix)
        }
        None => {
            let version = module.version.as_ref().map(|version| format!(", version {version}")).unwrap_or_default();
            let found = format!("answers in {took}{version}");
            match module.took > SLOW {
                true => finding(Severity::Warning, "module-slow", module.module, format!("slow: {found}"))
                    .fix("an index for the query, a nearer server, or fewer accounts in one file"),
                false => finding(Severity::Ok, "module-answers", module.module, found),
            }
        }
    }
}

/// The running server may fare otherwise: other rights, an older config, a breaker that is open.
fn running(scene: &Scene<'_>) -> Vec<Finding> {
    if scene.status.is_err() {
        return Vec::new();
    }
    let Ok(Response::AuthModules(overview)) = control::ask(&scene.config.data, &Request::AuthModules) else {
        return Vec::new();
    };
    let away = overview.chain.iter().filter(|module| !module.reachable);
    away.map(|module| {
        let why = module.trouble.as_deref().unwrap_or("it does not say why");
        let found = format!("the running server cannot reach it: {why}");
        finding(Severity::Error, "module-away-for-server", &module.module, found).fix("gatepost auth modules")
    })
    .collect()
}
