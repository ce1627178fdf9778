//! The phrases of lexicon files: what an admin writes to what the matcher looks for. In: one phrase. Out: [`Node`]s, or
//! the place and the reason why it is no phrase. The language is described for its users in `lexicons/README.md`.

use crate::text::fold;

/// A phrase's longest reach in words, gaps included: the matcher follows a phrase in sets of this many places.
pub const MAX_WORDS: usize = 60;
/// The widest gap.
const MAX_GAP: u8 = 12;
/// How many ways through a phrase there may be that do without words: `(^|so)` has two.
pub const MAX_WAYS: usize = 64;
/// How many brackets may stand inside each other.
const MAX_DEPTH: usize = 16;
/// How many spellings one glued word may stand for.
const MAX_SPELLINGS: usize = 64;

/// A part of a phrase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// One word: any of these forms.
    Word(Vec<Form>),
    /// One after the other.
    Seq(Vec<Node>),
    /// Any of these.
    Alt(Vec<Node>),
    /// This or nothing.
    Opt(Box<Node>),
    /// Up to so many words of the same sentence.
    Gap(u8),
    /// A phrase of a list.
    List(String),
    /// Something the matcher knows by itself.
    Builtin(Builtin),
    /// The beginning of the comment.
    Start,
    /// The end of the comment, emoji aside.
    End,
    /// The sentence ends in a question mark (or, with `false`, does not).
    Asked(bool),
}

/// One form of a word.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Form {
    /// The folded letters.
    pub text: String,
    /// Any ending may follow.
    pub prefix: bool,
}

/// What the matcher finds without a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Builtin {
    /// A member of staff, by name or by job word.
    Staff,
    /// A member of staff, by name.
    Name,
    /// The practice, by name or as "the surgery".
    Practice,
    /// A named private person.
    Person,
    /// A number.
    Number,
    /// An amount of money.
    Money,
    /// A web address.
    Link,
}

impl Builtin {
    /// Every one, with its name between angle brackets.
    pub const ALL: [(&'static str, Self); 7] = [
        ("staff", Self::Staff),
        ("name", Self::Name),
        ("practice", Self::Practice),
        ("person", Self::Person),
        ("number", Self::Number),
        ("money", Self::Money),
        ("link", Self::Link),
    ];

    /// What it is called between angle brackets.
    pub fn name(self) -> &'static str {
        Self::ALL[self as usize].0
    }
}

/// Why a text is no phrase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Byte in the phrase.
    pub at: usize,
    /// What is wrong.
    pub what: String,
    /// What to do.
    pub help: String,
}

/// Reads a phrase.
pub fn parse(phrase: &str) -> Result<Node, Mistake> {
    let mut parser = Parser { phrase, at: 0, depth: 0 };
    let node = parser.sequence(true)?;
    if parser.at < phrase.len() {
        let stray = parser.rest().chars().next().unwrap_or(' ');
        return Err(parser.mistake(format!("`{stray}` has no partner"), "delete it, or open the bracket before it"));
    }
    check_whole(&node)?;
    Ok(node)
}

/// How many words a node spans at the most.
pub fn longest(node: &Node) -> usize {
    match node {
        Node::Word(_) => 1,
        Node::Seq(nodes) => nodes.iter().map(longest).sum(),
        Node::Alt(nodes) => nodes.iter().map(longest).max().unwrap_or(0),
        Node::Opt(node) => longest(node),
        Node::Gap(words) => usize::from(*words),
        Node::List(_) | Node::Builtin(_) => 8,
        Node::Start | Node::End | Node::Asked(_) => 0,
    }
}

/// Whether a node can match no words at all.
pub fn may_be_empty(node: &Node) -> bool {
    match node {
        Node::Word(_) | Node::List(_) | Node::Builtin(_) => false,
        Node::Seq(nodes) => nodes.iter().all(may_be_empty),
        Node::Alt(nodes) => nodes.iter().any(may_be_empty),
        Node::Opt(_) | Node::Gap(_) | Node::Start | Node::End | Node::Asked(_) => true,
    }
}

