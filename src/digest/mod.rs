//! Rows of a period to a digest to a mail; alerts. In: [`Period`](crate::store::report::Period) and incidents that
//! cannot wait. Out: text, HTML and JSON that are safe to forward, handed to a mail server, a webhook or a directory.
//! Everything but [`deliver`] is pure. Not here: when to look (the daemon), what happened (the store), drawing a console.

pub mod alert;
pub mod deliver;
pub mod drafts;
pub mod herald;
pub mod mask;
mod render;
pub mod schedule;
pub mod specimen;
pub mod storm;
pub mod view;
pub mod webhook;

pub use alert::{Message, Waiting, WebhookKind};
pub use deliver::{DeliverError, Delivery, Letter, LetterKind, MailSettings, Sent, Tls};
pub use herald::{Herald, Quiet};
pub use mask::Masking;
pub use render::RenderError;
pub use schedule::{Hours, Schedule};
pub use view::{
    Digest, DraftText, Item, Settings, Urgency, category_name, needs_human, needs_human_soon, needs_person,
};
