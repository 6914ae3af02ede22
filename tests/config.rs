//! Settings from file, environment and flags: what holds, and what is said when it cannot.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use huly_vibe_sync::config::{
    Config, Direction, Environment, Flag, Invalid, KEYS, OnDeletion, Origin, Pairing, Policy,
    Route, SECTIONS, Sources, key,
};
use tempfile::TempDir;

const EXAMPLE: &str = "examples/config.toml";

/// A home with or without a configuration file in the usual place.
struct Home(TempDir);

impl Home {
    fn empty() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn with(file: &str) -> Self {
        let home = Self::empty();
        std::fs::create_dir_all(home.file().parent().unwrap()).unwrap();
        std::fs::write(home.file(), file).unwrap();
        home
    }

    fn file(&self) -> PathBuf {
        self.0.path().join(".config/huly-vibe-sync/config.toml")
    }

    fn load(&self, env: &[(&str, &str)], flags: &[Flag]) -> Result<Config, Invalid> {
        let home = ("HOME", self.0.path().to_str().unwrap());
        let env: Environment = env.iter().copied().chain([home]).collect();
        Config::load(&Sources { config: None, state: None, flags, env: &env })
    }

    /// The path of a private authority's certificate.
    fn authority(&self) -> String {
        self.pem("ca.pem", &authority())
    }

