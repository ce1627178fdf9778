//! `lexicon weigh`: labelled comments in, a lexicon file for each category out.

use std::path::{Path, PathBuf};

use super::args::Args;
use super::measure::{figures, read};
use super::{Outcome, Stop, load_config, print};
use crate::config::Needs;
use crate::lexicon::Category;
use crate::lexicon::file::Lexicons;
use crate::rules::{Files, load_staff};
use crate::weigh::{LEAST_LABELLED, Lessons, Standing, weigh as weigh_category};

/// Stands at the head of each file.
const HEAD: &str = "# Words that add up. Written by `chaperone lexicon weigh` from labelled comments; the next weighing replaces it.\n\
    # Words to be found for themselves belong into the file of the same name in `en`.\n\n";

pub(super) fn weigh(args: &Args, files: &[PathBuf], fresh: &[PathBuf], out: &Path) -> Result<Outcome, Stop> {
    let (tried, fresh) = (read(files)?, if fresh.is_empty() { Vec::new() } else { read(fresh)? });
    let files = Files::of(&load_config(args, Needs::RULES)?);
    let lexicons = Lexicons::load(&files.lexicons)?;
    let (staff, _) = load_staff(files.staff.as_ref())?;
    std::fs::create_dir_all(out).map_err(|error| cannot_write(out, &error))?;
    let lessons = Lessons::new(tried, fresh, &lexicons);
    let standing = Standing::of(&lessons, &lexicons, &staff, &files.practice);
    print::line(format_args!("{} comments, {} phrases looked at\n", lessons.comments(), standing.phrases.len()));
    print::line(format_args!("{:<22}{:^37} {:^37}", "", "words alone", "words and phrases"));
    let figures_head = " labelled precision   recall       F1";
    print::line(format_args!("{:<22}{figures_head}{figures_head}    words", "on comments kept apart"));
    for category in Category::ALL {
        let Some(weighed) = weigh_category(category, &lessons, &standing) else {
            print::line(format_args!("{:<22} fewer than {LEAST_LABELLED} comments carry it", category.id()));
            continue;
        };
        let clause = lexicons.entries.iter().find(|entry| entry.category == category);
        let clause = clause.map_or_else(|| category.id().to_owned(), |entry| entry.clause.clone());
        let path = out.join(format!("{category}.toml"));
        let text = format!("{HEAD}{}", weighed.file(&clause, &lessons, &standing));
        std::fs::write(&path, text).map_err(|error| cannot_write(&path, &error))?;
        print::line(format_args!(
            "{:<22}{}{}{:>9}",
            category.id(),
            figures(weighed.unseen),
            figures(weighed.with_phrases),
            weighed.points.len()
        ));
    }
    print::line("\nRead the files, then prove them: chaperone lexicon check");
    Ok(Outcome::Done)
}

fn cannot_write(path: &Path, error: &std::io::Error) -> Stop {
    Stop::other(format!("cannot write {}: {error}", path.display()), "name a directory that you may write to")
}
