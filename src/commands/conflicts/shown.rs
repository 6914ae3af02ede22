//! One conflict for people: what lost against what won, as a diff.

use std::fmt::Write as _;

use crate::diff::{Hunk, Sign, unified};
use crate::report;
use crate::store::losers::Loser;

/// Common lines around each place that differs.
const AROUND: usize = 3;

const LOST: &str = "\x1b[31m";
const WON: &str = "\x1b[32m";
const PLACE: &str = "\x1b[36m";
const PLAIN: &str = "\x1b[0m";

/// The conflict as a page of text.
pub(super) fn render(loser: &Loser, colored: bool) -> String {
    let mut text = format!(
        "{} {} of {}{} ({}), {}{}\n",
        report::one_line(&loser.project),
        loser.field,
        report::one_line(&loser.identifier),
        loser.task.as_ref().map(|task| format!(" = {task}")).unwrap_or_default(),
        loser.kind.name(),
        report::time(loser.at),
        loser.acked.map(|at| format!(", seen to {}", report::time(at))).unwrap_or_default(),
    );
    let mut line = |color: &str, line: &str| {
        let line = report::printable(line);
        let _ = if colored && !color.is_empty() {
            writeln!(text, "{color}{line}{PLAIN}")
        } else {
            writeln!(text, "{line}")
        };
    };
    let (lost, won) = (loser.side(), loser.winner);
    if loser.field != "description" {
        line(LOST, &format!("- {lost} (lost): {}", loser.lost));
        line(WON, &format!("+ {won} (won):  {}", loser.won));
        return text;
    }
    line(LOST, &format!("--- {lost} (lost)"));
    line(WON, &format!("+++ {won} (won)"));
    let hunks = unified(&loser.lost, &loser.won, AROUND);
    if hunks.is_empty() {
        line("", "(they differ in white space at line ends alone)");
    }
    for hunk in hunks {
        line(PLACE, &place(&hunk));
        for (sign, content) in hunk.lines {
            match sign {
                Sign::Same => line("", &format!(" {content}")),
                Sign::Less => line(LOST, &format!("-{content}")),
                Sign::More => line(WON, &format!("+{content}")),
            }
        }
    }
    text
}

/// `@@ -3,7 +3,6 @@`: lines count from 1, and an empty side is told by the line before it.
fn place(hunk: &Hunk<'_>) -> String {
    let (less, more) = hunk.lengths();
    let start = |before: usize, count: usize| if count == 0 { before } else { before + 1 };
    format!("@@ -{},{less} +{},{more} @@", start(hunk.before, less), start(hunk.after, more))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Side;
    use crate::store::losers::Kind;

    fn loser(field: &str, lost: &str, won: &str) -> Loser {
        Loser {
            id: 7,
            project: "PROJ".into(),
            identifier: "PROJ-1".into(),
            task: None,
            field: field.into(),
            kind: Kind::Conflict,
            winner: Side::Huly,
            lost: lost.into(),
            won: won.into(),
            at: 0,
            acked: None,
        }
    }

    #[test]
    fn a_title_is_two_lines() {
        let shown = render(&loser("title", "Mine", "Theirs"), false);
        assert!(shown.ends_with("- vibe (lost): Mine\n+ huly (won):  Theirs\n"), "{shown}");
    }

    #[test]
    fn a_description_is_a_diff_that_steers_no_terminal() {
        let shown = render(&loser("description", "a\nb\n\x1b[2Jc", "a\nB\nc"), false);
        let lines: Vec<&str> = shown.lines().skip(3).collect();
        assert_eq!(lines, ["@@ -1,3 +1,3 @@", " a", "-b", "-\\u{1b}[2Jc", "+B", "+c"]);
        let colored = render(&loser("description", "a", "b"), true);
        assert!(colored.contains("\x1b[31m-a\x1b[0m\n\x1b[32m+b\x1b[0m\n"), "{colored}");
    }
}