    fn pem(&self, name: &str, text: &str) -> String {
        let path = self.0.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// What is said about this environment, with the file's path as `FILE`.
    fn said(&self, env: &[(&str, &str)]) -> String {
        let error = self.load(env, &[]).unwrap_err().to_string();
        error.replace(self.file().to_str().unwrap(), "FILE")
    }
}

/// A private authority's certificate, as PEM.
fn authority() -> String {
    rcgen::generate_simple_self_signed(["ca.test".to_owned()]).unwrap().cert.pem()
}

fn flag(name: &'static str, key: &'static str, text: &str) -> Flag {
    Flag { name, key, text: text.to_owned() }
}

fn texts(config: &Config) -> Vec<(String, String)> {
    config.effective().map(|setting| (setting.key, setting.value)).collect()
}

#[test]
fn nothing_said_gives_the_defaults() {
    let home = Home::empty();
    let config = home.load(&[], &[]).unwrap();
    assert_eq!(texts(&config), texts(&Config::default()));
    assert!(config.effective().all(|setting| *setting.origin == Origin::Default));
    assert_eq!(config.state, home.0.path().join(".local/state/huly-vibe-sync/state.db"));
}

#[test]
fn flags_beat_new_names_beat_old_names_beat_the_file() {
    let home = Home::with("# mine\n[sync]\njobs = 2\n");
    let flags = [flag("--jobs", "sync.jobs", "5")];
    let (old, new) = (("MAX_WORKERS", "3"), ("HULY_VIBE_SYNC_SYNC_JOBS", "4"));
    let env = |name: &str| Origin::Env(name.to_owned());
    for (variables, flags, jobs, origin) in [
        (&[][..], &[][..], 2, Origin::File(home.file(), 3)),
        (&[old], &[], 3, env(old.0)),
        (&[old, new], &[], 4, env(new.0)),
        (&[("MAX_WORKERS", "many"), new], &[], 4, env(new.0)),
        (&[old, ("HULY_VIBE_SYNC_SYNC_JOBS", "")], &[], 3, env(old.0)),
        (&[old, new], &flags, 5, Origin::Flag("--jobs")),
    ] {
        let config = home.load(variables, flags).unwrap();
        assert_eq!(config.sync.jobs, jobs);
        assert_eq!(*config.origin("sync.jobs"), origin);
    }
}

#[test]
fn the_file_sets_every_kind_of_value() {
    let home = Home::with(
        r#"
        [huly]
        api_url = "http://localhost:3457/api/"
        [sync]
        direction = "huly-to-vibe"
        deadline = 0
        create_grace = "0s"
        max_memory = "64MB"
        repos_dir = "/srv/repos"
        archived = true
        [conflict]
        title = "newest"
        [deletion]
        issue = "delete"
        [status.to_vibe]
        "In QA, really" = "inreview"
        [status]
        fallback = { inreview = "In Progress" }
        [projects]
        WEB = "new"
        OLD = false
        API = "Api server"
        "#,
    );
    let config = home.load(&[], &[]).unwrap();
    assert_eq!(config.huly.api_url.as_deref(), Some("http://localhost:3457"));
    assert_eq!(config.sync.direction, Direction::HulyToVibe);
    assert_eq!(config.sync.deadline, None);
    assert_eq!(config.sync.create_grace, Duration::ZERO);
    assert_eq!(config.sync.max_memory, 64_000_000);
    assert_eq!(config.sync.repos_dir.as_deref(), Some(Path::new("/srv/repos")));
    assert!(config.sync.archived);
    assert_eq!(config.conflict.title, Policy::Newest);
    assert_eq!(config.deletion.issue, OnDeletion::Delete);
    assert_eq!(config.status.to_vibe["in qa, really"], "inreview");
    assert_eq!(config.status.fallback["inreview"], "In Progress");
    assert_eq!(config.projects["WEB"], Pairing::New);
    assert_eq!(config.projects["OLD"], Pairing::Never);
    assert_eq!(config.projects["API"], Pairing::With("Api server".to_owned()));
}

#[test]
fn every_key_has_a_variable() {
    for key in KEYS.iter().filter(|key| key.stored) {
        let default = key.show(&Config::default());
        let value = if default.is_empty() { key.sample } else { &default };
        let name = key.variable();
        let home = Home::empty();
        // Where a value means nothing alone, or names a file.
        let file = home.authority();
        let value = if key.name == "http.ca_file" { &file } else { value };
        let proxy = ("HULY_VIBE_SYNC_HTTP_PROXY", "http://proxy:3128");
        let beside = (key.name == "http.no_proxy").then_some(proxy);
        let env: Vec<_> = beside.into_iter().chain([(name.as_str(), value)]).collect();
        let config = home.load(&env, &[]).unwrap();
        assert_eq!(*config.origin(key.name), Origin::Env(name));
    }
}

#[test]
fn maps_and_pairs_come_from_variables_too() {
    let home =
        Home::with("[projects]\nWEB = \"new\"\nAPI = \"new\"\n[status.to_vibe]\nx = \"done\"");
    let env = [
        ("HULY_VIBE_SYNC_STATUS_TO_VIBE", "Coding=inprogress,QA=inreview"),
        ("HULY_VIBE_SYNC_PROJECTS_WEB", "false"),
        ("HULY_VIBE_SYNC_PROJECTS_My_Proj", "Mine"),
    ];
    let config = home.load(&env, &[]).unwrap();
    let map: Vec<_> = config.status.to_vibe.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    assert_eq!(map, [("coding", "inprogress"), ("qa", "inreview")], "a key comes from one place");
    assert_eq!(config.projects["WEB"], Pairing::Never);
    assert_eq!(config.projects["API"], Pairing::New);
    assert_eq!(config.projects["My_Proj"], Pairing::With("Mine".to_owned()));
}

#[test]
fn the_earlier_services_names_are_understood() {
    let env = [
        ("HULY_API_URL", "http://huly:3457/api"),
        ("VIBE_API_URL", "http://vibe:3105/"),
        ("STACKS_DIR", "/opt/stacks"),
        ("DRY_RUN", "true"),
        ("LETTA_BASE_URL", "http://letta:8283/v1/"),
        ("LETTA_PASSWORD", "secret"),
        ("LETTA_MODEL", "openai/gpt-4o-mini"),
        ("LETTA_EMBEDDING", "openai/text-embedding-3-small"),
        ("HULY_TOKEN", "secret"),
    ];
    let config = Home::empty().load(&env, &[]).unwrap();
    assert_eq!(config.huly.api_url.as_deref(), Some("http://huly:3457"));
    assert_eq!(config.vibe.address(), Ok("http://vibe:3105"));
    assert_eq!(config.sync.repos_dir.as_deref(), Some(Path::new("/opt/stacks")));
    assert!(config.sync.dry_run);
    assert_eq!(config.letta.address(), Ok("http://letta:8283"));
    assert_eq!(config.letta.password.as_ref().map(|word| word.reveal()), Some("secret"));
    assert_eq!(config.letta.model, "openai/gpt-4o-mini");
    assert_eq!(config.letta.embedding, "openai/text-embedding-3-small");
    assert!(!format!("{config:?}").contains("secret"));
    assert!(!Home::empty().load(&[("DRY_RUN", "false")], &[]).unwrap().sync.dry_run);
}

#[test]
fn a_wrong_variable_is_named_with_the_way_out() {
    for (name, value, said) in [
        (
            "MAX_WORKERS",
            "100",
            "sync.jobs (environment, MAX_WORKERS): `100` is not a number from 1 to 64",
        ),
        ("DRY_RUN", "1", "sync.dry_run (environment, DRY_RUN): `1` is none of true, false"),
        (
            "HULY_API_URL",
            "localhost:3457",
            "huly.api_url (environment, HULY_API_URL): no scheme: the address must begin with http:// \
             or https://",
        ),
        (
            "HULY_VIBE_SYNC_SYNC_DEADLINE",
            "30",
            "sync.deadline (environment, HULY_VIBE_SYNC_SYNC_DEADLINE): `30` has no unit: write \
             30s, 15m, 24h or 90d",
        ),
        (
            "HULY_VIBE_SYNC_SYNC_JOB",
            "4",
            "HULY_VIBE_SYNC_SYNC_JOB: unknown; did you mean HULY_VIBE_SYNC_SYNC_JOBS?",
        ),
        (
            "HULY_VIBE_SYNC_JOBS",
            "4",
            "HULY_VIBE_SYNC_JOBS: unknown; did you mean HULY_VIBE_SYNC_SYNC_JOBS?",
        ),
        (
            "HULY_VIBE_SYNC_GUARD_ALLOW_DELETE",
            "true",
            "HULY_VIBE_SYNC_GUARD_ALLOW_DELETE: unknown; examples/config.toml lists all there are",
        ),
        (
            "HULY_VIBE_SYNC_STATUS_TO_VIBE",
            "QA=In Review",
            "status.to_vibe (environment, HULY_VIBE_SYNC_STATUS_TO_VIBE): `In Review` is written \
             inreview in Vibe Kanban",
        ),
        (
            "HULY_VIBE_SYNC_CONFIG",
            "/nonexistent/x.toml",
            "HULY_VIBE_SYNC_CONFIG: cannot read /nonexistent/x.toml: No such file or directory (os \
             error 2)",
        ),
    ] {
        assert_eq!(Home::empty().said(&[(name, value)]), said);
        Home::empty().load(&[(name, "")], &[]).expect("set to nothing is unset");
    }
}

#[test]
fn a_wrong_line_of_the_file_is_named_with_the_way_out() {
    for (file, said) in [
        ("[sync]\njobs = 0", "sync.jobs (FILE, line 2): `0` is not a number from 1 to 64"),
        ("[sync]\n\njob = 1", "sync.job (FILE, line 3): unknown; did you mean sync.jobs?"),
        ("jobs = 1", "jobs (FILE, line 1): unknown; did you mean sync.jobs?"),
        ("[synch]", "synch (FILE, line 1): unknown; examples/config.toml lists all there are"),
        ("[sync]\njobs = [1]", "sync.jobs (FILE, line 2): array is not taken here"),
        (
            "[sync]\ndry_run = true",
            "sync.dry_run (FILE, line 2): only for a single run: use the flag instead",
        ),
        (
            "[sync]\nmax_memory = \"256M\"",
            "sync.max_memory (FILE, line 2): `256M` is not a size: write 256MiB, 64MB, or bytes",
        ),
        (
            "[deletion]\ntask = \"delete\"",
            "deletion.task (FILE, line 2): issues are never deleted, since what is lost with one \
             (comments, history, sub-issues) was never in Vibe Kanban: write cancel or keep",
        ),
        (
            "[deletion]\nissue = \"remove\"",
            "deletion.issue (FILE, line 2): `remove` is none of cancel, delete, keep",
        ),
        (
            "[status.to_vibe]\nQA = \"testing\"",
            "status.to_vibe (FILE, line 1): `testing` is no status of Vibe Kanban: todo, \
             inprogress, inreview, done, cancelled",
        ),
        (
            "[status.fallback]\ninreview = 3",
            "status.fallback.inreview (FILE, line 2): integer where a name in quotes is wanted",
        ),
        (
            "[projects]\nA = \"Site\"\nB = \"site\"",
            "projects.B (FILE, line 3): the Vibe project of A too: a pair is one to one",
        ),
        (
            "[projects]\n2A = true",
            "projects.2A (FILE, line 2): no identifier of a Huly project: letters, digits and _, a \
             letter first",
        ),
    ] {
        assert_eq!(Home::with(file).said(&[]), said, "{file}");
    }
}

#[test]
fn a_file_that_is_no_toml_is_named_with_its_line_but_not_quoted() {
    let said = Home::with("[huly]\napi_url = \"http://me:secret@x").said(&[]);
    assert!(said.starts_with("FILE, line 2: not TOML: "), "{said}");
    assert!(!said.contains("secret"), "{said}");
}

#[test]
fn an_address_is_never_repeated() {
    for url in ["http://me:secret@x", "http://x/?token=secret", "secret", "http://secret secret/"] {
        let said = Home::empty().said(&[("VIBE_API_URL", url)]);
        assert!(said.starts_with("vibe.url (environment, VIBE_API_URL): "), "{said}");
        assert!(!said.contains("secret"), "{said}");
    }
}

#[test]
fn all_that_is_wrong_is_said_at_once() {
    let home = Home::with("[sync]\njobs = 0\nfull_every = \"x\"");
    let error = home.load(&[("VIBE_API_URL", "x")], &[flag("--jobs", "sync.jobs", "0")]);
    let keys: Vec<String> = error.unwrap_err().problems.into_iter().map(|p| p.key).collect();
    assert_eq!(keys, ["sync.jobs", "sync.full_every", "vibe.url", "sync.jobs"]);
}

#[test]
fn a_named_file_is_read_instead_of_the_usual_one_and_must_be_there() {
    let home = Home::with("[sync]\njobs = 2\n");
    let other = home.0.path().join("other.toml");
    let env: Environment = [("HOME", home.0.path())].into_iter().collect();
    let load = || {
        let sources = Sources { config: Some(&other), state: None, flags: &[], env: &env };
        Config::load(&sources)
    };
    let missing = load().unwrap_err().to_string();
    assert!(
        missing.starts_with(&format!("--config: cannot read {}", other.display())),
        "{missing}"
    );
    std::fs::write(&other, "[sync]\narchived = true\n").unwrap();
    let config = load().unwrap();
    assert!(config.sync.archived);
    assert_eq!(config.sync.jobs, 4);
}

#[test]
fn the_state_is_where_it_was_said_to_be() {
    let at = |state: Option<&str>, env: &[(&str, &str)]| {
        let env: Environment = env.iter().copied().collect();
        let state = state.map(Path::new);
        Config::load(&Sources { config: None, state, flags: &[], env: &env })
            .map(|config| config.state.display().to_string())
    };
    let (variable, xdg) = (("HULY_VIBE_SYNC_STATE", "v.db"), ("XDG_STATE_HOME", "/xdg"));
    let home = ("HOME", "/nonexistent");
    let below_home = "/nonexistent/.local/state/huly-vibe-sync/state.db";
    assert_eq!(at(Some("f.db"), &[variable, xdg, home]).unwrap(), "f.db");
    assert_eq!(at(None, &[variable, xdg, home]).unwrap(), "v.db");
    assert_eq!(at(None, &[xdg, home]).unwrap(), "/xdg/huly-vibe-sync/state.db");
    assert_eq!(at(None, &[("XDG_STATE_HOME", "relative"), home]).unwrap(), below_home);
    assert!(at(None, &[]).unwrap_err().to_string().ends_with("name one with --state FILE"));
}

#[test]
fn secrets_and_addresses_can_stand_in_files_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (password, token) = (file("password", " hunter2\n"), file("token", "abc.def\n"));
    let slug = file("slug", "my-team\n");
    let home = Home::with(&format!("[huly]\ntoken_file = {token:?}\nurl = \"http://huly:8087\""));
    let env = [("HULY_PASSWORD_FILE", password.as_str()), ("HULY_WORKSPACE_FILE", &slug)];

