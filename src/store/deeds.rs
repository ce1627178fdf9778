//! Whatever may happen to a store, for laws about what is read from it. In: deeds, made up at random. Out: a store to which
//! they happened. Only for tests.

use proptest::prelude::*;
use rusqlite::Connection;

use super::tests::{Place, at, batch, comment, judged, page, verdict};
use super::{Act, Close, Closed, Decision, Mode, Seen, Settlement, Store, Word};
use crate::clock::SignedDuration;
use crate::comment::{AuthorId, PersonName};
use crate::lexicon::Category;
use crate::policy::{Action, Alert};

const TEXTS: [&str; 6] =
    ["Worst SURGERY ever", "what a lovely garden", "Ask for\nDr Jones", "Éclairs at the surgery", "", "garden garden"];
/// Who writes.
pub(super) const NAMES: [&str; 3] = ["Jo Carter", "Ann Garden", "Łucja"];
/// Something that happens to the store.
#[derive(Clone, Debug)]
pub(super) enum Deed {
    /// Comment, text, author (none: not given), what is found in it and asked for, whether it is hidden.
    Listed(usize, usize, Option<usize>, Option<(Category, Action)>, bool),
    Decided(i64, Decision),
    TakenBack(i64),
    /// What was owed came to this end, with that done.
    Settled(Closed, Option<Act>),
    TakenUp(i64),
    Gone(usize),
    Erased(usize),
}

pub(super) fn deeds() -> impl Strategy<Value = Deed> {
    let category = prop_oneof![
        Just(Category::Threat),
        Just(Category::Complaint),
        Just(Category::Fraud),
        Just(Category::Harassment)
    ];
    let action = prop_oneof![Just(Action::Escalate), Just(Action::Hide), Just(Action::Delete)];
    let found = proptest::option::of((category, action));
    let decision =
        prop_oneof![Just(Decision::Uphold), Just(Decision::Restore), Just(Decision::Hide), Just(Decision::Note)];
    let closed = prop_oneof![Just(Closed::Done), Just(Closed::Already), Just(Closed::Dead)];
    let achieved = prop_oneof![Just(None), Just(Some(Act::Hide)), Just(Some(Act::Delete))];
    prop_oneof![
        6 => (0..6_usize, 0..TEXTS.len(), proptest::option::of(0..NAMES.len()), found, any::<bool>())
            .prop_map(|(id, text, author, found, hidden)| Deed::Listed(id, text, author, found, hidden)),
        2 => (1..8_i64, decision).prop_map(|(number, what)| Deed::Decided(number, what)),
        1 => (1..4_i64).prop_map(Deed::TakenBack),
        2 => (closed, achieved).prop_map(|(how, achieved)| Deed::Settled(how, achieved)),
        1 => (1..7_i64).prop_map(Deed::TakenUp),
        1 => (0..6_usize).prop_map(Deed::Gone),
        1 => (0..NAMES.len()).prop_map(Deed::Erased),
    ]
}

/// Does it so many minutes after eight.
pub(super) async fn happens(place: &Place, store: &Store, deed: Deed, minutes: i64) {
    match deed {
        Deed::Listed(id, text, author, found, hidden) => {
            let mut comment = comment(&format!("c{id}"), TEXTS[text]);
            comment.hidden = hidden;
            comment.by_page = id == 5;
            comment.author.id = author.map(|author| AuthorId::new(format!("a{author}")));
            comment.author.name = author.map(|author| PersonName::new(NAMES[author]));
            let (category, action) = found.unwrap_or((Category::Review, Action::Allow));
            let mut made = verdict(category, action);
            if found.is_none() {
                (made.reasons, made.categories, made.alert) = (Vec::new(), Vec::new(), Alert::None);
            }
            store.record(batch(minutes, vec![judged(comment, made)])).await.expect("records");
        }
        Deed::Decided(number, what) => {
            let word = Word { what, who: "Pat".into(), why: "so".into(), seen: Seen::Anything };
            store.decide(&[number], word, Mode::Enforce, at(minutes)).await.expect("decides");
        }
        Deed::TakenBack(decision) => {
            store.undo(&[decision], "Pat".into(), at(minutes)).await.expect("takes back");
        }
        Deed::Settled(how, achieved) => {
            let claim = store.claim(&[page()], at(minutes), SignedDuration::from_mins(5)).await.expect("claims");
            let Some(claim) = claim else { return };
            let (trace, note, error) = (None, None, None);
            let close = Close { how, achieved, verified: Some(at(minutes)), gone: false, note, trace, error };
            store.settle(&claim, Settlement::Close(close), at(minutes)).await.expect("settles");
        }
        Deed::TakenUp(row) => {
            store.take_up(row, "Pat".into(), at(minutes)).await.expect("takes up");
        }
        Deed::Gone(id) => {
            let file = Connection::open(place.path()).expect("opens");
            let gone = "update comment set gone_at = 1 where comment_id = ?";
            file.execute(gone, [format!("c{id}")]).expect("is gone");
        }
        Deed::Erased(author) => {
            for person in store.people(NAMES[author].to_owned()).await.expect("looks") {
                store.erase(&person, "Pat".into(), at(minutes)).await.expect("erases");
            }
        }
    }
}
