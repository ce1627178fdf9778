//! E-mail addresses, plain and in disguise: `kev [at] post [dot] example`, `kev at gmail dot com`. In: a scene.
//! Out: addresses of people. Not here: the practice's own, and an organisation's `info@` and `bookings@`.

use std::ops::Range;
use std::sync::LazyLock;

use super::{Found, Kind, Scene};
use crate::lexicon::Certainty;
use crate::matcher::wordset::WordSet;
use crate::text::Folded;

/// Every person's e-mail address.
pub(super) fn emails(scene: &Scene<'_>) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    for at in 0..=scene.tokens.len() {
        let Some(sign) = sign_before(scene, at) else { continue };
        let Some(address) = address(scene, at, sign) else { continue };
        let clash = found.last().is_some_and(|last| last.span.end > address.span.start);
        if !clash && is_a_persons(scene, &address) {
            let certainty = if address.plain { Certainty::High } else { Certainty::Medium };
            found.push(Found { kind: Kind::Email, span: address.span, certainty });
        }
    }
    found
}

/// Whether the word may belong to an e-mail address that has no `@`.
pub(super) fn is_hint(folded: &Folded, index: usize) -> bool {
    let bracketed = || {
        let end = folded.words[index].end as usize;
        folded.text[end..].trim_start().starts_with([')', ']', '}', '>', '*', '-', '_'])
    };
    let dotted = || index + 2 < folded.words.len() && folded.gap_before(index + 2) == ".";
    match folded.word(index) {
        "at" if dotted() => true,
        "a" => bracketed() && folded.gap_before(index).ends_with(['(', '[', '{']),
        "dot" | "gmail" | "hotmail" | "outlook" | "yahoo" | "icloud" | "googlemail" | "btinternet" => true,
        "at" => bracketed(),
        _ => false,
    }
}

/// What stands for `@`, and the tokens it takes; the domain begins at the token asked about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sign {
    /// `@`, perhaps with spaces.
    Plain { spaced: bool },
    /// `[at]`, `(at)`, `{at}`, `-at-`.
    Bracketed,
    /// The word alone.
    Word,
}

fn sign_before(scene: &Scene<'_>, domain: usize) -> Option<Sign> {
    let gap = scene.gap(domain);
    if gap.contains('@') {
        let bare = gap.trim() == "@" || matches!(gap.trim(), "(@)" | "[@]");
        return bare.then_some(Sign::Plain { spaced: gap != "@" });
    }
    let at = domain.checked_sub(1).filter(|at| matches!(scene.word(*at), "at" | "arroba" | "a"))?;
    let (before, after) = (scene.gap(at).trim(), gap.trim());
    match (before, after) {
        ("", "") if scene.word(at) != "a" => Some(Sign::Word),
        (_, _) if scene.word(at) == "a" && !before.ends_with(['(', '[', '{']) => None,
        ("[", "]") | ("(", ")") | ("{", "}") | ("<", ">") | ("-", "-") | ("*", "*") | ("_", "_") => {
            Some(Sign::Bracketed)
        }
        _ => None,
    }
}

struct Address {
    span: Range<usize>,
    local: String,
    domain: String,
    plain: bool,
}

fn address(scene: &Scene<'_>, from: usize, sign: Sign) -> Option<Address> {
    let (domain, end, spoken) = domain(scene, from, sign)?;
    let sign_tokens = usize::from(!matches!(sign, Sign::Plain { .. }));
    let (local, start) = local(scene, from.checked_sub(sign_tokens)?, sign)?;
    let free = is_free_mail(&domain);
    // "look at nhs.uk" is no address; only a mail host's name or a spoken dot makes the bare word a sign.
    let believable = match sign {
        Sign::Plain { spaced: false } | Sign::Bracketed => true,
        Sign::Plain { spaced: true } => free || spoken || is_top_level(domain.rsplit('.').next().unwrap_or("")),
        Sign::Word => (free || spoken || is_asked_for(scene, start)) && !is_no_local(&local),
    };
    let plain = sign == Sign::Plain { spaced: false } && !spoken;
    believable.then(|| Address { span: scene.span(start..end), local, domain, plain })
}

/// "email me at jo at homenet.example", "my email is …".
fn is_asked_for(scene: &Scene<'_>, start: usize) -> bool {
    scene.before(start, 5).any(|word| matches!(word, "email" | "emails" | "mail" | "contact" | "address" | "write"))
}

