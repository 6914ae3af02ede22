//! Findings on the state file.

use super::facts::State;
use super::finding::{Finding, Level};

pub(super) fn findings(state: &State) -> Vec<Finding> {
    let path = state.path.display();
    let say = |level, what: String| Finding::new(level, "state", what);
    let mut found = Vec::new();
    found.push(match &state.version {
        Err(why) => say(Level::Error, why.clone()),
        Ok(None) => say(Level::Note, format!("there is no {path} yet: the first pass makes it")),
        Ok(Some(_)) if state.bytes == 0 => {
            say(Level::Note, format!("{path} is empty: the next pass makes it anew"))
        }
        Ok(Some(version)) if *version < state.newest => say(
            Level::Note,
            format!(
                "{path} has version {version}: the next pass lifts it to {} and keeps a copy",
                state.newest
            ),
        ),
        Ok(Some(version)) => {
            let pairs = state.projects.iter().filter(|row| row.vibe_id.is_some()).count();
            say(Level::Ok, format!("{path}, version {version}, knows {pairs} pairs of projects"))
        }
    });
    if state.is_open {
        let what = format!("others on this machine may open {path}, which holds titles and texts");
        found.push(say(Level::Warning, what).todo(format!("chmod 600 {path}")));
    }
    if let Some(why) = &state.unwritable {
        let what = format!("a pass could not write {path}: {why}");
        let todo = "give this user the right to, or name another file with --state";
        found.push(say(Level::Error, what).todo(todo));
    }
    match &state.held {
        Ok(false) => {}
        Ok(true) => found.push(say(Level::Note, "a pass is at work and holds the lock".to_owned())),
        Err(why) => found.push(
            say(Level::Warning, format!("it cannot be told whether a pass is at work: {why}"))
                .todo("lay the state on a file system with locks, by --state"),
        ),
    }
    found
}
