//! The month as a paper: to read on a screen, on A4, and in a terminal. In: a [`Month`]. Out: sections of sentences, facts,
//! tables and bars. Not here: counting.

use super::{Correction, Count, Month, PageMonth, Person, Spread, TrendMonth};
use crate::digest::view::category_name;
use crate::dossier::{Bar, Paper, Section, decided_word};
use crate::lexicon::Category;
use crate::store::Decision;

/// With fewer cases than this a share in per cent says less than the numbers.
const ENOUGH: u64 = 10;

impl Month {
    /// The report, to read and to print.
    pub fn paper(&self) -> Paper {
        let unfinished = if self.unfinished { " The month is not over: these are its numbers so far." } else { "" };
        let observed = if self.observed > 0 {
            format!(" {} of them were judged in observe mode, in which nothing is touched.", self.observed)
        } else {
            String::new()
        };
        Paper {
            title: format!("{}: comments in {}", self.practice, self.name),
            opening: vec![
                format!("Made on {} under: {}.{unfinished}", self.made_local, self.policy),
                format!(
                    "{} judged; {} that a rule had something to say about, called incidents here.{observed}",
                    comments(self.judged),
                    comments(self.incidents)
                ),
                "No author is named and nothing is quoted. What was erased since is still in the counts.".to_owned(),
            ],
            sections: vec![
                self.in_short(),
                self.nature(),
                self.resolved(),
                self.disclosed(),
                self.harm(),
                self.speed(),
                self.trends(),
                self.corrected(),
                self.decided(),
                self.read(),
                self.other(),
            ],
        }
    }

    /// What a manager who reads no further has to know.
    fn in_short(&self) -> Section {
        let mut section = Section::new("In short");
        let now = self.trend.last();
        let before = self.trend.iter().rev().nth(1).filter(|month| month.watched && !self.unfinished);
        let beside = |count: fn(&TrendMonth) -> u64| {
            let now = now.map_or(0, count);
            before.map_or_else(|| now.to_string(), |before| format!("{now} ({} the month before)", count(before)))
        };
        section.fact("Incidents", beside(|month| month.incidents));
        section.fact("Hidden or deleted by the rules", beside(|month| month.removed));
        section.fact("Restored by people", beside(|month| month.restored));
        let breaches = &self.breaches;
        let disclosed = match (breaches.identified, breaches.not_covered) {
            (0, _) => "none".to_owned(),
            (some, 0) => format!("{some}, all covered"),
            (some, bare) => format!("{some}, of which {bare} not known to be covered"),
        };
        section.fact("Private persons identified", disclosed);
        let signs = &self.safeguarding;
        let harm = match (signs.incidents, signs.open.len()) {
            (0, _) => "none".to_owned(),
            (some, 0) => format!("{some}, each with a person's word"),
            (some, open) => format!("{some}, of which {open} without a person's word"),
        };
        section.fact("Signs that somebody may come to harm", harm);
        section.fact("Acts that could not be done", breaches.failed.to_string());
        let blind: i64 = self.coverage.iter().map(|page| page.blind_s).sum();
        let watched: i64 = self.coverage.iter().map(|page| page.watched_s).sum();
        section.fact("Time without a reading, all pages together", format!("{} of {}", hours(blind), hours(watched)));
        section
    }

    fn nature(&self) -> Section {
        let mut section = Section::new("1. Incidents, and their nature");
        if self.incidents == 0 {
            section.says("There were none.");
            return section;
        }
        section.chart(&["Category", "Incidents"], bars(&self.by_category));
        section.says("A comment with several categories counts in each.");
        section.chart(&["Page", "Incidents"], bars(&self.by_page));
        let weeks: Vec<Count> =
            self.by_week.iter().map(|week| Count { name: week.name.clone(), count: week.count }).collect();
        section.chart(&["Week", "Incidents"], bars(&weeks));
        section
    }

    fn resolved(&self) -> Section {
        let mut section = Section::new("2. What became of them");
        section.chart(&["In the end", "Incidents"], bars(&self.resolutions));
        section
    }

