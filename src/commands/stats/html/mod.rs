//! `stats` as a page: one file that asks nobody for anything, neither network nor script.

mod buckets;
mod chart;
mod tables;
mod text;

use std::fmt::Write as _;

use crate::model::Millis;
use crate::report::{bytes, time};
use crate::store::losers::Loser;
use crate::store::overview::Overview;

use self::buckets::End;
use self::chart::grouped;
use self::text::{Brief, span};

/// Conflicts that are shown; the others are counted.
pub(super) const CONFLICTS: u32 = 40;

/// The longest wait that needs no word, however seldom passes are.
const PATIENCE_MS: Millis = 30 * 60 * 1000;

/// The whole page.
pub(super) fn render(overview: &Overview, conflicts: &[Loser], now: Millis) -> String {
    let mut out = String::with_capacity(128 << 10);
    // What would be loaded from elsewhere is refused, should a text ever get through as markup. The
    // icon is named, since browsers ask for one that is not.
    out.push_str(concat!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">",
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; ",
        "style-src 'unsafe-inline'; img-src data:\">",
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">",
        "<meta name=\"color-scheme\" content=\"light dark\"><meta name=\"referrer\" ",
        "content=\"no-referrer\"><link rel=\"icon\" href=\"data:,\">",
        "<title>huly-vibe-sync</title><style>\n",
        include_str!("style.css"),
        "</style></head><body><main>\n",
    ));
    head(&mut out, overview, now);
    tiles(&mut out, overview, now);
    tables::conflicts(&mut out, overview, conflicts, now);
    tables::pending(&mut out, overview, now);
    charts(&mut out, overview);
    tables::projects(&mut out, overview, now);
    let _ = write!(
        out,
        "<footer>Written <time datetime=\"{0}\">{0}</time> by huly-vibe-sync {1}. All times are \
         UTC. State: {2}, of it {3} free.</footer>\n</main></body></html>\n",
        time(now),
        env!("CARGO_PKG_VERSION"),
        bytes(overview.file.bytes),
        bytes(overview.file.free_bytes)
    );
    out
}

/// How it stands, in a sentence and a colour.
struct Verdict {
    class: &'static str,
    words: String,
    more: Option<String>,
}

fn verdict(overview: &Overview, now: Millis) -> Verdict {
    let said = |class, words: &str, more: Option<&str>| Verdict {
        class,
        words: words.to_owned(),
        more: more.map(str::to_owned),
    };
    let Some(last) = &overview.last_pass else { return said("later", "No pass yet", None) };
    let message = last.message.as_deref();
    let ended = match End::of(last, true) {
        End::Badly => return said("badly", "The last pass failed", message),
        End::Partly if last.exit == Some(4) => {
            return said("partly", "A guard waits for a person", message);
        }
        End::Partly => said("partly", "Some of it failed", message),
        End::Later if last.exit.is_none() => said("later", "A pass is under way", None),
        End::Later => said("later", "The last pass was cut short", message),
        End::Well if overview.projects.iter().all(tables::is_well) => {
            said("well", "All is well", None)
        }
        End::Well => said("well", "The last pass went well", None),
    };
    match late(overview, now) {
        Some(late) if ended.class != "partly" => Verdict {
            class: "badly",
            words: format!("No success for {}", span(late)),
            more: ended.more,
        },
        _ => ended,
    }
}

/// For how long no pass has ended well, where that is longer than is usual here.
fn late(overview: &Overview, now: Millis) -> Option<Millis> {
    let mut starts: Vec<Millis> = overview.runs.iter().map(|run| run.started).collect();
    starts.sort_unstable();
    let mut gaps: Vec<Millis> =
        starts.windows(2).map(|pair| pair[1].saturating_sub(pair[0])).collect();
    gaps.sort_unstable();
    let usual = gaps.get(gaps.len() / 2).copied().unwrap_or_default();
    let since = now.saturating_sub(overview.last_success.or(starts.first().copied())?);
    (since > PATIENCE_MS.max(usual.saturating_mul(6))).then_some(since)
}

fn head(out: &mut String, overview: &Overview, now: Millis) {
    let Verdict { class, words, more } = verdict(overview, now);
    let _ = write!(
        out,
        "<header class=\"{class}\"><p class=\"name\">huly-vibe-sync</p><h1><i></i>{words}</h1>"
    );
    if let Some(more) = more {
        let _ = write!(out, "<p class=\"why\"><bdi>{}</bdi></p>", Brief(&more, 400));
    }
    out.push_str("</header>\n");
}

fn tiles(out: &mut String, overview: &Overview, now: Millis) {
    let ago = |at: Option<Millis>| {
        at.map_or("never".to_owned(), |at| format!("{} ago", span(now.saturating_sub(at))))
    };
    let last = overview.last_pass.as_ref();
    let took = last.and_then(|run| Some(run.ended?.saturating_sub(run.started)));
    let tiles = [
        ("Last success", ago(overview.last_success)),
        ("Last pass took", took.map_or("–".to_owned(), span)),
        ("Projects", grouped(overview.projects.len() as u64)),
        ("Pairs", grouped(overview.links)),
        ("Waiting", grouped(overview.pending_total)),
        ("Open conflicts", grouped(overview.open_conflicts)),
    ];
    out.push_str("<dl class=\"tiles\">");
    for (name, value) in tiles {
        let _ = write!(out, "<div><dt>{name}</dt><dd>{value}</dd></div>");
    }
    out.push_str("</dl>\n");
}

fn charts(out: &mut String, overview: &Overview) {
    let line = buckets::over_time(&overview.runs);
    if line.buckets.is_empty() {
        return;
    }
    let runs: u64 = line.buckets.iter().map(|bucket| bucket.runs).sum();
    let _ = write!(
        out,
        "<section><h2>Passes <small>{} over {}</small></h2><div class=\"charts\">",
        grouped(runs),
        span(line.to.saturating_sub(line.from))
    );
    chart::ends(out, &line);
    chart::duration(out, &line);
    chart::changes(out, &line);
    chart::failures(out, &line);
    chart::memory(out, &line);
    out.push_str(
        "</div><p class=\"key\"><span class=\"well\">well</span><span class=\"later\">to be gone \
         on with</span><span class=\"partly\">partly</span><span class=\"badly\">failed or \
         killed</span></p></section>\n",
    );
}

#[cfg(test)]
mod tests;
