//! The habits of ARCHITECTURE.md that a machine can check, file by file. In: the source tree. Out: a failure that names
//! the file, the line and the rule. Each rule is a small function over text, and is itself seen to fail on a specimen.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use crate::tree::{at, files_under, read};

/// One source file: its path under `src`, its text, and whether it is compiled for tests alone.
struct Source {
    path: String,
    text: String,
    tests: bool,
}

/// A broken rule: which line, and what is wrong there.
#[derive(Debug, PartialEq, Eq)]
struct Breach {
    line: usize,
    what: String,
}

/// The whole tree is held to one rule.
#[track_caller]
fn hold(rule: impl Fn(&Source) -> Vec<Breach>) {
    let sources = sources("src");
    assert!(sources.len() > 20, "the sources were not found");
    let breaches: Vec<String> = sources
        .iter()
        .flat_map(|source| {
            rule(source).into_iter().map(move |breach| format!("src/{}:{}: {}", source.path, breach.line, breach.what))
        })
        .collect();
    assert!(breaches.is_empty(), "\n{}\n", breaches.join("\n"));
}

#[test]
fn a_module_imports_only_from_modules_above_it() {
    let order = module_order(&read("src/lib.rs"));
    assert!(order.len() > 15, "lib.rs lists too few modules: {order:?}");
    hold(|source| imports_from_below(source, &order));
}

#[test]
fn only_the_demonstration_and_the_command_line_use_the_simulator() {
    hold(|source| match module_of(&source.path) {
        "sim" | "demo" | "cli" => Vec::new(),
        _ => uses_of(source, "crate::sim", "only demo, cli and tests use the simulator"),
    });
}

#[test]
fn a_file_opens_with_what_it_is_for() {
    hold(|source| no_opening(source).into_iter().collect());
}

#[test]
fn sql_stands_in_the_store_alone() {
    hold(|source| if module_of(&source.path) == "store" { Vec::new() } else { sql_in_strings(source) });
}

#[test]
fn http_leaves_by_two_doors() {
    hold(|source| match source.path.as_str() {
        "platform/http.rs" | "digest/deliver.rs" => Vec::new(),
        _ => connections(source),
    });
}

#[test]
fn nothing_can_turn_the_checking_of_certificates_off() {
    const WAYS: [&str; 14] = [
        ".dangerous()",
        "builder_dangerous",
        "danger_accept_invalid_certs",
        "danger_accept_invalid_hostnames",
        "dangerous_accept_invalid_certs",
        "dangerous_accept_invalid_hostnames",
        "tls_danger_accept_invalid_certs",
        "tls_danger_accept_invalid_hostnames",
        "ServerCertVerifier",
        "KeyLogFile",
        "SSL_CERT_FILE",
        "SSLKEYLOGFILE",
        "unencrypted_localhost",
        "add_root_certificate",
    ];
    hold(|source| {
        let found = WAYS.into_iter().flat_map(|way| uses_of(source, way, "certificates are checked, always")).collect();
        // Mail to this very machine alone may go unprotected; that guard stands in the same expression.
        let loopback = "Tls::PlainLoopback if is_loopback(&settings.server) => {\n            AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous";
        match source.path.as_str() {
            "digest/deliver.rs"
                if source.text.matches("builder_dangerous").count() == source.text.matches(loopback).count() =>
            {
                Vec::new()
            }
            _ => found,
        }
    });
}

#[test]
fn every_http_client_trusts_the_roots_of_the_program_and_follows_nobody() {
    let mut clients = 0;
    for door in ["src/platform/http.rs", "src/digest/deliver.rs"] {
        let text = read(door);
        for (at, _) in text.match_indices("reqwest::Client::builder()") {
            clients += 1;
            let built = text[at..].split(';').next().unwrap_or_default();
            for part in [".tls_backend_preconfigured(tls)", ".redirect(reqwest::redirect::Policy::none())"] {
                assert!(built.contains(part), "{door}: a client without {part}");
            }
        }
        assert!(!code(&text).contains("reqwest::Client::new()"), "{door}");
    }
    assert_eq!(clients, 2);
}

