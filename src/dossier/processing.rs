//! The record of processing: what is processed, why, where it is kept, how long, and who sees it (UK GDPR, article 30), as
//! the configuration in force says, for the data protection officer's register and impact assessment. In: the
//! configuration. Out: a paper and JSON. Not here: judgements that only the practice can make; where it has not said, the
//! record says that it has not.

use std::num::NonZeroU32;

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use url::Url;

use super::words::{days, term};
use super::{Paper, Part, Section, moment};
use crate::clock::Timestamp;
use crate::comment::Platform;
use crate::config::Config;
use crate::digest::deliver::Tls;
use crate::digest::view::category_name;
use crate::executor::brake::Brake;
use crate::lexicon::Category;
use crate::store::{Backlog, Mode, key};

/// The version of the JSON.
const SCHEMA: u32 = 1;

/// The record, for people.
pub fn paper(config: &Config, now: Timestamp) -> Paper {
    let zone = &config.practice.timezone;
    Paper {
        title: format!("Record of processing: comments on {}'s pages", config.practice.name),
        opening: vec![
            format!(
                "Made on {} by Chaperone {} from the configuration {}.",
                moment(now, zone),
                env!("CARGO_PKG_VERSION"),
                config.file.display()
            ),
            "It says what the program does as it is configured now. Make it anew when the configuration changes; what only \
             the practice can decide is marked."
                .to_owned(),
        ],
        sections: vec![
            controller(config),
            purposes(config),
            people(),
            data(config),
            recipients(config),
            transfers(config),
            retention(config),
            security(config),
            rights(config),
            risks(config),
        ],
    }
}

/// The record, for programs: the same sections, name by name.
pub fn json(config: &Config, now: Timestamp) -> Value {
    let paper = paper(config, now);
    let sections =
        paper.sections.iter().map(|section| json!({ "heading": section.heading, "says": parts(&section.parts) }));
    json!({
        "schema": SCHEMA,
        "practice": config.practice.name,
        "made": now,
        "sections": sections.collect::<Vec<_>>(),
        "retention_days": {
            "nothing_found": config.retention.nothing_found,
            "found": config.retention.found,
            "watch": config.retention.watch,
            "by_category": config.retention.by_category.iter()
                .map(|(category, days)| (category.id().to_owned(), json!(days))).collect::<serde_json::Map<_, _>>(),
        },
    })
}

fn parts(parts: &[Part]) -> Vec<Value> {
    parts
        .iter()
        .map(|part| match part {
            Part::Says(text) | Part::Quote(text) => json!(text),
            Part::Fact(name, value) => json!({ "name": name, "value": value }),
            Part::Table(head, rows) => json!({ "head": head, "rows": rows }),
            Part::Chart(head, bars) => {
                let rows = bars.iter().map(|bar| std::iter::once(&bar.name).chain(&bar.cells).collect::<Vec<_>>());
                json!({ "head": head, "rows": rows.collect::<Vec<_>>() })
            }
        })
        .collect()
}

const NOT_SAID: &str = "NOT STATED";

fn controller(config: &Config) -> Section {
    let practice = &config.practice;
    let mut section = Section::new("1. Who is responsible");
    section.fact("Controller", practice.name.as_str());
    section.fact("Address", practice.address.as_deref().unwrap_or(NOT_SAID));
    section.fact("E-mail", or_not_said(&practice.emails));
    section.fact("Phone", or_not_said(&practice.phones));
    let missing = format!("{NOT_SAID}: write contact in section [privacy] of the configuration");
    section.fact("Contact for data protection", config.privacy.contact.clone().unwrap_or(missing));
    section
}

fn or_not_said(list: &[String]) -> String {
    if list.is_empty() { NOT_SAID.to_owned() } else { list.join(", ") }
}

fn purposes(config: &Config) -> Section {
    let mut section = Section::new("2. What for");
    section.says(
        "To apply the practice's published patient code of conduct to comments on its own social media pages: to protect \
         patients whose details are disclosed, staff who are threatened or abused, and people who show signs of harm; to \
         hand questions and complaints to the people who answer them; and to keep evidence of what was done and why.",
    );
    let missing =
        format!("{NOT_SAID}: write lawful_basis in section [privacy] of the configuration (articles 6 and 9)");
    section.fact("Lawful basis", config.privacy.lawful_basis.clone().unwrap_or(missing));
    section.fact("Code of conduct", config.practice.policy.as_str());
    section.fact(
        "Mode",
        match config.practice.mode {
            Mode::Observe => "observe: comments are read and judged, nothing is hidden or deleted",
            Mode::Enforce => "enforce: comments are hidden or deleted as the code of conduct says",
        },
    );
    section.says(
        "Decisions are made by fixed rules (word lists and the code of conduct), each with its reason and clause. Nothing is \
         decided about anybody but whether a comment stays up; a person can undo every hiding, sees what was done in a daily \
         digest, and alone decides on steps against an author.",
    );
    section
}

