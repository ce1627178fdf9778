//! Makes text fit to leave the machine in a digest or an alert. In: what somebody wrote and what the matcher saw in it.
//! Out: a short line without identifiers, with slurs and obscenities starred, on one line, with nothing invisible.
//! Two nets: the findings, and then, whatever they say, anything that looks like a number, an address, a postcode or
//! a link.
//! Not here: escaping for HTML (the template engine's), the evidence itself (the store's).

use std::ops::Range;

use unicode_normalization::UnicodeNormalization as _;
use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory as _};

use crate::comment::{Author, CommentText};
use crate::lexicon::Category;
use crate::matcher::Finding;
use crate::policy::Verdict;

/// How long an excerpt may be, in characters, the marks of omission not counted.
pub const EXCERPT_CHARS: usize = 240;

/// What may leave although it names somebody. The defaults are the careful ones for authors, the useful ones for staff.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Masking {
    /// Authors by name instead of by initials.
    pub show_author_names: bool,
    /// Staff names masked too; the team that acts needs them, others who get the digest may not.
    pub hide_staff_names: bool,
}

/// The part of a comment around what its verdict found, masked, on one line, at most [`EXCERPT_CHARS`] characters.
/// Private persons' names go whatever the rules made of them.
pub fn excerpt(text: &CommentText, verdict: &Verdict, masking: Masking) -> String {
    let findings = verdict.reasons.iter().map(|reason| &reason.finding);
    shown(text, findings, &verdict.private, masking)
}

fn shown<'a>(
    text: &CommentText,
    findings: impl IntoIterator<Item = &'a Finding>,
    private: &[Range<usize>],
    masking: Masking,
) -> String {
    let cells = neutralise(&lay_out(text.expose(), findings, private, masking));
    // Before the net, which would leave the rest of an address standing around what it takes out of it.
    let cells = net(&replace(&cells, link_at, "[link]"));
    cut(&if masking.show_author_names { cells } else { replace(&cells, mention_at, "[handle]") })
}

/// All that somebody wrote, for themselves: without other people's names and identifiers, and with their own swearing.
pub fn for_author(text: &CommentText, verdict: &Verdict) -> String {
    let masking = Masking { show_author_names: true, hide_staff_names: true };
    let of_others = |finding: &&Finding| matches!(cover_of(finding, masking), Cover::Label(_));
    let findings = verdict.reasons.iter().map(|reason| &reason.finding).filter(of_others);
    text_of(&net(&neutralise(&lay_out(text.expose(), findings, &verdict.private, masking))))
}

/// Any other words of the outside world (a page's name, an author's) on one line, with the second net cast.
pub fn plain(text: &str) -> String {
    text_of(&net(&neutralise(&plain_cells(text))))
}

/// An author as a digest shows them: "J. C." for a name, "j…" for a handle, in full only where the practice wants it.
pub fn author(author: &Author, masking: Masking) -> String {
    let Some(name) = &author.name else { return "unknown author".into() };
    if masking.show_author_names {
        return plain(name.expose());
    }
    let initials: Vec<char> =
        words_of(name.expose()).filter_map(|word| word.chars().find(|c| c.is_alphabetic())).collect();
    match initials.as_slice() {
        [] => "unnamed author".into(),
        [only] => format!("{only}…"),
        [first, .., last] => format!("{first}. {last}."),
    }
}

/// A lexicon entry as a digest names it: a staff member's own entry is as good as the name.
pub fn entry(entry: &str, masking: Masking) -> String {
    if masking.hide_staff_names && entry.starts_with("staff/") { "staff/…".into() } else { entry.to_owned() }
}

/// One character on its way out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Cell {
    c: char,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// As written.
    Plain,
    /// As written, and part of a finding: the excerpt turns on it.
    Found,
    /// Ours, in the place of what was there: neither cut nor looked into.
    Mask,
}

/// What becomes of a finding's bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cover {
    Label(&'static str),
    Stars,
    Nothing,
}

