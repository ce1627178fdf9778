//! The files that people tune: which there are, their text, one entry of it, and putting a new text in their place. In: names
//! from addresses, which are looked for and never followed. Out: texts. Not here: whether a text is right (the rules'), who
//! may change it (`edit`).

use std::fs;
use std::io::{self, Write as _};
use std::ops::Range;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::console::door::hex;
use crate::rules::Files;

/// What the staff list is called in addresses and in the history.
pub(super) const STAFF: &str = "staff";

/// A file that can be tuned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tunable {
    /// What addresses and the history call it: `en/complaint.toml`, `staff`.
    pub(super) name: String,
    /// Where it lies.
    pub(super) path: PathBuf,
}

impl Tunable {
    /// Every file that there is: categories, lists, points, spellings, and the staff list.
    pub(super) fn all(files: &Files) -> Vec<Self> {
        let mut all: Vec<Self> = ["en", "lists", "points"].iter().flat_map(|folder| within(files, folder)).collect();
        let spellings = files.lexicons.join("spellings.toml");
        if spellings.is_file() {
            all.push(Self { name: "spellings.toml".to_owned(), path: spellings });
        }
        all.extend(files.staff.clone().map(|path| Self { name: STAFF.to_owned(), path }));
        all
    }

    /// The one with this name.
    pub(super) fn named(files: &Files, name: &str) -> Option<Self> {
        Self::all(files).into_iter().find(|file| file.name == name)
    }

    /// What it says now.
    pub(super) fn read(&self) -> io::Result<String> {
        // A staff list that a spreadsheet saved need not be UTF-8; its own reader knows, and here it is shown as it can be.
        fs::read(&self.path).map(|bytes| match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => encoding_rs::WINDOWS_1252.decode(error.as_bytes()).0.into_owned(),
        })
    }

    /// Whether this process may change it.
    pub(super) fn may_write(&self) -> bool {
        fs::OpenOptions::new().write(true).open(&self.path).is_ok()
    }

    /// Puts a new text in its place. Beside it first and then renamed over it, so that no reader sees half of it; where
    /// the folder does not allow that, in place. The mode stays.
    pub(super) fn write(&self, text: &str) -> io::Result<()> {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        let Ok(mut beside) = tempfile::NamedTempFile::new_in(folder) else { return self.write_in_place(text) };
        beside.write_all(text.as_bytes())?;
        beside.as_file().set_permissions(fs::metadata(&self.path)?.permissions())?;
        beside.as_file().sync_all()?;
        beside.persist(&self.path).map(drop).map_err(|error| error.error)
    }

    fn write_in_place(&self, text: &str) -> io::Result<()> {
        let mut file = fs::OpenOptions::new().write(true).truncate(true).open(&self.path)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()
    }

    /// The rules with another text in this file, in a folder of their own.
    pub(super) fn proposed(&self, files: &Files, text: &str, place: &Path) -> io::Result<Files> {
        let mut proposed = files.clone();
        if self.name == STAFF {
            let path = place.join("staff.csv");
            fs::write(&path, text)?;
            proposed.staff = Some(path);
            return Ok(proposed);
        }
        proposed.lexicons = place.join("lexicons");
        copy_tree(&files.lexicons, &proposed.lexicons)?;
        fs::write(proposed.lexicons.join(&self.name), text)?;
        Ok(proposed)
    }
}

fn within(files: &Files, folder: &str) -> Vec<Tunable> {
    let entries = fs::read_dir(files.lexicons.join(folder)).into_iter().flatten().flatten();
    let mut found: Vec<Tunable> = entries
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let ending = entry.path().extension().is_some_and(|ending| ending == "toml");
            let is_one = ending && !name.starts_with('.') && entry.path().is_file();
            is_one.then(|| Tunable { name: format!("{folder}/{name}"), path: entry.path() })
        })
        .collect();
    found.sort_by(|one, other| one.name.cmp(&other.name));
    found
}

fn copy_tree(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_tree(&entry.path(), &to)?;
        } else {
            fs::copy(entry.path(), to)?;
        }
    }
    Ok(())
}

/// Tells one text from another: what somebody began with from what stands there now.
pub(super) fn print_of(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    hex(&digest[..8])
}

/// An entry as it stands in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Block {
    /// Its id.
    pub(super) id: String,
    /// Its bytes, from `[[entry]]` to its last line of text.
    pub(super) span: Range<usize>,
}

/// The entries of a lexicon file, cut at their headers. What stands between two of them (headings in comments) belongs to
/// none. A header within a text of several lines is none of ours; no lexicon has one.
pub(super) fn blocks(text: &str) -> Vec<Block> {
    let mut starts = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if line.trim_end() == "[[entry]]" {
            starts.push(at);
        }
        at += line.len();
    }
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    starts.iter().zip(ends).map(|(&start, end)| block(text, start..end)).collect()
}

fn block(text: &str, span: Range<usize>) -> Block {
    let whole = &text[span.clone()];
    let mut end = whole.len();
    // Comments and empty lines at its end lead to what comes after it.
    while let Some(line) = whole[..end].lines().next_back() {
        let line = line.trim();
        if !(line.is_empty() || line.starts_with('#')) {
            break;
        }
        let above = whole[..end].strip_suffix('\n').unwrap_or(&whole[..end]);
        end = above.rfind('\n').map_or(0, |at| at + 1);
    }
    let id = whole.lines().find_map(|line| {
        let (key, value) = line.split_once('=')?;
        (key.trim() == "id").then(|| value.trim().trim_matches('"').to_owned())
    });
    Block { id: id.unwrap_or_default(), span: span.start..span.start + end }
}