fn people() -> Section {
    let mut section = Section::new("3. Whose data");
    section.says("People who comment on the pages: patients, relatives, the public.");
    section.says("People whom a comment names or describes: other patients, members of staff.");
    section.says("Members of staff on the staff list, so that their names are recognised.");
    section.says("Members of the team who decide about an incident; their names stand with their decisions.");
    section
}

fn data(config: &Config) -> Section {
    let mut section = Section::new("4. Which data, and from where");
    let rows = config.pages.iter().map(|page| {
        let key = page.key();
        let host = page.settings.api_base.host_str().unwrap_or_default().to_owned();
        vec![key.platform.name().to_owned(), key.id.as_str().to_owned(), host, format!("every {} s", page.every_s)]
    });
    section.table(&["Platform", "Page", "Read from", "How often"], rows.collect());
    section.says(
        "Of each comment: its text and earlier texts, what kind of attachment it has (no picture or video is fetched), \
         author's name and id as the platform gives them, time, link, whether it is hidden. Comments can hold special \
         categories of data: health above all.",
    );
    section.fact(
        "Comments from before the watch",
        match config.practice.backlog {
            Backlog::Baseline => "remembered, not judged",
            Backlog::Judge => "judged like any other",
        },
    );
    section.fact(
        "Staff list",
        config.practice.staff.as_ref().map_or("none".to_owned(), |path| path.display().to_string()),
    );
    section
}

fn recipients(config: &Config) -> Section {
    let mut section = Section::new("5. Who sees it");
    match &config.mail {
        Some(mail) => {
            section.fact("Daily digest, by mail", mail.to.join(", "));
            section.fact("Alerts, by mail", mail.alerts_to.join(", "));
            if !config.report.to.is_empty() {
                section.fact("Report of each month, by mail", config.report.to.join(", "));
            }
            if !config.alerts.out_of_hours_to.is_empty() {
                section.fact("Alerts while the practice is closed", config.alerts.out_of_hours_to.join(", "));
            }
            section.fact("Mail server", format!("{} ({})", mail.server, tls(mail.tls)));
        }
        None => section.fact("Digest and alerts", format!("files in {}", config.digest.directory.display())),
    }
    if let Some(host) = host_of(config.alerts.out_of_hours_webhook_url.as_ref()) {
        section.fact("Alerts while the practice is closed, to a webhook", host);
    }
    match webhook_host(config) {
        Some(host) => section.fact(
            "Alerts, to a webhook",
            format!("{host}: incident numbers, categories and links, no words, no names"),
        ),
        None => section.fact("Alerts, to a webhook", "none"),
    }
    section.says(if config.digest.show_author_names {
        "In digests and alerts identifiers and private persons' names are masked; authors' names are shown in full."
    } else {
        "In digests and alerts identifiers and private persons' names are masked; of authors there are initials only."
    });
    section.says(
        "Whole and unmasked it is seen by whoever may read the store with its key on the machine: the daemon's user and the \
         machine's administrators. Case packs are made for named persons, and the making is recorded.",
    );
    section
}

fn tls(tls: Tls) -> &'static str {
    match tls {
        Tls::Starttls => "encrypted, STARTTLS required",
        Tls::Tls => "encrypted, TLS",
        Tls::PlainLoopback => "on this machine",
    }
}

fn webhook_host(config: &Config) -> Option<String> {
    host_of(config.alerts.webhook_url.as_ref())
}

fn host_of(url: Option<&SecretString>) -> Option<String> {
    let url = Url::parse(url?.expose_secret()).ok()?;
    url.host_str().map(ToOwned::to_owned)
}

fn transfers(config: &Config) -> Section {
    let mut section = Section::new("6. Where it goes");
    section.says(
        "Comments are judged on the practice's own machine. No text is sent to any other service. To the platforms go only \
         the ids of comments that are to be hidden, shown or deleted, and requests to list comments.",
    );
    let mut platforms: Vec<&str> = config.pages.iter().map(|page| operator(page.key().platform)).collect();
    platforms.sort_unstable();
    platforms.dedup();
    for operator in platforms {
        section.says(operator);
    }
    if webhook_host(config).is_some() || config.alerts.out_of_hours_webhook_url.is_some() {
        section.says("The webhook's operator may keep what it is sent outside the United Kingdom: see its terms.");
    }
    section
}

fn operator(platform: Platform) -> &'static str {
    match platform {
        Platform::Facebook | Platform::Instagram => {
            "Facebook and Instagram (Meta): the comments were published there by their authors."
        }
        Platform::TikTok => "TikTok: the comments were published there by their authors.",
    }
}

