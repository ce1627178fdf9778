//! What the store's file says, read beside the program with a connection of our own. In: the file. Out: plain facts.
//! Only columns that are no evidence: texts and names are nobody's business here.

use std::path::Path;

use rusqlite::{Connection, OpenFlags, OptionalExtension as _, params};
use sha2::{Digest as _, Sha256};

/// An owed action as it stands committed.
#[derive(Clone, Debug)]
pub(super) struct Owed {
    pub(super) written: Option<String>,
    pub(super) intended: String,
    pub(super) leased_until: Option<i64>,
    pub(super) mode: String,
    pub(super) rules_version: String,
    pub(super) reasons_said: i64,
    pub(super) reasons_kept: i64,
    pub(super) newest: bool,
}

pub(super) struct Ledger(Connection);

impl Ledger {
    pub(super) fn open(file: &Path) -> rusqlite::Result<Self> {
        let connection = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        Ok(Self(connection))
    }

    /// The actions owed about this comment.
    pub(super) fn owed(&self, comment: &str) -> rusqlite::Result<Vec<Owed>> {
        self.0
            .prepare(
                "select written, intended, lease_until_at, mode, rules_version, verdict.reasons,
                     (select count(*) from reason where reason.verdict = verdict.id), verdict.version = comment.version
                 from outbox join verdict on verdict.id = outbox.verdict join comment on comment.id = outbox.comment
                 where comment.comment_id = ? and outbox.state = 'due'",
            )?
            .query_map([comment], |row| {
                Ok(Owed {
                    written: row.get(0)?,
                    intended: row.get(1)?,
                    leased_until: row.get(2)?,
                    mode: row.get(3)?,
                    rules_version: row.get(4)?,
                    reasons_said: row.get(5)?,
                    reasons_kept: row.get(6)?,
                    newest: row.get(7)?,
                })
            })?
            .collect()
    }

    /// Our hide of this comment was seen to hold, and nobody was seen to show it again since.
    pub(super) fn hidden_by_us(&self, comment: &str) -> rusqlite::Result<bool> {
        self.0.prepare("select 1 from comment where comment_id = ? and our_hide_at is not null")?.exists([comment])
    }

    /// How many texts of this comment were read.
    pub(super) fn version(&self, comment: &str) -> Option<i64> {
        self.0.query_row("select version from comment where comment_id = ?", [comment], |row| row.get(0)).ok()
    }

    /// Whether a listing ever showed this comment.
    pub(super) fn knows(&self, comment: &str) -> bool {
        self.0
            .prepare("select 1 from comment where comment_id = ?")
            .and_then(|mut ask| ask.exists([comment]))
            .unwrap_or(false)
    }

    /// It was remembered as part of the backlog.
    pub(super) fn backlog(&self, comment: &str) -> bool {
        let ask = self.0.prepare("select 1 from comment where comment_id = ? and baseline = 1");
        ask.and_then(|mut ask| ask.exists([comment])).unwrap_or(false)
    }

    /// When the watch of a page began, in milliseconds.
    pub(super) fn watched_from(&self, page: &str) -> Option<i64> {
        self.0.query_row("select watch_at from page where page_id = ?", [page], |row| row.get(0)).ok()
    }

    /// All that is known of a comment, for people who look for a mistake.
    pub(super) fn about(&self, comment: &str) -> String {
        let rows = self.0.prepare(
            "select 'baseline ' || comment.baseline || ', hidden ' || comment.hidden || ', version ' || comment.version
                 || ', found at ' || datetime(comment.first_seen_at / 1000, 'unixepoch')
                 || coalesce(', verdict ' || verdict.action || ' of version ' || verdict.version || ' at '
                     || datetime(verdict.judged_at / 1000, 'unixepoch'), '')
                 || coalesce(', ' || outbox.state || ' ' || outbox.intended || ' ' || coalesce(outbox.last_error, ''), '')
             from comment left join verdict on verdict.comment = comment.id
                 left join outbox on outbox.verdict = verdict.id
             where comment.comment_id = ?",
        );
        let rows = rows.and_then(|mut ask| {
            let rows = ask.query_map([comment], |row| row.get::<_, String>(0))?;
            rows.collect::<rusqlite::Result<Vec<String>>>()
        });
        rows.map_or_else(|error| error.to_string(), |rows| rows.join("; "))
    }

    /// Until when nothing is asked of a page, as the store remembers it, in milliseconds.
    pub(super) fn quiet_until(&self, page: &str) -> rusqlite::Result<i64> {
        self.0
            .query_row("select iif(quiet, coalesce(next_poll_at, 0), 0) from page where page_id = ?", [page], |row| {
                row.get(0)
            })
            .optional()
            .map(Option::unwrap_or_default)
    }

    /// The audit chain is whole: numbers without a gap, each row's hash over the row before.
    pub(super) fn audit(&self) -> Result<i64, String> {
        let rows = self.audit_rows().map_err(|error| format!("the audit table cannot be read: {error}"))?;
        let mut prev = [0_u8; 32];
        for (place, row) in rows.iter().enumerate() {
            let mut hash = Sha256::new();
            hash.update(prev);
            hash.update(row.id.to_be_bytes());
            hash.update(row.at.to_be_bytes());
            for field in [&row.what, &row.who, &row.detail] {
                hash.update((field.len() as u64).to_be_bytes());
                hash.update(field.as_bytes());
            }
            let want: [u8; 32] = hash.finalize().into();
            if row.id != place as i64 + 1 || row.prev != prev || row.hash != want {
                return Err(format!("the audit chain breaks at row {} ({})", row.id, row.what));
            }
            prev = row.hash;
        }
        Ok(rows.len() as i64)
    }

    fn audit_rows(&self) -> rusqlite::Result<Vec<AuditRow>> {
        self.0
            .prepare("select id, at, what, who, detail, prev_hash, hash from audit order by id")?
            .query_map([], |row| {
                Ok(AuditRow {
                    id: row.get(0)?,
                    at: row.get(1)?,
                    what: row.get(2)?,
                    who: row.get(3)?,
                    detail: row.get(4)?,
                    prev: row.get(5)?,
                    hash: row.get(6)?,
                })
            })?
            .collect()
    }

    /// One number.
    pub(super) fn count(&self, question: &str) -> rusqlite::Result<i64> {
        self.0.query_row(question, [], |row| row.get(0))
    }

    /// Whether this comment was judged with the words it has now, and how it was told: the alert's state.
    pub(super) fn alert_of(&self, comment: &str) -> rusqlite::Result<Option<String>> {
        self.0
            .query_row(
                "select alert.state from alert join verdict on verdict.id = alert.verdict
                     join comment on comment.id = verdict.comment
                 where comment.comment_id = ? order by verdict.id desc limit 1",
                params![comment],
                |row| row.get(0),
            )
            .optional()
    }

    /// The incidents that people were told of, by number.
    pub(super) fn told(&self) -> rusqlite::Result<Vec<i64>> {
        self.0.prepare("select verdict from alert where state = 'sent'")?.query_map([], |row| row.get(0))?.collect()
    }

    /// Beginnings and ends of the digests that went out, in their order.
    pub(super) fn digests(&self) -> rusqlite::Result<Vec<(i64, i64)>> {
        self.0
            .prepare("select from_at, to_at from digest_sent order by id")?
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect()
    }
}

struct AuditRow {
    id: i64,
    at: i64,
    what: String,
    who: String,
    detail: String,
    prev: [u8; 32],
    hash: [u8; 32],
}
