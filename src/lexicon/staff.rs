//! The staff list as the practice's spreadsheet saves it. In: the bytes of `staff.csv`. Out: a [`StaffList`], or every
//! mistake with its line and what to do about it. Read rightly or refused: UTF-8 with and without mark, UTF-16 with
//! one, Windows-1252; comma, semicolon, tab or bar between the columns; quotes; empty columns and lines at the end.
//! Not here: looking for the names in a text (`matcher::names`).

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::Path;

use super::complaint::Complaint;

/// One member of staff. Every field may be empty, but not forename, surname and aliases all three.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StaffMember {
    /// `Dr`, `Nurse`, `Mrs`.
    pub title: String,
    /// Given name.
    pub forename: String,
    /// Family name, hyphens and apostrophes kept.
    pub surname: String,
    /// `Practice Nurse`, `Receptionist`.
    pub role: String,
    /// Nicknames and other spellings.
    pub aliases: Vec<String>,
    /// The line of the file it stands on, counted from one.
    pub line: usize,
}

impl StaffMember {
    /// A stable key for lexicon entries: `dr-rakesh-patel`, made of what is there, ASCII letters, digits and dashes.
    pub fn key(&self) -> String {
        let alias = if self.surname.is_empty() && self.forename.is_empty() { self.aliases.first() } else { None };
        let parts = [self.title.as_str(), &self.forename, &self.surname, alias.map_or("", String::as_str)];
        let mut key = String::new();
        for c in parts.join(" ").chars() {
            match c {
                'a'..='z' | '0'..='9' => key.push(c),
                'A'..='Z' => key.push(c.to_ascii_lowercase()),
                '\'' | '’' => {}
                _ if c.is_alphabetic() => key.push(plain_letter(c)),
                _ if key.is_empty() || key.ends_with('-') => {}
                _ => key.push('-'),
            }
        }
        key.trim_end_matches('-').to_owned()
    }
}

/// Everybody on the staff list, in the order of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StaffList {
    /// The people.
    pub people: Vec<StaffMember>,
    /// What looks like a mistake and does no harm, such as a person who stands there twice.
    pub warnings: Vec<Complaint>,
}

impl StaffList {
    /// Reads a staff list. All mistakes are found in one go; with one of them, nothing is taken.
    pub fn parse(bytes: &[u8], file: &Path) -> Result<Self, Vec<Complaint>> {
        let text = decode(bytes).map_err(|(what, help)| vec![complaint(file, 1, what, help)])?;
        let (text, skipped) = without_separator_line(&text);
        let delimiter = delimiter(text);
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            .trim(csv::Trim::All)
            .from_reader(text.as_bytes());
        let mut table = Table { file, skipped, delimiter, columns: None, list: Self::default(), mistakes: Vec::new() };
        for record in reader.records() {
            match record {
                Ok(record) => table.take(&record),
                Err(error) => table.unreadable(&error),
            }
        }
        table.finish()
    }
}

const COLUMNS: [&str; 5] = ["title", "forename", "surname", "role", "aliases"];
const HEADER_HELP: &str = "the first line names the columns: title,forename,surname,role,aliases";

/// A table on its way to a list.
struct Table<'a> {
    file: &'a Path,
    skipped: usize,
    delimiter: u8,
    columns: Option<Columns>,
    list: StaffList,
    mistakes: Vec<Complaint>,
}

/// Where each of [`COLUMNS`] stands, and how many columns the header has.
struct Columns {
    places: [usize; COLUMNS.len()],
    width: usize,
}

