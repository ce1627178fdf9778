//! What somebody finds who gets hold of the file, and what becomes of a store whose key is another one or gone.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use super::tests::{Place, at, batch, comment, judged, verdict};
use super::*;
use crate::lexicon::Category;
use crate::policy::Action;

/// A store that keeps one of everything that people said.
async fn filled(place: &Place) {
    let store = place.open();
    let judged = judged(comment("c1", "Worst surgery in Alderbrook"), verdict(Category::Complaint, Action::Hide));
    store.record(batch(1, vec![judged])).await.expect("records");
}

fn every_byte(directory: &Path) -> Vec<u8> {
    let entries = std::fs::read_dir(directory).expect("a directory");
    entries.flat_map(|entry| std::fs::read(entry.expect("an entry").path()).expect("read")).collect()
}

#[tokio::test]
async fn nothing_that_anybody_wrote_or_is_called_lies_open_in_any_file_of_the_store() {
    let place = Place::new();
    filled(&place).await;
    let bytes = every_byte(place.path().parent().expect("a directory"));
    let holds = |words: &[u8]| bytes.windows(words.len()).any(|part| part == words);
    assert!(holds(b"complaint/entry"), "what is no secret is there, so the search works");
    let hash = crate::comment::CommentText::new("Worst surgery in Alderbrook").hash();
    for secret in [b"Worst surgery".as_slice(), b"Alderbrook", b"Jo Carter", b"Carter", &hash.0] {
        assert!(!holds(secret), "{}", String::from_utf8_lossy(secret));
    }
}

#[tokio::test]
async fn another_key_does_not_open_the_store_and_both_keys_are_told_apart() {
    let place = Place::new();
    filled(&place).await;
    let other = Key::random().expect("random");
    for opened in
        [Store::open(&place.path(), Some(&other), at(2)), Store::open_beside(&place.path(), Some(&other), at(2))]
    {
        let error = opened.expect_err("refused").to_string();
        assert!(error.contains(&other.fingerprint()) && error.contains("key_file"), "{error}");
    }
    let store = place.open();
    assert_eq!(
        store.queued(1).await.expect("reads").expect("one").incident.text.expose(),
        "Worst surgery in Alderbrook"
    );
}

#[tokio::test]
async fn a_store_whose_key_is_gone_is_neither_opened_nor_begun_anew() {
    let place = Place::new();
    filled(&place).await;
    let key = key::beside(&place.path());
    let kept = place.path().with_extension("kept");
    std::fs::rename(&key, &kept).expect("moved");
    assert!(matches!(Store::open(&place.path(), None, at(2)), Err(Error::NoKey { .. })));
    assert!(!key.exists(), "a new key would open nothing and hide what happened");
    std::fs::write(&key, "0123\n").expect("written");
    let closed = |mode| std::fs::set_permissions(&key, std::fs::Permissions::from_mode(mode)).expect("set");
    closed(0o644);
    assert!(matches!(Store::open(&place.path(), None, at(2)), Err(Error::OpenKey { .. })));
    closed(0o600);
    assert!(matches!(Store::open(&place.path(), None, at(2)), Err(Error::NoKey { .. })));
    std::fs::rename(&kept, &key).expect("moved back");
    place.open();
}

#[tokio::test]
async fn with_a_key_of_its_own_a_store_keeps_none_beside_it() {
    let place = Place::new();
    let ours = Key::random().expect("random");
    drop(Store::open(&place.path(), Some(&ours), at(0)).expect("opens"));
    assert!(!key::beside(&place.path()).exists());
    assert!(matches!(Store::open(&place.path(), None, at(1)), Err(Error::NoKey { .. })));
    Store::open(&place.path(), Some(&ours), at(1)).expect("opens");
}

#[tokio::test]
async fn after_a_rotation_the_new_key_opens_everything_and_the_old_one_nothing() {
    let place = Place::new();
    filled(&place).await;
    let (new, old_file) = (Key::random().expect("random"), key::beside(&place.path()));
    let rotated = place.open().rotate(&new, at(2)).await.expect("rotates");
    assert_eq!(rotated, 4, "the words, the author's name and id, and what finds them again");
    assert!(matches!(Store::open(&place.path(), None, at(3)), Err(Error::WrongKey { .. })));
    std::fs::remove_file(old_file).expect("removed");
    let store = Store::open(&place.path(), Some(&new), at(3)).expect("opens");
    let incident = store.queued(1).await.expect("reads").expect("one").incident;
    assert_eq!(incident.text.expose(), "Worst surgery in Alderbrook");
    // The same comment listed again is still the same comment, and its author the same author.
    let same = [comment("c1", "Worst surgery in Alderbrook")];
    let known = store.known(&tests::page(), &same, at(4)).await.expect("reads");
    assert_eq!(known[0].news, News::Same);
    let again = judged(comment("c2", "Worst again"), verdict(Category::Complaint, Action::Hide));
    store.record(batch(5, vec![again])).await.expect("records");
    assert_eq!(store.queued(2).await.expect("reads").expect("one").incident.author_before, 1);
}