/// How many ways there are through a node, but for those that differ only in words.
fn ways(node: &Node) -> usize {
    match node {
        Node::Seq(nodes) => nodes.iter().map(ways).fold(1, usize::saturating_mul),
        Node::Alt(nodes) => {
            let words = usize::from(!nodes.iter().all(may_be_empty));
            nodes.iter().filter(|node| may_be_empty(node)).map(ways).fold(words, usize::saturating_add)
        }
        Node::Opt(node) if may_be_empty(node) => ways(node).saturating_add(1),
        _ => 1,
    }
}

/// Whether some part of a node has more ways than there may be: a bracket's ways do not add to those of what is around it.
fn has_too_many_ways(node: &Node) -> bool {
    let inner = match node {
        Node::Seq(nodes) | Node::Alt(nodes) => nodes.iter().any(has_too_many_ways),
        Node::Opt(node) => has_too_many_ways(node),
        _ => false,
    };
    inner || ways(node) > MAX_WAYS
}

fn check_whole(node: &Node) -> Result<(), Mistake> {
    let whole = |what: &str, help: &str| Err(Mistake { at: 0, what: what.to_owned(), help: help.to_owned() });
    if may_be_empty(node) {
        return whole("this phrase needs no word to be there", "write at least one word that is not optional");
    }
    if let Node::Seq(nodes) = node
        && (matches!(nodes.first(), Some(Node::Gap(_))) || matches!(nodes.last(), Some(Node::Gap(_))))
    {
        return whole("a phrase cannot begin or end with a gap", "delete the dots, or put a word beyond them");
    }
    if longest(node) > MAX_WORDS {
        return whole(&format!("this phrase can span more than {MAX_WORDS} words"), "split it into two");
    }
    if has_too_many_ways(node) {
        let what = format!("there are more than {MAX_WAYS} ways through the optional brackets of this phrase");
        return whole(&what, "split it into two, or take brackets out of brackets");
    }
    Ok(())
}

struct Parser<'p> {
    phrase: &'p str,
    at: usize,
    /// Brackets that are open.
    depth: usize,
}

