//! The matcher itself: lexicons, staff list and practice details compiled once; then a comment in, findings out.
//!
//! A comment is folded, its disguises are read, its words become numbers. Each phrase is filed under its rarest word or
//! list (its anchor); only where an anchor stands is the phrase followed. Time is linear in the comment.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::disguise::Disguises;
use super::identifiers::{self, OwnDetails};
use super::names::{Lists, NameHit, Names, Who};
use super::pattern::{Anchor, Pattern, Slot, Tokens, builtin_slot};
use super::vocabulary::Vocabulary;
use super::{Finding, How, context, link};
use crate::lexicon::file::{Entry, Lexicons, visit};
use crate::lexicon::phrase::{Builtin, MAX_WORDS, Node};
use crate::lexicon::staff::StaffList;
use crate::lexicon::{Category, Certainty};
use crate::text::{Folded, fold};

/// What the practice publishes of itself: nobody's secret, and the meaning of `<practice>`.
#[derive(Clone, Debug, Default)]
pub struct Practice {
    /// Its name and what people call it.
    pub names: Vec<String>,
    /// Its address, with the postcode.
    pub address: String,
    /// Its phone numbers.
    pub phones: Vec<String>,
    /// Its e-mail addresses.
    pub emails: Vec<String>,
    /// Its domains.
    pub websites: Vec<String>,
}

/// Everything compiled. Shared by all threads; a comment needs nothing but a reference.
#[derive(Debug)]
pub struct Matcher {
    vocabulary: Vocabulary,
    entries: Vec<EntryRule>,
    /// Phrases of lists: found first.
    lists: Filed,
    /// Phrases of entries.
    phrases: Filed,
    slots: usize,
    websites: Vec<String>,
    own: OwnDetails,
    names: Names,
    disguises: Disguises,
    /// Entries of the people on the staff list, in its order.
    staff: Vec<String>,
}

/// What judging needs of an entry.
#[derive(Debug)]
struct EntryRule {
    name: String,
    category: Category,
    clause: String,
    certainty: Certainty,
    negation_cancels: bool,
    quotation_cancels: bool,
    needs_company: bool,
}

/// What a comment shows to the matcher: findings, and for explaining, the text as it was read.
#[derive(Debug)]
pub struct Sight {
    /// What was found, in the order of the text.
    pub findings: Vec<Finding>,
    /// Hits that something cancelled, with the reason: for "why was this not caught?".
    pub cancelled: Vec<(Finding, &'static str)>,
    /// Where people are named who are not on the staff list, in bytes of the original text, in its order.
    pub private: Vec<Range<usize>>,
    /// A phrase that the policy lets pass stands in it.
    pub excepted: bool,
    /// The text as the matcher read it, where that differs from what was typed.
    pub read_as: Option<String>,
}

/// Phrases filed under their anchors.
#[derive(Debug, Default)]
struct Filed {
    phrases: Vec<Phrase>,
    by_word: HashMap<u32, Vec<u32>>,
    by_slot: HashMap<Slot, Vec<u32>>,
}

#[derive(Debug)]
struct Phrase {
    pattern: Pattern,
    role: Role,
}

/// What a phrase's match means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    /// A place of a list.
    List(Slot),
    /// A hit of an entry.
    Hit(usize),
    /// Cancels hits of an entry that it overlaps.
    Unless(usize),
    /// The company that an entry needs.
    With(usize),
    /// A phrase that the practice's policy lets pass.
    Exception,
}

impl Matcher {
    /// Compiles lexicons, practice details and the phrases that the policy lets pass.
    pub fn compile(lexicons: &Lexicons, staff: &StaffList, practice: &Practice, exceptions: &[Node]) -> Self {
        let mut compiler = Compiler::new(lexicons);
        compiler.lists(lexicons, practice);
        compiler.entries(lexicons);
        for node in exceptions {
            let pattern = compiler.compile(node);
            compiler.phrases.add(pattern, Role::Exception);
        }
        for (spelling, word) in &lexicons.spellings {
            compiler.vocabulary.spelling(spelling, word);
        }
        compiler.finish(lexicons, staff, practice)
    }

