//! What cannot wait for the digest: one message for each incident, one for all when many wait. In: incidents, how often
//! they were told already. Out: subject, text and HTML for mail, and a few lines for an incoming webhook.
//! A webhook gets no word of the comment: a chat channel has more readers and a longer memory than a mailbox.
//! Not here: deciding what is urgent (the policy), when to repeat (the daemon), the webhooks' shapes, sending (`deliver`).

use askama::Template;

use super::render::{ITEMS_IN_FULL, LINES_IN_FULL, RenderError, Text, in_full};
use super::view::{Item, Settings, Urgency, When, Words, done_word};
pub use super::webhook::WebhookKind;
use super::webhook::{self, Brief};
use crate::clock::Timestamp;
use crate::lexicon::Category;
use crate::policy::Action;
use crate::store::report::{Incident, OutcomeState};

/// Up to so many incidents are told one by one; more become one message.
pub const ONE_BY_ONE: usize = 5;

/// An incident that waits to be told, or to be told again.
#[derive(Clone, Copy, Debug)]
pub struct Waiting<'a> {
    /// The incident.
    pub incident: &'a Incident,
    /// How often people were told before; nobody has acknowledged it yet.
    pub told_before: u32,
}

/// A message about one incident or several, ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The mail's subject; names no author and quotes nothing.
    pub subject: String,
    /// The mail as text.
    pub text: String,
    /// The mail as HTML.
    pub html: String,
    /// What a webhook gets.
    pub brief: Brief,
    /// The incidents it tells of.
    pub numbers: Vec<i64>,
    /// How urgent the most urgent of them is.
    pub urgency: Urgency,
    /// It is about somebody's safety, or about private details that still stand there: no quiet hour holds it back.
    pub cannot_wait: bool,
}