impl Parser<'_> {
    fn rest(&self) -> &str {
        &self.phrase[self.at..]
    }

    fn mistake(&self, what: impl Into<String>, help: impl Into<String>) -> Mistake {
        Mistake { at: self.at, what: what.into(), help: help.into() }
    }

    fn skip_spaces(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    /// Elements with white space between them, up to `|`, a closing bracket or the end.
    fn sequence(&mut self, top: bool) -> Result<Node, Mistake> {
        let mut nodes = Vec::new();
        loop {
            self.skip_spaces();
            match self.rest().chars().next() {
                None | Some(')' | ']') => break,
                Some('|') if !top => break,
                Some('|') => return Err(self.mistake("`|` stands outside brackets", "write (this|that)")),
                Some(_) => nodes.push(self.element()?),
            }
        }
        Ok(if nodes.len() == 1 { nodes.remove(0) } else { Node::Seq(nodes) })
    }

    fn element(&mut self) -> Result<Node, Mistake> {
        let rest = self.rest();
        if rest.starts_with("..") {
            return self.gap();
        }
        for (sign, node) in [("!?", Node::Asked(false)), ("?", Node::Asked(true)), ("^", Node::Start), ("$", Node::End)]
        {
            if let Some(after) = rest.strip_prefix(sign)
                && after.chars().next().is_none_or(|c| c.is_whitespace() || matches!(c, ')' | ']' | '|'))
            {
                self.at += sign.len();
                return Ok(node);
            }
        }
        // A caret may touch the first word.
        if rest.starts_with('^') {
            self.at += 1;
            return Ok(Node::Start);
        }
        self.chunk()
    }

    fn gap(&mut self) -> Result<Node, Mistake> {
        let start = self.at;
        self.at += self.rest().len() - self.rest().trim_start_matches('.').len();
        let digits: String = self.rest().chars().take_while(char::is_ascii_digit).collect();
        self.at += digits.len();
        if self.at - start - digits.len() != 2 {
            self.at = start;
            return Err(self.mistake("a gap is written with two dots", "write .. or, for up to eight words, ..8"));
        }
        if self.rest().chars().next().is_some_and(|c| !c.is_whitespace() && !matches!(c, ')' | ']' | '|')) {
            return Err(self.mistake("a gap stands by itself", "put a space after the dots"));
        }
        match digits.as_str() {
            "" => Ok(Node::Gap(4)),
            number => match number.parse::<u8>() {
                Ok(words @ 1..=MAX_GAP) => Ok(Node::Gap(words)),
                _ => Err(self.mistake(format!("a gap of {number} words"), format!("gaps go from ..1 to ..{MAX_GAP}"))),
            },
        }
    }

    /// Things that touch each other: one bracket by itself, a `<list>`, or a word glued together from pieces.
    fn chunk(&mut self) -> Result<Node, Mistake> {
        let start = self.at;
        let mut pieces: Vec<Piece> = Vec::new();
        loop {
            match self.rest().chars().next() {
                None | Some(')' | ']' | '|') => break,
                Some(c) if c.is_whitespace() => break,
                Some('<') => {
                    let name = self.angle()?;
                    let alone = pieces.is_empty()
                        && self.rest().chars().next().is_none_or(|c| c.is_whitespace() || matches!(c, ')' | ']' | '|'));
                    if !alone {
                        self.at = start;
                        return Err(self.mistake("a <list> touches a word", "put spaces around <…>"));
                    }
                    return Ok(name);
                }
                Some(open @ ('(' | '[')) => pieces.push(self.bracket(open)?),
                Some(_) => pieces.push(Piece::Letters(self.letters())),
            }
        }
        match pieces.as_mut_slice() {
            [Piece::Bracket { spellings, .. }] if spellings.iter().all(|one| one.trim().is_empty()) => {
                self.at = start;
                Err(self.mistake("there is nothing between these brackets", "write a word, or delete the brackets"))
            }
            [Piece::Bracket { node, .. }] => Ok(std::mem::replace(node, Node::Start)),
            _ => Self::glue(start, &pieces),
        }
    }

    fn angle(&mut self) -> Result<Node, Mistake> {
        let Some(close) = self.rest().find('>') else {
            return Err(self.mistake("`<` is not closed", "write <name> with the name of a list"));
        };
        let name = self.rest()[1..close].to_owned();
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-') {
            return Err(self.mistake(
                format!("<{name}> cannot be the name of a list"),
                "lists are named in small letters and dashes, as their files are",
            ));
        }
        self.at += close + 1;
        let builtin = Builtin::ALL.iter().find(|(builtin, _)| *builtin == name);
        Ok(builtin.map_or(Node::List(name), |&(_, builtin)| Node::Builtin(builtin)))
    }

    fn letters(&mut self) -> String {
        let rest = self.rest();
        let len = rest
            .char_indices()
            .find(|&(_, c)| c.is_whitespace() || matches!(c, '(' | ')' | '[' | ']' | '|' | '<' | '>'))
            .map_or(rest.len(), |(at, _)| at);
        // A stray `>` would otherwise make no progress.
        let len = if len == 0 { rest.chars().next().map_or(0, char::len_utf8) } else { len };
        let letters = rest[..len].to_owned();
        self.at += len;
        letters
    }

    /// `(a|b)` or `[a|b]`: as a node, and as bare spellings for gluing.
    fn bracket(&mut self, open: char) -> Result<Piece, Mistake> {
        let (start, close) = (self.at, if open == '(' { ')' } else { ']' });
        if self.depth == MAX_DEPTH {
            let what = format!("more than {MAX_DEPTH} brackets stand inside each other");
            return Err(self.mistake(what, "take brackets out of brackets, or write several phrases"));
        }
        self.depth += 1;
        self.at += 1;
        let (mut nodes, mut spellings, mut from) = (Vec::new(), Vec::new(), self.at);
        loop {
            nodes.push(self.sequence(false)?);
            spellings.push(self.phrase[from..self.at].to_owned());
            match self.rest().chars().next() {
                Some('|') => {
                    self.at += 1;
                    from = self.at;
                }
                Some(c) if c == close => break,
                _ => {
                    self.at = start;
                    return Err(self.mistake(format!("`{open}` is not closed"), format!("add `{close}`")));
                }
            }
        }
        self.at += 1;
        self.depth -= 1;
        let empty = nodes.iter().any(|node| *node == Node::Seq(Vec::new()));
        nodes.retain(|node| *node != Node::Seq(Vec::new()));
        let node = if nodes.is_empty() {
            Node::Seq(nodes)
        } else if nodes.len() == 1 {
            nodes.remove(0)
        } else {
            Node::Alt(nodes)
        };
        if open == '[' {
            spellings.push(String::new());
        }
        let node = if open == '[' || empty { Node::Opt(Box::new(node)) } else { node };
        Ok(Piece::Bracket { node, spellings, at: start })
    }

    fn glue(start: usize, pieces: &[Piece]) -> Result<Node, Mistake> {
        let mut words = vec![String::new()];
        for piece in pieces {
            let endings: Vec<&str> = match piece {
                Piece::Letters(letters) => vec![letters],
                Piece::Bracket { spellings, at, .. } => {
                    if spellings.iter().any(|one| one.contains(['(', '[', '<'])) {
                        return Err(Mistake {
                            at: *at,
                            what: "brackets that touch a word may hold only letters and spaces".to_owned(),
                            help: "put a space before the bracket, or take the inner brackets out".to_owned(),
                        });
                    }
                    spellings.iter().map(String::as_str).collect()
                }
            };
            words = words.iter().flat_map(|word| endings.iter().map(move |end| format!("{word}{end}"))).collect();
            if words.len() > MAX_SPELLINGS {
                return Err(Mistake {
                    at: start,
                    what: format!("this word has more than {MAX_SPELLINGS} spellings"),
                    help: "split it into two phrases".to_owned(),
                });
            }
        }
        let mut nodes = words.iter().map(|word| spellings(word, start)).collect::<Result<Vec<_>, _>>()?;
        if nodes.len() == 1 {
            return Ok(nodes.remove(0));
        }
        // Spellings of one word are one word to the matcher.
        let mut forms = Vec::new();
        nodes.retain(|node| {
            if let Node::Word(own) = node {
                forms.extend(own.iter().cloned());
                false
            } else {
                true
            }
        });
        forms.sort();
        forms.dedup();
        if !forms.is_empty() {
            nodes.push(Node::Word(forms));
        }
        Ok(if nodes.len() == 1 { nodes.remove(0) } else { Node::Alt(nodes) })
    }
}