    /// What an entry finds in a comment by itself, before categories exclude each other.
    pub fn fired(&self, raw: &str, entry: &str) -> Option<Finding> {
        self.look(raw).findings.into_iter().find(|finding| finding.entry == entry)
    }

    /// Whether an entry finds something in a comment.
    pub fn fires(&self, raw: &str, entry: &str) -> bool {
        self.fired(raw, entry).is_some()
    }

    /// Everything that stands in a comment, with what was cancelled and how the text was read.
    pub fn see(&self, raw: &str) -> Sight {
        let mut sight = self.look(raw);
        context::corroborate(&mut sight.findings);
        context::name_the_target(&mut sight.findings);
        context::settle(&mut sight.findings);
        sight
    }

    fn look(&self, raw: &str) -> Sight {
        let typed = fold(raw);
        let readings = self.disguises.readings(&typed, raw);
        let read = if readings.is_empty() { None } else { Some(typed.reread(raw, &readings)) };
        let folded = read.as_ref().unwrap_or(&typed);
        let names = self.names.find(folded);
        let tokens = self.tokens(folded, &names);
        let mut hits = self.phrases.matches(&tokens);
        let mut cancelled = Vec::new();
        let mut findings = self.judge_hits(&tokens, &mut hits, &mut cancelled);
        findings.extend(self.identifiers(&typed));
        findings.extend(self.named(folded, &names));
        findings.sort_by(|a, b| (a.span.start, a.span.end, &a.entry).cmp(&(b.span.start, b.span.end, &b.entry)));
        let read_as = (folded.text != raw.to_lowercase()).then(|| folded.text.clone());
        let excepted = hits.iter().any(|(role, _)| *role == Role::Exception);
        let private = self.private(folded, &names);
        Sight { findings, cancelled, private, excepted, read_as }
    }

    /// Identifiers are read as typed: a disguise reads digits as letters.
    fn identifiers(&self, typed: &Folded) -> impl Iterator<Item = Finding> {
        identifiers::identifiers(typed, &self.own).into_iter().map(|found| Finding {
            category: Category::PatientIdentified,
            entry: found.kind.entry().to_owned(),
            span: typed.raw_span(found.span),
            certainty: found.certainty,
            how: How::Identifier,
            clause: None,
        })
    }

    fn named(&self, folded: &Folded, names: &[NameHit]) -> impl Iterator<Item = Finding> {
        names.iter().filter_map(|name| {
            let Who::Staff(index) = name.who else { return None };
            Some(Finding {
                category: Category::StaffIdentified,
                entry: self.staff.get(index)?.clone(),
                span: folded.raw_words(name.words.clone()),
                certainty: name.certainty,
                how: if name.fuzzy { How::Fuzzy } else { How::Name },
                clause: None,
            })
        })
    }

    fn private(&self, folded: &Folded, names: &[NameHit]) -> Vec<Range<usize>> {
        let others = names.iter().filter(|name| matches!(name.who, Who::Person | Who::OtherTitled));
        let alone = self.names.forenames_alone(folded, names).map(|at| at..at + 1);
        let mut words: Vec<Range<usize>> = others.map(|name| name.words.clone()).chain(alone).collect();
        words.sort_by_key(|words| words.start);
        words.into_iter().map(|words| folded.raw_words(words)).collect()
    }