fn retention(config: &Config) -> Section {
    let terms = &config.retention;
    let mut section = Section::new("7. How long it is kept");
    let mut rows = vec![vec!["Nothing was found in it; the page's own comments".to_owned(), term(terms.nothing_found)]];
    rows.extend(Category::ALL.into_iter().map(|category| {
        vec![category_name(category).to_owned(), term(terms.by_category.get(&category).copied().unwrap_or(terms.found))]
    }));
    rows.push(vec![
        "Steps of the author ladder (asked, warned), by a keyed hash of the author".to_owned(),
        "the policy's window, at most a year".to_owned(),
    ]);
    rows.push(vec!["Notes about polls, gaps and the watch itself".to_owned(), term(terms.watch)]);
    section.table(&["Comments", "Words, author and link are erased after"], rows);
    section.says(
        "Counted from when a comment was last judged, acted or decided upon; of several categories the longest counts. \
         Erased once a day by the daemon. A legal hold keeps a comment until it is released. What stays after erasure: that \
         a comment of that id was judged, by which entries and clause, and what was done. The audit chain is never erased; \
         it holds no comment's words and no author's name.",
    );
    section.says(
        "Digests and alerts that were sent, and files of them, are outside the store: the practice's mail rules apply.",
    );
    section
}

fn security(config: &Config) -> Section {
    let mut section = Section::new("8. How it is protected");
    section.fact("Store", config.store.path.display().to_string());
    section.fact(
        "Key of the store",
        match &config.store.key {
            Some(key) => format!("{}, from a credential", key.fingerprint()),
            None => format!(
                "beside the store ({}): protects a copy of the database file alone; name key_file in section [store]",
                key::beside(&config.store.path).display()
            ),
        },
    );
    for says in [
        "Texts, authors' names and ids and reasons of decisions are encrypted at rest (XChaCha20-Poly1305). The files are \
         readable by the daemon's user only.",
        "Tokens and passwords stand in files of their own, are handed over as credentials, and reach no log, address or \
         message. No log line holds a comment's words or anybody's name.",
        "Every verdict, act, decision and erasure is recorded in a chain of hashes whose head leaves with each digest; \
         `chaperone audit verify` finds a change.",
        "Connections to platforms, webhook and mail server are encrypted and their certificates checked; that cannot be \
         turned off.",
        "The service runs as a user of its own without privileges, and sees of the machine only its own directories.",
    ] {
        section.says(says);
    }
    section
}

fn rights(config: &Config) -> Section {
    let mut section = Section::new("9. What people can ask for");
    let command = config.command();
    section.fact("Access", format!("{command} subject export NAME"));
    section.fact("Erasure", format!("{command} subject erase NAME"));
    section.fact("Objection, restoring a comment", format!("{command} queue restore NUMBER"));
    section.fact("Legal hold", format!("{command} audit hold NUMBER"));
    section
}

fn risks(config: &Config) -> Section {
    let mut section = Section::new("10. For the impact assessment");
    section.says(wrongly(&config.brake));
    for says in [
        "A sign of harm may be missed, or a person in need offended by a deletion: a comment with a sign of harm is never \
         deleted, and people are told at once.",
        "The words of a comment may be about somebody's health: they are kept only as long as the table in section 7 says, \
         and masked wherever they leave the machine.",
    ] {
        section.says(says);
    }
    section.fact(
        "Limits in a day and page",
        format!("{} hidden, {} deleted", limit(config.brake.hides_per_day), limit(config.brake.deletes_per_day)),
    );
    section
}

/// What keeps a mistake of the rules small, as far as it is switched on.
fn wrongly(brake: &Brake) -> String {
    let mut held = vec!["in doubt the smaller step is taken".to_owned()];
    held.extend(brake.young_days.map(|young| {
        format!("a rule deletes nothing on its own word within {} after it was made or changed", days(young))
    }));
    if brake.hides_per_day.is_some() || brake.deletes_per_day.is_some() {
        held.push("what may be hidden or deleted in a day is limited as below".to_owned());
    }
    format!(
        "A comment may be hidden or deleted wrongly: {}, and the digest shows each with its reason.",
        held.join(", ")
    )
}

fn limit(limit: Option<NonZeroU32>) -> String {
    limit.map_or("no limit".to_owned(), |limit| limit.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_keeps_a_mistake_small_is_said_as_it_is_switched_on() {
        #[track_caller]
        fn check(young: Option<u32>, hides: Option<u32>, want: &str) {
            let number = |number: Option<u32>| number.and_then(NonZeroU32::new);
            let deletes = number(None);
            let brake = Brake {
                young_days: number(young),
                hides_per_day: number(hides),
                deletes_per_day: deletes,
                ..Brake::default()
            };
            assert_eq!(
                wrongly(&brake),
                format!(
                    "A comment may be hidden or deleted wrongly: in doubt the smaller step is taken{want}, and the digest shows each with its reason."
                )
            );
        }
        check(None, None, "");
        check(Some(1), None, ", a rule deletes nothing on its own word within one day after it was made or changed");
        check(None, Some(40), ", what may be hidden or deleted in a day is limited as below");
    }
}
