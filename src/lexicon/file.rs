//! Lexicon files to entries: `lexicons/en/*.toml`, `lexicons/points/*.toml` (written by weighing), `lexicons/lists/*.toml`,
//! `lexicons/spellings.toml`. In: a folder.
//! Out: [`Lexicons`], or every mistake of every file at once. Not here: running the examples; that is the matcher's.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::complaint::{Complaint, Complaints, did_you_mean};
use super::phrase::{self, Node};
use super::table::{Located, Table, parse};
use super::{Category, Certainty};

/// All lexicon files of a folder, read.
#[derive(Clone, Debug, Default)]
pub struct Lexicons {
    /// Every entry of every file, in order of file and place.
    pub entries: Vec<Entry>,
    /// The shared word lists, by name.
    pub lists: BTreeMap<String, Vec<Node>>,
    /// How people write some words: the spelling, then the word that it stands for.
    pub spellings: Vec<(String, String)>,
    /// The files, for whoever watches them.
    pub files: Vec<Source>,
}

/// A file as it was read.
#[derive(Clone, Debug)]
pub struct Source {
    /// Where it lies.
    pub path: PathBuf,
    /// Its text.
    pub text: String,
}

/// One entry of a lexicon file.
#[derive(Clone, Debug)]
pub struct Entry {
    /// `complaint/worst-service`.
    pub name: String,
    /// What a hit counts as.
    pub category: Category,
    /// The clause key that policies resolve.
    pub clause: String,
    /// What to look for.
    pub phrases: Vec<Node>,
    /// Words that are nothing by themselves and something together.
    pub tally: Option<Tally>,
    /// What cancels a hit that it overlaps.
    pub unless: Vec<Node>,
    /// Of these, one must stand somewhere in the comment.
    pub with: Vec<Node>,
    /// How sure a hit is.
    pub certainty: Certainty,
    /// A negator shortly before a hit cancels it.
    pub negation_cancels: bool,
    /// Quotation, report or condemnation cancels a hit.
    pub quotation_cancels: bool,
    /// What it must find.
    pub hits: Vec<Example>,
    /// What it must not find.
    pub misses: Vec<Example>,
    /// What it ought to find one day.
    pub todo: Vec<Example>,
    /// Which file, in [`Lexicons::files`].
    pub file: usize,
    /// Where the entry's id stands in that file.
    pub span: Range<usize>,
}

/// Phrases that add up: each that stands in a comment gives its points once, and enough of them together are a hit.
#[derive(Clone, Debug)]
pub struct Tally {
    /// How many points a comment must gather.
    pub needs: i32,
    /// What the points mean for what other entries of the category find.
    pub proof: Proof,
    /// What each phrase gives; those that speak against take away.
    pub points: Vec<(i32, Node)>,
}

/// How surely phrases are believed, by the points that they and the rest of the comment gather.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Proof {
    /// Points that the surest finding of another entry of the category adds: low, medium, high.
    pub phrase: [i32; 3],
    /// With fewer than this, other entries' findings are of low certainty at most.
    pub medium: Option<i32>,
    /// With fewer than this, they are of medium certainty at most.
    pub high: Option<i32>,
    /// With fewer than this, they do not count.
    pub refutes: Option<i32>,
}

impl Proof {
    /// Whether points make no difference to other entries.
    pub fn is_none(self) -> bool {
        self.medium.is_none() && self.high.is_none() && self.refutes.is_none()
    }
}

impl Entry {
    /// Every phrase of the entry, whatever it is for.
    pub fn all_phrases(&self) -> impl Iterator<Item = &Node> {
        let points = self.tally.iter().flat_map(|tally| tally.points.iter().map(|(_, node)| node));
        self.phrases.iter().chain(&self.unless).chain(&self.with).chain(points)
    }
}

/// An example sentence of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// The sentence.
    pub text: String,
    /// Where it stands in the entry's file.
    pub span: Range<usize>,
}

impl Lexicons {
    /// Reads a folder of lexicons; all mistakes of all files at once.
    pub fn load(dir: &Path) -> Result<Self, Vec<Complaint>> {
        let mut loader = Loader::default();
        loader.lists(&dir.join("lists"));
        loader.spellings(&dir.join("spellings.toml"));
        loader.entries(&dir.join("en"));
        if dir.join("points").exists() {
            loader.entries(&dir.join("points"));
        }
        loader.check_lists();
        loader.complaints.or(loader.lexicons)
    }

