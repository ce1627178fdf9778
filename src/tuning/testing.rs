//! A small practice for tests: a folder of rules to be edited, and a store full of comments that were judged by them.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::comment::{Author, AuthorId, Comment, CommentId};
use crate::lexicon::file::Lexicons;
use crate::rules::{Files, Rules};
use crate::store::tests::{at, batch, comment};
use crate::store::{Decision, Judged, Mode, Store, Word};

pub(super) struct Desk {
    dir: TempDir,
    pub(super) store: Store,
    said: std::cell::Cell<usize>,
}

pub(super) const HEAD: &str = "category = \"complaint\"\nclause = \"complaints\"\n";

impl Desk {
    /// With this file of complaints.
    pub(super) fn new(complaints: &str) -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let store = Store::open(&dir.path().join("state/chaperone.db"), None, at(0)).expect("a store");
        let desk = Self { dir, store, said: std::cell::Cell::new(0) };
        desk.put("lexicons/en/complaint.toml", &format!("{HEAD}{complaints}"));
        desk.put("lexicons/lists/place.toml", "phrases = [\"surgery\", \"place\"]\n");
        desk.put("staff.csv", "title,forename,surname,role,aliases\nDr,Rakesh,Patel,GP,\nMrs,Ann,Best,Receptionist,\n");
        desk
    }

    pub(super) fn at(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(super) fn put(&self, name: &str, text: &str) {
        let path = self.at(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("made");
        fs::write(path, text).expect("written");
    }

    pub(super) fn files(&self, lexicons: &str) -> Files {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        Files {
            lexicons: self.at(lexicons),
            policy: root.join("config/policies/bursted-wood-surgery.toml"),
            staff: Some(self.at("staff.csv")),
            ..Files::default()
        }
    }

    /// A copy of the lexicons with other complaints: where it lies.
    pub(super) fn proposed(&self, complaints: &str) -> Files {
        self.put("proposed/en/complaint.toml", &format!("{HEAD}{complaints}"));
        self.put("proposed/lists/place.toml", "phrases = [\"surgery\", \"place\"]\n");
        self.files("proposed")
    }

    pub(super) fn lexicons(&self) -> Lexicons {
        Lexicons::load(&self.at("lexicons")).unwrap_or_else(|list| panic!("{list:#?}"))
    }

    /// Comments are read, a minute after the other, and judged by the lexicons as they are.
    pub(super) async fn says(&self, texts: &[&str]) {
        let rules = Rules::unproved(&self.files("lexicons")).unwrap_or_else(|list| panic!("{list:#?}"));
        for text in texts {
            let number = self.said.get() + 1;
            self.said.set(number);
            let comment = Comment {
                id: CommentId::new(format!("c{number}")),
                author: Author { id: Some(AuthorId::new(format!("a{number}"))), name: None },
                ..comment("c", text)
            };
            let verdict = Some(rules.judge(&comment));
            let batch = batch(number as i64, vec![Judged { comment, verdict, baseline: false }]);
            self.store.record(batch).await.expect("recorded");
        }
    }

    /// Somebody decides about incidents: the number of a comment, from 1, is its incident's.
    pub(super) async fn decides(&self, what: Decision, numbers: &[i64]) {
        let word =
            Word { what, who: "Pat Lee".to_owned(), why: "so it is".to_owned(), seen: crate::store::Seen::Anything };
        self.store.decide(numbers, word, Mode::Enforce, at(900)).await.expect("decided");
    }
}