#[test]
fn no_setting_speaks_of_trusting_less() {
    for file in ["config/chaperone.toml", "src/config/defaults.toml"] {
        for line in read(file).lines().map(|line| line.trim_start_matches(['#', ' '])) {
            let Some((key, _)) = line.split_once(" = ") else { continue };
            let named = ["insecure", "verify", "certificate", "ca_file", "proxy", "trust"];
            assert!(!named.iter().any(|word| key.contains(word)), "{file}: {key}");
        }
    }
}

#[test]
fn the_time_comes_from_the_clock() {
    hold(|source| {
        if source.path == "clock.rs" {
            return Vec::new();
        }
        ["Timestamp::now", "SystemTime::now", "Instant::now", "Zoned::now", "UNIX_EPOCH.elapsed"]
            .into_iter()
            .flat_map(|call| uses_of(source, call, "the time is an argument; only clock asks for it"))
            .collect()
    });
}

#[test]
fn only_the_command_line_prints() {
    hold(|source| match module_of(&source.path) {
        "cli" => Vec::new(),
        _ => ["println!", "print!", "eprintln!", "eprint!", "stdout()", "dbg!"]
            .into_iter()
            .flat_map(|call| uses_of(source, call, "only cli prints; give it a value to print, or log a line"))
            .collect(),
    });
}

#[test]
fn one_module_reads_from_the_platforms_and_one_changes_them() {
    hold(|source| match module_of(&source.path) {
        "platform" => Vec::new(),
        own => [(".fetch(", "poller"), (".act(", "executor")]
            .into_iter()
            .filter(|(_, whose)| *whose != own)
            .flat_map(|(call, whose)| uses_of(source, call, &format!("only {whose} does this to a platform")))
            .collect(),
    });
}

#[test]
fn nothing_panics_on_purpose() {
    hold(|source| {
        [".unwrap()", ".expect(", "panic!", "unreachable!", "process::exit", "process::abort"]
            .into_iter()
            .flat_map(|call| {
                uses_of(source, call, "return an error instead: whatever happens, the daemon goes on or ends in order")
            })
            .collect()
    });
}

#[test]
fn nothing_is_left_undone() {
    hold(|source| {
        ["todo!", "unimplemented!", "dbg!", "#[ignore", "thread::sleep"]
            .into_iter()
            .flat_map(|call| uses_in(&code(&source.text), call, "has no place in a finished file"))
            .collect()
    });
}

#[test]
fn only_the_command_line_draws_complaints() {
    hold(|source| {
        if module_of(&source.path) == "cli" { Vec::new() } else { uses_of(source, "miette", "only cli knows miette") }
    });
}

#[test]
fn pure_modules_reach_for_nothing() {
    const PURE: [&str; 4] = ["text", "matcher", "policy", "judge"];
    hold(|source| {
        if !PURE.contains(&module_of(&source.path)) {
            return Vec::new();
        }
        ["tokio", "std::net", "std::process", "std::env", "getrandom", "rusqlite"]
            .into_iter()
            .flat_map(|thing| uses_of(source, thing, "this module is pure: no IO but for the files it is told to read"))
            .collect()
    });
}

#[test]
fn a_file_stays_short_enough_to_read() {
    const LINES: usize = 900;
    hold(|source| match code_lines(&source.text) {
        lines if LINES < lines => {
            vec![Breach { line: LINES, what: format!("{lines} lines before its tests; split it") }]
        }
        _ => Vec::new(),
    });
}

#[test]
fn nothing_names_somebodys_machine() {
    let roots = ["src", "tests", "config", "deploy", "lexicons", "benches"];
    let files = roots
        .iter()
        .flat_map(|root| files_under(root))
        .chain(["README.md", "ARCHITECTURE.md", "CHANGELOG.md"].map(PathBuf::from));
    let mut seen = 0;
    for file in files {
        let Ok(text) = fs::read_to_string(at(&file)) else { continue };
        seen += 1;
        assert_eq!(machine_paths(&text), [""; 0], "in {}", file.display());
    }
    assert!(seen > 20, "the files were not found");
}

