//! A made-up day with one of everything, for tests of what people read and for sending oneself a trial message.
//! Out: a [`Period`] and [`Settings`] to go with it. Every name, number and address is invented or reserved for fiction.
//! Not here: anything that the daemon needs to run.

use jiff::civil::time;
use jiff::tz::TimeZone;

use super::schedule::Hours;
use super::view::{DraftText, Settings};
use crate::clock::{SignedDuration, Timestamp};
use crate::comment::{
    Attachment, Author, AuthorId, CommentId, CommentKind, CommentText, PageId, PageKey, PersonName, Platform, PostId,
};
use crate::lexicon::{Category, Certainty};
use crate::matcher::{Finding, How};
use crate::policy::{Action, Alert, Policy, Reason, Verdict};
use crate::store::Decision;
use crate::store::report::{
    Down, EntryCount, Gap, IdleEntry, Incident, Notice, Outcome, OutcomeState, PageCoverage, Period, Resolved,
    Standing, Trend,
};

/// Unix seconds of Friday 20 November 2026, 07:30 in London: when the specimen's period ends.
const END: i64 = 1_795_159_800;

/// Settings of the practice that the specimen belongs to.
pub fn settings() -> Settings {
    let zone = TimeZone::get("Europe/London").unwrap_or(TimeZone::UTC);
    Settings {
        practice: "Alderbrook Surgery".into(),
        policy: "Social Media and Acceptable Use Policy".into(),
        zone,
        hours: Hours { opens: time(8, 0, 0, 0), closes: time(18, 30, 0, 0) },
        drafts: vec![
            DraftText {
                name: "complaint-pathway".into(),
                title: "Where complaints are heard".into(),
                text:
                    "Thank you for telling us. We cannot look into concerns here, where everybody can read them, but \
                       we do want to hear yours. Please write to the practice manager or ask at reception for our \
                       complaints leaflet."
                        .into(),
                short: Some("Thank you. Please ask at reception for our complaints leaflet.".into()),
            },
            DraftText {
                name: "request-to-remove".into(),
                title: "Asking the author to take a post down".into(),
                text: "Your post shows other people in our waiting room. Please take it down, so that everybody who \
                       visits us can do so in private."
                    .into(),
                short: None,
            },
        ],
        command: "sudo chaperone --config /etc/chaperone/alderbrook/chaperone.toml".into(),
        console: Some("https://chaperone.alderbrook.example".into()),
        ..Settings::default()
    }
}

/// A day with one of everything.
pub fn period() -> Period {
    Period {
        from: at(0),
        to: at(24 * 60),
        coverage: coverage(),
        incidents: incidents(),
        judged: 58,
        without_reason: 44,
        entries: vec![
            fired("complaint/cannot-get-through", Category::Complaint, 12, 4),
            fired("staff/dr-patel", Category::StaffIdentified, 3, 3),
            fired("identifier/phone", Category::PatientIdentified, 2, 0),
            fired("question/opening-hours", Category::Question, 1, 5),
        ],
        trend: vec![
            Trend { category: Category::Complaint, now: 3, before: 1 },
            Trend { category: Category::StaffIdentified, now: 2, before: 4 },
            Trend { category: Category::PatientIdentified, now: 2, before: 0 },
            Trend { category: Category::Safeguarding, now: 1, before: 0 },
            Trend { category: Category::Threat, now: 1, before: 1 },
            Trend { category: Category::Question, now: 1, before: 6 },
            Trend { category: Category::Fraud, now: 0, before: 2 },
        ],
        before_watched: true,
        standing: standing(),
        notices: vec![Notice {
            at: at(9 * 60 + 12),
            page: None,
            kind: "rules-refused".into(),
            text: "A changed lexicon was refused and the rules of yesterday stay in force: complaints.toml, line 41, \
                   has a phrase that matches nothing. Run “chaperone check” to see it."
                .into(),
        }],
        audit_head: Some("6f1c0f0e9b7a4c53a1d2e84b90c7d6f5e3a2b1c0d9e8f7a6b5c4d3e2f1a0b9c8".into()),
    }
}