    let config = home.load(&env, &[]).unwrap();

    assert_eq!(config.huly.password.as_ref().unwrap().reveal(), "hunter2");
    assert_eq!(config.huly.token.as_ref().unwrap().reveal(), "abc.def");
    assert_eq!(config.huly.workspace.as_deref(), Some("my-team"));
    assert!(!format!("{config:?}").contains("hunter2"));
    let long = [("HULY_VIBE_SYNC_HULY_PASSWORD_FILE", password.as_str())];
    assert_eq!(Home::empty().load(&long, &[]).unwrap().huly.password, config.huly.password);
    let said = Home::empty().said(&[("HULY_TOKEN_FILE", "/no/such/file")]);
    assert!(said.contains("huly.token") && said.contains("/no/such/file"), "{said}");
}

#[test]
fn a_value_and_a_file_that_holds_one_are_one_too_many_in_one_place() {
    let home = Home::empty();
    let file = home.pem("token", "abc.def");
    let both = format!("[huly]\ntoken = \"hunter2\"\ntoken_file = {file:?}");
    let said = Home::with(&both).said(&[]);
    assert_eq!(
        said,
        "huly.token (FILE, line 3): set a second time: FILE, line 2 has it, too; take one of the \
         two away"
    );
    for name in ["HULY_TOKEN", "HULY_VIBE_SYNC_HULY_TOKEN"] {
        let in_file = format!("{name}_FILE");
        let said = home.said(&[(name, "hunter2"), (&in_file, &file)]);
        assert!(said.contains("set a second time") && said.contains(&in_file), "{said}");
        assert!(!said.contains("hunter2"), "{said}");
        // One place beats the other, as ever.
        let named = Home::with(&format!("[huly]\ntoken_file = {file:?}"));
        let config = named.load(&[(name, "hunter2")], &[]).unwrap();
        assert_eq!(config.huly.token.unwrap().reveal(), "hunter2");
    }
}