#[test]
fn a_dependency_has_a_reason() {
    assert_eq!(without_reason(&read("Cargo.toml")), [""; 0]);
}

#[test]
fn a_log_line_is_a_fixed_message_with_fields() {
    hold(|source| interpolated_log_lines(&without_tests(&code(&source.text))));
}

// The rules.

/// The modules in the order of `lib.rs`.
fn module_order(lib: &str) -> Vec<String> {
    let name = |line: &str| Some(line.strip_prefix("pub mod ")?.strip_suffix(';')?.to_owned());
    lib.lines().filter_map(name).collect()
}

/// `platform/http.rs` → `platform`; `lib.rs` and `main.rs` belong to no module.
fn module_of(path: &str) -> &str {
    path.split('/').next().map_or("", |first| first.strip_suffix(".rs").unwrap_or(first))
}

/// Every `crate::Y` in code, `crate::{Y, Z}` included, must stand above the file's own module.
fn imports_from_below(source: &Source, order: &[String]) -> Vec<Breach> {
    let rank = |module: &str| order.iter().position(|name| name == module);
    let own = module_of(&source.path);
    let Some(own_rank) = rank(own) else { return Vec::new() };
    let below = |(line, module): (usize, String)| {
        let far = rank(&module).is_none_or(|its| own_rank < its);
        let known = rank(&module).is_some();
        (module != own && known && far)
            .then(|| Breach { line, what: format!("{own} imports {module}, which stands below it") })
    };
    crate_paths(&code(&source.text)).into_iter().filter_map(below).collect()
}

/// The first step of every path from the crate's root, with its line.
fn crate_paths(code: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        if code[..at].ends_with(|letter: char| letter.is_alphanumeric() || letter == '_' || letter == '$') {
            continue;
        }
        let line = line_at(code, at);
        let rest = &code[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            Some(group) => found.extend(group_heads(group).into_iter().map(|head| (line, head))),
            None => found.push((line, head(rest))),
        }
    }
    found
}

/// The first step of each path in `a::b, c::{d, e}, f}`.
fn group_heads(group: &str) -> Vec<String> {
    let (mut depth, mut start, mut heads) = (0_usize, 0, Vec::new());
    for (at, letter) in group.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 0 => {
                heads.push(head(group[start..at].trim_start()));
                break;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                heads.push(head(group[start..at].trim_start()));
                start = at + 1;
            }
            _ => {}
        }
    }
    heads.retain(|head| !head.is_empty());
    heads
}

fn head(path: &str) -> String {
    path.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect()
}

fn no_opening(source: &Source) -> Option<Breach> {
    let opening = source.text.lines().next().unwrap_or_default();
    // A file of tests alone opens with what it imports; its module says what it is for.
    (!source.tests && !opening.starts_with("//! "))
        .then(|| Breach { line: 1, what: "opens without a line of //!".to_owned() })
}

/// String literals that begin like a statement of SQL.
fn sql_in_strings(source: &Source) -> Vec<Breach> {
    const VERBS: [(&str, &str); 8] = [
        ("select ", " from "),
        ("insert ", "into "),
        ("replace ", "into "),
        ("update ", " set "),
        ("delete ", "from "),
        ("create ", "table "),
        ("pragma ", ""),
        ("alter ", "table "),
    ];
    let sql = |literal: &str| {
        let words = literal.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
        VERBS.iter().any(|(verb, then)| words.starts_with(verb) && words.contains(then))
    };
    let breach = |(line, literal): (usize, String)| {
        sql(&literal).then(|| Breach { line, what: "SQL belongs to store".to_owned() })
    };
    strings(&source.text).into_iter().filter_map(breach).collect()
}