/// The domain at this token, where it ends, and whether a dot was spoken.
fn domain(scene: &Scene<'_>, from: usize, sign: Sign) -> Option<(String, usize, bool)> {
    let mut name = String::new();
    let (mut at, mut spoken, mut dots) = (from, false, 0);
    let loose = sign != Sign::Plain { spaced: false };
    loop {
        name.push_str(scene.letters(at).or_else(|| scene.digits(at))?);
        at += 1;
        if at >= scene.tokens.len() {
            break;
        }
        let gap = scene.gap(at);
        let dot_word = matches!(scene.word(at), "dot" | "punkt" | "kropka")
            && is_around_dot(gap)
            && is_around_dot(scene.gap(at + 1));
        if dot_word && at + 1 < scene.tokens.len() {
            spoken = true;
            at += 1;
        } else if gap == "."
            || matches!(gap, "[.]" | "(.)" | "{.}")
            || loose && matches!(gap, " . " | " ." | ". ") && is_top_level(scene.word(at))
            || matches!(gap, " . " | "," | " .")
                && matches!(scene.word(at), "com" | "co" | "uk" | "net" | "org" | "example")
        {
        } else if matches!(gap, "" | "-") {
            name.push_str(gap);
            continue;
        } else {
            break;
        }
        name.push('.');
        dots += 1;
    }
    if dots == 0
        && matches!(name.as_str(), "gmail" | "hotmail" | "outlook" | "yahoo" | "icloud" | "googlemail" | "btinternet")
    {
        name.push_str(".com");
        dots = 1;
    }
    if name.split('.').any(|label| matches!(label, "dot" | "at")) {
        return None;
    }
    let last = name.rsplit('.').next().unwrap_or("");
    let top = last.len() >= 2 && last.bytes().all(|byte| byte.is_ascii_lowercase());
    (dots > 0 && top).then_some((name, at, spoken))
}

fn is_around_dot(gap: &str) -> bool {
    gap.len() <= 3
        && gap.bytes().all(|byte| matches!(byte, b' ' | b'[' | b']' | b'(' | b')' | b'{' | b'}' | b'-' | b'<' | b'>'))
}

/// The part before the sign, read backwards from the token that the domain or the sign's word begins at.
fn local(scene: &Scene<'_>, end: usize, sign: Sign) -> Option<(String, usize)> {
    const MAX_PIECES: usize = 12;
    let mut start = end.checked_sub(1)?;
    let mut pieces = vec![scene.word(start)];
    while start > 0 && pieces.len() < MAX_PIECES {
        let gap = scene.gap(start);
        let before = scene.word(start - 1);
        if gap.len() <= 1 && matches!(gap, "" | "." | "_" | "-" | "+" | "'" | "%") {
            pieces.extend([gap, before]);
            start -= 1;
        } else if sign != (Sign::Plain { spaced: false })
            && start > 1
            && is_around_dot(gap)
            && is_around_dot(scene.gap(start - 1))
        {
            let joint = match before {
                "dot" => ".",
                "underscore" => "_",
                "dash" | "hyphen" => "-",
                _ => break,
            };
            pieces.extend([joint, scene.word(start - 2)]);
            start -= 2;
        } else {
            break;
        }
    }
    pieces.reverse();
    Some((pieces.concat(), start)).filter(|(local, _)| !local.is_empty())
}

fn is_a_persons(scene: &Scene<'_>, address: &Address) -> bool {
    let own = scene.own;
    let whole = format!("{}@{}", address.local, address.domain);
    let of = |domain: &String| {
        address.domain == *domain || address.domain.strip_suffix(domain.as_str()).is_some_and(|sub| sub.ends_with('.'))
    };
    if own.emails.contains(&whole) || own.domains.iter().any(of) {
        return false;
    }
    let parts: Vec<&str> = address.local.split(|c: char| !c.is_alphanumeric()).collect();
    let role = parts.iter().any(|part| is_role(part));
    let work = address.domain == "nhs.net" || address.domain.ends_with("nhs.uk") || address.domain.ends_with("gov.uk");
    if address.domain.ends_with("gov.uk") && !address.local.contains('.') {
        return false;
    }
    if work {
        return !role && !parts.iter().any(|part| own.names.iter().any(|name| part.contains(name.as_str())));
    }
    !role || is_free_mail(&address.domain)
}

/// Mailboxes that belong to a desk and not to a person.
fn is_role(part: &str) -> bool {
    ROLES.has(part)
}

/// Words before "at" that are no mailbox.
fn is_no_local(local: &str) -> bool {
    NO_LOCALS.has(local)
}

fn is_free_mail(domain: &str) -> bool {
    let name = domain.split('.').next().unwrap_or("");
    FREE_MAILS.has(name)
}

fn is_top_level(word: &str) -> bool {
    TOP_LEVELS.has(word)
}

static ROLES: LazyLock<WordSet> = LazyLock::new(|| {
    WordSet::of(
        "info hello hi bookings booking enquiries enquiry inquiries contact admin office reception sales support \
     events volunteering volunteers help helpdesk secretary team mail email press media noreply jobs careers \
     membership members tickets donations donate fundraising feedback complaints customerservice \
     customerservices shop orders prescriptions scripts surgery practice pharmacy dispensary appointments pals \
     referrals library hire hall clerk parish service services care news webmaster postmaster accounts hr \
     treasurer chair committee registrations results",
    )
});

static NO_LOCALS: LazyLock<WordSet> = LazyLock::new(|| {
    WordSet::of(
        "look looking me us them it is page site website form online available be one app order up out and or \
     number people you was were am are been i him her mail email",
    )
});

static FREE_MAILS: LazyLock<WordSet> = LazyLock::new(|| {
    WordSet::of(
        "gmail googlemail hotmail outlook yahoo ymail icloud live msn aol btinternet btopenworld sky talktalk \
     virginmedia ntlworld protonmail proton gmx mail me tiscali blueyonder zoho fastmail hotmial gmial plusnet \
     rocketmail",
    )
});

static TOP_LEVELS: LazyLock<WordSet> = LazyLock::new(|| {
    WordSet::of("com uk co net org example me info io eu ie biz pl de fr in pk test scot wales online invalid")
});
