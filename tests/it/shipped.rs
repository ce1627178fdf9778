//! What is shipped holds together: files that name files find them, and pages that make promises keep them.
//! Not here: what stands in lexicons and policies; their own examples and cases prove that.

use chaperone::config::{Config, Environment, Needs};

use crate::tree::{at, files_under, read};

#[test]
fn the_demonstration_finds_every_file_it_names() {
    let config = Config::load_in(&at("config/demo.toml"), Needs::RULES, &Environment::new());
    let complaints = config.err().unwrap_or_default();
    assert!(complaints.is_empty(), "{}", complaints.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"));
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
