//! Words on the page. Titles and messages come from anybody: none of them may become markup.

use std::fmt::{self, Write as _};
use std::time::Duration;

use crate::model::Millis;
use crate::report::is_steering;

/// A text, with all that HTML takes for its own written so that it is shown.
pub(super) struct Text<'a>(pub(super) &'a str);

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|letter| put(letter, f))
    }
}

fn put(letter: char, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match letter {
        '\n' | '\t' => f.write_char(' '),
        // HTML knows no control characters, and a page that bears one is none; what turns the direction of
        // text would turn ours.
        steering if is_steering(steering) => f.write_char('\u{fffd}'),
        letter => match entity(letter) {
            Some(entity) => f.write_str(entity),
            None => f.write_char(letter),
        },
    }
}

fn entity(letter: char) -> Option<&'static str> {
    match letter {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        '>' => Some("&gt;"),
        '"' => Some("&quot;"),
        '\'' => Some("&#39;"),
        _ => None,
    }
}

/// The beginning of a text that may be as long as it likes: at most so many bytes of the page.
pub(super) struct Brief<'a>(pub(super) &'a str, pub(super) usize);

impl fmt::Display for Brief<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut left = self.1;
        for letter in self.0.chars() {
            let bytes = entity(letter).map_or(letter.len_utf8(), str::len);
            match left.checked_sub(bytes) {
                Some(rest) => left = rest,
                None => return f.write_char('…'),
            }
            put(letter, f)?;
        }
        Ok(())
    }
}

/// A time, as short as the page's reader needs it: `26 Nov 04:05`, in UTC.
pub(super) fn clock(at: Millis) -> String {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let full = crate::report::time(at);
    let month = full.get(5..7).and_then(|month| month.parse::<usize>().ok());
    let name = month.and_then(|month| MONTHS.get(month.wrapping_sub(1)));
    match (full.get(8..10), name, full.get(11..16)) {
        (Some(day), Some(month), Some(time)) => {
            format!("{} {month} {time}", day.trim_start_matches('0'))
        }
        _ => full,
    }
}

/// How long something took, or lasts: two digits are enough.
pub(super) fn span(ms: Millis) -> String {
    let ms = u64::try_from(ms).unwrap_or_default();
    let seconds = Duration::from_millis(ms).as_secs();
    match seconds {
        0 if ms < 1_000 => format!("{ms} ms"),
        0..10 => format!("{:.1} s", ms as f64 / 1e3),
        10..100 => format!("{seconds} s"),
        100..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_is_markup() {
        let hostile = "<script>alert('1')</script> & \"x\"\u{0}\u{1b}\u{202e}\n</td>";
        assert_eq!(
            Text(hostile).to_string(),
            "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt; &amp; &quot;x&quot;\u{fffd}\u{fffd}\u{fffd} \
             &lt;/td&gt;"
        );
        assert_eq!(Brief("<é<<", 6).to_string(), "&lt;é…");
        assert_eq!(Brief("<é", 6).to_string(), "&lt;é");
    }

    #[test]
    fn times_and_spans_are_short() {
        assert_eq!(clock(1_790_000_000_000), "21 Sep 14:13");
        assert_eq!(clock(0), "1 Jan 00:00");
        for (ms, said) in [
            (-5, "0 ms"),
            (250, "250 ms"),
            (1_500, "1.5 s"),
            (45_000, "45 s"),
            (600_000, "10 min"),
            (7_200_000, "2 h"),
            (200_000_000, "2 days"),
        ] {
            assert_eq!(span(ms), said);
        }
    }
}
