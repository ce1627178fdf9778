//! The simulator's own rules, each from its place in the fact sheets. Mostly the pure [`World`]; one round trip by
//! socket. Here are scenarios, the shipped day and the socket, and what every platform's tests, next door, ask with.

mod facebook;
mod faults;
mod graph;
mod instagram;
mod tiktok;

use serde_json::{Value, json};

use super::*;
use crate::clock::{Clock, SignedDuration, Timestamp};
use crate::comment::Platform;

const SMALL: &str = r#"
start = "2026-11-18T00:00:00Z"
knobs = { tiktok_short_pages_percent = 0 }
page = [
  { key = "fb", platform = "facebook", id = "1029", name = "Alderbrook Surgery", handle = "alderbrook" },
  { key = "ig", platform = "instagram", id = "17841400000000001", name = "Alderbrook", handle = "alderbrook", linked = "fb" },
  { key = "tt", platform = "tiktok", id = "-000Open", name = "Alderbrook", handle = "alderbrook" },
]
post = [
  { key = "p", page = "fb", at = "-01:00", text = "Flu/jabs – book", surplus = 3 },
  { key = "ranked", page = "fb", at = "-02:00", text = "Ranked", ranked = true },
  { key = "album", page = "fb", at = "-03:00", text = "Album" },
  { key = "photo", page = "fb", at = "-03:00", shape = "photo", album = "album" },
  { key = "reel", page = "fb", at = "-04:00", shape = "reel" },
  { key = "visit", page = "fb", at = "-00:30", shape = "visitor", author = "Lin", text = "Lost glove" },
  { key = "m", page = "ig", at = "-01:00", text = "Flu" },
  { key = "v", page = "tt", at = "-60:00", text = "Pharmacy" },
  { key = "private", page = "tt", at = "-01:00", shape = "private" },
]
comment = [
  { key = "a", post = "p", at = "+01:00", author = "Jo", text = "first" },
  { key = "b", reply_to = "a", at = "+01:10", author = "Sam", text = "second" },
  { key = "own", reply_to = "a", at = "+01:20", text = "Please ring us." },
  { key = "sticker", post = "p", at = "+01:30", author = "Jo", attachment = "sticker" },
  { key = "stuck", post = "p", at = "+01:40", author = "Jo", text = "cannot be hidden", unhideable = true },
  { key = "liked", post = "ranked", at = "+01:00", author = "Jo", text = "liked", likes = 9 },
  { key = "dull", post = "ranked", at = "+00:10", author = "Jo", text = "dull" },
  { key = "on-photo", post = "photo", at = "+01:00", author = "Jo", text = "cake" },
  { key = "i", post = "m", at = "+01:00", author = "jo.carter", text = "useless 😡" },
  { key = "i-reply", reply_to = "i", at = "+01:10", author = "sam_p", text = "agreed" },
  { key = "i-gif", post = "m", at = "+01:20", author = "gif.fan", attachment = "gif" },
  { key = "i-shadow", post = "m", at = "+01:25", author = "restricted", text = "psst", restricted = true },
  { key = "t", post = "v", at = "-48:00", author = "tik", text = "old one", likes = 1 },
  { key = "t-reply", reply_to = "t", at = "+01:00", author = "tok", text = "reply" },
  { key = "t-new", post = "v", at = "+01:05", author = "tak", text = "new one", likes = 5 },
  { key = "t-filtered", post = "v", at = "+01:06", author = "tuk", text = "held", hidden = "platform" },
  { key = "late", post = "p", at = "+09:00", author = "Jo", text = "later" },
]
edit = [{ comment = "late", at = "+09:30", text = "later, edited" }]
delete = [{ comment = "late", at = "+10:00" }]
rename = [{ author = "jo.carter", at = "+09:00", to = "jo.married" }]
expire = [{ page = "tt", at = "+14:00" }]
"#;

fn at(hours: i64) -> Timestamp {
    let start: Timestamp = "2026-11-18T00:00:00Z".parse().expect("a time");
    start + SignedDuration::from_hours(hours)
}

fn world() -> World {
    World::new(Scenario::parse(SMALL).expect("a scenario"), at(2)).expect("a world")
}

fn ask(world: &mut World, ask: impl std::borrow::Borrow<Ask>) -> Value {
    let now = at(2).max(world.now);
    world.handle(ask.borrow(), now).value().unwrap_or_default()
}

fn graph(world: &mut World, method: &str, target: &str) -> Value {
    ask(world, Ask::new(method, &format!("/v25.0/{target}")).header("Authorization", "Bearer EAASIMPAGE1029"))
}

fn get(world: &mut World, target: &str) -> Value {
    graph(world, "GET", target)
}

fn id(world: &World, key: &str) -> String {
    world.id_of(key).expect("a known key").to_owned()
}

