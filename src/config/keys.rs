//! The one table of settings.

use super::key::{Key, key};
use super::{headers, maps, route, url, values as v, watch as w};

/// The key of this name.
#[must_use]
pub fn key(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name == name)
}

/// The sections, in the order of the example file, with what they are about.
pub const SECTIONS: &[(&str, &str)] = &[
    (
        "huly",
        "Where the issues are: a Huly (url, workspace, and token or email with password), or the \
         REST bridge of one (api_url). Addresses and secrets can stand in files of their own: \
         <key>_file = \"/run/secrets/token\".",
    ),
    ("vibe", "Where the tasks are: a Vibe Kanban."),
    (
        "letta",
        "Who is told about the result: a Letta server, whose agents know the state of their \
         project's board. Without an address nobody is told.",
    ),
    ("sync", "What a pass does, and within which bounds."),
    (
        "conflict",
        "Who wins when both sides changed one field differently: huly, vibe, or newest (the later \
         one where both sides prove when, else huly). What lost is kept, see `conflicts`.",
    ),
    ("deletion", "What becomes of the one half when the other is proven to be deleted."),
    ("creation", "What may be made on the other side."),
    (
        "guard",
        "What is too much for one pass: it is refused (exit 4) until it is let through with \
         --allow-mass-delete, --allow-mass-overwrite or --allow-mass-create.",
    ),
    (
        "status",
        "Statuses beside the usual names. Vibe Kanban has todo, inprogress, inreview, done and \
         cancelled; Huly has what each project has.",
    ),
    (
        "projects",
        "Pairs that names do not tell: Huly identifier = \"id or name of the Vibe project\", \
         \"new\" for a Vibe project of its own, or false for one that is not synced.",
    ),
    ("http", "How servers are reached, how long to wait, and how often to try."),
    ("keep", "How long history stays in the state file."),
    (
        "watch",
        "Who is told how each run went, and how often the same is said again. Nothing of it \
         changes how a run ends.",
    ),
];