/// What reqwest can do but for its plain words for methods, headers and answers, which open no connection.
fn connections(source: &Source) -> Vec<Breach> {
    let code = without_tests(&code(&source.text));
    let harmless = |breach: &Breach| {
        let line = code.lines().nth(breach.line - 1).unwrap_or_default();
        let words = ["reqwest::Method", "reqwest::header", "reqwest::StatusCode"];
        line.matches("reqwest").count() == words.iter().map(|word| line.matches(word).count()).sum::<usize>()
    };
    let mut breaches = uses_in(&code, "reqwest", "outgoing HTTP belongs to platform::http and digest::deliver");
    breaches.retain(|breach| !harmless(breach));
    breaches
}

/// Where something is used in a file's code, its tests left out.
fn uses_of(source: &Source, what: &str, rule: &str) -> Vec<Breach> {
    if source.tests {
        return Vec::new();
    }
    uses_in(&without_tests(&code(&source.text)), what, rule)
}

fn uses_in(code: &str, what: &str, rule: &str) -> Vec<Breach> {
    let part_of_word = |letter: char| letter.is_alphanumeric() || letter == '_';
    let whole = |(at, _): &(usize, &str)| {
        let first = what.starts_with(part_of_word);
        let last = what.ends_with(part_of_word);
        let glued_before = first && code[..*at].ends_with(part_of_word);
        let glued_after = last && code[at + what.len()..].starts_with(part_of_word);
        !glued_before && !glued_after
    };
    code.match_indices(what)
        .filter(whole)
        .map(|(at, _)| Breach { line: line_at(code, at), what: format!("{what}: {rule}") })
        .collect()
}

/// Lines of code before the tests begin.
fn code_lines(text: &str) -> usize {
    without_tests(text).trim_end().lines().count()
}

/// Homes, workplaces and temporary places that no shipped file may count on.
fn machine_paths(text: &str) -> Vec<String> {
    // Taken apart, so that this file does not name them either.
    let paths = [
        ["/wo", "rk/"],
        ["/ho", "me/"],
        ["/Us", "ers/"],
        ["/ro", "ot/"],
        ["../sh", "ared"],
        ["C:\\", "Users"],
        ["/far", "m/"],
    ];
    paths.iter().map(|parts| parts.concat()).filter(|path| text.contains(path.as_str())).collect()
}

/// Dependencies without a comment at the end of their line or on the line above.
fn without_reason(manifest: &str) -> Vec<String> {
    let mut wanting = Vec::new();
    let (mut inside, mut above) = (false, "");
    for line in manifest.lines() {
        if line.starts_with('[') {
            inside = line.contains("dependencies]");
        } else if inside && line.contains('=') && !line.starts_with('#') {
            let reason = line.rsplit_once(" # ").is_some_and(|(_, reason)| 3 < reason.trim().len());
            if !reason && !above.starts_with("# ") {
                wanting.push(line.split('=').next().unwrap_or_default().trim().to_owned());
            }
        }
        above = line;
    }
    wanting
}

/// `info!("page {page} is down")`: a message with something in it is a message that no query finds.
fn interpolated_log_lines(code: &str) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for level in ["error!(", "warn!(", "info!(", "debug!(", "trace!("] {
        for (at, _) in code.match_indices(level) {
            if code[..at].ends_with(|letter: char| letter.is_alphanumeric() || letter == '_') {
                continue;
            }
            let call = balanced(&code[at + level.len()..]);
            let message = strings(call).into_iter().next_back().map(|(_, literal)| literal);
            if message.is_some_and(|message| message.contains('{')) {
                breaches.push(Breach {
                    line: line_at(code, at),
                    what: "a log message is fixed; put what varies into fields".to_owned(),
                });
            }
        }
    }
    breaches
}

/// Up to the bracket that closes the one before `text`.
fn balanced(text: &str) -> &str {
    let mut depth = 1_usize;
    for (at, letter) in text.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return &text[..at];
        }
    }
    text
}

// Reading Rust, as far as these rules need it.