    fn disclosed(&self) -> Section {
        let mut section = Section::new("3. Disclosures, and what failed");
        let breaches = &self.breaches;
        section.fact("Incidents that identified a private person", breaches.identified.to_string());
        section.fact("Of them with an identifier (NHS number, address, phone …)", breaches.with_identifier.to_string());
        section.fact("Of them covered: hidden or deleted, and seen to be", breaches.covered.to_string());
        section.fact("How long they stood before that", spread(&breaches.stood));
        section.fact("Of them not known to be covered", breaches.not_covered.to_string());
        section.fact("Acts that could not be done", breaches.failed.to_string());
        section
            .fact("Acts that came out weaker than wanted (TikTok lets nobody delete)", breaches.fell_short.to_string());
        section
    }

    fn harm(&self) -> Section {
        let mut section = Section::new("4. Signs that somebody may come to harm");
        let signs = &self.safeguarding;
        section.fact("Incidents", signs.incidents.to_string());
        section.fact("Told to people at once", signs.told.to_string());
        section.fact("Taken in hand or decided by a person", signs.attended.to_string());
        section.fact("How long until then", spread(&signs.took));
        if !signs.open.is_empty() {
            let open: Vec<String> = signs.open.iter().map(|number| format!("#{number}")).collect();
            section.fact("Nobody has said that they have it in hand", open.join(", "));
        }
        section
    }

    fn speed(&self) -> Section {
        let mut section = Section::new("5. How long things took");
        let rows = self.times.iter().map(|times| {
            let took = &times.took;
            vec![capital(&times.step), duration(took.median_s), duration(took.p90_s), took.of.to_string()]
        });
        section.table(&["Step", "Half within", "Nine of ten within", "Of"], rows.collect());
        section.says(
            "When a comment was written is what the platform says; comments from before the watch began are left out. A \
             person's word is the first: taken in hand, or decided.",
        );
        section
    }

    fn trends(&self) -> Section {
        let mut section = Section::new("6. Beside the months before");
        let most = self.trend.iter().map(|month| month.incidents).max().unwrap_or(0);
        let bar = |month: &TrendMonth| {
            let cells = [month.judged, month.incidents, month.removed, month.restored];
            let cells = cells.map(|count| if month.watched { count.to_string() } else { "–".to_owned() });
            Bar { name: month.name.clone(), cells: cells.to_vec(), percent: percent(month.incidents, most) }
        };
        section.chart(
            &["Month", "Judged", "Incidents", "Removed by rules", "Restored by people"],
            self.trend.iter().map(bar).collect(),
        );
        section.table(&self.trend_head(), self.trend_rows());
        section
    }

    fn trend_head(&self) -> Vec<&str> {
        std::iter::once("Category").chain(self.trend.iter().map(|month| month.name.as_str())).collect()
    }

    fn trend_rows(&self) -> Vec<Vec<String>> {
        let of = |month: &TrendMonth, name: &str| {
            let count = month.by_category.iter().find(|count| count.name == name).map_or(0, |count| count.count);
            if month.watched { count.to_string() } else { "–".to_owned() }
        };
        Category::ALL
            .into_iter()
            .map(category_name)
            .filter(|name| self.trend.iter().any(|month| month.by_category.iter().any(|count| count.name == *name)))
            .map(|name| std::iter::once(capital(name)).chain(self.trend.iter().map(|month| of(month, name))).collect())
            .collect()
    }

    fn corrected(&self) -> Section {
        let mut section = Section::new("7. Where people corrected the rules");
        if self.corrections.is_empty() {
            section
                .says("Nobody decided anything in this month, so nothing is known of how often the rules were right.");
            return section;
        }
        section.says(
            "Of what people decided in this month: restored is where the rules were wrong, stronger is where they had not \
             gone far enough.",
        );
        let head = ["Category", "Decided", "Restored", "Upheld", "Stronger", "Wrong"];
        let row = |one: &Correction| {
            let counts = [one.decided, one.restored, one.upheld, one.stronger].map(|count| count.to_string());
            std::iter::once(capital(&one.name)).chain(counts).chain([share(one)]).collect()
        };
        section.table(&head, self.corrections.iter().map(row).collect());
        if !self.entries.is_empty() {
            section.says("Lexicon entries that stood behind what was restored:");
            let row = |one: &Correction| {
                vec![one.name.clone(), one.decided.to_string(), one.restored.to_string(), share(one)]
            };
            section.table(&["Entry", "Decided", "Restored", "Wrong"], self.entries.iter().map(row).collect());
        }
        section
    }

