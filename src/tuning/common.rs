//! How often words stand in harmless comments. In: a table that ships with the program, counted from the invented comments
//! in `labelled/` that carry no label but thanks and questions: ordinary English as people write it under a practice's
//! posts, "appointment" and "surgery" included. Out: how often a phrase may be expected there. An estimate, for telling
//! what is too broad.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::lexicon::file::Lexicons;
use crate::lexicon::phrase::{Builtin, Form, Node};

/// Words and the comments that they stand in, the commonest first; the first line is how many comments there are.
static TABLE: &str = include_str!("common.txt");

static COMMON: LazyLock<BTreeMap<&'static str, f64>> = LazyLock::new(|| {
    let mut lines = TABLE.lines();
    let all = lines.next().and_then(|line| line.parse::<f64>().ok()).unwrap_or(1.0);
    let share = |line: &'static str| {
        let (word, count) = line.split_once(' ')?;
        Some((word, count.parse::<f64>().ok()? / all))
    };
    lines.filter_map(share).collect()
});

/// Words of an ordinary comment.
const WORDS: f64 = 17.0;

/// In what share of harmless comments a word stands; 0 for one that is not common.
pub fn share_of(word: &str) -> f64 {
    COMMON.get(word).copied().unwrap_or_default()
}

/// In what share of harmless comments a phrase may be expected, from how common its words are.
pub(super) fn expected(node: &Node, lexicons: &Lexicons) -> f64 {
    match node {
        Node::Word(forms) => forms.iter().map(share_of_form).sum::<f64>().min(1.0),
        Node::Alt(nodes) => nodes.iter().map(|node| expected(node, lexicons)).sum::<f64>().min(1.0),
        Node::List(name) => {
            let nodes = lexicons.lists.get(name).into_iter().flatten();
            nodes.map(|node| expected(node, lexicons)).sum::<f64>().min(1.0)
        }
        Node::Seq(nodes) => in_a_row(nodes, lexicons),
        Node::Builtin(builtin) => builtin_share(*builtin),
        Node::Opt(_) | Node::Gap(_) | Node::Start | Node::End | Node::Asked(_) => 1.0,
    }
}

/// Each further word has to stand just behind, or within the gap.
fn in_a_row(nodes: &[Node], lexicons: &Lexicons) -> f64 {
    let (mut share, mut reach) = (1.0, WORDS);
    for node in nodes {
        match node {
            Node::Gap(words) => reach = f64::from(*words) + 1.0,
            Node::Start | Node::End => share /= WORDS,
            Node::Opt(_) | Node::Asked(_) => {}
            node => {
                share *= expected(node, lexicons) * reach / WORDS;
                reach = 1.0;
            }
        }
    }
    share.min(1.0)
}

fn share_of_form(form: &Form) -> f64 {
    if !form.prefix {
        return share_of(&form.text);
    }
    let from = COMMON.range(form.text.as_str()..).take_while(|(word, _)| word.starts_with(&form.text));
    from.map(|(_, share)| share).sum()
}

/// Counted by eye; names and amounts stand in no table.
fn builtin_share(builtin: Builtin) -> f64 {
    match builtin {
        Builtin::Staff | Builtin::Practice | Builtin::Number => 0.15,
        Builtin::Name => 0.05,
        Builtin::Person | Builtin::Money | Builtin::Link => 0.03,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fmt::Write as _;
    use std::fs;
    use std::path::Path;

    use super::*;
    use crate::lexicon::Category;
    use crate::measure::Labelled;
    use crate::text::fold;

    /// Rarer words are not common.
    const LEAST: usize = 5;

    /// Thanks and questions are as harmless as what has no label, and speak of doctors and appointments.
    const HARMLESS: [Category; 2] = [Category::Question, Category::Review];

    fn counted() -> String {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("labelled");
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        let mut all = 0;
        for folder in ["learnt", "fresh", "held-out"] {
            for entry in fs::read_dir(root.join(folder)).expect("a folder").flatten() {
                let text = fs::read_to_string(entry.path()).expect("a file");
                let rows = Labelled::parse(&text, &entry.path()).expect("labelled comments");
                for row in rows.iter().filter(|row| row.labels.iter().all(|label| HARMLESS.contains(label))) {
                    all += 1;
                    let folded = fold(&row.text);
                    let words: BTreeSet<&str> = (0..folded.words.len()).map(|at| folded.word(at)).collect();
                    let word = |word: &&str| word.chars().all(|c| c.is_ascii_lowercase() || c == '\'');
                    for word in words.into_iter().filter(word) {
                        *counts.entry(word.to_owned()).or_default() += 1;
                    }
                }
            }
        }
        let mut rows: Vec<(String, usize)> = counts.into_iter().filter(|(_, count)| *count >= LEAST).collect();
        rows.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
        let mut out = format!("{all}\n");
        for (word, count) in rows {
            let _ = writeln!(out, "{word} {count}");
        }
        out
    }

    #[test]
    fn the_table_is_what_the_harmless_comments_say() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/tuning/common.txt");
        let counted = counted();
        if counted != fs::read_to_string(&path).expect("the table") {
            fs::write(&path, counted).expect("written");
            panic!("the labelled comments have changed; the table is written anew: look at it and commit it");
        }
    }

    #[test]
    fn common_words_and_rows_of_them_are_expected_more_than_rare_ones() {
        let share =
            |phrase: &str| expected(&crate::lexicon::phrase::parse(phrase).expect("a phrase"), &Lexicons::default());
        assert!(share("the") > 0.2 && share("surgery") > 0.02 && share("gormless") < 0.001);
        assert!(share("the appointment") < share("the .. appointment"));
        assert!(share("(the|a)") > share("the") && share("appoint*") >= share("appointment"));
    }
}
