//! Stories of people at the team's page: who gets in, what they see, what their decisions do at the platform, and what
//! happens when something stands in the way. Requests go through the whole router, without a socket.

use std::fs;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use chaperone::clock::SignedDuration;
use chaperone::console::{password, router};
use chaperone::sim::Scenario;
use chaperone::store::{Decision, Role, Seen, User, Word};
use secrecy::SecretString;
use tower::ServiceExt as _;

use crate::support::{
    Bench, COMPLAINT, CRY, FACEBOOK, KIND, NAMED, NUMBER, Practice, THREAT, complaints, scenario, write,
};

const CONSOLE: &str = "[console]\nlisten = \"127.0.0.1:8790\"\n";
const HOST: &str = "127.0.0.1:8790";
const PASSWORD: &str = "kettle lamp gate";

fn day() -> Scenario {
    let comment = |key: &str, at: &str, author: &str, text: &str| {
        format!(
            "[[comment]]\nkey = \"{key}\"\npost = \"post\"\nat = \"{at}\"\nauthor = \"{author}\"\ntext = \"\"\"{text}\"\"\"\n"
        )
    };
    let all = [
        comment("complaint", "+08:01", "Jo Carter", COMPLAINT),
        comment("named", "+08:02", "Jo Carter", NAMED),
        comment("cry", "+08:03", "Lee <b>Bold</b>", CRY),
        comment("threat", "+08:04", "Max", THREAT),
        comment("kind", "+08:05", "Ann", KIND),
        comment("number", "+08:06", "Bea", NUMBER),
    ];
    let post = "[[post]]\nkey = \"post\"\npage = \"fb\"\nat = \"+07:00\"\ntext = \"Flu clinic on Saturday\"\n";
    scenario(&[FACEBOOK], &format!("{post}{}", all.join("\n")))
}

async fn bench() -> Bench {
    let bench = Bench::of(day(), Practice { more: CONSOLE, ..Practice::default() }).await;
    bench.minutes(12).await;
    for (name, full_name, role) in
        [("pat", "Pat Lee", Role::Reviewer), ("rea", "Rea Moss", Role::Reader), ("ada", "Ada Fox", Role::Admin)]
    {
        let user = User { name: name.into(), full_name: full_name.into(), role, made_at: bench.clock.now() };
        let hash = password::hash(&SecretString::from(PASSWORD), &[]).expect("a password");
        assert!(bench.daemon().store().add_user(user, hash, "IT".into()).await.expect("added"));
    }
    bench
}

/// An answer.
struct Answer {
    status: StatusCode,
    to: String,
    cookie: Option<String>,
    policy: String,
    body: String,
}

impl Answer {
    #[track_caller]
    fn says(&self, words: &str) -> &Self {
        assert!(self.body.contains(words), "no “{words}” in {}:\n{}", self.status, self.body);
        self
    }

    #[track_caller]
    fn keeps_quiet_of(&self, words: &str) -> &Self {
        assert!(!self.body.contains(words), "“{words}” is in:\n{}", self.body);
        self
    }
}

/// Somebody's browser.
struct Browser<'b> {
    bench: &'b Bench,
    cookie: String,
    host: &'static str,
    origin: &'static str,
}

impl<'b> Browser<'b> {
    fn new(bench: &'b Bench) -> Self {
        Self { bench, cookie: String::new(), host: HOST, origin: "http://127.0.0.1:8790" }
    }

    async fn of(bench: &'b Bench, name: &str) -> Self {
        let mut browser = Self::new(bench);
        let answer = browser.sign_in(name, PASSWORD).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        browser
    }

    async fn sign_in(&mut self, name: &str, password: &str) -> Answer {
        let answer = self.send("POST", "/sign-in", &[("name", name), ("password", password)]).await;
        if let Some(cookie) = &answer.cookie {
            cookie.split(';').next().unwrap_or_default().clone_into(&mut self.cookie);
        }
        answer
    }

