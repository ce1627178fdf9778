//! `author`: what people say of the author of an incident – trusted and exempt from the rules, or on the ladder. In: the
//! store, beside a daemon that may be running, and the policy's word on the ladder. Out: what was written, or why not.
//! Not here: whether a step may be taken (`ladder`), what the author is told (drafts, which a person sends).

use super::args::{AboutAuthor, Args, AuthorCommand};
use super::audit::{open, wait};
use super::explain::paragraph;
use super::queue::unknown;
use super::underline::underline;
use super::{Outcome, Stop, print};
use crate::clock::Timestamp;
use crate::comment::{AuthorId, PersonName};
use crate::config::{Config, Needs};
use crate::digest::view::category_name;
use crate::digest::{Masking, mask};
use crate::dossier::decided_word;
use crate::ladder::{Refusal, Rule, Step, may_lead_to_removal};
use crate::lexicon::Category;
use crate::policy::Policy;
use crate::store::{AuthorFile, Climb, Climbed, Exempted, Exemption, Nobody, StepTaken, Store, Withdrawn};

pub(super) fn author(args: &Args, command: &AuthorCommand) -> Result<Outcome, Stop> {
    let (config, store, now) = open(args, Needs::STORE)?;
    let words = Words { config: &config };
    match command {
        AuthorCommand::List => list(words, &store, now),
        AuthorCommand::Show { number, unmasked } => show(words, &store, (*number, *unmasked), now),
        AuthorCommand::Exempt(about) => {
            let (who, why) = (about.word.by.clone(), about.word.reason.clone());
            let became = wait(store.exempt(about.number, who, why, now))?;
            Ok(say(words.exempted(about, &became)))
        }
        AuthorCommand::Unexempt(about) => {
            let (who, why) = (about.word.by.clone(), about.word.reason.clone());
            let became = wait(store.end_exemption(about.number, who, why, now))?;
            Ok(say(unexempted(about, &became)))
        }
        AuthorCommand::Step { about, to, police } => {
            let rule = Policy::load(&config.policies.file(&config.practice.policy))?.ladder;
            let (who, why) = (about.word.by.clone(), about.word.reason.clone());
            let climb = Climb { step: *to, police: *police, who, why, rule: rule.clone() };
            let became = wait(store.climb(about.number, climb, now))?;
            Ok(say(words.climbed(about, *to, &became, &rule)))
        }
        AuthorCommand::Withdraw { number, by } => {
            let became = wait(store.withdraw_step(*number, by.clone(), now))?;
            Ok(say(withdrawn(*number, by, became)))
        }
    }
}

/// Prints what was done, or complains of what was not.
fn say(told: Result<String, String>) -> Outcome {
    match told {
        Ok(text) => {
            print::line(text);
            Outcome::Done
        }
        Err(text) => {
            print::note(text);
            Outcome::Problems
        }
    }
}

fn list(words: Words<'_>, store: &Store, now: Timestamp) -> Result<Outcome, Stop> {
    let (exemptions, climbers) = wait(async { Ok((store.exemptions().await?, store.climbers(now).await?)) })?;
    if exemptions.is_empty() && climbers.is_empty() {
        print::line("Nobody is exempt, and nobody is on the ladder.");
        return Ok(Outcome::Done);
    }
    for exemption in &exemptions {
        let who = mask::author(&exemption.author, words.masking());
        print::line(format_args!(
            "#{:<6}{who} on {}: {}",
            exemption.incident,
            exemption.page,
            words.exempt_since(exemption)
        ));
    }
    for climber in &climbers {
        let (who, step) = (mask::author(&climber.author, words.masking()), &climber.step);
        print::line(format_args!("#{:<6}{who} on {}: {}", step.incident, climber.page, words.step(step)));
    }
    Ok(Outcome::Done)
}

fn show(words: Words<'_>, store: &Store, (number, unmasked): (i64, bool), now: Timestamp) -> Result<Outcome, Stop> {
    let file = match wait(store.author(number, now))? {
        Ok(file) => file,
        Err(nobody) => return Ok(say(Err(nobody_known(number, nobody)))),
    };
    print::line(words.file(&file, unmasked).trim_end());
    Ok(Outcome::Done)
}