/// The messages for what waits: the most urgent first, one each up to [`ONE_BY_ONE`], else one for all.
pub fn compose(waiting: &[Waiting<'_>], settings: &Settings, now: Timestamp) -> Result<Vec<Message>, RenderError> {
    composed(waiting, settings, now, Purpose::Real)
}

/// One message for all that waits, however few; none where nothing does.
pub fn together(waiting: &[Waiting<'_>], settings: &Settings, now: Timestamp) -> Result<Option<Message>, RenderError> {
    let words = Words { settings };
    let told = told(waiting, words);
    if told.is_empty() { Ok(None) } else { message(&told, settings, &words.when(now), Purpose::Real).map(Some) }
}

/// Like [`compose`], but each marked as a test that nobody has to act upon.
pub fn rehearse(waiting: &[Waiting<'_>], settings: &Settings, now: Timestamp) -> Result<Vec<Message>, RenderError> {
    // A link or a command would lead to somebody else's incident, or nowhere.
    composed(waiting, &Settings { console: None, ..settings.clone() }, now, Purpose::Test)
}

fn composed(
    waiting: &[Waiting<'_>],
    settings: &Settings,
    now: Timestamp,
    purpose: Purpose,
) -> Result<Vec<Message>, RenderError> {
    let words = Words { settings };
    let told = told(waiting, words);
    let when = words.when(now);
    let size = if told.len() > ONE_BY_ONE { told.len() } else { 1 };
    told.chunks(size).map(|told| message(told, settings, &when, purpose)).collect()
}

/// What is said of each, the most urgent first.
fn told(waiting: &[Waiting<'_>], words: Words<'_>) -> Vec<Told> {
    let mut told: Vec<Told> = waiting.iter().map(|waiting| Told::new(*waiting, words)).collect();
    told.sort_by_key(|told| (told.item.urgency, told.item.when.at, told.item.number));
    told
}

/// Whether somebody has to do something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    Real,
    Test,
}

impl Message {
    /// The body for an incoming webhook.
    pub fn webhook(&self, kind: WebhookKind) -> serde_json::Value {
        webhook::body(kind, &self.subject, &self.brief, &self.numbers)
    }
}

/// One incident with what is said about it.
struct Told {
    item: Item,
    before: u32,
    done: String,
    advice: Vec<&'static str>,
    cannot_wait: bool,
}

impl Told {
    fn new(waiting: Waiting<'_>, words: Words<'_>) -> Self {
        let item = words.item(waiting.incident);
        let advice = advice(&item);
        let bare = item.urgency == Urgency::PatientIdentified && item.fell_short;
        Self {
            done: done_and_not_done(waiting.incident, &item),
            before: waiting.told_before,
            advice,
            cannot_wait: item.urgency <= Urgency::Threat || bare,
            item,
        }
    }

    fn number(&self) -> i64 {
        self.item.number
    }

    fn reminder(&self) -> Option<String> {
        (self.before > 0).then(|| format!("Reminder {}: nobody has acknowledged this yet.", self.before))
    }
}

#[derive(Template)]
#[template(path = "alert.html")]
struct AlertHtml<'a> {
    subject: &'a str,
    preview: &'a str,
    practice: &'a str,
    now: &'a When,
    told: &'a [Told],
    more: Option<&'a str>,
    test: Option<&'static str>,
    console: Option<(&'static str, String)>,
    command: &'a str,
    how: &'static str,
    foot: &'static str,
}

/// What the command below it does.
const HOW: &str = "When somebody has this in hand, let them say so on the machine that Chaperone runs on. It is not \
                   repeated then, and whoever comes later hears who has it:";

/// The same where there is a console.
const HOW_TOO: &str = "When somebody has this in hand, let them say so in Chaperone. It is not repeated then, and whoever \
                       comes later hears who has it. On the machine that Chaperone runs on, this does the same:";

const FOOT: &str =
    "Urgent messages repeat until somebody does that. Identifiers are masked; the evidence is kept whole.";

const TEST: &str = "This is a test of how alerts reach you. Nobody has written this, nothing has happened, and there is \
                    nothing to do, but to tell whoever sent it that it arrived.";

/// What to type, exactly, to take these incidents in hand.
fn acknowledgement(told: &[Told], settings: &Settings) -> String {
    let numbers: Vec<String> = told.iter().map(|told| told.number().to_string()).collect();
    format!("{} queue acknowledge {} --by \"your name\"", settings.command, numbers.join(" "))
}

/// Where these incidents stand in the console.
fn in_console(told: &[Told], settings: &Settings) -> Option<(&'static str, String)> {
    match told {
        [only] => settings.console_link(only.number()).map(|link| ("Open it in Chaperone", link)),
        _ => {
            settings.console.as_ref().map(|base| ("Open them in Chaperone", format!("{}/", base.trim_end_matches('/'))))
        }
    }
}

fn message(told: &[Told], settings: &Settings, now: &When, purpose: Purpose) -> Result<Message, RenderError> {
    let test = (purpose == Purpose::Test).then_some(TEST);
    let subject = match purpose {
        Purpose::Real => subject(told, settings),
        // The number would be nobody's.
        Purpose::Test => format!("TEST, nothing has happened – {}", subject(told, settings).replace(" (#0)", "")),
    };
    let (shown, more) = in_full(told, ITEMS_IN_FULL, Told::number);
    let console = in_console(told, settings);
    let command = if test.is_some() { String::new() } else { acknowledgement(told, settings) };
    let html = AlertHtml {
        subject: &subject,
        preview: told.first().map_or("", |told| &told.done),
        practice: &settings.practice,
        now,
        told: shown,
        more: more.as_deref(),
        test,
        how: if console.is_some() { HOW_TOO } else { HOW },
        console: console.clone(),
        command: &command,
        foot: if test.is_some() { "" } else { FOOT },
    }
    .render()
    .map_err(RenderError::Html)?;
    Ok(Message {
        text: text(&Written {
            subject: &subject,
            told: shown,
            more,
            console: console.as_ref(),
            command: &command,
            now,
            test,
        }),
        html,
        brief: brief(told, test, settings),
        numbers: if test.is_some() { Vec::new() } else { told.iter().map(Told::number).collect() },
        urgency: told.iter().map(|told| told.item.urgency).min().unwrap_or(Urgency::Ordinary),
        cannot_wait: told.iter().any(|told| told.cannot_wait),
        subject,
    })
}

fn subject(told: &[Told], settings: &Settings) -> String {
    let reminder = if told.iter().any(|told| told.before > 0) { "reminder, " } else { "" };
    match told {
        [only] => format!("{}: {reminder}{} (#{})", settings.practice, title(&only.item), only.item.number),
        many => {
            let worst = many.first().map_or_else(String::new, |told| title(&told.item));
            format!("{}: {reminder}{} urgent comments, among them: {worst}", settings.practice, many.len())
        }
    }
}

fn title(item: &Item) -> String {
    match item.urgency {
        Urgency::Safeguarding => "somebody may be at risk of harm".into(),
        Urgency::Threat => "a threat".into(),
        Urgency::PatientIdentified => "a private person's details".into(),
        Urgency::Defamation => "an allegation that may be defamatory".into(),
        Urgency::Ordinary if item.categories.is_empty() => "a comment that cannot wait".into(),
        Urgency::Ordinary => format!("a comment that cannot wait: {}", item.headline.to_lowercase()),
    }
}

/// What happened at the platform, and, said just as plainly, what did not.
fn done_and_not_done(incident: &Incident, item: &Item) -> String {
    let outcome = &incident.outcome;
    let wanted = done_word(outcome.intended);
    let achieved = outcome.achieved.unwrap_or(outcome.intended);
    let done = match outcome.state {
        OutcomeState::Nothing if incident.exempt => "The comment was left up, because its author is exempt. ".into(),
        OutcomeState::Nothing => "The comment was left up. ".into(),
        OutcomeState::Observed => format!("Observe mode: nothing was touched. It would have been {wanted}. "),
        OutcomeState::Due => format!("It is to be {wanted}, which has not been done yet. "),
        OutcomeState::Dead => format!("It could not be {wanted}: somebody has to do it by hand. "),
        OutcomeState::Already => format!("It was found already {}. ", done_word(achieved)),
        OutcomeState::Done => match &item.verified {
            Some(when) => format!("It was {}, and a second look at {} confirmed it. ", done_word(achieved), when.local),
            None => format!("The platform says that it was {}; that has not been checked yet. ", done_word(achieved)),
        },
    };
    let public = match outcome.achieved {
        Some(Action::Delete) => "",
        Some(Action::Hide) => "Its author and their friends may still see it. ",
        _ => "It can still be read by everybody. ",
    };
    format!("{done}{public}Chaperone has not answered it, and has told nobody but those who get this message.")
}

/// What good practice has people do; the practice's own procedure goes before it. The numbers are England's, and answer at
/// any hour.
fn advice(item: &Item) -> Vec<&'static str> {
    match item.urgency {
        Urgency::Safeguarding => vec![
            "If somebody's life may be in danger now, ring 999.",
            "Tell the people named above now, and follow the practice's safeguarding procedure; out of hours the local \
             authority's emergency duty team takes concerns about a child or an adult at risk. A program saw these \
             words; only a person can tell what they mean.",
            "Answer with care and in private, without blame and without asking for details. Do not delete the comment: it \
             may be the only trace.",
            "Help that answers at any hour: NHS 111, option 2, in a mental health crisis; Samaritans, 116 123; Childline, \
             0800 1111; the National Domestic Abuse Helpline, 0808 2000 247.",
        ],
        Urgency::Threat => vec![
            "If anybody may be in danger now, ring 999; otherwise report it to the police on 101.",
            "Tell the people on site, and whoever it is aimed at. Do not answer the author.",
            "Its words, time and author are kept as evidence; quote the number of the incident to the police.",
        ],
        Urgency::PatientIdentified => vec![
            "Do not repeat the details when you answer or pass this on.",
            "Ask whether the person concerned has to be told, and whether this is a data breach to be recorded: one that \
             has to be reported goes to the Information Commissioner within 72 hours.",
        ],
        Urgency::Defamation => {
            vec!["Take advice before anybody answers: the practice's legal advisers or defence organisation."]
        }
        Urgency::Ordinary if item.categories.iter().any(|one| matches!(one, Category::Harassment | Category::Hate)) => {
            vec![
                "See that whoever it is aimed at hears of it from a colleague and not from the page. Do not answer the author.",
            ]
        }
        Urgency::Ordinary => Vec::new(),
    }
}

/// What an alert as text is made of.
struct Written<'a> {
    subject: &'a str,
    told: &'a [Told],
    more: Option<String>,
    console: Option<&'a (&'static str, String)>,
    command: &'a str,
    now: &'a When,
    test: Option<&'static str>,
}

fn text(written: &Written<'_>) -> String {
    let mut out = Text::default();
    out.wrapped("", written.subject);
    out.line(&format!("Sent {}", written.now.local));
    out.line(&"=".repeat(78));
    if let Some(test) = written.test {
        out.line("");
        out.wrapped("", test);
    }
    for told in written.told {
        out.line("");
        if let Some(reminder) = told.reminder() {
            out.wrapped("", &reminder);
        }
        out.item(&told.item);
        out.line("");
        out.wrapped("", &told.done);
        for advice in &told.advice {
            out.wrapped("- ", advice);
        }
    }
    out.more(written.more.clone());
    if written.test.is_some() {
        return out.text;
    }
    out.line("");
    if let Some((words, link)) = written.console {
        out.line(&format!("{words}:"));
        out.line(&format!("  {link}"));
        out.line("");
    }
    out.wrapped("", if written.console.is_some() { HOW_TOO } else { HOW });
    // On a line of its own and never broken, so that it can be copied as it is.
    out.line(&format!("  {}", written.command));
    out.line("");
    out.wrapped("", FOOT);
    out.text
}

/// The first incidents, and the numbers of the rest: Teams refuses cards beyond 28 kB.
fn brief(told: &[Told], test: Option<&'static str>, settings: &Settings) -> Brief {
    let (shown, more) = in_full(told, LINES_IN_FULL, Told::number);
    let lines = test.map(str::to_owned).into_iter().chain(shown.iter().map(line)).chain(more).collect();
    let console = in_console(told, settings).map(|(words, link)| (words.to_owned(), link));
    let places = shown.iter().filter_map(|told| {
        let link = told.item.link.clone()?;
        Some((format!("See #{}: {}", told.number(), told.item.what), link))
    });
    Brief { lines, links: console.into_iter().chain(places).collect() }
}

/// One incident without a word of the comment or its author.
fn line(told: &Told) -> String {
    let item = &told.item;
    let tell = if item.tell.is_empty() { String::new() } else { format!(" Tell: {}.", item.tell.join(", ")) };
    let reminder = told.reminder().map(|reminder| format!("{reminder} ")).unwrap_or_default();
    // Whoever is in the channel may be the first to see it.
    let danger = told.advice.first().filter(|_| item.urgency <= Urgency::Threat);
    let danger = danger.map(|advice| format!(" {advice}")).unwrap_or_default();
    format!(
        "{reminder}#{} {}, {}, {}. {}{tell}{danger}",
        item.number, item.headline, item.what, item.when.local, told.done
    )
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;
    use crate::digest::specimen;
    use crate::policy::Alert;

    fn now() -> Timestamp {
        specimen::period().to
    }

    fn urgent() -> Vec<Incident> {
        specimen::period().incidents.into_iter().filter(|incident| incident.verdict.alert == Alert::Now).collect()
    }

    fn messages(incidents: &[Incident], told_before: u32) -> Vec<Message> {
        let waiting: Vec<Waiting<'_>> = incidents.iter().map(|incident| Waiting { incident, told_before }).collect();
        compose(&waiting, &specimen::settings(), now()).expect("rendered")
    }

    #[test]
    fn each_incident_has_a_message_of_its_own_and_the_gravest_comes_first() {
        let messages = messages(&urgent(), 0);
        let subjects: Vec<&str> = messages.iter().map(|message| message.subject.as_str()).collect();
        assert_eq!(
            subjects,
            [
                "Alderbrook Surgery: somebody may be at risk of harm (#207)",
                "Alderbrook Surgery: a threat (#205)",
                "Alderbrook Surgery: a private person's details (#203)",
                "Alderbrook Surgery: an allegation that may be defamatory (#209)",
            ]
        );
    }

    #[test]
    fn the_safeguarding_message_reads_like_this() {
        let messages = messages(&urgent(), 0);
        assert_snapshot!("safeguarding_text", messages[0].text);
        assert_snapshot!("safeguarding_html", messages[0].html);
    }

    #[test]
    fn the_other_messages_read_like_this() {
        let others: Vec<Message> = messages(&urgent(), 0).into_iter().skip(1).collect();
        let all = |form: fn(&Message) -> &str| others.iter().map(form).collect::<Vec<_>>().join("\n\n\n");
        assert_snapshot!("other_texts", all(|message| &message.text));
        assert_snapshot!("other_html", all(|message| &message.html));
    }

    #[test]
    fn a_reminder_of_several_reads_like_this() {
        let incidents = urgent();
        let waiting: Vec<Waiting<'_>> =
            incidents.iter().zip(1..).map(|(incident, told_before)| Waiting { incident, told_before }).collect();
        let message = together(&waiting, &specimen::settings(), now()).expect("rendered").expect("a message");
        assert_snapshot!("reminder_text", message.text);
        assert_snapshot!("reminder_html", message.html);
        assert!(together(&[], &specimen::settings(), now()).expect("rendered").is_none());
    }

    #[test]
    fn a_test_reads_like_this() {
        let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("config/policies/bursted-wood-surgery.toml");
        let policy = crate::policy::Policy::load(&file).expect("the shipped policy");
        let incidents = specimen::rehearsal(&policy, now());
        let waiting: Vec<Waiting<'_>> = incidents.iter().map(|incident| Waiting { incident, told_before: 0 }).collect();
        let messages = rehearse(&waiting, &specimen::settings(), now()).expect("rendered");
        let texts: Vec<&str> = messages.iter().map(|message| message.text.as_str()).collect();
        assert_snapshot!("test_texts", texts.join("\n\n\n"));
        assert_snapshot!("test_html", messages[0].html);
        assert_snapshot!(
            "test_webhook",
            serde_json::to_string_pretty(&messages[0].webhook(WebhookKind::Slack)).expect("JSON")
        );
    }

    #[test]
    fn many_incidents_become_one_message() {
        let many: Vec<Incident> = urgent().into_iter().cycle().take(ONE_BY_ONE + 1).collect();
        let messages = messages(&many, 0);
        assert_eq!(messages.len(), 1);
        assert_eq!(messages[0].numbers.len(), ONE_BY_ONE + 1);
        assert_eq!(
            messages[0].subject,
            "Alderbrook Surgery: 6 urgent comments, among them: somebody may be at risk of harm"
        );
    }

    #[test]
    fn a_flood_is_told_by_number_beyond_the_first() {
        let many: Vec<Incident> = urgent().into_iter().cycle().take(400).collect();
        let message = &messages(&many, 0)[0];
        assert_eq!(message.numbers.len(), 400);
        assert!(message.text.contains("And 380 more: #") && message.html.contains("And 380 more: #"));
        assert!(message.webhook(WebhookKind::Teams).to_string().len() < 28_000);
    }

    #[test]
    fn a_repeated_message_says_so() {
        let messages = messages(&urgent()[..1], 2);
        assert_eq!(messages[0].subject, "Alderbrook Surgery: reminder, a private person's details (#203)");
        assert!(messages[0].text.contains("Reminder 2: nobody has acknowledged this yet."));
    }

    #[track_caller]
    fn check_done(state: OutcomeState, achieved: Option<Action>, want: &str) {
        let mut incidents = urgent()[..1].to_vec();
        incidents[0].outcome.state = state;
        incidents[0].outcome.achieved = achieved;
        let told = "Chaperone has not answered it, and has told nobody but those who get this message.";
        let brief = messages(&incidents, 0)[0].brief.text();
        assert!(brief.contains(&format!(". {want} {told}")), "{brief}");
    }

    #[test]
    fn what_was_done_and_what_was_not_is_said_plainly() {
        use OutcomeState as State;
        let public = "It can still be read by everybody.";
        check_done(State::Nothing, None, &format!("The comment was left up. {public}"));
        check_done(
            State::Observed,
            None,
            &format!("Observe mode: nothing was touched. It would have been deleted. {public}"),
        );
        check_done(State::Due, None, &format!("It is to be deleted, which has not been done yet. {public}"));
        check_done(State::Dead, None, &format!("It could not be deleted: somebody has to do it by hand. {public}"));
        check_done(State::Already, Some(Action::Delete), "It was found already deleted.");
        check_done(
            State::Done,
            Some(Action::Delete),
            "It was deleted, and a second look at Thu 19 Nov, 10:40 confirmed it.",
        );
        check_done(
            State::Done,
            Some(Action::Hide),
            "It was hidden, and a second look at Thu 19 Nov, 10:40 confirmed it. Its author and their friends may still see it.",
        );
    }

    #[test]
    fn what_is_about_safety_cannot_wait_and_neither_do_details_that_still_stand_there() {
        let cannot_wait = |incidents: &[Incident]| -> Vec<bool> {
            messages(incidents, 0).iter().map(|message| message.cannot_wait).collect()
        };
        assert_eq!(cannot_wait(&urgent()), [true, true, false, false]);
        let mut bare = urgent()[..1].to_vec();
        bare[0].outcome.state = OutcomeState::Dead;
        bare[0].outcome.achieved = None;
        assert_eq!(cannot_wait(&bare), [true]);
    }

    #[test]
    fn a_test_says_so_first_and_asks_nobody_to_do_anything() {
        let incidents = urgent();
        let waiting: Vec<Waiting<'_>> = incidents.iter().map(|incident| Waiting { incident, told_before: 0 }).collect();
        for message in rehearse(&waiting, &specimen::settings(), now()).expect("rendered") {
            assert!(message.subject.starts_with("TEST, nothing has happened – Alderbrook"), "{}", message.subject);
            for said in [&message.text, &message.html, &message.brief.text()] {
                assert!(said.contains("This is a test"), "{said}");
                assert!(!said.contains("acknowledge ") && !said.contains("chaperone.alderbrook.example"), "{said}");
            }
        }
    }

    #[test]
    fn without_a_console_there_is_the_command_alone() {
        let incidents = urgent();
        let waiting = [Waiting { incident: &incidents[0], told_before: 0 }];
        let settings = Settings { console: None, ..specimen::settings() };
        let message = compose(&waiting, &settings, now()).expect("rendered").remove(0);
        assert!(!message.text.contains("Open it in") && !message.html.contains("Open it in"));
        assert!(message.text.contains("queue acknowledge 203 --by \"your name\""), "{}", message.text);
    }

    #[test]
    fn nothing_waiting_makes_no_message() {
        assert!(messages(&[], 0).is_empty());
    }

    #[test]
    fn a_webhook_carries_no_word_of_the_comment_and_no_author() {
        for message in messages(&urgent(), 1) {
            for kind in [WebhookKind::Plain, WebhookKind::Slack, WebhookKind::Teams] {
                let body = message.webhook(kind).to_string();
                for banned in ["E. F.", "nobody would notice", "ring my mum", "car park", "falsified", "[phone]"] {
                    assert!(!body.contains(banned), "{banned} in {body}");
                }
            }
        }
    }

    #[test]
    fn a_webhook_has_the_shape_its_receiver_wants() {
        let message = &messages(&urgent(), 0)[1];
        let bodies = [WebhookKind::Plain, WebhookKind::Slack, WebhookKind::Teams].map(|kind| message.webhook(kind));
        assert_snapshot!("webhooks", serde_json::to_string_pretty(&bodies).expect("JSON"));
    }
}
