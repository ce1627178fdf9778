//! Skeleton; to be written.
use super::{Act, Capabilities, Error, Receipt, Seen, Target, cursor};
use crate::clock::Timestamp;
use crate::comment::PageKey;

/// Skeleton.
pub struct Client {}

impl Client {
    /// Skeleton.
    pub fn page(&self) -> &PageKey {
        todo!()
    }
    /// Skeleton.
    pub fn capabilities(&self) -> Capabilities {
        todo!()
    }
    /// Skeleton.
    pub async fn fetch(&self, _request: &cursor::Request, _now: Timestamp) -> Result<cursor::Answer, Error> {
        todo!()
    }
    /// Skeleton.
    pub async fn read(&self, _target: &Target, _now: Timestamp) -> Result<Seen, Error> {
        todo!()
    }
    /// Skeleton.
    pub async fn act(&self, _target: &Target, _act: &Act, _now: Timestamp) -> Result<Receipt, Error> {
        todo!()
    }
}
