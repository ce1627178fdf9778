//! What the decision is compared with: a bare scan (R), a crate that does the same trade, and the composition that
//! most people would write.

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use chaperone::lexicon::file::{Lexicons, visit};
use chaperone::lexicon::phrase::Node;
use regex::Regex;
use unicode_normalization::UnicodeNormalization as _;

/// R: a bare automaton with 2,000 patterns over the bytes as they are, which only counts.
pub(crate) struct Bare(AhoCorasick);

impl Bare {
    pub(crate) fn new(lexicons: &Lexicons) -> Self {
        Self(automaton(&words(lexicons, 2000)))
    }

    pub(crate) fn count(&self, text: &str) -> usize {
        self.0.find_overlapping_iter(text).count()
    }
}

/// NFKC, lower case, skeleton, automaton, word boundaries, identifiers by regular expression.
pub(crate) struct Composed {
    automaton: AhoCorasick,
    identifiers: Vec<Regex>,
}

impl Composed {
    pub(crate) fn new(lexicons: &Lexicons) -> Self {
        let patterns = [
            r"\b\d{3}[ -]?\d{3}[ -]?\d{4}\b",
            r"(?i)\b[a-z]{1,2}\d[a-z\d]? ?\d[a-z]{2}\b",
            r"\b0\d{3,4} ?\d{3} ?\d{3,4}\b",
            r"(?i)\b[\w.+-]+@[\w-]+\.[\w.]+\b",
            r"\b\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}\b",
        ];
        let identifiers = patterns.iter().filter_map(|pattern| Regex::new(pattern).ok()).collect();
        Self { automaton: automaton(&words(lexicons, 2000)), identifiers }
    }

    pub(crate) fn count(&self, text: &str) -> usize {
        let lower: String = text.nfkc().collect::<String>().to_lowercase();
        let folded: String = unicode_security::skeleton(&lower).collect();
        let edge = |at: usize| {
            let beside = |byte: Option<&u8>| byte.is_none_or(|byte| !byte.is_ascii_alphanumeric());
            beside(at.checked_sub(1).and_then(|at| folded.as_bytes().get(at)))
        };
        let bytes = folded.as_bytes();
        let ends = |at: usize| bytes.get(at).is_none_or(|byte| !byte.is_ascii_alphanumeric());
        let words =
            self.automaton.find_overlapping_iter(&folded).filter(|hit| edge(hit.start()) && ends(hit.end())).count();
        words + self.identifiers.iter().map(|identifier| identifier.find_iter(text).count()).sum::<usize>()
    }
}

fn automaton(patterns: &[String]) -> AhoCorasick {
    AhoCorasick::builder()
        .kind(Some(AhoCorasickKind::DFA))
        .match_kind(MatchKind::Standard)
        .ascii_case_insensitive(true)
        .build(patterns)
        .expect("an automaton of 2,000 words")
}

/// The longest words of the lexicons: what a plain block list would hold, and rare enough to favour the scan.
fn words(lexicons: &Lexicons, most: usize) -> Vec<String> {
    let mut words = Vec::new();
    let mut see = |node: &Node| {
        if let Node::Word(forms) = node {
            words.extend(forms.iter().filter(|form| !form.prefix).map(|form| form.text.clone()));
        }
    };
    for entry in &lexicons.entries {
        for node in &entry.phrases {
            visit(node, &mut see);
        }
    }
    for nodes in lexicons.lists.values() {
        for node in nodes {
            visit(node, &mut see);
        }
    }
    words.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
    words.dedup();
    words.truncate(most);
    words
}
