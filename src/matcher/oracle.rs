//! The slow way, which the engine is held to: every phrase sought at every place, letter by letter, straight from the
//! lexicons. In: lexicons and folded text. Out: where each phrase stands. No table, no filter, no window; tests only.

use std::collections::{BTreeSet, HashMap};

use crate::lexicon::file::Lexicons;
use crate::lexicon::phrase::{Form, Node};
use crate::text::Folded;

/// What the oracle knows of a comment.
pub(super) struct Oracle<'o> {
    lexicons: &'o Lexicons,
    folded: &'o Folded,
    /// For each word the words it may stand for.
    answers: Vec<Vec<String>>,
    /// Names, amounts and web addresses: the built-in's name, first word, end.
    hits: Vec<(String, usize, usize)>,
    practice: Vec<Node>,
}

impl<'o> Oracle<'o> {
    pub(super) fn new(
        lexicons: &'o Lexicons,
        folded: &'o Folded,
        hits: Vec<(String, usize, usize)>,
        practice: Vec<Node>,
    ) -> Self {
        let mut spellings: HashMap<&str, Vec<&str>> = HashMap::new();
        for (spelling, word) in &lexicons.spellings {
            spellings.entry(spelling).or_default().push(word);
        }
        let answers = (0..folded.words.len()).map(|at| answers(folded.word(at), &spellings)).collect();
        Self { lexicons, folded, answers, hits, practice }
    }

    /// The matches of a phrase: for each end the nearest start, and of those that overlap only the first.
    pub(super) fn matches(&self, node: &Node) -> Vec<(u32, u32)> {
        let mut nearest: HashMap<usize, usize> = HashMap::new();
        for start in 0..self.answers.len() {
            for end in self.ends(node, &BTreeSet::from([start])) {
                if start < end {
                    nearest.entry(end).and_modify(|nearest| *nearest = start.max(*nearest)).or_insert(start);
                }
            }
        }
        let mut all: Vec<(usize, usize)> = nearest.into_iter().collect();
        all.sort_unstable();
        let mut free = 0;
        let mut kept = Vec::new();
        for (end, start) in all {
            if free <= start {
                free = end;
                kept.push((start as u32, end as u32));
            }
        }
        kept
    }

    fn ends(&self, node: &Node, from: &BTreeSet<usize>) -> BTreeSet<usize> {
        match node {
            Node::Word(forms) => each(from, |place| self.word(forms, place)),
            Node::Seq(nodes) => nodes.iter().fold(from.clone(), |places, node| self.ends(node, &places)),
            Node::Alt(nodes) => nodes.iter().flat_map(|node| self.ends(node, from)).collect(),
            Node::Opt(node) => from.iter().copied().chain(self.ends(node, from)).collect(),
            Node::Gap(words) => each(from, |place| self.gap(usize::from(*words), place)),
            Node::List(name) => self.list(name, from),
            Node::Builtin(builtin) => {
                let name = builtin.name();
                let list = match name {
                    "staff" => self.list("staff-role", from),
                    "practice" => self.list("practice-word", from),
                    "number" => self.list("number-word", from),
                    _ => BTreeSet::new(),
                };
                let practice = self.practice.iter().filter(|_| name == "practice");
                let own = practice.flat_map(|node| self.ends(node, from));
                let found = self.hits.iter().filter(|hit| hit.0 == name && self.reaches(from, hit.1));
                let number = each(from, |place| {
                    let digits = |at: &usize| self.folded.word(*at).bytes().all(|byte| byte.is_ascii_digit());
                    self.reached(place).filter(digits).filter(|_| name == "number").map(|at| at + 1).collect()
                });
                list.into_iter().chain(own).chain(found.map(|hit| hit.2)).chain(number).collect()
            }
            Node::Start => keep(from, |place| self.folded.words[..place].iter().all(|word| word.emoji)),
            Node::End => keep(from, |place| self.folded.words[place..].iter().all(|word| word.emoji)),
            Node::Asked(asked) => keep(from, |place| self.folded.asked(place.saturating_sub(1)) == *asked),
        }
    }

    fn list(&self, name: &str, from: &BTreeSet<usize>) -> BTreeSet<usize> {
        self.lexicons.lists.get(name).into_iter().flatten().flat_map(|node| self.ends(node, from)).collect()
    }

    /// One of the forms stands there, or behind emoji.
    fn word(&self, forms: &[Form], place: usize) -> BTreeSet<usize> {
        let is = |at: &usize| {
            self.answers[*at].iter().any(|answer| {
                forms.iter().any(|form| if form.prefix { answer.starts_with(&form.text) } else { *answer == form.text })
            })
        };
        self.reached(place).filter(is).map(|at| at + 1).collect()
    }

    /// The word behind a place, and while those are emoji, the next ones.
    fn reached(&self, place: usize) -> impl Iterator<Item = usize> {
        let emoji = (place..self.answers.len()).take_while(|&at| self.folded.words[at].emoji).count();
        place..self.answers.len().min(place + emoji + 1)
    }

    fn gap(&self, words: usize, place: usize) -> BTreeSet<usize> {
        let breaks = |place: usize| place > 0 && self.folded.words.get(place).is_some_and(|word| word.sentence_start);
        let mut places = BTreeSet::from([place]);
        for at in place + 1..=(place + words).min(self.answers.len()) {
            if breaks(place) || breaks(at) {
                break;
            }
            places.insert(at);
        }
        places
    }

    /// Whether a place, or one behind emoji, is this one.
    fn reaches(&self, from: &BTreeSet<usize>, at: usize) -> bool {
        from.iter().any(|&place| place <= at && self.folded.words[place..at].iter().all(|word| word.emoji))
    }
}

fn keep(from: &BTreeSet<usize>, holds: impl Fn(usize) -> bool) -> BTreeSet<usize> {
    from.iter().copied().filter(|&place| holds(place)).collect()
}

fn each(from: &BTreeSet<usize>, step: impl Fn(usize) -> BTreeSet<usize>) -> BTreeSet<usize> {
    from.iter().flat_map(|&place| step(place)).collect()
}

fn answers(word: &str, spellings: &HashMap<&str, Vec<&str>>) -> Vec<String> {
    let mut all = vec![word.to_owned()];
    if let Some(stem) = word.strip_suffix("'s").or_else(|| word.strip_suffix('\'')) {
        all.push(stem.to_owned());
    } else if word.contains('\'') {
        let bare = word.replace('\'', "");
        if !matches!(bare.as_str(), "well" | "were" | "hell" | "shell" | "ill" | "id" | "wed" | "shed") {
            all.push(bare);
        }
    }
    let meant = |word: &String| spellings.get(word.as_str()).into_iter().flatten().map(|&word| word.to_owned());
    let meant: Vec<String> = all.iter().flat_map(meant).collect();
    all.into_iter().chain(meant).collect()
}
