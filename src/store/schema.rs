//! The tables, as an ordered list of upgrades under `user_version`.

/// Each entry lifts a file by one version, in a transaction of its own.
pub(super) const UPGRADES: &[&str] = &[FIRST, ORDERED, CATEGORIES, AGENTS, TROUBLES, AGES];

/// What this program writes.
pub const VERSION: u32 = UPGRADES.len() as u32;

const FIRST: &str = "
CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- A row a Huly project that was ever paired.
CREATE TABLE projects (
    id                INTEGER PRIMARY KEY,
    identifier        TEXT NOT NULL UNIQUE,
    name              TEXT NOT NULL,
    vibe_id           TEXT UNIQUE,
    vibe_name         TEXT,
    repo_path         TEXT,
    cursor_ms         INTEGER,
    full_ms           INTEGER,
    tried_ms          INTEGER,
    success_ms        INTEGER,
    outcome           TEXT,
    message           TEXT,
    -- Writes may have been sent that no commit has settled: parse everything, read in full.
    dirty             INTEGER NOT NULL DEFAULT 0,
    -- The direction was opened: what drifted while it was closed crosses under the guard.
    released          INTEGER NOT NULL DEFAULT 0,
    -- The status that a new issue gets, as a create once answered.
    first_status      TEXT,
    -- Whether `statuses` has all that the project has, or just those seen.
    statuses_complete INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE statuses (
    project INTEGER NOT NULL REFERENCES projects ON DELETE CASCADE,
    name    TEXT NOT NULL,
    PRIMARY KEY (project, name)
) STRICT, WITHOUT ROWID;

-- A row a seen issue with its values as last seen; from `task` on it is the link, if there is one.
CREATE TABLE issues (
    id           INTEGER PRIMARY KEY,
    project      INTEGER NOT NULL REFERENCES projects ON DELETE CASCADE,
    identifier   TEXT NOT NULL,
    remote_id    TEXT,
    created_ms   INTEGER,
    modified_ms  INTEGER,
    title        TEXT NOT NULL,
    status       TEXT,
    status_since INTEGER,
    priority     TEXT NOT NULL,
    text         BLOB,
    text_ref     TEXT,
    task         TEXT,
    marked       TEXT,
    task_created INTEGER,
    task_updated INTEGER,
    task_title   TEXT,
    task_status  TEXT,
    task_text    BLOB,
    base_h_title  TEXT,
    base_h_status TEXT,
    base_h_text   BLOB,
    base_v_title  TEXT,
    base_v_status TEXT,
    base_v_text   BLOB
) STRICT;
CREATE UNIQUE INDEX issues_identifier ON issues (project, identifier);
CREATE UNIQUE INDEX issues_task ON issues (project, task) WHERE task IS NOT NULL;

-- The hashes of the elements that a complete pass listed and is done with, one blob a side.
CREATE TABLE elements (
    project INTEGER NOT NULL REFERENCES projects ON DELETE CASCADE,
    side    TEXT NOT NULL,
    known   BLOB NOT NULL,
    PRIMARY KEY (project, side)
) STRICT, WITHOUT ROWID;

-- Items that must be looked at again. `item` is the issue's identifier, or the task's id where
-- there is no issue yet.
CREATE TABLE pending (
    project  INTEGER NOT NULL REFERENCES projects ON DELETE CASCADE,
    item     TEXT NOT NULL,
    reason   TEXT NOT NULL,
    tries    INTEGER NOT NULL,
    since_ms INTEGER NOT NULL,
    at_ms    INTEGER NOT NULL,
    print    BLOB,
    message  TEXT NOT NULL,
    PRIMARY KEY (project, item)
) STRICT, WITHOUT ROWID;

-- Neither half is created from, adopted or linked again until a person edits the survivor.
CREATE TABLE tombstones (
    id         INTEGER PRIMARY KEY,
    project    INTEGER NOT NULL REFERENCES projects ON DELETE CASCADE,
    identifier TEXT NOT NULL,
    created_ms INTEGER,
    task       TEXT NOT NULL,
    gone       TEXT NOT NULL,
    print      BLOB NOT NULL,
    at_ms      INTEGER NOT NULL
) STRICT;
CREATE INDEX tombstones_project ON tombstones (project);

-- What may have been sent and is not settled.
CREATE TABLE outbox (
    id          INTEGER PRIMARY KEY,
    project     INTEGER NOT NULL REFERENCES projects ON DELETE CASCADE,
    kind        TEXT NOT NULL,
    side        TEXT NOT NULL,
    identifier  TEXT,
    task        TEXT,
    sent_title  TEXT,
    sent_status TEXT,
    sent_text   BLOB,
    sent_words  BLOB,
    from_title  TEXT,
    from_status TEXT,
    from_text   BLOB,
    at_ms       INTEGER NOT NULL
) STRICT;
CREATE INDEX outbox_project ON outbox (project);

-- Values that were overwritten against a change of their own, or erased.
CREATE TABLE losers (
    id         INTEGER PRIMARY KEY,
    project    INTEGER NOT NULL REFERENCES projects ON DELETE CASCADE,
    identifier TEXT NOT NULL,
    task       TEXT,
    field      TEXT NOT NULL,
    kind       TEXT NOT NULL,
    winner     TEXT NOT NULL,
    lost       TEXT NOT NULL,
    won        TEXT NOT NULL,
    at_ms      INTEGER NOT NULL,
    acked_ms   INTEGER
) STRICT;
CREATE INDEX losers_at ON losers (at_ms);
CREATE INDEX losers_item ON losers (project, identifier);

CREATE TABLE changes (
    id         INTEGER PRIMARY KEY,
    project    INTEGER NOT NULL REFERENCES projects ON DELETE CASCADE,
    identifier TEXT NOT NULL,
    kind       TEXT NOT NULL,
    side       TEXT NOT NULL,
    old        TEXT,
    new        TEXT,
    at_ms      INTEGER NOT NULL
) STRICT;
CREATE INDEX changes_project ON changes (project, at_ms);
CREATE INDEX changes_at ON changes (at_ms);

-- What was reported once and is not to be said again.
CREATE TABLE said (
    project INTEGER NOT NULL REFERENCES projects ON DELETE CASCADE,
    kind    TEXT NOT NULL,
    item    TEXT NOT NULL,
    at_ms   INTEGER NOT NULL,
    PRIMARY KEY (project, kind, item)
) STRICT, WITHOUT ROWID;

CREATE TABLE runs (
    id          INTEGER PRIMARY KEY,
    command     TEXT NOT NULL,
    started_ms  INTEGER NOT NULL,
    ended_ms    INTEGER,
    exit        INTEGER,
    projects    INTEGER NOT NULL DEFAULT 0,
    created     INTEGER NOT NULL DEFAULT 0,
    updated     INTEGER NOT NULL DEFAULT 0,
    deleted     INTEGER NOT NULL DEFAULT 0,
    conflicts   INTEGER NOT NULL DEFAULT 0,
    pending     INTEGER NOT NULL DEFAULT 0,
    failed      INTEGER NOT NULL DEFAULT 0,
    requests    INTEGER NOT NULL DEFAULT 0,
    retries     INTEGER NOT NULL DEFAULT 0,
    bytes       INTEGER NOT NULL DEFAULT 0,
    peak_rss    INTEGER NOT NULL DEFAULT 0,
    message     TEXT
) STRICT;
CREATE INDEX runs_started ON runs (started_ms);
";

/// Elements are kept in the order of the list, with their lengths: records of 16 bytes of hash, 8 of
/// key and 4 of length. With a row id: in a table without, each look-up compared whole blobs. What is
/// forgotten here is parsed once more.
const ORDERED: &str = "
DROP TABLE elements;
CREATE TABLE elements (
    id      INTEGER PRIMARY KEY,
    project INTEGER NOT NULL REFERENCES projects ON DELETE CASCADE,
    side    TEXT NOT NULL,
    known   BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX elements_side ON elements (project, side);
";

/// Statuses have a meaning and a place where the platform tells them; issues are found by the
/// platform's id, since one that moves to another project keeps it.
const CATEGORIES: &str = "
ALTER TABLE statuses ADD category TEXT;
ALTER TABLE statuses ADD place INTEGER;
CREATE INDEX issues_remote ON issues (remote_id) WHERE remote_id IS NOT NULL;
";

/// Letta's agents, and what each of them was last seen to know. An agent and a block serve one
/// project.
const AGENTS: &str = "
ALTER TABLE projects ADD git_remote TEXT;
-- Moves with each change of its issues, and of what is told of them.
ALTER TABLE projects ADD revision INTEGER NOT NULL DEFAULT 0;

-- A project's agent, or that one was asked for and the answer not seen.
CREATE TABLE agents (
    project  INTEGER PRIMARY KEY REFERENCES projects ON DELETE CASCADE,
    agent    TEXT UNIQUE,
    asked_ms INTEGER,
    folder   TEXT,
    -- The sha-256 of the README that the folder has.
    readme   BLOB,
    -- The sha-256 of what the blocks were made from, once Letta has them all, and until when they
    -- say the same of it.
    source   BLOB,
    until_ms INTEGER
) STRICT;

CREATE TABLE blocks (
    project    INTEGER NOT NULL REFERENCES projects ON DELETE CASCADE,
    label      TEXT NOT NULL,
    block      TEXT NOT NULL UNIQUE,
    characters INTEGER NOT NULL,
    -- The sha-256 of the value that Letta last acknowledged.
    known      BLOB,
    PRIMARY KEY (project, label)
) STRICT, WITHOUT ROWID;
";

/// What went wrong in the runs so far and is not over, so that it is not said each time. By the
/// project's name: it may go wrong before there is a row of the project.
const TROUBLES: &str = "
CREATE TABLE troubles (
    project  TEXT NOT NULL,
    part     TEXT NOT NULL,
    key      TEXT NOT NULL,
    sense    BLOB NOT NULL,
    since_ms INTEGER NOT NULL,
    said_ms  INTEGER NOT NULL,
    seen_ms  INTEGER NOT NULL,
    message  TEXT NOT NULL,
    PRIMARY KEY (project, part, key)
) STRICT, WITHOUT ROWID;
";

/// Rows are pruned by how old the state was when they were written, and not by a clock; tombstones and
/// what was said are found by the item, and tombstones go once both halves have been gone for long.
const AGES: &str = "
ALTER TABLE runs ADD age_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE changes ADD age_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE losers ADD age_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE said ADD age_ms INTEGER NOT NULL DEFAULT 0;
-- How old the state was when the survivor was first missing, too.
ALTER TABLE tombstones ADD gone_age_ms INTEGER;
DROP INDEX runs_started;
DROP INDEX changes_at;
DROP INDEX tombstones_project;
CREATE INDEX tombstones_task ON tombstones (project, task);
CREATE INDEX tombstones_identifier ON tombstones (project, identifier);
CREATE INDEX tombstones_gone ON tombstones (gone_age_ms) WHERE gone_age_ms IS NOT NULL;
CREATE INDEX said_age ON said (age_ms) WHERE kind = 'skipped';
";