#[test]
fn headers_come_from_a_table_a_variable_or_a_file() {
    let sent = |home: &Home, env: &[(&str, &str)]| -> Vec<String> {
        let config = home.load(env, &[]).unwrap();
        assert!(!format!("{config:?}").contains("hunter2"));
        let headers = config.http.headers.vibe.iter();
        headers.map(|(name, value)| format!("{name}={}", value.to_str().unwrap())).collect()
    };
    let table = Home::with("[vibe.headers]\nX-Id = \"a, b=c\"\nX-Secret = \"hunter2\"");
    let both = ["x-id=a, b=c", "x-secret=hunter2"];
    assert_eq!(sent(&table, &[]), both);
    let lines = "X-Id: a, b=c\nX-Secret: hunter2";
    let variable = [("HULY_VIBE_SYNC_VIBE_HEADERS", lines)];
    assert_eq!(sent(&Home::empty(), &variable), both);
    let other = [("HULY_VIBE_SYNC_VIBE_HEADERS", "Other: hunter2")];
    assert_eq!(sent(&table, &other), ["other=hunter2"], "a key comes from one place");
    let home = Home::empty();
    let file = home.pem("headers", lines);
    assert_eq!(sent(&home, &[("HULY_VIBE_SYNC_VIBE_HEADERS_FILE", &file)]), both);
    let named = Home::with(&format!("[vibe]\nheaders_file = {file:?}"));
    assert_eq!(sent(&named, &[]), both);
    assert!(sent(&Home::with("[vibe.headers]"), &[]).is_empty());
    let shown = table.load(&[], &[]).unwrap();
    let shown = key("vibe.headers").unwrap().show(&shown);
    assert_eq!(shown, "x-id: ***\nx-secret: ***");
}