impl Table<'_> {
    fn take(&mut self, record: &csv::StringRecord) {
        let line = self.line(record.position());
        if record.iter().all(blank) {
            return;
        }
        match self.columns.take() {
            None => self.header(record, line),
            Some(columns) => {
                self.person(record, line, &columns);
                self.columns = Some(columns);
            }
        }
    }

    fn header(&mut self, record: &csv::StringRecord, line: usize) {
        let names: Vec<String> = record.iter().map(str::to_lowercase).collect();
        let mut places = [usize::MAX; COLUMNS.len()];
        for (place, column) in places.iter_mut().zip(COLUMNS) {
            let mut found = names.iter().enumerate().filter(|(_, name)| name.as_str() == column);
            match (found.next(), found.next()) {
                (Some((at, _)), None) => *place = at,
                (Some(_), Some(_)) => {
                    self.mistake(line, format!("the column {column} stands there twice"), HEADER_HELP);
                }
                (None, _) => self.mistake(line, format!("the column {column} is missing"), HEADER_HELP),
            }
        }
        let width = names.iter().rposition(|name| !name.is_empty()).map_or(0, |at| at + 1);
        self.columns = Some(Columns { places, width });
    }

    fn person(&mut self, record: &csv::StringRecord, line: usize, columns: &Columns) {
        if columns.places.contains(&usize::MAX) {
            return;
        }
        let field = |column: usize| record.get(columns.places[column]).filter(|field| !blank(field)).unwrap_or("");
        let mut aliases: Vec<String> = split_aliases(field(4)).collect();
        let surplus: Vec<&str> = record.iter().skip(columns.width).filter(|field| !blank(field)).collect();
        // A spreadsheet that separates by semicolons makes columns of aliases that nobody quoted.
        if !surplus.is_empty() && self.delimiter == b';' && columns.places[4] + 1 == columns.width {
            aliases.extend(surplus.iter().flat_map(|field| split_aliases(field)));
        } else if !surplus.is_empty() {
            let what = format!("{} columns where the header has {}", columns.width + surplus.len(), columns.width);
            return self.mistake(line, what, "put quotes around a field with commas in it; aliases are split by ;");
        }
        let person = StaffMember {
            title: tidy(field(0)),
            forename: tidy(field(1)),
            surname: tidy(field(2)),
            role: tidy(field(3)),
            aliases,
            line,
        };
        if person.forename.is_empty() && person.surname.is_empty() && person.aliases.is_empty() {
            let help = "give at least a surname, a forename or an alias, or delete the line";
            return self.mistake(line, "a line without any name".to_owned(), help);
        }
        self.list.people.push(person);
    }

    fn unreadable(&mut self, error: &csv::Error) {
        let line = self.line(error.position());
        self.mistake(line, "this line cannot be read".to_owned(), "save the list again as CSV UTF-8");
    }

    fn finish(mut self) -> Result<StaffList, Vec<Complaint>> {
        if self.columns.is_none() {
            self.mistake(1, "the staff list is empty".to_owned(), HEADER_HELP);
        } else if self.list.people.is_empty() && self.mistakes.is_empty() {
            self.mistake(1, "the staff list has a header and nobody in it".to_owned(), "add a line for each person");
        }
        if !self.mistakes.is_empty() {
            return Err(self.mistakes);
        }
        self.list.warnings = duplicates(&self.list.people, self.file);
        Ok(self.list)
    }

    fn mistake(&mut self, line: usize, what: String, help: &str) {
        self.mistakes.push(complaint(self.file, line, what, help));
    }

    fn line(&self, position: Option<&csv::Position>) -> usize {
        position.map_or(1, |at| at.line() as usize) + self.skipped
    }
}

fn complaint(file: &Path, line: usize, what: impl Into<String>, help: impl Into<String>) -> Complaint {
    Complaint::new(what).in_file(file).on_line(line).help(help)
}