/// A day on which everything was read and nothing happened.
pub fn quiet_period() -> Period {
    let mut pages = coverage();
    pages.truncate(1);
    for page in &mut pages {
        (page.failed, page.malformed) = (0, 0);
        page.gaps.clear();
    }
    Period {
        incidents: Vec::new(),
        coverage: pages,
        judged: 12,
        without_reason: 12,
        entries: Vec::new(),
        trend: Vec::new(),
        notices: Vec::new(),
        standing: Standing { entries_in_force: 640, ..Standing::default() },
        ..period()
    }
}

/// A moment of the specimen day, in minutes after its beginning.
fn at(minute: i64) -> Timestamp {
    Timestamp::from_second(END - 24 * 3600).unwrap_or(Timestamp::UNIX_EPOCH) + SignedDuration::from_mins(minute)
}

fn page(platform: Platform) -> PageKey {
    let id = match platform {
        Platform::Facebook => "1029384756",
        Platform::Instagram => "17841400000000001",
        Platform::TikTok => "-000OpenId",
    };
    PageKey { platform, id: PageId::new(id) }
}

fn coverage() -> Vec<PageCoverage> {
    let read = |platform, name: &str| PageCoverage {
        page: page(platform),
        name: Some(name.into()),
        since: Some(at(-60 * 24 * 40)),
        last_ok: Some(at(24 * 60 - 1)),
        polls: 1440,
        failed: 0,
        new_comments: 41,
        baseline: 318,
        malformed: 0,
        gaps: Vec::new(),
        down: None,
        unread: Vec::new(),
    };
    vec![
        PageCoverage {
            failed: 9,
            gaps: vec![Gap { from: at(125), to: at(134), why: "Facebook asked for quiet".into() }],
            ..read(Platform::Facebook, "Alderbrook Surgery")
        },
        PageCoverage {
            new_comments: 17,
            baseline: 40,
            malformed: 1,
            unread: vec!["the replies under one comment were not listed to the end".into()],
            ..read(Platform::Instagram, "alderbrooksurgery")
        },
        PageCoverage {
            new_comments: 0,
            baseline: 12,
            polls: 720,
            failed: 312,
            last_ok: Some(at(408)),
            down: Some(Down {
                since: at(409),
                why: "TikTok no longer accepts the practice's consent".into(),
                help: "Sign in to the TikTok business account, consent again, and put the new refresh token in place \
                       of the old one."
                    .into(),
            }),
            ..read(Platform::TikTok, "@alderbrooksurgery")
        },
    ]
}

/// What goes into one incident; the rest follows from it.
struct Case {
    number: i64,
    minute: i64,
    platform: Platform,
    author: Option<&'static str>,
    before: u64,
    text: &'static str,
    /// Category, entry, the part of the text, how sure, the rule's action, its clause.
    seen: &'static [(Category, &'static str, &'static str, Certainty, Action, &'static str)],
    alert: Alert,
    tell: &'static [&'static str],
    report: bool,
    drafts: &'static [&'static str],
    done: Done,
}

