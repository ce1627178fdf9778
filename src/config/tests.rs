use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use secrecy::ExposeSecret;
use tempfile::TempDir;

use super::*;

const PRACTICE: &str = "[practice]\nname = \"Alderbrook Surgery\"\npolicy = \"alderbrook\"\n";
const PAGE: &str = "[[page]]\nplatform = \"facebook\"\nid = \"1029384756\"\ntoken_file = \"token\"\n";

/// A directory with everything that a configuration may name.
fn practice_on_disk() -> TempDir {
    let dir = tempfile::tempdir().expect("a directory");
    let at = |name: &str| dir.path().join(name);
    fs::create_dir_all(at("etc/policies")).expect("policies");
    fs::create_dir_all(at("lexicons")).expect("lexicons");
    fs::write(at("etc/policies/alderbrook.toml"), "").expect("a policy");
    fs::write(at("etc/staff.csv"), "title,forename,surname,role,aliases\n").expect("a staff list");
    for (name, text, mode) in [("token", "EAAB\n", 0o600), ("open", "EAAB\n", 0o644), ("empty", " \n", 0o600)] {
        let path = at("etc").join(name);
        fs::write(&path, text).expect("a secret");
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("its mode");
    }
    dir
}

fn load(dir: &TempDir, text: &str, needs: Needs, environment: &[(&str, &str)]) -> Result<Config, Vec<String>> {
    let file = dir.path().join("etc/chaperone.toml");
    fs::write(&file, text).expect("a configuration");
    let mut variables: Environment = environment.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    variables.entry("STATE_DIRECTORY".to_owned()).or_insert_with(|| dir.path().display().to_string());
    let base = format!("{}/", dir.path().display());
    let plain = |complaint: &Complaint| complaint.to_string().replace(&base, "");
    Config::load_in(&file, needs, &variables).map_err(|complaints| complaints.iter().map(plain).collect())
}

/// A whole configuration, each of whose mistakes is told like this.
#[track_caller]
fn check_in(text: &str, environment: &[(&str, &str)], want: &[&str]) {
    let said = load(&practice_on_disk(), text, Needs::EVERYTHING, environment).map_or_else(|said| said, |_| Vec::new());
    assert_eq!(said, want, "in\n{text}");
}

/// The same, for lines added after a sound beginning of seven lines.
#[track_caller]
fn check(more: &str, want: &[&str]) {
    check_in(&format!("{PRACTICE}{PAGE}{more}"), &[], want);
}

#[test]
fn a_small_file_is_enough_and_the_rest_is_as_documented() {
    let config =
        load(&practice_on_disk(), &format!("{PRACTICE}{PAGE}"), Needs::EVERYTHING, &[]).expect("a configuration");
    assert_eq!(config.practice.mode, Mode::Observe);
    assert_eq!(config.practice.timezone, TimeZone::get("Europe/London").expect("a zone"));
    assert_eq!(config.pages.len(), 1);
    assert_eq!(config.pages[0].every_s.get(), 60);
    assert_eq!(config.pages[0].settings.api_base.as_str(), "https://graph.facebook.com/v25.0");
    assert_eq!(config.pages[0].settings.token.as_ref().map(ExposeSecret::expose_secret), Some("EAAB"));
    assert_eq!(config.brake.hides_per_day.map(NonZeroU32::get), Some(40));
    assert_eq!(config.digest.days.len(), 7);
    assert!(config.store.path.ends_with("chaperone.db"));
    assert!(config.mail.is_none());
}

