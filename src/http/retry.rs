//! Whether a request is sent again, and when: a pure function of what it was and how it went.

use std::time::Duration;

/// The longest wait between attempts where there is no deadline to measure it by.
pub(crate) const LONGEST: Duration = Duration::from_secs(300);

/// What sending a request twice would do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Nothing: it changes nothing.
    Read,
    /// The same again. Yet a late repetition may undo what came after it.
    IdempotentWrite,
    /// A second item.
    Create,
}

/// How an attempt ended that did not succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// No connection: surely not sent.
    Unsent,
    /// A pooled connection turned out to be closed before a byte of an answer came.
    Stale,
    /// Sent, and then nothing or only a part of an answer.
    Lost,
    /// An answer with this status.
    Status(u16),
    /// A success in the status line, but HTML, broken JSON or a cut body after it.
    Garbled,
    /// Ended from this side: not sent any more, or the receiver failed.
    Ended,
}

/// What the decision depends on beside class and outcome.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Try {
    /// 1 for the first.
    pub(crate) attempt: u32,
    /// How many there may be.
    pub(crate) attempts: u32,
    /// The first wait; doubles.
    pub(crate) backoff: Duration,
    /// In 0..1: full jitter.
    pub(crate) random: f64,
    /// What the server asked for.
    pub(crate) retry_after: Option<Duration>,
    /// Until the deadline.
    pub(crate) left: Option<Duration>,
}

/// How long to wait before the request is sent again; `None`: it is not.
pub(crate) fn wait(class: Class, outcome: Outcome, tried: &Try) -> Option<Duration> {
    // Who said when to come again is believed for longer: it may say so a second time.
    let patience = match (outcome, tried.retry_after) {
        (Outcome::Status(429), Some(_)) => 2,
        _ => 1,
    };
    if tried.attempt >= tried.attempts.saturating_mul(patience)
        || !repeats(class, outcome, tried.retry_after.is_some())
    {
        return None;
    }
    let wait = match outcome {
        Outcome::Stale => Duration::ZERO,
        Outcome::Status(429 | 503) if tried.retry_after.is_some() => tried.retry_after?,
        // Bounded before it becomes a float: what overflows there is a panic.
        _ => tried
            .backoff
            .saturating_mul(1 << (tried.attempt - 1).min(16))
            .min(LONGEST)
            .mul_f64(tried.random.clamp(0.0, 1.0)),
    };
    (wait < tried.left.unwrap_or(LONGEST)).then_some(wait)
}

/// Whether the server may have carried out a write that ended so. `asked` is whether it said when to
/// come again.
pub(crate) fn ambiguous(class: Class, outcome: Outcome, asked: bool) -> bool {
    match outcome {
        _ if class == Class::Read => false,
        Outcome::Stale | Outcome::Lost | Outcome::Garbled => true,
        // Who says when to come again refused for want of room. A bare 503 is also what a mesh or a
        // load balancer says when it lost the server behind it, which may have done its work. For an
        // update that makes no difference: it is sent again.
        Outcome::Status(503) => class == Class::Create && !asked,
        Outcome::Status(status) => status == 408 || status >= 500,
        Outcome::Unsent | Outcome::Ended => false,
    }
}