#[test]
fn headers_that_cannot_be_sent_are_named_without_their_values() {
    for (file, said) in [
        ("Host = \"hunter2\"", "vibe.headers (FILE, line 1): host is not to be set"),
        (
            "\"X Y\" = \"hunter2\"",
            "vibe.headers (FILE, line 1): line 1 begins with what is no name",
        ),
        ("X = \"hunter2\\nEvil: x\"", "vibe.headers (FILE, line 1): a header is one line"),
        ("X = \"hünter2\"", "vibe.headers (FILE, line 1): the value of x is more than visible"),
    ] {
        let told = Home::with(&format!("[vibe.headers]\n{file}")).said(&[]);
        assert!(told.starts_with(said), "{told}");
        assert!(!told.contains("nter2"), "{told}");
    }
}

#[test]
fn one_request_has_one_authorization() {
    let platform = ("HULY_URL", "http://huly:8087");
    let (bridge, letta) = (("HULY_API_URL", "http://b:3458"), ("LETTA_PASSWORD", "hunter2"));
    let basic = "Authorization: Basic hunter2";
    let [huly, vibe, told] =
        ["HULY", "VIBE", "LETTA"].map(|name| format!("HULY_VIBE_SYNC_{name}_HEADERS"));
    for env in [[bridge, (&huly, basic)], [platform, (&vibe, basic)], [bridge, (&told, basic)]] {
        Home::empty().load(&env, &[]).unwrap();
    }
    for env in [[platform, (&huly, basic)], [letta, (&told, basic)]] {
        let said = Home::empty().said(&env);
        assert!(said.contains("authorization is taken: "), "{said}");
        assert!(
            said.starts_with(&format!(
                "{}.headers (env",
                env[1].0[15..env[1].0.len() - 8].to_lowercase()
            )),
            "{said}"
        );
        assert!(!said.contains("hunter2"), "{said}");
    }
}

