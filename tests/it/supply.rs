//! What the program is made of besides itself: licences that may be shipped, crates that must not come in, one registry.
//! In: `cargo metadata` of the locked tree, without network. Out: the name of whatever is not allowed, and why.
//! Not here: known vulnerabilities, whose list stands on the network: `cargo audit` says those, where there is one.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

use crate::tree::{at, read};

/// Licences that ask for nothing but their own text and a name; a notice with both goes out with the program.
const LICENCES: [&str; 11] = [
    "0BSD",
    "Apache-2.0",
    "BSD-3-Clause",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "Unicode-3.0",
    "Unicode-DFS-2016",
    "Unlicense",
    "Zlib",
];

/// What must not come in by any back door, and why. The machine's own roots are not on the list: reqwest brings the crates
/// that read them whatever it is told, and `tidy.rs` sees to it that no client of ours uses them.
const BANNED: [(&str, &str); 8] = [
    ("openssl", "TLS is rustls with ring: one implementation, in a memory-safe language"),
    ("openssl-sys", "the same"),
    ("native-tls", "the same"),
    ("aws-lc-rs", "the same; ring alone builds with nothing but a C compiler"),
    ("hyper-proxy", "tokens go to the platform and nowhere else"),
    ("async-std", "one runtime"),
    ("chrono", "one calendar, jiff's"),
    ("sentry", "nothing is reported to anybody but the practice"),
];

/// Crates that are in twice because two of ours have not agreed yet; everything else is in once.
const TWICE: [&str; 3] = ["getrandom", "syn", "unicode-width"];

/// Features of HTTP clients that would read somebody's environment, unpack bombs or keep state.
const FEATURES: [&str; 11] = [
    "brotli",
    "cookies",
    "default-tls",
    "deflate",
    "gzip",
    "native-tls",
    "rustls-tls-native-roots",
    "socks",
    "system-proxy",
    "zstd",
    "rustls-platform-verifier",
];

/// One crate of the tree.
struct Crate {
    name: String,
    version: String,
    licence: String,
    source: String,
    features: Vec<String>,
    /// It is compiled into the program, or runs to build it.
    shipped: bool,
}

fn tree() -> Vec<Crate> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked", "--offline"])
        .args(["--filter-platform", "x86_64-unknown-linux-gnu"])
        .current_dir(at("."))
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let nodes: BTreeMap<String, &Value> =
        metadata["resolve"]["nodes"].as_array().into_iter().flatten().map(|node| (text(&node["id"]), node)).collect();
    let shipped = shipped(&nodes, &text(&metadata["resolve"]["root"]));
    let packages = metadata["packages"].as_array().into_iter().flatten();
    packages
        .map(|package| {
            let id = text(&package["id"]);
            let features = nodes.get(&id).and_then(|node| node["features"].as_array());
            Crate {
                name: text(&package["name"]),
                version: text(&package["version"]),
                licence: text(&package["license"]),
                source: text(&package["source"]),
                features: features.into_iter().flatten().map(text).collect(),
                shipped: shipped.contains(&id),
            }
        })
        .collect()
}

/// Everything that the root needs but for its tests.
fn shipped(nodes: &BTreeMap<String, &Value>, root: &str) -> BTreeSet<String> {
    let (mut found, mut ahead) = (BTreeSet::new(), vec![root.to_owned()]);
    while let Some(id) = ahead.pop() {
        let Some(node) = nodes.get(&id).filter(|_| found.insert(id.clone())) else { continue };
        for dependency in node["deps"].as_array().into_iter().flatten() {
            let kinds = dependency["dep_kinds"].as_array();
            if kinds.into_iter().flatten().any(|kind| kind["kind"] != "dev") {
                ahead.push(dependency["pkg"].as_str().unwrap_or_default().to_owned());
            }
        }
    }
    found
}

/// Whether a licence expression can be met with what is allowed; a slash is the old way to write OR.
fn allowed(expression: &str) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let mut words = spaced.split_whitespace().peekable();
    let met = either(&mut words);
    met && words.next().is_none()
}

type Words<'a> = std::iter::Peekable<std::str::SplitWhitespace<'a>>;

fn either(words: &mut Words<'_>) -> bool {
    let mut met = both(words);
    while words.next_if_eq(&"OR").is_some() {
        // Not `||`: the other side has to be read as well.
        met |= both(words);
    }
    met
}

fn both(words: &mut Words<'_>) -> bool {
    let mut met = one(words);
    while words.next_if_eq(&"AND").is_some() {
        met &= one(words);
    }
    met
}

fn one(words: &mut Words<'_>) -> bool {
    let Some(word) = words.next() else { return false };
    if word == "(" {
        let met = either(words);
        return words.next() == Some(")") && met;
    }
    let excepted = words.next_if_eq(&"WITH").is_some_and(|_| words.next().is_some());
    !excepted && LICENCES.contains(&word)
}

#[test]
fn every_crate_may_be_shipped_under_its_licence() {
    let tree = tree();
    assert!(tree.len() > 100, "the tree was not found");
    let wrong: Vec<String> = tree
        .iter()
        .filter(|one| !allowed(&one.licence))
        .map(|one| format!("{} {}: {:?}", one.name, one.version, one.licence))
        .collect();
    assert_eq!(wrong, [""; 0]);
}

#[test]
fn no_crate_comes_in_that_must_not_and_all_come_from_one_registry() {
    let tree = tree();
    for one in &tree {
        let why = BANNED.iter().find(|(name, _)| *name == one.name).map(|(_, why)| *why);
        assert_eq!(why, None, "{} {}", one.name, one.version);
        let registry = one.source.starts_with("registry+") && one.source.contains("crates.io");
        assert!(registry || (one.source.is_empty() && one.name == "chaperone"), "{} is from {}", one.name, one.source);
    }
}

#[test]
fn no_crate_is_shipped_twice_but_for_those_that_are_known() {
    let mut versions: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for one in tree().into_iter().filter(|one| one.shipped) {
        versions.entry(one.name).or_default().insert(one.version);
    }
    let twice: Vec<&str> = versions.iter().filter(|(_, all)| 1 < all.len()).map(|(name, _)| name.as_str()).collect();
    assert_eq!(twice, TWICE, "{versions:?}");
}

#[test]
fn the_http_client_reads_no_environment_and_unpacks_nothing() {
    let tree = tree();
    let clients: Vec<&Crate> = tree
        .iter()
        .filter(|one| ["reqwest", "lettre", "hyper-util", "tower-http"].contains(&one.name.as_str()))
        .collect();
    assert!(clients.len() >= 2);
    for client in clients {
        let found: Vec<&String> = client.features.iter().filter(|name| FEATURES.contains(&name.as_str())).collect();
        assert!(found.is_empty(), "{} has {found:?}", client.name);
    }
}

#[test]
fn a_licence_expression_is_read_as_it_is_meant() {
    #[track_caller]
    fn check(expression: &str, want: bool) {
        assert_eq!(allowed(expression), want, "{expression}");
    }
    check("MIT", true);
    check("MIT/Apache-2.0", true);
    check("GPL-3.0-only OR MIT", true);
    check("GPL-3.0-only AND MIT", false);
    check("(MIT OR GPL-3.0-only) AND Unicode-3.0", true);
    check("(GPL-3.0-only OR AGPL-3.0-only) AND MIT", false);
    check("Apache-2.0 WITH LLVM-exception OR MIT", true);
    check("MIT GPL-3.0-only", false);
    check("", false);
}

#[test]
fn unsafe_code_is_forbidden() {
    assert!(read("Cargo.toml").contains("unsafe_code = \"forbid\""));
}