    fn tokens<'t>(&self, folded: &'t Folded, names: &[NameHit]) -> Tokens<'t> {
        let (mut syms, mut index) =
            (Vec::with_capacity(folded.words.len() * 2), Vec::with_capacity(folded.words.len() + 1));
        index.push(0);
        for word in 0..folded.words.len() {
            self.vocabulary.syms(folded.word(word), &mut syms);
            index.push(syms.len() as u32);
        }
        let mut tokens = Tokens { folded, syms, index, slots: vec![Vec::new(); self.slots] };
        for (role, range) in self.lists.matches(&tokens) {
            if let Role::List(slot) = role {
                tokens.slots[slot as usize].push(range.start as u32..range.end as u32);
            }
        }
        self.builtins(&mut tokens, names);
        for slot in &mut tokens.slots {
            slot.sort_by_key(|hit| (hit.start, hit.end));
            slot.dedup();
        }
        tokens
    }

    fn builtins(&self, tokens: &mut Tokens<'_>, names: &[NameHit]) {
        let slot = |builtin| builtin_slot(builtin) as usize;
        for name in names {
            let words = name.words.start as u32..name.words.end as u32;
            match name.who {
                Who::Staff(_) => {
                    tokens.slots[slot(Builtin::Name)].push(words.clone());
                    tokens.slots[slot(Builtin::Staff)].push(words);
                }
                Who::OtherTitled | Who::Person => tokens.slots[slot(Builtin::Person)].push(words),
            }
        }
        for word in 0..tokens.len() {
            if tokens.folded.word(word).bytes().all(|byte| byte.is_ascii_digit()) {
                tokens.slots[slot(Builtin::Number)].push(word as u32..word as u32 + 1);
            }
        }
        tokens.slots[slot(Builtin::Money)].extend(link::amounts(tokens.folded));
        tokens.slots[slot(Builtin::Link)].extend(link::links(tokens.folded, &self.websites));
    }

    /// Hits to findings: what an entry's own conditions and the words around leave of them.
    fn judge_hits(
        &self,
        tokens: &Tokens<'_>,
        hits: &mut [(Role, Range<usize>)],
        cancelled: &mut Vec<(Finding, &'static str)>,
    ) -> Vec<Finding> {
        hits.sort_by_key(|(_, range)| (range.start, std::cmp::Reverse(range.end)));
        let around = Around::of(hits);
        let mut findings = Vec::new();
        let mut covered: HashMap<usize, usize> = HashMap::new();
        for (role, range) in hits.iter() {
            let Role::Hit(entry) = *role else { continue };
            if covered.get(&entry).is_some_and(|&end| range.start < end) {
                continue;
            }
            let rule = &self.entries[entry];
            let mut finding = finding(rule, tokens.folded, range);
            match fate(rule, entry, tokens.folded, range, &around) {
                Fate::Kept => findings.push(finding),
                Fate::Lowered(to) => {
                    finding.certainty = finding.certainty.min(to);
                    findings.push(finding);
                }
                Fate::Cancelled(why) => {
                    cancelled.push((finding, why));
                    continue;
                }
            }
            covered.insert(entry, range.end);
        }
        findings
    }
}

fn finding(rule: &EntryRule, folded: &Folded, range: &Range<usize>) -> Finding {
    let disguised = folded.words[range.clone()].iter().any(|word| word.disguised);
    Finding {
        category: rule.category,
        entry: rule.name.clone(),
        span: folded.raw_words(range.clone()),
        certainty: rule.certainty,
        how: if disguised { How::Folded } else { How::Exact },
        clause: Some(rule.clause.clone()),
    }
}

enum Fate {
    Kept,
    Lowered(Certainty),
    Cancelled(&'static str),
}

/// What stands in a comment beside the hits, by entry.
#[derive(Default)]
struct Around {
    unless: HashMap<usize, Vec<Range<usize>>>,
    with: HashSet<usize>,
}

impl Around {
    /// From hits sorted by their start.
    fn of(hits: &[(Role, Range<usize>)]) -> Self {
        let mut around = Self::default();
        for (role, range) in hits {
            match role {
                Role::Unless(entry) => around.unless.entry(*entry).or_default().push(range.clone()),
                Role::With(entry) => {
                    around.with.insert(*entry);
                }
                _ => {}
            }
        }
        around
    }

