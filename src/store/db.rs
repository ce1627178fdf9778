//! The file, its writer and its readers. In: closures over a transaction or a read-only connection. Out: what
//! they returned, or an [`Error`] that names the file. Not here: any table but the version of the schema.

use std::fmt;
use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::ops::Deref;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension as _, Transaction, TransactionBehavior};
use secrecy::ExposeSecret as _;
use tokio::sync::oneshot;

use super::evidence::{LOOKUP, Vault};
use super::key::{self, Key, Unusable};
use super::{Error, audit};
use crate::clock::Timestamp;

/// Each step takes the file from the version of its place to the next; a step that was released is never changed.
const MIGRATIONS: &[&str] = &[include_str!("schema.sql")];

/// Marks the file as ours, so that another program's database is never taken for an empty store ("CHAP").
const APPLICATION_ID: i64 = 0x4348_4150;

/// How long a command waits for another program's lock.
const PATIENCE: Duration = Duration::from_secs(5);

/// Idle read connections that are kept.
const READERS: usize = 2;

/// Who opens the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holder {
    /// The one daemon: makes the file, migrates it, and keeps other daemons out.
    Daemon,
    /// A command beside it: the file must be there, with the version that this program knows.
    Visitor,
}

/// Hears what the store was asked to do, once it is done: a fixed phrase, never what was written.
pub type Witness = Arc<dyn Fn(&'static str) + Send + Sync>;

/// Where the store's work is done.
#[derive(Clone, Default)]
pub enum Hands {
    /// On threads of its own: one writes, and others read beside it.
    #[default]
    Threads,
    /// On the task that asks, which gives way once before and once after: the order of everything is then the order of
    /// the asking, and a simulation may end the process on either side of a transaction.
    Caller(Witness),
}

/// A handle on the file; clones share it.
#[derive(Clone)]
pub(super) struct Db {
    shared: Arc<Shared>,
}

/// A transaction, and what opens the evidence in it.
pub(super) struct Tx<'a> {
    connection: &'a Connection,
    pub(super) vault: &'a Vault,
}

impl Deref for Tx<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.connection
    }
}

struct Shared {
    path: PathBuf,
    vault: Arc<Vault>,
    writer: Writer,
    readers: Mutex<Vec<Connection>>,
    /// Held while we live; the system lets go of it even when the process is killed.
    _lock: Option<File>,
}

enum Writer {
    Thread {
        /// Taken only when dropped.
        jobs: Option<mpsc::Sender<Job>>,
        thread: Option<thread::JoinHandle<()>>,
    },
    Caller {
        connection: Box<Mutex<Connection>>,
        witness: Witness,
    },
}

type Job = Box<dyn FnOnce(&mut Connection) + Send>;

impl fmt::Debug for Db {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Db({})", self.shared.path.display())
    }
}