fn code(answer: &Value) -> (i64, Option<i64>) {
    (answer["error"]["code"].as_i64().unwrap_or_default(), answer["error"]["error_subcode"].as_i64())
}

fn texts(answer: &Value, name: &str) -> Vec<String> {
    let rows = answer["data"].as_array().cloned().unwrap_or_default();
    rows.iter().map(|row| row[name].as_str().unwrap_or("-").to_owned()).collect()
}

#[test]
fn the_scenario_plays_by_the_time_it_is_given() {
    let mut world = world();
    assert!(world.comment("late").is_none());
    world.advance(at(9));
    assert_eq!(world.comment("late").and_then(|one| one.text.as_deref()), Some("later"));
    assert_eq!(world.next_event(), Some(at(9) + SignedDuration::from_mins(30)));
    world.advance(at(10));
    let late = world.comment("late").expect("it was there");
    assert_eq!((late.text.as_deref(), late.gone), (Some("later, edited"), Some(Gone::ByAuthor)));
    let comment = id(&world, "i");
    let from = get(&mut world, &format!("{comment}?fields=from,username"));
    assert_eq!(from["username"], "jo.married");
}

#[test]
fn a_scenario_that_speaks_of_strangers_is_refused() {
    let broken =
        |text: &str| World::new(Scenario::parse(text).expect("TOML"), at(0)).err().map(|error| error.to_string());
    let page = "page = [{ key = \"fb\", platform = \"facebook\", id = \"1\", name = \"A\", handle = \"a\" }]";
    assert_eq!(
        broken("comment = [{ key = \"a\", post = \"nowhere\", at = \"+01:00\" }]").as_deref(),
        Some("the scenario speaks of post nowhere, which it never declares")
    );
    let twice = format!(
        "{page}\npost = [{{ key = \"p\", page = \"fb\", at = \"+00:00\" }}, {{ key = \"p\", page = \"fb\", at = \"+00:00\" }}]"
    );
    assert_eq!(broken(&twice).as_deref(), Some("the scenario has two things called p"));
    assert!(Scenario::parse("commment = []").is_err());
}

const CATEGORIES: [&str; 17] = [
    "staff-identified",
    "patient-identified",
    "medical-information",
    "appointment-request",
    "complaint",
    "defamation",
    "harassment",
    "threat",
    "obscenity",
    "hate",
    "safeguarding",
    "recording",
    "fraud",
    "misinformation",
    "staff-conduct",
    "review",
    "question",
];

#[test]
fn the_shipped_day_has_every_category_twice_and_plenty_that_is_harmless() {
    let day = Scenario::day().expect("the shipped day");
    assert!(day.comments.len() >= 75, "{} comments", day.comments.len());
    for category in CATEGORIES {
        let count = day.comments.iter().filter(|one| one.expect.iter().any(|name| name == category)).count();
        assert!(count >= 2, "{category}: {count}");
    }
    let strange = day.comments.iter().flat_map(|one| &one.expect).find(|name| !CATEGORIES.contains(&name.as_str()));
    assert_eq!(strange, None);
    let harmless = day.comments.iter().filter(|one| one.expect.is_empty()).count();
    assert!(harmless >= 25, "{harmless} harmless");
}

#[test]
fn the_shipped_day_plays_from_before_breakfast_to_bedtime() {
    let day = Scenario::day().expect("the shipped day");
    let (comments, end) = (day.comments.len(), day.last_moment().after(at(0)));
    let mut world = World::new(day, at(6)).expect("a world");
    assert!(world.comments().len() < 10, "most of the day is still to come");
    world.advance(end);
    assert_eq!((world.comments().len(), world.next_event()), (comments, None));
    assert_eq!(end, at(22) + SignedDuration::from_mins(30));
    assert!(world.comments().iter().filter(|one| one.by_page).count() >= 5, "the page answers now and then");
}

#[test]
fn a_rehearsal_can_be_interfered_with_and_looked_at_from_outside() {
    let mut world = world();
    let mut control =
        |method: &str, what: &str, body: Value| ask(&mut world, Ask::new(method, &format!("/_sim/{what}")).json(&body));
    let comment = json!({"key": "new", "post": "p", "author": "Jo", "text": "hello", "expect": ["review"]});
    assert!(control("POST", "comment", comment)["id"].is_string());
    assert_eq!(control("POST", "edit", json!({"comment": "new", "text": "goodbye"})), json!({}));
    assert_eq!(control("POST", "hide", json!({"comment": "new"})), json!({}));
    let state = control("GET", "state", Value::Null);
    let row = state["comments"].as_array().and_then(|rows| rows.last().cloned()).expect("a comment");
    assert_eq!((&row["text"], &row["hidden"], row.get("expect")), (&json!("goodbye"), &json!(true), None));
    let fault = json!({"key": "f", "what": {"kind": "html-instead-of-json", "status": 502}, "route": "facebook.page"});
    assert_eq!(control("POST", "fault", fault), json!({}));
    assert_eq!(control("DELETE", "fault/f", Value::Null), json!({}));
    assert_eq!(control("DELETE", "fault/f", Value::Null)["error"], "it is not there");
    assert!(control("POST", "comment", json!({"nonsense": 1}))["error"].is_string());
}