    fn cancels(&self, entry: usize, hit: &Range<usize>) -> bool {
        let Some(ranges) = self.unless.get(&entry) else { return false };
        // No phrase reaches further than this, so nothing that begins earlier can overlap.
        let first = ranges.partition_point(|range| range.start + 2 * MAX_WORDS < hit.start);
        ranges[first..].iter().take_while(|range| range.start < hit.end).any(|range| hit.start < range.end)
    }
}

fn fate(rule: &EntryRule, entry: usize, folded: &Folded, range: &Range<usize>, around: &Around) -> Fate {
    if around.cancels(entry, range) {
        return Fate::Cancelled("the entry's own `unless` stands there");
    }
    if rule.needs_company && !around.with.contains(&entry) {
        return Fate::Cancelled("nothing of the entry's `with` stands in the comment");
    }
    if rule.negation_cancels && context::is_negated(folded, range) {
        // A denied sign of harm is still a sign.
        return match rule.category {
            Category::Safeguarding => Fate::Lowered(Certainty::Low),
            _ => Fate::Cancelled("a negation stands before it"),
        };
    }
    if rule.quotation_cancels {
        return match context::speech(folded, range) {
            context::Speech::Own => Fate::Kept,
            context::Speech::Scare => Fate::Lowered(Certainty::Medium),
            context::Speech::Reported => Fate::Cancelled("it is quoted or reported, not said"),
        };
    }
    Fate::Kept
}

impl Filed {
    fn add(&mut self, pattern: Pattern, role: Role) {
        self.phrases.push(Phrase { pattern, role });
    }

    /// Files every phrase under its rarest anchor, by how many phrases share a word.
    fn file(&mut self, cost: &impl Fn(Anchor) -> u32) {
        for (index, phrase) in self.phrases.iter().enumerate() {
            for anchor in phrase.pattern.anchors(cost) {
                match anchor {
                    Anchor::Word(sym) => self.by_word.entry(sym).or_default().push(index as u32),
                    Anchor::Slot(slot) => self.by_slot.entry(slot).or_default().push(index as u32),
                }
            }
        }
    }

    fn matches(&self, tokens: &Tokens<'_>) -> Vec<(Role, Range<usize>)> {
        let mut found: Vec<(u32, Range<usize>)> = Vec::new();
        let mut ranges = Vec::new();
        let mut follow = |phrases: &[u32], at: Range<usize>| {
            for &phrase in phrases {
                let Phrase { pattern, role } = &self.phrases[phrase as usize];
                pattern.matches(tokens, at.clone(), matches!(role, Role::Unless(_)), &mut ranges);
                found.extend(ranges.drain(..).map(|range| (phrase, range)));
            }
        };
        for word in 0..tokens.len() {
            for sym in tokens.of(word) {
                if let Some(phrases) = self.by_word.get(sym) {
                    follow(phrases, word..word + 1);
                }
            }
        }
        for (slot, phrases) in &self.by_slot {
            for hit in &tokens.slots[*slot as usize] {
                follow(phrases, hit.start as usize..hit.end as usize);
            }
        }
        found.sort_by_key(|(phrase, range)| (*phrase, range.start, range.end));
        found.dedup();
        found.into_iter().map(|(phrase, range)| (self.phrases[phrase as usize].role, range)).collect()
    }
}

struct Compiler {
    vocabulary: Vocabulary,
    slots: HashMap<String, Slot>,
    lists: Filed,
    phrases: Filed,
    entries: Vec<EntryRule>,
}

/// Lists that give built-ins their everyday words.
const BUILTIN_LISTS: [(&str, Builtin); 3] =
    [("staff-role", Builtin::Staff), ("practice-word", Builtin::Practice), ("number-word", Builtin::Number)];

impl Compiler {
    fn new(lexicons: &Lexicons) -> Self {
        let first = Builtin::ALL.len() as Slot;
        let slots = lexicons.lists.keys().zip(first..).map(|(name, slot)| (name.clone(), slot)).collect();
        Self {
            vocabulary: Vocabulary::default(),
            slots,
            lists: Filed::default(),
            phrases: Filed::default(),
            entries: Vec::new(),
        }
    }

    fn compile(&mut self, node: &Node) -> Pattern {
        Pattern::compile(node, &mut self.vocabulary, &self.slots)
    }