#[test]
fn every_mistake_is_told_at_once_each_with_its_line() {
    check_in(
        "[practise]\nname = \"x\"\n[practice]\nname = 7\ntimezone = \"Europe/Londn\"\nhours = \"late\"\nmode = \"enfroce\"\n\
         [[page]]\nplatform = \"myspace\"\nid = \"1\"\ntoken_file = \"token\"\nevery_s = 0\napi_base = \"http://example.com\"\n",
        &[],
        &[
            "etc/chaperone.toml:1: practise: is no setting that Chaperone knows (did you mean practice?)",
            "etc/chaperone.toml:3: practice.policy: is missing (name a file in the policies directory, without its .toml)",
            "etc/chaperone.toml:4: practice.name: 7 is a number, and a text is expected (put it in quotes: \"7\")",
            "etc/chaperone.toml:5: practice.timezone: \"Europe/Londn\" is not a time zone (write it as \"Europe/London\", with a slash)",
            "etc/chaperone.toml:6: practice.hours: \"late\" is not a pair of times (write it as \"08:00-18:30\")",
            "etc/chaperone.toml:7: practice.mode: \"enfroce\" is not known here (did you mean \"enforce\"?)",
            "etc/chaperone.toml:9: page[0].platform: \"myspace\" is not known here (write \"facebook\", \"instagram\" or \"tiktok\")",
            "etc/chaperone.toml:12: page[0].every_s: 0 is out of range (write a whole number from 1 to 86400)",
            "etc/chaperone.toml:13: page[0].api_base: would send the token over an unencrypted connection (write https://; \
             http:// is allowed to this machine alone (127.0.0.1, [::1] or localhost), for rehearsals)",
        ],
    );
}

#[test]
fn what_is_missing_is_told_where_it_belongs() {
    check_in(
        PAGE,
        &[],
        &[
            "etc/chaperone.toml: practice.name: is missing (write the practice's name as patients know it: name = \"Alderbrook Surgery\")",
            "etc/chaperone.toml: practice.policy: is missing (name a file in the policies directory, without its .toml)",
        ],
    );
    check_in(
        PRACTICE,
        &[],
        &[
            "etc/chaperone.toml: no page is named, so there is nothing to watch (write a section [[page]] with platform, id and \
           token_file; the shipped chaperone.toml shows one of each kind)",
        ],
    );
    check(
        "[[page]]\nplatform = \"tiktok\"\nid = \"-000x\"\nrefresh_token_file = \"token\"\n",
        &[
            "etc/chaperone.toml:8: page[1].app_id: is missing (write the app's id, in quotes; refreshing the token needs it)",
            "etc/chaperone.toml:8: page[1].app_secret_file: is missing (write the name of a file that holds the app's secret; \
             refreshing the token needs it)",
        ],
    );
}

#[test]
fn an_unknown_key_is_told_with_what_was_probably_meant() {
    check(
        "evry_s = 5\n",
        &["etc/chaperone.toml:8: page[0].evry_s: is no setting that Chaperone knows (did you mean every_s?)"],
    );
    check(
        "[log]\nsize = 5\n",
        &["etc/chaperone.toml:9: log.size: is no setting that Chaperone knows (known here: format, level)"],
    );
    check(
        "[log]\nLevel = \"info\"\n",
        &["etc/chaperone.toml:9: log.Level: is no setting that Chaperone knows (did you mean level?)"],
    );
}

#[test]
fn a_page_named_twice_is_refused_and_the_same_id_elsewhere_is_not() {
    check(
        PAGE,
        &["etc/chaperone.toml:10: page[1].id: facebook:1029384756 is named twice (take one of the two sections out)"],
    );
    check(&PAGE.replace("facebook", "instagram"), &[]);
}

#[test]
fn plain_http_is_for_this_machine_alone() {
    for base in
        ["https://graph.facebook.com/v25.0", "http://127.0.0.1:8080/v25.0", "http://[::1]:80/x", "http://localhost:1/"]
    {
        check(&format!("api_base = \"{base}\"\n"), &[]);
    }
    for base in [
        "http://10.0.0.1/",
        "http://localhost.example.com/",
        "ftp://127.0.0.1/",
        "https://user@host/",
        "https://host/?a=b",
    ] {
        let text = format!("{PRACTICE}{PAGE}api_base = \"{base}\"\n");
        let said = load(&practice_on_disk(), &text, Needs::EVERYTHING, &[]).expect_err(base);
        assert!(said.len() == 1 && said[0].contains("page[0].api_base"), "{base}: {said:?}");
    }
}

#[test]
fn a_file_of_numbers_has_the_ending_that_the_exporter_reads_and_need_not_have_a_folder_yet() {
    let help = "(let it end in .prom; the node exporter reads no other files)";
    let want = format!("etc/chaperone.toml:9: metrics.textfile: would be read by nobody {help}");
    check("[metrics]\ntextfile = \"numbers.txt\"\n", &[&want]);
    let text = format!("{PRACTICE}{PAGE}[metrics]\ntextfile = \"later/a.prom\"\n");
    let dir = practice_on_disk();
    let config = load(&dir, &text, Needs::EVERYTHING, &[]).expect("a configuration");
    assert_eq!(config.metrics.textfile, Some(dir.path().join("etc/later/a.prom")));
}

