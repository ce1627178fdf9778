//! How fast a comment is decided, as ratios to R, a bare scan of the same bytes in the same run; beside each speed what
//! is caught, for one without the other means nothing. Run with `cargo bench --bench decision`.
//! Not here: asserting. A figure is read by a person; the tests hold what must hold.

#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "a bench prints, and asks what time it is")]

mod corpus;
mod peers;

use std::alloc::System;
use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use chaperone::comment::{Author, Comment, CommentId, CommentKind, CommentText, PostId};
use chaperone::judge::judge;
use chaperone::lexicon::Category;
use chaperone::lexicon::file::Lexicons;
use chaperone::lexicon::phrase::{Form, Node};
use chaperone::lexicon::staff::StaffList;
use chaperone::matcher::{Matcher, Practice};
use chaperone::policy::{Policy, Verdict};
use corpus::Corpus;
use peers::{Bare, Composed};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let started = Instant::now();
    let lexicons = Lexicons::load(&root.join("lexicons")).expect("the shipped lexicons");
    let read_ms = started.elapsed().as_millis();
    let policy = Policy::load(&root.join("config/policies/bursted-wood-surgery.toml")).expect("a shipped policy");
    let policy = &policy;
    let (matcher, load) = compile(&lexicons);
    println!("lexicons read in {read_ms} ms; compiled: {load}");

    let bare = Bare::new(&lexicons);
    let decided = |text: &Comment| usize::from(!judge(&matcher, policy, text).reasons.is_empty());
    let everyday = [corpus::clean(5_000), corpus::mixed(5_000, &lexicons), corpus::foreign(1_000)];
    println!(
        "\n{:24} {:>8} {:>10} {:>8} {:>8} {:>8} {:>8}",
        "text", "× R", "µs each", "MB/s", "R MB/s", "flagged", "allocs"
    );
    for corpus in everyday.iter().chain(&corpus::hostile(&lexicons)) {
        row(corpus.name, corpus, &bare, &decided);
    }

    println!("\nthe same on the mixed texts, with other lexicons and by others");
    let [_, mixed, _] = &everyday;
    for times in [5, 20] {
        let many = multiplied(&lexicons, times);
        let (matcher, load) = compile(&many);
        row(&format!("lexicons × {times}"), mixed, &bare, &|text| {
            usize::from(!judge(&matcher, policy, text).reasons.is_empty())
        });
        println!("    {load}");
    }
    let composed = Composed::new(&lexicons);
    row("rustrict", mixed, &bare, &|text| usize::from(rustrict::CensorStr::is_inappropriate(text.text.expose())));
    row("crates composed", mixed, &bare, &|text| usize::from(composed.count(text.text.expose()) > 0));
    println!("\nplanted disguises found, of {}", mixed.planted.len());
    let abuse = |text: &str| rude(&judge(&matcher, policy, &comment(text)));
    recall("the decision", mixed, &abuse);
    recall("rustrict", mixed, &|text| rustrict::CensorStr::is_inappropriate(text));
    recall("crates composed", mixed, &|text| composed.count(text) > 0);
    recall("bare scan", mixed, &|text| bare.count(text) > 0);
}

/// Ratio, time, throughput, share of texts with a finding and allocations per comment, of the best of three rounds.
fn row(name: &str, corpus: &Corpus, bare: &Bare, decide: &dyn Fn(&Comment) -> usize) {
    let comments: Vec<Comment> = corpus.texts.iter().map(|text| comment(text)).collect();
    let (mut ours, mut theirs, mut flagged) = (f64::MAX, f64::MAX, 0);
    for _ in 0..3 {
        theirs = theirs.min(seconds(|| {
            black_box(comments.iter().map(|comment| bare.count(comment.text.expose())).sum::<usize>());
        }));
        ours = ours.min(seconds(|| flagged = comments.iter().map(|comment| black_box(decide(comment))).sum()));
    }
    let region = Region::new(ALLOCATOR);
    for comment in &comments {
        black_box(decide(comment));
    }
    let allocations = region.change().allocations as f64 / comments.len() as f64;
    let megabytes = corpus.bytes() as f64 / 1e6;
    println!(
        "{name:24} {:8.3} {:10.2} {:8.1} {:8.1} {:7.1}% {allocations:8.2}",
        theirs / ours,
        ours * 1e6 / comments.len() as f64,
        megabytes / ours,
        megabytes / theirs,
        flagged as f64 * 100.0 / comments.len() as f64,
    );
}

