//! Writes that something between the systems refuses because of what they say, and credentials that are
//! refused.

use crate::rig::{Ran, Rig, backends, on_platform};
use crate::support::VibeVersion::{V0_0_71, V0_0_144, V0_1_14};
use crate::support::{Fault, FaultId, Side, When};

const POISON: &str = "poisonous";
const CODES: [u16; 4] = [401, 403, 404, 413];

/// Something before this side refuses what says that word, and lets everything else pass.
fn firewall(rig: &Rig, side: Side, code: u16) -> FaultId {
    let fault = Fault::Status { code, body: "Blocked by rule 941100".into(), retry_after: None };
    let when = When::always().writes().body(POISON);
    match side {
        Side::Huly => rig.world.huly.fault(when, fault),
        Side::Vibe => rig.world.vibe.fault(when, fault),
    }
}

fn struck(rig: &Rig, side: Side, fault: FaultId) -> u64 {
    match side {
        Side::Huly => rig.world.huly.struck(fault),
        Side::Vibe => rig.world.vibe.struck(fault),
    }
}

/// Edits the half of each pair that is not on this side.
fn edit(rig: &Rig, towards: Side, pairs: &[(String, String)]) {
    for (at, (issue, task)) in pairs.iter().enumerate() {
        let title = if at == 1 { format!("{POISON} {at}") } else { format!("edited {at}") };
        match towards {
            Side::Huly => rig.world.vibe.edit_title(task, &title),
            Side::Vibe => rig.world.huly.edit_title(issue, &title),
        }
    }
}

fn titles(rig: &Rig, side: Side, project: &str) -> Vec<String> {
    let mut titles: Vec<String> = match side {
        Side::Huly => rig.world.huly.issues("PROJ").into_iter().map(|one| one.title).collect(),
        Side::Vibe => rig.world.vibe.tasks(project).into_iter().map(|one| one.title).collect(),
    };
    titles.sort();
    titles
}

fn assert_one_refused(ran: &Ran, what: &str) {
    assert_eq!((ran.exit, ran.total("failed")), (3, 1), "{what}: {ran:#?}");
}

#[test]
fn an_edit_that_a_firewall_refuses_fails_alone() {
    for backend in backends() {
        for towards in [Side::Vibe, Side::Huly] {
            for code in CODES {
                let what = format!("{backend:?} {towards:?} {code}");
                let rig = Rig::with(backend, V0_0_71);
                let project = rig.project();
                let pairs: Vec<_> = (0..4)
                    .map(|at| rig.linked(&project, &format!("{at}"), "text", "Todo"))
                    .collect();
                let fault = firewall(&rig, towards, code);
                edit(&rig, towards, &pairs);

                let first = rig.sync();
                let sent = struck(&rig, towards, fault);
                let second = rig.sync();

                assert_one_refused(&first, &what);
                assert_one_refused(&second, &what);
                assert!(first.stderr.contains(&pairs[1].0), "{what}: {}", first.stderr);
                if code != 404 {
                    // It may be there again; all else is as refused as before.
                    assert_eq!(struck(&rig, towards, fault), sent, "{what}");
                }
                let expected = ["1", "edited 0", "edited 2", "edited 3"];
                assert_eq!(titles(&rig, towards, &project), expected, "{what}");

                match towards {
                    Side::Huly => rig.world.huly.clear_faults(),
                    Side::Vibe => rig.world.vibe.clear_faults(),
                }
                rig.sync_all();
                assert_eq!(titles(&rig, towards, &project)[3], format!("{POISON} 1"), "{what}");
                rig.assert_quiet();
            }
        }
    }
}

#[test]
fn a_new_item_that_a_firewall_refuses_fails_alone() {
    for backend in backends() {
        for towards in [Side::Vibe, Side::Huly] {
            for code in CODES {
                let what = format!("{backend:?} {towards:?} {code}");
                let rig = Rig::with(backend, V0_0_71);
                let project = rig.project();
                firewall(&rig, towards, code);
                for text in ["text", "a text", POISON, "another"] {
                    match towards {
                        Side::Huly => drop(rig.world.vibe.add_task(&project, "T", text, "todo")),
                        Side::Vibe => drop(rig.world.huly.add_issue("PROJ", "T", text, "Todo")),
                    }
                }

                let ran = [rig.sync(), rig.sync()];

                assert_one_refused(&ran[0], &what);
                assert_one_refused(&ran[1], &what);
                assert_eq!(titles(&rig, towards, &project).len(), 3, "{what}");
            }
        }
    }
}

