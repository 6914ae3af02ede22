//! What people do between the first pass and the second, and what must come of it.

use anyhow::{Context, Result};

use crate::support::World;
use crate::tool::Ran;

/// Edits both sides; says what was done, a line each.
pub(crate) fn make(world: &World) -> Result<Vec<String>> {
    let (huly, vibe) = (&world.huly, &world.vibe);
    let login = issue(world, "WEB", "Login")?;
    huly.edit_title(&login, "Login fails after any reset");
    let dark = issue(world, "WEB", "Dark mode")?;
    huly.delete_issue(&dark);
    let footer = huly.add_issue("WEB", "Broken link in the footer", "To the imprint.", "Todo");
    let cron = issue(world, "OPS", "Move")?;
    huly.edit_title(&cron, "Move the cron jobs to host B");

    let (export, text) = task(world, "Website", "Export")?;
    vibe.edit_status(&export, "inprogress");
    // As an agent does it: the marker stays where it is.
    vibe.edit_description(&export, &text.replacen("line.", "line. Semicolons, not commas.", 1));
    let api = vibe.project_named("Billing API").context("no project Billing API")?;
    vibe.add_task(&api.id, "Refunds are not logged", "Since the last release.", "todo");
    let (moving, _) = task(world, "Operations", "Move")?;
    vibe.edit_title(&moving, "Move the cron jobs to systemd");
    Ok(vec![
        format!("Huly   {login} gets another title"),
        format!("Huly   {footer} is new"),
        format!("Huly   {dark} is deleted"),
        "Vibe   'Export the report as CSV' is begun, and its text edited".to_owned(),
        "Vibe   'Refunds are not logged' is new".to_owned(),
        format!("both   {cron} gets two different titles"),
    ])
}

/// What the pass after these edits should have counted, and did not.
pub(crate) fn expected(ran: &Ran) -> Vec<String> {
    let totals = &ran.totals;
    [
        ("new issues", totals.created.huly, 1),
        ("new tasks", totals.created.vibe, 1),
        ("changed issues", totals.updated.huly, 1),
        ("changed tasks", totals.updated.vibe, 2),
        ("cancelled tasks", totals.deleted.vibe, 1),
        ("conflicts", totals.conflicts, 1),
    ]
    .into_iter()
    .filter(|(_, counted, wanted)| counted != wanted)
    .map(|(what, counted, wanted)| format!("{counted} {what}, not {wanted}"))
    .collect()
}

fn issue(world: &World, project: &str, begin: &str) -> Result<String> {
    let issues = world.huly.issues(project);
    let found = issues.into_iter().find(|issue| issue.title.starts_with(begin));
    Ok(found.with_context(|| format!("no issue {begin}"))?.identifier)
}

fn task(world: &World, project: &str, begin: &str) -> Result<(String, String)> {
    let project = world.vibe.project_named(project).context("a project was not made")?;
    let tasks = world.vibe.tasks(&project.id);
    let found = tasks.into_iter().find(|task| task.title.starts_with(begin));
    let task = found.with_context(|| format!("no task {begin}"))?;
    Ok((task.id.clone(), task.text().to_owned()))
}