/// The text of the file, or what is wrong with it and what to do.
fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, (&'static str, &'static str)> {
    const SAVE_AS: &str = "in the spreadsheet, choose Save as, CSV UTF-8";
    let (text, broken) = match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] => encoding_rs::UTF_8.decode_without_bom_handling(rest),
        [0xff, 0xfe, rest @ ..] => encoding_rs::UTF_16LE.decode_without_bom_handling(rest),
        [0xfe, 0xff, rest @ ..] => encoding_rs::UTF_16BE.decode_without_bom_handling(rest),
        _ => match std::str::from_utf8(bytes) {
            Ok(text) => (Cow::Borrowed(text), false),
            Err(_) => encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes),
        },
    };
    if bytes.starts_with(b"PK\x03\x04") {
        return Err(("this is a spreadsheet, not a CSV file", SAVE_AS));
    }
    if broken {
        return Err(("the file has characters that cannot be read", SAVE_AS));
    }
    // Zero bytes are UTF-16 without its mark, or no text at all: any guess could misread a name.
    if text.contains('\0') {
        return Err(("the file is not plain text", SAVE_AS));
    }
    Ok(text)
}

/// Excel may write `sep=;` on a line of its own, for itself; says how many lines were left out.
fn without_separator_line(text: &str) -> (&str, usize) {
    match text.split_once('\n') {
        Some((first, rest)) if first.trim().trim_matches('"').to_ascii_lowercase().starts_with("sep=") => (rest, 1),
        _ => (text, 0),
    }
}

/// The separator that gives the header the most columns that we know.
fn delimiter(text: &str) -> u8 {
    let header = text.lines().find(|line| line.chars().any(char::is_alphanumeric)).unwrap_or("").to_lowercase();
    let known = |delimiter: u8| {
        let is_column = |field: &str| COLUMNS.contains(&field.trim().trim_matches('"').trim());
        header.split(delimiter as char).filter(|field| is_column(field)).count()
    };
    let mut best = b',';
    for other in [b';', b'\t', b'|'] {
        if known(other) > known(best) {
            best = other;
        }
    }
    best
}

fn blank(field: &str) -> bool {
    field.chars().all(|c| c.is_whitespace() || c == '\u{feff}')
}

/// One space where there were several, or an unbreakable one.
fn tidy(field: &str) -> String {
    field.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn split_aliases(field: &str) -> impl Iterator<Item = String> + '_ {
    field.split([';', '|']).map(tidy).filter(|alias| !alias.is_empty())
}

fn duplicates(people: &[StaffMember], file: &Path) -> Vec<Complaint> {
    let mut seen: HashMap<String, usize> = HashMap::new();
    let mut warnings = Vec::new();
    for person in people {
        if let Some(first) = seen.get(&person.key()) {
            let what = format!("this person stands on line {first} too");
            warnings.push(complaint(
                file,
                person.line,
                what,
                "delete one of the two lines, or give them different names",
            ));
        } else {
            seen.insert(person.key(), person.line);
        }
    }
    warnings
}