/// How authors read in a terminal.
#[derive(Clone, Copy)]
struct Words<'a> {
    config: &'a Config,
}

impl Words<'_> {
    fn masking(self) -> Masking {
        Masking { show_author_names: self.config.digest.show_author_names, ..Masking::default() }
    }

    fn day(self, at: Timestamp) -> String {
        at.to_zoned(self.config.practice.timezone.clone()).strftime("%-d %b %Y").to_string()
    }

    fn file(self, file: &AuthorFile, unmasked: bool) -> String {
        let who = if unmasked {
            let name = file.author.name.as_ref().map_or("no name", PersonName::expose);
            let id = file.author.id.as_ref().map_or("no id", AuthorId::as_str);
            underline(&format!("{name} (id {id})"), &[]).join(" ")
        } else {
            mask::author(&file.author, self.masking())
        };
        let mut out = format!("{who}, on {}\n\n", file.page);
        match &file.exemption {
            Some(exemption) => paragraph(&mut out, 0, &self.exempt_since(exemption)),
            None => out.push_str("Not exempt: rules do what the policy says.\n"),
        }
        if let Some(exemption) = file.exemption.as_ref().filter(|_| unmasked) {
            paragraph(&mut out, 2, &exemption.why);
        }
        out.push_str("\nThe ladder:\n");
        if file.steps.is_empty() {
            out.push_str("  no step counts\n");
        }
        for step in &file.steps {
            paragraph(&mut out, 2, &format!("#{}: {}", step.incident, self.step(step)));
            if unmasked {
                paragraph(&mut out, 4, &step.why);
            }
        }
        out.push_str("\nIncidents:\n");
        for brief in &file.incidents {
            let decided = brief.decided.map_or("nobody has decided", decided_word);
            let names = names(&brief.categories);
            let at = self.day(brief.at);
            paragraph(&mut out, 2, &format!("#{} of {at}: {names}; to {}; {decided}", brief.number, brief.action.id()));
        }
        if !unmasked {
            out.push_str("\n--unmasked shows the name, and the reasons that people gave.\n");
        }
        out
    }

    fn exempt_since(self, exemption: &Exemption) -> String {
        let left = match exemption.left_up {
            0 => "nothing of theirs would have been hidden since".to_owned(),
            1 => "1 comment was left up for that".to_owned(),
            many => format!("{many} comments were left up for that"),
        };
        format!("exempt since {} by the word of {}; {left}", self.day(exemption.since), exemption.who)
    }

    fn step(self, step: &StepTaken) -> String {
        let police = if step.police { ", reported to the police" } else { "" };
        format!(
            "{} on {} by {}{police}; counts until {}",
            step.step.name(),
            self.day(step.at),
            step.who,
            self.day(step.until)
        )
    }

    fn exempted(self, about: &AboutAuthor, became: &Exempted) -> Result<String, String> {
        let number = about.number;
        match became {
            Exempted::Done => Ok(format!(
                "The author of #{number} is exempt on this page from now on: rules hide and delete nothing of theirs, but \
                 hide what identifies a private person. You are told of it as before. What is hidden already stays \
                 hidden: `queue restore` shows it again."
            )),
            Exempted::Already { who, at } => Err(format!(
                "the author of #{number} has been exempt since {}, by the word of {who}; nothing was changed",
                self.day(*at)
            )),
            Exempted::NotExempt => Err(format!("the author of #{number} is not exempt")),
            Exempted::Nobody(nobody) => Err(nobody_known(number, *nobody)),
        }
    }

    fn climbed(self, about: &AboutAuthor, to: Step, became: &Climbed, rule: &Rule) -> Result<String, String> {
        let number = about.number;
        match became {
            Climbed::Taken { until } => Ok(format!(
                "Written down about the author of #{number}: {}, by {}. It counts until {}.{}",
                to.name(),
                about.word.by,
                self.day(*until),
                what_next(to)
            )),
            Climbed::Refused(refusal) => Err(format!("#{number}: {}", self.refusal(number, refusal, rule))),
            Climbed::Nobody(nobody) => Err(nobody_known(number, *nobody)),
        }
    }

    fn refusal(self, number: i64, refusal: &Refusal, rule: &Rule) -> String {
        match refusal {
            Refusal::Before(taken) => format!(
                "{} was written down about this incident by {} on {}; nothing was changed",
                taken.step.id(),
                taken.who,
                self.day(taken.at)
            ),
            Refusal::Overturned => {
                "somebody restored it because it was judged wrongly, so nothing follows from it".into()
            }
            Refusal::NotYet(next) => format!(
                "one step at a time, and the next one is {}: write it down with --to {} if it was taken ({})",
                next.id(),
                next.id(),
                rule.clause
            ),
            Refusal::NoWarning => format!(
                "nobody is removed who was not warned within the last {} days ({}). Only violence that was reported to the \
                 police needs no warning: --police says so, about an incident with a threat that was upheld",
                rule.window_days, rule.clause
            ),
            Refusal::NoViolence => format!(
                "--police is for violence or a threat of it, and no threat that a person has upheld stands in this \
                 incident; if it is one, `queue uphold {number}` says so first"
            ),
            Refusal::NotUpheld(open) => {
                let (which, is) = (numbers(open), if open.len() == 1 { "was" } else { "were" });
                format!(
                    "a removal rests on what people have looked at, and {which} {is} judged by rules alone; look, and if \
                     the judgement is right say so with `queue uphold`"
                )
            }
            Refusal::NoGround(categories) => no_ground(categories, rule),
        }
    }
}