/// All settings but the entries of `[projects]`, whose names are the user's.
pub static KEYS: &[Key] = &[
    key!(huly.backend, v::BACKEND, "Which one, where both are set: bridge or platform.")
        .sample("platform")
        .rereads(),
    key!(
        huly.api_url,
        url::URL,
        "Base address of the bridge, with or without /api; the port is kept."
    )
    .sample("http://localhost:3458")
    .old("HULY_API_URL")
    .rereads(),
    key!(huly.url, url::URL, "Address of Huly, as in a browser.")
        .sample("https://huly.example.org")
        .old("HULY_URL")
        .or_file()
        .rereads(),
    key!(huly.workspace, v::TEXT, "The workspace, as it stands in the addresses of Huly's pages.")
        .sample("my-team")
        .old("HULY_WORKSPACE")
        .or_file()
        .rereads(),
    key!(huly.token, v::IN_HEADER, "A workspace token, in place of email and password.")
        .sample("eyJhbGciOi...")
        .old("HULY_TOKEN")
        .or_file(),
    key!(huly.email, v::TEXT, "Who logs in; a member of each project that is synced.")
        .sample("robot@example.org")
        .old("HULY_EMAIL")
        .or_file(),
    key!(huly.password, v::SECRET, "The password; five wrong ones lock the account.")
        .sample("correct horse battery staple")
        .old("HULY_PASSWORD")
        .or_file(),
    key!(
        huly.accounts_url,
        url::URL,
        "Of the account service, where Huly names one that cannot be reached from here."
    )
    .sample("https://huly.example.org/_accounts"),
    key!(huly.transactor_url, url::URL, "The same of the transactor.")
        .sample("https://huly.example.org/_transactor"),
    key!(huly.collaborator_url, url::URL, "The same of the collaborator.")
        .sample("https://huly.example.org/_collaborator"),
    key!(huly.files_url, url::URL, "The same of the files: what stands before the workspace.")
        .sample("https://huly.example.org/files"),
    key!(
        huly.headers in http.headers.huly,
        headers::HEADERS,
        "Headers for every request to Huly, that is to all services it names: what a proxy before them \
         asks for. In a variable or a file (headers_file) one a line, as Name: value."
    )
    .sample("CF-Access-Client-Id: 1234.access\nCF-Access-Client-Secret: correct horse")
    .joined(headers::lines)
    .or_file(),
    key!(huly.rate, v::number::<u32, 1, 10_000>(), "Calls a second to each service of Huly, on average over half a minute."),
    key!(vibe.url, url::URL, "Base address, with or without /api; the port is kept.")
        .sample("http://localhost:3105")
        .old("VIBE_API_URL")
        .rereads(),
    key!(vibe.headers in http.headers.vibe, headers::HEADERS, "Headers for every request to Vibe Kanban.")
        .sample("Authorization: Basic cm9ib3Q6aHVudGVyMg==")
        .joined(headers::lines)
        .or_file(),
    key!(letta.url, url::LETTA, "Base address, with or without /v1; the port is kept.")
        .sample("http://localhost:8283")
        .old("LETTA_BASE_URL")
        .or_file(),
    key!(letta.password, v::IN_HEADER, "The server's password, where it asks for one.")
        .sample("correct horse battery staple")
        .old("LETTA_PASSWORD")
        .or_file(),
    key!(letta.model, v::HANDLE, "The model of new agents; those that are there keep theirs.")
        .old("LETTA_MODEL"),
    key!(letta.embedding, v::HANDLE, "What embeds the texts of new agents and folders.")
        .old("LETTA_EMBEDDING"),
    key!(
        letta.readme,
        v::name(),
        "Whether each repository's README is given to its agent, where the repository is on this \
         machine."
    ),
    key!(
        letta.write_settings,
        v::name(),
        "Whether the agent is written into each repository as .letta/settings.local.json, for the \
         letta command line."
    ),
    key!(letta.headers in http.headers.letta, headers::HEADERS, "Headers for every request to Letta.")
        .sample("X-Proxy-Key: correct horse")
        .joined(headers::lines)
        .or_file(),
    key!(letta.timeout, v::TIMEOUT, "For a call; the server's own calls may take a minute."),
    key!(
        sync.direction,
        v::name(),
        "Which way changes cross: both, huly-to-vibe (nothing is written to Huly) or vibe-to-huly \
         (nothing is written to Vibe Kanban)."
    )
    .rereads(),
    key!(sync.jobs, v::number::<usize, 1, 64>(), "Projects that are worked on at once, 1 to 64.")
        .old("MAX_WORKERS"),
    key!(
        sync.deadline,
        v::DEADLINE,
        "A pass ends cleanly by then, and the next one goes on where it ended; 0 is none."
    ),
    key!(
        sync.full_every,
        v::DURATION,
        "At least this often everything is read, not only what changed; 0 is each time."
    ),
    key!(
        sync.create_grace,
        v::DURATION,
        "How old a create without an answer must be, and its item still not to be found, before \
         it is sent again. Less than http.call_timeout is a risk: an item may be made twice."
    ),
    key!(
        sync.max_memory,
        v::SIZE,
        "Above this the pass ends cleanly and says so: 256MiB, 64MB, or bytes."
    ),
    key!(
        sync.repos_dir,
        v::FOLDER,
        "Where the repositories of new Vibe projects are, as a whole path on Vibe Kanban's machine: \
         used as <repos_dir>/<IDENTIFIER> where Huly's project description names none."
    )
    .sample("/srv/repos")
    .old("STACKS_DIR"),
    key!(sync.archived, v::name(), "Whether archived Huly projects are synced.").rereads(),
    key!(
        sync.adopt_by_title,
        v::name(),
        "Whether unlinked items are linked by their title where it is there once on both sides."
    )
    .rereads(),
    key!(sync.dry_run, v::name(), "Whether the plan is shown and nothing written.")
        .old("DRY_RUN")
        .for_one_run(),
    key!(conflict.title, v::name(), "Of titles."),
    key!(conflict.description, v::name(), "Of descriptions."),
    key!(conflict.status, v::name(), "Of statuses."),
    key!(
        deletion.issue,
        v::name(),
        "An issue is gone: cancel its task, delete it, or keep it as it is."
    )
    .rereads(),
    key!(
        deletion.task,
        v::ISSUE_FATE,
        "A task is gone: cancel its issue, or keep it as it is. Issues are never deleted."
    )
    .rereads(),
    key!(creation.huly, v::name(), "Whether new tasks become issues.").rereads(),
    key!(creation.vibe, v::name(), "Whether new issues become tasks.").rereads(),
    key!(creation.projects, v::name(), "Whether missing Vibe projects are made.").rereads(),
    key!(
        guard.share,
        v::number::<u32, 0, 100>(),
        "Deleting, cancelling, blanking or overwriting more than this share of a project's pairs, \
         in percent, is too much ..."
    ),
    key!(guard.count, v::number::<u64, 0, 1_000_000_000>(), "... if it is more than this many."),
    key!(
        guard.create,
        v::number::<u64, 0, 1_000_000_000>(),
        "More new items in one project than this are too many: in its first pass into Huly, later \
         on either side if they are also more than guard.share."
    ),
    key!(
        guard.projects,
        v::number::<u64, 0, 1_000_000_000>(),
        "More new Vibe projects than this are too many when some are paired already."
    ),
    key!(guard.allow_delete, v::name(), "Whether mass deletions are let through.").for_one_run(),
    key!(guard.allow_overwrite, v::name(), "Whether mass overwrites are let through.").for_one_run(),
    key!(guard.allow_create, v::name(), "Whether mass creations are let through.").for_one_run(),
    key!(status.to_vibe, maps::TO_VIBE, "Huly's status, found without case = Vibe Kanban's.")
        .sample("Coding=inprogress,QA=inreview")
        .rereads(),
    key!(status.to_huly, maps::TO_HULY, "Vibe Kanban's status = Huly's.")
        .sample("inprogress=Coding")
        .rereads(),
    key!(
        status.fallback,
        maps::TO_HULY,
        "Vibe Kanban's status = Huly's, for projects that lack the one it should get."
    )
    .sample("inreview=In Progress")
    .rereads(),
    key!(http.connect_timeout, v::TIMEOUT, "To connect."),
    key!(http.call_timeout, v::TIMEOUT, "For a whole call that is no list."),
    key!(http.list_timeout, v::TIMEOUT, "For a list while not a byte of it comes."),
    key!(http.attempts, v::number::<u32, 1, 10>(), "How often a request is sent, 1 to 10."),
    key!(
        http.backoff,
        v::DURATION,
        "The longest wait before the second attempt; it doubles with each. A server's Retry-After \
         goes before."
    ),
    key!(
        http.proxy,
        route::ROUTE,
        "Through which proxy: its address (http://user:password@host:3128), none, or environment for \
         what HTTP_PROXY, HTTPS_PROXY and NO_PROXY say."
    )
    .or_file(),
    key!(
        http.no_proxy,
        route::HOSTS,
        "Hosts that are reached without http.proxy: names (with all below them), 10.0.*, 10.0.0.0/8."
    )
    .sample("localhost,127.0.0.1,.example.org"),
    key!(
        http.ca_file,
        v::FILE,
        "Certificates of private authorities, as PEM; they are trusted beside those built in."
    )
    .sample("/etc/ssl/private-ca.pem"),
    key!(keep.runs, v::DURATION, "Passes, as `stats` shows them."),
    key!(keep.changes, v::DURATION, "What was changed."),
    key!(keep.losers, v::DURATION, "Values that lost a conflict."),
    key!(
        watch.textfile,
        w::FILE,
        "Written at the end of each run, for a node exporter: what `stats --format prometheus` says."
    )
    .sample("/var/lib/node_exporter/huly-vibe-sync.prom"),
    key!(
        watch.ping,
        w::PING,
        "A watcher's address, as of healthchecks: POST to <address>/start when `sync` has begun, to \
         <address>/<exit code> when it has ended."
    )
    .sample("https://hc-ping.com/your-uuid")
    .or_file(),
    key!(watch.ping_timeout, v::TIMEOUT, "For each of the two, altogether."),
    key!(
        watch.quiet_repeats,
        v::name(),
        "Whether a failure that goes on is said when it begins, when it changes, and once a day, \
         and not in each run: true, false, or auto (unless standard error is a terminal). Never in CI, \
         in a systemd unit, in a cluster, for sync-project and for letta-push: there only the flag \
         does it."
    ),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::config::Config;

    #[test]
    fn every_default_can_be_said() {
        for key in KEYS {
            let mut config = Config::default();
            let text = key.show(&config);
            if !text.is_empty() && text != v::HIDDEN {
                key.set(&mut config, &text).unwrap();
            }
            assert_eq!(key.show(&config), text, "{}", key.name);
        }
    }

    #[test]
    fn every_sample_can_be_said() {
        for key in KEYS.iter().filter(|key| !key.sample.is_empty()) {
            let mut config = Config::default();
            key.set(&mut config, key.sample).unwrap();
            assert!(!key.show(&config).is_empty(), "{}", key.name);
        }
    }

    #[test]
    fn no_two_keys_share_a_variable() {
        let mut seen =
            BTreeSet::from(["HULY_VIBE_SYNC_CONFIG".to_owned(), "HULY_VIBE_SYNC_STATE".to_owned()]);
        for key in KEYS {
            assert!(seen.insert(key.variable()), "{}", key.variable());
            assert!(
                SECTIONS.iter().any(|(section, _)| key.name.starts_with(&format!("{section}.")))
            );
        }
    }
}