#[test]
fn a_secret_is_there_closed_to_others_and_not_empty() {
    let page = |file: &str| PAGE.replace("\"token\"", &format!("{file:?}")).replace("1029384756", "2");
    check(
        &page("open"),
        &[
            "etc/chaperone.toml:11: page[1].token_file: etc/open can be read by others than its owner (close it: chmod 600 etc/open)",
        ],
    );
    check(
        &page("empty"),
        &["etc/chaperone.toml:11: page[1].token_file: etc/empty is empty (put the secret in it, on one line)"],
    );
    check(
        &page("none"),
        &["etc/chaperone.toml:11: page[1].token_file: etc/none is not there (put it there, or write where it is)"],
    );
    check(
        &page("policies"),
        &[
            "etc/chaperone.toml:11: page[1].token_file: etc/policies is no file (name a file that holds the secret, and nothing else)",
        ],
    );
}

#[test]
fn a_webhooks_address_is_https_and_is_not_quoted() {
    check(
        "[alerts]\nwebhook_url_file = \"token\"\n",
        &[
            "etc/chaperone.toml:9: alerts.webhook_url_file: holds no https address (put the whole address of the incoming webhook \
           in it, from https:// on)",
        ],
    );
}

#[test]
fn a_file_that_a_windows_editor_saved_is_read_like_any_other() {
    let text = format!("\u{feff}{PRACTICE}{PAGE}every_s = 0\n").replace('\n', "\r\n");
    check_in(
        &text,
        &[],
        &["etc/chaperone.toml:8: page[0].every_s: 0 is out of range (write a whole number from 1 to 86400)"],
    );
}

#[test]
fn a_variable_that_can_mean_nothing_is_refused() {
    for name in ["CHAPERONE__PAGE__999999999__EVERY_S", "CHAPERONE__", "CHAPERONE__PAGE____ID", "CHAPERONE__0__PAGE"] {
        let said =
            load(&practice_on_disk(), &format!("{PRACTICE}{PAGE}"), Needs::EVERYTHING, &[(name, "5")]).expect_err(name);
        assert!(said.len() == 1 && said[0].contains(name), "{said:?}");
    }
}

#[test]
fn a_configuration_that_prints_itself_keeps_its_secrets() {
    let config =
        load(&practice_on_disk(), &format!("{PRACTICE}{PAGE}"), Needs::EVERYTHING, &[]).expect("a configuration");
    let printed = format!("{config:?}");
    assert!(printed.contains("1029384756") && !printed.contains("EAAB"), "{printed}");
}

#[test]
fn secrets_that_systemd_hands_over_come_first() {
    let dir = practice_on_disk();
    let given = dir.path().join("credentials");
    fs::create_dir(&given).expect("a directory");
    let token = |config: Result<Config, Vec<String>>| {
        let config = config.expect("a configuration");
        config.pages[0].settings.token.as_ref().map(|token| token.expose_secret().to_owned())
    };
    let text = format!("{PRACTICE}{PAGE}").replace("\"token\"", "\"secrets/facebook-token\"");
    let environment = [("CREDENTIALS_DIRECTORY", given.to_str().expect("a path"))];
    // Loaded with a whole directory, systemd puts the id before the file's name; loaded alone, the name is the id.
    fs::write(given.join("chaperone_facebook-token"), "from-directory").expect("a credential");
    assert_eq!(token(load(&dir, &text, Needs::EVERYTHING, &environment)).as_deref(), Some("from-directory"));
    fs::write(given.join("facebook-token"), "by-name").expect("a credential");
    assert_eq!(token(load(&dir, &text, Needs::EVERYTHING, &environment)).as_deref(), Some("by-name"));
}