fn cover_of(finding: &Finding, masking: Masking) -> Cover {
    match (&*finding.entry, finding.category) {
        ("identifier/nhs-number", _) => Cover::Label("[NHS number]"),
        ("identifier/date-of-birth", _) => Cover::Label("[date of birth]"),
        ("identifier/postcode", _) => Cover::Label("[postcode]"),
        ("identifier/address", _) => Cover::Label("[address]"),
        ("identifier/phone", _) => Cover::Label("[phone]"),
        ("identifier/email", _) => Cover::Label("[e-mail]"),
        ("identifier/ni-number", _) => Cover::Label("[NI number]"),
        ("identifier/hospital-number", _) => Cover::Label("[hospital number]"),
        (entry, _) if entry.starts_with("identifier/") => Cover::Label("[identifier]"),
        ("name/person", _) => Cover::Label("[name]"),
        (_, Category::PatientIdentified) => Cover::Label("[private person]"),
        (_, Category::StaffIdentified) if masking.hide_staff_names => Cover::Label("[staff name]"),
        (_, Category::Obscenity | Category::Hate) => Cover::Stars,
        _ => Cover::Nothing,
    }
}

/// The first net: every byte of a finding becomes what its cover says; a label wins over stars, both over plain text.
fn lay_out<'a>(
    text: &str,
    findings: impl IntoIterator<Item = &'a Finding>,
    private: &[Range<usize>],
    masking: Masking,
) -> Vec<Cell> {
    let (mut labels, mut stars, mut found) = (Vec::new(), Vec::new(), Vec::new());
    for finding in findings {
        let Some(span) = snap(text, &finding.span) else { continue };
        match cover_of(finding, masking) {
            Cover::Label(label) => labels.push((span, label)),
            Cover::Stars => stars.push((span, "")),
            Cover::Nothing => found.push((span, "")),
        }
    }
    for name in private.iter().filter_map(|span| snap(text, span)) {
        // A finding that says more of what it covers keeps its word for it.
        let covered =
            labels.iter().any(|(label, _): &(Range<usize>, _)| label.start <= name.start && name.end <= label.end);
        if !covered {
            labels.push((name, "[name]"));
        }
    }
    let (labels, stars, found) = (join(labels), join(stars), join(found));
    let mut cells = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        if let Some((span, label)) = containing(&labels, at) {
            cells.extend(masked(label));
            at = span.end;
        } else if let Some((span, _)) = containing(&stars, at) {
            let end =
                labels.iter().map(|(label, _)| label.start).filter(|start| *start > at).fold(span.end, usize::min);
            cells.extend(masked(&starred(&text[at..end])));
            at = end;
        } else if let Some(c) = text[at..].chars().next() {
            let kind = if containing(&found, at).is_some() { Kind::Found } else { Kind::Plain };
            cells.push(Cell { c, kind });
            at += c.len_utf8();
        } else {
            break;
        }
    }
    cells
}

/// The span made safe: inside the text, on character boundaries, widened rather than narrowed; none if empty.
fn snap(text: &str, span: &Range<usize>) -> Option<Range<usize>> {
    let mut end = span.end.min(text.len());
    while !text.is_char_boundary(end) {
        end += 1;
    }
    let mut start = span.start.min(end);
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    (start < end).then_some(start..end)
}

type Spans = Vec<(Range<usize>, &'static str)>;

/// Spans in order, overlapping ones joined under the name of the first.
fn join(mut spans: Spans) -> Spans {
    spans.sort_by_key(|(span, _)| (span.start, span.end));
    let mut joined: Spans = Vec::new();
    for (span, label) in spans {
        match joined.last_mut() {
            Some((last, _)) if span.start < last.end => last.end = last.end.max(span.end),
            _ => joined.push((span, label)),
        }
    }
    joined
}

fn containing(spans: &Spans, at: usize) -> Option<&(Range<usize>, &'static str)> {
    spans.iter().find(|(span, _)| span.contains(&at))
}

fn masked(label: &str) -> impl Iterator<Item = Cell> + '_ {
    label.chars().map(|c| Cell { c, kind: Kind::Mask })
}

fn plain_cells(text: &str) -> Vec<Cell> {
    text.chars().map(|c| Cell { c, kind: Kind::Plain }).collect()
}

/// Small words that carry no abuse of their own and keep a starred phrase readable.
const SMALL_WORDS: [&str; 20] = [
    "the", "and", "you", "your", "are", "all", "for", "off", "out", "get", "her", "his", "our", "own", "not", "was",
    "who", "they", "with", "have",
];

