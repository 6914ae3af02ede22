//! Which Huly project and which Vibe project belong together. One to one, decided over all
//! projects, also when only some are synced.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Component, Path};

use crate::config::Pairing;
use crate::model::Millis;
use crate::report::{Mode, quoted};
use crate::{huly, store, vibe};

/// A Huly project with its other half, ready for a worker.
#[derive(Debug, Clone)]
pub struct Pair {
    /// Huly's identifier.
    pub identifier: String,
    /// Huly's name.
    pub name: String,
    /// The other half.
    pub partner: Partner,
    /// How many issues Huly counts, where it says so.
    pub issues: Option<u64>,
    /// How much of Huly is to be read.
    pub mode: Mode,
    /// It was not a pair before.
    pub is_new: bool,
    /// Last success; our clock.
    pub success: Option<Millis>,
}

/// The other half of a Huly project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Partner {
    /// Stored, and still there.
    Known {
        /// Its id.
        id: String,
    },
    /// There, and not a pair before.
    Found {
        /// Its id.
        id: String,
        /// Its name.
        name: String,
        /// Where its repository is, as far as known.
        path: Option<String>,
    },
    /// To be made.
    New {
        /// Where its repository is, on the Vibe Kanban server.
        path: String,
        /// The path is ours to fill: the folder may be made.
        may_make: bool,
    },
    /// There is none, and why.
    None(String),
    /// A person said so.
    Never,
}

/// What pairing goes by.
#[derive(Debug)]
pub struct Input<'a> {
    /// As listed, archived ones included.
    pub huly: &'a [huly::Project],
    /// As listed.
    pub vibe: &'a [vibe::Project],
    /// As stored.
    pub stored: &'a [store::projects::Project],
    /// `[projects]`
    pub configured: &'a BTreeMap<String, Pairing>,
    /// `sync.repos_dir`
    pub repos_dir: Option<&'a Path>,
    /// Whether archived Huly projects are synced.
    pub archived: bool,
    /// Whether missing Vibe projects are made.
    pub may_create: bool,
}

/// The other half of every Huly project, by identifier.
#[must_use]
pub fn decide(input: &Input<'_>) -> BTreeMap<String, Partner> {
    let mut decided = BTreeMap::new();
    let mut taken: HashSet<&str> =
        input.stored.iter().filter_map(|project| project.vibe_id.as_deref()).collect();
    let listed: HashMap<&str, &vibe::Project> =
        input.vibe.iter().map(|project| (project.id.as_str(), project)).collect();
    let live: Vec<&huly::Project> =
        input.huly.iter().filter(|project| input.archived || !project.archived).collect();

    // What the state and a person say comes first, for all, so that no name takes it away.
    for project in &live {
        let stored = input.stored.iter().find(|row| row.identifier == project.identifier);
        let configured = input.configured.get(&project.identifier);
        let partner = if configured == Some(&Pairing::Never) {
            Some(Partner::Never)
        } else if project.closed {
            let message = "the account is no member of it in Huly, so its issues cannot be seen: \
                           nothing is changed; make it a member, or write false for it under \
                           [projects]";
            Some(Partner::None(message.to_owned()))
        } else if let Some(id) = stored.and_then(|row| {
            // One that no pass has been over may have come from another program: it is a hint.
            let holds = |id: &String| row.success.is_some() || listed.contains_key(id.as_str());
            row.vibe_id.clone().filter(holds)
        }) {
            Some(if listed.contains_key(id.as_str()) {
                Partner::Known { id }
            } else {
                Partner::None(
                    "its Vibe project is gone: nothing is deleted or made anew; docs/recovery.md \
                     says how to give it another"
                        .to_owned(),
                )
            })
        } else {
            configured.and_then(|wish| by_configuration(wish, input, &mut taken))
        };
        if let Some(partner) = partner {
            decided.insert(project.identifier.clone(), partner);
        }
    }
    // Then names, for all; then paths, so that no path takes what a name says.
    let is_new =
        |project: &huly::Project| input.configured.get(&project.identifier) == Some(&Pairing::New);
    for project in &live {
        if !decided.contains_key(&project.identifier)
            && !is_new(project)
            && let Some(partner) = by_name(project, &live, input, &mut taken)
        {
            decided.insert(project.identifier.clone(), partner);
        }
    }
    for project in &live {
        if !decided.contains_key(&project.identifier) {
            let by_path = match is_new(project) {
                true => None,
                false => by_path(project, input, &mut taken),
            };
            let partner = by_path.unwrap_or_else(|| make(project, input));
            decided.insert(project.identifier.clone(), partner);
        }
    }
    decided
}