/// What a part of a file becomes, and with it the whole.
pub(super) fn with_block(text: &str, entry: &str, part: &str) -> Option<String> {
    let part = part.replace("\r\n", "\n");
    let part = part.trim_end();
    if entry.is_empty() {
        return Some(format!("{part}\n"));
    }
    if entry == NEW {
        return Some(format!("{}\n\n{part}\n", text.trim_end()));
    }
    let block = blocks(text).into_iter().find(|block| block.id == entry)?;
    let gone = part.trim().is_empty();
    let after = if gone { text[block.span.end..].trim_start_matches('\n') } else { &text[block.span.end..] };
    let newline = if gone { "" } else { "\n" };
    Some(format!("{}{part}{newline}{after}", &text[..block.span.start]))
}

/// In the place of an entry's id: one that is not there yet. No id can be this.
pub(super) const NEW: &str = "+";

/// What a new entry begins with.
pub(super) const TEMPLATE: &str = r#"[[entry]]
id        = ""
phrases   = [
    "",
]
certainty = "low"
hits      = [
    "",
]
misses    = [
    "",
]
"#;

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "category = \"complaint\"\n\n# ---- Phones ----\n\n[[entry]]\nid = \"one\"\nphrases = [\"a\"]\n\n\
                        # ---- Desks ----\n# and chairs\n\n[[entry]]\nid        = \"two\"\nphrases = [\n    \"b\",\n]\n";

    #[test]
    fn a_file_is_cut_at_its_entries_and_headings_belong_to_none() {
        let found: Vec<(String, &str)> = blocks(FILE).into_iter().map(|block| (block.id, &FILE[block.span])).collect();
        let one = "[[entry]]\nid = \"one\"\nphrases = [\"a\"]\n";
        let two = "[[entry]]\nid        = \"two\"\nphrases = [\n    \"b\",\n]\n";
        assert_eq!(found, [("one".to_owned(), one), ("two".to_owned(), two)]);
        assert_eq!(blocks("category = \"x\"\n"), []);
    }

    #[test]
    fn one_entry_is_changed_and_nothing_else() {
        let changed = with_block(FILE, "one", "[[entry]]\r\nid = \"one\"\r\nphrases = [\"c\"]\r\n\r\n").expect("there");
        assert_eq!(changed, FILE.replace("[\"a\"]", "[\"c\"]"));
        assert_eq!(with_block(FILE, "three", "x"), None);
        let removed = with_block(FILE, "two", " \n").expect("there");
        assert_eq!(removed, FILE[..FILE.rfind("[[entry]]").expect("two")].to_owned());
        let added = with_block(FILE, NEW, "[[entry]]\nid = \"three\"").expect("added");
        assert_eq!(added, format!("{FILE}\n[[entry]]\nid = \"three\"\n"));
        assert_eq!(with_block(FILE, "", "whole"), Some("whole\n".to_owned()));
    }

    #[test]
    fn every_shipped_file_is_cut_and_put_together_again_as_it_was() {
        let files = Files { lexicons: Path::new(env!("CARGO_MANIFEST_DIR")).join("lexicons"), ..Files::default() };
        let all = Tunable::all(&files);
        assert!(all.len() > 60, "{}", all.len());
        for file in all.iter().filter(|file| file.name.starts_with("en/") || file.name.starts_with("points/")) {
            let text = file.read().expect("a text");
            let blocks = blocks(&text);
            assert!(!blocks.is_empty(), "{}", file.name);
            for block in blocks {
                assert!(!block.id.is_empty(), "{} {:?}", file.name, block.span);
                let part = &text[block.span.clone()];
                assert_eq!(with_block(&text, &block.id, part).as_deref(), Some(text.as_str()), "{}", block.id);
            }
        }
    }

    #[test]
    fn a_name_that_leads_elsewhere_names_nothing() {
        let files = Files { lexicons: Path::new(env!("CARGO_MANIFEST_DIR")).join("lexicons"), ..Files::default() };
        for name in ["../Cargo.toml", "en/../../Cargo.toml", "/etc/passwd", "en/", "", "README.md", "staff"] {
            assert_eq!(Tunable::named(&files, name), None, "{name}");
        }
        assert!(Tunable::named(&files, "en/complaint.toml").is_some());
    }

    #[test]
    fn a_text_is_put_in_place_whole_and_keeps_its_mode() {
        use std::os::unix::fs::PermissionsExt as _;
        let place = tempfile::tempdir().expect("a folder");
        let path = place.path().join("staff.csv");
        fs::write(&path, "one").expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("set");
        let file = Tunable { name: STAFF.to_owned(), path: path.clone() };
        file.write("two").expect("written");
        assert_eq!(fs::read_to_string(&path).expect("read"), "two");
        assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o640);
        assert_eq!(fs::read_dir(place.path()).expect("a folder").count(), 1, "nothing is left beside it");
    }
}