/// Each word by its first letter and three stars, whatever its length; letters spaced apart count as one word.
fn starred(span: &str) -> String {
    let words: Vec<&str> = words_of(span).collect();
    let letters = |word: &str| word.chars().filter(|c| c.is_alphanumeric()).count();
    if words.len() < 2 || words.iter().all(|word| letters(word) <= 1) {
        return star_word(span.trim());
    }
    let keep = |word: &str| letters(word) <= 2 || SMALL_WORDS.contains(&word.to_lowercase().as_str());
    let shown: Vec<String> =
        words.iter().map(|word| if keep(word) { (*word).to_owned() } else { star_word(word) }).collect();
    shown.join(" ")
}

fn star_word(word: &str) -> String {
    let first = word.chars().find(|c| c.is_alphanumeric());
    format!("{}***", first.map(String::from).unwrap_or_default())
}

fn words_of(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty())
}

/// One line, single spaces, nothing that hides, reorders or piles up.
fn neutralise(cells: &[Cell]) -> Vec<Cell> {
    let mut out: Vec<Cell> = Vec::with_capacity(cells.len());
    let mut marks = 0;
    for &cell in cells {
        let c = if cell.c.is_whitespace() || cell.c.is_control() { ' ' } else { cell.c };
        if c == ' ' && out.last().is_none_or(|last| last.c == ' ') {
            continue;
        }
        if is_treacherous(c) {
            continue;
        }
        // A letter may wear two marks; a tower of them covers the lines above it.
        marks = if c.general_category_group() == GeneralCategoryGroup::Mark { marks + 1 } else { 0 };
        if marks <= 2 {
            out.push(Cell { c, ..cell });
        }
    }
    while out.last().is_some_and(|cell| cell.c == ' ') {
        out.pop();
    }
    out
}

/// Bidirectional controls, zero-width characters and tags, which hide others or turn them round. The joiner is none:
/// families and professions are made with it. The one list of them, for whatever shows strangers' words.
pub fn is_treacherous(c: char) -> bool {
    c != '\u{200d}'
        && (c.general_category() == unicode_properties::GeneralCategory::Format
            || matches!(c, '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' | '\u{2028}' | '\u{2029}'))
}

/// Where a stretch that begins here ends, if one does.
type Shape = fn(&[char], usize) -> Option<usize>;

/// The second net: what looks like an identifier goes, whether or not anybody found it.
fn net(cells: &[Cell]) -> Vec<Cell> {
    let cells = replace(cells, email_at, "[e-mail]");
    let cells = replace(&cells, spoken_email_at, "[e-mail]");
    let cells = replace(&cells, postcode_at, "[postcode]");
    replace(&cells, number_at, "[number]")
}

/// Replaces every stretch for which `shape` gives an end; `shape` sees the folded characters, masks as `\0`.
fn replace(cells: &[Cell], shape: Shape, label: &str) -> Vec<Cell> {
    let folded: Vec<char> =
        cells.iter().map(|cell| if cell.kind == Kind::Mask { '\0' } else { fold(cell.c) }).collect();
    let mut out = Vec::with_capacity(cells.len());
    let mut at = 0;
    while at < cells.len() {
        if let Some(end) = shape(&folded, at) {
            out.extend(masked(label));
            at = end;
        } else {
            out.push(cells[at]);
            at += 1;
        }
    }
    out
}

/// The plain form of a character: fullwidth and mathematical letters as ASCII, every digit of every script as `0`.
fn fold(c: char) -> char {
    if c.is_ascii() {
        return c.to_ascii_lowercase();
    }
    if c.is_numeric() {
        return '0';
    }
    let mut forms = std::iter::once(c).nfkc();
    match (forms.next(), forms.next()) {
        (Some(plain), None) if plain.is_ascii() => plain.to_ascii_lowercase(),
        _ => c,
    }
}

/// Six digits or more with nothing but spaces, dashes and the like between them.
fn number_at(text: &[char], start: usize) -> Option<usize> {
    if !text.get(start)?.is_ascii_digit() {
        return None;
    }
    let (mut digits, mut end) = (0, start);
    for (at, &c) in text.iter().enumerate().skip(start) {
        if c.is_ascii_digit() {
            digits += 1;
            end = at + 1;
        } else if is_joined(c) {
            // What decorates the last digit goes with it; after a separator it decorates that.
            end += usize::from(end == at);
        } else if !is_separator(c) {
            break;
        }
    }
    (digits >= 6).then_some(end)
}