impl Db {
    /// Opens the file with this key; without one, with the key beside it, which is made for a new file.
    pub(super) fn open(
        path: &Path,
        key: Option<&Key>,
        holder: Holder,
        hands: Hands,
        now: Timestamp,
    ) -> Result<Self, Error> {
        let unreachable = |source| Error::Unreachable { path: path.to_owned(), source };
        let lock = match holder {
            Holder::Daemon => {
                make_file(path).map_err(unreachable)?;
                Some(lock(path)?)
            }
            Holder::Visitor if path.is_file() => None,
            Holder::Visitor => return Err(unreachable(io::ErrorKind::NotFound.into())),
        };
        let mut connection =
            Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)
                .map_err(|source| error(path, "open", source))?;
        prepare(&mut connection, path, holder, now)?;
        let vault = Arc::new(vault(&mut connection, path, key, holder)?);
        let writer = match hands {
            Hands::Threads => Writer::thread(connection).map_err(unreachable)?,
            Hands::Caller(witness) => Writer::Caller { connection: Box::new(Mutex::new(connection)), witness },
        };
        let shared = Shared { path: path.to_owned(), vault, writer, readers: Mutex::new(Vec::new()), _lock: lock };
        Ok(Self { shared: Arc::new(shared) })
    }

    pub(super) fn path(&self) -> &Path {
        &self.shared.path
    }

    /// Runs `work` in one transaction on the writer; all of it is on the disk when this returns, or none of it.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        doing: &'static str,
        work: impl FnOnce(&Tx<'_>) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, Error> {
        let vault = Arc::clone(&self.shared.vault);
        self.on_writer(doing, move |connection| {
            in_transaction(connection, |connection| work(&Tx { connection, vault: &vault }))
        })
        .await
    }

    /// Runs statements that no transaction may hold, on the writer.
    pub(super) async fn tidy(&self, statements: &'static str) -> Result<(), Error> {
        self.on_writer("tidy up", move |connection| connection.execute_batch(statements)).await
    }

    async fn on_writer<T: Send + 'static>(
        &self,
        doing: &'static str,
        work: impl FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, Error> {
        let stopped = || Error::Stopped { path: self.shared.path.clone(), doing };
        let result = match &self.shared.writer {
            Writer::Thread { jobs, .. } => {
                let (answer, result) = oneshot::channel();
                hand_over(jobs.as_ref(), work, |result| drop(answer.send(result))).ok_or_else(stopped)?;
                result.await.map_err(|_| stopped())?
            }
            Writer::Caller { connection, witness } => {
                tokio::task::yield_now().await;
                let result = catch_unwind(AssertUnwindSafe(|| {
                    work(&mut connection.lock().unwrap_or_else(PoisonError::into_inner))
                }));
                witness(doing);
                tokio::task::yield_now().await;
                result.map_err(|_| stopped())?
            }
        };
        result.map_err(|source| error(&self.shared.path, doing, source))
    }

    /// The same for a start, which nobody waits beside: holds the calling thread until it is done.
    pub(super) fn write_now<T: Send + 'static>(
        &self,
        doing: &'static str,
        work: impl FnOnce(&Tx<'_>) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, Error> {
        let stopped = || Error::Stopped { path: self.shared.path.clone(), doing };
        let vault = Arc::clone(&self.shared.vault);
        let work = move |connection: &mut Connection| {
            in_transaction(connection, |connection| work(&Tx { connection, vault: &vault }))
        };
        let result = match &self.shared.writer {
            Writer::Thread { jobs, .. } => {
                // A start may stand on a runtime's thread, where waiting for a oneshot is not allowed.
                let (answer, result) = mpsc::sync_channel(1);
                hand_over(jobs.as_ref(), work, move |result| drop(answer.send(result))).ok_or_else(stopped)?;
                result.recv().map_err(|_| stopped())?
            }
            Writer::Caller { connection, .. } => work(&mut connection.lock().unwrap_or_else(PoisonError::into_inner)),
        };
        result.map_err(|source| error(&self.shared.path, doing, source))
    }

    /// Runs `work` in one read transaction beside the writer: it sees one state of everything.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        doing: &'static str,
        work: impl FnOnce(&Tx<'_>) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, Error> {
        let stopped = || Error::Stopped { path: self.shared.path.clone(), doing };
        let result = match &self.shared.writer {
            Writer::Thread { .. } => {
                let shared = Arc::clone(&self.shared);
                tokio::task::spawn_blocking(move || shared.read(work)).await.map_err(|_| stopped())?
            }
            // Reading changes nothing, so that it is all the same on which side of it the process ends.
            Writer::Caller { .. } => {
                tokio::task::yield_now().await;
                self.shared.read(work)
            }
        };
        result.map_err(|source| error(&self.shared.path, doing, source))
    }
}

