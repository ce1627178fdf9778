//! The author ladder: what a practice does, step by step, about an author who goes on posting what its code of conduct
//! forbids. Pure. In: the step that a person wants to take, the steps that were taken, what people made of this author's
//! incidents. Out: whether it may be taken, or why not. Not here: remembering (the store), what is said to the author
//! (drafts), and taking any step by itself: only people climb.
//!
//! The five policies agree: the author is asked, asked again, warned with the NHS Constitution in hand, advice is taken, and
//! only then may a practice think of its removal procedure; and nobody is removed for a complaint. That a removal needs a
//! warning within the twelve months before, and that only violence which was reported to the police needs none, is in the
//! National Health Service (General Medical Services Contracts) Regulations 2015, Schedule 3, Part 2, which the procedures
//! that the policies name rest on.

use std::num::NonZeroU32;

use crate::clock::{SignedDuration, Timestamp};
use crate::lexicon::Category;

/// For how many days a step counts where the policy does not say: the twelve months in which a removal must have been
/// warned of.
pub const WINDOW_DAYS: NonZeroU32 = match NonZeroU32::new(365) {
    Some(days) => days,
    None => NonZeroU32::MIN,
};

/// A step of the ladder, lowest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Step {
    /// The author was asked to take something down, or shown the right way.
    Contact,
    /// They were asked again.
    SecondContact,
    /// They were warned, citing the NHS Constitution.
    Warning,
    /// The practice has asked for legal advice.
    LegalAdvice,
    /// The practice's removal procedure was begun.
    Removal,
}

impl Step {
    /// Every step, lowest first.
    pub const ALL: [Self; 5] = [Self::Contact, Self::SecondContact, Self::Warning, Self::LegalAdvice, Self::Removal];

    /// The name in the database and on the command line.
    pub fn id(self) -> &'static str {
        match self {
            Self::Contact => "contact",
            Self::SecondContact => "second-contact",
            Self::Warning => "warning",
            Self::LegalAdvice => "legal-advice",
            Self::Removal => "removal",
        }
    }

    /// The step with this name.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.id() == id)
    }

    /// As people read it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Contact => "contacted",
            Self::SecondContact => "contacted a second time",
            Self::Warning => "warned",
            Self::LegalAdvice => "legal advice taken",
            Self::Removal => "removal procedure begun",
        }
    }

    /// The draft that goes with it; none where the practice's own procedure has the words.
    pub fn draft(self) -> Option<&'static str> {
        match self {
            Self::Contact => Some("request-to-remove"),
            Self::SecondContact => Some("second-contact"),
            Self::Warning => Some("warning"),
            Self::LegalAdvice => Some("legal-advice"),
            Self::Removal => None,
        }
    }

    fn next(self) -> Option<Self> {
        Self::ALL.into_iter().find(|step| *step > self)
    }
}

/// What a practice's policy says of the ladder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// For so many days a step counts; then it is forgotten.
    pub window_days: NonZeroU32,
    /// The place in the policy.
    pub clause: String,
    /// What the clause asks, in a sentence of our own.
    pub why: String,
}

impl Rule {
    /// What holds where a policy does not speak of the ladder.
    pub fn usual() -> Self {
        Self {
            window_days: WINDOW_DAYS,
            clause: "General Medical Services Contracts Regulations 2015, Schedule 3, Part 2".to_owned(),
            why: "A removal needs a warning within the twelve months before it.".to_owned(),
        }
    }

    /// When a step that is taken now counts no longer.
    pub fn until(&self, now: Timestamp) -> Timestamp {
        now.saturating_add(SignedDuration::from_hours(24 * i64::from(self.window_days.get()))).unwrap_or(Timestamp::MAX)
    }

    /// Since when what an author wrote counts now.
    pub fn since(&self, now: Timestamp) -> Timestamp {
        now.saturating_sub(SignedDuration::from_hours(24 * i64::from(self.window_days.get()))).unwrap_or(Timestamp::MIN)
    }
}