/// No colon: "08:00-18:30" is when the practice is open.
fn is_separator(c: char) -> bool {
    matches!(c, ' ' | '.' | ',' | '/' | '\\' | '(' | ')' | '_' | '+' | '*' | '|' | '~' | '·' | '•' | '−')
        || c.general_category() == unicode_properties::GeneralCategory::DashPunctuation
}

/// Part of the character before it: marks, variation selectors, the keycap, the joiner, skin tones.
fn is_joined(c: char) -> bool {
    c == '\u{200d}'
        || c.general_category_group() == GeneralCategoryGroup::Mark
        || ('\u{1f3fb}'..='\u{1f3ff}').contains(&c)
}

/// `someone@somewhere`, and `someone @ somewhere.example`.
fn email_at(text: &[char], start: usize) -> Option<usize> {
    let in_local = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '+' | '%' | '\'');
    let begins = in_local(*text.get(start)?) && (start == 0 || !in_local(text[start - 1]));
    if !begins {
        return None;
    }
    let local_end = run(text, start, in_local);
    let sign = run(text, local_end, |c| c == ' ');
    if *text.get(sign)? != '@' {
        return None;
    }
    let domain = run(text, sign + 1, |c| c == ' ');
    let in_domain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-');
    let end = run(text, domain, in_domain);
    let spaced = sign > local_end || domain > sign + 1;
    let mention = sign > local_end && domain == sign + 1;
    let dotted = text[domain..end].iter().rev().skip_while(|c| **c == '.').any(|c| *c == '.');
    (end > domain && !mention && (dotted || !spaced)).then_some(end)
}

/// `someone at somewhere dot example`, with or without brackets around the words.
fn spoken_email_at(text: &[char], start: usize) -> Option<usize> {
    let in_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    let begins = in_word(*text.get(start)?) && (start == 0 || !in_word(text[start - 1]));
    if !begins {
        return None;
    }
    let domain = spoken(text, run(text, start, |c| in_word(c) || c == '.'), "at")?;
    // A domain without a dot is a place: "see you at reception".
    let mut at = spoken(text, run(text, domain, in_word), "dot")?;
    while let Some(next) = spoken(text, run(text, at, in_word), "dot") {
        at = next;
    }
    Some(run(text, at, in_word))
}

/// Where the text goes on behind ` word `, `(word)`, `[word]` and the like.
fn spoken(text: &[char], start: usize, word: &str) -> Option<usize> {
    let around = |c: char| matches!(c, ' ' | '(' | ')' | '[' | ']' | '{' | '}' | '<' | '>');
    let begin = run(text, start, around);
    let end = begin + word.len();
    let same = text.get(begin..end)?.iter().copied().eq(word.chars());
    let next = run(text, end, around);
    (same && begin > start && next > end).then_some(next)
}

/// A web address. It may be somebody's own page, which is as good as their name; and a mail program would make a link of
/// it, which nobody who gets a digest should follow to where a stranger wants them.
fn link_at(text: &[char], start: usize) -> Option<usize> {
    let in_word = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
    if !text.get(start).copied().is_some_and(in_word) || (start > 0 && in_word(text[start - 1])) {
        return None;
    }
    let begins = |with: &str| text.iter().skip(start).take(with.len()).copied().eq(with.chars());
    let host = run(text, start, |c| in_word(c) || c == '.');
    let named = text[start..host].iter().rposition(|c| *c == '.').map(|dot| &text[start + dot + 1..host]);
    let is_host = named.is_some_and(|last| last.len() > 1 && last.iter().all(char::is_ascii_alphabetic));
    let path = text.get(host) == Some(&'/') && text.get(host + 1).is_some_and(|c| c.is_alphanumeric() || *c == '@');
    if !(["http://", "https://", "www."].iter().any(|with| begins(with)) || is_host && path) {
        return None;
    }
    let end = run(text, start, |c| !c.is_whitespace() && !matches!(c, '\0' | '<' | '>' | '"' | '“' | '”'));
    let behind = |c: &char| matches!(c, '.' | ',' | '!' | '?' | ')' | ';' | ':' | '\'');
    Some(end - text[start..end].iter().rev().take_while(|c| behind(c)).count())
}