/// The text without its comments; strings stay, lines keep their numbers.
fn code(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    scan(text, |piece, kind| match kind {
        Kind::Comment => out.extend(piece.chars().filter(|letter| *letter == '\n')),
        Kind::Code | Kind::Text => out.push_str(piece),
    });
    out
}

/// The string literals, each with its line.
fn strings(text: &str) -> Vec<(usize, String)> {
    let (mut found, mut line) = (Vec::new(), 1);
    scan(text, |piece, kind| {
        if kind == Kind::Text {
            let inner = piece.trim_start_matches(['r', 'b', '#']).trim_end_matches('#').trim_matches('"');
            found.push((line, inner.to_owned()));
        }
        line += piece.matches('\n').count();
    });
    found
}

/// Everything before the tests, which stand last in a file.
fn without_tests(text: &str) -> String {
    let mut code = text;
    for (at, mark) in text.match_indices("\n#[cfg(test)]\n") {
        let line = text[at + mark.len()..].trim_start_matches("pub(super) ").trim_start_matches("pub(crate) ");
        let Some(name) = line.strip_prefix("mod ") else { continue };
        if name.trim_start_matches(|letter: char| letter.is_alphanumeric() || letter == '_').starts_with(" {") {
            code = &text[..at];
            break;
        }
    }
    code.to_owned()
}

/// The files that this one declares for tests alone: `#[cfg(test)] mod tests;`.
fn test_files(source: &Source) -> Vec<String> {
    let dir = match source.path.rsplit_once('/') {
        _ if source.path == "lib.rs" => String::new(),
        Some((dir, "mod.rs")) => format!("{dir}/"),
        _ => format!("{}/", source.path.trim_end_matches(".rs")),
    };
    let declared = source.text.split("#[cfg(test)]\n").skip(1).filter_map(|rest| {
        let line = rest.lines().next()?.trim_start_matches("pub(crate) ").trim_start_matches("pub(super) ");
        line.strip_prefix("mod ")?.strip_suffix(';')
    });
    declared.flat_map(|name| [format!("{dir}{name}.rs"), format!("{dir}{name}/mod.rs")]).collect()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Code,
    Text,
    Comment,
}

/// Cuts Rust into code, string literals and comments, in order.
fn scan(text: &str, mut take: impl FnMut(&str, Kind)) {
    let (mut rest, mut plain) = (text, text);
    while let Some(letter) = rest.chars().next() {
        let in_word =
            plain[..plain.len() - rest.len()].ends_with(|before: char| before.is_alphanumeric() || before == '_');
        let found = match letter {
            '/' => comment_length(rest).map(|length| (length, Kind::Comment)),
            '"' => Some((string_length(rest), Kind::Text)),
            'r' | 'b' if !in_word => raw_length(rest).map(|length| (length, Kind::Text)),
            '\'' => quoted_length(rest).map(|length| (length, Kind::Code)),
            _ => None,
        };
        let Some((length, kind)) = found else {
            rest = &rest[letter.len_utf8()..];
            continue;
        };
        take(&plain[..plain.len() - rest.len()], Kind::Code);
        take(&rest[..length], kind);
        rest = &rest[length..];
        plain = rest;
    }
    take(plain, Kind::Code);
}

fn comment_length(rest: &str) -> Option<usize> {
    if rest.starts_with("//") {
        return Some(rest.find('\n').unwrap_or(rest.len()));
    }
    rest.starts_with("/*").then(|| rest.find("*/").map_or(rest.len(), |end| end + 2))
}