/// How an incident of the specimen came out.
enum Done {
    LeftUp,
    Verified,
    Degraded(Action, &'static str),
    Dead(&'static str),
}

#[expect(clippy::too_many_lines, reason = "a table, one row per incident")]
fn incidents() -> Vec<Incident> {
    use Action::{Allow, Delete, Escalate, Hide};
    use Category as C;
    use Certainty::{High, Low, Medium};
    const TEAM: &[&str] = &["Community Engagement Team"];
    let cases = [
        Case {
            number: 201,
            minute: 12,
            platform: Platform::Facebook,
            author: Some("Maria Webb"),
            before: 0,
            text: "Lovely nurse at the flu clinic on Saturday, in and out in five minutes. Thank you all!",
            seen: &[(C::Review, "review/thanks", "Thank you all", High, Allow, "Annex A, item 7")],
            alert: Alert::Digest,
            tell: &["Practice Manager"],
            report: false,
            drafts: &[],
            done: Done::LeftUp,
        },
        Case {
            number: 202,
            minute: 95,
            platform: Platform::Facebook,
            author: Some("Colin Marsh"),
            before: 3,
            text: "Forty minutes on hold AGAIN and then cut off. Dr Patel should be ashamed, absolutely bloody useless",
            seen: &[
                (C::StaffIdentified, "staff/dr-patel", "Dr Patel", High, Hide, "Annex A, item 6"),
                (
                    C::Complaint,
                    "complaint/cannot-get-through",
                    "Forty minutes on hold",
                    High,
                    Delete,
                    "Annex A, complaints",
                ),
                (C::Obscenity, "obscenity/mild", "bloody", Medium, Hide, "Annex A, item 3"),
            ],
            alert: Alert::Digest,
            tell: TEAM,
            report: false,
            drafts: &["complaint-pathway"],
            done: Done::Verified,
        },
        Case {
            number: 203,
            minute: 188,
            platform: Platform::Facebook,
            author: Some("Sam Doyle"),
            before: 0,
            text: "Can someone ring my mum Jean Doyle on 07700 900123, she is at 3 Mill Lane AB21 9ZZ and her nhs number \
                   is 999 123 4567",
            seen: &[
                (C::PatientIdentified, "name/person", "Jean Doyle", High, Delete, "Annex A, item 2"),
                (C::PatientIdentified, "identifier/phone", "07700 900123", High, Delete, "Annex A, item 2"),
                (C::PatientIdentified, "identifier/address", "3 Mill Lane AB21 9ZZ", High, Delete, "Annex A, item 2"),
                (C::PatientIdentified, "identifier/nhs-number", "999 123 4567", High, Delete, "Annex A, item 2"),
            ],
            alert: Alert::Now,
            tell: TEAM,
            report: false,
            drafts: &[],
            done: Done::Verified,
        },
        Case {
            number: 204,
            minute: 260,
            platform: Platform::Facebook,
            author: None,
            before: 0,
            text: "What time do the phones open on Monday? The website says 8 but the leaflet says half past",
            seen: &[(
                C::Question,
                "question/opening-hours",
                "What time do the phones open",
                High,
                Allow,
                "Annex A, response times",
            )],
            alert: Alert::Digest,
            tell: TEAM,
            report: false,
            drafts: &[],
            done: Done::LeftUp,
        },
        Case {
            number: 205,
            minute: 301,
            platform: Platform::Instagram,
            author: Some("marsh_colin"),
            before: 1,
            text: "I know what time you lock up and I will be waiting in the car park for whoever did this",
            seen: &[(
                C::Threat,
                "threat/waiting-for-you",
                "I will be waiting in the car park",
                High,
                Delete,
                "Annex A, item 3",
            )],
            alert: Alert::Now,
            tell: &["Managing Partner", "Community Engagement Team"],
            report: true,
            drafts: &[],
            done: Done::Verified,
        },
        Case {
            number: 206,
            minute: 377,
            platform: Platform::TikTok,
            author: Some("healthhacks4u"),
            before: 0,
            text: "STOP queueing!! message me for weight loss jabs no prescription needed, delivered tomorrow",
            seen: &[(C::Fraud, "fraud/medicines", "no prescription needed", High, Delete, "Annex A, item 3")],
            alert: Alert::Digest,
            tell: TEAM,
            report: true,
            drafts: &[],
            done: Done::Degraded(
                Hide,
                "TikTok cannot delete other people's comments; hidden instead: delete it in the app",
            ),
        },
        Case {
            number: 207,
            minute: 640,
            platform: Platform::Facebook,
            author: Some("Ellie Frost"),
            before: 0,
            text: "honestly dont see the point any more, nobody would notice if I wasnt here tomorrow",
            seen: &[(
                C::Safeguarding,
                "safeguarding/not-here",
                "nobody would notice if I wasnt here",
                Medium,
                Escalate,
                "Safeguarding",
            )],
            alert: Alert::Now,
            tell: &["GP Safeguarding Lead", "Local Authority Safeguarding Team"],
            report: false,
            drafts: &[],
            done: Done::LeftUp,
        },
        Case {
            number: 208,
            minute: 733,
            platform: Platform::Instagram,
            author: Some("Priya N"),
            before: 0,
            text: "Look at the state of this waiting room, filmed it all this morning, link in my bio",
            seen: &[(C::Recording, "recording/filmed", "filmed it all", Medium, Escalate, "Annex A, item 5")],
            alert: Alert::Digest,
            tell: TEAM,
            report: false,
            drafts: &["request-to-remove"],
            done: Done::LeftUp,
        },
        Case {
            number: 209,
            minute: 820,
            platform: Platform::Facebook,
            author: Some("Gary O'Dell"),
            before: 0,
            text: "They falsified my records, everyone knows that doctor was drunk at work",
            seen: &[
                (C::Defamation, "defamation/falsified", "falsified my records", High, Delete, "Annex A, item 8"),
                (C::Defamation, "defamation/drunk", "drunk at work", High, Delete, "Annex A, item 8"),
            ],
            alert: Alert::Now,
            tell: &["Managing Partner"],
            report: true,
            drafts: &[],
            done: Done::Dead("Facebook refused it five times; delete it by hand"),
        },
        Case {
            number: 210,
            minute: 905,
            platform: Platform::Facebook,
            author: Some("Colin Marsh"),
            before: 4,
            text: "deleted my last comment did you? worst surgery in the county",
            seen: &[(C::Complaint, "complaint/worst-service", "worst surgery", High, Delete, "Annex A, complaints")],
            alert: Alert::Digest,
            tell: TEAM,
            report: false,
            drafts: &["complaint-pathway"],
            done: Done::Verified,
        },
        Case {
            number: 211,
            minute: 1010,
            platform: Platform::Instagram,
            author: Some("tom_h"),
            before: 0,
            text: "",
            seen: &[],
            alert: Alert::Digest,
            tell: TEAM,
            report: false,
            drafts: &[],
            done: Done::LeftUp,
        },
        Case {
            number: 212,
            minute: 1200,
            platform: Platform::Facebook,
            author: Some("Ann Li"),
            before: 0,
            text: "Been taking 20mg of citalopram since March, should I stop before my blood test?",
            seen: &[
                (
                    C::MedicalInformation,
                    "medical/medication",
                    "taking 20mg of citalopram",
                    High,
                    Hide,
                    "Annex A, item 4",
                ),
                (C::MedicalInformation, "medical/test", "my blood test", Low, Hide, "Annex A, item 4"),
            ],
            alert: Alert::Digest,
            tell: TEAM,
            report: false,
            drafts: &[],
            done: Done::Verified,
        },
    ];
    cases.iter().map(incident).collect()
}

fn fired(entry: &str, category: Category, comments: u64, before: u64) -> EntryCount {
    EntryCount { entry: entry.into(), category, comments, before, restored: 0, since: None }
}

/// One incident of each grave kind, for trying whether alerts arrive: with the contacts and clauses of the practice's own
/// policy, without anybody's words, and with no number that could be taken for a real one's.
pub fn rehearsal(policy: &Policy, now: Timestamp) -> Vec<Incident> {
    let grave = incidents().into_iter().filter(|incident| incident.verdict.alert == Alert::Now);
    grave.map(|incident| rehearsed(incident, policy, now)).collect()
}

fn rehearsed(mut incident: Incident, policy: &Policy, now: Timestamp) -> Incident {
    incident.number = 0;
    (incident.author, incident.link) = (Author::default(), None);
    (incident.created, incident.judged_at) = (Some(now), now);
    incident.text = CommentText::new("(test) Here the comment's words would stand, identifiers masked.");
    incident.outcome.verified_at = incident.outcome.verified_at.map(|_| now);
    for reason in &mut incident.verdict.reasons {
        let rule = policy.rule(reason.finding.category);
        reason.clause.clone_from(&rule.clause);
        reason.finding.span = 0..0;
        incident.verdict.tell.clone_from(&rule.tell);
    }
    incident
}

/// What earlier digests left: a question whose time has passed, a recording that nobody has looked at, an old complaint.
fn standing() -> Standing {
    let older = |like: usize, number: i64, days: i64| {
        let mut incident = incidents().swap_remove(like);
        let back = SignedDuration::from_hours(24 * days);
        incident.number = number;
        incident.created = incident.created.map(|at| at - back);
        incident.judged_at -= back;
        incident
    };
    Standing {
        open: vec![older(7, 148, 2), older(3, 131, 6), older(8, 96, 12)],
        resolved: vec![
            Resolved {
                number: 187,
                categories: vec![Category::Complaint],
                what: Some(Decision::Restore),
                who: "Pat Lee".into(),
                at: at(200),
            },
            Resolved {
                number: 183,
                categories: vec![Category::Safeguarding],
                what: None,
                who: "Dr Okafor".into(),
                at: at(215),
            },
        ],
        idle: ["complaint/telephone-music", "staff-conduct/works-here", "hate/old-word"]
            .into_iter()
            .enumerate()
            .map(|(place, entry)| IdleEntry { entry: entry.into(), since: (place == 0).then(|| at(-60 * 24 * 100)) })
            .collect(),
        entries_in_force: 640,
    }
}

fn incident(case: &Case) -> Incident {
    let reasons: Vec<Reason> = case.seen.iter().map(|seen| reason(case, seen)).collect();
    let mut categories: Vec<Category> = reasons.iter().map(|reason| reason.finding.category).collect();
    categories.sort_unstable();
    categories.dedup();
    let picture_only = case.text.is_empty();
    let floor = if picture_only { Action::Escalate } else { Action::Allow };
    let action = reasons.iter().map(|reason| reason.action).fold(floor, Action::max);
    Incident {
        number: case.number,
        page: page(case.platform),
        comment: CommentId::new(format!("c{}", case.number)),
        post: PostId::new("p1"),
        kind: CommentKind::Comment,
        link: Some(format!("https://www.{}.com/alderbrook/{}", case.platform, case.number)),
        author: Author { id: case.author.map(AuthorId::new), name: case.author.map(PersonName::new) },
        author_before: case.before,
        author_step: None,
        exempt: false,
        created: Some(at(case.minute)),
        judged_at: at(case.minute + 1),
        text: CommentText::new(case.text),
        attachments: if picture_only { vec![Attachment::Unknown] } else { Vec::new() },
        edited: false,
        erased: None,
        verdict: Verdict {
            action,
            alert: case.alert,
            tell: case.tell.iter().map(|who| (*who).to_owned()).collect(),
            report: case.report,
            drafts: case.drafts.iter().map(|draft| (*draft).to_owned()).collect(),
            categories,
            reasons,
            private: Vec::new(),
        },
        rules_version: "4b7d21".into(),
        outcome: outcome(case, action),
        decided: None,
        taken: None,
    }
}

fn reason(case: &Case, seen: &(Category, &str, &str, Certainty, Action, &str)) -> Reason {
    let (category, entry, part, certainty, action, clause) = *seen;
    let start = case.text.find(part).unwrap_or(0);
    let how = match category {
        Category::StaffIdentified => How::Name,
        _ if entry.starts_with("identifier/") => How::Identifier,
        _ => How::Exact,
    };
    Reason {
        finding: Finding {
            category,
            entry: entry.into(),
            span: start..start + part.len(),
            certainty,
            how,
            clause: None,
        },
        action,
        alert: case.alert,
        clause: clause.into(),
        note: None,
    }
}

fn outcome(case: &Case, intended: Action) -> Outcome {
    let verified_at = Some(at(case.minute + 2));
    match case.done {
        Done::LeftUp => {
            Outcome { intended, achieved: None, verified_at: None, state: OutcomeState::Nothing, note: None }
        }
        Done::Verified => {
            Outcome { intended, achieved: Some(intended), verified_at, state: OutcomeState::Done, note: None }
        }
        Done::Degraded(achieved, note) => Outcome {
            intended,
            achieved: Some(achieved),
            verified_at,
            state: OutcomeState::Done,
            note: Some(note.into()),
        },
        Done::Dead(note) => {
            Outcome { intended, achieved: None, verified_at: None, state: OutcomeState::Dead, note: Some(note.into()) }
        }
    }
}

/// The same day as observe mode would have told it: nothing touched.
pub fn observed_period() -> Period {
    let mut period = period();
    for incident in &mut period.incidents {
        let state =
            if incident.verdict.action >= Action::Hide { OutcomeState::Observed } else { OutcomeState::Nothing };
        incident.outcome =
            Outcome { intended: incident.verdict.action, achieved: None, verified_at: None, state, note: None };
    }
    period
}