#[test]
fn files_that_are_named_are_looked_for() {
    check_in(
        "[practice]\nname = \"A\"\npolicy = \"alderbrok\"\nstaff = \"stuff.csv\"\n[lexicons]\ndir = \"lexicon\"\n[store]\npath = \"/no/such/place/chaperone.db\"\n\
         [[page]]\nplatform = \"facebook\"\nid = \"1\"\ntoken_file = \"token\"\n",
        &[],
        &[
            "etc/chaperone.toml:3: practice.policy: there is no alderbrok.toml in etc/policies (did you mean \"alderbrook\"?)",
            "etc/chaperone.toml:4: practice.staff: etc/stuff.csv is not there (put it there, or write where it is)",
            "etc/chaperone.toml:6: lexicons.dir: etc/lexicon is not there (put it there, or write where it is)",
            "etc/chaperone.toml:8: store.path: the directory /no/such/place is not there (make it: mkdir -p /no/such/place; under \
             systemd, StateDirectory= does)",
        ],
    );
}

#[test]
fn judging_needs_no_page_store_or_secret() {
    let text = format!("{PRACTICE}[store]\npath = \"/no/such/place/chaperone.db\"\n");
    let config = load(&practice_on_disk(), &text, Needs::RULES, &[]).expect("a configuration");
    assert!(config.pages.is_empty());
    let text = format!("{PRACTICE}{}", PAGE.replace("\"token\"", "\"nowhere\""));
    let config = load(&practice_on_disk(), &text, Needs::RULES, &[]).expect("a configuration");
    assert!(config.pages[0].settings.token.is_none());
}

#[test]
fn the_environment_wins_and_its_mistakes_name_the_variable() {
    let text = format!("{PRACTICE}{PAGE}");
    let environment = [
        ("CHAPERONE__PRACTICE__MODE", "enforce"),
        ("CHAPERONE__PAGE__0__EVERY_S", "15"),
        ("CHAPERONE__DIGEST__DAYS", "mon, fri"),
    ];
    let config = load(&practice_on_disk(), &text, Needs::EVERYTHING, &environment).expect("a configuration");
    assert_eq!(config.practice.mode, Mode::Enforce);
    assert_eq!(config.pages[0].every_s.get(), 15);
    assert_eq!(config.digest.days, [Weekday::Monday, Weekday::Friday]);
    check_in(
        &text,
        &[
            ("CHAPERONE__PAGE__0__EVERY_S", "soon"),
            ("CHAPERONE__PRACTICE__NANE", "x"),
            ("CHAPERONE__MIAL__SERVER", "x"),
        ],
        &[
            "practice.nane: is no setting that Chaperone knows (set by the environment variable CHAPERONE__PRACTICE__NANE) (did you mean name?)",
            "page[0].every_s: is a text, and a whole number is expected (set by the environment variable \
             CHAPERONE__PAGE__0__EVERY_S)",
            "mial: is no setting that Chaperone knows (set by the environment variable CHAPERONE__MIAL__SERVER) (did you mean mail?)",
        ],
    );
}

#[test]
fn a_practice_keeps_its_things_apart_in_the_service_and_in_the_shell() {
    #[track_caller]
    fn check(file: &str, environment: &[(&str, &str)], want: &str) {
        let environment = environment.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        assert_eq!(usual_state_dir(Path::new(file), &environment), Path::new(want));
    }
    check("/etc/chaperone/alderbrook/chaperone.toml", &[], "/var/lib/chaperone/alderbrook");
    check("/etc/chaperone/chaperone.toml", &[], "/var/lib/chaperone");
    check("config/chaperone.toml", &[], "/var/lib/chaperone");
    let given = [("STATE_DIRECTORY", "/var/lib/chaperone/millbrook:/other")];
    check("/etc/chaperone/alderbrook/chaperone.toml", &given, "/var/lib/chaperone/millbrook");
}

#[test]
fn a_brake_of_nothing_is_refused_and_no_brake_is_said_out_loud() {
    let config = load(
        &practice_on_disk(),
        &format!("{PRACTICE}{PAGE}[brake]\nhides_per_day = \"none\"\n"),
        Needs::EVERYTHING,
        &[],
    );
    assert_eq!(config.expect("a configuration").brake.hides_per_day, None);
    check(
        "[brake]\ndeletes_per_day = 0\n",
        &[
            "etc/chaperone.toml:9: brake.deletes_per_day: 0 is out of range (write a whole number from 1, or \"none\" for no limit; \
           to act on nothing, use mode = \"observe\")",
        ],
    );
}

