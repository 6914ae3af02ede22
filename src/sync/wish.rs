//! What a person wants of one pair in one pass: see `by_hand::restore`.

use crate::model::{Field, Side};

use super::merge::{Merged, Step};

/// Whose value of which field is to win in this pass, whatever the policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    pub(super) identifier: String,
    pub(super) field: Field,
    pub(super) winner: Side,
}

impl Wish {
    /// The pair's merge as the wish has it.
    #[must_use]
    pub fn bend(&self, identifier: &str, mut merged: Merged) -> Merged {
        if self.identifier != identifier {
            return merged;
        }
        let step = match self.field {
            Field::Title => &mut merged.title,
            Field::Description => &mut merged.text,
            Field::Status => &mut merged.status,
        };
        *step = match *step {
            // An edit of the other side that nobody has seen yet: it is kept, as any loser.
            Step::Write(target) if target == self.winner => {
                Step::Conflict { winner: self.winner, first_sight: false }
            }
            Step::Conflict { first_sight, .. } => {
                Step::Conflict { winner: self.winner, first_sight }
            }
            step => step,
        };
        merged
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bent(step: Step) -> Step {
        let wish = Wish { identifier: "P-1".into(), field: Field::Title, winner: Side::Vibe };
        let merged = Merged { title: step, text: step, status: step };
        let bent = wish.bend("P-1", merged);
        assert_eq!((bent.text, bent.status), (step, step), "other fields stay");
        assert_eq!(wish.bend("P-2", merged), merged, "and so do other pairs");
        bent.title
    }

    #[test]
    fn a_wish_wins_whoever_changed_what() {
        let conflict = |winner| Step::Conflict { winner, first_sight: false };
        assert_eq!(bent(Step::Write(Side::Huly)), Step::Write(Side::Huly));
        assert_eq!(bent(Step::Write(Side::Vibe)), conflict(Side::Vibe), "the edit is kept");
        assert_eq!(bent(conflict(Side::Huly)), conflict(Side::Vibe));
        for step in [Step::Nothing, Step::Settle, Step::Drift] {
            assert_eq!(bent(step), step);
        }
    }
}