enum Piece {
    Letters(String),
    Bracket { node: Node, spellings: Vec<String>, at: usize },
}

/// A glued word, which a space inside its brackets may have made several.
fn spellings(words: &str, at: usize) -> Result<Node, Mistake> {
    let mut nodes = words.split_whitespace().map(|word| spelling(word, at)).collect::<Result<Vec<_>, _>>()?;
    match nodes.len() {
        0 => spelling(words, at),
        1 => Ok(nodes.remove(0)),
        _ => Ok(Node::Seq(nodes)),
    }
}

/// One written word to what stands for it in folded text: a word, or several where a hyphen parts it.
fn spelling(word: &str, at: usize) -> Result<Node, Mistake> {
    let mistake = |what: String, help: &str| Mistake { at, what, help: help.to_owned() };
    let (stem, prefix) = word.strip_suffix('*').map_or((word, false), |stem| (stem, true));
    if stem.contains('*') {
        return Err(mistake(format!("`{word}` has a star inside"), "a star stands only at the end of a word: wast*"));
    }
    let folded = fold(stem);
    let parts: Vec<&str> = (0..folded.words.len()).map(|at| folded.word(at)).collect();
    let Some((last, before)) = parts.split_last() else {
        return Err(mistake(
            format!("nothing is left of `{word}` once punctuation is dropped"),
            "write at least one letter or digit, or delete it",
        ));
    };
    if prefix && last.chars().count() < 2 {
        return Err(mistake(
            format!("`{word}` would match far too much"),
            "write at least two letters before the star",
        ));
    }
    let last = Node::Word(forms(last, prefix));
    if before.is_empty() {
        return Ok(last);
    }
    let joined = Node::Word(forms(&parts.concat(), prefix));
    let apart = before.iter().map(|part| Node::Word(forms(part, false))).chain([last]).collect();
    Ok(Node::Alt(vec![Node::Seq(apart), joined]))
}

/// A word with an apostrophe is also written without, unless that is another word.
fn forms(word: &str, prefix: bool) -> Vec<Form> {
    let form = |text: &str| Form { text: text.to_owned(), prefix };
    let bare = word.replace('\'', "");
    if bare == word || OTHER_WORDS.contains(&bare.as_str()) {
        return vec![form(word)];
    }
    vec![form(word), form(&bare)]
}

