//! A clock that went back. In: by how much, and what time it is now. Out: every wait that lay ahead, as long as before;
//! every "last done" that lies in the future, now. Not here: noticing it, which is the daemon's.
//!
//! Without this a page whose next poll was due at noon would lie unread until the clock, put back to six, says noon again.

use rusqlite::{OptionalExtension as _, params};
use serde_json::json;

use super::health::{NewNotice, insert_notice};
use super::names::{ms, time};
use super::{Error, Store, audit};
use crate::clock::{SignedDuration, Timestamp};

/// Where the next digest begins, if that is earlier than where the last one ended; a fact of the store, in milliseconds.
const DIGEST_FROM: &str = "digest-from";

/// Waits that are moved along: table and column.
const WAITS: [&str; 5] = [
    "update page set next_poll_at = next_poll_at - ?1 where next_poll_at > ?2",
    "update page set writes_at = writes_at - ?1 where writes_at > ?2",
    "update outbox set due_at = due_at - ?1 where state = 'due' and due_at > ?2",
    "update outbox set lease_until_at = lease_until_at - ?1 where state = 'due' and lease_until_at > ?2",
    "update alert set due_at = due_at - ?1 where due_at > ?2",
];

/// What cannot have happened yet has happened now.
const DEEDS: [&str; 7] = [
    "update page set last_ok_at = ?1 where last_ok_at > ?1",
    "update page set posts_swept_at = ?1 where posts_swept_at > ?1",
    "update page set watch_at = ?1 where watch_at > ?1",
    "update gap set from_at = ?1 where to_at is null and from_at > ?1",
    "update post set read_at = ?1 where read_at > ?1",
    "update post set swept_at = ?1 where swept_at > ?1",
    // A hide still to come would be taken for one that no listing can know of, and the staff's showing again for its lag.
    "update comment set our_hide_at = ?1 where our_hide_at > ?1",
];

impl Store {
    /// The latest time that this store is known to have been in use: the end of the newest poll, whatever its time.
    pub async fn last_used(&self) -> Result<Option<Timestamp>, Error> {
        self.db
            .read("read when the store was last used", |db| {
                db.query_row("select ended_at from poll order by id desc limit 1", [], |row| time(row, "ended_at"))
                    .optional()
            })
            .await
    }

    /// The clock went back by so much, to `now`: waits go on, and people are told.
    pub async fn clock_went_back(&self, by: SignedDuration, now: Timestamp) -> Result<(), Error> {
        self.db
            .write("follow a clock that went back", move |tx| {
                let by_ms = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
                for wait in WAITS {
                    tx.execute(wait, params![by_ms, ms(now)])?;
                }
                for deed in DEEDS {
                    tx.execute(deed, [ms(now)])?;
                }
                // What is found until the clock has caught up would fall into a digest that went out already.
                tx.execute(
                    "insert into meta (key, value) select ?1, ?2 where exists (select 1 from digest_sent where to_at > ?2)
                     on conflict (key) do update set value = min(cast(value as integer), cast(excluded.value as integer))",
                    params![DIGEST_FROM, ms(now)],
                )?;
                let minutes = by.as_mins();
                let text = format!(
                    "this machine's clock went back by {minutes} minutes; Chaperone goes on, and times of that while are not \
                     to be relied on. Turn on time synchronisation on this machine (timedatectl set-ntp true)"
                );
                insert_notice(tx, &NewNotice { at: now, page: None, comment: None, kind: "clock", text, once: None })?;
                audit::append(tx, now, "clock.back", audit::SELF, &json!({ "minutes": minutes }))
            })
            .await
    }

    /// Where the next digest begins: where the last one ended, or earlier if the clock went back since.
    pub async fn digest_from(&self, last: Timestamp) -> Result<Timestamp, Error> {
        let told = self.meta(DIGEST_FROM).await?.and_then(|value| value.parse().ok());
        let told = told.and_then(|millis| Timestamp::from_millisecond(millis).ok());
        Ok(told.map_or(last, |told| told.min(last)))
    }
}

/// A digest went out that begins where the next one had to.
pub(super) fn digest_went_out(tx: &rusqlite::Connection, from: Timestamp) -> rusqlite::Result<()> {
    tx.execute("delete from meta where key = ? and cast(value as integer) >= ?", params![DIGEST_FROM, ms(from)])
        .map(drop)
}