#[test]
fn who_is_told_by_mail_needs_a_mail_server() {
    check(
        "[alerts]\nout_of_hours_to = [\"call@surgery.example\"]\n[report]\nto = [\"manager@surgery.example\"]\n",
        &[
            "etc/chaperone.toml:9: alerts.out_of_hours_to: names people, and there is no mail server to reach them by \
             (write a section [mail], or take this line out)",
            "etc/chaperone.toml:11: report.to: names people, and there is no mail server to reach them by (write a section \
             [mail], or take this line out)",
        ],
    );
    check(
        "[alerts]\nout_of_hours_webhook_url_file = \"token\"\n",
        &[
            "etc/chaperone.toml:9: alerts.out_of_hours_webhook_url_file: holds no https address (put the whole address of the \
           incoming webhook in it, from https:// on)",
        ],
    );
    let text = format!(
        "{PRACTICE}{PAGE}[mail]\nserver = \"mail.example\"\nfrom = \"a@b.example\"\nto = [\"a@b.example\"]\n\
         [alerts]\nout_of_hours_to = [\"call@surgery.example\"]\n[report]\nto = [\"manager@surgery.example\"]\n"
    );
    let config = load(&practice_on_disk(), &text, Needs::EVERYTHING, &[]).expect("a configuration");
    assert_eq!((config.alerts.out_of_hours_to.len(), config.report.to.len()), (1, 1));
}

#[test]
fn mail_goes_encrypted_or_stays_on_this_machine() {
    let mail = |more: &str| {
        format!("[mail]\nfrom = \"Chaperone <chaperone@surgery.example>\"\nto = [\"team@surgery.example\"]\n{more}")
    };
    let read = |more: &str| {
        let text = format!("{PRACTICE}{PAGE}{}", mail(more));
        load(&practice_on_disk(), &text, Needs::EVERYTHING, &[]).expect("a configuration").mail.expect("mail")
    };
    let plain = read("server = \"mail.surgery.example\"\n");
    assert_eq!((plain.port, plain.tls, plain.alerts_to.len()), (None, Tls::Starttls, 0));
    assert_eq!(read("server = \"127.0.0.1\"\ntls = \"none\"\nport = 2525\n").port, Some(2525));
    check(
        &mail("server = \"mail.surgery.example\"\ntls = \"none\"\n"),
        &[
            "etc/chaperone.toml:12: mail.tls: would send the password and the digest unencrypted (write \"starttls\" or \"tls\"; \
           \"none\" is for a mail server on this machine itself (127.0.0.1, ::1 or localhost))",
        ],
    );
    check(
        &mail("server = \"mail.surgery.example\"\nusername = \"chaperone\"\nalerts_to = [\"nobody\"]\n"),
        &[
            "etc/chaperone.toml:8: mail.password_file: is missing (write the name of a file that holds the password, or take the user name out)",
            "etc/chaperone.toml:13: mail.alerts_to: \"nobody\" is not an e-mail address (write it as \"team@surgery.example\" or \"The \
           team <team@surgery.example>\")",
        ],
    );
    check(
        &mail("server = \"mail.surgery.example\"\nusername = \"chaperone\"\n"),
        &[
            "etc/chaperone.toml:8: mail.password_file: is missing (write the name of a file that holds the password, or take the user name out)",
        ],
    );
}

#[test]
fn a_file_that_is_no_toml_is_told_with_its_line() {
    let said = load(&practice_on_disk(), "[practice]\nname = Alderbrook\n", Needs::RULES, &[]).expect_err("no TOML");
    assert!(said[0].starts_with("etc/chaperone.toml:2: "), "{said:?}");
}

#[test]
fn a_file_that_is_not_there_is_told_with_what_to_do() {
    let said =
        Config::load_in(Path::new("/no/such/file.toml"), Needs::RULES, &Environment::new()).expect_err("no file");
    assert_eq!(said.len(), 1);
    assert!(said[0].help.as_ref().is_some_and(|help| help.contains("--config")));
}