/// The step that a person wants to take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wish {
    /// Which.
    pub to: Step,
    /// About which incident.
    pub incident: i64,
    /// They say that this incident is violence or a threat of it, and that it was reported to the police.
    pub police: bool,
}

/// A step that was taken and still counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// Which.
    pub step: Step,
    /// About which incident.
    pub incident: i64,
    /// Who took it.
    pub who: String,
    /// When.
    pub at: Timestamp,
}

/// An incident of the same author within the window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ground {
    /// Its number.
    pub incident: i64,
    /// What was found in it with high or medium certainty.
    pub categories: Vec<Category>,
    /// What people said of it.
    pub stance: Stance,
}

/// What people said of an incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stance {
    /// Nothing yet.
    Open,
    /// They stand by it: upheld it, or wanted it hidden or deleted.
    Upheld,
    /// It was judged wrongly: they restored it.
    Overturned,
}

/// Why a step may not be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Somebody has taken it about the same incident.
    Before(Taken),
    /// People restored the incident: it was judged wrongly, and nothing follows from it.
    Overturned,
    /// One step at a time: this one is next.
    NotYet(Step),
    /// No warning was given within the window.
    NoWarning,
    /// Reporting to the police is about violence, and no threat stands in this incident that people have upheld.
    NoViolence,
    /// What would be a ground was found by rules alone; people have to look at these incidents first and uphold them.
    NotUpheld(Vec<i64>),
    /// What people have upheld is no ground for a removal: these categories.
    NoGround(Vec<Category>),
}

/// Whether a step may be taken.
pub fn climb(wish: Wish, taken: &[Taken], grounds: &[Ground]) -> Result<(), Refusal> {
    let about = grounds.iter().find(|ground| ground.incident == wish.incident);
    if about.is_some_and(|ground| ground.stance == Stance::Overturned) {
        return Err(Refusal::Overturned);
    }
    if let Some(before) = taken.iter().find(|taken| taken.step == wish.to && taken.incident == wish.incident) {
        return Err(Refusal::Before(before.clone()));
    }
    let threat = |ground: &&Ground| ground.categories.contains(&Category::Threat);
    let threat = about.filter(threat);
    if wish.police && threat.is_none_or(|ground| ground.stance != Stance::Upheld) {
        return Err(Refusal::NoViolence);
    }
    if wish.to == Step::Removal {
        return if wish.police { Ok(()) } else { removal(taken, grounds) };
    }
    // A threat need not be asked about twice, and about defamation every policy takes legal advice at once.
    let defamed = about.is_some_and(|ground| ground.categories.contains(&Category::Defamation));
    if threat.is_some() || (wish.to == Step::LegalAdvice && defamed) {
        return Ok(());
    }
    in_order(wish.to, taken)
}

/// A removal rests on what people have looked at, on more than what may never be its only ground, and on a warning.
fn removal(taken: &[Taken], grounds: &[Ground]) -> Result<(), Refusal> {
    let upheld = || grounds.iter().filter(|ground| ground.stance == Stance::Upheld);
    if !upheld().any(is_ground) {
        let open = grounds.iter().filter(|ground| ground.stance == Stance::Open && is_ground(ground));
        let open: Vec<i64> = open.map(|ground| ground.incident).collect();
        if !open.is_empty() {
            return Err(Refusal::NotUpheld(open));
        }
        let mut categories: Vec<Category> = upheld().flat_map(|ground| ground.categories.clone()).collect();
        categories.sort_by_key(|category| category.id());
        categories.dedup();
        return Err(Refusal::NoGround(categories));
    }
    if !taken.iter().any(|taken| taken.step == Step::Warning) {
        return Err(Refusal::NoWarning);
    }
    in_order(Step::Removal, taken)
}

