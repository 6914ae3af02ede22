//! Findings on settings and secrets.

use super::facts::Files;
use super::finding::{Finding, Level};

pub(super) fn findings(files: &Files) -> Vec<Finding> {
    let mut found = Vec::new();
    found.push(match &files.config {
        Some((path, true)) => {
            Finding::new(Level::Ok, "config", format!("read from {}", path.display()))
        }
        Some((path, false)) => {
            let what = format!("there is no {}: environment and defaults hold", path.display());
            Finding::new(Level::Note, "config", what)
        }
        None => Finding::new(Level::Note, "config", "no file: environment and defaults hold"),
    });
    found.extend(files.open_secrets.iter().map(|path| {
        let what =
            format!("everybody on this machine may open {}, which holds a secret", path.display());
        Finding::new(Level::Warning, "config", what).todo(format!("chmod o= {}", path.display()))
    }));
    found
}