#[test]
fn times_are_read_with_or_without_quotes_and_sorted() {
    let text = format!("{PRACTICE}{PAGE}[digest]\ntimes = [\"16:00\", 07:30:00]\n");
    let config = load(&practice_on_disk(), &text, Needs::EVERYTHING, &[]).expect("a configuration");
    assert_eq!(config.digest.times, [Time::constant(7, 30, 0, 0), Time::constant(16, 0, 0, 0)]);
}

const SHIPPED: &str = include_str!("../../config/chaperone.toml");

/// The shipped file with every setting that is off turned on.
fn shipped_with_everything() -> String {
    let on = |line: &str| match line.strip_prefix('#') {
        Some(setting) if !setting.is_empty() && !setting.starts_with(' ') => setting.to_owned(),
        _ => line.to_owned(),
    };
    SHIPPED.lines().map(on).collect::<Vec<_>>().join("\n")
}

/// A directory with everything that the shipped file names.
fn shipped_on_disk() -> TempDir {
    let dir = practice_on_disk();
    let etc = dir.path().join("etc");
    fs::write(etc.join("policies/bursted-wood-surgery.toml"), "").expect("a policy");
    fs::create_dir(etc.join("secrets")).expect("a directory");
    for line in shipped_with_everything().lines().filter(|line| line.contains("_file = ")) {
        let path = etc.join(line.split('"').nth(1).expect("a name in quotes"));
        let secret =
            if path.ends_with("store-key") { "5e".repeat(32) } else { "https://hooks.example/secret".to_owned() };
        fs::write(&path, secret).expect("a secret");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("its mode");
    }
    dir
}

#[test]
fn the_shipped_file_stands_at_the_defaults() {
    let dir = shipped_on_disk();
    let least = PRACTICE.replace("alderbrook\"", "bursted-wood-surgery\"");
    let shipped = load(&dir, SHIPPED, Needs::STORE, &[]).expect("the shipped file");
    let least = load(&dir, &least, Needs::STORE, &[]).expect("the least one");
    assert_eq!(format!("{shipped:#?}"), format!("{least:#?}"));
}

#[test]
fn the_shipped_file_is_sound_with_every_setting_turned_on() {
    // The default of the store is a place that no test may count on.
    let text = shipped_with_everything().replace("/var/lib/chaperone/", "");
    let config = load(&shipped_on_disk(), &text, Needs::EVERYTHING, &[]).expect("the shipped file");
    assert_eq!(config.pages.len(), 3);
    assert!(config.store.key.is_some() && config.privacy.contact.is_some());
    assert!(config.mail.is_some() && config.alerts.webhook_url.is_some() && config.alerts.quiet_hours.is_some());
}

#[test]
fn the_shipped_file_shows_every_setting() {
    let shown = shipped_with_everything().parse::<toml::Table>().expect("TOML");
    for (section, header) in shown.keys().map(|section| (section, if section == "page" { "[[page]]" } else { "" })) {
        let header = if header.is_empty() { format!("[{section}]") } else { header.to_owned() };
        let said =
            load(&practice_on_disk(), &format!("{header}\nzzz = 1\n"), Needs::RULES, &[]).expect_err("an unknown key");
        let known = said.iter().find_map(|said| said.split_once("known here: ")).expect("what is known").1;
        let table = match &shown[section] {
            toml::Value::Array(pages) => {
                pages.iter().filter_map(toml::Value::as_table).flatten().map(|(key, _)| key.as_str()).collect()
            }
            table => table.as_table().expect("a section").keys().map(String::as_str).collect::<HashSet<_>>(),
        };
        for key in known.trim_end_matches(')').split(", ") {
            assert!(table.contains(key), "{section}.{key} is not in the shipped file");
        }
    }
    let said = load(&practice_on_disk(), "zzz = 1\n", Needs::RULES, &[]).expect_err("an unknown key");
    let known = said.iter().find_map(|said| said.split_once("known here: ")).expect("what is known").1;
    for section in known.trim_end_matches(')').split(", ") {
        assert!(shown.contains_key(section), "[{section}] is not in the shipped file");
    }
}

#[test]
fn the_demonstration_has_a_sound_configuration() {
    let dir = shipped_on_disk();
    let config = load(&dir, include_str!("../../config/demo.toml"), Needs::RULES, &[]).expect("config/demo.toml");
    assert_eq!(config.practice.mode, Mode::Enforce);
}
