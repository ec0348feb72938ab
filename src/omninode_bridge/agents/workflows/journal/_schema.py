"""The tables of the journal, their version, and what makes an older form the next one."""

from __future__ import annotations

from typing import Final

__all__ = ["APPLICATION_ID", "MIGRATIONS", "SCHEMA_VERSION"]

# "omnb": tells our files from other programs' (https://www.sqlite.org/pragma.html#pragma_application_id)
APPLICATION_ID: Final = 0x6F6D6E62

_WORKFLOWS = """
CREATE TABLE workflows(
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL DEFAULT '',          -- what `resume` knows how to begin again, or ''
  status TEXT NOT NULL DEFAULT 'running', -- running, paused, done, failed, cancelled
  spec TEXT NOT NULL DEFAULT '{}',        -- JSON: what `resume` needs
  summary TEXT NOT NULL DEFAULT '{}',     -- JSON: the account of its end
  error TEXT NOT NULL DEFAULT '',
  created_at REAL NOT NULL,               -- seconds since 1970, as all times here
  updated_at REAL NOT NULL,
  ended_at REAL,
  runs INTEGER NOT NULL DEFAULT 0,        -- how often somebody began it or took it up
  cancelled INTEGER NOT NULL DEFAULT 0,   -- somebody wants it to end
  owner TEXT,                             -- token of who runs it; NULL where nobody does
  owner_pid INTEGER,
  owner_started TEXT,
  owner_boot TEXT,
  owner_space TEXT,
  owner_host TEXT,
  owner_seen REAL
) WITHOUT ROWID"""

_STEPS = """
CREATE TABLE steps(
  workflow_id TEXT NOT NULL,
  key TEXT NOT NULL,                      -- stage/step
  status TEXT NOT NULL,                   -- started, done, failed, escalated
  starts INTEGER NOT NULL,                -- since it last ended
  code_hash TEXT NOT NULL,
  arguments_hash TEXT NOT NULL,
  inputs_hash TEXT NOT NULL,
  result TEXT,                            -- JSON
  result_hash TEXT,
  error TEXT,                             -- one sentence
  escalation_id TEXT,
  stale TEXT NOT NULL DEFAULT '',         -- why what was recorded before was not reused
  started_at REAL NOT NULL,
  ended_at REAL,
  duration_ms REAL NOT NULL DEFAULT 0,
  PRIMARY KEY(workflow_id, key)
) WITHOUT ROWID"""

_RECOVERIES = """
CREATE TABLE recoveries(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  workflow_id TEXT NOT NULL,
  step_key TEXT NOT NULL DEFAULT '',      -- of the workflow's step in which it ran, or ''
  key TEXT NOT NULL,                      -- unique in the step
  node_name TEXT NOT NULL,
  status TEXT NOT NULL,                   -- open, recovered, failed, pending, superseded
  error_type TEXT NOT NULL DEFAULT '',
  strategy TEXT,
  first TEXT NOT NULL,                    -- JSON: the error that began it, as data
  plan TEXT NOT NULL DEFAULT '{}',        -- JSON: what the ladder was decided by
  result TEXT,                            -- JSON: the value, where it can be kept
  account TEXT NOT NULL DEFAULT '{}',     -- JSON: what the caller was told
  escalation_id TEXT,
  began_at REAL NOT NULL,
  ended_at REAL,
  duration_ms REAL,
  over INTEGER NOT NULL DEFAULT 0,        -- its step has begun anew; nothing goes on from here
  UNIQUE(workflow_id, step_key, key)
)"""

_ENTRIES = """
CREATE TABLE entries(
  recovery INTEGER NOT NULL,
  n INTEGER NOT NULL,                     -- order in the log
  kind TEXT NOT NULL,                     -- attempt, outcome, skipped, waited
  data TEXT NOT NULL,                     -- JSON
  at REAL NOT NULL,
  PRIMARY KEY(recovery, n)
) WITHOUT ROWID"""

