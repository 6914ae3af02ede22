//! Charts as shapes alone: what is to be read stands beside them, so it does not shrink with them.

use std::fmt::Write as _;

use crate::model::Millis;
use crate::report::bytes;

use super::buckets::{Bucket, Timeline};
use super::text::{clock, span};

/// Height of a chart, in its own units; a column is ten wide.
const HEIGHT: f64 = 100.0;

/// A part of a column: from which height to which, and how it is drawn.
struct Part(f64, f64, &'static str);

/// How runs ended: one cell a column, of which those that did not go well take their share.
pub(super) fn ends(out: &mut String, line: &Timeline) {
    const CLASSES: [&str; 4] = ["well", "later", "partly", "badly"];
    let all: u64 = line.buckets.iter().map(|bucket| bucket.runs).sum();
    let well: u64 = line.buckets.iter().map(|bucket| bucket.ends[0]).sum();
    let told = match well as f64 * 100.0 / all.max(1) as f64 {
        100.0 => "all well".to_owned(),
        share => format!("{share:.1} % well"),
    };
    figure(out, line, "Ends", &told, |out, bucket| {
        let mut low = HEIGHT;
        // The worst stands at the bottom, and one of many is still seen.
        for (count, class) in bucket.ends.iter().zip(CLASSES).rev().filter(|(count, _)| **count > 0)
        {
            let share = *count as f64 / bucket.runs.max(1) as f64 * HEIGHT;
            let high = if class == "well" { low } else { share.max(HEIGHT / 6.0).min(low) };
            low -= high;
            let _ = write!(out, "<rect class={class} y={low:.0} width=8 height={high:.0} />");
        }
    });
}

/// How long passes took: the middle one of a column, and the longest behind it.
pub(super) fn duration(out: &mut String, line: &Timeline) {
    let top = top(line, |bucket| bucket.median_ms as f64, |bucket| bucket.longest_ms as f64);
    let peak = line.buckets.iter().map(|bucket| bucket.longest_ms).max().unwrap_or_default();
    let told = format!("up to {}", span(peak));
    bars(out, line, "Duration", &told, top, |bucket| {
        let (median, longest) = (bucket.median_ms as f64, bucket.longest_ms as f64);
        vec![Part(0.0, longest, "soft"), Part(0.0, median, "main")]
    });
}

/// What was made, changed and ended.
pub(super) fn changes(out: &mut String, line: &Timeline) {
    let all = |bucket: &Bucket| (bucket.created + bucket.updated + bucket.deleted) as f64;
    let sum: u64 = line.buckets.iter().map(|one| one.created + one.updated + one.deleted).sum();
    let told = format!("{} in all", grouped(sum));
    bars(out, line, "Changes", &told, top(line, all, all), |bucket| {
        let (created, updated) = (bucket.created as f64, bucket.updated as f64);
        let ended = bucket.deleted as f64;
        vec![
            Part(0.0, created, "main"),
            Part(created, created + updated, "soft"),
            Part(created + updated, created + updated + ended, "grey"),
        ]
    });
}

/// What failed.
pub(super) fn failures(out: &mut String, line: &Timeline) {
    let sum: u64 = line.buckets.iter().map(|bucket| bucket.failed).sum();
    let told = if sum == 0 { "none".to_owned() } else { format!("{} in all", grouped(sum)) };
    let failed = |bucket: &Bucket| bucket.failed as f64;
    let highest = top(line, failed, failed);
    bars(out, line, "Failures", &told, highest, |bucket| {
        vec![Part(0.0, bucket.failed as f64, "bad")]
    });
}

/// The most memory that a pass had.
pub(super) fn memory(out: &mut String, line: &Timeline) {
    let peak = line.buckets.iter().map(|bucket| bucket.memory).max().unwrap_or_default();
    let told = format!("up to {}", bytes(peak));
    bars(out, line, "Memory", &told, peak as f64, |bucket| {
        let memory = bucket.memory as f64;
        vec![Part(0.0, memory, "pale"), Part(memory * 0.97, memory, "main")]
    });
}

/// The value at the upper edge. One that is far above what is usual is cut, or nothing else is seen.
fn top(line: &Timeline, usual: impl Fn(&Bucket) -> f64, most: impl Fn(&Bucket) -> f64) -> f64 {
    let most = line.buckets.iter().map(most).fold(0.0, f64::max);
    let mut all: Vec<f64> = line.buckets.iter().map(usual).filter(|value| *value > 0.0).collect();
    all.sort_unstable_by(f64::total_cmp);
    let usual = all.get(all.len() * 19 / 20).copied().unwrap_or(most);
    most.min(usual * 3.0)
}

fn bars(
    out: &mut String,
    line: &Timeline,
    title: &str,
    told: &str,
    top: f64,
    parts: impl Fn(&Bucket) -> Vec<Part>,
) {
    let scale = |value: f64| if top > 0.0 { (value / top * HEIGHT).min(HEIGHT) } else { 0.0 };
    figure(out, line, title, told, |out, bucket| {
        for Part(from, to, class) in parts(bucket) {
            if to <= from {
                continue;
            }
            // A little is not nothing.
            let (low, high) = (scale(from), scale(to).max(scale(from) + 1.5));
            let _ = write!(
                out,
                "<rect class={class} y={:.1} width=8 height={:.1} />",
                HEIGHT - high,
                high - low
            );
        }
    });
}

/// A chart with its name, what is told of it, and its time below.
fn figure(
    out: &mut String,
    line: &Timeline,
    title: &str,
    told: &str,
    column: impl Fn(&mut String, &Bucket),
) {
    let class = title.to_lowercase();
    let _ = write!(
        out,
        "<figure class=\"{class}\"><figcaption><b>{title}</b> <span>{told}</span></figcaption>\
         <svg viewBox=\"0 0 {} {HEIGHT}\" preserveAspectRatio=\"none\" role=\"img\" \
         aria-label=\"{title} over time{}{told}\">",
        line.buckets.len() * 10,
        if told.is_empty() { "" } else { ": " },
    );
    for (at, bucket) in line.buckets.iter().enumerate().filter(|(_, bucket)| bucket.runs > 0) {
        let _ = write!(out, "<g transform=translate({})>", at * 10 + 1);
        column(out, bucket);
        let _ = write!(out, "<title>{}</title></g>", tip(bucket, &class));
    }
    let _ = write!(
        out,
        "</svg><p class=\"axis\"><span>{}</span><span>{}</span></p></figure>",
        clock(line.from),
        clock(line.to)
    );
}

/// What a column says when it is pointed at.
fn tip(bucket: &Bucket, class: &str) -> String {
    let begun = clock(bucket.from);
    let runs = bucket.runs;
    match class {
        "duration" if bucket.longest_ms > 0 => {
            let (median, longest): (Millis, Millis) = (bucket.median_ms, bucket.longest_ms);
            format!("{begun}: {}, longest {}", span(median), span(longest))
        }
        "changes" => format!(
            "{begun}: {} made, {} changed, {} ended",
            bucket.created, bucket.updated, bucket.deleted
        ),
        "failures" => format!("{begun}: {} failed", bucket.failed),
        "memory" => format!("{begun}: {}", bytes(bucket.memory)),
        _ => {
            let [well, later, partly, badly] = bucket.ends;
            let ill = [(later, "later"), (partly, "partly"), (badly, "failed")];
            let ill = ill.iter().filter(|(count, _)| *count > 0);
            let ill: String = ill.map(|(count, how)| format!(", {count} {how}")).collect();
            format!("{begun}: {runs} passes, {well} well{ill}")
        }
    }
}

/// `12,345`
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        for (number, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (12_345_678, "12,345,678")]
        {
            assert_eq!(grouped(number), text);
        }
    }

    #[test]
    fn one_that_is_far_above_all_others_is_cut() {
        let bucket = |failed| Bucket { failed, runs: 1, ..Bucket::default() };
        let mut buckets: Vec<Bucket> = (0..99).map(|_| bucket(2)).collect();
        buckets.push(bucket(10_000));
        let line = Timeline { buckets, ..Timeline::default() };
        let failed = |bucket: &Bucket| bucket.failed as f64;
        assert!((top(&line, failed, failed) - 6.0).abs() < 1e-9);
        let mut out = String::new();
        failures(&mut out, &line);
        assert!(out.contains("height=100.0") && out.contains("10000 failed"), "{out}");
        assert!(!out.contains("NaN") && !out.contains("inf"));
    }
}