fn recall(name: &str, corpus: &Corpus, finds: &dyn Fn(&str) -> bool) {
    let found = corpus.planted.iter().filter(|&&index| finds(&corpus.texts[index])).count();
    println!("{name:24} {:.3}", found as f64 / corpus.planted.len().max(1) as f64);
}

fn rude(verdict: &Verdict) -> bool {
    let abuse = [Category::Harassment, Category::Obscenity, Category::Hate, Category::Threat];
    verdict.reasons.iter().any(|reason| abuse.contains(&reason.finding.category))
}

fn seconds(work: impl FnOnce()) -> f64 {
    let started = Instant::now();
    work();
    started.elapsed().as_secs_f64()
}

/// A matcher with forty people on its staff list, and what it cost.
fn compile(lexicons: &Lexicons) -> (Matcher, String) {
    let staff = staff();
    let practice = Practice {
        names: vec!["Alderbrook Surgery".to_owned(), "Alderbrook".to_owned()],
        address: "14 Mill Lane, Alderbrook, AB21 9ZZ".to_owned(),
        phones: vec!["01632 960123".to_owned()],
        emails: vec!["reception@alderbrooksurgery.example".to_owned()],
        websites: vec!["alderbrooksurgery.example".to_owned()],
    };
    let (region, started) = (Region::new(ALLOCATOR), Instant::now());
    let matcher = Matcher::compile(lexicons, &staff, &practice, &[]);
    let took = started.elapsed().as_millis();
    let held = region.change();
    let kept = held.bytes_allocated as f64 - held.bytes_deallocated as f64;
    let pieces = held.allocations - held.deallocations;
    (matcher, format!("{took} ms, {:.2} MB in {pieces} pieces", kept / 1e6))
}

fn staff() -> StaffList {
    let forenames = ["Rakesh", "Eleanor", "Simon", "Grace", "Tracey", "Omar", "Wiktoria", "Deborah", "Callum", "Priya"];
    let surnames = ["Patel", "Young", "Best", "May", "Butcher", "Khan", "Nowak", "Ashworth", "O'Brien", "Cook"];
    let roles = ["GP Partner", "Practice Nurse", "Receptionist", "Pharmacist"];
    let titles = ["Dr", "Nurse", "Mrs", "Mr"];
    let mut csv = "title,forename,surname,role,aliases\n".to_owned();
    for at in 0..40 {
        let (kind, forename, surname) = (at / 10, forenames[at % 10], surnames[(at * 7 + at / 10) % 10]);
        csv.extend([titles[kind], ",", forename, ",", surname, ",", roles[kind], ",\n"]);
    }
    StaffList::parse(csv.as_bytes(), Path::new("staff.csv")).expect("a staff list")
}

/// The lexicons so many times over; what is added speaks of other things in the same small words.
fn multiplied(lexicons: &Lexicons, times: usize) -> Lexicons {
    let mut many = lexicons.clone();
    for copy in 1..times {
        many.entries.extend(lexicons.entries.iter().cloned().map(|mut entry| {
            entry.name = format!("{}-{copy}", entry.name);
            for node in entry.phrases.iter_mut().chain(&mut entry.unless).chain(&mut entry.with) {
                turn(node, copy);
            }
            entry
        }));
    }
    many
}

fn turn(node: &mut Node, by: usize) {
    match node {
        Node::Word(forms) => forms.iter_mut().for_each(|form| turn_form(form, by)),
        Node::Seq(nodes) | Node::Alt(nodes) => nodes.iter_mut().for_each(|node| turn(node, by)),
        Node::Opt(node) => turn(node, by),
        _ => {}
    }
}

/// Words of five letters and more become other words of the same length.
fn turn_form(form: &mut Form, by: usize) {
    if form.text.len() < 5 || !form.text.is_ascii() {
        return;
    }
    let turned = |c: char| match c {
        'a'..='z' => char::from(b'a' + ((c as u8 - b'a') as usize * 7 + by * 3 + 1) as u8 % 26),
        _ => c,
    };
    form.text = form.text.chars().map(turned).collect();
}

fn comment(text: &str) -> Comment {
    Comment {
        id: CommentId::new("1"),
        post: PostId::new(""),
        parent: None,
        kind: CommentKind::Comment,
        author: Author { id: None, name: None },
        by_page: false,
        created: None,
        text: CommentText::new(text),
        attachments: Vec::new(),
        hidden: false,
        can_hide: None,
        can_delete: None,
        permalink: None,
    }
}