fn unexempted(about: &AboutAuthor, became: &Exempted) -> Result<String, String> {
    let number = about.number;
    match became {
        Exempted::Done => Ok(format!(
            "The author of #{number} is exempt no more: rules act on what they write from now on. What was left up \
             stays up."
        )),
        Exempted::NotExempt | Exempted::Already { .. } => {
            Err(format!("the author of #{number} was not exempt; nothing was changed"))
        }
        Exempted::Nobody(nobody) => Err(nobody_known(number, *nobody)),
    }
}

fn no_ground(categories: &[Category], rule: &Rule) -> String {
    let upheld = match categories {
        [] => "nothing of this author's has been upheld".to_owned(),
        some => format!("all that was upheld of this author's is {}", names(some)),
    };
    let enough: Vec<Category> = Category::ALL.into_iter().filter(|&category| may_lead_to_removal(category)).collect();
    format!(
        "{upheld}, and nobody is removed for that: no complaint, review, question or word about somebody's health leads to \
         removal ({}). What may is {}",
        rule.clause,
        names(&enough)
    )
}

fn what_next(step: Step) -> String {
    match step.draft() {
        Some(draft) => format!(" The words for it are the draft \"{draft}\"; a person sends them."),
        None => " Nothing was sent and nobody was removed: follow the practice's own procedure, with advice from your \
                 defence organisation."
            .to_owned(),
    }
}

fn withdrawn(number: i64, by: &str, became: Withdrawn) -> Result<String, String> {
    match became {
        Withdrawn::Done(step) => Ok(format!("{} is taken back by {by} and counts no more.", capital(step.id()))),
        Withdrawn::Nothing => Err(format!("no step counts about the author of #{number}; nothing was changed")),
        Withdrawn::Nobody(nobody) => Err(nobody_known(number, nobody)),
    }
}

fn nobody_known(number: i64, nobody: Nobody) -> String {
    match nobody {
        Nobody::Nameless => format!(
            "#{number}: the platform did not say who wrote it, so it cannot be told whose other comments are meant; nothing \
             was changed"
        ),
        Nobody::Erased => format!("#{number}: what was known of its author has been erased; nothing was changed"),
        Nobody::Unknown => unknown(number),
    }
}

fn names(categories: &[Category]) -> String {
    categories.iter().map(|&category| category_name(category)).collect::<Vec<_>>().join(", ")
}

fn numbers(numbers: &[i64]) -> String {
    numbers.iter().map(|number| format!("#{number}")).collect::<Vec<_>>().join(", ")
}

fn capital(id: &str) -> String {
    let words = id.replace('-', " ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