/// What contractions become without their apostrophe when that is a word of its own.
const OTHER_WORDS: [&str; 8] = ["well", "were", "hell", "shell", "ill", "id", "wed", "shed"];

#[cfg(test)]
mod tests {
    use super::*;

    fn word(forms: &[&str]) -> Node {
        let form = |text: &&str| match text.strip_suffix('*') {
            Some(stem) => Form { text: stem.to_owned(), prefix: true },
            None => Form { text: (*text).to_owned(), prefix: false },
        };
        Node::Word(forms.iter().map(form).collect())
    }

    #[track_caller]
    fn check(phrase: &str, want: &Node) {
        assert_eq!(parse(phrase).as_ref(), Ok(want), "{phrase}");
    }

    #[track_caller]
    fn refuse(phrase: &str, want: &str) {
        assert_eq!(parse(phrase).expect_err(phrase).what, want, "{phrase}");
    }

    #[test]
    fn words_brackets_lists_and_gaps_read_as_the_manual_says() {
        check("worst <service>", &Node::Seq(vec![word(&["worst"]), Node::List("service".into())]));
        check(
            "wast* .. <my> time",
            &Node::Seq(vec![word(&["wast*"]), Node::Gap(4), Node::List("my".into()), word(&["time"])]),
        );
        check("(rude|no help)", &Node::Alt(vec![word(&["rude"]), Node::Seq(vec![word(&["no"]), word(&["help"])])]));
        check("[very] rude", &Node::Seq(vec![Node::Opt(Box::new(word(&["very"]))), word(&["rude"])]));
        check(
            "<staff> ..8 rude ?",
            &Node::Seq(vec![Node::Builtin(Builtin::Staff), Node::Gap(8), word(&["rude"]), Node::Asked(true)]),
        );
    }

    #[test]
    fn pieces_that_touch_are_spellings_of_one_word() {
        check("receptionist(s|)", &word(&["receptionist", "receptionists"]));
        check("phone[s]", &word(&["phone", "phones"]));
        check("can(not|'t)", &word(&["can't", "cannot", "cant"]));
        check("don't", &word(&["don't", "dont"]));
        check("e-consult", &Node::Alt(vec![Node::Seq(vec![word(&["e"]), word(&["consult"])]), word(&["econsult"])]));
        check("bell( |)end", &Node::Alt(vec![Node::Seq(vec![word(&["bell"]), word(&["end"])]), word(&["bellend"])]));
        check("🔪 you", &Node::Seq(vec![word(&["🔪"]), word(&["you"])]));
    }

    #[test]
    fn what_is_no_phrase_is_refused_with_the_reason() {
        refuse("!!!", "nothing is left of `!!!` once punctuation is dropped");
        refuse("( ) x", "there is nothing between these brackets");
        refuse("", "this phrase needs no word to be there");
        refuse("[very]", "this phrase needs no word to be there");
        refuse("(rude", "`(` is not closed");
        refuse("rude)", "`)` has no partner");
        refuse("a|b", "`|` stands outside brackets");
        refuse("rude ..", "a phrase cannot begin or end with a gap");
        refuse("a ..40 b", "a gap of 40 words");
        refuse("a*", "`a*` would match far too much");
        refuse("w*st", "`w*st` has a star inside");
        refuse("pre<list>", "a <list> touches a word");
        refuse("un(help(ful))", "brackets that touch a word may hold only letters and spaces");
        refuse("<>", "<> cannot be the name of a list");
    }

    #[test]
    fn brackets_that_nobody_could_follow_are_refused_however_deep_they_are() {
        let deep = |levels: usize| format!("{}rude{}", "(".repeat(levels), ")".repeat(levels));
        assert!(parse(&deep(16)).is_ok());
        refuse(&deep(17), "more than 16 brackets stand inside each other");
        refuse(&deep(100_000), "more than 16 brackets stand inside each other");
        let many = "(^|so) ".repeat(7);
        refuse(&format!("{many} rude"), "there are more than 64 ways through the optional brackets of this phrase");
        refuse(
            &format!("(useless|{many} rude)"),
            "there are more than 64 ways through the optional brackets of this phrase",
        );
    }
}
