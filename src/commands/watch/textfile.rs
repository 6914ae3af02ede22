//! The file that a node exporter reads.

use std::path::Path;

use crate::commands::conflicts::OPEN_MS;
use crate::commands::stats::{STDOUT, prometheus};
use crate::replace;
use crate::report::{self, Complaint};
use crate::store::Store;
use crate::store::overview::Overview;
use crate::store::runs::Run;

/// The exporter runs as somebody else.
const MODE: u32 = 0o644;

/// Writes what `stats --format prometheus` would say now. A run that did not come into the history
/// is told from what is known of it; where the state cannot be read, nothing else is. What went wrong.
pub(super) fn write(
    path: &Path,
    state: &Path,
    run: Run,
    store: Option<&Store>,
    is_kept: bool,
) -> Option<Complaint> {
    let text = match overview(state, store, run.started) {
        Some(overview) if is_kept => prometheus::render(&overview),
        Some(overview) => prometheus::render(&overview.with(run)),
        None => prometheus::render_run(&run),
    };
    if path == Path::new(STDOUT) {
        report::print_styled(&text);
        return None;
    }
    let error = replace::file(path, &text, Some(MODE)).err()?;
    Some(Complaint::new("textfile", format!("failed to write {}: {error}", path.display())))
}

fn overview(state: &Path, store: Option<&Store>, now: i64) -> Option<Overview> {
    let read = |store: &Store| Overview::read(store, 1, now - OPEN_MS);
    let read = match store {
        Some(store) => read(store).map(Some),
        None => Store::open_read_only(state).and_then(|store| store.as_ref().map(read).transpose()),
    };
    read.unwrap_or_else(|error| {
        // The run itself has said so, or the next one will.
        log::debug!("{error:#}");
        None
    })
}
