//! The month for spreadsheets and programs: one number a line. In: a [`Month`]. Out: CSV that opens right in Excel, and in
//! which nothing can be taken for a formula. Not here: counting.

use super::{Month, Spread};

impl Month {
    /// One number a line, for spreadsheets and programs: practice, month, section, subject, measure, value, unit. UTF-8 with
    /// a mark and CRLF, so that Excel opens it right (RFC 4180); no cell can be taken for a formula.
    pub fn to_csv(&self) -> String {
        let mut csv = Csv { month: self, out: "\u{feff}".to_owned() };
        csv.row(["practice", "month", "section", "subject", "measure", "value", "unit"].map(str::to_owned));
        csv.number("total", "", "comments judged", self.judged);
        csv.number("total", "", "incidents", self.incidents);
        csv.number("total", "", "incidents judged in observe mode", self.observed);
        for (section, counts) in [
            ("incidents by category", &self.by_category),
            ("incidents by page", &self.by_page),
            ("resolutions", &self.resolutions),
        ] {
            for count in counts {
                csv.number(section, &count.name, "incidents", count.count);
            }
        }
        for week in &self.by_week {
            csv.number("incidents by week", &week.from, "incidents", week.count);
        }
        self.breaches_csv(&mut csv);
        let signs = &self.safeguarding;
        for (measure, count) in
            [("incidents", signs.incidents), ("told at once", signs.told), ("attended by a person", signs.attended)]
        {
            csv.number("safeguarding", "", measure, count);
        }
        csv.spread("safeguarding", "from judged to a person's word", &signs.took);
        for times in &self.times {
            csv.spread("response times", &times.step, &times.took);
        }
        self.trend_csv(&mut csv);
        for (section, corrections) in
            [("corrections by category", &self.corrections), ("corrections by entry", &self.entries)]
        {
            for one in corrections {
                csv.number(section, &one.name, "decided", one.decided);
                csv.number(section, &one.name, "restored", one.restored);
                csv.number(section, &one.name, "upheld", one.upheld);
                csv.number(section, &one.name, "made stronger", one.stronger);
            }
        }
        for person in &self.people {
            for (measure, count) in [
                ("upheld", person.upheld),
                ("restored", person.restored),
                ("hidden", person.hidden),
                ("deleted", person.deleted),
            ] {
                csv.number("decisions by person", &person.name, measure, count);
            }
        }
        for page in &self.coverage {
            csv.number("coverage", &page.name, "new comments", page.new_comments);
            csv.number("coverage", &page.name, "readings", page.readings);
            csv.number("coverage", &page.name, "readings failed", page.failed);
            csv.value("coverage", &page.name, "watched", page.watched_s, "seconds");
            csv.value("coverage", &page.name, "blind", page.blind_s, "seconds");
            csv.number("coverage", &page.name, "gaps", page.gaps);
            csv.number("coverage", &page.name, "put aside", page.put_aside);
        }
        for count in &self.rounds {
            csv.number("letters, requests and erasures", &count.name, "count", count.count);
        }
        csv.out
    }

    fn breaches_csv(&self, csv: &mut Csv<'_>) {
        let breaches = &self.breaches;
        for (measure, count) in [
            ("identified a private person", breaches.identified),
            ("with an identifier", breaches.with_identifier),
            ("covered", breaches.covered),
            ("not known to be covered", breaches.not_covered),
            ("acts that could not be done", breaches.failed),
            ("acts that came out weaker than wanted", breaches.fell_short),
        ] {
            csv.number("breaches", "", measure, count);
        }
        csv.spread("breaches", "from written to covered", &breaches.stood);
    }

    fn trend_csv(&self, csv: &mut Csv<'_>) {
        for month in self.trend.iter().filter(|month| month.watched) {
            csv.number("trend", &month.month, "comments judged", month.judged);
            csv.number("trend", &month.month, "incidents", month.incidents);
            csv.number("trend", &month.month, "removed by rules", month.removed);
            csv.number("trend", &month.month, "restored by people", month.restored);
            for count in &month.by_category {
                csv.number("trend", &month.month, &format!("incidents: {}", count.name), count.count);
            }
        }
    }
}

/// Lines of numbers, as spreadsheets read them.
struct Csv<'a> {
    month: &'a Month,
    out: String,
}

impl Csv<'_> {
    fn number(&mut self, section: &str, subject: &str, measure: &str, count: u64) {
        self.line(section, subject, measure, &count.to_string(), "count");
    }

    fn value(&mut self, section: &str, subject: &str, measure: &str, value: i64, unit: &str) {
        self.line(section, subject, measure, &value.to_string(), unit);
    }

    fn spread(&mut self, section: &str, subject: &str, spread: &Spread) {
        self.number(section, subject, "cases", spread.of);
        for (measure, value) in [("median", spread.median_s), ("90th percentile", spread.p90_s)] {
            if let Some(value) = value {
                self.value(section, subject, measure, value, "seconds");
            }
        }
    }

    fn line(&mut self, section: &str, subject: &str, measure: &str, value: &str, unit: &str) {
        let (practice, month) = (self.month.practice.clone(), self.month.month.clone());
        self.row([practice, month, section.into(), subject.into(), measure.into(), value.into(), unit.into()]);
    }

    fn row(&mut self, cells: [String; 7]) {
        self.out.push_str(&cells.map(|text| cell(&text)).join(","));
        self.out.push_str("\r\n");
    }
}

/// One cell: never a formula, whatever a page or a person is called, and in quotes where it has to be.
fn cell(text: &str) -> String {
    let formula = text.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']);
    let text = if formula { format!("'{text}") } else { text.to_owned() };
    if text.contains(['"', ',', '\n', '\r', ';', '\t']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, want: &str) {
        assert_eq!(cell(text), want);
    }

    #[test]
    fn no_cell_can_be_taken_for_a_formula_and_every_one_reads_back_as_it_was_meant() {
        check("complaint", "complaint");
        check("", "");
        check("=HYPERLINK(1)", "'=HYPERLINK(1)");
        check("+44", "'+44");
        check("-1+2", "'-1+2");
        check("@SUM(1)", "'@SUM(1)");
        check("\t=1", "\"'\t=1\"");
        check("＝1", "'＝1");
        check("a,b", "\"a,b\"");
        check("say \"no\"", "\"say \"\"no\"\"\"");
        check("two\nlines", "\"two\nlines\"");
        check(" =1", "' =1");
    }
}
