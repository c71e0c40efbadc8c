//! The queue's courier for mail to others.

use std::sync::Arc;

use config::Config;
use message::{Address, Domain};
use parking_lot::RwLock;
use queue::{Courier, Destination, Future, Job, Outcome};
use trace::Tracer;

use crate::content;
use crate::delivery::Delivery;
use crate::dns;
use crate::login::Logins;
use crate::open::Opener;
use crate::outcome::Peer;
use crate::route::Target;
use crate::settings::Settings;
use crate::transaction::Parcel;

/// Carries mail to other servers. One for the whole program; it needs a runtime.
pub struct RelayCourier {
    settings: RwLock<Arc<Settings>>,
    /// Outlives a change of config: a password that was refused is not tried again because of a reload.
    logins: Logins,
}

impl RelayCourier {
    /// A courier for this config, asking the DNS that it names. Its sessions leave records with the tracer.
    pub fn new(config: &Config, tracer: Arc<Tracer>) -> Self {
        let settings = Settings::new(config, dns::open(&config.relay.resolvers), tracer);
        Self { settings: RwLock::new(Arc::new(settings)), logins: Logins::default() }
    }

    /// Takes another config. What is under way ends under the old one.
    pub fn reload(&self, config: &Config) {
        let tracer = Arc::clone(&self.settings.read().tracer);
        let settings = Settings::new(config, dns::open(&config.relay.resolvers), tracer);
        *self.settings.write() = Arc::new(settings);
    }

    /// Where a domain's mail goes, for the queue's [`Router`](queue::Router).
    pub fn destination(&self, domain: &Domain) -> Destination {
        Destination::Relay(self.settings.read().routes.target(domain).name())
    }

    async fn carry(&self, jobs: Vec<Job>) -> Vec<Vec<Outcome>> {
        let settings = Arc::clone(&self.settings.read());
        let mut outcomes: Vec<Vec<Option<Outcome>>> = jobs.iter().map(|job| vec![None; job.recipients.len()]).collect();
        for group in groups(&jobs, &settings) {
            let opener = Opener { settings: &settings, logins: &self.logins, target: &group.target, heard: None };
            let mut delivery = Delivery::new(opener);
            for (index, places) in &group.parcels {
                let (Some(job), Some(told)) = (jobs.get(*index), outcomes.get_mut(*index)) else { continue };
                let found = delivery.deliver(&parcel(job, places, &group.target)).await;
                for (&place, outcome) in places.iter().zip(found) {
                    told[place] = Some(outcome);
                }
            }
            delivery.finish();
        }
        outcomes
            .into_iter()
            .map(|told| told.into_iter().map(|outcome| outcome.unwrap_or_else(nobody)).collect())
            .collect()
    }
}

/// What goes to one target. The queue hands in jobs of one destination, so there is one group, unless two targets have the
/// same name or a reload came between.
struct Group {
    target: Target,
    /// Index of a job, and places in its list of recipients.
    parcels: Vec<(usize, Vec<usize>)>,
}

fn groups(jobs: &[Job], settings: &Settings) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for (index, job) in jobs.iter().enumerate() {
        for (place, address) in addresses(job).enumerate() {
            let Some(address) = address else { continue };
            let target = settings.routes.target(address.domain());
            let at = groups.iter().position(|group| group.target == target).unwrap_or_else(|| {
                groups.push(Group { target, parcels: Vec::new() });
                groups.len() - 1
            });
            let group = &mut groups[at];
            match group.parcels.last_mut() {
                Some((last, places)) if *last == index => places.push(place),
                _ => group.parcels.push((index, vec![place])),
            }
        }
    }
    groups
}

/// The addresses of a job's recipients; `None` for an index that the envelope does not have.
fn addresses(job: &Job) -> impl Iterator<Item = Option<&Address>> {
    job.recipients.iter().map(|&index| job.envelope.recipients.get(index).map(|recipient| &recipient.address))
}

fn parcel<'a>(job: &'a Job, places: &[usize], target: &Target) -> Parcel<'a> {
    let all: Vec<_> = addresses(job).collect();
    let recipients = places.iter().filter_map(|&place| *all.get(place)?).collect();
    Parcel { job, recipients, needs: content::needs(&job.envelope, &job.body), peer: Peer::of(target) }
}

/// For an index that no recipient has: nothing was done, and nothing is lost by saying so.
fn nobody() -> Outcome {
    Outcome::Failed {
        status: "5.3.5".into(),
        reason: "the queue named a recipient that is not there".into(),
        remote: None,
    }
}

impl Courier for RelayCourier {
    fn deliver(&self, jobs: Vec<Job>) -> Future<'_, Vec<Vec<Outcome>>> {
        Box::pin(self.carry(jobs))
    }
}
