//! Findings on this machine's clock, by what the systems' answers say of theirs (`Date`).

use super::finding::{Finding, Level};
use crate::http::Host;
use crate::model::Millis;

/// Clocks that are less apart agree: an answer is some seconds on its way, and says whole seconds.
const APART_MS: Millis = 60 * 1000;

/// `ahead` is how far each system's clock is ahead of this machine's.
pub(super) fn findings(ahead: &[(Host, Millis)]) -> Vec<Finding> {
    let apart = ahead.iter().filter(|(_, ahead)| ahead.abs() > APART_MS);
    apart.map(|&(host, ahead)| of_system(host, ahead)).collect()
}

fn of_system(host: Host, ahead: Millis) -> Finding {
    let by = span(ahead.unsigned_abs() / 60_000);
    let direction = if ahead > 0 { "behind" } else { "ahead of" };
    let what = format!("this machine's clock is {by} {direction} the clock of {host}");
    Finding::new(Level::Warning, "clock", what)
        .todo("set the one that is wrong; history is kept by this one, changes are found by Huly's")
}

/// Two digits are enough.
fn span(minutes: u64) -> String {
    match minutes {
        0..120 => format!("{minutes} min"),
        120..2_880 => format!("{} h", minutes / 60),
        _ => format!("{} days", minutes / 1_440),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_that_are_a_minute_apart_or_more_are_told() {
        assert!(findings(&[(Host::Huly, 9_000), (Host::Vibe, -59_000)]).is_empty());
        let found = findings(&[(Host::Huly, 400 * 86_400_000), (Host::Vibe, -3_600_000)]);
        let told: Vec<&str> = found.iter().map(|finding| finding.what.as_str()).collect();
        assert_eq!(
            told,
            [
                "this machine's clock is 400 days behind the clock of huly",
                "this machine's clock is 60 min ahead of the clock of vibe"
            ]
        );
        assert!(found.iter().all(|finding| finding.level == Level::Warning));
    }
}