    /// A list's phrases that are one plain word or several, written out: for the code that needs words, not patterns.
    pub fn plain_words(&self, list: &str) -> Vec<String> {
        self.lists.get(list).into_iter().flatten().flat_map(plain).collect()
    }
}

/// Every way of writing a node that has only words in it.
fn plain(node: &Node) -> Vec<String> {
    match node {
        Node::Word(forms) => forms.iter().filter(|form| !form.prefix).map(|form| form.text.clone()).collect(),
        Node::Alt(nodes) => nodes.iter().flat_map(plain).collect(),
        Node::Opt(node) => plain(node).into_iter().chain([String::new()]).collect(),
        Node::Seq(nodes) => nodes.iter().fold(vec![String::new()], |before, node| {
            let after = plain(node);
            before
                .iter()
                .flat_map(|start| after.iter().map(move |end| format!("{start} {end}").trim().to_owned()))
                .collect()
        }),
        _ => Vec::new(),
    }
}

/// A phrase's list references, with the place of the phrase, to be checked once all lists are known.
struct Reference {
    list: String,
    file: usize,
    span: Range<usize>,
}

#[derive(Default)]
struct Loader {
    lexicons: Lexicons,
    complaints: Complaints,
    references: Vec<Reference>,
}

impl Loader {
    fn entries(&mut self, dir: &Path) {
        let files = self.toml_files(dir);
        if files.is_empty() {
            self.complaints.push(
                Complaint::new(format!("there are no lexicon files in {}", dir.display()))
                    .help("point `dir` of section [lexicons] at the folder that holds `en` and `lists`"),
            );
        }
        for path in files {
            if let Some(file) = self.source(path) {
                self.entry_file(file);
            }
        }
    }

    fn lists(&mut self, dir: &Path) {
        for path in self.toml_files(dir) {
            if let Some(file) = self.source(path) {
                self.list_file(file);
            }
        }
    }

    fn spellings(&mut self, path: &Path) {
        if !path.exists() {
            return;
        }
        let Some(file) = self.source(path.to_owned()) else { return };
        let source = self.lexicons.files[file].clone();
        let mut complaints = Complaints::about(&source.path, &source.text);
        let Some((table, span)) = parse(&source.text, &mut complaints) else {
            self.complaints.extend(complaints);
            return;
        };
        for (spelling, word) in Table::new(&table, span).all_strings(&mut complaints) {
            self.lexicons.spellings.push((spelling.value, word.value));
        }
        self.complaints.extend(complaints);
    }

    fn toml_files(&mut self, dir: &Path) -> Vec<PathBuf> {
        let mut files: Vec<PathBuf> = match std::fs::read_dir(dir) {
            Ok(entries) => entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect(),
            Err(error) => {
                self.complaints.push(
                    Complaint::new(format!("cannot read the folder: {error}"))
                        .in_file(dir)
                        .help("check that the folder exists and that this user may read it"),
                );
                return Vec::new();
            }
        };
        files.retain(|path| path.extension().is_some_and(|ending| ending == "toml"));
        files.sort();
        files
    }

    fn source(&mut self, path: PathBuf) -> Option<usize> {
        match std::fs::read(&path) {
            Ok(bytes) => match String::from_utf8(bytes) {
                Ok(text) => {
                    let text = text.strip_prefix('\u{FEFF}').map(str::to_owned).unwrap_or(text);
                    self.lexicons.files.push(Source { path, text });
                    return Some(self.lexicons.files.len() - 1);
                }
                Err(error) => {
                    let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
                    let line = good.split(|&byte| byte == b'\n').count();
                    self.complaints.push(
                        Complaint::new("this line holds a character that is not UTF-8")
                            .in_file(path)
                            .on_line(line)
                            .help("save the file as UTF-8"),
                    );
                }
            },
            Err(error) => self.complaints.push(
                Complaint::new(format!("cannot read the file: {error}"))
                    .in_file(path)
                    .help("check that this user may read it"),
            ),
        }
        None
    }