_ESCALATIONS = """
CREATE TABLE escalations(
  n INTEGER PRIMARY KEY,                  -- order of opening
  id TEXT NOT NULL UNIQUE,
  workflow_id TEXT NOT NULL,
  key TEXT NOT NULL,                      -- under which it was asked, or ''
  status TEXT NOT NULL,                   -- open, resolved, expired, superseded
  priority TEXT NOT NULL,
  report TEXT NOT NULL,                   -- JSON
  opened_at REAL NOT NULL,
  joined INTEGER NOT NULL DEFAULT 0,
  timeout REAL,                           -- seconds; NULL for never
  boot TEXT NOT NULL,                     -- of the machine, when it was opened
  due REAL,                               -- end by that boot's monotonic clock
  deadline REAL,                          -- the same by the wall clock
  decision TEXT,                          -- its kind
  payload TEXT,                           -- JSON
  decided_by TEXT,
  at REAL,                                -- when it ended
  superseded_by TEXT,
  taken_by TEXT                           -- the key that applied its end; '' for no particular one
)"""

_NOTICES = """
CREATE TABLE notices(
  n INTEGER PRIMARY KEY,                  -- of the escalation
  fold TEXT,                              -- what it shares with those told as one; NULL for never
  state TEXT NOT NULL,                    -- due, claimed, delivered, given_up
  boot TEXT NOT NULL DEFAULT '',
  due REAL NOT NULL DEFAULT 0,            -- by that boot's monotonic clock; at once on another
  tries INTEGER NOT NULL DEFAULT 0,
  maybe INTEGER NOT NULL DEFAULT 0,       -- sends whose process died before their end
  channels TEXT NOT NULL DEFAULT '{}',    -- JSON: name to [delivered, sends of unknown end, fault]
  leader INTEGER,                         -- n of the claimed notice that stands for it
  claimer TEXT,                           -- JSON: the process that sends it
  claimed_at REAL
)"""

# However a row is deleted, its notice goes with it, and what that stood for is due again.
_NOTICE_GONE = """
CREATE TRIGGER escalation_gone AFTER DELETE ON escalations BEGIN
  DELETE FROM notices WHERE n = old.n;
  UPDATE notices SET state = 'due', leader = NULL WHERE state = 'claimed' AND leader = old.n;
END"""

_WINDOWS = """
CREATE TABLE notice_windows(
  fold TEXT PRIMARY KEY,
  boot TEXT NOT NULL,
  at REAL NOT NULL                        -- when its like was told, by that boot's monotonic clock
) WITHOUT ROWID"""

_VERSION_1: Final = (
    _WORKFLOWS,
    "CREATE INDEX workflows_by_status ON workflows(status, created_at)",
    _STEPS,
    _RECOVERIES,
    "CREATE INDEX recoveries_by_time ON recoveries(ended_at)",
    "CREATE INDEX recoveries_by_escalation ON recoveries(escalation_id)",
    _ENTRIES,
    _ESCALATIONS,
    "CREATE INDEX escalations_by_status ON escalations(status)",
    "CREATE INDEX escalations_by_key ON escalations(key) WHERE key != ''",
    _NOTICES,
    "CREATE INDEX notices_by_state ON notices(state, fold)",
    _NOTICE_GONE,
    _WINDOWS,
    "CREATE TABLE tidied(id INTEGER PRIMARY KEY, at REAL NOT NULL)",
)

# A workflow's steps lie side by side in the order in which they first began, in a table without an
# index: the end of one step and the beginning of the next are one page to write, not two to three.
# The number of the workflow is in the upper half of `n`.
_STEP_ROWS = """
CREATE TABLE step_rows(
  n INTEGER PRIMARY KEY,
  key TEXT NOT NULL,                      -- stage/step
  status TEXT NOT NULL,                   -- started, done, failed, escalated
  starts INTEGER NOT NULL,                -- since it last ended
  code_hash TEXT NOT NULL,
  arguments_hash TEXT NOT NULL,
  inputs_hash TEXT NOT NULL,
  result TEXT,                            -- JSON
  result_hash TEXT,
  error TEXT,                             -- one sentence
  escalation_id TEXT,
  stale TEXT NOT NULL DEFAULT '',         -- why what was recorded before was not reused
  started_at REAL NOT NULL,
  ended_at REAL,
  duration_ms REAL NOT NULL DEFAULT 0
)"""