/// `@somebody`: the author's friends have not asked to be in a digest either.
fn mention_at(text: &[char], start: usize) -> Option<usize> {
    let end = run(text, start + 1, |c| c.is_alphanumeric() || matches!(c, '.' | '_'));
    let apart = start == 0 || !text[start - 1].is_alphanumeric();
    (*text.get(start)? == '@' && apart && end > start + 2).then_some(end)
}

/// A full postcode of any valid shape, in any case, with or without its space, with a letter O for the nought.
fn postcode_at(text: &[char], start: usize) -> Option<usize> {
    let starts_word = start == 0 || !text[start - 1].is_alphanumeric();
    if !starts_word || !text.get(start)?.is_ascii_lowercase() {
        return None;
    }
    let area = run(text, start, |c| c.is_ascii_lowercase()).min(start + 2);
    [area, area - 1]
        .into_iter()
        .filter(|area| *area > start && text.get(*area).is_some_and(char::is_ascii_digit))
        .flat_map(|area| [area + 2, area + 1])
        .filter(|outward| text.get(outward - 1).is_some_and(char::is_ascii_alphanumeric))
        .find_map(|outward| inward_at(text, run(text, outward, |c| matches!(c, ' ' | '-' | '.' | '_' | ','))))
}

fn inward_at(text: &[char], start: usize) -> Option<usize> {
    let [digit, first, second] = text.get(start..start + 3)? else { return None };
    let letter = |c: &char| c.is_ascii_lowercase() && !"cikmov".contains(*c);
    let ends_word = text.get(start + 3).is_none_or(|c| !c.is_alphanumeric());
    ((digit.is_ascii_digit() || *digit == 'o') && letter(first) && letter(second) && ends_word).then_some(start + 3)
}

/// Where a run of such characters that begins at `start` ends.
fn run(text: &[char], start: usize, is: impl Fn(char) -> bool) -> usize {
    start + text.get(start..).unwrap_or_default().iter().take_while(|c| is(**c)).count()
}

/// At most [`EXCERPT_CHARS`] around what was found, cut between words where there are words.
fn cut(cells: &[Cell]) -> String {
    if cells.len() <= EXCERPT_CHARS {
        return text_of(cells);
    }
    let first = cells.iter().position(|cell| cell.kind != Kind::Plain).unwrap_or(0);
    let last = cells.iter().rposition(|cell| cell.kind != Kind::Plain).map_or(0, |at| at + 1);
    // Findings far apart: the first counts, with a little of what leads up to it.
    let lead = if last - first <= EXCERPT_CHARS { (EXCERPT_CHARS - (last - first)) / 2 } else { EXCERPT_CHARS / 6 };
    let from = first.saturating_sub(lead).min(cells.len() - EXCERPT_CHARS);
    let start = if from == 0 { 0 } else { boundary(cells, (from..from + 30).chain(from..from + EXCERPT_CHARS), first) };
    let to = (start + EXCERPT_CHARS).min(cells.len());
    let end = if to == cells.len() { to } else { boundary_back(cells, start, to) };
    let omission = |at: bool| if at { "…" } else { "" };
    format!("{}{}{}", omission(start > 0), text_of(&cells[start..end]).trim(), omission(end < cells.len()))
}

/// The first gap between words among the first candidates, else the first place that splits no character, not past `limit`.
fn boundary(cells: &[Cell], candidates: impl Iterator<Item = usize> + Clone, limit: usize) -> usize {
    let within = |at: &usize| *at <= limit.max(1) && *at < cells.len();
    candidates
        .clone()
        .filter(within)
        .find(|at| is_gap(cells, *at))
        .or_else(|| candidates.filter(within).find(|at| splits_nothing(cells, *at)))
        .unwrap_or(0)
}

fn boundary_back(cells: &[Cell], start: usize, to: usize) -> usize {
    let gap = (to.saturating_sub(30)..=to).rev().find(|at| *at > start && is_gap(cells, *at));
    gap.or_else(|| (start + 1..=to).rev().find(|at| splits_nothing(cells, *at))).unwrap_or(start)
}

fn is_gap(cells: &[Cell], at: usize) -> bool {
    cells.get(at).is_some_and(|cell| cell.c == ' ' && cell.kind != Kind::Mask)
}

