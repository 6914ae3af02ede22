//! The two blocks that an agent gets when it is made, and has for its own afterwards.

use super::Kind;

/// Who it is.
pub const PERSONA: Kind =
    Kind { label: "persona", description: "Who you are and how you work. Yours to change." };

/// What it notes.
pub const SCRATCHPAD: Kind =
    Kind { label: "scratchpad", description: "Your notes on this project. Yours to change." };

/// What a new agent knows of itself.
#[must_use]
pub fn persona(name: &str, identifier: &str) -> String {
    format!(
        "I know the board of the project {name} ({identifier}), which is kept equal in Huly and Vibe \
         Kanban. The blocks project, board_config, board_metrics, hotspots, backlog_summary and \
         change_log tell its present state; they are renewed after each sync, and I cannot change \
         them. What I want to remember I write into the scratchpad."
    )
}
