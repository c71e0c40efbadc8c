//! What is known of each recipient while hosts are tried.

use queue::Outcome;

/// One place for each recipient.
#[derive(Debug)]
pub(crate) struct Board {
    places: Vec<Place>,
}

#[derive(Debug)]
enum Place {
    /// The next host may still take it; what the last one said.
    Open(Option<Outcome>),
    /// Nothing more is tried.
    Settled(Outcome),
}

impl Board {
    pub(crate) fn new(recipients: usize) -> Self {
        Self { places: (0..recipients).map(|_| Place::Open(None)).collect() }
    }

    /// The recipients for whom another host may be tried.
    pub(crate) fn open(&self) -> Vec<usize> {
        let open = self.places.iter().enumerate().filter(|(_, place)| matches!(place, Place::Open(_)));
        open.map(|(index, _)| index).collect()
    }

    /// Nobody is left.
    pub(crate) fn is_settled(&self) -> bool {
        self.places.iter().all(|place| matches!(place, Place::Settled(_)))
    }

    /// That is the answer.
    pub(crate) fn settle(&mut self, index: usize, outcome: Outcome) {
        if let Some(place) = self.places.get_mut(index) {
            *place = Place::Settled(outcome);
        }
    }

    /// The answer of all who have none.
    pub(crate) fn settle_open(&mut self, outcome: &Outcome) {
        for index in self.open() {
            self.settle(index, outcome.clone());
        }
    }

    /// That is the answer unless another host takes it. A host that is no use for good (5xx before MAIL) makes nobody's mail
    /// bounce while another one may come back: what is temporary stays.
    pub(crate) fn note(&mut self, index: usize, outcome: Outcome) {
        let Some(Place::Open(noted)) = self.places.get_mut(index) else { return };
        let temporary = matches!(noted, Some(Outcome::Deferred { .. }));
        if !(temporary && matches!(outcome, Outcome::Failed { .. })) {
            *noted = Some(outcome);
        }
    }

    /// Notes it for all who have no answer.
    pub(crate) fn note_open(&mut self, outcome: &Outcome) {
        for index in self.open() {
            self.note(index, outcome.clone());
        }
    }

    /// What was noted last of an open place: the same for all, as long as no session was opened.
    pub(crate) fn word(&self) -> Option<&Outcome> {
        self.places.iter().find_map(|place| match place {
            Place::Open(noted) => noted.as_ref(),
            Place::Settled(_) => None,
        })
    }

    /// The outcomes, in order.
    pub(crate) fn outcomes(self) -> Vec<Outcome> {
        let outcome = |place| match place {
            Place::Settled(outcome) | Place::Open(Some(outcome)) => outcome,
            Place::Open(None) => Outcome::Deferred {
                status: "4.4.1".into(),
                reason: "no host could be tried".into(),
                remote: None,
                configuration: false,
            },
        };
        self.places.into_iter().map(outcome).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deferred(reason: &str) -> Outcome {
        Outcome::Deferred { status: "4.0.0".into(), reason: reason.into(), remote: None, configuration: false }
    }

    fn failed() -> Outcome {
        Outcome::Failed { status: "5.0.0".into(), reason: "no".into(), remote: None }
    }

    #[test]
    fn what_is_temporary_outlasts_what_is_permanent() {
        let mut board = Board::new(3);
        board.note_open(&failed());
        board.note(1, deferred("a"));
        board.note_open(&failed());
        board.settle(2, Outcome::Delivered("yes".into()));
        board.note(2, deferred("never"));
        assert_eq!((board.open(), board.is_settled()), (vec![0, 1], false));
        assert_eq!(board.outcomes(), [failed(), deferred("a"), Outcome::Delivered("yes".into())]);
    }

    #[test]
    fn the_last_word_counts_among_the_temporary() {
        let mut board = Board::new(1);
        board.note_open(&deferred("a"));
        board.note_open(&deferred("b"));
        assert_eq!(board.outcomes(), [deferred("b")]);
    }
}