impl Shared {
    fn read<T>(&self, work: impl FnOnce(&Tx<'_>) -> rusqlite::Result<T>) -> rusqlite::Result<T> {
        let idle = self.readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut connection = match idle {
            Some(connection) => connection,
            None => reader(&self.path)?,
        };
        let result =
            connection.transaction().and_then(|transaction| work(&Tx { connection: &transaction, vault: &self.vault }));
        let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        if readers.len() < READERS {
            readers.push(connection);
        }
        result
    }
}

impl Writer {
    fn thread(mut connection: Connection) -> io::Result<Self> {
        let (jobs, inbox) = mpsc::channel::<Job>();
        let thread = thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || while_asked(&mut connection, &inbox))?;
        Ok(Self::Thread { jobs: Some(jobs), thread: Some(thread) })
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        // SQLite folds its log into the file when the last connection closes, and a reader cannot: so readers go first.
        self.readers.get_mut().unwrap_or_else(PoisonError::into_inner).clear();
        let Writer::Thread { jobs, thread } = &mut self.writer else { return };
        *jobs = None;
        // The writer finishes what was asked before, so that whoever opens the file next finds it closed.
        if let Some(writer) = thread.take().filter(|writer| writer.thread().id() != thread::current().id()) {
            let _ = writer.join();
        }
    }
}

/// Asks the writer's thread for some work, and has the answer told; `None` where it asks for nothing any more. Whoever
/// asked may have gone meanwhile: the work is done all the same.
fn hand_over<T: 'static>(
    jobs: Option<&mpsc::Sender<Job>>,
    work: impl FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    answer: impl FnOnce(rusqlite::Result<T>) + Send + 'static,
) -> Option<()> {
    jobs?.send(Box::new(move |connection| answer(work(connection)))).ok()
}

fn while_asked(connection: &mut Connection, inbox: &mpsc::Receiver<Job>) {
    while let Ok(job) = inbox.recv() {
        // A panic in one command rolls that command back and must not take the store away from the others.
        if catch_unwind(AssertUnwindSafe(|| job(connection))).is_err() {
            tracing::error!("a store command panicked and was rolled back");
        }
    }
}

fn in_transaction<T>(
    connection: &mut Connection,
    work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<T> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let result = work(&transaction)?;
    transaction.commit()?;
    Ok(result)
}

/// Makes the file readable by its owner only, before SQLite would make it readable by everybody. SQLite gives its side
/// files the mode of the main one.
fn make_file(path: &Path) -> io::Result<()> {
    if let Some(directory) = path.parent().filter(|directory| !directory.as_os_str().is_empty() && !directory.exists())
    {
        DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
    }
    let file = private().create(true).open(path)?;
    // Somebody may have copied or restored it with the usual mode.
    if file.metadata()?.permissions().mode() & 0o077 != 0 {
        file.set_permissions(fs::Permissions::from_mode(0o600))?;
    }
    Ok(())
}

fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).truncate(false).mode(0o600);
    options
}

/// SQLite's own locks last for a transaction; a second daemon must be kept out between transactions too.
fn lock(path: &Path) -> Result<File, Error> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let unreachable = |source| Error::Unreachable { path: path.to_owned(), source };
    let file = private().create(true).open(name).map_err(unreachable)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::InUse { path: path.to_owned() }),
        Err(TryLockError::Error(source)) => Err(unreachable(source)),
    }
}

fn prepare(connection: &mut Connection, path: &Path, holder: Holder, now: Timestamp) -> Result<(), Error> {
    let failed = |source| error(path, "open", source);
    connection.busy_timeout(PATIENCE).map_err(failed)?;
    let found: i64 = connection.query_row("pragma user_version", [], |row| row.get(0)).map_err(failed)?;
    let known = MIGRATIONS.len() as i64;
    if found > known {
        return Err(Error::Newer { path: path.to_owned(), found, known });
    }
    if !ours(connection, found).map_err(failed)? {
        return Err(Error::NotADatabase { path: path.to_owned(), source: None });
    }
    if holder == Holder::Visitor && found < known {
        return Err(Error::Older { path: path.to_owned(), found, known });
    }
    // FULL: a row that says "about to hide" must be on the disk before the platform is called.
    connection
        .execute_batch(
            "pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on;
             pragma trusted_schema = off; pragma cache_size = -1024; pragma secure_delete = on;",
        )
        .map_err(failed)?;
    if holder == Holder::Daemon {
        migrate(connection, found, now).map_err(failed)?;
    }
    Ok(())
}

