//! Command line. Being written.
use std::path::PathBuf;

use crate::lexicon::file::Lexicons;
use crate::matcher::{Matcher, Practice, examples};

/// Skeleton.
pub fn main() {
    let args: Vec<String> = std::env::args().collect();
    let dir = args.iter().position(|a| a == "--lexicons").map(|at| PathBuf::from(&args[at + 1])).expect("--lexicons DIR");
    let lexicons = match Lexicons::load(&dir) {
        Ok(lexicons) => lexicons,
        Err(complaints) => {
            for complaint in complaints {
                println!("{complaint}");
            }
            std::process::exit(1);
        }
    };
    let practice = Practice { names: vec!["Alderbrook Surgery".into(), "Alderbrook".into()], ..Practice::default() };
    let start = std::time::Instant::now();
    let matcher = Matcher::compile(&lexicons, &practice);
    eprintln!("compiled {} entries in {:?}", lexicons.entries.len(), start.elapsed());
    if args[1] == "lexicon" {
        let start = std::time::Instant::now();
        let examples = examples::check(&matcher, &lexicons);
        for complaint in examples.failed.iter().chain(&examples.done_todos) {
            println!("{complaint}");
        }
        println!("{} examples, {} failed ({:?})", examples.run, examples.failed.len(), start.elapsed());
    } else {
        let text = args.last().expect("text");
        let sight = matcher.see(text);
        for finding in &sight.findings {
            println!("{} {} {} {:?} {:?}", finding.entry, finding.certainty, finding.how.id(), finding.span, &text[finding.span.clone()]);
        }
        for (finding, why) in &sight.cancelled {
            println!("  cancelled: {} {:?}: {why}", finding.entry, &text[finding.span.clone()]);
        }
        if let Some(read) = sight.read_as {
            println!("  read as: {read}");
        }
    }
}