#[test]
fn a_file_of_authorities_must_hold_some() {
    let home = Home::empty();
    let load = |path: &str| home.load(&[("HULY_VIBE_SYNC_HTTP_CA_FILE", path)], &[]);
    let two = home.pem("two.pem", &format!("My own:\n{}\n{}", authority(), authority()));
    assert_eq!(load(&two).unwrap().http.authorities.len(), 2);
    let whole = authority();
    let no_end = whole.replace("-----END CERTIFICATE-----", "");
    let no_certificate = "-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n";
    for (name, text, said) in [
        ("empty.pem", "", "holds no certificate"),
        ("text.pem", "hello", "holds no certificate"),
        ("cut.pem", &no_end, "is broken PEM"),
        ("garbled.pem", &whole.replace("MII", "!!!"), "is broken PEM"),
        ("other.pem", no_certificate, "is none"),
    ] {
        let path = home.pem(name, text);
        let error = load(&path).unwrap_err().to_string();
        assert!(error.starts_with("http.ca_file (environment, "), "{error}");
        assert!(error.contains(&path) && error.contains(said), "{name}: {error}");
    }
    let error = load("/no/such/file.pem").unwrap_err().to_string();
    assert!(error.contains("cannot read /no/such/file.pem"), "{error}");
}

#[test]
fn hosts_without_a_proxy_need_one_that_is_set() {
    let hosts = ("HULY_VIBE_SYNC_HTTP_NO_PROXY", "localhost,.example.org");
    let said = Home::empty().said(&[hosts]);
    assert!(said.contains("http.no_proxy") && said.contains("NO_PROXY"), "{said}");
    let proxy = ("HULY_VIBE_SYNC_HTTP_PROXY", "http://me:hunter2@proxy:3128");
    let config = Home::empty().load(&[hosts, proxy], &[]).unwrap();
    let Route::Through(proxy) = &config.http.proxy else { panic!("{:?}", config.http.proxy) };
    assert_eq!((proxy.username(), proxy.password()), (Some("me"), Some("hunter2")));
    let spared = |host: &str| config.http.way.detour(&format!("http://{host}/")).is_none();
    assert_eq!(["localhost", "a.example.org", "huly"].map(spared), [true, true, false]);
    assert!(!format!("{config:?}").contains("hunter2"));
}