    fn lists(&mut self, lexicons: &Lexicons, practice: &Practice) {
        for (name, nodes) in &lexicons.lists {
            let slot = self.slots[name];
            let builtin =
                BUILTIN_LISTS.iter().find(|(list, _)| list == name).map(|&(_, builtin)| builtin_slot(builtin));
            for node in nodes {
                for slot in [Some(slot), builtin].into_iter().flatten() {
                    let pattern = self.compile(node);
                    self.lists.add(pattern, Role::List(slot));
                }
            }
        }
        for name in &practice.names {
            let folded = fold(name);
            let form = |word| Node::Word(vec![crate::lexicon::phrase::Form { text: word, prefix: false }]);
            let words: Vec<Node> = (0..folded.words.len()).map(|at| form(folded.word(at).to_owned())).collect();
            if !words.is_empty() {
                let pattern = self.compile(&Node::Seq(words));
                self.lists.add(pattern, Role::List(builtin_slot(Builtin::Practice)));
            }
        }
    }

    fn entries(&mut self, lexicons: &Lexicons) {
        for (index, entry) in lexicons.entries.iter().enumerate() {
            for (nodes, role) in [
                (&entry.phrases, Role::Hit(index)),
                (&entry.unless, Role::Unless(index)),
                (&entry.with, Role::With(index)),
            ] {
                for node in nodes {
                    let pattern = self.compile(node);
                    self.phrases.add(pattern, role);
                }
            }
            self.entries.push(rule(entry));
        }
    }

    fn finish(mut self, lexicons: &Lexicons, staff: &StaffList, practice: &Practice) -> Matcher {
        let (forenames, public_figures) = (lexicons.plain_words("forename"), lexicons.plain_words("public-figure"));
        let names = Names::compile(staff, Lists { forenames: &forenames, public_figures: &public_figures });
        // Names are hidden like any other word, so the disguises have to know them.
        for word in names.spellings() {
            self.vocabulary.word(word);
        }
        let mut uses = vec![0_u32; self.vocabulary.len()];
        for entry in &lexicons.entries {
            for node in entry.phrases.iter().chain(&entry.unless).chain(&entry.with) {
                count_words(node, &mut self.vocabulary, &mut uses);
            }
        }
        let sizes: HashMap<Slot, u32> =
            lexicons.lists.iter().map(|(name, nodes)| (self.slots[name], nodes.len() as u32)).collect();
        let cost = |anchor: Anchor| match anchor {
            Anchor::Word(sym) => 1 + uses[sym as usize],
            Anchor::Slot(slot) => 40 + sizes.get(&slot).copied().unwrap_or(200),
        };
        self.lists.file(&cost);
        self.phrases.file(&cost);
        Matcher {
            disguises: Disguises::compile(lexicons, names.spellings()),
            names,
            slots: Builtin::ALL.len() + self.slots.len(),
            vocabulary: self.vocabulary,
            entries: self.entries,
            lists: self.lists,
            phrases: self.phrases,
            websites: practice.websites.iter().map(|site| site.trim().to_lowercase()).collect(),
            own: OwnDetails::new(
                &practice.names,
                &practice.address,
                &practice.phones,
                &practice.emails,
                &practice.websites,
            ),
            staff: staff.people.iter().map(|person| format!("staff/{}", person.key())).collect(),
        }
    }
}

/// How many phrases use a word, as a measure of how common it is; function words are in hundreds of them.
fn count_words(node: &Node, vocabulary: &mut Vocabulary, uses: &mut [u32]) {
    visit(node, &mut |node| {
        if let Node::Word(forms) = node {
            for form in forms {
                let sym = if form.prefix { vocabulary.prefix(&form.text) } else { vocabulary.word(&form.text) };
                uses[sym as usize] += 1 + u32::from(form.text.len() <= 3) * 20;
            }
        }
    });
}

fn rule(entry: &Entry) -> EntryRule {
    EntryRule {
        name: entry.name.clone(),
        category: entry.category,
        clause: entry.clause.clone(),
        certainty: entry.certainty,
        negation_cancels: entry.negation_cancels,
        quotation_cancels: entry.quotation_cancels,
        needs_company: !entry.with.is_empty(),
    }
}