    fn decided(&self) -> Section {
        let mut section = Section::new("8. Who decided");
        if self.people.is_empty() {
            section.says("Nobody decided anything in this month.");
        }
        let words = [Decision::Uphold, Decision::Restore, Decision::Hide, Decision::Delete].map(decided_word);
        let head: Vec<String> = std::iter::once("Who".to_owned()).chain(words.into_iter().map(capital)).collect();
        let head: Vec<&str> = head.iter().map(String::as_str).collect();
        let row = |person: &Person| {
            let counts = [person.upheld, person.restored, person.hidden, person.deleted].map(|count| count.to_string());
            std::iter::once(person.name.clone()).chain(counts).collect()
        };
        section.table(&head, self.people.iter().map(row).collect());
        section
    }

    fn read(&self) -> Section {
        let mut section = Section::new("9. What was watched");
        let row = |page: &PageMonth| {
            vec![
                page.name.clone(),
                page.new_comments.to_string(),
                format!("{} of {}", page.failed, page.readings),
                hours(page.watched_s),
                format!("{} in {}", hours(page.blind_s), times_of(page.gaps)),
                page.put_aside.to_string(),
            ]
        };
        let head = ["Page", "New comments", "Readings failed", "Watched", "Blind", "Put aside"];
        section.table(&head, self.coverage.iter().map(row).collect());
        section.says(
            "Blind is a time without a successful reading. What was written then is read afterwards, and is late; only what \
             was written and removed again meanwhile is never seen. Put aside is what could not be understood.",
        );
        section
    }

    fn other(&self) -> Section {
        let mut section = Section::new("10. Letters, requests and erasures");
        for count in &self.rounds {
            section.fact(&count.name, count.count.to_string());
        }
        section
    }
}

fn comments(count: u64) -> String {
    format!("{count} {}", if count == 1 { "comment" } else { "comments" })
}

fn bars(counts: &[Count]) -> Vec<Bar> {
    let most = counts.iter().map(|count| count.count).max().unwrap_or(0);
    let bar = |count: &Count| Bar {
        name: capital(&count.name),
        cells: vec![count.count.to_string()],
        percent: percent(count.count, most),
    };
    counts.iter().map(bar).collect()
}

fn percent(count: u64, most: u64) -> u64 {
    (count * 100).checked_div(most).unwrap_or(0)
}

/// How often the rules were wrong; few cases make no rate.
fn share(one: &Correction) -> String {
    if one.decided < ENOUGH {
        return "too few to say".to_owned();
    }
    format!("{} %", (one.restored * 100 + one.decided / 2) / one.decided)
}

fn spread(spread: &Spread) -> String {
    match (spread.of, spread.median_s, spread.p90_s) {
        (1, Some(only), _) => format!("{} (1 case)", duration(Some(only))),
        (of, Some(median), Some(p90)) => {
            format!("half within {}, nine of ten within {} (of {of})", duration(Some(median)), duration(Some(p90)))
        }
        _ => "no case".to_owned(),
    }
}

/// "45 s", "12 min", "3 h 20 min", "2 days 4 h".
fn duration(seconds: Option<i64>) -> String {
    let Some(seconds) = seconds else { return "–".to_owned() };
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    match seconds {
        ..60 => format!("{seconds} s"),
        60..3600 => format!("{minutes} min"),
        3600..172_800 => format!("{hours} h {} min", minutes % 60),
        _ => format!("{days} days {} h", hours % 24),
    }
}

fn hours(seconds: i64) -> String {
    if seconds < 3600 { format!("{} min", seconds / 60) } else { format!("{} h", (seconds + 1800) / 3600) }
}

fn times_of(count: u64) -> String {
    format!("{count} {}", if count == 1 { "gap" } else { "gaps" })
}

fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}