/// Neither inside a mask nor inside what a reader takes for one character.
fn splits_nothing(cells: &[Cell], at: usize) -> bool {
    let (Some(before), Some(after)) = (at.checked_sub(1).and_then(|at| cells.get(at)), cells.get(at)) else {
        return true;
    };
    let flag = |c: char| ('\u{1f1e6}'..='\u{1f1ff}').contains(&c);
    !(before.kind == Kind::Mask && after.kind == Kind::Mask
        || is_joined(after.c)
        || before.c == '\u{200d}'
        || flag(before.c) && flag(after.c))
}

fn text_of(cells: &[Cell]) -> String {
    cells.iter().map(|cell| cell.c).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::comment::PersonName;
    use crate::lexicon::Certainty;
    use crate::matcher::How;

    fn finding(category: Category, entry: &str, span: Range<usize>) -> Finding {
        Finding { category, entry: entry.into(), span, certainty: Certainty::High, how: How::Exact, clause: None }
    }

    fn find(text: &str, found: &[(Category, &str, &str)]) -> Vec<Finding> {
        let spans = found.iter().map(|(category, entry, part)| {
            let start = text.find(part).expect("the part stands in the text");
            finding(*category, entry, start..start + part.len())
        });
        spans.collect()
    }

    #[track_caller]
    fn check(text: &str, found: &[(Category, &str, &str)], want: &str) {
        assert_eq!(shown(&CommentText::new(text), &find(text, found), &[], Masking::default()), want);
    }

    #[test]
    fn identifiers_that_were_found_are_named_and_not_shown() {
        use Category::PatientIdentified as Who;
        check(
            "my nhs no 999 123 4567 ok",
            &[(Who, "identifier/nhs-number", "999 123 4567")],
            "my nhs no [NHS number] ok",
        );
        check("born 1.2.85", &[(Who, "identifier/date-of-birth", "1.2.85")], "born [date of birth]");
        check("at 3 Mill Lane", &[(Who, "identifier/address", "3 Mill Lane")], "at [address]");
        check("in AB21 9ZZ", &[(Who, "identifier/postcode", "AB21 9ZZ")], "in [postcode]");
        check("QQ12C here", &[(Who, "identifier/ni-number", "QQ12C")], "[NI number] here");
        check("H123 here", &[(Who, "identifier/hospital-number", "H123")], "[hospital number] here");
        check("a at b dot com", &[(Who, "identifier/email", "a at b dot com")], "[e-mail]");
        check("ring oh seven", &[(Who, "identifier/phone", "oh seven")], "ring [phone]");
        check("Jane Roe has it", &[(Who, "name/person", "Jane Roe")], "[name] has it");
        check("Jane Roe has it", &[(Who, "patient-identified/condition", "Jane Roe has it")], "[private person]");
        check("it is X9", &[(Who, "identifier/new-kind", "X9")], "it is [identifier]");
    }

    #[test]
    fn overlapping_identifiers_leave_nothing_between_them() {
        use Category::PatientIdentified as Who;
        check(
            "Jane Roe, 3 Mill Lane, AB21 9ZZ!",
            &[
                (Who, "identifier/address", "3 Mill Lane, AB21 9ZZ"),
                (Who, "identifier/postcode", "AB21 9ZZ"),
                (Who, "name/person", "Jane Roe"),
            ],
            "[name], [address]!",
        );
        check(
            "of Jane Roe of Leeds.",
            &[(Who, "name/person", "Jane Roe"), (Who, "name/person", "Roe of Leeds")],
            "of [name].",
        );
        check("sod Jane", &[(Category::Obscenity, "x", "sod Jane"), (Who, "name/person", "Jane")], "s***[name]");
    }

    #[test]
    fn abuse_keeps_its_first_letter_only() {
        check("what a bloody shambles", &[(Category::Obscenity, "x", "bloody")], "what a b*** shambles");
        check("b l o o d y hell", &[(Category::Obscenity, "x", "b l o o d y")], "b*** hell");
        check("BL**DY!", &[(Category::Obscenity, "x", "BL**DY")], "B***!");
        check("go back to your hole", &[(Category::Hate, "x", "back to your hole")], "go b*** to your h***");
    }

    #[test]
    fn staff_names_stay_unless_the_practice_says_otherwise() {
        let text = "Dr Patel was late";
        let found = find(text, &[(Category::StaffIdentified, "staff/dr-patel", "Dr Patel")]);
        let show = |masking| shown(&CommentText::new(text), &found, &[], masking);
        assert_eq!(show(Masking::default()), "Dr Patel was late");
        assert_eq!(show(Masking { hide_staff_names: true, ..Masking::default() }), "[staff name] was late");
    }

    #[test]
    fn private_names_go_whatever_the_rules_made_of_them_and_a_finding_that_says_more_stays() {
        let text = "Jane Roe took an overdose, says Dr Patel, of 3 Mill Lane";
        let name = 0..8;
        let show = |found: &[(Category, &str, &str)]| {
            shown(&CommentText::new(text), &find(text, found), std::slice::from_ref(&name), Masking::default())
        };
        let harm = (Category::Safeguarding, "safeguarding/overdose", "took an overdose");
        let said = (Category::StaffIdentified, "staff/dr-patel", "Dr Patel");
        assert_eq!(show(&[harm, said]), "[name] took an overdose, says Dr Patel, of 3 Mill Lane");
        let event = (Category::PatientIdentified, "patient-identified/event", "Jane Roe took an overdose");
        assert_eq!(show(&[harm, event]), "[private person], says Dr Patel, of 3 Mill Lane");
    }

    #[test]
    fn what_nobody_found_is_caught_by_its_shape() {
        for (text, want) in [
            ("call 07700 900123 now", "call [number] now"),
            ("call 07700900123", "call [number]"),
            ("(01632) 960-123", "([number]"),
            ("born 12/03/1985", "born [number]"),
            ("０７７００９００１２３", "[number]"),
            ("٠٧٧٠٠٩٠٠", "[number]"),
            ("1️⃣2️⃣3️⃣4️⃣5️⃣6️⃣!", "[number]!"),
            ("0\u{200b}7\u{200b}7\u{200b}0\u{200b}0\u{200b}9", "[number]"),
            ("mail jo.carter+x@mail.example please", "mail [e-mail] please"),
            ("jo @ mail.example", "[e-mail]"),
            ("jo (at) mail [dot] example!", "[e-mail]!"),
            ("jo.carter at mail dot co dot uk", "[e-mail]"),
            ("see you at reception, dotty", "see you at reception, dotty"),
            ("ask @jo.carter_1 too", "ask [handle] too"),
            ("seen @ 9", "seen @ 9"),
            ("I live in ab21 9zz.", "I live in [postcode]."),
            ("SW1A1AA", "[postcode]"),
            ("m1 oaa, e1w 5bb", "[postcode], [postcode]"),
            ("ＡＢ２１ ９ＺＺ", "[postcode]"),
            ("open 08:00-18:30, 111 or 999", "open 08:00-18:30, 111 or 999"),
            ("vitamin B12 5ml, room A, 12345", "vitamin B12 5ml, room A, 12345"),
            ("ask https://www.facebook.com/jean.doyle.92, she knows", "ask [link], she knows"),
            ("fb.com/jean.doyle and www.x.example!", "[link] and [link]!"),
            ("tiktok.com/@jean", "[link]"),
            ("ＨＴＴＰＳ://ｅｖｉｌ.example/a", "[link]"),
            ("see (http://a.example/b?c=07700900123).", "see ([link])."),
            ("and/or, 24/7, e.g./i.e., v1.5/2", "and/or, 24/7, e.g./i.e., v1.5/2"),
            ("alderbrooksurgery.example has it", "alderbrooksurgery.example has it"),
            ("waited 45 minutes on 3 days in 2026", "waited 45 minutes on 3 days in 2026"),
        ] {
            check(text, &[], want);
        }
    }

    #[test]
    fn a_page_keeps_its_own_handle() {
        assert_eq!(plain("@alderbrook\nsurgery 01632 960123"), "@alderbrook surgery [number]");
    }

    #[test]
    fn an_excerpt_is_one_line_without_invisible_or_reordering_characters() {
        check("one\r\n\n two\tthree\u{0}", &[], "one two three");
        check("evil\u{202e}txt\u{2066}!\u{feff}", &[], "eviltxt!");
        check("a\u{301}\u{301}\u{301}\u{301}\u{301}b", &[], "a\u{301}\u{301}b");
        check("👩\u{200d}⚕\u{fe0f}", &[], "👩\u{200d}⚕\u{fe0f}");
    }

    #[test]
    fn a_long_comment_is_cut_between_words_around_what_was_found() {
        let text = format!("{}the worst surgery{}", "before ".repeat(60), " after".repeat(60));
        let shown = super::shown(
            &CommentText::new(&text),
            &find(&text, &[(Category::Complaint, "c", "worst")]),
            &[],
            Masking::default(),
        );
        assert!(shown.contains(" the worst surgery "), "{shown}");
        assert!(shown.starts_with("…before") && shown.ends_with("after…"), "{shown}");
        assert!(shown.chars().count() <= EXCERPT_CHARS + 2, "{shown}");
    }

    #[test]
    fn a_long_comment_without_findings_shows_its_beginning() {
        let shown = super::shown(&CommentText::new("word ".repeat(100)), &[], &[], Masking::default());
        assert!(shown.starts_with("word word") && shown.ends_with("word…"), "{shown}");
    }

    #[test]
    fn an_author_is_initials_or_the_first_letter_of_a_handle() {
        let named = |name: &str| Author { id: None, name: Some(PersonName::new(name)) };
        for (name, want) in [
            ("Jo Carter", "J. C."),
            ("Jo van der Berg", "J. B."),
            ("jo_carter99", "j…"),
            ("Łucja Żak", "Ł. Ż."),
            ("07700 900123", "unnamed author"),
            ("Jo\u{202e} Carter", "J. C."),
        ] {
            assert_eq!(author(&named(name), Masking::default()), want);
        }
        assert_eq!(author(&Author::default(), Masking::default()), "unknown author");
        let full = Masking { show_author_names: true, ..Masking::default() };
        assert_eq!(author(&named("Jo Carter\u{202e} 07700900123"), full), "Jo Carter [number]");
    }

    /// Digits with only spaces and dashes between them, counted by somebody else than the code under test.
    fn longest_number(text: &str) -> usize {
        let joined: String = text.chars().filter(|c| !matches!(c, ' ' | '-' | '–')).collect();
        joined.split(|c: char| !c.is_numeric()).map(|digits| digits.chars().count()).max().unwrap_or(0)
    }

    proptest! {
        #[test]
        fn no_number_of_six_digits_leaves(raw in "([0-9 \\-–]{1,12}|[a-z@. \u{200b}\n]{1,6}|[\u{660}-\u{669}]|\\PC){0,80}") {
            prop_assert!(longest_number(&shown(&CommentText::new(&raw), &[], &[], Masking::default())) < 6);
        }

        #[test]
        fn no_web_address_leaves(before in "[a-z ]{0,20}", host in "[a-z]{1,8}\\.[a-z]{2,5}", path in "[a-zA-Z0-9./?=&%-]{0,30}") {
            let text = format!("{before} https://{host}/{path} after");
            let shown = shown(&CommentText::new(&text), &[], &[], Masking::default());
            prop_assert!(!shown.contains("://") && !shown.contains(&host), "{shown}");
        }

        #[test]
        fn any_text_with_any_spans_comes_out_short_and_on_one_line(
            raw in any::<String>(), long in 0usize..400, spans in prop::collection::vec((0usize..600, 0usize..600), 0..4),
        ) {
            let raw = format!("{raw}{}", "é👩\u{200d}⚕ ".repeat(long));
            let found: Vec<Finding> = spans.iter().enumerate().map(|(n, (from, to))| {
                let category = if n % 2 == 0 { Category::PatientIdentified } else { Category::Obscenity };
                finding(category, "name/person", *from..*to)
            }).collect();
            let shown = super::shown(&CommentText::new(&raw), &found, &[], Masking::default());
            prop_assert!(shown.chars().count() <= EXCERPT_CHARS + 2);
            prop_assert!(!shown.contains(char::is_control));
        }

        #[test]
        fn what_was_found_to_identify_somebody_never_comes_out(
            before in "[a-z ]{0,300}", secret in "[QXZ]{4,12}", after in "[a-z ]{0,300}",
        ) {
            let text = format!("{before}{secret}{after}");
            let found = [finding(Category::PatientIdentified, "name/person", before.len()..before.len() + secret.len())];
            let shown = super::shown(&CommentText::new(&text), &found, &[], Masking::default());
            prop_assert!(!shown.contains(['Q', 'X', 'Z']), "{shown}");
            prop_assert!(shown.contains("[name]"), "{shown}");
        }
    }
}