fn string_length(rest: &str) -> usize {
    let mut escaped = false;
    for (at, letter) in rest.char_indices().skip(1) {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// `r"…"`, `r#"…"#`, `b"…"`, `br"…"`; anything else that begins so is code.
fn raw_length(rest: &str) -> Option<usize> {
    let bytes = rest.strip_prefix('b').unwrap_or(rest);
    let prefix = rest.len() - bytes.len();
    let Some(raw) = bytes.strip_prefix('r') else {
        return (prefix == 1 && bytes.starts_with('"')).then(|| prefix + string_length(bytes));
    };
    let hashes = raw.len() - raw.trim_start_matches('#').len();
    let body = raw[hashes..].strip_prefix('"')?;
    let close = format!("\"{}", "#".repeat(hashes));
    let start = prefix + 1 + hashes + 1;
    Some(body.find(&close).map_or(rest.len(), |end| start + end + close.len()))
}

/// A character literal, lest `'"'` open a string; a lifetime is none.
fn quoted_length(rest: &str) -> Option<usize> {
    let mut letters = rest.char_indices().skip(1);
    let (_, first) = letters.next()?;
    if first == '\\' {
        return rest[3..].find('\'').map(|end| 3 + end + 1);
    }
    let (at, close) = letters.next()?;
    (close == '\'').then_some(at + 1)
}

fn line_at(text: &str, offset: usize) -> usize {
    text[..offset].matches('\n').count() + 1
}

// Reading the tree.

fn sources(root: &str) -> Vec<Source> {
    let rust = files_under(root).into_iter().filter(|path| path.extension().is_some_and(|extension| extension == "rs"));
    let source = |path: PathBuf| Source {
        path: path.strip_prefix(root).expect("a path under its root").display().to_string(),
        text: fs::read_to_string(at(&path)).expect("a source file"),
        tests: false,
    };
    let mut sources: Vec<Source> = rust.map(source).collect();
    let tests: BTreeSet<String> = sources.iter().flat_map(test_files).collect();
    // What a file of tests declares is for tests alone too.
    let beneath = |path: &str| tests.iter().any(|file| path.starts_with(&format!("{}/", file.trim_end_matches(".rs"))));
    for source in &mut sources {
        source.tests = tests.contains(&source.path) || beneath(&source.path);
    }
    sources
}

// The rules are seen to fail.

fn specimen(path: &str, text: &str) -> Source {
    Source { path: path.to_owned(), text: text.to_owned(), tests: false }
}

#[test]
fn an_import_from_below_is_seen_however_it_is_written() {
    #[track_caller]
    fn check(path: &str, text: &str, want: &[usize]) {
        let order = ["clock", "text", "store", "cli"].map(str::to_owned);
        let lines: Vec<usize> =
            imports_from_below(&specimen(path, text), &order).into_iter().map(|breach| breach.line).collect();
        assert_eq!(lines, want, "{path}: {text}");
    }
    check("text/fold.rs", "use crate::store::Store;\n", &[1]);
    check("text/fold.rs", "\nlet x = crate::cli::run();\n", &[2]);
    check("text.rs", "use crate::{clock::Clock, store::{self, Store}, cli};\n", &[1, 1]);
    check("text.rs", "use crate::clock::Clock;\nuse crate::text::fold;\n// crate::store is below\n", &[]);
    check(
        "text.rs",
        "/// See [`crate::store`].\nlet s = \"//\"; /* crate::cli */ let q = '\"';\nuse crate::store;\n",
        &[3],
    );
    check("main.rs", "use crate::cli;\n", &[]);
}

#[test]
fn a_file_without_an_opening_is_seen() {
    assert!(no_opening(&specimen("a.rs", "use std::fs;\n")).is_some());
    assert!(no_opening(&specimen("a.rs", "//! Says what it is for.\n")).is_none());
}

#[test]
fn sql_is_told_from_english() {
    #[track_caller]
    fn check(text: &str, want: usize) {
        assert_eq!(sql_in_strings(&specimen("a.rs", text)).len(), want, "{text}");
    }
    check("let q = \"select id from page\";", 1);
    check("let q = r#\"\n  INSERT OR IGNORE into page\"#;", 1);
    check("let q = \"update page set name = ?1\";", 1);
    check("let q = \"delete from page\";", 1);
    check("let q = \"select one of these\";", 0);
    check("let q = \"update the lexicon and run check\";", 0);
    check("// \"select id from page\"", 0);
}

#[test]
fn the_rules_see_what_is_there() {
    let seen = |module: &str, rule: &dyn Fn(&Source) -> Vec<Breach>| {
        sources("src").iter().filter(|source| module_of(&source.path) == module).any(|source| !rule(source).is_empty())
    };
    assert!(seen("store", &sql_in_strings), "the store's own SQL was not seen");
    assert!(seen("platform", &connections), "the one client was not seen");
    assert!(seen("poller", &|source| uses_of(source, ".fetch(", "")), "the poller's reading was not seen");
    assert!(seen("executor", &|source| uses_of(source, ".act(", "")), "the executor's acting was not seen");
    assert!(seen("clock", &|source| uses_of(source, "Timestamp::now", "")), "the clock's look was not seen");
}

#[test]
fn a_use_is_seen_in_code_and_not_in_comments_words_or_tests() {
    #[track_caller]
    fn check(text: &str, what: &str, want: &[usize]) {
        let lines: Vec<usize> =
            uses_of(&specimen("a.rs", text), what, "").into_iter().map(|breach| breach.line).collect();
        assert_eq!(lines, want, "{text}");
    }
    check("\nlet now = Timestamp::now();", "Timestamp::now", &[2]);
    check("print!(\"\"); eprintln!(\"\");", "print!", &[1]);
    check("// Timestamp::now\nlet a = 1;", "Timestamp::now", &[]);
    check("MyTimestamp::nowhere", "Timestamp::now", &[]);
    check("fn a() {}\n\n#[cfg(test)]\nmod tests { todo!() }", "todo!", &[]);
}

#[test]
fn a_connection_is_seen_and_a_mere_word_is_not() {
    #[track_caller]
    fn check(text: &str, want: usize) {
        assert_eq!(connections(&specimen("a.rs", text)).len(), want, "{text}");
    }
    check("use reqwest::Client;", 1);
    check("reqwest::get(reqwest::header::ACCEPT)", 2);
    check("use reqwest::{Method, Client};", 1);
    check("use reqwest::Method;\nheaders: &reqwest::header::HeaderMap,", 0);
}

#[test]
fn a_dependency_without_a_reason_is_seen() {
    let manifest = "[dependencies]\na = \"1\" # finds what is looked for\nb = \"2\"\n# because of the weather\nc = \"3\"\n[lints]\nd = 1\n";
    assert_eq!(without_reason(manifest), ["b"]);
}

#[test]
fn a_machines_path_is_seen() {
    assert_eq!(machine_paths(&["see /ho", "me/anna/chaperone"].concat()).len(), 1);
    assert_eq!(machine_paths("/etc/chaperone/chaperone.toml").len(), 0);
}

#[test]
fn a_log_message_that_varies_is_seen() {
    #[track_caller]
    fn check(text: &str, want: usize) {
        assert_eq!(interpolated_log_lines(text).len(), want, "{text}");
    }
    check("info!(page.id = %page, \"page {page} is down\");", 1);
    check("warn!(\"{} pages\", pages.len());", 1);
    check("info!(page.id = %page, \"page is down\");", 0);
    check("debug!(took_ms = took(now), \"judged comment\"); format!(\"{x}\");", 0);
}

#[test]
fn code_that_is_for_tests_alone_is_left_out_and_nothing_else() {
    assert_eq!(
        without_tests("a\n#[cfg(test)]\nmod testing;\nb\n#[cfg(test)]\nmod tests {\n}\n"),
        "a\n#[cfg(test)]\nmod testing;\nb"
    );
    assert_eq!(test_files(&specimen("a/mod.rs", "#[cfg(test)]\npub(crate) mod testing;\n"))[0], "a/testing.rs");
    assert_eq!(test_files(&specimen("a/b.rs", "mod x;\n#[cfg(test)]\nmod tests;\n"))[0], "a/b/tests.rs");
}

#[test]
fn a_long_file_is_counted_without_its_tests() {
    assert_eq!(code_lines("a\nb\n\n#[cfg(test)]\nmod tests {\n}\n"), 2);
}