    fn list_file(&mut self, file: usize) {
        let source = self.lexicons.files[file].clone();
        let mut complaints = Complaints::about(&source.path, &source.text);
        let Some((table, span)) = parse(&source.text, &mut complaints) else {
            self.complaints.extend(complaints);
            return;
        };
        let mut table = Table::new(&table, span);
        table.string("about", &mut complaints);
        let phrases = table.strings("phrases", &mut complaints);
        if phrases.is_empty() {
            complaints.at(table.span(), "this list is empty", "add a line phrases = [\"…\"]".to_owned());
        }
        table.finish(&mut complaints);
        let mut nodes = Vec::new();
        for text in &phrases {
            if let Some(node) = read_phrase(text, &source.text, &mut complaints) {
                if has_gap_or_list(&node) {
                    complaints.at(
                        text.span.clone(),
                        "a list holds words, not gaps or other lists",
                        "write the words out, or put the gap into the phrases that use the list".to_owned(),
                    );
                }
                nodes.push(node);
            }
        }
        let name = source.path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if phrase::Builtin::ALL.iter().any(|(builtin, _)| *builtin == name) {
            complaints
                .add(format!("<{name}> is built in and cannot be a list"), "give the file another name".to_owned());
        }
        self.lexicons.lists.insert(name, nodes);
        self.complaints.extend(complaints);
    }

    fn entry_file(&mut self, file: usize) {
        let source = self.lexicons.files[file].clone();
        let mut complaints = Complaints::about(&source.path, &source.text);
        let Some((table, span)) = parse(&source.text, &mut complaints) else {
            self.complaints.extend(complaints);
            return;
        };
        let mut table = Table::new(&table, span);
        let category = read_category(&mut table, &source.path, &mut complaints);
        let clause = table.required("clause", &mut complaints).map(|clause| clause.value).unwrap_or_default();
        let mut ids = BTreeSet::new();
        for entry in table.tables("entry", &mut complaints) {
            let Some(entry) = self.entry(entry, file, category, &clause, &source, &mut complaints) else { continue };
            if !ids.insert(entry.name.clone()) {
                complaints.at(
                    entry.span.clone(),
                    format!("`{}` stands in this file twice", entry.name.rsplit('/').next().unwrap_or_default()),
                    "give one of the two another id".to_owned(),
                );
            }
            self.lexicons.entries.push(entry);
        }
        table.finish(&mut complaints);
        self.complaints.extend(complaints);
    }

    fn entry(
        &mut self,
        mut table: Table<'_>,
        file: usize,
        category: Category,
        clause: &str,
        source: &Source,
        complaints: &mut Complaints,
    ) -> Option<Entry> {
        let id = table.required("id", complaints);
        let own_clause = table.string("clause", complaints);
        let texts = table.strings("phrases", complaints);
        let tally = self.tally(&mut table, file, source, complaints);
        if texts.is_empty() && tally.is_none() {
            complaints.at(table.span(), "this entry has no phrases", "add a line phrases = [\"…\"]".to_owned());
        }
        let phrases = self.phrases(&texts, file, source, complaints);
        let unless = table.strings("unless", complaints);
        let unless = self.phrases(&unless, file, source, complaints);
        let with = table.strings("with", complaints);
        let with = self.phrases(&with, file, source, complaints);
        let certainty = table.string("certainty", complaints);
        let negation = table.string("negation", complaints);
        let quotation = table.string("quotation", complaints);
        let (hits, misses, todo) =
            (table.strings("hits", complaints), table.strings("misses", complaints), table.strings("todo", complaints));
        table.string("note", complaints);
        let span = id.as_ref().map_or(table.span(), |id| id.span.clone());
        if hits.is_empty() {
            complaints.at(
                span.clone(),
                "this entry has no hits",
                "add a line hits = [\"…\"] with a sentence it must find".to_owned(),
            );
        }
        table.finish(complaints);
        let id = id?.value;
        check_id(&id, &span, complaints);
        Some(Entry {
            name: format!("{category}/{id}"),
            category,
            clause: own_clause.map_or_else(|| clause.to_owned(), |clause| clause.value),
            phrases,
            tally,
            unless,
            with,
            certainty: read_certainty(certainty, complaints),
            negation_cancels: read_cancels(negation.as_ref(), "negation", negation_default(category), complaints),
            quotation_cancels: read_cancels(quotation.as_ref(), "quotation", quotation_default(category), complaints),
            hits: examples(hits),
            misses: examples(misses),
            todo: examples(todo),
            file,
            span,
        })
    }