    async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[]).await
    }

    /// Sends a form as its page would, with the token that stands in it.
    async fn post(&self, page: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
        let page = self.get(page).await;
        let csrf = field(&page.body, "csrf");
        let mut all = vec![("csrf", csrf.as_str())];
        let (seen, base) = (field(&page.body, "seen"), field(&page.body, "base"));
        all.extend([("seen", seen.as_str()), ("base", base.as_str())]);
        all.extend_from_slice(fields);
        self.send("POST", path, &all).await
    }

    async fn decide(&self, number: i64, what: &str, why: &str) -> Answer {
        let page = format!("/incident/{number}");
        self.post(&page, &format!("{page}/decide"), &[("what", what), ("why", why)]).await
    }

    async fn send(&self, method: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
        let form: String = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let mut request = Request::builder().method(method).uri(path).header(header::HOST, self.host);
        if method == "POST" {
            request = request.header(header::ORIGIN, self.origin);
        }
        if !self.cookie.is_empty() {
            request = request.header(header::COOKIE, &self.cookie);
        }
        let console = self.bench.daemon().console().expect("a console");
        let response = router(console.clone())
            .oneshot(request.body(Body::from(form)).expect("a request"))
            .await
            .expect("an answer");
        let text = |name: header::HeaderName| {
            response.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
        };
        let (status, to, policy) = (response.status(), text(header::LOCATION), text(header::CONTENT_SECURITY_POLICY));
        let cookie = Some(text(header::SET_COOKIE)).filter(|cookie| !cookie.is_empty());
        let body = axum::body::to_bytes(response.into_body(), 8 << 20).await.expect("a body");
        Answer { status, to, cookie, policy, body: String::from_utf8(body.to_vec()).expect("UTF-8") }
    }
}

/// The value of a hidden field.
fn field(html: &str, name: &str) -> String {
    let mark = format!("name=\"{name}\" value=\"");
    html.split_once(&mark)
        .and_then(|(_, rest)| rest.split_once('"'))
        .map_or(String::new(), |(value, _)| value.to_owned())
}

async fn number(bench: &Bench, key: &str) -> i64 {
    bench.incident(key).await.expect("an incident").number
}

#[tokio::test]
async fn nobody_sees_anything_before_signing_in() {
    let bench = bench().await;
    let browser = Browser::new(&bench);
    let cry = number(&bench, "cry").await;
    let incident = format!("/incident/{cry}");
    for path in ["/", incident.as_str(), "/search", "/digests", "/digests/today", "/health", "/words", "/nowhere"] {
        let answer = browser.get(path).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}");
        assert!(answer.to.starts_with("/sign-in"), "{path}: {}", answer.to);
        answer.keeps_quiet_of("die");
    }
    for path in ["/decide", "/undo", "/sign-out", "/words/save", "/words/try"] {
        let answer = browser.send("POST", path, &[("what", "delete"), ("why", "x"), ("n", "1")]).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path}");
        answer.says("nothing was changed");
    }
    assert_eq!(browser.get("/incident/1").await.to, "/sign-in?next=%2Fincident%2F1");
    assert_eq!(browser.get("/assets/icon.svg").await.status, StatusCode::OK);
}

#[tokio::test]
async fn whoever_signs_in_goes_where_they_wanted_to_and_signing_out_ends_it() {
    let bench = bench().await;
    let mut browser = Browser::new(&bench);
    let fields = [("name", " PAT "), ("password", PASSWORD), ("next", "/search")];
    let answer = browser.send("POST", "/sign-in", &fields).await;
    assert_eq!(answer.to, "/search");
    let cookie = answer.cookie.expect("a cookie");
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains("Path=/"), "{cookie}");
    browser.cookie = cookie.split(';').next().expect("a name and a value").to_owned();
    browser.get("/").await.says("Pat Lee (reviewer)");
    let answer = browser.post("/", "/sign-out", &[]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert!(answer.cookie.expect("taken away").contains("Max-Age=0"));
    assert_eq!(browser.get("/").await.status, StatusCode::SEE_OTHER, "the old token is worth nothing");
    let elsewhere = [("name", "pat"), ("password", PASSWORD), ("next", "//evil.example")];
    assert_eq!(browser.send("POST", "/sign-in", &elsewhere).await.to, "/");
}