fn in_order(to: Step, taken: &[Taken]) -> Result<(), Refusal> {
    let highest = taken.iter().map(|taken| taken.step).max();
    let next = highest.map_or(Some(Step::Contact), Step::next);
    match next {
        Some(next) if to > next => Err(Refusal::NotYet(next)),
        _ => Ok(()),
    }
}

fn is_ground(ground: &Ground) -> bool {
    ground.categories.iter().copied().any(may_lead_to_removal)
}

/// Whether a category may be the only ground of a removal. The policies speak of what is violent, threatening, abusive,
/// malicious or unfounded against the practice, its staff or other patients. Whoever complains, reviews, asks, tells of an
/// illness, thanks a nurse by name, swears at nobody or may come to harm is none of that, and in doubt a category is no
/// ground.
pub fn may_lead_to_removal(category: Category) -> bool {
    match category {
        Category::Threat
        | Category::Harassment
        | Category::Hate
        | Category::Defamation
        | Category::PatientIdentified
        | Category::Recording => true,
        Category::AppointmentRequest
        | Category::Complaint
        | Category::Fraud
        | Category::MedicalInformation
        | Category::Misinformation
        | Category::Obscenity
        | Category::Question
        | Category::Review
        | Category::Safeguarding
        | Category::StaffConduct
        | Category::StaffIdentified => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Steps in force, each about incident 1.
    fn taken(steps: &[Step]) -> Vec<Taken> {
        let one = |&step| Taken { step, incident: 1, who: "Pat".into(), at: Timestamp::UNIX_EPOCH };
        steps.iter().map(one).collect()
    }

    fn ground(incident: i64, category: Category, stance: Stance) -> Ground {
        Ground { incident, categories: vec![category], stance }
    }

    /// What comes of a step about incident 2, in a word.
    #[track_caller]
    fn check(to: Step, police: bool, steps: &[Step], grounds: &[Ground], want: &str) {
        let got = match climb(Wish { to, incident: 2, police }, &taken(steps), grounds) {
            Ok(()) => "taken".to_owned(),
            Err(Refusal::Before(_)) => "before".to_owned(),
            Err(Refusal::Overturned) => "overturned".to_owned(),
            Err(Refusal::NotYet(next)) => format!("first {}", next.id()),
            Err(Refusal::NoWarning) => "no warning".to_owned(),
            Err(Refusal::NoViolence) => "no violence".to_owned(),
            Err(Refusal::NotUpheld(open)) => format!("look at {open:?}"),
            Err(Refusal::NoGround(only)) => {
                format!("only {}", only.iter().map(|one| one.id()).collect::<Vec<_>>().join(" "))
            }
        };
        assert_eq!(got, want, "{to:?} after {steps:?}");
    }

    use Stance::{Open, Overturned, Upheld};
    use Step::{Contact, LegalAdvice, Removal, SecondContact, Warning};

    #[test]
    fn the_ladder_is_climbed_one_step_at_a_time() {
        let rude = [ground(2, Category::Harassment, Open)];
        check(Contact, false, &[], &rude, "taken");
        check(SecondContact, false, &[], &rude, "first contact");
        check(Warning, false, &[Contact], &rude, "first second-contact");
        check(Warning, false, &[Contact, SecondContact], &rude, "taken");
        check(LegalAdvice, false, &[Contact, SecondContact, Warning], &rude, "taken");
        check(Contact, false, &[Contact, SecondContact, Warning], &rude, "taken");
        check(Warning, false, &[Warning], &rude, "taken");
    }

    #[test]
    fn a_step_is_taken_once_about_the_same_incident() {
        let rude = [ground(1, Category::Harassment, Open)];
        let again = climb(Wish { to: Contact, incident: 1, police: false }, &taken(&[Contact]), &rude);
        assert_eq!(again, Err(Refusal::Before(taken(&[Contact]).remove(0))));
    }

    #[test]
    fn nobody_is_removed_for_a_complaint_or_what_is_no_ground_either() {
        let ladder = [Contact, SecondContact, Warning, LegalAdvice];
        for category in Category::ALL.into_iter().filter(|category| !may_lead_to_removal(*category)) {
            check(Removal, false, &ladder, &[ground(2, category, Upheld)], &format!("only {}", category.id()));
        }
        let mixed = [ground(1, Category::Complaint, Upheld), ground(2, Category::Review, Upheld)];
        check(Removal, false, &ladder, &mixed, "only complaint review");
        check(Removal, false, &ladder, &[], "only ");
    }

    #[test]
    fn a_removal_rests_on_what_people_upheld_a_warning_and_every_step_before() {
        let upheld = [ground(1, Category::Complaint, Upheld), ground(2, Category::Harassment, Upheld)];
        check(Removal, false, &[Contact, SecondContact, Warning, LegalAdvice], &upheld, "taken");
        check(Removal, false, &[Contact, SecondContact, Warning], &upheld, "first legal-advice");
        check(Removal, false, &[Contact, SecondContact, LegalAdvice], &upheld, "no warning");
        check(Removal, false, &[], &upheld, "no warning");
        let open = [ground(1, Category::Hate, Open), ground(2, Category::Complaint, Upheld)];
        check(Removal, false, &[Warning, LegalAdvice], &open, "look at [1]");
        let wrong = [ground(1, Category::Hate, Overturned), ground(2, Category::Complaint, Upheld)];
        check(Removal, false, &[Warning, LegalAdvice], &wrong, "only complaint");
    }

    #[test]
    fn only_a_threat_that_people_upheld_and_reported_to_the_police_needs_no_warning() {
        check(Removal, true, &[], &[ground(2, Category::Threat, Upheld)], "taken");
        check(Removal, true, &[], &[ground(2, Category::Threat, Open)], "no violence");
        check(Removal, true, &[], &[ground(2, Category::Harassment, Upheld)], "no violence");
        check(
            Removal,
            true,
            &[],
            &[ground(1, Category::Threat, Upheld), ground(2, Category::Hate, Upheld)],
            "no violence",
        );
        check(Removal, true, &[], &[], "no violence");
        check(Removal, false, &[], &[ground(2, Category::Threat, Upheld)], "no warning");
    }

    #[test]
    fn a_threat_is_warned_of_at_once_and_about_defamation_advice_is_taken_at_once() {
        check(Warning, false, &[], &[ground(2, Category::Threat, Open)], "taken");
        check(LegalAdvice, false, &[], &[ground(2, Category::Defamation, Open)], "taken");
        check(Warning, false, &[], &[ground(2, Category::Defamation, Open)], "first contact");
        // Advice alone is no warning, and a warning may still be given after it.
        check(Removal, false, &[LegalAdvice], &[ground(2, Category::Defamation, Upheld)], "no warning");
        check(Warning, false, &[LegalAdvice], &[ground(2, Category::Defamation, Upheld)], "taken");
    }

    #[test]
    fn nothing_follows_from_what_was_judged_wrongly() {
        check(Contact, false, &[], &[ground(2, Category::Threat, Overturned)], "overturned");
        check(Removal, true, &[], &[ground(2, Category::Threat, Overturned)], "overturned");
    }

    proptest! {
        #[test]
        fn whatever_was_done_before_complaints_never_lead_to_removal(
            steps in proptest::collection::vec(0..5_usize, 0..9), police: bool, count in 1_i64..5,
        ) {
            let steps: Vec<Step> = steps.into_iter().map(|at| Step::ALL[at]).collect();
            let grounds: Vec<Ground> = (1..=count).map(|number| ground(number, Category::Complaint, Upheld)).collect();
            let refused = climb(Wish { to: Removal, incident: 7, police }, &taken(&steps), &grounds).is_err();
            prop_assert!(refused);
        }
    }
}