    /// `points.3 = ["…"]` and `needs = 8`.
    fn tally(
        &mut self,
        table: &mut Table<'_>,
        file: usize,
        source: &Source,
        complaints: &mut Complaints,
    ) -> Option<Tally> {
        let needs = table.integer("needs", complaints);
        let refutes = table.integer("refutes", complaints);
        let mut numbers = |of: &'static str, keys: &[&'static str]| {
            let mut of = table.table(of, complaints);
            let numbers = keys.iter().map(|key| of.as_mut()?.integer(key, complaints)).collect::<Vec<_>>();
            if let Some(of) = of {
                of.finish(complaints);
            }
            numbers
        };
        let phrase = numbers("phrase", &["low", "medium", "high"]);
        let confirms = numbers("confirms", &["medium", "high"]);
        let points = table.table("points", complaints);
        let Some(points) = points else {
            for number in [needs, refutes].into_iter().chain(phrase).chain(confirms).flatten() {
                let help = "add lines like points.3 = [\"…\"], or delete this line".to_owned();
                complaints.at(number.span, "this counts points, and the entry gives none", help);
            }
            return None;
        };
        let span = points.span();
        let number = |number: &Option<Located<i64>>| number.as_ref().map(|it| it.value.clamp(-999, 999) as i32);
        let proof = Proof {
            phrase: [0, 1, 2].map(|at| number(&phrase[at]).unwrap_or(0)),
            medium: number(&confirms[0]),
            high: number(&confirms[1]),
            refutes: number(&refutes),
        };
        let mut tally = Tally { needs: 0, proof, points: Vec::new() };
        for (key, texts) in points.all_lists(complaints) {
            let Some(worth) = key.value.parse::<i32>().ok().filter(|worth| (1..=99).contains(&worth.abs())) else {
                let help = "write a whole number such as points.3 or points.-2".to_owned();
                complaints.at(key.span, format!("`{}` is no number of points", key.value), help);
                continue;
            };
            let nodes = self.phrases(&texts, file, source, complaints);
            tally.points.extend(nodes.into_iter().map(|node| (worth, node)));
        }
        match needs.filter(|needs| (1..=999).contains(&needs.value)) {
            Some(needs) => tally.needs = needs.value as i32,
            None => complaints.at(
                span,
                "this entry gives points and does not say how many are enough",
                "add a line like needs = 8".to_owned(),
            ),
        }
        Some(tally)
    }

    fn phrases(
        &mut self,
        texts: &[Located<String>],
        file: usize,
        source: &Source,
        complaints: &mut Complaints,
    ) -> Vec<Node> {
        let mut nodes = Vec::new();
        for text in texts {
            if let Some(node) = read_phrase(text, &source.text, complaints) {
                visit(&node, &mut |node| {
                    if let Node::List(list) = node {
                        self.references.push(Reference { list: list.clone(), file, span: text.span.clone() });
                    }
                });
                nodes.push(node);
            }
        }
        nodes
    }

    fn check_lists(&mut self) {
        for reference in &self.references {
            if self.lexicons.lists.contains_key(&reference.list) {
                continue;
            }
            let source = &self.lexicons.files[reference.file];
            let known = self.lexicons.lists.keys().map(String::as_str);
            let builtin = phrase::Builtin::ALL.iter().map(|&(name, _)| name);
            let help = match did_you_mean(&reference.list, known.chain(builtin)) {
                Some(near) => format!("did you mean <{near}>?"),
                None => format!("make the file lists/{}.toml, or use another list", reference.list),
            };
            self.complaints.push(
                Complaint::new(format!("there is no list <{}>", reference.list))
                    .in_file(&source.path)
                    .at(&source.text, reference.span.clone())
                    .help(help),
            );
        }
    }
}

