//! What cannot wait for the digest: one message for each incident, one for all when many wait. In: incidents, how often
//! they were told already. Out: subject, text and HTML for mail, and JSON for an incoming webhook.
//! A webhook gets no word of the comment: a chat channel has more readers and a longer memory than a mailbox.
//! Not here: deciding what is urgent (the policy), when to repeat (the daemon), sending (`deliver`).

use askama::Template;
use serde_json::{Value, json};

use super::render::{ITEMS_IN_FULL, LINES_IN_FULL, RenderError, Text, in_full};
use super::view::{Item, Settings, Urgency, When, Words, done_word};
use crate::clock::Timestamp;
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
    /// A few lines without a word of the comments, for webhooks.
    pub brief: String,
    /// The incidents it tells of.
    pub numbers: Vec<i64>,
    /// How urgent the most urgent of them is.
    pub urgency: Urgency,
}

/// What sort of incoming webhook a URL is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WebhookKind {
    /// Our own JSON: `subject`, `text`, `incidents`.
    #[default]
    Plain,
    /// Slack: `text`.
    Slack,
    /// Teams workflows: an Adaptive Card in `attachments`.
    Teams,
}

/// The messages for what waits: the most urgent first, one each up to [`ONE_BY_ONE`], else one for all.
pub fn compose(waiting: &[Waiting<'_>], settings: &Settings, now: Timestamp) -> Result<Vec<Message>, RenderError> {
    let words = Words { settings };
    let mut told: Vec<Told> = waiting.iter().map(|waiting| Told::new(*waiting, words)).collect();
    told.sort_by_key(|told| (told.item.urgency, told.item.when.at, told.item.number));
    let when = words.when(now);
    let size = if told.len() > ONE_BY_ONE { told.len() } else { 1 };
    told.chunks(size).map(|told| message(told, settings, &when)).collect()
}

impl Message {
    /// The body for an incoming webhook.
    pub fn webhook(&self, kind: WebhookKind) -> Value {
        webhook_body(kind, &self.subject, &self.brief, &self.numbers)
    }
}

/// What an incoming webhook of this kind wants to read.
pub(super) fn webhook_body(kind: WebhookKind, subject: &str, brief: &str, numbers: &[i64]) -> Value {
    match kind {
        WebhookKind::Plain => json!({"subject": subject, "text": brief, "incidents": numbers}),
        WebhookKind::Slack => json!({"text": slack_escaped(&format!("{subject}\n{brief}"))}),
        WebhookKind::Teams => teams_card(subject, brief),
    }
}

/// One incident with what is said about it.
struct Told {
    item: Item,
    before: u32,
    done: String,
    advice: Vec<&'static str>,
}

impl Told {
    fn new(waiting: Waiting<'_>, words: Words<'_>) -> Self {
        let item = words.item(waiting.incident);
        let advice = advice(&item);
        Self { done: done_and_not_done(waiting.incident, &item), before: waiting.told_before, advice, item }
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
    practice: &'a str,
    now: &'a When,
    told: &'a [Told],
    more: Option<&'a str>,
    command: &'a str,
    how: &'static str,
    foot: &'static str,
}

/// What the command below it does.
const HOW: &str = "When somebody has this in hand, let them say so on the machine that Chaperone runs on. It is not \
                   repeated then, and whoever comes later hears who has it:";

const FOOT: &str =
    "Urgent messages repeat until somebody does that. Identifiers are masked; the evidence is kept whole.";

/// What to type, exactly, to take these incidents in hand.
fn acknowledgement(told: &[Told], settings: &Settings) -> String {
    let numbers: Vec<String> = told.iter().map(|told| told.number().to_string()).collect();
    format!("{} queue acknowledge {} --by \"your name\"", settings.command, numbers.join(" "))
}

fn message(told: &[Told], settings: &Settings, now: &When) -> Result<Message, RenderError> {
    let subject = subject(told, settings);
    let (shown, more) = in_full(told, ITEMS_IN_FULL, Told::number);
    let command = acknowledgement(told, settings);
    let html = AlertHtml {
        subject: &subject,
        practice: &settings.practice,
        now,
        told: shown,
        more: more.as_deref(),
        command: &command,
        how: HOW,
        foot: FOOT,
    }
    .render()
    .map_err(RenderError::Html)?;
    Ok(Message {
        text: text(&subject, shown, more, &command, now),
        html,
        brief: briefs(told),
        numbers: told.iter().map(|told| told.item.number).collect(),
        urgency: told.iter().map(|told| told.item.urgency).min().unwrap_or(Urgency::Ordinary),
        subject,
    })
}

fn subject(told: &[Told], settings: &Settings) -> String {
    let reminder = if told.iter().any(|told| told.before > 0) { "reminder, " } else { "" };
    match told {
        [only] => format!("{}: {reminder}{} (#{})", settings.practice, title(only.item.urgency), only.item.number),
        many => {
            let worst = many.first().map_or(Urgency::Ordinary, |told| told.item.urgency);
            format!("{}: {reminder}{} urgent comments, among them: {}", settings.practice, many.len(), title(worst))
        }
    }
}

fn title(urgency: Urgency) -> &'static str {
    match urgency {
        Urgency::Safeguarding => "somebody may be at risk of harm",
        Urgency::Threat => "a threat",
        Urgency::PatientIdentified => "a private person's details",
        Urgency::Defamation => "an allegation that may be defamatory",
        Urgency::Ordinary => "a comment that cannot wait",
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

/// What good practice has people do; the practice's own procedure goes before it.
fn advice(item: &Item) -> Vec<&'static str> {
    match item.urgency {
        Urgency::Safeguarding => vec![
            "If somebody's life may be in danger now, ring 999.",
            "Samaritans listen at any hour on 116 123, free of charge; NHS 111, option 2, is for urgent mental health help.",
            "Tell the people named above now, and follow the practice's safeguarding procedure. A program saw these \
             words; only a person can tell what they mean.",
            "Answer with care and in private, without blame. Do not ask for details in public, and do not delete the \
             comment: it may be the only trace.",
        ],
        Urgency::Threat => vec![
            "If anybody may be in danger now, ring 999; otherwise report it to the police on 101.",
            "Tell the people on site. Do not answer the author.",
            "Its words, time and author are kept as evidence; quote the number of the incident to the police.",
        ],
        Urgency::PatientIdentified => vec![
            "Do not repeat the details when you answer or pass this on.",
            "Ask whether the person concerned has to be told, and whether this is a data breach to be recorded.",
        ],
        Urgency::Defamation => {
            vec!["Take advice before anybody answers: the practice's legal advisers or defence organisation."]
        }
        Urgency::Ordinary => Vec::new(),
    }
}

fn text(subject: &str, told: &[Told], more: Option<String>, command: &str, now: &When) -> String {
    let mut out = Text::default();
    out.wrapped("", subject);
    out.line(&format!("Sent {}", now.local));
    out.line(&"=".repeat(78));
    for told in told {
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
    out.more(more);
    out.line("");
    out.wrapped("", HOW);
    // On a line of its own and never broken, so that it can be copied as it is.
    out.line(&format!("  {command}"));
    out.line("");
    out.wrapped("", FOOT);
    out.text
}

/// The first incidents, and the numbers of the rest: Teams refuses cards beyond 28 kB.
fn briefs(told: &[Told]) -> String {
    let (shown, more) = in_full(told, LINES_IN_FULL, Told::number);
    shown.iter().map(brief).chain(more).collect::<Vec<_>>().join("\n")
}

/// Two lines without a word of the comment or its author.
fn brief(told: &Told) -> String {
    let item = &told.item;
    let tell = if item.tell.is_empty() { String::new() } else { format!(" Tell: {}.", item.tell.join(", ")) };
    let link = item.link.as_deref().map(|link| format!("\n{link}")).unwrap_or_default();
    let reminder = told.reminder().map(|reminder| format!("{reminder} ")).unwrap_or_default();
    format!(
        "{reminder}#{} {}, {}, {}. {}{tell}{link}",
        item.number, item.headline, item.what, item.when.local, told.done
    )
}

/// Slack reads `&`, `<` and `>` as its own marks.
fn slack_escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn teams_card(subject: &str, brief: &str) -> Value {
    let block = |text: &str| json!({"type": "TextBlock", "text": text, "wrap": true});
    let mut body =
        vec![json!({"type": "TextBlock", "text": subject, "wrap": true, "weight": "Bolder", "size": "Medium"})];
    body.extend(brief.lines().map(block));
    json!({
        "type": "message",
        "attachments": [{
            "contentType": "application/vnd.microsoft.card.adaptive",
            "contentUrl": null,
            "content": {
                "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                "type": "AdaptiveCard",
                "version": "1.4",
                "body": body,
            },
        }],
    })
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
        let texts: Vec<String> = messages(&urgent(), 0).into_iter().skip(1).map(|message| message.text).collect();
        assert_snapshot!("other_texts", texts.join("\n\n\n"));
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
        let brief = &messages(&incidents, 0)[0].brief;
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