fn found(project: &vibe::Project) -> Partner {
    Partner::Found {
        id: project.id.clone(),
        name: project.name.clone(),
        path: project.repo_path.clone(),
    }
}

fn by_configuration<'a>(
    wish: &Pairing,
    input: &Input<'a>,
    taken: &mut HashSet<&'a str>,
) -> Option<Partner> {
    let Pairing::With(wanted) = wish else { return None };
    let fits = |project: &&vibe::Project| project.id == *wanted || project.name == *wanted;
    let mut fitting = input.vibe.iter().filter(fits);
    let partner = match (fitting.next(), fitting.next()) {
        (None, _) => Partner::None(format!(
            "there is no Vibe project {}, as [projects] says",
            quoted(wanted)
        )),
        (Some(_), Some(_)) => Partner::None(format!(
            "several Vibe projects are named {}: give the id",
            quoted(wanted)
        )),
        (Some(project), None) if taken.contains(project.id.as_str()) => {
            Partner::None(format!("the Vibe project {} belongs to another pair", quoted(wanted)))
        }
        (Some(project), None) => {
            taken.insert(&project.id);
            found(project)
        }
    };
    Some(partner)
}

/// Equal names, where they are unique among the live projects of both sides.
fn by_name<'a>(
    project: &huly::Project,
    live: &[&huly::Project],
    input: &Input<'a>,
    taken: &mut HashSet<&'a str>,
) -> Option<Partner> {
    let name = project.name.trim().to_lowercase();
    let same = |other: &str| other.trim().to_lowercase() == name;
    if name.is_empty() || live.iter().filter(|other| same(&other.name)).count() != 1 {
        return None;
    }
    let mut fitting = input.vibe.iter().filter(|other| same(&other.name));
    let (Some(partner), None) = (fitting.next(), fitting.next()) else { return None };
    taken.insert(&partner.id).then(|| found(partner))
}

fn by_path<'a>(
    project: &huly::Project,
    input: &Input<'a>,
    taken: &mut HashSet<&'a str>,
) -> Option<Partner> {
    let (path, _) = path_of(project, input.repos_dir)?;
    let same = |other: &&vibe::Project| {
        other.repo_path.as_deref().is_some_and(|other| trim(other) == trim(&path))
    };
    let partner = input.vibe.iter().find(same)?;
    Some(if taken.insert(&partner.id) {
        found(partner)
    } else {
        Partner::None(format!("the repository {path} belongs to the Vibe project of another pair"))
    })
}

fn make(project: &huly::Project, input: &Input<'_>) -> Partner {
    if !input.may_create {
        return Partner::None("it has no Vibe project, and none is to be made".to_owned());
    }
    match path_of(project, input.repos_dir) {
        Some((path, may_make)) => Partner::New { path, may_make },
        None => Partner::None(
            "it has no Vibe project, and no repository is known for one: write `Path: /…` into \
             the Huly project's description, or set sync.repos_dir"
                .to_owned(),
        ),
    }
}

/// Where a project's repository is: as its description says, else in the common folder. The flag
/// tells whether the folder is ours to make.
fn path_of(project: &huly::Project, repos_dir: Option<&Path>) -> Option<(String, bool)> {
    if let Some(path) = project.description.lines().find_map(said_path) {
        return Some((path, false));
    }
    // Huly takes an identifier from any name: `../` must not lead out of the folder.
    let within = Path::new(&project.identifier);
    if !within.components().all(|part| matches!(part, Component::Normal(_))) {
        return None;
    }
    let folder = repos_dir?.join(within);
    Some((folder.to_str()?.to_owned(), true))
}

fn said_path(line: &str) -> Option<String> {
    let (label, path) = line.split_once(':')?;
    let label = label.trim().trim_matches(['*', '_', '-', ' ']).to_lowercase();
    if !["filesystem", "path", "directory", "location"].contains(&label.as_str()) {
        return None;
    }
    let path = path.trim().trim_matches(['`', '"', '\'', '*', '<', '>']).trim();
    (path.starts_with('/') || path.starts_with("~/")).then(|| trim(path).to_owned())
}