fn read_category(table: &mut Table<'_>, path: &Path, complaints: &mut Complaints) -> Category {
    let fallback = Category::Question;
    let Some(id) = table.required("category", complaints) else { return fallback };
    let Some(category) = Category::from_id(&id.value) else {
        let help = match did_you_mean(&id.value, Category::ALL.into_iter().map(Category::id)) {
            Some(near) => format!("did you mean \"{near}\"?"),
            None => format!("the categories are {}", Category::ALL.map(Category::id).join(", ")),
        };
        complaints.at(id.span, format!("there is no category \"{}\"", id.value), help);
        return fallback;
    };
    if path.file_stem().is_some_and(|stem| stem != category.id()) {
        complaints.at(
            id.span,
            format!("the category is \"{category}\", the file is not named after it"),
            format!("name the file {category}.toml, so that an entry's name leads to its file"),
        );
    }
    category
}

fn read_certainty(text: Option<Located<String>>, complaints: &mut Complaints) -> Certainty {
    let Some(text) = text else { return Certainty::High };
    Certainty::from_id(&text.value).unwrap_or_else(|| {
        complaints.at(text.span, format!("\"{}\" is no certainty", text.value), "write high, medium or low".to_owned());
        Certainty::Low
    })
}

fn read_cancels(text: Option<&Located<String>>, key: &str, default: bool, complaints: &mut Complaints) -> bool {
    match text.map(|text| text.value.as_str()) {
        None => default,
        Some("cancels") => true,
        Some("ignore") => false,
        Some(other) => {
            let span = text.map_or(0..0, |text| text.span.clone());
            complaints.at(span, format!("`{key}` cannot be \"{other}\""), "write cancels or ignore".to_owned());
            default
        }
    }
}

/// Whether "never rude" unmakes a hit of this category where the entry does not say.
fn negation_default(category: Category) -> bool {
    matches!(
        category,
        Category::Complaint
            | Category::Defamation
            | Category::Harassment
            | Category::Threat
            | Category::Safeguarding
            | Category::Review
            | Category::Misinformation
    )
}

/// Whether quoting or condemning a word unmakes a hit of this category where the entry does not say.
fn quotation_default(category: Category) -> bool {
    negation_default(category) && category != Category::Safeguarding
        || matches!(category, Category::Hate | Category::Obscenity)
}

fn check_id(id: &str, span: &Range<usize>, complaints: &mut Complaints) {
    if !id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-') {
        complaints.at(
            span.clone(),
            format!("the id \"{id}\" has characters that an id cannot have"),
            "use small letters, digits and dashes: worst-service".to_owned(),
        );
    }
}

fn read_phrase(text: &Located<String>, source: &str, complaints: &mut Complaints) -> Option<Node> {
    match phrase::parse(&text.value) {
        Ok(node) => Some(node),
        Err(mistake) => {
            // Inside the quotation marks the place is exact only while nothing was escaped.
            let plain = source.get(text.span.start + 1..text.span.end.saturating_sub(1)) == Some(text.value.as_str());
            let span = if plain && mistake.at < text.value.len() {
                text.span.start + 1 + mistake.at..text.span.end - 1
            } else {
                text.span.clone()
            };
            complaints.at(span, mistake.what, mistake.help);
            None
        }
    }
}

fn examples(texts: Vec<Located<String>>) -> Vec<Example> {
    texts.into_iter().map(|text| Example { text: text.value, span: text.span }).collect()
}

fn has_gap_or_list(node: &Node) -> bool {
    let mut found = false;
    visit(node, &mut |node| {
        found |=
            matches!(node, Node::Gap(_) | Node::List(_) | Node::Builtin(_) | Node::Asked(_) | Node::Start | Node::End);
    });
    found
}

