//! The lines in which two texts differ, with some around them: as `diff -u` has them.

use super::diff;

/// What became of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sign {
    /// Both have it.
    Same,
    /// Only the first text has it.
    Less,
    /// Only the second one has it.
    More,
}

/// Lines that differ, and those around them.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Hunk<'a> {
    /// Lines of the first text before it.
    pub(crate) before: usize,
    /// Lines of the second text before it.
    pub(crate) after: usize,
    pub(crate) lines: Vec<(Sign, &'a str)>,
}

impl Hunk<'_> {
    /// Lines of the first text, and of the second one, in it.
    pub(crate) fn lengths(&self) -> (usize, usize) {
        let without = |sign| self.lines.iter().filter(|(other, _)| *other != sign).count();
        (without(Sign::More), without(Sign::Less))
    }
}

/// Where two texts differ, with up to `around` common lines before and after each place. Texts that
/// differ in very many lines are told as one replaced by the other between their common ends: time
/// and memory are bounded by [`diff`].
pub(crate) fn unified<'a>(from: &'a str, to: &'a str, around: usize) -> Vec<Hunk<'a>> {
    let (from, to): (Vec<&str>, Vec<&str>) = (from.lines().collect(), to.lines().collect());
    let mut hunks: Vec<Hunk<'_>> = Vec::new();
    let (mut a, mut b) = (0, 0);
    // The end of both is a common line that nobody sees.
    for (next_a, next_b) in diff(&from, &to).into_iter().chain([(from.len(), to.len())]) {
        if (a, b) != (next_a, next_b) {
            let hunk = match hunks.pop() {
                // Near enough that their surroundings touch.
                Some(last) if a <= last.before + last.lengths().0 + 2 * around => {
                    extend(last, &from[..a])
                }
                last => {
                    hunks.extend(last.map(|last| close(last, &from, around)));
                    let around = around.min(a);
                    let lines = from[a - around..a].iter().map(|line| (Sign::Same, *line));
                    Hunk { before: a - around, after: b - around, lines: lines.collect() }
                }
            };
            hunks.push(hunk);
            if let Some(hunk) = hunks.last_mut() {
                hunk.lines.extend(from[a..next_a].iter().map(|line| (Sign::Less, *line)));
                hunk.lines.extend(to[b..next_b].iter().map(|line| (Sign::More, *line)));
            }
        }
        (a, b) = (next_a + 1, next_b + 1);
    }
    let last = hunks.pop().map(|last| close(last, &from, around));
    hunks.extend(last);
    hunks
}

/// With the common lines up to the end of `from`.
fn extend<'a>(mut hunk: Hunk<'a>, from: &[&'a str]) -> Hunk<'a> {
    let end = hunk.before + hunk.lengths().0;
    hunk.lines.extend(from[end..].iter().map(|line| (Sign::Same, *line)));
    hunk
}

/// With the common lines below it.
fn close<'a>(hunk: Hunk<'a>, from: &[&'a str], around: usize) -> Hunk<'a> {
    let end = hunk.before + hunk.lengths().0;
    extend(hunk, &from[..from.len().min(end + around)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The second text, made from the first one and where they differ.
    fn apply<'a>(from: &'a str, hunks: &[Hunk<'a>]) -> Vec<&'a str> {
        let from: Vec<&str> = from.lines().collect();
        let mut to: Vec<&str> = Vec::new();
        let mut at = 0;
        for hunk in hunks {
            to.extend(&from[at..hunk.before]);
            assert_eq!(to.len(), hunk.after);
            at = hunk.before;
            for (sign, line) in &hunk.lines {
                if *sign != Sign::More {
                    assert_eq!(from[at], *line);
                    at += 1;
                }
                if *sign != Sign::Less {
                    to.push(line);
                }
            }
        }
        to.extend(&from[at..]);
        to
    }

    fn shown(from: &str, to: &str) -> Vec<String> {
        let mut shown = Vec::new();
        for hunk in unified(from, to, 1) {
            let (less, more) = hunk.lengths();
            shown.push(format!("@{},{less} {},{more}", hunk.before, hunk.after));
            let sign = |sign| match sign {
                Sign::Same => ' ',
                Sign::Less => '-',
                Sign::More => '+',
            };
            shown.extend(hunk.lines.iter().map(|(of, line)| format!("{}{line}", sign(*of))));
        }
        shown
    }

    #[test]
    fn places_far_apart_are_told_apart() {
        assert_eq!(
            shown("a\nb\nc\nd\ne\nf\ng", "A\nb\nc\nd\ne\nf\nG"),
            ["@0,2 0,2", "-a", "+A", " b", "@5,2 5,2", " f", "-g", "+G"]
        );
        assert_eq!(
            shown("a\nb\nc\nd", "A\nb\nc\nD"),
            ["@0,4 0,4", "-a", "+A", " b", " c", "-d", "+D"]
        );
        assert_eq!(shown("", "a"), ["@0,0 0,1", "+a"]);
        assert_eq!(shown("a\nb", "a\nb"), [""; 0]);
    }

    #[test]
    fn texts_with_nothing_in_common_are_replaced_whole() {
        let text = |from: u32| -> String {
            (from..from + 100_000).map(|line| format!("{line}\n")).collect()
        };
        let (from, to) = (text(0), text(1_000_000));
        let hunks = unified(&from, &to, 3);
        assert_eq!(hunks.len(), 1);
        assert_eq!(hunks[0].lengths(), (100_000, 100_000));
    }

    proptest! {
        #[test]
        fn applied_it_gives_the_other_text(from in "[ab\n]{0,30}", to in "[ab\n]{0,30}", around in 0usize..4) {
            let hunks = unified(&from, &to, around);
            prop_assert_eq!(apply(&from, &hunks), to.lines().collect::<Vec<_>>());
        }

        #[test]
        fn hunks_neither_touch_nor_agree(from in "[abc\n]{0,40}", to in "[abc\n]{0,40}", around in 0usize..4) {
            let hunks = unified(&from, &to, around);
            prop_assert!(hunks.iter().all(|hunk| hunk.lines.iter().any(|(sign, _)| *sign != Sign::Same)));
            let is_apart = |two: &[Hunk<'_>]| two[0].before + two[0].lengths().0 < two[1].before || around == 0;
            prop_assert!(hunks.windows(2).all(is_apart));
        }
    }
}