#[test]
fn the_shipped_day_goes_wrong_as_it_says() {
    let mut world = World::new(Scenario::day().expect("the shipped day"), at(6)).expect("a world");
    let bearer = |method: &str, target: &str| {
        Ask::new(method, &format!("/v25.0/{target}")).header("Authorization", "Bearer EAASIMPAGE1029384756")
    };
    let comment = |world: &World, key: &str| world.comment(key).map(|one| one.id.clone()).expect("a comment");
    world.advance(at(9));
    let (lied, target) = (comment(&world, "fb-005"), |id: &str| format!("{id}?is_hidden=true"));
    let hide = |world: &mut World, id: &str| world.handle(&bearer("POST", &target(id)), at(9)).value();
    assert_eq!(hide(&mut world, &lied), Some(json!({"success": true})));
    assert!(world.comment(&lied).is_some_and(|one| one.hidden == HiddenBy::None), "the first write is a lie");
    hide(&mut world, &lied);
    assert!(world.comment(&lied).is_some_and(|one| one.hidden == HiddenBy::Owner), "the second is none");
    let media = world.id_of("ig-flu").expect("a post").to_owned();
    let throttled = world.handle(&bearer("GET", &format!("{media}/comments")), at(11)).value().unwrap_or_default();
    assert_eq!(code(&throttled), (80_002, None));
    world.advance(at(15));
    let page = "-000SimOpenIdAlderbrook1";
    let account = Ask::new("GET", &format!("/open_api/v1.3/business/get/?business_id={page}"));
    let expired = world.handle(&account.header("Access-Token", "act.sim.000001"), at(15)).value().unwrap_or_default();
    assert_eq!(expired["code"], 40_102);
    let post = world.id_of("fb-phones").expect("a post").to_owned();
    let blind = at(15) + SignedDuration::from_mins(40);
    let listing = bearer("GET", &format!("{post}/comments?filter=stream&summary=true"));
    let nothing = world.handle(&listing, blind).value().unwrap_or_default();
    assert_eq!(nothing["data"], json!([]));
    assert!(nothing["summary"]["total_count"].as_u64().is_some_and(|count| count > 10), "{nothing}");
    let again = world.handle(&listing, at(17)).value().unwrap_or_default();
    assert!(again["data"].as_array().is_some_and(|rows| rows.len() > 10), "sight comes back");
}

#[tokio::test(flavor = "current_thread")]
async fn it_listens_on_loopback_only() {
    let everywhere = "0.0.0.0:0".parse().expect("an address");
    let refused = Sim::start(Scenario::default(), Clock::manual(at(2)), everywhere).await;
    assert!(matches!(refused, Err(SimError::NotLoopback(_))));
}

#[tokio::test(flavor = "current_thread")]
async fn a_round_trip_by_socket_answers_and_a_cut_connection_gives_no_byte() {
    let scenario = Scenario::parse(SMALL).expect("a scenario");
    let listen = "127.0.0.1:0".parse().expect("an address");
    let sim = Sim::start(scenario, Clock::manual(at(2)), listen).await.expect("a simulator");
    let request = "GET /v25.0/1029?fields=name HTTP/1.1\r\nHost: sim\r\nAuthorization: Bearer EAASIMPAGE1029\r\nConnection: close\r\n\r\n";
    let answer = raw(&sim, request).await;
    assert!(
        answer.starts_with("HTTP/1.1 200 OK") && answer.ends_with("{\"id\":\"1029\",\"name\":\"Alderbrook Surgery\"}"),
        "{answer}"
    );
    let announced = sim.announcement();
    assert_eq!(announced["facebook"]["api_base"], sim.base_url(Platform::Facebook));
    assert_eq!(announced["tiktok"]["refresh_token"], "rft.sim.000001");
    sim.world().fault_on(FaultRule::always("cut", Fault::TimeoutBefore));
    assert_eq!(raw(&sim, request).await, "");
    assert_eq!(sim.world().requests().len(), 2);
}

async fn raw(sim: &Sim, request: &str) -> String {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let mut stream = tokio::net::TcpStream::connect(sim.address()).await.expect("a connection");
    stream.write_all(request.as_bytes()).await.expect("a request");
    let mut answer = Vec::new();
    // A cut connection may also show as an error here; either way nothing has come.
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8(answer).expect("text")
}