/// Calls `see` on a node and everything inside it.
pub fn visit(node: &Node, see: &mut impl FnMut(&Node)) {
    see(node);
    match node {
        Node::Seq(nodes) | Node::Alt(nodes) => nodes.iter().for_each(|node| visit(node, see)),
        Node::Opt(node) => visit(node, see),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(entry_file: &str) -> Result<Lexicons, Vec<String>> {
        let dir = tempfile::tempdir().expect("a folder");
        std::fs::create_dir_all(dir.path().join("en")).expect("en");
        std::fs::create_dir_all(dir.path().join("lists")).expect("lists");
        std::fs::write(
            dir.path().join("lists/service.toml"),
            "about = \"x\"\nphrases = [\"service\", \"surger(y|ies)\"]\n",
        )
        .expect("a list");
        std::fs::write(dir.path().join("en/complaint.toml"), entry_file).expect("an entry file");
        let strip = |complaint: &Complaint| {
            let file = complaint.file.as_ref().and_then(|file| file.file_name()).unwrap_or_default().to_string_lossy();
            format!(
                "{file}:{}: {} ({})",
                complaint.line.unwrap_or(0),
                complaint.what,
                complaint.help.as_deref().unwrap_or("")
            )
        };
        Lexicons::load(dir.path()).map_err(|complaints| complaints.iter().map(strip).collect())
    }

    #[test]
    fn a_file_of_entries_is_read_with_its_defaults() {
        let lexicons = load(
            "category = \"complaint\"\nclause = \"complaints\"\n[[entry]]\nid = \"worst\"\nphrases = [\"worst <service>\"]\nhits = [\"worst service\"]\n",
        )
        .expect("a good file");
        let entry = &lexicons.entries[0];
        assert_eq!(
            (entry.name.as_str(), entry.certainty, entry.negation_cancels),
            ("complaint/worst", Certainty::High, true)
        );
        assert_eq!(lexicons.plain_words("service"), ["service", "surgeries", "surgery"]);
    }

    #[test]
    fn all_mistakes_of_a_file_are_told_with_line_and_help() {
        let told = load(
            "category = \"complaint\"\nclause = \"complaints\"\n\n[[entry]]\nid = \"a\"\nphrases = [\"!!!\", \"worst <servce>\"]\nhits = [\"x\"]\n\n[[entry]]\nid = \"a\"\nphrases = []\ncertainty = \"sure\"\nmisss = [\"x\"]\nhits = [\"x\"]\n",
        )
        .expect_err("a bad file");
        insta::assert_snapshot!(told.join("\n"), @r#"
        complaint.toml:6: nothing is left of `!!!` once punctuation is dropped (write at least one letter or digit, or delete it)
        complaint.toml:6: there is no list <servce> (did you mean <service>?)
        complaint.toml:9: this entry has no phrases (add a line phrases = ["…"])
        complaint.toml:10: `a` stands in this file twice (give one of the two another id)
        complaint.toml:12: "sure" is no certainty (write high, medium or low)
        complaint.toml:13: `misss` is not known here (did you mean `misses`?)
        "#);
    }

    #[test]
    fn points_are_read_and_what_is_wrong_with_them_is_told() {
        let head = "category = \"complaint\"\nclause = \"complaints\"\n[[entry]]\nid = \"a\"\nhits = [\"x\"]\n";
        let lexicons =
            load(&format!("{head}needs = 5\npoints.3 = [\"awful\", \"shambles\"]\npoints.-2 = [\"thank*\"]\n"))
                .expect("a good file");
        let tally = lexicons.entries[0].tally.as_ref().expect("a tally");
        let mut worth: Vec<i32> = tally.points.iter().map(|&(worth, _)| worth).collect();
        worth.sort_unstable();
        assert_eq!((tally.needs, worth), (5, vec![-2, 3, 3]));
        let told = |rest: &str| load(&format!("{head}{rest}")).expect_err("a bad file").join("\n");
        insta::assert_snapshot!(told("points.many = [\"awful\"]\n"), @r"
        complaint.toml:6: this entry gives points and does not say how many are enough (add a line like needs = 8)
        complaint.toml:6: `many` is no number of points (write a whole number such as points.3 or points.-2)
        ");
        insta::assert_snapshot!(
            told("needs = 5\nphrases = [\"awful\"]\n"),
            @"complaint.toml:6: this counts points, and the entry gives none (add lines like points.3 = [\"…\"], or delete this line)"
        );
    }

    #[test]
    fn a_category_that_does_not_exist_is_refused() {
        let told = load("category = \"complant\"\nclause = \"complaints\"\n").expect_err("a bad file");
        assert_eq!(told, ["complaint.toml:1: there is no category \"complant\" (did you mean \"complaint\"?)"]);
    }
}