fn ours(connection: &Connection, version: i64) -> rusqlite::Result<bool> {
    let id: i64 = connection.query_row("pragma application_id", [], |row| row.get(0))?;
    let tables: i64 = connection.query_row("select count(*) from sqlite_schema", [], |row| row.get(0))?;
    Ok(id == APPLICATION_ID || (id == 0 && version == 0 && tables == 0))
}

/// What the evidence is sealed with. A new store takes the key that it is given, and keeps to it.
fn vault(connection: &mut Connection, path: &Path, given: Option<&Key>, holder: Holder) -> Result<Vault, Error> {
    let failed = |source| error(path, "look for its key", source);
    let sealed: Option<String> =
        connection.query_row("select key from vault", [], |row| row.get(0)).optional().map_err(failed)?;
    let beside;
    let key = if let Some(key) = given {
        key
    } else {
        beside = key_beside(path, sealed.is_none() && holder == Holder::Daemon)?;
        &beside
    };
    if sealed.is_none() {
        let lookup = Key::random().map_err(|source| Error::Unreachable { path: path.to_owned(), source })?;
        let vault = Vault::new(key, &lookup);
        let row = vault.seal(LOOKUP, lookup.text().expose_secret()).map_err(failed)?;
        in_transaction(connection, |tx| {
            tx.execute("insert into vault (id, key, lookup) values (1, ?, ?)", (key.fingerprint(), row)).map(drop)
        })
        .map_err(failed)?;
        return Ok(vault);
    }
    let wrong = |found| Error::WrongKey { path: path.to_owned(), found, given: key.fingerprint() };
    if let Some(found) = sealed.filter(|found| *found != key.fingerprint()) {
        return Err(wrong(found));
    }
    connection.query_row("select * from vault", [], |row| Vault::of(key, row)).map_err(failed)
}

/// The key that lies beside the store, made if there may be none yet.
fn key_beside(store: &Path, make: bool) -> Result<Key, Error> {
    let path = key::beside(store);
    let unreadable = |source| Error::NoKey { key: path.clone(), source };
    if make && !path.exists() {
        let key = Key::random().map_err(unreadable)?;
        key.write_new(&path).map_err(unreadable)?;
        return Ok(key);
    }
    Key::read(&path).map_err(|unusable| match unusable {
        Unusable::Open => Error::OpenKey { key: path.clone() },
        Unusable::Unreadable(source) => unreadable(source),
        Unusable::NoKey(wrong) => unreadable(io::Error::new(io::ErrorKind::InvalidData, wrong)),
    })
}

fn migrate(connection: &mut Connection, found: i64, now: Timestamp) -> rusqlite::Result<()> {
    for (step, script) in MIGRATIONS.iter().enumerate().skip(found as usize) {
        let version = step as i64 + 1;
        in_transaction(connection, |tx| {
            tx.execute_batch(script)?;
            tx.pragma_update(None, "application_id", APPLICATION_ID)?;
            tx.pragma_update(None, "user_version", version)?;
            audit::append(tx, now, "store.version", audit::SELF, &serde_json::json!({ "version": version }))
        })?;
    }
    // The daemon that held these died: nobody is at them, whatever their lease says.
    in_transaction(connection, |tx| {
        tx.execute("update outbox set lease_until_at = null where lease_until_at is not null", []).map(drop)
    })
}

fn reader(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(PATIENCE)?;
    connection.execute_batch("pragma trusted_schema = off; pragma cache_size = -512;")?;
    Ok(connection)
}

fn error(path: &Path, doing: &'static str, source: rusqlite::Error) -> Error {
    let path = path.to_owned();
    match source.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Error::Locked { path, source },
        Some(ErrorCode::DiskFull) => Error::Full { path, source },
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
            Error::NotADatabase { path, source: Some(source) }
        }
        _ => Error::Failed { path, doing, source },
    }
}
