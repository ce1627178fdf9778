//! The sections that say how long evidence is kept and who answers for it. In: `[retention]`, `[privacy]`. Out: terms and
//! statements for the record of processing. Not here: erasing.

use std::collections::BTreeMap;

use super::read::{Complained, Section};
use super::values;
use crate::lexicon::Category;
use crate::store::Terms;

/// `[privacy]`: what only the practice can say, for the record of processing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Privacy {
    /// Whom people ask about their data: a data protection officer, or whoever does that work.
    pub contact: Option<String>,
    /// On what the practice bases the processing (UK GDPR articles 6 and 9), in its own words.
    pub lawful_basis: Option<String>,
}

pub(super) fn retention(section: &Section<'_>) -> Result<Terms, Complained> {
    let nothing_found = section.get("nothing_found_days", values::limit, "write nothing_found_days = 30");
    let found = section.get("found_days", values::limit, "write found_days = 365");
    let watch = section.get("watch_days", values::limit, "write watch_days = 400");
    let by_category = section.section("days").and_then(|days| match days {
        Some(days) => categories(&days),
        None => Ok(BTreeMap::new()),
    });
    section.finish()?;
    Ok(Terms { nothing_found: nothing_found?, found: found?, by_category: by_category?, watch: watch? })
}

fn categories(section: &Section<'_>) -> Result<BTreeMap<Category, Option<std::num::NonZeroU32>>, Complained> {
    // All of them are looked at, so that all of them are complained of.
    let days: Vec<_> =
        Category::ALL.into_iter().map(|category| (category, section.maybe(category.id(), values::limit))).collect();
    section.finish()?;
    let mut terms = BTreeMap::new();
    for (category, term) in days {
        if let Some(term) = term? {
            terms.insert(category, term);
        }
    }
    Ok(terms)
}

pub(super) fn privacy(section: &Section<'_>) -> Result<Privacy, Complained> {
    let contact = section.maybe("contact", values::text);
    let lawful_basis = section.maybe("lawful_basis", values::text);
    section.finish()?;
    Ok(Privacy { contact: contact?, lawful_basis: lawful_basis? })
}