fn repeats(class: Class, outcome: Outcome, asked: bool) -> bool {
    match (class, outcome) {
        (_, Outcome::Ended) => false,
        (_, Outcome::Unsent | Outcome::Status(429)) => true,
        (Class::Create, Outcome::Status(503)) => asked,
        (Class::Read, Outcome::Status(408 | 425 | 500..)) => true,
        (Class::Read, Outcome::Stale | Outcome::Lost | Outcome::Garbled) => true,
        // Nothing of an answer came on a connection that had been idle: it was closed before
        // the request was read. Should it have been read all the same, twice does no harm.
        (Class::IdempotentWrite, Outcome::Stale | Outcome::Status(408 | 425 | 503)) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: Try = Try {
        attempt: 1,
        attempts: 4,
        backoff: Duration::from_millis(250),
        random: 1.0,
        retry_after: None,
        left: None,
    };

    #[test]
    fn the_matrix_of_class_and_outcome() {
        use Class::{Create, IdempotentWrite, Read};
        use Outcome::{Ended, Garbled, Lost, Stale, Status, Unsent};
        let cases = [
            // outcome, (repeated, ambiguous) as read, as idempotent write, as create
            (Unsent, [(true, false), (true, false), (true, false)]),
            (Stale, [(true, false), (true, true), (false, true)]),
            (Lost, [(true, false), (false, true), (false, true)]),
            (Garbled, [(true, false), (false, true), (false, true)]),
            (Ended, [(false, false), (false, false), (false, false)]),
            (Status(400), [(false, false), (false, false), (false, false)]),
            (Status(404), [(false, false), (false, false), (false, false)]),
            (Status(408), [(true, false), (true, true), (false, true)]),
            (Status(425), [(true, false), (true, false), (false, false)]),
            (Status(422), [(false, false), (false, false), (false, false)]),
            (Status(429), [(true, false), (true, false), (true, false)]),
            (Status(500), [(true, false), (false, true), (false, true)]),
            (Status(502), [(true, false), (false, true), (false, true)]),
            (Status(503), [(true, false), (true, false), (false, true)]),
            (Status(520), [(true, false), (false, true), (false, true)]),
            (Status(504), [(true, false), (false, true), (false, true)]),
        ];
        for (outcome, expected) in cases {
            for (class, (repeated, unclear)) in [Read, IdempotentWrite, Create].iter().zip(expected)
            {
                let again = wait(*class, outcome, &FIRST).is_some();
                assert_eq!(again, repeated, "repeat {class:?} {outcome:?}");
                assert_eq!(ambiguous(*class, outcome, false), unclear, "{class:?} {outcome:?}");
            }
        }
    }

    #[test]
    fn the_wait_doubles_under_full_jitter_and_the_attempts_end() {
        let waits = (1..=4).map(|attempt| {
            let tried = Try { attempt, random: 0.5, ..FIRST };
            wait(Class::Read, Outcome::Lost, &tried).map(|wait| wait.as_millis())
        });
        assert_eq!(waits.collect::<Vec<_>>(), [Some(125), Some(250), Some(500), None]);
        assert_eq!(wait(Class::Read, Outcome::Stale, &FIRST), Some(Duration::ZERO));
    }

    #[test]
    fn retry_after_counts_on_429_and_503_alone_and_never_past_the_deadline() {
        let asked = Try { retry_after: Some(Duration::from_secs(7)), ..FIRST };
        let seven = Some(Duration::from_secs(7));
        assert_eq!(wait(Class::Create, Outcome::Status(429), &asked), seven);
        assert_eq!(wait(Class::Read, Outcome::Status(503), &asked), seven);
        assert_eq!(wait(Class::Create, Outcome::Status(503), &asked), seven);
        assert!(
            !ambiguous(Class::Create, Outcome::Status(503), true),
            "it refused for want of room"
        );
        let usual = Some(FIRST.backoff);
        assert_eq!(wait(Class::Read, Outcome::Status(500), &asked), usual);
        let near = Try { left: Some(Duration::from_secs(5)), ..asked };
        assert_eq!(wait(Class::Read, Outcome::Status(429), &near), None);
        let last = Try { attempt: 7, ..asked };
        assert_eq!(wait(Class::Read, Outcome::Status(429), &last), seven);
        assert_eq!(wait(Class::Read, Outcome::Status(429), &Try { attempt: 8, ..asked }), None);
        assert_eq!(wait(Class::Read, Outcome::Status(503), &Try { attempt: 4, ..asked }), None);
        let endless = Try { retry_after: Some(Duration::from_secs(86_400)), ..FIRST };
        assert_eq!(wait(Class::Read, Outcome::Status(503), &endless), None);
    }

    #[test]
    fn no_wait_is_more_than_can_be_reckoned_with() {
        let largest = Try { backoff: Duration::MAX, attempt: 3, ..FIRST };
        for random in [0.0, 0.999, 1.0] {
            let longest = wait(Class::Read, Outcome::Lost, &Try { random, ..largest });
            assert!(longest.is_none_or(|wait| wait < LONGEST), "{longest:?}");
        }
        let asked = Try { retry_after: Some(Duration::MAX), ..FIRST };
        assert_eq!(wait(Class::Read, Outcome::Status(429), &asked), None);
    }
}
