//! What is shipped holds together: files that name files find them, and pages that make promises keep them.
//! Not here: what stands in lexicons and policies; their own examples and cases prove that.

use std::collections::BTreeSet;

use chaperone::config::{Config, Environment, Needs};
use chaperone::digest::DraftText;
use chaperone::digest::drafts::{self, Details};
use chaperone::ladder::Step;
use chaperone::policy::Policy;

use crate::tree::{at, files_under, read};

#[test]
fn the_demonstration_finds_every_file_it_names() {
    let config = Config::load_in(&at("config/demo.toml"), Needs::RULES, &Environment::new());
    let complaints = config.err().unwrap_or_default();
    assert!(complaints.is_empty(), "{}", complaints.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"));
}

/// Details as long as any practice's are.
const DETAILS: Details<'_> = Details {
    practice: "Saint Bartholomew Road Medical Centre",
    phone: Some("+44 (0)1632 960 123"),
    website: Some("www.saintbartholomewroadmedicalcentre.example"),
    email: Some("reception.desk@saintbartholomewroad.example"),
    policy: "Saint Bartholomew Road Medical Centre, Internet and Social Media Use Policy for Staff, Patients and Visitors",
};

fn drafts() -> Vec<DraftText> {
    drafts::load(&at("config/drafts.toml"), DETAILS).unwrap_or_else(|complaints| panic!("{complaints:#?}"))
}

#[test]
fn every_text_that_a_policy_or_the_ladder_drafts_from_is_written() {
    let (texts, mut asked) = (drafts(), BTreeSet::new());
    asked.extend(Step::ALL.into_iter().filter_map(Step::draft).map(str::to_owned));
    for path in files_under("config/policies") {
        let policy = Policy::load(&path).expect("a policy");
        asked.extend(policy.rules.into_iter().filter_map(|rule| rule.draft));
    }
    let written: BTreeSet<String> = texts.into_iter().map(|text| text.name).collect();
    assert!(asked.len() > 5, "{asked:?}");
    assert_eq!(written, asked);
}

#[test]
fn what_is_said_in_public_has_a_short_form_and_the_texts_cite_what_they_rest_on() {
    let texts = drafts();
    let text = |name: &str| texts.iter().find(|text| text.name == name).expect(name);
    for public in ["complaint-pathway", "signpost-appointments", "signpost-medical", "signpost-review"] {
        assert!(text(public).short.is_some(), "{public}");
    }
    assert!(text("request-to-remove").text.contains("Article 5"));
    assert!(text("warning").text.contains("NHS Constitution") && text("warning").text.contains(DETAILS.policy));
    for ladder in ["request-to-remove", "second-contact", "warning", "removal-of-recording"] {
        assert!(
            text(ladder).text.contains("complain") || text(ladder).text.contains("unhappy"),
            "{ladder} shows no way"
        );
    }
    assert!(text("complaint-pathway").text.contains("complaints procedure"));
}

#[test]
fn no_text_says_that_somebody_is_a_patient_or_speaks_of_their_health() {
    const GIVEAWAYS: [&str; 12] = [
        "patient",
        "your appointment",
        "your record",
        "your doctor",
        "your gp",
        "your nurse",
        "your treatment",
        "your condition",
        "your health",
        "your prescription",
        "your medic",
        "your visit",
    ];
    for text in drafts() {
        // A policy's own title may speak of patients.
        let words =
            format!("{} {}", text.text.replace(DETAILS.policy, ""), text.short.unwrap_or_default()).to_lowercase();
        let said: Vec<_> = GIVEAWAYS.iter().filter(|giveaway| words.contains(**giveaway)).collect();
        assert!(said.is_empty(), "{} says {said:?}", text.name);
    }
}

#[test]
fn promises_name_tests_that_exist() {
    let page = read("ARCHITECTURE.md");
    let rust = files_under("src").into_iter().chain(files_under("tests"));
    let rust = rust.filter(|path| path.extension().is_some_and(|extension| extension == "rs"));
    let code: String = rust.map(|path| read(&path.display().to_string())).collect();
    let named: Vec<&str> = page.split('`').skip(1).step_by(2).filter(|word| 3 <= word.matches('_').count()).collect();
    assert!(named.len() > 10, "no tests were found on the page");
    for test in named {
        assert!(code.contains(&format!("fn {test}(")), "ARCHITECTURE.md rests on {test}, which is no test");
    }
}

#[test]
fn pages_point_at_files_that_are_there() {
    for page in ["README.md", "ARCHITECTURE.md", "CHANGELOG.md", "deploy/README.md"] {
        let text = read(page);
        let beside = at(page).parent().expect("a directory").to_owned();
        let links =
            text.split("](").skip(1).filter_map(|rest| rest.split(')').next()).filter(|link| !link.contains("://"));
        for link in links {
            assert!(beside.join(link).exists(), "{page} points at {link}, which is not there");
        }
    }
}
