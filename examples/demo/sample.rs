//! What stands on the two boards before the first pass.

use std::{fs, io};

use crate::support::World;

/// Two projects that both sides have, and one that Huly has alone; items here and there.
pub(crate) fn fill(world: &World) -> io::Result<()> {
    let (huly, vibe) = (&world.huly, &world.vibe);
    huly.add_project("WEB", "Website");
    let website = vibe.add_project("Website");
    huly.add_issue("WEB", "Login fails after a reset", "Seen **twice** today.", "In Progress");
    huly.add_issue("WEB", "Export the report as CSV", "With a header line.", "Todo");
    huly.add_issue("WEB", "Dark mode", "", "Backlog");
    vibe.add_task(&website, "Banner covers the buttons", "On small screens.", "inprogress");

    huly.add_project("API", "Billing API");
    let path = world.repos_dir.join("billing-api");
    // Vibe Kanban takes a path that somebody has named only if a repository is there.
    fs::create_dir_all(path.join(".git"))?;
    huly.describe_project("API", &format!("Invoices.\n\nPath: {}", path.display()));
    huly.add_issue("API", "Invoices are sent twice", "- one by mail\n- one by post", "Todo");
    huly.add_issue("API", "Rate limit per customer", "`429`, not `503`.", "Done");

    huly.add_project("OPS", "Operations");
    let operations = vibe.add_project("Operations");
    huly.add_issue("OPS", "Move the cron jobs", "To the new machine.", "Backlog");
    vibe.add_task(&operations, "Renew the certificate", "", "done");
    vibe.add_task(&operations, "Restore a backup, for once", "Onto a bare disk.", "cancelled");
    Ok(())
}