/// The base letter of a letter with an accent, for keys; `x` for one that has none.
fn plain_letter(c: char) -> char {
    use unicode_normalization::UnicodeNormalization;
    let base = std::iter::once(c).nfkd().find(char::is_ascii_alphabetic).map(|c| c.to_ascii_lowercase());
    base.unwrap_or(match c {
        'ł' | 'Ł' => 'l',
        'ø' | 'Ø' => 'o',
        'đ' | 'Đ' | 'ð' | 'Ð' => 'd',
        'æ' | 'Æ' => 'a',
        'ß' => 's',
        _ => 'x',
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "title,forename,surname,role,aliases\n";

    fn parse(bytes: &[u8]) -> Result<StaffList, Vec<Complaint>> {
        StaffList::parse(bytes, Path::new("staff.csv"))
    }

    #[track_caller]
    fn check(bytes: &[u8], want: &[&str]) {
        let list = parse(bytes).expect("the list is right");
        let got: Vec<String> = list
            .people
            .iter()
            .map(|p| format!("{}|{}|{}|{}|{}", p.title, p.forename, p.surname, p.role, p.aliases.join("+")))
            .collect();
        assert_eq!(got, want);
    }

    #[track_caller]
    fn refused(bytes: &[u8], want: &[(usize, &str)]) {
        let mistakes = parse(bytes).expect_err("the list is wrong");
        let got: Vec<(usize, &str)> = mistakes.iter().map(|m| (m.line.unwrap_or(0), m.what.as_str())).collect();
        assert_eq!(got, want);
        assert!(mistakes.iter().all(|m| m.help.is_some()));
    }

    fn utf16(text: &str, mark: [u8; 2], bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        mark.into_iter().chain(text.encode_utf16().flat_map(bytes)).collect()
    }

    #[test]
    fn every_way_a_spreadsheet_saves_reads_the_same() {
        let text = "title,forename,surname,role,aliases\r\nDr,Zoë,Müller,GP,\"Dr Z; Zo \"\r\n,,,,\r\n\r\n";
        let want = ["Dr|Zoë|Müller|GP|Dr Z+Zo"];
        check(text.as_bytes(), &want);
        check(format!("\u{feff}{text}").as_bytes(), &want);
        check(&utf16(text, [0xff, 0xfe], u16::to_le_bytes), &want);
        check(&utf16(text, [0xfe, 0xff], u16::to_be_bytes), &want);
        check(&encoding_rs::WINDOWS_1252.encode(text).0, &want);
        check("title;forename;surname;role;aliases\nDr;Zoë;Müller;GP;\"Dr Z;Zo\"\n".as_bytes(), &want);
        check("title;forename;surname;role;aliases\nDr;Zoë;Müller;GP;Dr Z;Zo\n".as_bytes(), &want);
        check("sep=;\ntitle;forename;surname;role;aliases;;\nDr;Zoë;Müller;GP;Dr Z;Zo;\n".as_bytes(), &want);
        check("title\tforename\tsurname\trole\taliases\nDr\tZoë\tMüller\tGP\tDr Z;Zo\n".as_bytes(), &want);
        check("Surname, ROLE ,Aliases,Title,Forename\nMüller,GP,Dr Z;Zo,Dr,Zoë\n".as_bytes(), &want);
    }

    #[test]
    fn every_mistake_is_told_with_its_line() {
        refused(b"", &[(1, "the staff list is empty")]);
        refused(HEADER.as_bytes(), &[(1, "the staff list has a header and nobody in it")]);
        refused(b"title,forename,role,aliases\nDr,A,GP,\n", &[(1, "the column surname is missing")]);
        let twice = b"title,forename,surname,role,aliases,role\n";
        refused(twice, &[(1, "the column role stands there twice")]);
        refused(
            format!("{HEADER}Dr,Ann,Lee,GP,\nDr,,,GP,\nMr,B,C,GP,x,y\n").as_bytes(),
            &[(3, "a line without any name"), (4, "6 columns where the header has 5")],
        );
        refused(&[b't', 0, b'i', 0], &[(1, "the file is not plain text")]);
        refused(b"PK\x03\x04rest", &[(1, "this is a spreadsheet, not a CSV file")]);
    }

    #[test]
    fn a_person_who_stands_there_twice_is_a_warning() {
        let list =
            parse(format!("{HEADER}Dr,Ann,Lee,GP,\nDr,ann,LEE,Partner,\n").as_bytes()).expect("the list is right");
        assert_eq!((list.people.len(), list.warnings.len(), list.warnings[0].line), (2, 1, Some(3)));
    }

    #[test]
    fn a_key_is_made_of_plain_letters() {
        let list = parse(format!("{HEADER}Dr,Zoë,O'Neill-Łuk,GP,\n,,,Porter,Big Al\n").as_bytes()).expect("right");
        let keys: Vec<String> = list.people.iter().map(StaffMember::key).collect();
        assert_eq!(keys, ["dr-zoe-oneill-luk", "big-al"]);
    }

    #[test]
    fn no_bytes_make_it_panic() {
        proptest::proptest!(|(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200))| {
            let _ = parse(&bytes);
        });
    }
}