/// Reads that tell are not asked for each item.
#[test]
fn one_read_tells_for_all_refused_writes_of_a_pass() {
    let rig = Rig::new();
    let project = rig.project();
    for at in 0..6 {
        rig.linked(&project, &format!("{at}"), "text", "Todo");
    }
    firewall(&rig, Side::Vibe, 403);
    for issue in rig.world.huly.issues("PROJ") {
        rig.world.huly.edit_title(&issue.identifier, &format!("{POISON} {}", issue.title));
    }
    let mark = rig.world.mark();

    let ran = rig.sync();

    assert_eq!((ran.exit, ran.total("failed")), (3, 6), "{ran:#?}");
    let log = rig.world.log_since(mark);
    let lists =
        log.iter().filter(|entry| entry.path == "/api/projects" && entry.side == Side::Vibe);
    assert_eq!(lists.count(), 2, "one to pair the projects, one to judge");
}

/// 27: refused credentials are the user's to mend, also where a write is the first to meet them.
#[test]
fn credentials_that_are_refused_from_a_write_on_end_the_pass() {
    for backend in backends() {
        for (towards, code) in [(Side::Vibe, 401), (Side::Vibe, 403), (Side::Huly, 401)] {
            let what = format!("{backend:?} {towards:?} {code}");
            let rig = Rig::with(backend, V0_0_71);
            let project = rig.project();
            let pairs: Vec<_> =
                (0..4).map(|at| rig.linked(&project, &format!("{at}"), "text", "Todo")).collect();
            edit(&rig, towards, &pairs);
            let all = When::always();
            match towards {
                Side::Vibe => {
                    let vibe = rig.world.vibe.clone();
                    rig.world.vibe.before(When::always().writes().nth(1), move || {
                        vibe.fault(all.clone(), Fault::status(code));
                    });
                }
                Side::Huly => {
                    let huly = rig.world.huly.clone();
                    rig.world.huly.before(When::always().writes().nth(1), move || {
                        if on_platform() {
                            huly.revoke_tokens();
                        } else {
                            huly.fault(all.clone(), Fault::status(code));
                        }
                    });
                }
            }
            let mark = rig.world.mark();

            let ran = rig.sync();

            assert_eq!(ran.exit, 2, "{what}: {ran:#?}");
            let writes = rig.world.writes_since(mark);
            // The one that was let in, and the one that was not.
            assert!(writes.iter().filter(|one| one.side == towards).count() <= 2, "{what}");
        }
    }
}

/// 32: no version says that it is the project that is missing.
#[test]
fn a_vibe_project_that_goes_while_tasks_are_made_stops_them() {
    for backend in backends() {
        for version in [V0_0_71, V0_0_144, V0_1_14] {
            let rig = Rig::with(backend, version);
            let project = rig.project();
            rig.linked(&project, "Old", "text", "Todo");
            for at in 0..6 {
                rig.world.huly.add_issue("PROJ", &format!("{at}"), "text", "Todo");
            }
            let (vibe, id) = (rig.world.vibe.clone(), project.clone());
            rig.world.vibe.before(When::on("POST", "/api/tasks").nth(3), move || {
                vibe.delete_project(&id);
            });
            let mark = rig.world.mark();

            let ran = rig.sync();
            rig.world.vibe.forget_acts();
            let made = rig.world.writes_since(mark);
            let after = rig.sync();

            assert_eq!(ran.exit, 3, "{backend:?} {version:?}: {ran:#?}");
            assert!(ran.stderr.contains("its Vibe project is gone"), "{}", ran.stderr);
            let tries = made.iter().filter(|one| one.path == "/api/tasks").count();
            assert_eq!(tries, 3, "{backend:?} {version:?}: {ran:#?} {after:#?}");
            assert_eq!(rig.world.huly.issues("PROJ").len(), 7, "{after:#?}");
            assert!(rig.world.vibe.projects().is_empty(), "{after:#?}");
        }
    }
}

#[test]
fn a_text_that_a_firewall_refuses_fails_alone() {
    for towards in [Side::Vibe, Side::Huly] {
        for code in CODES {
            let what = format!("{towards:?} {code}");
            let rig = Rig::new();
            let project = rig.project();
            let pairs: Vec<_> =
                (0..4).map(|at| rig.linked(&project, &format!("{at}"), "text", "Todo")).collect();
            firewall(&rig, towards, code);
            for (at, (issue, task)) in pairs.iter().enumerate() {
                let text = if at == 1 { POISON } else { "edited" };
                match towards {
                    Side::Huly => {
                        let marker = rig.world.vibe.task(task).unwrap().text().to_owned();
                        rig.world.vibe.edit_description(task, &marker.replace("text", text));
                    }
                    Side::Vibe => rig.world.huly.edit_description(issue, text),
                }
            }

            let ran = rig.sync();

            assert_one_refused(&ran, &what);
            for (at, (issue, task)) in pairs.iter().enumerate() {
                let shown = match towards {
                    Side::Huly => rig.world.huly.issue(issue).unwrap().description,
                    Side::Vibe => rig.world.vibe.task(task).unwrap().text().to_owned(),
                };
                let expected = if at == 1 { "text" } else { "edited" };
                assert!(shown.starts_with(expected), "{what}: {shown}");
            }
        }
    }
}