fn trim(path: &str) -> &str {
    let trimmed = path.trim_end_matches('/');
    if trimmed.is_empty() { path } else { trimmed }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn huly(identifier: &str, name: &str) -> huly::Project {
        huly::Project { identifier: identifier.into(), name: name.into(), ..Default::default() }
    }

    fn vibe(id: &str, name: &str) -> vibe::Project {
        vibe::Project { id: id.into(), name: name.into(), repo_path: Some(format!("/r/{id}")) }
    }

    fn pair(huly: &[huly::Project], vibe: &[vibe::Project]) -> BTreeMap<String, Partner> {
        let none = BTreeMap::new();
        decide(&Input {
            huly,
            vibe,
            stored: &[],
            configured: &none,
            repos_dir: Some(Path::new("/repos")),
            archived: false,
            may_create: true,
        })
    }

    fn is_with(partner: &Partner, wanted: &str) -> bool {
        matches!(partner, Partner::Found { id, .. } if id == wanted)
    }

    #[test]
    fn equal_names_pair_without_case() {
        let pairs = pair(&[huly("A", "Alpha")], &[vibe("1", "ALPHA")]);
        assert!(is_with(&pairs["A"], "1"));
    }

    #[test]
    fn names_that_differ_only_in_case_are_never_merged() {
        let pairs = pair(&[huly("A", "Alpha"), huly("B", "ALPHA")], &[vibe("1", "alpha")]);
        assert_eq!(pairs["A"], Partner::New { path: "/repos/A".into(), may_make: true });
        assert_eq!(pairs["B"], Partner::New { path: "/repos/B".into(), may_make: true });
    }

    #[test]
    fn archived_namesakes_do_not_count() {
        let archived = huly::Project { archived: true, ..huly("OLD", "Alpha") };
        let pairs = pair(&[archived, huly("A", "Alpha")], &[vibe("1", "Alpha")]);
        assert!(is_with(&pairs["A"], "1"));
        assert!(!pairs.contains_key("OLD"));
    }

    #[test]
    fn an_equal_repository_pairs_where_names_do_not() {
        let project =
            huly::Project { description: "x\nPath: `/r/1/`".into(), ..huly("A", "Other") };
        assert!(is_with(&pair(&[project], &[vibe("1", "Alpha")])["A"], "1"));
    }

    #[test]
    fn an_equal_repository_takes_no_project_that_a_name_says() {
        let first = huly::Project { description: "Path: /r/1".into(), ..huly("A", "Other") };
        let pairs = pair(&[first, huly("B", "Alpha")], &[vibe("1", "Alpha")]);
        assert!(is_with(&pairs["B"], "1"));
        assert!(matches!(pairs["A"], Partner::None(_)));
    }

    #[test]
    fn the_path_in_a_description_is_where_the_new_project_goes() {
        for line in
            ["Filesystem: /srv/x", "**Path:** /srv/x", "directory: /srv/x/", "- Location: /srv/x"]
        {
            let project = huly::Project { description: line.into(), ..huly("A", "Alpha") };
            let pairs = pair(&[project], &[]);
            assert_eq!(
                pairs["A"],
                Partner::New { path: "/srv/x".into(), may_make: false },
                "{line}"
            );
        }
    }

    #[test]
    fn a_person_decides_before_names_do() {
        let configured = BTreeMap::from([
            ("A".to_owned(), Pairing::With("2".to_owned())),
            ("B".to_owned(), Pairing::Never),
            ("C".to_owned(), Pairing::New),
        ]);
        let pairs = decide(&Input {
            huly: &[huly("A", "One"), huly("B", "Two"), huly("C", "Three")],
            vibe: &[vibe("1", "One"), vibe("2", "Two"), vibe("3", "Three")],
            stored: &[],
            configured: &configured,
            repos_dir: Some(Path::new("/repos")),
            archived: false,
            may_create: true,
        });
        assert!(is_with(&pairs["A"], "2"));
        assert_eq!(pairs["B"], Partner::Never);
        assert!(matches!(pairs["C"], Partner::New { .. }));
    }

    #[test]
    fn no_identifier_leads_out_of_the_folder_of_repositories() {
        let folder = Some(Path::new("/repos"));
        let of = |identifier| path_of(&huly(identifier, "Name"), folder).map(|(path, _)| path);
        for identifier in ["..", "../A", "/ETC", "A/../", "."] {
            assert_eq!(of(identifier), None, "{identifier}");
        }
        assert_eq!(of(".NET").as_deref(), Some("/repos/.NET"));
        assert_eq!(of("A/B").as_deref(), Some("/repos/A/B"));
    }
}