#[tokio::test]
async fn a_wrong_password_says_no_more_than_a_wrong_name_and_many_have_to_wait() {
    let bench = bench().await;
    let mut browser = Browser::new(&bench);
    let name = browser.sign_in("nobody", PASSWORD).await;
    let wrong = browser.sign_in("pat", "kettle lamp gates").await;
    assert_eq!((name.status, wrong.status), (StatusCode::FORBIDDEN, StatusCode::FORBIDDEN));
    assert_eq!(name.body.replace("nobody", "pat"), wrong.body);
    wrong.says("The name or the password is not right.").keeps_quiet_of("kettle");
    for _ in 0..4 {
        browser.sign_in("pat", "x").await;
    }
    let answer = browser.sign_in("pat", PASSWORD).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    answer.says("Try again in 30 seconds");
    bench.clock.advance(SignedDuration::from_secs(31));
    assert_eq!(browser.sign_in("pat", PASSWORD).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_session_that_nobody_used_has_ended_and_nothing_is_lost_unsaid() {
    let bench = bench().await;
    let browser = Browser::of(&bench, "pat").await;
    let number = number(&bench, "cry").await;
    let page = browser.get(&format!("/incident/{number}")).await;
    bench.clock.advance(SignedDuration::from_mins(61));
    let csrf = field(&page.body, "csrf");
    let fields = [("csrf", csrf.as_str()), ("what", "hide"), ("why", "x")];
    let answer = browser.send("POST", &format!("/incident/{number}/decide"), &fields).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    answer.says("You are signed out").says("nothing was changed");
    assert_eq!(browser.get("/").await.to, "/sign-in");
}

#[tokio::test]
async fn a_form_from_elsewhere_changes_nothing() {
    let bench = bench().await;
    let number = number(&bench, "named").await;
    let path = format!("/incident/{number}/decide");
    let mut browser = Browser::of(&bench, "pat").await;
    let fields = [("what", "restore"), ("why", "x")];
    let forged = browser.send("POST", &path, &[("csrf", "0000"), fields[0], fields[1]]).await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    forged.says("Nothing was changed");
    browser.origin = "https://evil.example";
    assert_eq!(browser.decide(number, "restore", "x").await.status, StatusCode::FORBIDDEN);
    browser.origin = "null";
    assert_eq!(browser.decide(number, "restore", "x").await.status, StatusCode::FORBIDDEN);
    browser.host = "evil.example";
    assert_eq!(browser.get("/").await.status, StatusCode::MISDIRECTED_REQUEST, "a name that leads here is not ours");
    assert!(bench.incident("named").await.expect("there").decided.is_none());
}

#[tokio::test]
async fn a_reader_sees_no_private_detail_and_decides_nothing() {
    let bench = bench().await;
    let number = number(&bench, "number").await;
    let browser = Browser::of(&bench, "rea").await;
    let page = browser.get(&format!("/incident/{number}")).await;
    page.says("[NHS number]")
        .says("masked for your role")
        .keeps_quiet_of("999 127 6408")
        .keeps_quiet_of("name=\"why\"");
    page.keeps_quiet_of("Bea");
    browser.get("/").await.keeps_quiet_of("999 127 6408");
    for path in ["/search", "/words", "/words/history"] {
        assert_eq!(browser.get(path).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    let answer = browser.decide(number, "restore", "x").await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    answer.says("“reviewer”");
    let reviewer = Browser::of(&bench, "pat").await;
    reviewer.get(&format!("/incident/{number}")).await.says("999 127 6408").says("Bea");
    assert_eq!(reviewer.get("/words/edit?name=staff").await.status, StatusCode::FORBIDDEN);
    assert_eq!(reviewer.get("/words/file?name=staff").await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn what_somebody_decides_is_done_at_the_platform_and_can_be_undone() {
    let bench = bench().await;
    assert_eq!(bench.stands("named"), "hidden");
    let number = number(&bench, "named").await;
    let browser = Browser::of(&bench, "pat").await;
    browser.get("/").await.keeps_quiet_of(&format!("/incident/{number}\""));
    let answer = browser.decide(number, "restore", "it thanks him").await;
    assert!(answer.to.starts_with(&format!("/incident/{number}?done=")), "{}", answer.to);
    bench.minutes(2).await;
    assert_eq!(bench.stands("named"), "up");
    let page = browser.get(&answer.to).await;
    page.says("You want shown and kept up: #")
        .says("restored by Pat Lee: it thanks him")
        .says("done: shown again, and read back");
    let decision = field(&page.body, "decision");
    let undone = browser.post(&answer.to, "/undo", &[("decision", &decision)]).await;
    undone.says("It is hidden again on Facebook within a minute");
    bench.minutes(2).await;
    assert_eq!(bench.stands("named"), "hidden");
    browser.get("/").await.says(&format!("/incident/{number}\""));
    let again = browser.post(&answer.to, "/undo", &[("decision", &decision)]).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    again.says("It was taken back before.");
}

#[tokio::test]
async fn a_decision_needs_a_reason_and_what_was_typed_is_not_lost() {
    let bench = bench().await;
    let number = number(&bench, "cry").await;
    let browser = Browser::of(&bench, "pat").await;
    let answer = browser.decide(number, "hide", "  ").await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    answer.says("Write why").says("value=\"hide\" aria-describedby=\"hint-hide\" checked");
    let answer = browser.decide(number, "", "because of <this>").await;
    answer.says("Choose what is to be done").says("because of &#60;this&#62;");
    let answer = browser.decide(number, "delete", "x").await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    answer.says("never deleted");
    browser.get(&format!("/incident/{number}")).await.keeps_quiet_of("value=\"delete\"");
    assert_eq!(bench.stands("cry"), "up");
}

#[tokio::test]
async fn two_people_at_once_leave_one_decision_and_the_second_hears_of_the_first() {
    let bench = bench().await;
    let number = number(&bench, "cry").await;
    let pat = Browser::of(&bench, "pat").await;
    let ada = Browser::of(&bench, "ada").await;
    let path = format!("/incident/{number}");
    let before = ada.get(&path).await;
    assert_eq!(pat.decide(number, "uphold", "rang her").await.status, StatusCode::SEE_OTHER);
    let csrf = field(&before.body, "csrf");
    let fields = [("csrf", csrf.as_str()), ("seen", ""), ("what", "hide"), ("why", "private")];
    let answer = ada.send("POST", &format!("{path}/decide"), &fields).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    answer.says("While you were looking at it, it was upheld by Pat Lee").says("private</textarea>");
    bench.minutes(2).await;
    assert_eq!(bench.stands("cry"), "up");
    assert_eq!(ada.decide(number, "hide", "private").await.status, StatusCode::SEE_OTHER, "now she has seen it");
    bench.minutes(2).await;
    assert_eq!(bench.stands("cry"), "hidden");
    bench.assert_nothing_done_twice();
}

#[tokio::test]
async fn the_same_form_twice_is_one_decision() {
    let bench = bench().await;
    let number = number(&bench, "cry").await;
    let browser = Browser::of(&bench, "pat").await;
    let path = format!("/incident/{number}");
    let page = browser.get(&path).await;
    let csrf = field(&page.body, "csrf");
    let fields = [("csrf", csrf.as_str()), ("seen", ""), ("what", "hide"), ("why", "private")];
    let first = browser.send("POST", &format!("{path}/decide"), &fields).await;
    let second = browser.send("POST", &format!("{path}/decide"), &fields).await;
    assert_eq!((first.status, second.status), (StatusCode::SEE_OTHER, StatusCode::CONFLICT));
    bench.minutes(2).await;
    bench.assert_nothing_done_twice();
}

#[tokio::test]
async fn a_comment_that_its_author_deleted_meanwhile_is_told_as_gone() {
    let bench = bench().await;
    let number = number(&bench, "cry").await;
    let browser = Browser::of(&bench, "pat").await;
    let page = browser.get(&format!("/incident/{number}")).await;
    let id = bench.id("cry");
    assert!(bench.sim.world().delete_by_author(&id));
    let csrf = field(&page.body, "csrf");
    let fields = [("csrf", csrf.as_str()), ("seen", ""), ("what", "hide"), ("why", "private")];
    let answer = browser.send("POST", &format!("/incident/{number}/decide"), &fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "nobody knows yet");
    bench.minutes(3).await;
    let page = browser.get(&answer.to).await;
    page.says("seen to be gone from the platform");
    let again = browser.decide(number, "hide", "private").await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    again.says("gone from the platform by");
}

#[tokio::test]
async fn many_are_decided_at_once_and_those_that_cannot_be_are_told_one_by_one() {
    let bench = bench().await;
    let (cry, threat) = (number(&bench, "cry").await.to_string(), number(&bench, "threat").await.to_string());
    let browser = Browser::of(&bench, "pat").await;
    let none = browser.post("/", "/decide", &[("what", "uphold"), ("why", "x")]).await;
    assert_eq!(none.status, StatusCode::BAD_REQUEST);
    none.says("tick the boxes");
    let delete = browser.post("/", "/decide", &[("n", &cry), ("what", "delete"), ("why", "x")]).await;
    delete.says("Choose what is to be done").says("Nothing was changed");
    let mixed = browser.post("/", "/decide", &[("n", &cry), ("n", &threat), ("what", "hide"), ("why", "x")]).await;
    assert_eq!(mixed.status, StatusCode::CONFLICT);
    mixed.says("1 of 2 were decided").says("gone from the platform by");
    let upheld = browser.post("/", "/decide", &[("n", &threat), ("what", "uphold"), ("why", "x")]).await;
    let page = browser.get(&upheld.to).await;
    page.says("You left as it is: #").says("Undo");
}

#[tokio::test]
async fn hostile_markup_and_letters_that_turn_others_round_stay_words() {
    let bench = bench().await;
    let hostile = "Worst surgery </blockquote><script>alert(1)</script> \u{202E}gnp.exe\u{2066} &amp; <img src=x onerror=alert(2)> it was Dr Patel";
    bench.comments("fb-hostile", "post", hostile);
    bench.minutes(2).await;
    let number = number(&bench, "fb-hostile").await;
    let browser = Browser::of(&bench, "pat").await;
    let page = browser.get(&format!("/incident/{number}")).await;
    page.keeps_quiet_of("<script>alert")
        .keeps_quiet_of("<img src=x")
        .keeps_quiet_of("\u{202E}")
        .keeps_quiet_of("\u{2066}");
    page.says("&#60;script&#62;alert(1)").says("⟨U+202E⟩").says("⟨U+2066⟩");
    assert!(page.policy.contains("default-src 'none'") && page.policy.contains("script-src 'self'"), "{}", page.policy);
    let cry = self::number(&bench, "cry").await;
    browser.get(&format!("/incident/{cry}")).await.says("Lee &#60;b&#62;Bold").keeps_quiet_of("<b>Bold");
    for path in ["/", "/search?words=surgery", "/search?words=%3Cscript%3E&entry=%22%3E%3Cscript%3E&from=%3Cb%3E"] {
        browser.get(path).await.keeps_quiet_of("<script>").keeps_quiet_of("\u{202E}").keeps_quiet_of("<b>");
    }
    let tried = browser.post("/words", "/words/try", &[("sentence", hostile)]).await;
    tried.keeps_quiet_of("<script>alert").says("complaint/test");
}

#[tokio::test]
async fn a_comment_of_sixty_kilobytes_is_shown_to_its_end() {
    let bench = bench().await;
    let long = format!("{COMPLAINT} {} it was Dr Patel, and this is the end", "lorem ".repeat(10_000));
    bench.comments("fb-long", "post", &long);
    bench.minutes(2).await;
    let number = number(&bench, "fb-long").await;
    let browser = Browser::of(&bench, "pat").await;
    browser.get(&format!("/incident/{number}")).await.says("this is the end").says("ch-found");
    browser.get("/search?words=lorem").await.keeps_quiet_of("this is the end").says(" …");
}

#[tokio::test]
async fn a_search_finds_what_was_said_and_what_the_rules_missed_can_be_taken_up() {
    let bench = bench().await;
    let browser = Browser::of(&bench, "pat").await;
    browser.get("/search?words=SURGERY+%22worst+surgery%22").await.says(COMPLAINT).keeps_quiet_of(KIND);
    browser.get("/search?words=nothing-like-it").await.says("Nothing fits");
    browser.get("/search?category=threat").await.says(THREAT).keeps_quiet_of(COMPLAINT);
    browser.get("/search?from=soon").await.says("“soon” is no day");
    let page = browser.get("/search?state=unremarked&words=frost").await;
    page.says(KIND).says("Take it up");
    let path = page.body.split("action=\"").find(|part| part.starts_with("/comment/")).expect("a form");
    let path = path.split('"').next().expect("a path").to_owned();
    let taken = browser.post("/search", &path, &[]).await;
    assert_eq!(taken.status, StatusCode::SEE_OTHER);
    browser.get(&taken.to).await.says("A person took it up").says(KIND);
    let number: i64 =
        taken.to.trim_start_matches("/incident/").split('?').next().expect("a number").parse().expect("one");
    browser.get("/").await.says(&format!("/incident/{number}\""));
    assert_eq!(browser.decide(number, "hide", "names a child").await.status, StatusCode::SEE_OTHER);
    bench.minutes(2).await;
    assert_eq!(bench.stands("kind"), "hidden");
}

#[tokio::test]
async fn somebody_takes_an_incident_in_hand_and_the_next_one_hears_who() {
    let bench = bench().await;
    let number = number(&bench, "cry").await;
    let path = format!("/incident/{number}");
    let pat = Browser::of(&bench, "pat").await;
    let taken = pat.post(&path, &format!("{path}/take"), &[]).await;
    pat.get(&taken.to).await.says("You have it in hand").says("Pat Lee has it in hand since");
    let ada = Browser::of(&bench, "ada").await;
    ada.get("/").await.says("In hand: Pat Lee");
    let answer = ada.post(&path, &format!("{path}/take"), &[]).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    answer.says("Pat Lee has it in hand");
}

const ENTRY: &str = "[[entry]]\nid = \"test\"\nphrases = [\"worst surgery\", \"dire surgery\"]\ncertainty = \"high\"\n\
                     hits = [\"Worst surgery ever, the lot of you\", \"dire surgery\"]\nmisses = [\"nice\"]\n";

fn edit<'a>(entry: &'a str, part: &'a str, why: &'a str) -> [(&'a str, &'a str); 4] {
    [("name", "en/complaint.toml"), ("entry", entry), ("part", part), ("why", why)]
}

#[tokio::test]
async fn an_entry_is_changed_after_its_effect_was_shown_and_one_click_brings_it_back() {
    let bench = bench().await;
    bench.comments("fb-dire", "post", "A dire surgery if you ask me");
    bench.minutes(2).await;
    assert_eq!(bench.outcome("fb-dire").await, "none");
    let ada = Browser::of(&bench, "ada").await;
    ada.get("/words").await.says("Complaint</a>, 1 entry");
    let form = "/words/edit?name=en%2Fcomplaint.toml&entry=test";
    ada.get(form).await.says("phrases = [&#34;worst surgery&#34;]");
    let before = bench.daemon().rules_version();
    let preview = ada.post(form, "/words/check", &edit("test", ENTRY, "they say dire now")).await;
    preview.says("1 comment of 7 stored comments would be judged differently").says("A dire surgery if you ask me");
    preview.says("Put it in force").says("deleted for good");
    assert_eq!(bench.daemon().rules_version(), before, "looking changes nothing");
    let file = bench.file("lexicons/en/complaint.toml");
    assert_eq!(fs::read_to_string(&file).expect("a file"), complaints("\"worst surgery\""));

    let saved = ada.post(form, "/words/save", &edit("test", ENTRY, "they say dire now")).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    ada.get(&saved.to).await.says("Complaint is changed").says("they say dire now").says("as it was found");
    assert!(fs::read_to_string(&file).expect("a file").contains("dire surgery"));
    bench.daemon().rules_edited().await;
    bench.daemon().reload_rules().await.expect("sound rules");
    assert_ne!(bench.daemon().rules_version(), before);
    ada.post("/words", "/words/try", &[("sentence", "so dire, dire surgery")]).await.says("complaint/test");

    let version = field(&ada.get("/words/history").await.body, "version");
    let back = ada.post("/words/history", "/words/back", &[("version", &version)]).await;
    assert_eq!(back.status, StatusCode::SEE_OTHER, "{}", back.body);
    assert_eq!(fs::read_to_string(&file).expect("a file"), complaints("\"worst surgery\""));
    ada.get(&back.to).await.says("back to the version of");
}

#[tokio::test]
async fn a_change_with_mistakes_changes_nothing_and_says_the_line() {
    let bench = bench().await;
    let ada = Browser::of(&bench, "ada").await;
    let form = "/words/edit?name=en%2Fcomplaint.toml&entry=test";
    let file = bench.file("lexicons/en/complaint.toml");
    let before = fs::read_to_string(&file).expect("a file");
    for (part, says) in [
        (ENTRY.replace("\"nice\"", "\"the worst surgery\""), "Line 6: "),
        (ENTRY.replace("\"dire surgery\"]\nc", "\"dire (surgery\"]\nc"), "Line 3: "),
        (ENTRY.replace("certainty", "certanty"), "did you mean"),
        ("nonsense".to_owned(), "Nothing was changed"),
    ] {
        for path in ["/words/check", "/words/save"] {
            let answer = ada.post(form, path, &edit("test", &part, "why not")).await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{part}");
            answer.says("Nothing was changed").says(says);
        }
    }
    ada.post(form, "/words/check", &edit("test", ENTRY, "")).await.says("Write why");
    ada.post(form, "/words/check", &edit("gone", ENTRY, "x")).await.says("has no entry");
    let same = ada.post("/words/edit?name=en%2Fcomplaint.toml", "/words/check", &edit("", &before, "x")).await;
    same.says("Nothing is different");
    let page = ada.get(form).await;
    let (csrf, base) = (field(&page.body, "csrf"), field(&page.body, "base"));
    write(&file, &format!("{before}# by hand\n"));
    let fields = [
        ("csrf", csrf.as_str()),
        ("base", base.as_str()),
        ("name", "en/complaint.toml"),
        ("entry", "test"),
        ("part", ENTRY),
        ("why", "x"),
    ];
    ada.send("POST", "/words/save", &fields).await.says("Somebody has changed this file since you opened it");
    assert_eq!(fs::read_to_string(&file).expect("a file"), format!("{before}# by hand\n"));
    let outside = [("name", "../chaperone.toml"), ("entry", ""), ("part", "x"), ("why", "x")];
    assert_eq!(ada.post(form, "/words/save", &outside).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_staff_list_is_changed_in_the_same_way() {
    let bench = bench().await;
    let ada = Browser::of(&bench, "ada").await;
    let form = "/words/edit?name=staff";
    let list = "title,forename,surname,role,aliases\nDr,Rakesh,Patel,GP Partner,\nNurse,Molly,Frost,Practice Nurse,\n";
    let wrong = list.replace("role", "rolle");
    let fields = |part| [("name", "staff"), ("entry", ""), ("part", part), ("why", "Molly has started")];
    ada.post(form, "/words/check", &fields(&wrong)).await.says("Nothing was changed").says("rolle");
    ada.post(form, "/words/check", &fields(list)).await.says("Put it in force");
    assert_eq!(ada.post(form, "/words/save", &fields(list)).await.status, StatusCode::SEE_OTHER);
    assert_eq!(fs::read_to_string(bench.file("staff.csv")).expect("a list"), list);
    let pat = Browser::of(&bench, "pat").await;
    pat.get("/words/history").await.keeps_quiet_of("Molly").says("Nobody has changed anything here yet");
}

#[tokio::test]
async fn digests_and_health_are_there_to_read() {
    let bench = bench().await;
    bench.step_at(18, 1).await;
    let browser = Browser::of(&bench, "rea").await;
    let list = browser.get("/digests").await;
    list.says("/digests/1");
    let digest = browser.get("/digests/1").await;
    digest.says("Alderbrook Surgery").keeps_quiet_of("999 127 6408");
    assert!(digest.policy.contains("sandbox") && !digest.policy.contains("script-src"), "{}", digest.policy);
    assert_eq!(browser.get("/digests/99").await.status, StatusCode::NOT_FOUND);
    list.says("/reports/2026-11\"");
    browser
        .get("/reports/2026-11")
        .await
        .says("November 2026")
        .keeps_quiet_of("999 127 6408")
        .keeps_quiet_of("Jo Carter");
    browser.get("/reports/2026-11?as=csv").await.says("complaint");
    for month in ["2026-12", "2026-13", "x"] {
        assert_eq!(browser.get(&format!("/reports/{month}")).await.status, StatusCode::NOT_FOUND, "{month}");
    }
    browser.get("/health").await.says("Facebook").says("Rules in force");
}

#[tokio::test]
async fn steps_about_an_author_are_written_down_and_nobody_is_removed_for_a_complaint() {
    let bench = bench().await;
    let complaint = number(&bench, "complaint").await;
    let browser = Browser::of(&bench, "pat").await;
    let page = format!("/incident/{complaint}/author");
    browser.get(&page).await.says("Jo Carter").says("No step counts");
    let step = |step| [("step", step), ("why", "asked in private")];
    let path = format!("{page}/step");
    assert_eq!(browser.post(&page, &path, &step("contact")).await.status, StatusCode::SEE_OTHER);
    browser.get(&page).await.says("contacted on").says("asked in private");
    browser.post(&page, &path, &step("legal-advice")).await.says("One step at a time");
    browser.decide(complaint, "uphold", "it is one").await;
    browser.post(&page, &path, &step("removal")).await.says("Nobody is removed from a practice list for that");
    browser.post(&page, &path, &[("step", "warning"), ("why", "")]).await.says("Write why");
    browser.post(&page, &format!("{page}/withdraw"), &[]).await;
    browser.get(&page).await.says("No step counts");
    let reader = Browser::of(&bench, "rea").await;
    assert_eq!(reader.get(&page).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn an_exempt_author_is_left_alone_until_somebody_ends_it() {
    let bench = bench().await;
    let complaint = number(&bench, "complaint").await;
    let browser = Browser::of(&bench, "pat").await;
    let page = format!("/incident/{complaint}/author");
    let path = format!("{page}/exempt");
    let exempt = browser.post(&page, &path, &[("why", "our patient group")]).await;
    assert_eq!(exempt.status, StatusCode::SEE_OTHER, "{}", exempt.body);
    browser.get(&page).await.says("Exempt since").says("our patient group").says("End the exemption");
    let twice = browser.post(&page, &path, &[("why", "again")]).await;
    twice.says("They have been exempt since");
    let end = browser.post(&page, &path, &[("end", "yes"), ("why", "left the group")]).await;
    assert_eq!(end.status, StatusCode::SEE_OTHER);
    browser.get(&page).await.says("Make this author exempt");
}

#[tokio::test]
async fn machines_hear_of_health_and_numbers_and_nothing_personal() {
    let bench = bench().await;
    let browser = Browser::new(&bench);
    let health = browser.get("/healthz").await;
    assert_eq!(health.status, StatusCode::OK, "{}", health.body);
    let metrics = browser.get("/metrics").await;
    metrics.says("# TYPE chaperone_").says("platform=\"facebook\"");
    for personal in ["999 127", "Jo Carter", "die", "Patel", "Pat Lee"] {
        metrics.keeps_quiet_of(personal);
        health.keeps_quiet_of(personal);
    }
}

#[tokio::test]
async fn in_observe_mode_the_page_says_so_and_touches_nothing() {
    let practice = Practice { mode: "observe", more: CONSOLE, ..Practice::default() };
    let bench = Bench::of(day(), practice).await;
    bench.minutes(12).await;
    let user =
        User { name: "pat".into(), full_name: "Pat Lee".into(), role: Role::Reviewer, made_at: bench.clock.now() };
    let hash = password::hash(&SecretString::from(PASSWORD), &[]).expect("a password");
    bench.daemon().store().add_user(user, hash, "IT".into()).await.expect("added");
    let number = number(&bench, "cry").await;
    let browser = Browser::of(&bench, "pat").await;
    browser.get("/").await.says("Observe mode.");
    let answer = browser.decide(number, "hide", "x").await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    answer.says("only observes");
}

#[tokio::test]
async fn a_word_from_a_shell_shows_on_the_page() {
    let bench = bench().await;
    let number = number(&bench, "cry").await;
    let word = Word { what: Decision::Note, who: "Sam".into(), why: "rang her".into(), seen: Seen::Anything };
    let (store, mode) = (bench.daemon().store(), chaperone::store::Mode::Enforce);
    store.decide(&[number], word, mode, bench.clock.now()).await.expect("written");
    Browser::of(&bench, "pat").await.get(&format!("/incident/{number}")).await.says("noted by Sam: rang her");
}