#[test]
fn a_bridge_and_a_platform_at_once_want_a_choice() {
    let both = [("HULY_URL", "http://huly:8087"), ("HULY_API_URL", "http://bridge:3458")];
    let said = Home::empty().said(&both);
    assert!(said.contains("huly.backend"), "{said}");
    for backend in ["bridge", "platform"] {
        let env = [both[0], both[1], ("HULY_VIBE_SYNC_HULY_BACKEND", backend)];
        Home::empty().load(&env, &[]).unwrap();
    }
}

#[test]
fn the_fingerprint_moves_with_the_meaning_alone() {
    let of = |env: &[(&str, &str)]| Home::empty().load(env, &[]).unwrap().fingerprint();
    let plain = of(&[]);
    for (name, value, moves) in [
        ("SYNC_DIRECTION", "huly-to-vibe", true),
        ("SYNC_DIRECTION", "both", false),
        ("SYNC_ARCHIVED", "true", true),
        ("SYNC_ADOPT_BY_TITLE", "true", true),
        ("CREATION_HULY", "false", true),
        ("DELETION_ISSUE", "keep", true),
        ("STATUS_FALLBACK", "inreview=In Progress", true),
        ("PROJECTS_WEB", "new", true),
        ("HULY_URL", "http://other", true),
        ("SYNC_JOBS", "9", false),
        ("GUARD_COUNT", "9", false),
        ("CONFLICT_TITLE", "vibe", false),
        ("KEEP_RUNS", "1d", false),
    ] {
        let changed = of(&[(&format!("HULY_VIBE_SYNC_{name}"), value)]) != plain;
        assert_eq!(changed, moves, "{name}={value}");
    }
}

#[test]
fn the_example_holds_every_key_with_its_default() {
    let text = std::fs::read_to_string(EXAMPLE).unwrap_or_default();
    let wanted = example();
    if std::env::var_os("WRITE_EXAMPLES").is_some() {
        std::fs::write(EXAMPLE, &wanted).unwrap();
    } else {
        assert_eq!(text, wanted, "write it anew: WRITE_EXAMPLES=1 cargo test --test config");
    }

    let config = Home::with(&wanted).load(&[], &[]).unwrap();
    assert_eq!(texts(&config), texts(&Config::default()));
    for key in KEYS.iter().filter(|key| key.stored) {
        let said = matches!(config.origin(key.name), Origin::File(..));
        let has_default = !key.show(&Config::default()).is_empty();
        assert_eq!(said, has_default, "{}", key.name);
    }
    // The samples are right too, once they are no comments any more.
    let uncommented: String = wanted
        .lines()
        .map(|line| {
            line.strip_prefix('#').filter(|rest| !rest.starts_with([' ', '#'])).unwrap_or(line)
        })
        .fold(String::new(), |text, line| text + line + "\n");
    let home = Home::empty();
    let (file, proxy) = (home.authority(), "proxy = \"environment\"");
    let uncommented = uncommented
        .replace(key("http.ca_file").unwrap().sample, &file)
        .replace(proxy, "proxy = \"http://proxy:3128\"");
    let config = Home::with(&uncommented).load(&[], &[]).unwrap();
    assert!(texts(&config).iter().all(|(_, value)| !value.is_empty()));
    assert_eq!(config.projects.len(), 3);
}

