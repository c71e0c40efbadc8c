//! The line before the workers: two lanes, the known ones first, but not always.

use std::collections::VecDeque;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::oneshot;

use super::Lane;
use crate::scheme::argon;

/// More strangers than this do not wait: those who come later are told at once to come again. At 30 ms a hash they
/// would have waited for seconds.
const MAX_STRANGERS: usize = 500;

/// One place in so many goes to a stranger, if one waits: those who are known and come again and again would otherwise
/// keep everybody out who is not known yet.
const STRANGERS_TURN: u8 = 4;

/// The line.
#[derive(Debug)]
pub(super) struct Line(Mutex<State>);

#[derive(Debug)]
struct State {
    free: usize,
    places: usize,
    /// How many of the known went first since a stranger did.
    known_in_turn: u8,
    known: VecDeque<oneshot::Sender<Place>>,
    strangers: VecDeque<oneshot::Sender<Place>>,
}

/// A worker's place. Dropping it hands it to the next in line.
#[derive(Debug)]
pub(super) struct Place(Option<Arc<Line>>);

impl Line {
    pub(super) fn new(places: usize) -> Self {
        let (known, strangers) = (VecDeque::new(), VecDeque::new());
        Self(Mutex::new(State { free: places, places, known_in_turn: 0, known, strangers }))
    }

    /// Waits for a place; `None` where too many strangers wait already.
    pub(super) async fn enter(self: &Arc<Self>, lane: Lane) -> Option<Place> {
        let turn = {
            let mut state = self.0.lock();
            if state.free > 0 {
                state.free -= 1;
                return Some(Place(Some(Arc::clone(self))));
            }
            let lane = match lane {
                Lane::Known => &mut state.known,
                Lane::Stranger => &mut state.strangers,
            };
            // Who has left the line makes room.
            if lane.len() >= MAX_STRANGERS {
                lane.retain(|waiting| !waiting.is_closed());
            }
            if lane.len() >= MAX_STRANGERS {
                return None;
            }
            let (told, turn) = oneshot::channel();
            lane.push_back(told);
            turn
        };
        turn.await.ok()
    }
}

impl State {
    fn next(&mut self) -> Option<oneshot::Sender<Place>> {
        if self.known_in_turn + 1 < STRANGERS_TURN
            && let Some(known) = self.known.pop_front()
        {
            self.known_in_turn += 1;
            return Some(known);
        }
        self.known_in_turn = 0;
        self.strangers.pop_front().or_else(|| self.known.pop_front())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let Some(mut line) = self.0.take() else { return };
        loop {
            let (next, idle) = {
                let mut state = line.0.lock();
                let next = state.next();
                state.free += usize::from(next.is_none());
                (next, state.free == state.places)
            };
            let Some(next) = next else {
                if idle {
                    argon::release();
                }
                return;
            };
            // One that has left the line meanwhile gives it back.
            match next.send(Place(Some(line))) {
                Ok(()) => return,
                Err(mut back) => match back.0.take() {
                    Some(again) => line = again,
                    None => return,
                },
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_known_go_first_and_nobody_is_forgotten() {
        let line = Arc::new(Line::new(1));
        let first = line.enter(Lane::Stranger).await.expect("free");
        let order = Arc::new(Mutex::new(Vec::new()));
        let mut tasks = tokio::task::JoinSet::new();
        for (name, lane) in [("stranger", Lane::Stranger), ("left", Lane::Stranger), ("known", Lane::Known)] {
            let (line, order) = (Arc::clone(&line), Arc::clone(&order));
            let wait = async move {
                let _place = line.enter(lane).await.expect("room");
                order.lock().push(name);
            };
            if name == "left" {
                assert!(tokio::time::timeout(std::time::Duration::from_millis(1), wait).await.is_err());
            } else {
                tasks.spawn(wait);
                tokio::task::yield_now().await;
            }
        }
        drop(first);
        tasks.join_all().await;
        assert_eq!(*order.lock(), ["known", "stranger"]);
        assert_eq!(line.0.lock().free, 1);
    }

    /// Found by a benchmark: sixteen clients that logged in again and again kept those out who were not known yet.
    #[tokio::test]
    async fn who_comes_again_and_again_does_not_keep_a_stranger_out() {
        let line = Arc::new(Line::new(1));
        let first = line.enter(Lane::Known).await.expect("free");
        let stranger = tokio::spawn({
            let line = Arc::clone(&line);
            async move { line.enter(Lane::Stranger).await.is_some() }
        });
        let regulars: Vec<_> = (0..2)
            .map(|_| {
                let line = Arc::clone(&line);
                tokio::spawn(async move {
                    loop {
                        drop(line.enter(Lane::Known).await);
                        tokio::task::yield_now().await;
                    }
                })
            })
            .collect();
        while line.0.lock().known.len() < 2 {
            tokio::task::yield_now().await;
        }
        drop(first);
        assert!(stranger.await.expect("no panic"));
        regulars.iter().for_each(tokio::task::JoinHandle::abort);
    }

    #[tokio::test]
    async fn a_flood_of_strangers_is_turned_away_at_once() {
        let line = Arc::new(Line::new(0));
        let flood: Vec<_> = (0..MAX_STRANGERS)
            .map(|_| {
                tokio::spawn({
                    let line = Arc::clone(&line);
                    async move { line.enter(Lane::Stranger).await }
                })
            })
            .collect();
        while line.0.lock().strangers.len() < MAX_STRANGERS {
            tokio::task::yield_now().await;
        }
        assert!(line.enter(Lane::Stranger).await.is_none());
        flood.iter().for_each(tokio::task::JoinHandle::abort);
    }
}
