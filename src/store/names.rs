//! Our nouns as columns, and back. In: enums and times. Out: text and integers as `schema.sql` names them.
//! A value that no version of Chaperone writes is an error, never a guess.

use rusqlite::Row;
use rusqlite::types::{FromSqlError, Type};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::clock::Timestamp;
use crate::comment::{CommentKind, PageId, PageKey, Platform, PostKind};

/// A time as a column keeps it.
pub(super) fn ms(time: Timestamp) -> i64 {
    time.as_millisecond()
}

/// An optional time as a column keeps it.
pub(super) fn ms_opt(time: Option<Timestamp>) -> Option<i64> {
    time.map(ms)
}

/// A column as a time.
pub(super) fn time(row: &Row<'_>, column: &str) -> rusqlite::Result<Timestamp> {
    Timestamp::from_millisecond(row.get(column)?).map_err(|source| odd(Box::new(source)))
}

/// A column as an optional time.
pub(super) fn time_opt(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<Timestamp>> {
    row.get::<_, Option<i64>>(column)?
        .map(|value| Timestamp::from_millisecond(value).map_err(|source| odd(Box::new(source))))
        .transpose()
}

/// A column as whatever has that name.
pub(super) fn named<T>(row: &Row<'_>, column: &str, from_id: impl Fn(&str) -> Option<T>) -> rusqlite::Result<T> {
    named_opt(row, column, from_id)?.ok_or_else(|| odd(Box::new(FromSqlError::InvalidType)))
}

/// A column as whatever has that name, where there may be none.
pub(super) fn named_opt<T>(
    row: &Row<'_>,
    column: &str,
    from_id: impl Fn(&str) -> Option<T>,
) -> rusqlite::Result<Option<T>> {
    let Some(id) = row.get::<_, Option<String>>(column)? else { return Ok(None) };
    from_id(&id).map(Some).ok_or_else(|| odd(Box::new(FromSqlError::InvalidType)))
}

/// A list as a JSON column.
pub(super) fn json<T: Serialize + ?Sized>(value: &T) -> rusqlite::Result<String> {
    serde_json::to_string(value).map_err(|source| rusqlite::Error::ToSqlConversionFailure(Box::new(source)))
}

/// A JSON column as a list.
pub(super) fn from_json<T: DeserializeOwned>(row: &Row<'_>, column: &str) -> rusqlite::Result<T> {
    serde_json::from_str(&row.get::<_, String>(column)?).map_err(|source| odd(Box::new(source)))
}

/// The columns `platform` and `page_id` as a page.
pub(super) fn page_key(row: &Row<'_>) -> rusqlite::Result<PageKey> {
    let id: String = row.get("page_id")?;
    Ok(PageKey { platform: named(row, "platform", Platform::from_id)?, id: PageId::new(id) })
}

/// A post's kind as a column keeps it.
pub(super) fn post_kind_id(kind: PostKind) -> &'static str {
    match kind {
        PostKind::Post => "post",
        PostKind::Reel => "reel",
        PostKind::Photo => "photo",
        PostKind::Visitor => "visitor",
    }
}

/// The post's kind with this name.
pub(super) fn post_kind(id: &str) -> Option<PostKind> {
    [PostKind::Post, PostKind::Reel, PostKind::Photo, PostKind::Visitor]
        .into_iter()
        .find(|kind| post_kind_id(*kind) == id)
}

/// A comment's kind as a column keeps it.
pub(super) fn comment_kind_id(kind: CommentKind) -> &'static str {
    match kind {
        CommentKind::Comment => "comment",
        CommentKind::Reply => "reply",
        CommentKind::VisitorPost => "visitorpost",
    }
}

/// The comment's kind with this name.
pub(super) fn comment_kind(id: &str) -> Option<CommentKind> {
    [CommentKind::Comment, CommentKind::Reply, CommentKind::VisitorPost]
        .into_iter()
        .find(|kind| comment_kind_id(*kind) == id)
}

fn odd(source: Box<dyn std::error::Error + Send + Sync>) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(0, Type::Text, source)
}