/// `examples/config.toml`, from the table of keys.
fn example() -> String {
    let mut out = String::from(
        "# All settings of huly-vibe-sync with their defaults. What has none is commented out.\n\
         # Copy what you change to ~/.config/huly-vibe-sync/config.toml, or name a file with --config.\n\
         # Each can be set in the environment too: [sync] jobs is HULY_VIBE_SYNC_SYNC_JOBS, a map is\n\
         # `Coding=inprogress,QA=inreview`. Flags go before the environment, that before this file.\n",
    );
    for (section, meaning) in SECTIONS {
        writeln!(out, "\n{}[{section}]", comment(meaning)).unwrap();
        let keys: Vec<_> = KEYS
            .iter()
            .filter(|key| key.stored && key.name.starts_with(&format!("{section}.")))
            .collect();
        for key in &keys {
            out.push_str(&line(key.name, key.meaning, key.sample));
        }
        if *section == "projects" {
            out += "#WEB = \"My web site\"\n#API = \"new\"\n#OLD = false\n";
        }
    }
    out
}

fn line(name: &str, meaning: &str, sample: &str) -> String {
    let key = key(name).unwrap();
    let default = key.show(&Config::default());
    let old = key.old.map(|old| format!(" ({old})")).unwrap_or_default();
    let above = comment(&format!("{meaning}{old}"));
    let field = key.field();
    if !default.is_empty() {
        return format!("{above}{field} = {}\n", toml(&default));
    }
    let (between, within) = match field {
        "headers" => ("\n", ": "),
        _ if name.starts_with("status.") => (",", "="),
        _ => return format!("{above}#{field} = {}\n", toml(sample)),
    };
    let pairs: Vec<String> = sample
        .split(between)
        .map(|pair| pair.split_once(within).unwrap())
        .map(|(name, value)| format!("{name} = \"{value}\""))
        .collect();
    format!("{above}#{field} = {{ {} }}\n", pairs.join(", "))
}

fn toml(text: &str) -> String {
    if text.parse::<i64>().is_ok() || text.parse::<bool>().is_ok() {
        text.to_owned()
    } else {
        format!("{text:?}")
    }
}

/// In lines of a hundred.
fn comment(text: &str) -> String {
    let mut lines = vec![String::from("#")];
    for word in text.split_whitespace() {
        if lines.last().unwrap().len() + word.len() >= 100 {
            lines.push(String::from("#"));
        }
        write!(lines.last_mut().unwrap(), " {word}").unwrap();
    }
    lines.join("\n") + "\n"
}

#[test]
fn a_proxy_of_the_environment_that_is_not_built_in_is_refused() {
    for name in ["ALL_PROXY", "HTTPS_PROXY", "http_proxy"] {
        let env = [(name, "socks5h://me:hunter2@proxy:1080")];
        let said = Home::empty().said(&env);
        assert!(said.starts_with(&format!("{name}: a SOCKS proxy")), "{said}");
        assert!(said.contains("http.proxy to none") && !said.contains("hunter2"), "{said}");
        for other in ["none", "http://proxy:3128"] {
            let env = [env[0], ("HULY_VIBE_SYNC_HTTP_PROXY", other)];
            Home::empty().load(&env, &[]).unwrap();
        }
    }
    let env = [("HTTPS_PROXY", "proxy.example.org:3128"), ("ALL_PROXY", "")];
    let config = Home::empty().load(&env, &[]).unwrap();
    assert_eq!(config.http.proxy, Route::Environment);
}

#[test]
fn a_secret_that_no_header_can_hold_is_refused() {
    let home = Home::empty();
    let word = home.0.path().join("word");
    for text in ["hunter2\nhunter3\n", "hunter2\u{e9}"] {
        std::fs::write(&word, text).unwrap();
        for name in ["LETTA_PASSWORD", "HULY_TOKEN"] {
            let said = home.said(&[(&format!("{name}_FILE"), word.to_str().unwrap())]);
            assert!(said.contains("more than") && said.contains("_FILE"), "{said}");
            assert!(!said.contains("hunter"), "{said}");
        }
    }
    // A password travels in a body.
    let config = home.load(&[("HULY_PASSWORD", "p\u{e4}ss word")], &[]).unwrap();
    assert!(config.huly.password.is_some());
}