_STEPS_VIEW = """
CREATE VIEW steps AS SELECT w.workflow_id, s.*
FROM workflow_numbers w JOIN step_rows s ON s.n BETWEEN w.n << 32 AND (w.n << 32) + 4294967295"""

# A notice is told by the rows that are alive: to be sent, or of a fingerprint that was told just now.
# What becomes of one that was told is a write to its row alone.
_LIVE_NOTICES: Final = (
    "ALTER TABLE notices ADD COLUMN began REAL",  # when it began a window for its like, by `boot`
    "ALTER TABLE notices ADD COLUMN stands INTEGER NOT NULL DEFAULT 0",  # for how many others
    "ALTER TABLE notices ADD COLUMN live INTEGER",  # 1, or NULL
    "UPDATE notices SET live = 1 WHERE state IN ('due', 'claimed')",
    (
        "UPDATE notices SET stands = s.number FROM (SELECT leader, count(*) - 1 AS number "
        "FROM notices WHERE state = 'claimed' GROUP BY leader) s WHERE notices.n = s.leader"
    ),
    (
        "UPDATE notices SET live = 1, began = s.at, boot = s.boot FROM (SELECT max(t.n) AS n, "
        "w.at, w.boot FROM notice_windows w JOIN notices t ON t.fold = w.fold "
        "WHERE t.state != 'due' GROUP BY w.fold) s WHERE notices.n = s.n"
    ),
    "DROP TABLE notice_windows",
    "DROP INDEX notices_by_state",
    "CREATE INDEX notices_alive ON notices(fold, began) WHERE live = 1",
    "DROP TRIGGER escalation_gone",
    (
        "CREATE TRIGGER escalation_gone AFTER DELETE ON escalations BEGIN "
        "DELETE FROM notices WHERE n = old.n; END"
    ),
    (
        "CREATE TRIGGER notice_gone AFTER DELETE ON notices "
        "WHEN old.state = 'claimed' AND old.stands > 0 BEGIN "
        "UPDATE notices SET state = 'due', leader = NULL "
        "WHERE live = 1 AND state = 'claimed' AND leader = old.n; END"
    ),
)

_VERSION_2: Final = (
    "ALTER TABLE steps RENAME TO steps_1",
    "CREATE TABLE workflow_numbers(n INTEGER PRIMARY KEY, workflow_id TEXT NOT NULL UNIQUE)",
    _STEP_ROWS,
    "INSERT INTO workflow_numbers(workflow_id) SELECT DISTINCT workflow_id FROM steps_1",
    (
        "INSERT INTO step_rows SELECT (w.n << 32) + row_number() OVER "
        "(PARTITION BY s.workflow_id ORDER BY s.started_at, s.key), s.key, s.status, s.starts, "
        "s.code_hash, s.arguments_hash, s.inputs_hash, s.result, s.result_hash, s.error, "
        "s.escalation_id, s.stale, s.started_at, s.ended_at, s.duration_ms "
        "FROM steps_1 s JOIN workflow_numbers w ON w.workflow_id = s.workflow_id"
    ),
    "DROP TABLE steps_1",
    _STEPS_VIEW,
    (
        "CREATE TRIGGER workflow_gone AFTER DELETE ON workflows BEGIN "
        "DELETE FROM step_rows WHERE n IN (SELECT n FROM steps WHERE workflow_id = old.id); "
        "DELETE FROM workflow_numbers WHERE workflow_id = old.id; END"
    ),
    # JSON: names of the channels of whoever opened it, where the report names none
    "ALTER TABLE notices ADD COLUMN told TEXT NOT NULL DEFAULT '[]'",
    # the last sign of life, by the monotonic clock of the owner's boot
    "ALTER TABLE workflows ADD COLUMN owner_ticks REAL",
    *_LIVE_NOTICES,
)

#: What brings a file from each version to the next one; the first makes an empty file a journal.
MIGRATIONS: Final[tuple[tuple[str, ...], ...]] = (_VERSION_1, _VERSION_2)
SCHEMA_VERSION: Final = len(MIGRATIONS)
